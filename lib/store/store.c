/* SPDX-License-Identifier: MIT
 * Opening, the scratch directory, locks.
 *
 * Order of writes (D: durable before the next): a blob's bytes D, its name; after the last one the
 * directory of names D; index.json beside the old one D, renamed, its directory D: only then is a
 * tag acknowledged. Trees and records are caches: renamed into place whole, not synced, checked
 * when read. Everything unfinished lies in tmp/<owner>/, which is locked as long as its owner
 * lives; whoever can take that lock removes it. Nobody removes a blob or a tree but store_gc(),
 * which keeps what index.json, young records and living leases name, and whoever finds it damaged.
 */
#include "lib/store/store.h"

#include "lib/base/env.h"
#include "lib/base/interrupt.h"
#include "lib/base/log.h"
#include "lib/base/path.h"
#include "lib/base/process.h"
#include "lib/store/store_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

enum { STORE_VERSION = 1 };

#define VERSION_WORD "chutes-store "

bool store_is_own_name(const char *name)
{
	static const char *const ours[] = {"VERSION", "lock",   "oci",   "t",   "mounts",
					   "log",     "leases", "locks", "tmp", "reserve"};

	for (size_t i = 0; i < array_len(ours); i++)
		if (strcmp(name, ours[i]) == 0)
			return true;
	return false;
}

bool store_check_writable(const struct store *s, struct error *err)
{
	if (!s->is_read_only)
		return true;
	fail(err, ERROR_AUTH, "the store '%s' is read-only", s->path);
	return fail_hint(err, "name a store that you can write with --store or CHUTES_STORE");
}

bool store_make_directory(int directory_fd, const char *name, struct error *err)
{
	if (mkdirat(directory_fd, name, 0700) < 0 && errno != EEXIST)
		return fail_errno(err, "creating directory '%s' in the store", name);
	return true;
}

bool store_list(struct store *s, const char *directory, struct strings *names, struct error *err)
{
	auto_fd int fd = openat(s->fd, directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0 && errno == ENOENT)
		return true;
	if (fd < 0)
		return fail_errno(err, "opening '%s/%s'", s->path, directory);
	return directory_list(fd, names, err) || fail_in(err, "'%s/%s'", s->path, directory);
}

bool store_is_named(int directory_fd, const char *name, int fd)
{
	struct stat by_name;
	struct stat by_fd;

	return fstatat(directory_fd, name, &by_name, AT_SYMLINK_NOFOLLOW) == 0 &&
	       fstat(fd, &by_fd) == 0 && by_name.st_dev == by_fd.st_dev &&
	       by_name.st_ino == by_fd.st_ino;
}

int lock_open(int directory_fd, const char *name, int flags, int operation, int *out,
	      struct error *err)
{
	for (;;) {
		auto_fd int fd = openat(directory_fd, name, flags | O_CLOEXEC | O_NOFOLLOW, 0600);

		if (fd < 0 && errno == ENOENT && !(flags & O_CREAT))
			return 0;
		if (fd < 0)
			return fail_errno(err, "opening lock '%s'", name), -1;
		while (flock(fd, operation) < 0) {
			if (errno == EWOULDBLOCK)
				return 0;
			if (errno != EINTR)
				return fail_errno(err, "locking '%s'", name), -1;
			if (!interrupt_check(err))
				return -1;
		}
		/* its last owner may have removed it between our two calls */
		if (store_is_named(directory_fd, name, fd)) {
			*out = fd_take(&fd);
			return 1;
		}
	}
}

static bool check_owner(const char *path, int fd, struct error *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return fail_errno(err, "opening store '%s'", path);
	if (st.st_uid == geteuid())
		return true;
	fail(err, ERROR_AUTH, "the store '%s' belongs to user %u, not to user %u", path,
	     (unsigned)st.st_uid, (unsigned)geteuid());
	return fail_hint(err, "name a store of your own with --store or CHUTES_STORE");
}

static bool check_names(const char *path, int fd, struct error *err)
{
	auto_strings names = {0};

	if (!directory_list(fd, &names, err))
		return fail_in(err, "'%s'", path);
	for (size_t i = 0; i < names.n; i++) {
		/* an earlier start may have been killed half way, also while VERSION was written */
		if (store_is_own_name(names.items[i]) ||
		    text_starts_with(names.items[i], "VERSION."))
			continue;
		fail(err, ERROR_CONFLICT, "'%s' is no store and not empty: it has '%s'", path,
		     names.items[i]);
		return fail_hint(err, "name an empty or a new directory with --store");
	}
	return true;
}

/* 1 when it is a store of our version, 0 when it has none yet, -1. */
static int check_version(const char *path, struct error *err)
{
	auto_free char *file = path_join(path, "VERSION");
	auto_text text = {0};
	unsigned long version = 0;

	if (!file_exists(file))
		return 0;
	if (!file_read(file, 64, &text, err))
		return -1;
	if (text_starts_with(text_str(&text), VERSION_WORD))
		version = strtoul(text_str(&text) + strlen(VERSION_WORD), NULL, 10);
	if (version == 0) {
		fail(err, ERROR_CONFLICT, "'%s' is not the version of a store", file);
		fail_hint(err, "name another directory with --store");
		return -1;
	}
	if (version > STORE_VERSION) {
		fail(err, ERROR_CONFLICT, "the store '%s' has version %lu, newer than %d", path,
		     version, STORE_VERSION);
		fail_hint(err, "update chutes, or name another store with --store");
		return -1;
	}
	return 1;
}

/* index.json is made under its lock: another process may have put a tag into it meanwhile. */
static bool create_index(struct store *s, struct error *err)
{
	auto_fd int lock = -1;
	struct index empty = {0};

	if (!store_index_lock(s, &lock, err))
		return false;
	if (faccessat(s->fd, "oci/index.json", F_OK, 0) == 0)
		return true;
	return store_index_save(s, &empty, err);
}

static bool create(struct store *s, struct error *err)
{
	static const char *const directories[] = {"oci", "oci/blobs", BLOBS_DIRECTORY, "t",
						  "log", "leases",    "locks",         "tmp"};
	static const char layout[] = "{\"imageLayoutVersion\":\"1.0.0\"}";
	auto_free char *layout_path = path_join(s->path, "oci/oci-layout");
	auto_free char *version_path = path_join(s->path, "VERSION");
	char version[32];

	if (!check_names(s->path, s->fd, err))
		return false;
	for (size_t i = 0; i < array_len(directories); i++)
		if (!store_make_directory(s->fd, directories[i], err))
			return false;
	int len = snprintf(version, sizeof(version), VERSION_WORD "%d\n", STORE_VERSION);

	if (!file_write(layout_path, layout, strlen(layout), 0644, err) || !create_index(s, err))
		return false;
	store_reserve_take(s);
	return file_write(version_path, version, (size_t)len, 0644, err);
}

/* What dead owners left in tmp/, as far as we may; the rest is for store_garbage_remove() in a
 * sandbox. */
static void sweep(struct store *s)
{
	auto_strings names = {0};
	struct error ignored; /* another process may be sweeping the same */

	if (s->is_read_only || !store_garbage(s, &names, &ignored))
		return;
	for (size_t i = 0; i < names.n; i++)
		if (!store_garbage_remove(s, names.items[i], &ignored))
			log_debug("store: left in tmp: %s", ignored.message);
}

static bool open_parts(struct store *s, struct error *err)
{
	s->fd = open(s->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->fd < 0)
		return fail_errno(err, "opening store '%s'", s->path);
	s->is_read_only = faccessat(s->fd, ".", W_OK, AT_EACCESS) < 0;
	if (!check_owner(s->path, s->fd, err))
		return false;
	int version = check_version(s->path, err);

	if (version < 0 || (version == 0 && (!store_check_writable(s, err) || !create(s, err))))
		return false;
	s->blobs_fd = openat(s->fd, BLOBS_DIRECTORY, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->blobs_fd < 0)
		return fail_errno(err, "opening '%s/" BLOBS_DIRECTORY "'", s->path);
	int flags = s->is_read_only ? O_RDONLY : O_RDWR | O_CREAT;

	return lock_open(s->fd, "lock", flags, LOCK_SH, &s->lock_fd, err) >= 0;
}

bool store_path_find(const char *dir, char **path, struct error *err)
{
	const char *named = dir ? dir : env_get(ENV_CHUTES_STORE);
	auto_free char *base = NULL;

	if (!named && !path_data(&base, err))
		return false;
	*path = named ? xstrdup(named) : path_join(base, "store");
	return true;
}

bool store_open(const char *dir, struct store **out, struct error *err)
{
	auto_free char *wanted = NULL;
	auto_store struct store *s = xcalloc(1, sizeof(*s));

	*s = (struct store){.fd = -1,
			    .blobs_fd = -1,
			    .lock_fd = -1,
			    .tmp_fd = -1,
			    .lease_fd = -1,
			    .owner = getpid(),
			    .mutex = PTHREAD_MUTEX_INITIALIZER};
	if (!store_path_find(dir, &wanted, err))
		return false;
	if (!directory_exists(wanted) && !directory_make(wanted, 0700, err))
		return fail_in(err, "creating the store");
	s->path = realpath(wanted, NULL);
	if (!s->path)
		return fail_errno(err, "opening store '%s'", wanted);
	s->oci_path = path_join(s->path, "oci");
	if (!open_parts(s, err))
		return false;
	sweep(s);
	*out = take(s);
	return true;
}

static void remove_own(struct store *s)
{
	struct error ignored; /* what belongs to sub-ids is removed by a sandbox later */

	if (s->lease_fd >= 0)
		unlinkat(s->fd, s->lease_name, 0);
	if (s->tmp_path && !tree_remove_path(s->tmp_path, &ignored))
		log_debug("store: left in tmp: %s", ignored.message);
}

void store_close(struct store *s)
{
	if (!s)
		return;
	if (s->owner == getpid())
		remove_own(s);
	fd_close(&s->lease_fd);
	fd_close(&s->tmp_fd);
	fd_close(&s->lock_fd);
	fd_close(&s->blobs_fd);
	fd_close(&s->fd);
	strings_release(&s->leased);
	free(s->lease_name);
	free(s->tmp_path);
	free(s->oci_path);
	free(s->path);
	free(s);
}

const char *store_path(const struct store *s) { return s->path; }

const char *store_oci_path(const struct store *s) { return s->oci_path; }

/* Lock a new name "<directory>/<pid>.<start>[.n]" that `make` makes. */
static bool own_name(struct store *s, const char *directory, bool is_directory, int *fd, char **out,
		     struct error *err)
{
	int flags = is_directory ? O_RDONLY | O_DIRECTORY : O_RDWR | O_CREAT | O_APPEND;
	uint64_t ticks = process_start_ticks(getpid());

	for (unsigned n = 0;; n++) {
		auto_free char *name =
			n ? xprintf("%s/%d.%" PRIu64 ".%u", directory, (int)getpid(), ticks, n)
			  : xprintf("%s/%d.%" PRIu64, directory, (int)getpid(), ticks);

		if (is_directory && mkdirat(s->fd, name, 0700) < 0) {
			if (errno == EEXIST)
				continue;
			return fail_errno(err, "creating directory '%s/%s'", s->path, name);
		}
		int got = lock_open(s->fd, name, flags, LOCK_EX | LOCK_NB, fd, err);

		if (got < 0)
			return false;
		if (got > 0) {
			*out = take(name);
			return true;
		}
	}
}

static bool tmp_ready(struct store *s, struct error *err)
{
	auto_free char *name = NULL;

	if (s->tmp_fd >= 0)
		return true;
	if (!store_check_writable(s, err) || !own_name(s, "tmp", true, &s->tmp_fd, &name, err))
		return false;
	s->tmp_path = path_join(s->path, name);
	return true;
}

static bool lease_ready(struct store *s, struct error *err)
{
	return s->lease_fd >= 0 ||
	       (store_check_writable(s, err) &&
		own_name(s, "leases", false, &s->lease_fd, &s->lease_name, err));
}

bool store_tmp(struct store *s, const char **path, struct error *err)
{
	pthread_mutex_lock(&s->mutex);
	bool ok = tmp_ready(s, err) && lease_ready(s, err);
	pthread_mutex_unlock(&s->mutex);
	if (ok)
		*path = s->tmp_path;
	return ok;
}

bool store_scratch_name(struct store *s, const char *word, char **out, struct error *err)
{
	pthread_mutex_lock(&s->mutex);
	bool ok = tmp_ready(s, err);
	unsigned n = s->n_names++;
	pthread_mutex_unlock(&s->mutex);
	if (ok)
		*out = xprintf("%s/%s.%u", s->tmp_path + strlen(s->path) + 1, word, n);
	return ok;
}

static bool lease(struct store *s, const struct digest *d, struct error *err)
{
	if (strings_has(&s->leased, d->text))
		return true;
	if (!lease_ready(s, err))
		return false;
	char line[sizeof(d->text) + 1];
	int len = snprintf(line, sizeof(line), "%s\n", d->text);

	if (!fd_write_all(s->lease_fd, line, (size_t)len, err))
		return fail_in(err, "'%s/%s'", s->path, s->lease_name);
	strings_add(&s->leased, d->text);
	return true;
}

bool store_lease(struct store *s, const struct digest *d, struct error *err)
{
	pthread_mutex_lock(&s->mutex);
	bool ok = lease(s, d, err);
	pthread_mutex_unlock(&s->mutex);
	return ok;
}

bool store_lock_key(struct store *s, const char *key_hex, int *lock_fd, struct error *err)
{
	auto_free char *name = xprintf("locks/%.16s", key_hex);

	return store_check_writable(s, err) &&
	       lock_open(s->fd, name, O_RDWR | O_CREAT, LOCK_EX, lock_fd, err) > 0;
}
