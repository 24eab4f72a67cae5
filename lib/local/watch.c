/* SPDX-License-Identifier: MIT
 * The files that a chute is made from, and whether their content changes. Directories are watched,
 * since editors put new files in the place of old ones; what is compared is content, since they
 * also write what was there.
 */
#include "lib/local/local_internal.h"

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/build/inputs.h"
#include "lib/crypto/sha256.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

enum {
	QUIET_MS = 50,   /* an editor is done */
	LATEST_MS = 500, /* one that never is */
	EVENTS = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | IN_ONLYDIR,
};

struct watched {
	char *path; /* absolute */
	bool is_file;
	struct timespec changed; /* ctime: also of what was put in its place */
	ino_t inode;
	off_t size;
	unsigned char sha256[SHA256_BYTES];
};
struct snapshot {
	struct watched *items; /* by path */
	size_t n;
};

struct watch {
	const struct local_options *options;
	const struct launch_options *launch;
	int fd;
	struct snapshot seen;
};

static void snapshot_release(struct snapshot *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->items[i].path);
	free(s->items);
	*s = (struct snapshot){0};
}

/* --- which files */

static void add_file(struct strings *out, const char *directory, const char *name)
{
	if (!name)
		return;
	auto_free char *path = path_join(directory, name);

	strings_add_taken(out, path_clean(path));
}

static void add_input(struct strings *out, const struct spec *spec, const struct spec_input *input)
{
	add_file(out, spec->directory, input->schema_file);
}

static void add_spec(struct strings *out, const struct spec *spec)
{
	if (strcmp(spec->file, "-") != 0)
		add_file(out, spec->directory, path_name(spec->file));
	add_file(out, spec->directory, "chute.lock");
	if (!spec->handlers.is_shipped)
		add_file(out, spec->directory, spec->handlers.file);
	add_file(out, spec->directory, spec->python.file);
	add_file(out, spec->directory, spec->dev.env_file);
	for (size_t i = 0; i < spec->cords.n; i++) {
		add_input(out, spec, &spec->cords.items[i].input);
		add_input(out, spec, &spec->cords.items[i].minimal_input);
		add_file(out, spec->directory, spec->cords.items[i].output.schema_file);
	}
}

static void list_files(const struct watch *w, struct strings *out)
{
	const struct local_options *o = w->options;

	add_spec(out, w->launch->spec);
	for (size_t i = 0; i < o->n_files; i++)
		strings_add(out, o->files[i]);
	/* a directory that is mounted is seen by the chute as it changes; a file that an editor
	 * replaces is not */
	for (size_t i = 0; i < w->launch->n_mounts; i++)
		if (!directory_exists(w->launch->mounts[i].source))
			strings_add(out, w->launch->mounts[i].source);
	if (!o->is_stub)
		build_inputs(w->launch->store, w->launch->spec, out);
	strings_sort(out);
}

/* --- what is in them */

static void read_file(struct watched *item)
{
	auto_fd int fd = open(item->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	auto_sha256 struct sha256 *hash = sha256_new();
	auto_free char *bytes = xcalloc(1, 65536);
	ssize_t n = 0;

	while (fd >= 0 && (n = read(fd, bytes, 65536)) > 0)
		sha256_update(hash, bytes, (size_t)n);
	sha256_finish(hash, item->sha256);
}

static const struct watched *find(const struct snapshot *s, const char *path)
{
	size_t low = 0;
	size_t high = s->n;

	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = strcmp(s->items[middle].path, path);

		if (order == 0)
			return &s->items[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static bool is_untouched(const struct watched *a, const struct watched *b)
{
	return a && a->is_file && a->inode == b->inode && a->size == b->size &&
	       a->changed.tv_sec == b->changed.tv_sec && a->changed.tv_nsec == b->changed.tv_nsec;
}

static void look_at(struct watched *item, const struct snapshot *before)
{
	const struct watched *old = find(before, item->path);
	struct stat st;

	if (stat(item->path, &st) < 0 || !S_ISREG(st.st_mode))
		return;
	item->is_file = true;
	item->inode = st.st_ino;
	item->size = st.st_size;
	item->changed = st.st_ctim;
	if (is_untouched(old, item))
		memcpy(item->sha256, old->sha256, sizeof(item->sha256));
	else
		read_file(item);
}

/* The directories of all these files: what is watched already stays so. */
static bool watch_directories(const struct watch *w, const struct snapshot *s, struct error *err)
{
	auto_free char *last = xstrdup("");

	for (size_t i = 0; i < s->n; i++) {
		auto_free char *real = realpath(s->items[i].path, NULL);
		auto_free char *directory =
			!s->items[i].is_file && directory_exists(s->items[i].path)
				? xstrdup(s->items[i].path)
				: path_directory(s->items[i].path);
		auto_free char *behind = real ? path_directory(real) : xstrdup(directory);

		if (strcmp(directory, last) == 0 && strcmp(behind, last) == 0)
			continue;
		if (inotify_add_watch(w->fd, directory, EVENTS) < 0 && errno == ENOSPC) {
			fail_errno(err, "watching '%s'", directory);
			return fail_hint(err, "raise fs.inotify.max_user_watches");
		}
		/* of a link: where it leads to; what is not there needs no watch */
		inotify_add_watch(w->fd, behind, EVENTS);
		free(last);
		last = take(directory);
	}
	return true;
}

static bool take_snapshot(const struct watch *w, struct snapshot *out, struct error *err)
{
	auto_strings files = {0};

	list_files(w, &files);
	struct snapshot s = {.items = xcalloc(files.n + 1, sizeof(*s.items))};

	for (size_t i = 0; i < files.n; i++)
		if (i == 0 || strcmp(files.items[i], files.items[i - 1]) != 0)
			s.items[s.n++].path = xstrdup(files.items[i]);
	/* watched first, looked at then: a change in between is seen */
	for (size_t i = 0; i < s.n; i++)
		s.items[i].is_file = !directory_exists(s.items[i].path);
	if (!watch_directories(w, &s, err)) {
		snapshot_release(&s);
		return false;
	}
	for (size_t i = 0; i < s.n; i++) {
		s.items[i].is_file = false;
		look_at(&s.items[i], &w->seen);
	}
	*out = s;
	return true;
}

static bool is_same(const struct watched *a, const struct watched *b)
{
	return a->is_file == b->is_file && memcmp(a->sha256, b->sha256, SHA256_BYTES) == 0;
}

/* The first file of `a` that is not, or not so, in `b`. */
static const char *find_difference(const struct snapshot *a, const struct snapshot *b)
{
	for (size_t i = 0; i < a->n; i++) {
		const struct watched *other = find(b, a->items[i].path);

		if (other ? !is_same(&a->items[i], other) : a->items[i].is_file)
			return a->items[i].path;
	}
	return NULL;
}

/* --- waiting */

static bool has_event(int fd, int timeout_ms)
{
	struct pollfd poller = {.fd = fd, .events = POLLIN};

	return poll(&poller, 1, timeout_ms) > 0;
}

static void drop_events(int fd)
{
	char events[16384];

	while (read(fd, events, sizeof(events)) > 0)
		;
}

static void wait_quiet(int fd)
{
	uint64_t latest = clock_ms() + LATEST_MS;

	do
		drop_events(fd);
	while (clock_ms() < latest && has_event(fd, QUIET_MS));
}

/* "app.py" rather than where it is, for what lies beside the spec. */
static char *shown(const struct watch *w, const char *path)
{
	const char *directory = w->launch->spec->directory;
	size_t len = strlen(directory);

	return xstrdup(path_is_below(path, directory) && path[len] == '/' ? path + len + 1 : path);
}

bool watch_open(const struct local_options *o, const struct launch_options *launch,
		struct watch **out, struct error *err)
{
	struct watch *w = xcalloc(1, sizeof(*w));

	w->options = o;
	w->launch = launch;
	w->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	bool ok = w->fd >= 0 || fail_errno(err, "watching files");

	if (!ok || !take_snapshot(w, &w->seen, err)) {
		watch_free(w);
		return false;
	}
	*out = w;
	return true;
}

void watch_free(struct watch *w)
{
	snapshot_release(&w->seen);
	fd_close(&w->fd);
	free(w);
}

bool watch_next(struct watch *w, char **changed, struct error *err)
{
	for (;;) {
		struct snapshot now;

		if (!has_event(w->fd, -1))
			continue;
		wait_quiet(w->fd);
		if (!take_snapshot(w, &now, err))
			return false;
		const char *path = find_difference(&now, &w->seen);

		if (!path)
			path = find_difference(&w->seen, &now);
		char *name = path ? shown(w, path) : NULL;

		snapshot_release(&w->seen);
		w->seen = now;
		if (name) {
			*changed = name;
			return true;
		}
	}
}
