/* SPDX-License-Identifier: MIT
 * From an overlay upper directory to a layer (OCI image specification, layer.md). The upper
 * directory already is the difference: nothing is compared, and the trees below are asked only
 * about deletions. Every directory above a changed file is written with its own mode and owner, so
 * that the layer needs no other layer to be unpacked right.
 */
#include "lib/build/layer_pack_internal.h"

#include "lib/base/io.h"
#include "lib/base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <search.h>
#include <stdio.h>
#include <string.h>

enum { SHOWN_MAX = 300, ID_MAP_MAX = 64 << 10 };

static void show_path(const struct pack *p, struct text *out)
{
	out->max = SHOWN_MAX;
	text_add_char(out, '/');
	text_add_printable(out, text_str(&p->path), p->path.len, false);
}

bool pack_fail(const struct pack *p, struct error *err, const char *fmt, ...)
{
	auto_text path = {0};
	auto_text message = {0};
	va_list args;

	va_start(args, fmt);
	text_addv(&message, fmt, args);
	va_end(args);
	show_path(p, &path);
	return fail(err, ERROR_BUILD, "packing '%s': %s", text_str(&path), text_str(&message));
}

bool pack_errno(const struct pack *p, struct error *err, const char *doing)
{
	int number = errno;
	auto_text path = {0};

	show_path(p, &path);
	errno = number;
	return fail_errno(err, "%s '%s'", doing, text_str(&path));
}

bool pack_enter(struct pack *p, const char *name, struct error *err)
{
	size_t len = p->path.len;

	if (len > 0)
		text_add_char(&p->path, '/');
	text_add(&p->path, name);
	if (p->path.len <= PACK_PATH_MAX)
		return true;
	pack_fail(p, err, "a path of more than %d bytes", PACK_PATH_MAX);
	pack_leave(p, len);
	return false;
}

void pack_leave(struct pack *p, size_t len)
{
	p->path.len = len;
	if (p->path.bytes)
		p->path.bytes[len] = '\0';
}

/* Does this user namespace have the id that the kernel shows for those it does not have? */
static bool has_overflow_id(const char *map_path)
{
	auto_text map = {0};
	struct error ignored; /* no /proc: believe what the kernel says of each file */

	if (!file_read(map_path, ID_MAP_MAX, &map, &ignored))
		return true;
	/* lines of three numbers: first id inside, first id outside, how many */
	for (const char *at = text_str(&map); *at;) {
		uint64_t numbers[3];

		for (size_t i = 0; i < array_len(numbers); i++) {
			char *end;

			numbers[i] = strtoull(at, &end, 10);
			at = end + strspn(end, " \n");
		}
		if (numbers[0] <= PACK_OVERFLOW_ID && PACK_OVERFLOW_ID - numbers[0] < numbers[2])
			return true;
	}
	return false;
}

static void ignore_node(maybe_unused void *node) {}

static void release(struct pack *p)
{
	tar_writer_free(p->tar);
	text_release(&p->path);
	tdestroy(p->linked_inodes, ignore_node);
	arena_release(&p->links);
	for (size_t i = 0; i < PACK_NOTE_N; i++)
		layer_note_release(&p->notes[i]);
	free(p->buffer);
}

static void report_notes(const struct pack *p, struct strings *notes)
{
	static const char *const kinds[] = {
		[PACK_NOTE_SOCKET] = "sockets left out",
		[PACK_NOTE_ACL] = "access control lists left out",
		[PACK_NOTE_XATTR] = "extended attributes that no archive can hold",
	};

	for (size_t i = 0; i < PACK_NOTE_N; i++)
		layer_note_report(&p->notes[i], kinds[i], notes);
}

static bool pack_all(struct pack *p, struct error *err)
{
	auto_fd int fd = open(p->o->upper, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return fail_errno(err, "opening '%s'", p->o->upper);
	return pack_tree(p, &fd, err) && tar_writer_finish(p->tar, err);
}

bool layer_pack(const struct layer_pack_options *o, struct sink out, struct layer_stats *stats,
		struct strings *notes, struct error *err)
{
	struct pack p = {
		.o = o,
		.tar = tar_writer_new(out),
		.has_overflow_uid = has_overflow_id("/proc/self/uid_map"),
		.has_overflow_gid = has_overflow_id("/proc/self/gid_map"),
		.buffer = xcalloc(1, PACK_BUFFER_SIZE),
	};
	bool done = pack_all(&p, err);

	if (done) {
		*stats = p.stats;
		report_notes(&p, notes);
	}
	release(&p);
	return done;
}
