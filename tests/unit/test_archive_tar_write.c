/* SPDX-License-Identifier: MIT */
#include "lib/archive/archive.h"

#include "lib/archive/tar_internal.h"
#include "lib/base/memory.h"
#include "tests/unit/tap.h"

/* One entry's headers, without data and end. */
static bool write_entry(const struct tar_entry *entry, struct text *out, struct error *err)
{
	struct tar_writer *w = tar_writer_new(sink_of_text(out));
	bool done = tar_writer_entry(w, entry, err);

	tar_writer_free(w);
	return done;
}

static const struct tar_header *header_at(const struct text *t, size_t offset)
{
	return offset + TAR_BLOCK <= t->len ? (const void *)(t->bytes + offset) : NULL;
}

/* `len` bytes of 'a' in directories of `step` characters; caller frees. */
static char *long_path(size_t len, size_t step)
{
	char *path = xcalloc(1, len + 1);

	for (size_t i = 0; i < len; i++)
		path[i] = i % (step + 1) == step && i + 1 < len ? '/' : 'a';
	return path;
}

/* Every byte of a file's archive, as POSIX.1-2017 "pax, ustar Interchange Format" lays it out. */
TEST(golden_bytes)
{
	const struct tar_entry entry = {.path = "etc/motd",
					.type = '0',
					.mode = 0644,
					.uid = 1000,
					.gid = 100,
					.size = 3,
					.mtime = 1700000000};
	static const struct {
		size_t offset;
		const char *bytes;
	} fields[] = {
		{0, "etc/motd"},      {100, "0000644"},     {108, "0001750"}, {116, "0000144"},
		{124, "00000000003"}, {136, "14524770400"}, {156, "0"},       {257, "ustar"},
		{263, "00"},          {329, "0000000"},     {337, "0000000"}, {512, "hi\n"},
	};
	unsigned char want[TAR_BLOCK * 4] = {0};
	auto_text got = {0};
	struct error err;
	struct tar_writer *w = tar_writer_new(sink_of_text(&got));
	unsigned sum = 8 * ' ';

	CHECK_OK(tar_writer_entry(w, &entry, &err), err);
	CHECK_OK(tar_writer_data(w, "h", 1, &err), err);
	CHECK_OK(tar_writer_data(w, "i\n", 2, &err), err);
	CHECK_OK(tar_writer_data(w, "", 0, &err), err);
	CHECK_OK(tar_writer_finish(w, &err), err);
	tar_writer_free(w);
	for (size_t i = 0; i < array_len(fields); i++)
		memcpy(want + fields[i].offset, fields[i].bytes, strlen(fields[i].bytes));
	for (size_t i = 0; i < TAR_BLOCK; i++)
		sum += want[i];
	snprintf((char *)want + 148, 8, "%06o", sum);
	want[155] = ' ';
	CHECK(got.len == sizeof(want) && memcmp(got.bytes, want, sizeof(want)) == 0);
}

TEST(kinds)
{
	static const struct tar_entry entries[] = {
		{.path = "d", .type = '5', .mode = 01777},
		{.path = "l", .type = '2', .mode = 0777, .link = "../target"},
		{.path = "h", .type = '1', .mode = 0644, .link = "d/f"},
		{.path = "c", .type = '3', .mode = 0666, .device_major = 1, .device_minor = 3},
		{.path = "p", .type = '6', .mode = 0600},
	};

	for (size_t i = 0; i < array_len(entries); i++) {
		auto_text got = {0};
		struct error err;

		CHECK_OK(write_entry(&entries[i], &got, &err), err);
		const struct tar_header *h = header_at(&got, 0);

		CHECK_OR_STOP(h && got.len == TAR_BLOCK);
		CHECK(h->type == entries[i].type);
		CHECK_TEXT(h->name, entries[i].type == '5' ? "d/" : entries[i].path);
		CHECK_TEXT(h->link, entries[i].link ? entries[i].link : "");
		CHECK(strtoul(h->mode, NULL, 8) == entries[i].mode);
		CHECK(strtoul(h->device_minor, NULL, 8) == entries[i].device_minor);
		CHECK(strtoul(h->checksum, NULL, 8) == tar_checksum(h));
	}
}

TEST(paths_are_split_before_pax)
{
	static const struct {
		size_t len, step;
		size_t prefix; /* bytes in the prefix field */
		bool has_pax;
	} cases[] = {
		{100, 200, 0, false}, /* just fits the name field */
		{101, 200, 0, true},  /* nothing to split at */
		{101, 1, 99, false},  {256, 155, 155, false}, {257, 155, 0, true},
		{255, 156, 0, true},  {151, 50, 101, false},  {156, 77, 77, false},
	};

	for (size_t i = 0; i < array_len(cases); i++) {
		auto_free char *path = long_path(cases[i].len, cases[i].step);
		const struct tar_entry entry = {.path = path, .type = '0'};
		auto_text got = {0};
		struct error err;

		CHECK_OK(write_entry(&entry, &got, &err), err);
		const struct tar_header *h = header_at(&got, cases[i].has_pax ? 2 * TAR_BLOCK : 0);

		CHECK_OR_STOP(h);
		CHECK(h->type == '0' && (got.bytes[156] == 'x') == cases[i].has_pax);
		if (!CHECK(strnlen(h->prefix, sizeof(h->prefix)) == cases[i].prefix))
			printf("# case %zu: %zu\n", i, strnlen(h->prefix, sizeof(h->prefix)));
	}
}

/* A directory's own slash is no place to split at: the name field must not be empty. */
TEST(the_slash_of_a_directory)
{
	for (size_t len = 99; len <= 160; len++) {
		auto_free char *path = long_path(len, 200);
		const struct tar_entry entry = {.path = path, .type = '5'};
		auto_text got = {0};
		struct error err;

		CHECK_OK(write_entry(&entry, &got, &err), err);
		const struct tar_header *h = header_at(&got, got.len - TAR_BLOCK);

		CHECK(h->name[0] == 'a' && h->prefix[0] == '\0');
		CHECK((got.len > TAR_BLOCK) == (len > 99));
	}
}

static void check_records(const struct tar_entry *entry, const char *want, size_t len)
{
	auto_text got = {0};
	struct error err;

	CHECK_OK(write_entry(entry, &got, &err), err);
	const struct tar_header *h = header_at(&got, 0);

	CHECK_OR_STOP(h);
	if (len == 0) {
		CHECK(h->type == entry->type && got.len == TAR_BLOCK);
		return;
	}
	CHECK(h->type == 'x');
	CHECK_TEXT(h->name, "PaxHeaders/0");
	CHECK(strtoul(h->size, NULL, 8) == len);
	CHECK(got.len >= TAR_BLOCK + len && memcmp(got.bytes + TAR_BLOCK, want, len) == 0);
	CHECK(header_at(&got, got.len - TAR_BLOCK)->type == entry->type);
}

TEST(records)
{
	static const struct xattr xattrs[] = {{"security.capability", "\1\0\0\2", 4},
					      {"user.note", "\xff", 1}};
	static const char two_xattrs[] = "41 SCHILY.xattr.security.capability=\1\0\0\2\n"
					 "28 SCHILY.xattr.user.note=\xff\n";
	static const struct {
		struct tar_entry entry;
		const char *want;
		size_t len;
	} cases[] = {
		{{.path = "\xc3\xa9", .type = '0'}, "11 path=\xc3\xa9\n", 11},
		{{.path = "\xff", .type = '0'}, "21 hdrcharset=BINARY\n9 path=\xff\n", 30},
		{{.path = "l", .type = '2', .link = "\xe9"},
		 "21 hdrcharset=BINARY\n14 linkpath=\xe9\n",
		 35},
		{{.path = "s", .type = '0', .size = TAR_SIZE_MAX}, "", 0},
		{{.path = "s", .type = '0', .size = TAR_SIZE_MAX + 1}, "19 size=8589934592\n", 19},
		{{.path = "u", .type = '0', .uid = TAR_ID_MAX, .gid = TAR_ID_MAX}, "", 0},
		{{.path = "u", .type = '0', .uid = TAR_ID_MAX + 1, .gid = TAR_ID_MAX + 2},
		 "15 uid=2097152\n15 gid=2097153\n",
		 30},
		{{.path = "m", .type = '0', .mtime = -1}, "", 0},
		{{.path = "m", .type = '0', .mtime = INT64_C(8589934592)},
		 "20 mtime=8589934592\n",
		 20},
		{{.path = "x", .type = '0', .xattrs = xattrs, .n_xattrs = 2},
		 two_xattrs,
		 sizeof(two_xattrs) - 1},
	};

	for (size_t i = 0; i < array_len(cases); i++)
		check_records(&cases[i].entry, cases[i].want, cases[i].len);
}

TEST(a_link_over_100_bytes)
{
	auto_free char *target = long_path(101, 10);
	struct tar_entry entry = {.path = "l", .type = '2', .link = target};
	auto_free char *want = xprintf("115 linkpath=%s\n", target);

	check_records(&entry, want, 115);
	target[100] = '\0';
	check_records(&entry, "", 0);
}

/* The length counts its own digits: around 10, 100 and 1,000 it takes one more. */
TEST(record_lengths)
{
	char value[1100];

	memset(value, 'v', sizeof(value));
	for (size_t len = 1; len < sizeof(value); len++) {
		auto_text record = {0};

		pax_add(&record, "k", value, len);
		CHECK_OR_STOP(strtoul(text_str(&record), NULL, 10) == record.len);
	}
}

TEST(attributes_that_cannot_be_written)
{
	static const struct xattr empty = {"user.empty", "", 0};
	static const struct xattr equals = {"user.a=b", "1", 1};
	auto_free char *bytes = xcalloc(1, TAR_PAX_MAX);
	const struct xattr huge = {"user.huge", bytes, TAR_PAX_MAX};
	const struct tar_entry entries[] = {
		{.path = "f", .type = '0', .xattrs = &empty, .n_xattrs = 1},
		{.path = "f", .type = '0', .xattrs = &equals, .n_xattrs = 1},
		{.path = "f", .type = '0', .xattrs = &huge, .n_xattrs = 1},
	};
	static const char *const want[] = {
		"'f': the attribute 'user.empty' cannot be written to an archive",
		"'f': the attribute 'user.a=b' cannot be written to an archive",
		"'f': names and attributes take 1048608 bytes; the limit is 1048576",
	};

	for (size_t i = 0; i < array_len(entries); i++) {
		auto_text got = {0};
		struct error err = {0};

		CHECK(!write_entry(&entries[i], &got, &err));
		CHECK(err.code == ERROR_BUILD);
		CHECK_TEXT(err.message, want[i]);
	}
}

TEST(a_full_sink)
{
	const struct tar_entry entry = {.path = "f", .type = '0'};
	auto_text got = {.max = TAR_BLOCK - 1};
	struct error err = {0};

	CHECK(!write_entry(&entry, &got, &err));
	CHECK_TEXT(err.message, "more than the limit of 511 bytes");
}
