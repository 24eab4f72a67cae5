/* SPDX-License-Identifier: MIT */
#include "cli/commands.h"
#include "cli/print.h"
#include "lib/base/time.h"
#include "lib/local/local.h"

static void print_json(const struct local_chutes *list)
{
	struct json_out *j = print_result();

	json_out_array(j, "chutes");
	for (size_t i = 0; i < list->n; i++) {
		const struct local_chute *c = &list->items[i];
		auto_text started = {0};

		text_add_time(&started, c->started_unix);
		json_out_object(j, NULL);
		json_out_text(j, "name", c->name);
		json_out_text(j, "state", local_state_name(c->state));
		json_out_text(j, "address", c->address);
		json_out_text(j, "image", c->is_stub ? NULL : c->image);
		json_out_bool(j, "stub", c->is_stub);
		json_out_text(j, "directory", c->directory);
		json_out_number(j, "pid", c->pid);
		json_out_text(j, "started", text_str(&started));
		json_out_object_end(j);
	}
	json_out_array_end(j);
}

static bool run(struct call *call, struct error *err)
{
	auto_local_chutes list = {0};
	auto_table table = {0};

	if (!local_list(&list, err))
		return false;
	if (print_is_json()) {
		print_json(&list);
		return true;
	}
	table_begin(&table, "NAME|STATE|ADDRESS|UPTIME|IMAGE");
	for (size_t i = 0; i < list.n; i++) {
		const struct local_chute *c = &list.items[i];
		int64_t seconds = clock_unix() - c->started_unix;
		auto_text age = {0};

		if (call->globals.quiet) {
			print_line("%s", c->name);
			continue;
		}
		text_add_age(&age, seconds > 0 ? (uint64_t)seconds : 0);
		table_add(&table, "%s", c->name);
		table_add(&table, "%s", local_state_name(c->state));
		table_add(&table, "http://%s", c->address);
		table_add(&table, "%s", text_str(&age));
		table_add(&table, "%s", c->is_stub ? "(stub)" : c->image);
	}
	if (!call->globals.quiet)
		print_table(&table);
	return true;
}

const struct command command_ps = {
	.name = "ps",
	.summary = "list the chutes that run on this machine",
	.about = "Lists what 'chutes run' serves here, with -d or in another terminal: name,\n"
		 "state, address, how long, image. With --quiet names only.",
	.examples = {"chutes ps", "chutes ps -q | xargs -r chutes stop"},
	.see_also = {"run", "logs", "stop"},
	.group = GROUP_BUILD,
	.run = run,
};
