/* SPDX-License-Identifier: MIT */
#include "lib/base/memory_room.h"

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/base/strings.h"

#include <string.h>

enum { FILE_LIMIT = 65536 };

/* A number in a file of the kernel: behind `key`, or the file's only one. 0 when it is not there.
 */
static uint64_t read_number(const char *directory, const char *name, const char *key)
{
	auto_free char *path = path_join(directory, name);
	auto_text text = {0};
	struct error ignored; /* what cannot be read says nothing */

	if (!file_read(path, FILE_LIMIT, &text, &ignored))
		return 0;
	const char *at = text_str(&text);

	for (; key && strncmp(at, key, strlen(key)) != 0; at++) {
		at = strchr(at, '\n');
		if (!at)
			return 0;
	}
	return strtoull(at + (key ? strlen(key) : 0), NULL, 10);
}

/* The files of the two kinds of memory cgroup. */
struct kind {
	const char *mark; /* between two colons of /proc/self/cgroup */
	const char *mount;
	const char *limit;
	const char *used;
	const char *cached; /* in memory.stat: part of `used` that goes when memory is short */
};
static const struct kind kinds[] = {
	{"", "/sys/fs/cgroup", "memory.max", "memory.current", "inactive_file "},
	{"memory", "/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes",
	 "total_inactive_file "},
};

/* What one cgroup leaves. "max", which stands for no limit, reads as 0. */
static uint64_t room_in(const struct kind *kind, const char *directory)
{
	uint64_t limit = read_number(directory, kind->limit, NULL);
	uint64_t used = read_number(directory, kind->used, NULL);
	uint64_t cached = read_number(directory, "memory.stat", kind->cached);

	if (limit == 0)
		return UINT64_MAX;
	used -= cached < used ? cached : used;
	return used < limit ? limit - used : 0;
}

/* A cgroup has no more than those above it. In a container its path may be that of the host, and
 * only the root of all is there: its own. */
static uint64_t room_above(const struct kind *kind, const char *root, const char *path)
{
	auto_free char *mount = xprintf("%s%s", root, kind->mount);
	auto_free char *directory = xprintf("%s%s", mount, path);
	uint64_t room = UINT64_MAX;

	for (;;) {
		uint64_t here = room_in(kind, directory);

		room = here < room ? here : room;
		if (strlen(directory) <= strlen(mount))
			return room;
		*strrchr(directory, '/') = '\0';
	}
}

/* "4:memory:/a/b", "0::/a/b". */
static uint64_t room_of_line(const char *root, char *line)
{
	char *mark = strchr(line, ':');
	char *path = mark ? strchr(mark + 1, ':') : NULL;

	if (!path)
		return UINT64_MAX;
	*path++ = '\0';
	for (size_t i = 0; i < array_len(kinds); i++)
		if (strcmp(mark + 1, kinds[i].mark) == 0)
			return room_above(&kinds[i], root, path);
	return UINT64_MAX;
}

uint64_t memory_room_below(const char *root)
{
	auto_free char *proc = xprintf("%s/proc", root);
	auto_free char *cgroups = path_join(proc, "self/cgroup");
	uint64_t free_kib = read_number(proc, "meminfo", "MemAvailable:");
	uint64_t room = UINT64_MAX;
	auto_strings lines = {0};
	auto_text text = {0};
	struct error ignored; /* without cgroups there is no limit of theirs */

	if (free_kib > 0)
		room = (free_kib + read_number(proc, "meminfo", "SwapFree:")) << 10;
	if (!file_read(cgroups, FILE_LIMIT, &text, &ignored))
		return room;
	strings_split(&lines, text_str(&text), '\n');
	for (size_t i = 0; i < lines.n; i++) {
		uint64_t here = room_of_line(root, lines.items[i]);

		room = here < room ? here : room;
	}
	return room;
}

uint64_t memory_room(void) { return memory_room_below(""); }
