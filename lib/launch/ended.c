/* SPDX-License-Identifier: MIT
 * Why a chute ended, or does not get ready, in words that help.
 */
#include "lib/launch/launch_internal.h"

#include <signal.h>

bool fail_ended(const struct launch *l, struct error *err)
{
	const struct run_result *r = &l->ended.result;
	const char *when = l->is_ready ? "" : " before it was ready";

	if (r->is_not_found) {
		fail(err, ERROR_START, "'%s' is not in the image", l->argv.items[0]);
		return fail_hint(err, "install it in a step of 'image.steps'");
	}
	if (r->is_not_executable)
		return fail(err, ERROR_START, "'%s' cannot be executed", l->argv.items[0]);
	if (r->status == 128 + SIGKILL) {
		fail(err, ERROR_START, "the chute was killed%s", when);
		return fail_hint(err, "that is what happens when memory runs out: see 'dmesg'");
	}
	if (r->status > 128)
		return fail(err, ERROR_START, "the chute died of signal %d%s", r->status - 128,
			    when);
	fail(err, ERROR_START, "the chute ended with status %d%s", r->status, when);
	return fail_hint(err, "its output stands above");
}

bool fail_unready(const struct launch *l, struct error *err)
{
	const struct spec *spec = l->options->spec;
	unsigned long long seconds = l->ready_ms / 1000;

	if (spec->mode != SPEC_SERVER) {
		fail(err, ERROR_START, "the chute did not get ready in %llu s", seconds);
		return fail_hint(err, "its output stands above: do its startup hooks end?");
	}
	fail(err, ERROR_START, "the chute did not get ready in %llu s: GET %s at port %d", seconds,
	     l->ready_path, (int)spec->server.port);
	return fail_hint(err, "its output stands above; see 'server.ready' of the spec");
}
