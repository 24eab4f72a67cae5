/* SPDX-License-Identifier: MIT
 * Small documents by key, and logs. Records are never synced: the last line is a checksum, and what
 * does not match it is as if it were not there.
 */
#include "lib/store/store_internal.h"

#include "lib/base/path.h"
#include "lib/base/time.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { RECORD_LIMIT = 64 << 20, KEY_LENGTH_MIN = 3, SECONDS_PER_DAY = 86400, LOGS_KEPT = 50 };

#define SUM_WORD "sum "
/* "sum <64 hex>\n" behind the document's own last newline */
enum { SUM_LINE = sizeof(SUM_WORD) - 1 + SHA256_HEX_SIZE };

/* <kind>/<first two digits>/<key> */
static char *record_name(const char *kind, const char *key)
{
	assert(kind[strspn(kind, "abcdefghijklmnopqrstuvwxyz")] == '\0');
	assert(strlen(key) >= KEY_LENGTH_MIN && key[strspn(key, "0123456789abcdef")] == '\0');
	return xprintf("%s/%.2s/%s", kind, key, key);
}

static void format_sum(const void *bytes, size_t len, struct text *out)
{
	unsigned char hash[SHA256_BYTES];
	char hex[SHA256_HEX_SIZE];

	sha256_of(bytes, len, hash);
	sha256_hex(hash, hex);
	text_addf(out, SUM_WORD "%s\n", hex);
}

static bool is_whole(const struct text *t)
{
	auto_text sum = {0};

	if (t->len < SUM_LINE)
		return false;
	format_sum(t->bytes, t->len - SUM_LINE, &sum);
	return memcmp(t->bytes + t->len - SUM_LINE, sum.bytes, SUM_LINE) == 0;
}

/* The time of last use is the mtime, a day is fine enough. */
static void touch(struct store *s, int fd)
{
	struct stat st;
	static const struct timespec now[2] = {{.tv_nsec = UTIME_NOW}, {.tv_nsec = UTIME_NOW}};

	if (!s->is_read_only && fstat(fd, &st) == 0 &&
	    st.st_mtim.tv_sec + SECONDS_PER_DAY < clock_unix())
		futimens(fd, now);
}

int store_record_get(struct store *s, const char *kind, const char *key_hex, struct text *out,
		     struct error *err)
{
	auto_free char *name = record_name(kind, key_hex);
	auto_fd int fd = openat(s->fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	auto_text bytes = {0};

	if (fd < 0)
		return errno == ENOENT
			       ? 0
			       : (fail_errno(err, "opening record '%s/%s'", s->path, name), -1);
	if (!fd_read_all(fd, RECORD_LIMIT, &bytes, err))
		return fail_in(err, "record '%s/%s'", s->path, name), -1;
	if (!is_whole(&bytes))
		return 0;
	touch(s, fd);
	text_add_bytes(out, bytes.bytes, bytes.len - SUM_LINE);
	return 1;
}

static bool write_record(struct store *s, const char *scratch, const struct text *bytes,
			 struct error *err)
{
	auto_text sum = {0};
	auto_fd int fd = openat(s->fd, scratch, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return fail_errno(err, "creating '%s/%s'", s->path, scratch);
	format_sum(text_str(bytes), bytes->len, &sum);
	return (fd_write_all(fd, text_str(bytes), bytes->len, err) &&
		fd_write_all(fd, sum.bytes, sum.len, err)) ||
	       fail_in(err, "'%s/%s'", s->path, scratch);
}

static bool rename_record(struct store *s, const char *scratch, const char *name, struct error *err)
{
	auto_free char *shard = path_directory(name);
	auto_free char *kind = path_directory(shard);

	if (renameat(s->fd, scratch, s->fd, name) == 0)
		return true;
	if (errno != ENOENT)
		return fail_errno(err, "naming record '%s/%s'", s->path, name);
	if (!store_make_directory(s->fd, kind, err) || !store_make_directory(s->fd, shard, err))
		return false;
	return renameat(s->fd, scratch, s->fd, name) == 0 ||
	       fail_errno(err, "naming record '%s/%s'", s->path, name);
}

bool store_record_put(struct store *s, const char *kind, const char *key_hex,
		      const struct text *bytes, struct error *err)
{
	auto_free char *name = record_name(kind, key_hex);
	auto_free char *scratch = NULL;

	if (bytes->len + SUM_LINE > RECORD_LIMIT)
		return fail(err, ERROR_FAILURE, "a record of %zu bytes is beyond the limit of %d",
			    bytes->len, RECORD_LIMIT);
	if (!store_check_writable(s, err) || !store_scratch_name(s, "record", &scratch, err))
		return false;
	if (write_record(s, scratch, bytes, err) && rename_record(s, scratch, name, err))
		return true;
	unlinkat(s->fd, scratch, 0);
	return false;
}

static bool remove_old_logs(struct store *s, struct error *err)
{
	auto_strings names = {0};

	if (!store_list(s, "log", &names, err))
		return false;
	/* the names begin with the time, so the oldest come first */
	for (size_t i = 0; i + LOGS_KEPT < names.n; i++) {
		auto_free char *name = path_join("log", names.items[i]);

		if (unlinkat(s->fd, name, 0) < 0 && errno != ENOENT)
			return fail_errno(err, "removing '%s/%s'", s->path, name);
	}
	return true;
}

/* log/<time>-<pid>.log, so that names sort by time. */
static char *log_name(const struct store *s)
{
	struct timespec now;
	auto_text name = {0};

	clock_gettime(CLOCK_REALTIME, &now);
	text_addf(&name, "%s/log/", s->path);
	text_add_time(&name, now.tv_sec);
	name.len--; /* the Z: digits of the second go before it */
	text_addf(&name, ".%09ldZ-%d.log", now.tv_nsec, (int)getpid());
	return text_take(&name);
}

bool store_log_create(struct store *s, int *fd, char **path, struct error *err)
{
	if (!store_check_writable(s, err))
		return false;
	for (;;) {
		auto_free char *name = log_name(s);
		auto_fd int made =
			open(name, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);

		if (made < 0 && errno == EEXIST)
			continue;
		if (made < 0)
			return fail_errno(err, "creating '%s'", name);
		if (!remove_old_logs(s, err))
			return false;
		*fd = fd_take(&made);
		*path = take(name);
		return true;
	}
}
