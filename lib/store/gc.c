/* SPDX-License-Identifier: MIT
 * Removing what nothing refers to.
 *
 * A user of a blob writes its lease first and looks for the blob then; the collector moves a blob
 * away first and reads the leases then, and moves it back if it is leased. So either the collector
 * sees the lease, or the user sees that the blob is missing and makes it again. Tags change only
 * under the index lock, which the collector holds meanwhile.
 */
#include "lib/store/gc_internal.h"

#include "lib/base/log.h"
#include "lib/base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

enum { TREE_DIGITS = 16 };

/* What is collected: names of one length in one directory. */
struct area {
	const char *directory;
	size_t name_length;
	char *trash; /* scratch directory, below the store */
	struct strings moved;
};

struct collection {
	struct marks marks;
	struct area blobs;
	struct area trees;
	struct store_gc_report report;
};

static void collection_release(struct collection *c)
{
	marks_release(&c->marks);
	strings_release(&c->blobs.moved);
	strings_release(&c->trees.moved);
	free(c->blobs.trash);
	free(c->trees.trash);
}

static uint64_t size_of(struct store *s, const struct area *a, const char *name)
{
	auto_free char *path = path_join(a->directory, name);
	struct stat st;

	if (a->name_length == TREE_DIGITS)
		return store_tree_bytes(s, path);
	return fstatat(s->fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0 ? (uint64_t)st.st_size : 0;
}

static bool is_ours(const struct area *a, const char *name)
{
	return strlen(name) == a->name_length && name[strspn(name, "0123456789abcdef")] == '\0';
}

static bool move(struct store *s, const char *from_directory, const char *to_directory,
		 const char *name, struct error *err)
{
	auto_free char *from = path_join(from_directory, name);
	auto_free char *to = path_join(to_directory, name);

	return renameat(s->fd, from, s->fd, to) == 0 || errno == ENOENT ||
	       fail_errno(err, "moving '%s/%s'", s->path, from);
}

/* Everything that is not kept goes into the trash. */
static bool move_away(struct store *s, struct area *a, struct collection *c, struct error *err)
{
	auto_strings names = {0};

	if (!store_list(s, a->directory, &names, err) ||
	    !store_scratch_name(s, "trash", &a->trash, err) ||
	    !store_make_directory(s->fd, a->trash, err))
		return false;
	for (size_t i = 0; i < names.n; i++) {
		const char *name = names.items[i];

		if (!is_ours(a, name) || marks_have(&c->marks.kept, name, a->name_length))
			continue;
		if (marks_have(&c->marks.cached, name, a->name_length)) {
			c->report.bytes_cached += size_of(s, a, name);
			continue;
		}
		if (!move(s, a->directory, a->trash, name, err))
			return false;
		strings_add(&a->moved, name);
	}
	return true;
}

/* Back with what was leased meanwhile; the rest is counted. */
static bool move_back(struct store *s, struct area *a, struct collection *c, uint64_t *n,
		      struct error *err)
{
	struct area trash = {.directory = a->trash, .name_length = a->name_length};

	for (size_t i = 0; i < a->moved.n; i++) {
		const char *name = a->moved.items[i];

		if (marks_have(&c->marks.kept, name, a->name_length)) {
			if (!move(s, a->trash, a->directory, name, err))
				return false;
			continue;
		}
		c->report.bytes += size_of(s, &trash, name);
		(*n)++;
	}
	return true;
}

/* A collection that failed half way leaves everything where it was. */
static void restore(struct store *s, const struct area *a)
{
	struct error ignored; /* the first failure is the one to report */

	for (size_t i = 0; i < a->moved.n; i++)
		if (!move(s, a->trash, a->directory, a->moved.items[i], &ignored))
			log_debug("store: %s", ignored.message);
}

static bool collect(struct store *s, struct collection *c, struct error *err)
{
	auto_fd int lock = -1;

	return store_index_lock(s, &lock, err) && marks_read(s, &c->marks, err) &&
	       move_away(s, &c->blobs, c, err) && move_away(s, &c->trees, c, err) &&
	       marks_read_leases(s, &c->marks, err) &&
	       move_back(s, &c->blobs, c, &c->report.n_blobs, err) &&
	       move_back(s, &c->trees, c, &c->report.n_trees, err);
}

static void remove_trash(struct store *s, const struct area *a)
{
	struct error ignored; /* what we may not remove is garbage for a sandbox */

	if (a->trash && !tree_remove(s->fd, a->trash, &ignored))
		log_debug("store: left in tmp: %s", ignored.message);
}

/* Lock files that nobody holds. */
static bool remove_locks(struct store *s, struct error *err)
{
	auto_strings names = {0};

	if (!store_list(s, "locks", &names, err))
		return false;
	for (size_t i = 0; i < names.n; i++) {
		auto_free char *name = path_join("locks", names.items[i]);
		auto_fd int lock = -1;

		if (lock_open(s->fd, name, O_RDWR, LOCK_EX | LOCK_NB, &lock, err) > 0)
			unlinkat(s->fd, name, 0);
	}
	return true;
}

bool store_gc(struct store *s, struct store_gc_report *out, struct error *err)
{
	struct collection c = {
		.blobs = {.directory = BLOBS_DIRECTORY, .name_length = DIGEST_DIGITS},
		.trees = {.directory = "t", .name_length = TREE_DIGITS}};

	if (!store_check_writable(s, err))
		return false;
	store_reserve_free(s);
	bool ok = collect(s, &c, err) && remove_locks(s, err);

	if (ok) {
		remove_trash(s, &c.blobs);
		remove_trash(s, &c.trees);
		*out = c.report;
	} else {
		restore(s, &c.blobs);
		restore(s, &c.trees);
	}
	store_reserve_take(s);
	collection_release(&c);
	return ok;
}

bool store_garbage(struct store *s, struct strings *names, struct error *err)
{
	auto_strings all = {0};

	if (!store_list(s, "tmp", &all, err))
		return false;
	for (size_t i = 0; i < all.n; i++) {
		auto_free char *name = path_join("tmp", all.items[i]);
		auto_fd int lock = -1;
		struct error ignored; /* gone, or not for us to look at */

		if (lock_open(s->fd, name, O_RDONLY, LOCK_EX | LOCK_NB, &lock, &ignored) > 0)
			strings_add(names, all.items[i]);
	}
	return true;
}

bool store_garbage_remove(struct store *s, const char *name, struct error *err)
{
	auto_free char *path = path_join("tmp", name);
	auto_fd int lock = -1;

	if (!*name || strchr(name, '/') || strcmp(name, "..") == 0 || strcmp(name, ".") == 0)
		return fail(err, ERROR_USAGE, "'%s' is not a name in tmp", name);
	int taken = lock_open(s->fd, path, O_RDONLY, LOCK_EX | LOCK_NB, &lock, err);

	if (taken <= 0)
		return taken == 0; /* gone, or its owner lives */
	return tree_remove(s->fd, path, err) || fail_in(err, "'%s/%s'", s->path, path);
}
