/* SPDX-License-Identifier: MIT
 * The process of a server chute: python/server.py with the spec's values.
 */
#include "lib/lower/codegen_internal.h"

#include <inttypes.h>

static void add_seconds(struct text *out, uint64_t ms) { python_add_real(out, (double)ms / 1000); }

void codegen_add_server(struct text *out, const struct spec_server *server)
{
	const struct spec_ready *ready = &server->ready;

	text_add(out, "\n    server = Server(\n        command=");
	python_add_list(out, &server->command);
	text_add(out, ",\n");
	argument_text(out, "workdir", server->workdir);
	text_add(out, "        env=");
	python_add_dict(out, &server->env);
	text_add(out, ",\n");
	argument_integer(out, "port", server->port);
	text_add(out, "        ready=(");
	text_add_python(out, ready->path);
	text_addf(out, ", %" PRId64 ", ", ready->status);
	add_seconds(out, ready->timeout_ms);
	text_add(out, ", ");
	add_seconds(out, ready->interval_ms);
	text_addf(out, "),\n        stop=(signal.SIG%s, ", server->stop.signal);
	add_seconds(out, server->stop.grace_ms);
	text_add(out, "),\n");
	argument_bool(out, "restarts_on_failure", server->restart == SPEC_RESTART_ON_FAILURE);
	text_add(out, "    )\n    chute.on_startup()(server.start)\n");
}
