/* SPDX-License-Identifier: MIT */
#include "lib/store/store.h"

#include "lib/store/store_internal.h"
#include "tests/unit/store_fixture.h"

#include <fcntl.h>
#include <sys/stat.h>

static char *blob_path(struct store *s, const struct digest *d)
{
	return xprintf("%s/blobs/sha256/%s", store_oci_path(s), digest_hex(d));
}

static void check_blob(struct store *s, const char *bytes)
{
	struct blob_writer *w = NULL;
	struct digest d = digest_of(bytes, strlen(bytes));
	auto_free char *path = blob_path(s, &d);
	auto_text text = {0};
	auto_fd int fd = -1;
	uint64_t size = 0;
	struct stat st;
	struct error err;

	CHECK(store_blob_open(s, &d, NULL, NULL, &err) == 0);
	CHECK_OK(store_blob_begin(s, &w, &err), err);
	CHECK_OK(store_blob_write(w, bytes, strlen(bytes), &err), err);
	CHECK(!file_exists(path));
	CHECK_OK(store_blob_commit(w, &d, &err), err);
	CHECK(stat(path, &st) == 0 && (st.st_mode & 07777) == 0444);
	CHECK(store_blob_open(s, &d, &fd, &size, &err) == 1 && size == strlen(bytes));
	CHECK_OK(store_blob_read(s, &d, size, &text, &err), err);
	CHECK_TEXT(text_str(&text), bytes);
	CHECK(!store_blob_read(s, &d, size - 1, &text, &err));
	CHECK_OK(store_blob_verify(fd, &d, size, &err), err);
	CHECK(!store_blob_verify(fd, &d, size + 1, &err));
}

TEST(blobs_get_their_name_when_they_are_complete)
{
	auto_directory char *dir = directory_new();
	auto_store struct store *s = store_of(dir);

	CHECK_OR_STOP(s);
	check_blob(s, "nameless file");
	s->has_no_tmpfile = true;
	check_blob(s, "file in tmp");
}

TEST(an_aborted_blob_leaves_nothing)
{
	auto_directory char *dir = directory_new();
	auto_store struct store *s = store_of(dir);
	auto_strings names = {0};
	struct error err;

	CHECK_OR_STOP(s);
	for (int i = 0; i < 2; i++) {
		struct blob_writer *w = NULL;

		s->has_no_tmpfile = i == 1;
		CHECK_OK(store_blob_begin(s, &w, &err), err);
		CHECK_OK(store_blob_write(w, "x", 1, &err), err);
		store_blob_abort(w);
	}
	store_blob_abort(NULL);
	CHECK_OK(store_list(s, "oci/blobs/sha256", &names, &err), err);
	CHECK(names.n == 0);
	CHECK_OK(directory_list(s->tmp_fd, &names, &err), err);
	CHECK(names.n == 0);
}

TEST(committing_twice_is_fine_and_repairs_a_wrong_size)
{
	auto_directory char *dir = directory_new();
	auto_store struct store *s = store_of(dir);
	struct digest d = digest_of("whole", 5);
	struct error err;

	CHECK_OR_STOP(s);
	for (int i = 0; i < 3; i++) {
		struct blob_writer *w = NULL;
		auto_free char *path = blob_path(s, &d);
		auto_text text = {0};

		CHECK_OK(store_blob_begin(s, &w, &err), err);
		CHECK_OK(store_blob_write(w, "whole", 5, &err), err);
		CHECK_OK(store_blob_commit(w, &d, &err), err);
		CHECK_OK(store_blob_read(s, &d, 100, &text, &err), err);
		CHECK_OK(i != 1 || file_write_cache(path, "wh", 2, 0444, &err), err);
	}
}

TEST(damage_is_seen)
{
	auto_directory char *dir = directory_new();
	auto_store struct store *s = store_of(dir);
	struct descriptor d;
	auto_text text = {0};
	auto_text back = {0};
	auto_fd int fd = -1;
	struct error err = {0};

	CHECK_OR_STOP(s);
	text_add(&text, "hello");
	CHECK_OK(store_blob_put(s, OCI_TYPE_LAYER, &text, &d, &err), err);
	CHECK(d.size == 5 && strcmp(d.media_type, OCI_TYPE_LAYER) == 0);
	auto_free char *path = blob_path(s, &d.digest);
	auto_free char *message = xprintf("blob '%s' is damaged", d.digest.text);

	CHECK_OK(file_write_cache(path, "hellO", 5, 0444, &err), err);
	CHECK(!store_blob_read(s, &d.digest, 100, &back, &err) && err.code == ERROR_BUILD);
	CHECK_TEXT(err.message, message);
	CHECK_TEXT(err.hint, "delete the images that use it and build or pull them again");
	CHECK(back.len == 0);
	CHECK(store_blob_open(s, &d.digest, &fd, NULL, &err) == 1);
	CHECK(!store_blob_verify(fd, &d.digest, 5, &err));
	struct digest missing = digest_of("m", 1);

	CHECK(!store_blob_read(s, &missing, 100, &back, &err) && err.code == ERROR_NOT_FOUND);
	CHECK_OK(digest_parse(
			 "sha512:cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce4"
			 "7d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
			 &missing, &err),
		 err);
	CHECK(store_blob_open(s, &missing, NULL, NULL, &err) == -1);
	CHECK(strstr(err.message, "only sha256 digests can be stored") != NULL);
}

TEST(what_is_damaged_is_made_again)
{
	auto_directory char *dir = directory_new();
	auto_store struct store *s = store_of(dir);
	struct digest missing = digest_of("m", 1);
	struct descriptor d;
	auto_text text = {0};
	auto_text back = {0};
	struct error err = {0};

	CHECK_OR_STOP(s);
	text_add(&text, "hello");
	CHECK_OK(store_blob_put(s, OCI_TYPE_LAYER, &text, &d, &err), err);
	auto_free char *path = blob_path(s, &d.digest);

	CHECK(store_blob_drop_damaged(s, &d.digest, &err) == 0 && file_exists(path));
	CHECK(store_blob_drop_damaged(s, &missing, &err) == 0);
	CHECK_OK(file_write_cache(path, "hellO", 5, 0444, &err), err);
	CHECK(store_blob_drop_damaged(s, &d.digest, &err) == 1 && !file_exists(path));
	CHECK(store_blob_drop_damaged(s, &d.digest, &err) == 0);
	CHECK_OK(file_write_cache(path, "hellO", 5, 0444, &err), err);
	CHECK_OK(store_blob_put(s, OCI_TYPE_LAYER, &text, &d, &err), err);
	CHECK_OK(store_blob_read(s, &d.digest, 100, &back, &err), err);
}

TEST(big_blobs_are_written_in_pieces)
{
	enum { PIECE = 3 << 20, N_PIECES = 7 };
	auto_directory char *dir = directory_new();
	auto_store struct store *s = store_of(dir);
	auto_free char *piece = xcalloc(1, PIECE);
	auto_sha256 struct sha256 *hash = sha256_new();
	unsigned char sum[SHA256_BYTES];
	struct blob_writer *w = NULL;
	uint64_t size = 0;
	struct error err;

	CHECK_OR_STOP(s);
	CHECK_OK(store_blob_begin(s, &w, &err), err);
	for (int i = 0; i < N_PIECES; i++) {
		memset(piece, i, PIECE);
		sha256_update(hash, piece, PIECE);
		CHECK_OK(store_blob_write(w, piece, PIECE, &err), err);
	}
	sha256_finish(hash, sum);
	struct digest d = digest_of_sha256(sum);

	CHECK_OK(store_blob_commit(w, &d, &err), err);
	CHECK(store_blob_open(s, &d, NULL, &size, &err) == 1 && size == (uint64_t)PIECE * N_PIECES);
}

static char *upper_new(struct store *s, const char *word)
{
	const char *tmp = NULL;
	struct error err;

	CHECK_OK(store_tmp(s, &tmp, &err), err);
	char *upper = path_join(tmp, word);
	auto_free char *file = path_join(upper, "file");

	CHECK_OK(directory_make(upper, 0755, &err), err);
	CHECK_OK(file_write_cache(file, word, strlen(word), 0644, &err), err);
	return upper;
}

static bool has_word(const char *tree, const char *word)
{
	auto_free char *file = path_join(tree, "file");
	auto_text text = {0};
	struct error err;

	return file_read(file, 100, &text, &err) && strcmp(text_str(&text), word) == 0;
}

TEST(trees_are_committed_once)
{
	auto_directory char *dir = directory_new();
	auto_store struct store *s = store_of(dir);
	struct digest id = digest_of("tree", 4);
	struct tree_info info = {.diff_id = id, .n_entries = 1, .bytes = 5};
	auto_free char *path = NULL;
	auto_free char *again = NULL;
	auto_free char *found = NULL;
	struct error err;

	CHECK_OR_STOP(s);
	CHECK(store_tree_find(s, &id, &found, &err) == 0 && !found);
	auto_free char *first = upper_new(s, "first");
	auto_free char *second = upper_new(s, "second");

	CHECK_OK(store_tree_commit(s, &id, first, &info, &path, &err), err);
	CHECK_OK(store_tree_commit(s, &id, second, &info, &again, &err), err);
	CHECK_TEXT(again, path);
	CHECK(has_word(path, "first") && !file_exists(first) && !file_exists(second));
	CHECK(store_tree_find(s, &id, &found, &err) == 1);
	CHECK_TEXT(found, path);
	auto_free char *want = xprintf("%s/t/%.16s/f", store_path(s), digest_hex(&id));

	CHECK_TEXT(path, want);
}

static bool info_replace(const char *tree, const char *from, const char *to)
{
	auto_free char *directory = path_directory(tree);
	auto_free char *path = path_join(directory, "info");
	auto_text text = {0};
	auto_text changed = {0};
	struct error err;

	if (!file_read(path, 4096, &text, &err))
		return false;
	const char *at = strstr(text_str(&text), from);

	if (!at)
		return false;
	text_add_bytes(&changed, text.bytes, (size_t)(at - text.bytes));
	text_addf(&changed, "%s%s", to, at + strlen(from));
	return file_write_cache(path, changed.bytes, changed.len, 0600, &err);
}

TEST(trees_of_another_boot_are_trusted_only_if_synced)
{
	auto_directory char *dir = directory_new();
	auto_store struct store *s = store_of(dir);
	struct digest id = digest_of("tree", 4);
	struct tree_info info = {.diff_id = id};
	struct error err;

	CHECK_OR_STOP(s);
	for (int is_synced = 0; is_synced <= 1; is_synced++) {
		auto_free char *upper = upper_new(s, "word");
		auto_free char *path = NULL;
		auto_free char *found = NULL;

		CHECK_OK(store_tree_commit(s, &id, upper, &info, &path, &err), err);
		CHECK_OK(!is_synced || store_trees_sync(s, &err), err);
		CHECK(info_replace(path, "\"boot_id\":\"", "\"boot_id\":\"other"));
		CHECK(store_tree_find(s, &id, &found, &err) == is_synced);
		CHECK(file_exists(path) == is_synced);
	}
}

TEST(trees_without_a_sound_info_are_thrown_away)
{
	auto_directory char *dir = directory_new();
	auto_store struct store *s = store_of(dir);
	struct digest id = digest_of("tree", 4);
	struct tree_info info = {.diff_id = id};
	static const char *const damages[] = {"\"id\":\"sha256:0", "\"v\":1", "\"bytes\":"};
	struct error err;

	CHECK_OR_STOP(s);
	for (size_t i = 0; i < array_len(damages); i++) {
		auto_free char *upper = upper_new(s, "old");
		auto_free char *newer = upper_new(s, "new");
		auto_free char *path = NULL;
		auto_free char *again = NULL;

		CHECK_OK(store_tree_commit(s, &id, upper, &info, &path, &err), err);
		/* the first is another digest with the same beginning */
		if (i == 0) {
			struct digest other = id;

			other.text[70] = other.text[70] == '0' ? '1' : '0';
			CHECK(info_replace(path, id.text, other.text));
		} else {
			CHECK(info_replace(path, damages[i], "x"));
		}
		CHECK_OK(store_tree_commit(s, &id, newer, &info, &again, &err), err);
		CHECK(has_word(again, "new"));
		auto_free char *tree = path_directory(again);

		CHECK_OK(tree_remove_path(tree, &err), err);
	}
}

TEST(records_are_whole_or_missing)
{
	auto_directory char *dir = directory_new();
	auto_store struct store *s = store_of(dir);
	auto_text in = {0};
	auto_text out = {0};
	struct error err;

	CHECK_OR_STOP(s);
	auto_free char *path = path_join(dir, "steps/ab/abcdef");

	CHECK(store_record_get(s, "steps", "abcdef", &out, &err) == 0);
	for (int i = 0; i < 2; i++) {
		text_add(&in, "{\"v\":1}\n");
		text_clear(&out);
		CHECK_OK(store_record_put(s, "steps", "abcdef", &in, &err), err);
		CHECK(store_record_get(s, "steps", "abcdef", &out, &err) == 1);
		CHECK_TEXT(text_str(&out), text_str(&in));
	}
	auto_text bytes = {0};

	CHECK_OK(file_read(path, 1000, &bytes, &err), err);
	for (size_t len = 0; len < bytes.len; len += 7) {
		CHECK_OK(file_write_cache(path, bytes.bytes, len, 0600, &err), err);
		CHECK(store_record_get(s, "steps", "abcdef", &out, &err) == 0);
	}
	bytes.bytes[3] = 'V';
	CHECK_OK(file_write_cache(path, bytes.bytes, bytes.len, 0600, &err), err);
	CHECK(store_record_get(s, "steps", "abcdef", &out, &err) == 0);
	text_clear(&in);
	CHECK_OK(store_record_put(s, "steps", "abcdef", &in, &err), err);
	text_clear(&out);
	CHECK(store_record_get(s, "steps", "abcdef", &out, &err) == 1 && out.len == 0);
}

TEST(using_a_record_is_noted_by_the_day)
{
	auto_directory char *dir = directory_new();
	auto_store struct store *s = store_of(dir);
	auto_free char *path = path_join(dir, "steps/ab/abcdef");
	auto_text text = {0};
	struct error err;
	struct stat st;

	CHECK_OR_STOP(s);
	CHECK_OK(store_record_put(s, "steps", "abcdef", &text, &err), err);
	time_t now = time(NULL);

	for (int hours = 23; hours <= 25; hours += 2) {
		struct timespec old[2] = {{.tv_sec = now - hours * 3600L},
					  {.tv_sec = now - hours * 3600L}};

		CHECK(utimensat(AT_FDCWD, path, old, 0) == 0);
		CHECK(store_record_get(s, "steps", "abcdef", &text, &err) == 1);
		CHECK(stat(path, &st) == 0 && (st.st_mtime >= now - 5) == (hours == 25));
	}
}

TEST(the_newest_fifty_logs_are_kept)
{
	auto_directory char *dir = directory_new();
	auto_store struct store *s = store_of(dir);
	auto_strings names = {0};
	auto_free char *last = NULL;
	struct error err;

	CHECK_OR_STOP(s);
	for (int i = 0; i < 53; i++) {
		auto_fd int fd = -1;

		free(take(last));
		CHECK_OK(store_log_create(s, &fd, &last, &err), err);
		CHECK(write(fd, "x", 1) == 1);
	}
	CHECK_OK(store_list(s, "log", &names, &err), err);
	CHECK(names.n == 50 && file_exists(last));
}
