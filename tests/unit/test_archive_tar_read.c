/* SPDX-License-Identifier: MIT */
#include "lib/archive/archive.h"

#include "lib/base/memory.h"
#include "tests/unit/tar_by_hand.h"

#include <locale.h>

TEST(an_archive_of_nothing)
{
	auto_text archive = {0};

	check_reads(&archive, "");
	add_end(&archive);
	check_reads(&archive, "");
	/* padding to a record, and whatever stands behind it, is read and ignored */
	for (int i = 0; i < 300; i++)
		text_addf(&archive, "%0512d", 7);
	check_reads(&archive, "");
}

TEST(no_archive)
{
	auto_text archive = {0};

	text_addf(&archive, "%01024d", 7);
	check_fails(&archive, NULL, "not a tar archive");
}

TEST(kinds_and_names)
{
	auto_text archive = {0};

	add_member(&archive, "./", '5', "", 0);
	add_member(&archive, "./a/", '5', "", 0);
	add_member(&archive, ".//a/b", '0', "hello, world", 12);
	add_member(&archive, "contiguous", '7', "x", 1);
	add_member(&archive, "old", '\0', "y", 1);
	add_member(&archive, "olddir/", '\0', "", 0);
	add_member(&archive, "fifo", '6', "", 0);
	add_member(&archive, "/rooted", '0', "", 0);
	add_member(&archive, "../up", '0', "", 0);
	add_member(&archive, "vendor", 'Z', "skip me", 7);
	add_member(&archive, "last", '0', "z", 1);
	add_end(&archive);
	check_reads(&archive, "5 . 0 \n5 a 0 \n0 a/b 12 hello, world\n0 contiguous 1 x\n0 old 1 y\n"
			      "5 olddir 0 \n6 fifo 0 \n0 /rooted 0 \n0 ../up 0 \nZ vendor 0 \n"
			      "0 last 1 z\n");
}

TEST(without_an_end)
{
	auto_text archive = {0};

	add_member(&archive, "a", '0', "x", 1);
	check_reads(&archive, "0 a 1 x\n");
}

TEST(gnu_long_names)
{
	char name[201];
	auto_text archive = {0};
	auto_text want = {0};

	for (size_t i = 0; i < sizeof(name); i++)
		name[i] = i % 50 == 49 ? '/' : 'n';
	name[sizeof(name) - 1] = '\0';
	name[sizeof(name) - 2] = 'n';
	add_member(&archive, "././@LongLink", 'L', name, sizeof(name));
	add_member(&archive, "././@LongLink", 'K', name, sizeof(name) - 1);
	struct tar_header h = header("short", '2', 0);

	memcpy(h.link, "cut", 3);
	seal(&h);
	add_header(&archive, &h);
	add_end(&archive);
	text_addf(&want, "2 %s -> %s 0 \n", name, name);
	check_reads(&archive, text_str(&want));
}

/* --- round trip */

static const struct xattr some_xattrs[] = {{"security.capability", "\1\0\0\2\0", 5},
					   {"user.note", "\xff\n=", 3}};
static const struct tar_entry some_entries[] = {
	{.path = "d", .type = '5', .mode = 01777, .mtime = 1},
	{.path = "d/f", .type = '0', .mode = 04755, .uid = 1000, .gid = 2097152, .size = 5},
	{.path = "h", .type = '1', .mode = 04755, .link = "d/f"},
	{.path = "l", .type = '2', .mode = 0777, .link = "../\xc3\xa9"},
	{.path = "null", .type = '3', .mode = 0666, .device_major = 1, .device_minor = 3},
	{.path = "sda", .type = '4', .mode = 0660, .device_major = 8, .device_minor = 300},
	{.path = "pipe", .type = '6', .mode = 0600, .mtime = INT64_C(9000000000)},
	{.path = "caf\xc3\xa9", .type = '0', .mode = 0644},  /* composed */
	{.path = "cafe\xcc\x81", .type = '0', .mode = 0644}, /* decomposed: another name */
	{.path = "latin1-\xe9", .type = '0', .mode = 0644},
	{.path = "new\nline", .type = '0', .mode = 0644},
	{.path = "attributes", .type = '0', .mode = 0644, .xattrs = some_xattrs, .n_xattrs = 2},
	{.path = "owner", .type = '5', .mode = 0755, .uid = UINT32_MAX - 1, .gid = UINT32_MAX - 1},
};

static void check_equal(const struct tar_entry *got, const struct tar_entry *want)
{
	CHECK_TEXT(got->path, want->path);
	CHECK((got->link != NULL) == (want->link != NULL));
	if (want->link)
		CHECK_TEXT(got->link, want->link);
	CHECK(got->type == want->type && got->mode == want->mode && got->size == want->size);
	CHECK(got->uid == want->uid && got->gid == want->gid && got->mtime == want->mtime);
	CHECK(got->device_major == want->device_major && got->device_minor == want->device_minor);
	CHECK_OR_STOP(got->n_xattrs == want->n_xattrs);
	for (size_t i = 0; i < want->n_xattrs; i++) {
		const struct xattr *a = &got->xattrs[got->n_xattrs - 1 - i];

		CHECK_TEXT(a->name, want->xattrs[i].name);
		CHECK(a->size == want->xattrs[i].size &&
		      memcmp(a->value, want->xattrs[i].value, a->size) == 0);
	}
}

static void round_trip(void)
{
	auto_text archive = {0};
	auto_tar_writer struct tar_writer *w = tar_writer_new(sink_of_text(&archive));
	auto_tar_reader struct tar_reader *r = NULL;
	struct tar_entry got;
	struct error err;

	for (size_t i = 0; i < array_len(some_entries); i++) {
		CHECK_OK(tar_writer_entry(w, &some_entries[i], &err), err);
		CHECK_OK(tar_writer_data(w, "12345", some_entries[i].size, &err), err);
	}
	CHECK_OK(tar_writer_finish(w, &err), err);
	struct memory m = {archive.bytes, archive.len};

	CHECK_OK(tar_reader_open(source_of_memory(&m), NULL, &r, &err), err);
	for (size_t i = 0; i < array_len(some_entries); i++) {
		CHECK_OK(tar_reader_next(r, &got, &err) == 1, err);
		check_equal(&got, &some_entries[i]);
	}
	CHECK(tar_reader_next(r, &got, &err) == 0);
}

TEST(round_trip_in_the_c_locale) { round_trip(); }

TEST(round_trip_in_a_utf8_locale)
{
	if (!setlocale(LC_ALL, "C.UTF-8"))
		SKIP("there is no locale C.UTF-8");
	round_trip();
	setlocale(LC_ALL, "C");
}

/* --- broken archives */

TEST(truncated)
{
	auto_text archive = {0};

	add_member(&archive, "first", '0', "x", 1);
	add_member(&archive, "second", '0', "0123456789", 10);
	archive.len = 2 * TAR_BLOCK + 100;
	check_fails(&archive, NULL, "entry 2 at offset 1024: truncated tar archive");
	archive.len = 3 * TAR_BLOCK + 9;
	check_fails(&archive, NULL, "entry 2 at offset 1024: truncated tar archive");
}

/* With its NUL, or cut where it fills the field. */
#define BYTES(text) sizeof(text) <= 12 ? sizeof(text) : 12, text

TEST(broken_headers)
{
	static const struct {
		size_t offset, size;
		const char *bytes;
		const char *want;
	} cases[] = {
		{offsetof(struct tar_header, size), BYTES("0000000000x"),
		 "the size is not a number"},
		{offsetof(struct tar_header, size), BYTES("-0000000001"),
		 "tar entry has negative size"},
		{offsetof(struct tar_header, size), BYTES("0 0"), "the size is not a number"},
		{offsetof(struct tar_header, size),
		 BYTES("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"),
		 "tar entry has negative size"},
		{offsetof(struct tar_header, size), BYTES("\x81\0\0\0\0\0\0\0\0\0\0\0"),
		 "tar entry size overflow"},
		{offsetof(struct tar_header, mode), BYTES("rwxr-xr"), "the mode is not a number"},
		{offsetof(struct tar_header, uid), BYTES("0000008"), "the owner is not a number"},
		{offsetof(struct tar_header, gid), BYTES("root"), "the owner is not a number"},
		{offsetof(struct tar_header, mtime), BYTES("today"), "the time is not a number"},
		{offsetof(struct tar_header, type), 1, "M", "type 'M' is not supported"},
		{offsetof(struct tar_header, type), 1, "N", "type 'N' is not supported"},
		{offsetof(struct tar_header, type), 1, "D", "type 'D' is not supported"},
		{offsetof(struct tar_header, type), 1, "V", "type 'V' is not supported"},
		{offsetof(struct tar_header, type), 1, "2", "'f' is a link to nothing"},
		{offsetof(struct tar_header, name), BYTES(""), "an empty name"},
	};

	for (size_t i = 0; i < array_len(cases); i++) {
		struct tar_header h = header("f", '0', 0);
		auto_text archive = {0};
		auto_free char *want = xprintf("entry 2 at offset 512: %s", cases[i].want);

		add_member(&archive, "fine", '0', "", 0);
		memcpy((char *)&h + cases[i].offset, cases[i].bytes, cases[i].size);
		seal(&h);
		add_header(&archive, &h);
		add_member(&archive, "next", '0', "", 0);
		add_end(&archive);
		check_fails(&archive, NULL, want);
	}
}

TEST(a_wrong_checksum)
{
	auto_text archive = {0};

	add_member(&archive, "a", '0', "", 0);
	add_member(&archive, "b", '0', "", 0);
	add_end(&archive);
	archive.bytes[TAR_BLOCK] = 'c';
	check_fails(&archive, NULL, "entry 2 at offset 512: damaged tar archive");
}

TEST(big_numbers)
{
	struct tar_header h = header("f", '0', 0);
	const struct tar_limits limits = {10, 1ULL << 40, 4096, 100, 10};
	auto_text archive = {0};
	auto_text seen = {0};
	struct error err;

	/* 2^32 in base-256 as GNU tar writes it; the data is missing */
	memcpy(h.size, "\x80\0\0\0\0\0\0\1\0\0\0\0", 12);
	memcpy(h.mtime, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 12);
	seal(&h);
	add_header(&archive, &h);
	CHECK(!read_all(&archive, &limits, &seen, &err));
	CHECK_TEXT(text_str(&seen), "0 f 4294967296 ");
	CHECK_TEXT(err.message, "entry 1 at offset 0: truncated tar archive");
}

TEST(records)
{
	static const struct {
		const char *records;
		size_t len;
		const char *want; /* NULL: fine */
	} cases[] = {
		{"12 path=new\n", 12, NULL},
		{"14 path=a\0bcd\n", 14, "a name with a NUL byte"},
		{"16 linkpath=a\0b\n", 16, "a name with a NUL byte"},
		{"11 size=-1\n", 11, "tar size attribute is negative"},
		{"11 size=1x\n", 11, "the record 'size' is not a number"},
		{"10 uid=-1\n", 10, "the record 'uid' is not a number"},
		{"29 size=99999999999999999999\n", 29, "tar size attribute overflow"},
		{"13 path=new\n", 12, "malformed extended header"},
		{"11 path=new\n", 12, "malformed extended header"},
		{"12 pathynew\n", 12, "malformed extended header"},
		{"9 =value\n", 9, "damaged archive"},
		{"path=new\n", 9, "malformed extended header"},
		{"12path=newe\n", 12, "malformed extended header"},
		{"99999999999999999999 a=b\n", 25, "malformed extended header"},
		{"18 uid=4294967294\n", 18, NULL},
		{"18 uid=4294967295\n", 18,
		 "'f': the owner 4294967295:0 is outside 0 to 4294967294"},
	};

	for (size_t i = 0; i < array_len(cases); i++) {
		auto_text archive = {0};
		auto_free char *want =
			xprintf("entry 1 at offset 0: %s", cases[i].want ? cases[i].want : "");
		auto_text seen = {0};
		struct error err = {0};

		add_member(&archive, "PaxHeaders/0", 'x', cases[i].records, cases[i].len);
		add_member(&archive, "f", '0', "", 0);
		add_end(&archive);
		if (cases[i].want)
			check_fails(&archive, NULL, want);
		else
			CHECK_OK(read_all(&archive, NULL, &seen, &err), err);
	}
}

TEST(a_nul_in_a_long_name)
{
	auto_text archive = {0};

	add_member(&archive, "././@LongLink", 'L', "evil\0hidden", 11);
	add_member(&archive, "f", '0', "", 0);
	check_fails(&archive, NULL, "entry 1 at offset 0: a name with a NUL byte");
}

TEST(attributes_in_two_forms)
{
	static const char records[] = "35 LIBARCHIVE.xattr.user.note=bmV3\n"
				      "30 SCHILY.xattr.user.note=new\n";
	auto_text archive = {0};
	auto_tar_reader struct tar_reader *r = NULL;
	struct tar_entry e;
	struct error err;

	add_member(&archive, "PaxHeaders/0", 'x', records, sizeof(records) - 1);
	add_member(&archive, "f", '0', "", 0);
	struct memory m = {archive.bytes, archive.len};

	CHECK_OK(tar_reader_open(source_of_memory(&m), NULL, &r, &err), err);
	CHECK_OK(tar_reader_next(r, &e, &err) == 1, err);
	CHECK_OR_STOP(e.n_xattrs == 1);
	CHECK_TEXT(e.xattrs[0].name, "user.note");
	CHECK(e.xattrs[0].size == 3 && memcmp(e.xattrs[0].value, "new", 3) == 0);
}

/* --- sparse files */

/* Data "abc" at 0 and "xyz" at 4096 of a file of 8192 bytes. */
static void check_sparse(const struct text *archive)
{
	struct memory m = {archive->bytes, archive->len};
	auto_tar_reader struct tar_reader *r = NULL;
	char file[8192] = {0};
	struct tar_entry e;
	uint64_t offset;
	size_t got;
	struct error err;

	CHECK_OK(tar_reader_open(source_of_memory(&m), NULL, &r, &err), err);
	CHECK_OK(tar_reader_next(r, &e, &err) == 1, err);
	CHECK_TEXT(e.path, "sparse");
	CHECK_OR_STOP(e.type == '0' && e.size == sizeof(file));
	do {
		char data[2];

		CHECK_OK(tar_reader_data(r, data, sizeof(data), &got, &offset, &err), err);
		CHECK_OR_STOP(got == 0 || offset + got <= sizeof(file));
		if (got > 0)
			memcpy(file + offset, data, got);
	} while (got > 0);
	CHECK(memcmp(file, "abc", 4) == 0 && memcmp(file + 4096, "xyz", 4) == 0);
	CHECK_OK(tar_reader_next(r, &e, &err) == 1, err);
	CHECK_TEXT(e.path, "next");
}

TEST(sparse_pax)
{
	static const char records[] = "22 GNU.sparse.major=1\n22 GNU.sparse.minor=0\n"
				      "26 GNU.sparse.name=sparse\n28 GNU.sparse.realsize=8192\n";
	char body[TAR_BLOCK + 6] = "2\n0\n3\n4096\n3\n";
	auto_text archive = {0};

	memcpy(body + TAR_BLOCK, "abcxyz", 6);
	add_member(&archive, "PaxHeaders/0", 'x', records, sizeof(records) - 1);
	add_member(&archive, "GNUSparseFile.0/sparse", '0', body, sizeof(body));
	add_member(&archive, "next", '0', "", 0);
	add_end(&archive);
	check_sparse(&archive);
}

/* Parts must lie within the file and come in order: the size is what the limits were asked about.
 */
TEST(sparse_parts_outside)
{
	static const char *const maps[] = {
		"1\n8190\n3\n",       /* beyond the end */
		"1\n9000\n3\n",       /* behind the end */
		"2\n4096\n3\n0\n3\n", /* backwards */
	};

	for (size_t i = 0; i < array_len(maps); i++) {
		static const char records[] = "22 GNU.sparse.major=1\n22 GNU.sparse.minor=0\n"
					      "26 GNU.sparse.name=sparse\n"
					      "28 GNU.sparse.realsize=8192\n";
		char body[TAR_BLOCK + 6] = "";
		auto_text archive = {0};

		memcpy(body, maps[i], strlen(maps[i]));
		add_member(&archive, "PaxHeaders/0", 'x', records, sizeof(records) - 1);
		add_member(&archive, "GNUSparseFile.0/sparse", '0', body, sizeof(body));
		add_end(&archive);
		check_fails(&archive, NULL, "entry 1 at offset 0: data outside of its file");
	}
}

TEST(sparse_gnu)
{
	struct tar_header h = header("sparse", 'S', 515);
	char *raw = (char *)&h;
	char body[515] = "abc";
	auto_text archive = {0};

	memcpy(h.magic, "ustar ", 6);
	memcpy(h.version, " ", 2);
	/* GNU's header: pairs of offset and length from 386, whole size at 483 */
	snprintf(raw + 386, 12, "%011o", 0);
	snprintf(raw + 398, 12, "%011o", 512);
	snprintf(raw + 410, 12, "%011o", 4096);
	snprintf(raw + 422, 12, "%011o", 3);
	snprintf(raw + 483, 12, "%011o", 8192);
	seal(&h);
	memcpy(body + 512, "xyz", 3);
	add_header(&archive, &h);
	add_blocks(&archive, body, sizeof(body));
	add_member(&archive, "next", '0', "", 0);
	add_end(&archive);
	check_sparse(&archive);
}

/* Much data between headers: the reader's window moves. */
TEST(headers_far_apart)
{
	size_t len = (5 << 20) + 77;
	auto_free char *body = xcalloc(1, len);
	auto_text archive = {0};
	auto_tar_reader struct tar_reader *r = NULL;
	struct tar_entry e;
	struct error err;

	for (int i = 0; i < 4; i++)
		add_member(&archive, "big", '0', body, len);
	add_end(&archive);
	struct memory m = {archive.bytes, archive.len};

	CHECK_OK(tar_reader_open(source_of_memory(&m), NULL, &r, &err), err);
	for (int i = 0; i < 4; i++)
		CHECK_OK(tar_reader_next(r, &e, &err) == 1, err);
	CHECK(tar_reader_next(r, &e, &err) == 0 && m.len == 0);
}

static bool read_nothing(void *context, void *bytes, size_t size, size_t *got, struct error *err)
{
	(void)context, (void)bytes, (void)size, (void)got;
	return fail(err, ERROR_NETWORK, "the line is cut");
}

TEST(a_failing_source)
{
	struct tar_reader *r = NULL;
	struct error err = {0};

	CHECK(!tar_reader_open((struct source){read_nothing, NULL}, NULL, &r, &err));
	CHECK(!r && err.code == ERROR_NETWORK);
	CHECK_TEXT(err.message, "the line is cut");
}
