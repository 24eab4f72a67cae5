/* SPDX-License-Identifier: MIT
 * Mounts as users write them.
 */
#include "lib/launch/launch_internal.h"

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"

#include <limits.h>
#include <string.h>

static bool fail_form(struct error *err, const char *text)
{
	fail(err, ERROR_USAGE, "mount '%s' is not HOST:CONTAINER[:ro]", text);
	return fail_hint(err, "CONTAINER is an absolute path in the image, not /");
}

/* What a container needs there itself would be hidden. */
static bool check_target(const char *target, const char *text, struct error *err)
{
	static const char *const ours[] = {LENT_DIRECTORY, "/proc"};

	for (size_t i = 0; i < array_len(ours); i++)
		if (path_is_below(target, ours[i]) || path_is_below(ours[i], target)) {
			fail(err, ERROR_USAGE, "mount '%s' would hide '%s' of the container", text,
			     ours[i]);
			return fail_hint(err, "choose another place in it, such as /data");
		}
	return true;
}

bool launch_mount_parse(const char *text, const char *directory, struct launch_mount *out,
			struct error *err)
{
	auto_strings parts = {0};

	strings_split(&parts, text, ':');
	const char *mode = parts.n == 3 ? parts.items[2] : "rw";

	if (parts.n < 2 || parts.n > 3 || !*parts.items[0] || parts.items[1][0] != '/' ||
	    (strcmp(mode, "ro") != 0 && strcmp(mode, "rw") != 0))
		return fail_form(err, text);
	auto_free char *joined = path_join(directory, parts.items[0]);
	auto_free char *target = path_clean(parts.items[1]);
	auto_free char *source = realpath(joined, NULL);

	if (strcmp(target, "/") == 0)
		return fail_form(err, text);
	if (!check_target(target, text, err))
		return false;
	if (!source)
		return fail_errno(err, "mount '%s'", joined);
	*out = (struct launch_mount){take(source), take(target), strcmp(mode, "rw") == 0, false};
	return true;
}

void launch_mount_release(struct launch_mount *m)
{
	free(m->source);
	free(m->target);
	*m = (struct launch_mount){0};
}
