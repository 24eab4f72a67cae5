/* SPDX-License-Identifier: MIT */
#include "lib/store/store.h"

#include "lib/store/store_internal.h"
#include "tests/unit/store_fixture.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

static size_t count(struct store *s, const char *directory)
{
	auto_strings names = {0};
	struct error err;

	CHECK_OK(store_list(s, directory, &names, &err), err);
	return names.n;
}

static size_t n_blobs(struct store *s) { return count(s, "oci/blobs/sha256"); }

TEST(tags_are_listed_with_size_and_time)
{
	auto_directory char *dir = directory_new();
	auto_store struct store *s = store_of(dir);
	auto_store_images list = {0};
	struct error err;

	CHECK_OR_STOP(s);
	CHECK_OK(image_tag(s, "hello:2", "two", 1000, &err), err);
	CHECK_OK(image_tag(s, "hello:1", "one", 10, &err), err);
	CHECK_OK(image_tag(s, "hello:2", "three", 2000, &err), err);
	CHECK_OK(store_images_list(s, &list, &err), err);
	CHECK_OR_STOP(list.n == 2);
	CHECK_TEXT(list.items[0].name, "hello:1");
	CHECK_TEXT(list.items[1].name, "hello:2");
	CHECK(list.items[1].size_bytes > 2000 && list.items[1].size_bytes < 2500);
	CHECK(list.items[0].created == 1767323045);
}

TEST(names_of_tags_are_references)
{
	auto_directory char *dir = directory_new();
	auto_store struct store *s = store_of(dir);
	struct descriptor d;
	struct error err = {0};

	CHECK_OR_STOP(s);
	CHECK_OK(image_put(s, "one", 1, &d, &err), err);
	CHECK(!store_tag(s, "Hello", &d, &err) && err.code == ERROR_USAGE);
	CHECK(!store_tag(s, "a:b:c", &d, &err));
}

TEST(a_tag_needs_all_its_blobs)
{
	auto_directory char *dir = directory_new();
	auto_store struct store *s = store_of(dir);
	auto_manifest m = {0};
	auto_image_config c = {0};
	struct descriptor d;
	struct error err;

	CHECK_OR_STOP(s);
	CHECK_OK(image_put(s, "one", 5, &d, &err), err);
	CHECK_OK(store_image_load(s, &d.digest, &m, &c, &err), err);
	auto_free char *layer =
		xprintf("%s/blobs/sha256/%s", store_oci_path(s), digest_hex(&m.layers[0].digest));
	auto_free char *missing =
		xprintf("tagging 'a:1': layer '%s' is not in the store", m.layers[0].digest.text);
	auto_free char *wrong = xprintf("tagging 'a:1': layer '%s' has 1 bytes instead of 5",
					m.layers[0].digest.text);

	CHECK_OK(file_write_cache(layer, "x", 1, 0444, &err), err);
	CHECK(!store_tag(s, "a:1", &d, &err));
	CHECK_TEXT(err.message, wrong);
	CHECK(unlink(layer) == 0 && !store_tag(s, "a:1", &d, &err));
	CHECK_TEXT(err.message, missing);
	CHECK(err.code == ERROR_NOT_FOUND);
}

static void check_found(struct store *s, const char *name, const char *want)
{
	auto_store_image image = {0};
	struct error err;
	int found = store_image_find(s, name, &image, &err);

	CHECK(found == (want != NULL));
	if (found > 0)
		CHECK_TEXT(image.name, want);
}

TEST(images_are_found_as_users_name_them)
{
	auto_directory char *dir = directory_new();
	auto_store struct store *s = store_of(dir);
	auto_store_image image = {0};
	struct error err;

	CHECK_OR_STOP(s);
	CHECK_OK(image_tag(s, "hello:1", "one", 10, &err), err);
	CHECK_OK(image_tag(s, "localhost:5000/hello:1", "two", 10, &err), err);
	CHECK_OK(image_tag(s, "many:1", "three", 10, &err), err);
	CHECK_OK(image_tag(s, "many:2", "three", 10, &err), err);
	check_found(s, "hello:1", "hello:1");
	check_found(s, "hello", "hello:1");
	check_found(s, "localhost:5000/hello", "localhost:5000/hello:1");
	check_found(s, "localhost", NULL);
	check_found(s, "hell", NULL);
	check_found(s, "hello:2", NULL);
	CHECK(store_image_find(s, "many", &image, &err) == -1 && err.code == ERROR_CONFLICT);
	CHECK_TEXT(err.message, "'many' is ambiguous: many:1, many:2");
	CHECK_TEXT(err.hint, "give the full name, or more digits of the digest");
	CHECK(store_image_find(s, "hello:1", &image, &err) == 1);
	char digits[80];

	check_found(s, image.manifest.digest.text, "hello:1");
	snprintf(digits, sizeof(digits), "%.6s", digest_hex(&image.manifest.digest));
	check_found(s, digits, "hello:1");
	snprintf(digits, sizeof(digits), "sha256:%.12s", digest_hex(&image.manifest.digest));
	check_found(s, digits, "hello:1");
	snprintf(digits, sizeof(digits), "%.5s", digest_hex(&image.manifest.digest));
	check_found(s, digits, NULL);
	store_image_release(&image);
	/* two names of one image are not ambiguous */
	CHECK(store_image_find(s, "many:2", &image, &err) == 1);
	check_found(s, image.manifest.digest.text, "many:1");
}

/* An index.json as other tools may leave it. */
TEST(what_other_tools_wrote_stays)
{
	auto_directory char *dir = directory_new();
	auto_store struct store *s = store_of(dir);
	auto_free char *path = path_join(dir, "oci/index.json");
	auto_text index = {0};
	auto_text after = {0};
	auto_store_images list = {0};
	struct descriptor d;
	struct error err;

	CHECK_OR_STOP(s);
	CHECK_OK(image_put(s, "one", 10, &d, &err), err);
	text_addf(
		&index,
		"{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"" OCI_TYPE_MANIFEST
		"\",\"digest\":\"%s\",\"size\":%d,\"platform\":{\"architecture\":\"amd64\",\"os\":"
		"\"linux\"},\"annotations\":{\"x\":\"y\"},\"z\":1}]}",
		d.digest.text, (int)d.size);
	CHECK_OK(file_write_cache(path, index.bytes, index.len, 0644, &err), err);
	CHECK_OK(image_tag(s, "b:1", "two", 10, &err), err);
	CHECK_OK(store_images_list(s, &list, &err), err);
	CHECK_OR_STOP(list.n == 2);
	CHECK_TEXT(list.items[1].name, d.digest.text);
	CHECK_OK(store_untag(s, "b:1", &err), err);
	CHECK_OK(file_read(path, 10000, &after, &err), err);
	CHECK(strstr(text_str(&after),
		     "\"annotations\":{\"x\":\"y\"},\"platform\":{\"architecture\":"
		     "\"amd64\",\"os\":\"linux\"},\"z\":1}]}") != NULL);
	CHECK_OK(store_untag(s, d.digest.text, &err), err);
	CHECK(!store_untag(s, "b:1", &err) && err.code == ERROR_NOT_FOUND);
	CHECK_TEXT(err.message, "no image 'b:1' in the store");
	CHECK_TEXT(err.hint, "'chutes images' lists what there is");
}

TEST(a_broken_image_is_still_listed)
{
	auto_directory char *dir = directory_new();
	auto_store struct store *s = store_of(dir);
	auto_store_images list = {0};
	auto_manifest m = {0};
	auto_image_config c = {0};
	struct descriptor d;
	struct error err;

	CHECK_OR_STOP(s);
	CHECK_OK(image_put(s, "one", 10, &d, &err) && store_tag(s, "a:1", &d, &err), err);
	auto_free char *path =
		xprintf("%s/blobs/sha256/%s", store_oci_path(s), digest_hex(&d.digest));

	CHECK_OK(file_write_cache(path, "{}", 2, 0444, &err), err);
	CHECK_OK(store_images_list(s, &list, &err), err);
	CHECK(list.n == 1 && list.items[0].size_bytes == 0);
	CHECK(!store_image_load(s, &d.digest, &m, &c, &err) && err.code == ERROR_BUILD);
	CHECK_OK(store_untag(s, "a:1", &err), err);
}

TEST(the_platform_of_an_index)
{
	static const char multi[] =
		"{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"x\",\"digest\":\"%s\",\"size\":"
		"1,\"platform\":{\"os\":\"linux\",\"architecture\":\"%s\"}}]}";
	auto_directory char *dir = directory_new();
	auto_store struct store *s = store_of(dir);
	static const char *const architectures[] = {NULL, "pdp11"};
	struct descriptor image;
	struct error err;

	CHECK_OR_STOP(s);
	CHECK_OK(image_put(s, "one", 10, &image, &err), err);
	for (size_t i = 0; i < array_len(architectures); i++) {
		auto_manifest m = {0};
		auto_image_config c = {0};
		auto_text text = {0};
		struct descriptor index;
		const char *architecture =
			architectures[i] ? architectures[i] : platform_architecture();

		text_add(&text, "");
		text_addf(&text, multi, image.digest.text, architecture);
		CHECK_OK(store_blob_put(s, OCI_TYPE_INDEX, &text, &index, &err), err);
		CHECK(store_image_load(s, &index.digest, &m, &c, &err) == !architectures[i]);
		auto_free char *want = xprintf("'%s': no image for linux/%s, only for linux/pdp11",
					       index.digest.text, platform_architecture());

		if (architectures[i])
			CHECK_TEXT(err.message, want);
	}
}

static char *tree_put(struct store *s, const char *word)
{
	struct digest id = digest_of(word, strlen(word));
	struct tree_info info = {.diff_id = id, .bytes = 100};
	const char *tmp = NULL;
	char *path = NULL;
	struct error err;

	CHECK_OK(store_tmp(s, &tmp, &err), err);
	auto_free char *upper = path_join(tmp, "upper");

	CHECK_OK(directory_make(upper, 0755, &err), err);
	CHECK_OK(store_tree_commit(s, &id, upper, &info, &path, &err), err);
	return path;
}

TEST(the_collector_keeps_what_is_referred_to)
{
	auto_directory char *dir = directory_new();
	struct store *builder = store_of(dir);
	auto_store struct store *s = store_of(dir);
	struct store_gc_report report = {0};
	struct error err;

	CHECK_OR_STOP(s && builder);
	CHECK_OK(image_tag(builder, "a:1", "one", 1000, &err), err);
	CHECK_OK(image_tag(builder, "b:1", "two", 1000, &err), err);
	/* the layer "one" is its own diff id: this is its tree */
	auto_text layer = {0};

	text_add(&layer, "one");
	while (layer.len < 1000)
		text_add_char(&layer, 'x');
	auto_free char *tree = tree_put(builder, text_str(&layer));
	auto_free char *other = tree_put(builder, "nobody's");

	CHECK(n_blobs(s) == 6);
	CHECK_OK(store_untag(s, "b:1", &err), err);
	/* the builder lives: its leases hold everything */
	CHECK_OK(store_gc(s, &report, &err), err);
	CHECK(report.n_blobs == 0 && report.n_trees == 0 && n_blobs(s) == 6);
	store_close(builder);
	CHECK_OK(store_gc(s, &report, &err), err);
	CHECK(report.n_blobs == 3 && report.n_trees == 1 && report.bytes > 1100);
	CHECK(n_blobs(s) == 3 && file_exists(tree) && !file_exists(other));
	CHECK_OK(store_is_sound(s, &err), err);
	CHECK_OK(store_untag(s, "a:1", &err), err);
	CHECK_OK(store_gc(s, &report, &err), err);
	CHECK(n_blobs(s) == 0 && count(s, "t") == 0 && count(s, "leases") == 0);
	CHECK(report.bytes_cached == 0);
}

TEST(records_keep_their_blobs_for_two_weeks)
{
	auto_directory char *dir = directory_new();
	struct store *builder = store_of(dir);
	auto_store struct store *s = store_of(dir);
	auto_free char *path = path_join(dir, "steps/ab/abcdef");
	struct store_gc_report report = {0};
	auto_text record = {0};
	struct descriptor d;
	struct error err;

	CHECK_OR_STOP(s && builder);
	CHECK_OK(image_put(builder, "one", 10, &d, &err), err);
	text_addf(&record, "{\"blobs\":[{\"digest\":\"%s\"}],\"x\":\"sha256:12\"}\n",
		  d.digest.text);
	CHECK_OK(store_record_put(builder, "steps", "abcdef", &record, &err), err);
	store_close(builder);
	time_t now = time(NULL);

	for (int days = 13; days <= 15; days += 2) {
		struct timespec old[2] = {{.tv_sec = now - days * 86400L},
					  {.tv_sec = now - days * 86400L}};

		CHECK(utimensat(AT_FDCWD, path, old, 0) == 0);
		CHECK_OK(store_gc(s, &report, &err), err);
		CHECK(n_blobs(s) == (days == 13) && file_exists(path) == (days == 13));
		CHECK(report.n_blobs == (days == 13 ? 2 : 1));
		CHECK(report.bytes_cached == (days == 13 ? d.size : 0));
	}
}

TEST(the_collector_leaves_files_of_others)
{
	auto_directory char *dir = directory_new();
	auto_store struct store *s = store_of(dir);
	auto_free char *foreign = path_join(dir, "oci/blobs/sha256/put-blob123");
	struct store_gc_report report;
	auto_fd int lock = -1;
	struct error err;

	CHECK_OR_STOP(s);
	CHECK_OK(file_write_cache(foreign, "x", 1, 0644, &err), err);
	CHECK_OK(store_lock_key(s, "0000000000000000", &lock, &err), err);
	fd_close(&lock);
	CHECK_OK(store_lock_key(s, "1111111111111111", &lock, &err), err);
	CHECK_OK(store_gc(s, &report, &err), err);
	CHECK(file_exists(foreign) && report.n_blobs == 0);
	CHECK(count(s, "locks") == 1);
}

TEST(a_damaged_index_stops_the_collector)
{
	auto_directory char *dir = directory_new();
	struct store *builder = store_of(dir);
	auto_free char *index = path_join(dir, "oci/index.json");
	struct store_gc_report report;
	auto_store_images list = {0};
	struct error err;

	CHECK_OR_STOP(builder);
	CHECK_OK(image_tag(builder, "a:1", "one", 1000, &err), err);
	store_close(builder);
	auto_store struct store *s = store_of(dir);

	CHECK_OK(file_write_cache(index, "{", 1, 0644, &err), err);
	CHECK(!store_gc(s, &report, &err) && n_blobs(s) == 3);
	auto_free char *want = xprintf("'%s': invalid image index: line 1, column 1: string or '}' "
				       "expected near end of file",
				       index);

	CHECK_TEXT(err.message, want);
	CHECK(!store_images_list(s, &list, &err));
}

TEST(digests_are_found_in_texts)
{
#define DIGITS_63 "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
	static const char text[] = "sha256:" DIGITS_63 "0 " DIGITS_63 " " DIGITS_63
				   "11 {\"" DIGITS_63 "2\"}G" DIGITS_63 "3";
	auto_strings found = {0};

	store_scan_digests(text, strlen(text), &found);
	CHECK_OR_STOP(found.n == 3);
	CHECK_TEXT(found.items[0], DIGITS_63 "0");
	CHECK_TEXT(found.items[1], DIGITS_63 "2");
	CHECK_TEXT(found.items[2], DIGITS_63 "3");
	store_scan_digests(text, 70, &found);
	store_scan_digests(text, 0, &found);
	CHECK(found.n == 3);
}

/* Not used for longer than records are kept. */
static void make_old(const char *path)
{
	struct timespec old[2] = {{.tv_sec = time(NULL) - 20 * 86400L},
				  {.tv_sec = time(NULL) - 20 * 86400L}};

	CHECK(utimensat(AT_FDCWD, path, old, 0) == 0);
}

TEST(records_about_an_image_stay_with_it)
{
	auto_directory char *dir = directory_new();
	struct store *builder = store_of(dir);
	auto_store struct store *s = store_of(dir);
	struct digest tree_id = digest_of("a tree by key", 13);
	auto_text image_record = {0};
	auto_text tree_record = {0};
	struct store_gc_report report;
	struct descriptor d;
	struct error err;

	CHECK_OR_STOP(s && builder);
	CHECK_OK(image_put(builder, "one", 10, &d, &err), err);
	CHECK_OK(store_tag(builder, "a:1", &d, &err), err);
	auto_free char *tree = tree_put(builder, "a tree by key");

	/* the image names a tree by a bare key, the tree's record has nothing but its own */
	text_addf(&image_record, "{\"trees\":[\"%s\"]}", digest_hex(&tree_id));
	text_add(&tree_record, "{}");
	CHECK_OK(store_record_put(builder, "images", digest_hex(&d.digest), &image_record, &err),
		 err);
	CHECK_OK(store_record_put(builder, "blobs", digest_hex(&tree_id), &tree_record, &err), err);
	store_close(builder);
	auto_free char *image_path =
		xprintf("%s/images/%.2s/%s", dir, digest_hex(&d.digest), digest_hex(&d.digest));
	auto_free char *tree_path =
		xprintf("%s/blobs/%.2s/%s", dir, digest_hex(&tree_id), digest_hex(&tree_id));

	make_old(image_path);
	make_old(tree_path);
	CHECK_OK(store_gc(s, &report, &err), err);
	CHECK(report.n_trees == 0 && report.bytes_cached == 0);
	CHECK(file_exists(tree) && file_exists(image_path) && file_exists(tree_path));
	CHECK_OK(store_untag(s, "a:1", &err), err);
	CHECK_OK(store_gc(s, &report, &err), err);
	CHECK(report.n_trees == 1 && report.n_blobs == 3);
	CHECK(!file_exists(tree) && !file_exists(image_path) && !file_exists(tree_path));
}

TEST(files_among_the_records_are_records)
{
	auto_directory char *dir = directory_new();
	auto_store struct store *s = store_of(dir);
	auto_free char *stat = path_join(dir, "stat");
	auto_free char *young = path_join(stat, "0123");
	auto_free char *old = path_join(stat, "4567");
	struct store_gc_report report;
	struct error err;

	CHECK_OR_STOP(s);
	CHECK_OK(directory_make(stat, 0700, &err), err);
	CHECK_OK(file_write_cache(young, "\0binary", 7, 0600, &err), err);
	CHECK_OK(file_write_cache(old, "\0binary", 7, 0600, &err), err);
	make_old(old);
	CHECK_OK(store_gc(s, &report, &err), err);
	CHECK(file_exists(young) && !file_exists(old));
}
