/* SPDX-License-Identifier: MIT */
#include "lib/build/collect.h"

#include "lib/base/io.h"
#include "lib/base/log.h"
#include "lib/container/container.h"

#include <string.h>

struct collection {
	struct store *store;
	struct store_gc_report report;
};

static bool collect(struct collection *c, struct error *err)
{
	auto_strings garbage = {0};

	if (!store_garbage(c->store, &garbage, err))
		return false;
	for (size_t i = 0; i < garbage.n; i++) {
		struct error ignored; /* what remains is tried again the next time */

		if (!store_garbage_remove(c->store, garbage.items[i], &ignored))
			log_debug("store: left in tmp: %s", ignored.message);
	}
	return store_gc(c->store, &c->report, err);
}

static bool work(struct sandbox *inside, void *arg, struct error *err)
{
	struct collection *c = arg;

	return collect(c, err) && sandbox_send(inside, 0, &c->report, sizeof(c->report), -1, err);
}

static bool on_message(void *context, int type, const void *bytes, size_t len, int fd,
		       struct error *err)
{
	struct collection *c = context;

	fd_close(&fd);
	if (type != 0 || len != sizeof(c->report))
		return fail(err, ERROR_FAILURE, "unexpected message of the sandbox");
	memcpy(&c->report, bytes, len);
	return true;
}

bool store_collect(struct store *s, struct store_gc_report *out, struct error *err)
{
	struct collection c = {.store = s};
	struct sandbox_options o = {.on_message = on_message, .context = &c, .extra_fd = -1};
	const char *tmp = NULL;
	struct error no_sandbox;

	/* ours before the fork, so that it ends with us and not with the sandbox */
	if (!store_tmp(s, &tmp, err))
		return false;
	bool has_sandbox = sandbox_probe(&o.ids, &no_sandbox);

	if (!has_sandbox)
		log_debug("store: no sandbox: %s", no_sandbox.message);
	/* root may remove everything without one */
	bool is_inside = has_sandbox && o.ids != SANDBOX_ROOT;

	if (!(is_inside ? sandbox_run(&o, work, &c, err) : collect(&c, err)))
		return false;
	*out = c.report;
	return true;
}
