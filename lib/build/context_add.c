/* SPDX-License-Identifier: MIT
 * From a selection into the image. Content goes through one buffer into the file and into the hash
 * that it must still have.
 */
#include "lib/build/context_add_internal.h"

#include "lib/base/inside.h"
#include "lib/base/interrupt.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/build/mode_change.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char *add_destination(const char *dest, const char *workdir, bool *is_directory)
{
	auto_free char *joined = path_join(*workdir ? workdir : "/", dest);
	auto_free char *rooted = xprintf("/%s", joined);
	const char *last = path_name(dest);

	/* path_name() of "x/" is "" */
	*is_directory = !*last || strcmp(last, ".") == 0 || strcmp(last, "..") == 0;
	return path_clean(rooted);
}

bool context_changed(const char *path, struct error *err)
{
	fail(err, ERROR_BUILD, "'%s' changed during the build", path);
	return fail_hint(err, "run the build again when nothing writes to it");
}

static struct timespec mtime_of(const struct adding *a, const struct context_entry *e)
{
	if (a->o->has_epoch)
		return (struct timespec){.tv_sec = a->o->epoch};
	int64_t seconds = e->mtime_ns / 1000000000;
	int64_t rest = e->mtime_ns % 1000000000;

	return rest < 0 ? (struct timespec){seconds - 1, rest + 1000000000}
			: (struct timespec){seconds, rest};
}

static bool look_of(const struct adding *a, const struct context_entry *e, struct place_look *out,
		    struct error *err)
{
	*out = (struct place_look){.owner = a->owner, .mode = e->mode, .mtime = mtime_of(a, e)};
	return !a->o->chmod || e->type == 'l' ||
	       mode_change(a->o->chmod, e->mode, e->type == 'd', &out->mode, err);
}

bool adding_open_destination(const struct adding *a, const char *path, struct place *out,
			     struct error *err)
{
	struct timespec epoch = {.tv_sec = a->o->epoch};

	return place_open(a->o->root_fd, path, &a->owner, a->o->has_epoch ? &epoch : NULL, out,
			  err);
}

/* --- things */
static bool copy_content(struct adding *a, const struct context_entry *e, int from, int to,
			 struct error *err)
{
	unsigned char hash[SHA256_BYTES];
	ssize_t got;

	while ((got = read(from, a->buffer, ADDING_BUFFER_SIZE)) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			fail_errno(err, "reading '%s' in the context", e->source);
			err->code = ERROR_BUILD;
			return false;
		}
		sha256_update(a->hash, a->buffer, (size_t)got);
		if (!fd_write_all(to, a->buffer, (size_t)got, err))
			return fail_in(err, "adding '%s'", e->source);
		if (!interrupt_check(err))
			return false;
	}
	sha256_finish(a->hash, hash);
	return memcmp(hash, e->sha256, sizeof(hash)) == 0 || context_changed(e->source, err);
}

static bool add_file(struct adding *a, const struct context_entry *e, const struct place *in,
		     const char *name, struct error *err)
{
	struct place_look look;
	auto_fd int from = -1;
	auto_fd int to = -1;

	return look_of(a, e, &look, err) && context_open_entry(a->c->root_fd, e, &from, err) &&
	       place_file(in, name, &to, err) && copy_content(a, e, from, to, err) &&
	       place_file_finish(in, name, to, &look, err);
}

static bool add_entry(struct adding *a, const struct context_entry *e, const struct place *in,
		      const char *name, struct error *err)
{
	struct place_look look;

	if (!interrupt_check(err))
		return false;
	if (e->type == 'f')
		return add_file(a, e, in, name, err);
	if (!look_of(a, e, &look, err))
		return false;
	return e->type == 'd' ? place_directory(in, name, &look, err)
			      : place_link(in, name, e->target, &look, err);
}

/* --- a directory's contents */
/* The directory `path` below `dest`, which this step made or checked: no link is on the way. */
static bool open_below(const struct place *dest, const char *path, struct place *out,
		       struct error *err)
{
	int fd = beneath_open(dest->fd, path, O_PATH | O_DIRECTORY | O_NOFOLLOW);

	if (fd < 0) {
		fail_errno(err, "opening '%s' in the image", path);
		err->code = ERROR_BUILD;
		return false;
	}
	place_close(out);
	*out = (struct place){.fd = fd,
			      .path = strcmp(path, ".") == 0 ? xstrdup(dest->path)
							     : path_join(dest->path, path)};
	return true;
}

/* Entries come with their directory before them, so most share the last one's. */
static bool add_contents(struct adding *a, const struct context_entry *entries, size_t n,
			 const struct place *dest, struct error *err)
{
	auto_place in = {0};
	auto_free char *at = xstrdup("");

	for (size_t i = 0; i < n; i++) {
		auto_free char *directory = path_directory(entries[i].path);

		if (strcmp(directory, at) != 0) {
			if (!open_below(dest, directory, &in, err))
				return false;
			free(at);
			at = take(directory);
		}
		if (!add_entry(a, &entries[i], &in, path_name(entries[i].path), err))
			return false;
	}
	/* what was put into a directory changed its time: the deepest first */
	while (n-- > 0) {
		struct timespec mtime = mtime_of(a, &entries[n]);
		struct timespec times[2] = {mtime, mtime};

		if (entries[n].type == 'd' &&
		    utimensat(dest->fd, entries[n].path, times, AT_SYMLINK_NOFOLLOW) < 0)
			return fail_errno(err, "setting the time of '%s/%s' in the image",
					  dest->path, entries[n].path);
	}
	return true;
}

static bool add_directory(struct adding *a, const struct context_match *m, struct error *err)
{
	auto_place dest = {0};

	if (a->kind == PLACE_FILE)
		return fail(err, ERROR_BUILD,
			    "'%s' is a file in the image, and '%s' is a directory", a->dest,
			    m->name);
	return adding_open_destination(a, a->dest, &dest, err) &&
	       add_contents(a, a->s->entries + m->first + 1, m->n - 1, &dest, err);
}

/* --- a file */
static bool add_single(struct adding *a, const struct context_match *m, struct strings *notes,
		       struct error *err)
{
	const struct context_entry *e = &a->s->entries[m->first];
	bool is_inside = a->is_directory || a->kind == PLACE_DIRECTORY || a->s->n_matches > 1;
	auto_free char *path = is_inside ? path_join(a->dest, m->name) : NULL;
	auto_place in = {0};
	int is_archive = adding_is_archive(a, e, err);

	if (is_archive < 0)
		return false;
	if (is_archive)
		return adding_unpack(a, e, notes, err);
	if (!is_inside && !place_follow(a->o->root_fd, a->dest, &path, err))
		return false;
	auto_free char *directory = path_directory(path);

	return adding_open_destination(a, directory, &in, err) &&
	       add_entry(a, e, &in, path_name(path), err);
}

bool context_add(const struct context *c, const struct selection *s, const struct add_options *o,
		 struct strings *notes, struct error *err)
{
	struct adding a = {.c = c,
			   .s = s,
			   .o = o,
			   .owner = {o->uid, o->gid, o->ids_are_squashed},
			   .hash = sha256_new(),
			   .buffer = xcalloc(1, ADDING_BUFFER_SIZE)};
	bool is_done = true;

	strings_add_all(notes, &s->notes);
	a.dest = add_destination(o->dest, o->workdir, &a.is_directory);
	for (size_t i = 0; is_done && i < s->n_matches; i++) {
		const struct context_match *m = &s->matches[i];

		is_done = place_find(o->root_fd, a.dest, &a.kind, err) &&
			  (m->is_directory ? add_directory(&a, m, err)
					   : add_single(&a, m, notes, err));
	}
	sha256_free(a.hash);
	free(a.buffer);
	free(a.dest);
	return is_done;
}
