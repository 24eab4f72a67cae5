/* SPDX-License-Identifier: MIT
 * A foreign layer onto a tree (OCI image specification, layer.md). Nothing in it is believed:
 *
 *   names      taken as if the tree were the root: "../x" and "/x" are x; links on the way are
 * followed inside the tree; the last component is never followed whiteouts  remove what lower
 * layers have, never what this layer wrote, whatever the order; the root is the merged tree, so
 * overlayfs makes whiteouts of its own from removals replaced   a directory over a directory
 * changes attributes, anything else removes what was there dropped    attributes that are the
 * host's business, devices without root, 0:0 devices refused    ids outside of the map, ".wh."
 * without a name, hard links to nothing
 */
#include "lib/build/layer_unpack_internal.h"

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define WHITEOUT        ".wh."
#define WHITEOUT_META   ".wh..wh."
#define WHITEOUT_OPAQUE ".wh..wh..opq"

static const char *const note_texts[NOTE_N] = {
	[NOTE_OUTSIDE] = "names that lead out of the image, taken inside of it",
	[NOTE_DUPLICATE] = "names that occur more than once, the last one used",
	[NOTE_DEVICE] = "device files left out",
	[NOTE_XATTR] = "extended attributes that cannot be set here",
	[NOTE_ACL] = "access control lists left out",
};

void unpack_note(struct unpack *u, int note, const char *path)
{
	layer_note_add(&u->notes[note], path);
}

static void report_notes(const struct unpack *u, struct strings *notes)
{
	for (size_t i = 0; i < NOTE_N; i++)
		layer_note_report(&u->notes[i], note_texts[i], notes);
}

bool unpack_refuse(struct error *err, const char *doing, const char *path, const char *reason)
{
	auto_text shown = {.max = 300};

	text_add_printable(&shown, path, strlen(path), false);
	return fail(err, ERROR_BUILD, "%s '%s': %s", doing, text_str(&shown), reason);
}

bool unpack_errno(struct error *err, const char *doing, const char *path)
{
	int number = errno;
	bool is_ours = number == ENOSPC || number == EDQUOT || number == EIO || number == EROFS;
	auto_text shown = {.max = 300};

	text_add_printable(&shown, path, strlen(path), false);
	errno = number;
	fail_errno(err, "%s '%s'", doing, text_str(&shown));
	if (!is_ours)
		err->code = ERROR_BUILD;
	if (number == ENOSYS)
		fail_hint(err, "use Linux 5.6 or newer, or allow openat2(2)");
	return false;
}

char *unpack_clean(const char *raw, bool *was_outside)
{
	auto_free char *rooted = xprintf("/%s", raw);
	auto_free char *clean = path_clean(rooted);

	*was_outside = raw[0] == '/';
	for (const char *p = raw; *p && !*was_outside; p += strspn(p, "/")) {
		size_t n = strcspn(p, "/");

		*was_outside = n == 2 && memcmp(p, "..", 2) == 0;
		p += n;
	}
	return xstrdup(clean + 1);
}

/* Directories named .wh.x: 1 those of aufs, whose content is skipped, 0 none, -1 refused. */
static int check_directory(const char *directory, struct error *err)
{
	for (const char *p = directory; *p; p += strspn(p, "/")) {
		if (text_starts_with(p, WHITEOUT_META))
			return 1;
		if (text_starts_with(p, WHITEOUT)) {
			unpack_refuse(err, "unpacking", directory,
				      "a directory cannot be named '" WHITEOUT "...'");
			return -1;
		}
		p += strcspn(p, "/");
	}
	return 0;
}

static bool apply_whiteout(struct unpack *u, const char *directory, const char *name,
			   struct error *err)
{
	bool is_opaque = strcmp(name, WHITEOUT_OPAQUE) == 0;
	const char *hidden = name + strlen(WHITEOUT);

	if (!is_opaque && text_starts_with(name, WHITEOUT_META))
		return true;
	if (!*hidden || strcmp(hidden, ".") == 0 || strcmp(hidden, "..") == 0)
		return unpack_refuse(err, "unpacking", name, "a whiteout without a name");
	int found = unpack_parent(u, directory, NULL, err);

	if (found <= 0)
		return found == 0;
	return is_opaque ? unpack_hide_all(u, err) : unpack_hide(u, hidden, err);
}

static bool apply(struct unpack *u, const struct tar_entry *e, struct error *err)
{
	bool was_outside;
	auto_free char *path = unpack_clean(e->path, &was_outside);

	if (was_outside)
		unpack_note(u, NOTE_OUTSIDE, e->path);
	if (!*path) {
		if (e->type != '5')
			return unpack_refuse(err, "unpacking", e->path,
					     "the root of an image must be a directory");
		return unpack_parent(u, "", e, err) == 1 && unpack_write(u, e, ".", err);
	}
	auto_free char *directory = path_directory(path);
	const char *name = path_name(path);

	if (strcmp(directory, ".") == 0)
		*directory = '\0';
	int skips = check_directory(directory, err);

	if (skips != 0)
		return skips > 0;
	if (u->o->is_archive && text_starts_with(name, WHITEOUT))
		return unpack_refuse(err, "unpacking", e->path,
				     "a name that begins with " WHITEOUT
				     " means a deletion in an image");
	if (text_starts_with(name, WHITEOUT))
		return apply_whiteout(u, directory, name, err);
	return unpack_parent(u, directory, e, err) == 1 && unpack_write(u, e, name, err);
}

/* Whoever hashes the source wants all of it, and who writes it must not meet a closed pipe. */
static bool drain(struct unpack *u, struct source tar, struct error *err)
{
	size_t got;

	do
		if (!tar.read(tar.context, u->buffer, UNPACK_BUFFER_SIZE, &got, err))
			return false;
	while (got > 0);
	return true;
}

static bool unpack_all(struct unpack *u, struct source tar, struct error *err)
{
	struct tar_entry entry;
	int got;

	if (!tar_reader_open(tar, &u->o->limits, &u->tar, err))
		return false;
	while ((got = tar_reader_next(u->tar, &entry, err)) > 0) {
		u->stats.n_entries++;
		if (!apply(u, &entry, err))
			return false;
	}
	return got == 0 && unpack_set_times(u, err) && drain(u, tar, err);
}

bool layer_unpack(const struct layer_unpack_options *o, struct source tar,
		  struct layer_stats *stats, struct strings *notes, struct error *err)
{
	struct unpack u = {.o = o, .parent_fd = -1};
	auto_free char *root = NULL;

	u.buffer = xcalloc(1, UNPACK_BUFFER_SIZE);
	bool ok = unpack_canonical(&u, o->root_fd, &root, err);

	if (ok) {
		/* unpack_canonical cut the leading "/" */
		u.root_len = *root ? strlen(root) + 1 : 0;
		ok = unpack_all(&u, tar, err);
	}
	if (ok) {
		*stats = u.stats;
		report_notes(&u, notes);
	}
	for (size_t i = 0; i < NOTE_N; i++)
		layer_note_release(&u.notes[i]);
	tar_reader_free(u.tar);
	unpack_paths_release(&u.paths);
	fd_close(&u.parent_fd);
	free(u.parent_name);
	free(u.parent_path);
	free(u.buffer);
	return ok;
}
