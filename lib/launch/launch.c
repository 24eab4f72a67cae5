/* SPDX-License-Identifier: MIT */
#include "lib/launch/launch.h"

#include "lib/launch/launch_internal.h"

bool launch_run(const struct launch_options *o, struct error *err)
{
	struct launch l = {.options = o,
			   .subject = "the chute",
			   .cords_fd = -1,
			   .epoll = -1,
			   .timer = -1,
			   .way_out = -1};
	bool ok = launch_loop(&l, err) && (l.was_told_to_stop || fail_ended(&l, err));

	if (!ok && err->code == ERROR_START)
		tell_last_lines(&l);
	launch_release(&l);
	return ok;
}
