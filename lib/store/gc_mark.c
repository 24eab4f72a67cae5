/* SPDX-License-Identifier: MIT
 * What must stay: what tags, leases and records name. The collector does not know what a record
 * says; every run of 64 hex digits in it is a digest that it needs.
 *
 * A record whose own key is a digest that stays is about that blob, tree or image, and stays with
 * it, as do the things it names. The others stay as long as they are used.
 */
#include "lib/store/gc_internal.h"

#include "lib/base/path.h"
#include "lib/base/time.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

enum {
	RECORD_SECONDS = 14 * 86400, /* how long an unused record stays */
	LEASES_LIMIT = 64 << 20,
	RECORD_LIMIT = 64 << 20
};

void marks_release(struct marks *m)
{
	strings_release(&m->kept);
	strings_release(&m->cached);
}

bool marks_have(const struct strings *sorted, const char *name, size_t len)
{
	size_t low = 0;
	size_t high = sorted->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strncmp(sorted->items[middle], name, len) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < sorted->n && strncmp(sorted->items[low], name, len) == 0;
}

void store_scan_digests(const char *text, size_t len, struct strings *out)
{
	size_t n = 0; /* hex digits before text[i] */

	for (size_t i = 0; i <= len; i++) {
		if (i < len && text[i] && strchr("0123456789abcdef", text[i])) {
			n++;
			continue;
		}
		if (n == DIGEST_DIGITS)
			strings_addf(out, "%.*s", DIGEST_DIGITS, text + i - DIGEST_DIGITS);
		n = 0;
	}
}

/* Digests to bare hex, appended. */
static void add_hex(struct strings *to, const struct strings *digests)
{
	for (size_t i = 0; i < digests->n; i++)
		strings_add(to, strchr(digests->items[i], ':') + 1);
}

bool store_leases_read(struct store *s, struct strings *out, struct error *err)
{
	auto_strings names = {0};

	if (!store_list(s, "leases", &names, err))
		return false;
	for (size_t i = 0; i < names.n; i++) {
		auto_free char *name = path_join("leases", names.items[i]);
		auto_free char *path = path_join(s->path, name);
		auto_fd int lock = -1;
		auto_text text = {0};
		int taken = lock_open(s->fd, name, O_RDWR, LOCK_EX | LOCK_NB, &lock, err);

		if (taken < 0)
			return false;
		if (taken > 0 && unlinkat(s->fd, name, 0) < 0 && errno != ENOENT)
			return fail_errno(err, "removing '%s'", path);
		if (taken > 0 || !file_exists(path))
			continue;
		if (!file_read(path, LEASES_LIMIT, &text, err))
			return false;
		store_scan_digests(text_str(&text), text.len, out);
	}
	return true;
}

bool marks_read_leases(struct store *s, struct marks *m, struct error *err)
{
	bool ok = store_leases_read(s, &m->kept, err);

	strings_sort(&m->kept);
	return ok;
}

static bool read_tags(struct store *s, struct marks *m, struct error *err)
{
	auto_index index = {0};
	auto_strings blobs = {0};
	auto_strings trees = {0};

	if (!store_index_load(s, &index, err))
		return false;
	for (size_t i = 0; i < index.n_entries; i++) {
		const struct digest *d = &index.entries[i].descriptor.digest;

		if (!store_closure(s, d, false, &blobs, &trees, err))
			return fail_in(err, "image '%s'", d->text);
	}
	add_hex(&m->kept, &blobs);
	add_hex(&m->kept, &trees);
	return true;
}

/* The files of a directory, one level of directories deep. */
static bool list_records(struct store *s, const char *kind, struct strings *names,
			 struct error *err)
{
	auto_strings shards = {0};

	if (!store_list(s, kind, &shards, err))
		return false;
	for (size_t i = 0; i < shards.n; i++) {
		auto_free char *shard = path_join(kind, shards.items[i]);
		auto_free char *path = path_join(s->path, shard);
		auto_strings keys = {0};

		if (!directory_exists(path)) {
			strings_add(names, shard);
			continue;
		}
		if (!store_list(s, shard, &keys, err))
			return false;
		for (size_t k = 0; k < keys.n; k++)
			strings_add_taken(names, path_join(shard, keys.items[k]));
	}
	return true;
}

static bool list_all_records(struct store *s, struct strings *names, struct error *err)
{
	auto_strings kinds = {0};

	if (!store_list(s, ".", &kinds, err))
		return false;
	for (size_t i = 0; i < kinds.n; i++) {
		auto_free char *path = path_join(s->path, kinds.items[i]);

		if (store_is_own_name(kinds.items[i]) || !directory_exists(path))
			continue;
		if (!list_records(s, kinds.items[i], names, err))
			return false;
	}
	return true;
}

/* The digests that a record names; none when it is gone. */
static bool read_record(struct store *s, const char *name, struct strings *out, struct error *err)
{
	auto_fd int fd = openat(s->fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	auto_text text = {0};

	if (fd < 0 && errno == ENOENT)
		return true;
	if (fd < 0)
		return fail_errno(err, "opening record '%s/%s'", s->path, name);
	if (!fd_read_all(fd, RECORD_LIMIT, &text, err))
		return fail_in(err, "record '%s/%s'", s->path, name);
	store_scan_digests(text_str(&text), text.len, out);
	return true;
}

static bool is_about(const char *name, const struct strings *marked)
{
	const char *key = path_name(name);

	return strlen(key) == DIGEST_DIGITS && marks_have(marked, key, DIGEST_DIGITS);
}

/* Records about what is marked: what they name is marked, too, until nothing comes new. The records
 * that were read are taken out of `names`. */
static bool follow(struct store *s, struct strings *names, struct strings *marked,
		   struct error *err)
{
	size_t n_before;

	strings_sort(marked);
	do {
		auto_strings found = {0};
		auto_strings others = {0};

		n_before = names->n;
		for (size_t i = 0; i < names->n; i++)
			if (!is_about(names->items[i], marked))
				strings_add(&others, names->items[i]);
			else if (!read_record(s, names->items[i], &found, err))
				return false;
		strings_release(names);
		*names = others;
		others = (struct strings){0};
		strings_add_all(marked, &found);
		strings_sort(marked);
	} while (names->n < n_before);
	return true;
}

/* Mark what young records name, remove the others. */
static bool read_young(struct store *s, struct strings *names, struct strings *marked,
		       struct error *err)
{
	auto_strings old = {0};
	int64_t oldest = clock_unix() - RECORD_SECONDS;

	for (size_t i = 0; i < names->n; i++) {
		const char *name = names->items[i];
		struct stat st;

		if (fstatat(s->fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue; /* replaced or removed meanwhile */
		if (st.st_mtim.tv_sec < oldest)
			strings_add(&old, name);
		else if (!read_record(s, name, marked, err))
			return false;
	}
	if (!follow(s, &old, marked, err))
		return false;
	for (size_t i = 0; i < old.n; i++)
		if (unlinkat(s->fd, old.items[i], 0) < 0 && errno != ENOENT)
			return fail_errno(err, "removing record '%s/%s'", s->path, old.items[i]);
	return true;
}

bool marks_read(struct store *s, struct marks *m, struct error *err)
{
	auto_strings names = {0};

	return list_all_records(s, &names, err) && read_tags(s, m, err) &&
	       marks_read_leases(s, m, err) && follow(s, &names, &m->kept, err) &&
	       read_young(s, &names, &m->cached, err);
}
