/* SPDX-License-Identifier: MIT */
#include "cli/plugin.h"

#include "lib/base/memory.h"
#include "lib/base/process.h"

#include <string.h>
#include <unistd.h>

char *plugin_find(const char *name)
{
	auto_free char *program = xprintf("chutes-%s", name);

	return strchr(name, '/') ? NULL : program_find(program);
}

/* Those that have no variable of their own. */
static bool export_other(const struct option_row *row)
{
	switch (row->offset) {
	case offsetof(struct globals, json):
		env_export(ENV_CHUTES_FORMAT, "json");
		return true;
	case offsetof(struct globals, debug):
		env_export(ENV_CHUTES_LOG, "debug");
		return true;
	case offsetof(struct globals, directory): /* is changed to */
		return true;
	default:
		return false;
	}
}

static void export(const struct globals *g, const struct option_row *row)
{
	const void *value = (const char *)g + row->offset;

	if (row->type == OPTION_FLAG)
		env_export(row->env, *(const bool *)value ? "1" : "0");
	else
		env_export(row->env, *(const char *const *)value);
}

static bool export_given(const struct call *call, const char *name, struct error *err)
{
	for (size_t i = 0; global_rows[i].name; i++) {
		const struct option_row *row = &global_rows[i];

		if (!(call->given_globals >> i & 1))
			continue;
		if (row->has_env) {
			export(&call->globals, row);
		} else if (!export_other(row)) {
			fail(err, ERROR_USAGE, "'--%s' stands in front of '%s', which is not ours",
			     row->name, name);
			return fail_hint(err, "write it behind '%s', if that knows it", name);
		}
	}
	return true;
}

bool plugin_run(const struct call *call, char *const *argv, struct error *err)
{
	const struct globals *g = &call->globals;

	if (!export_given(call, argv[call->plugin_at], err))
		return false;
	if (g->directory && chdir(g->directory) < 0)
		return fail_errno(err, "changing to '%s'", g->directory);
	execv(call->plugin, argv + call->plugin_at);
	return fail_errno(err, "starting '%s'", call->plugin);
}
