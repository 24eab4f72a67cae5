/* SPDX-License-Identifier: MIT
 * Limits of the tar reader, one below and one above.
 */
#include "lib/archive/archive.h"

#include "lib/base/memory.h"
#include "tests/unit/tar_by_hand.h"

static void check_limit(const struct text *archive, const struct tar_limits *fits,
			const struct tar_limits *too_small, const char *want)
{
	auto_text seen = {0};
	struct error err = {0};

	CHECK_OK(read_all(archive, fits, &seen, &err), err);
	check_fails(archive, too_small, want);
}

TEST(limit_of_entries_and_bytes)
{
	const struct tar_limits fits = {.max_entries = 2, .max_bytes = 5, .max_path = 10};
	struct tar_limits small = fits;
	auto_text archive = {0};

	add_member(&archive, "a", '0', "123", 3);
	add_member(&archive, "b", '0', "45", 2);
	add_end(&archive);
	small.max_entries = 1;
	check_limit(&archive, &fits, &small,
		    "entry 2 at offset 1024: more than the limit of 1 entries");
	small = fits;
	small.max_bytes = 4;
	check_limit(&archive, &fits, &small,
		    "entry 2 at offset 1024: 'b': more than the limit of 4 bytes");
}

TEST(limit_of_paths)
{
	const struct tar_limits fits = {.max_entries = 2, .max_bytes = 5, .max_path = 6};
	const struct tar_limits small = {.max_entries = 2, .max_bytes = 5, .max_path = 5};
	struct tar_header h = header("l", '2', 0);
	auto_text path = {0};
	auto_text link = {0};

	add_member(&path, "a/bc/d", '0', "", 0);
	check_limit(&path, &fits, &small, "entry 1 at offset 0: a path of 6 bytes; the limit is 5");
	memcpy(h.link, "target", 6);
	seal(&h);
	add_header(&link, &h);
	check_limit(&link, &fits, &small, "entry 1 at offset 0: a path of 6 bytes; the limit is 5");
}

TEST(limit_of_names)
{
	char name[266] = "d/";

	for (size_t len = 259; len <= 260; len++) {
		auto_text archive = {0};
		auto_text seen = {0};
		struct error err = {0};

		memset(name + 2, 'n', len);
		memcpy(name + 2 + len, "/e", 3);
		add_member(&archive, "././@LongLink", 'L', name, strlen(name));
		add_member(&archive, "short", '0', "", 0);
		if (len == 259)
			CHECK_OK(read_all(&archive, NULL, &seen, &err), err);
		else
			check_fails(&archive, NULL,
				    "entry 1 at offset 0: a name of 260 bytes; the limit is 259");
	}
}

TEST(limit_of_attributes)
{
	struct tar_limits limits = tar_limits_default;
	const struct xattr xattrs[] = {{"user.a", "1234", 4}, {"user.b", "1", 1}};
	const struct tar_entry e = {.path = "f", .type = '0', .xattrs = xattrs, .n_xattrs = 2};
	auto_text archive = {0};
	auto_tar_writer struct tar_writer *w = tar_writer_new(sink_of_text(&archive));
	auto_text seen = {0};
	struct error err = {0};

	CHECK_OK(tar_writer_entry(w, &e, &err), err);
	limits.max_xattrs = 2;
	limits.max_xattr_value = 4;
	CHECK_OK(read_all(&archive, &limits, &seen, &err), err);
	limits.max_xattrs = 1;
	check_fails(&archive, &limits, "entry 1 at offset 0: 'f': more than 1 attributes");
	limits.max_xattrs = 2;
	limits.max_xattr_value = 3;
	check_fails(&archive, &limits,
		    "entry 1 at offset 0: 'f': an attribute of 4 bytes; the limit is 3");
}

/* One record that fills the extended header to the last byte, and one byte more. */
TEST(limit_of_extended_headers)
{
	for (size_t more = 0; more < 2; more++) {
		static const char key[] = "1048576 comment=";
		size_t len = TAR_PAX_MAX + more;
		auto_free char *body = xcalloc(1, len);
		auto_text archive = {0};
		auto_text seen = {0};
		struct error err = {0};

		memset(body, 'c', len);
		memcpy(body, key, sizeof(key) - 1);
		body[6] = (char)('6' + more);
		body[len - 1] = '\n';
		add_member(&archive, "PaxHeaders/0", 'x', body, len);
		add_member(&archive, "f", '0', "", 0);
		if (more == 0)
			CHECK_OK(read_all(&archive, NULL, &seen, &err), err);
		else
			CHECK(!read_all(&archive, NULL, &seen, &err));
	}
}

/* Headers that are each below the limit, but together above. */
TEST(limit_of_all_headers)
{
	auto_free char *body = xcalloc(1, TAR_PAX_MAX);
	auto_text archive = {0};

	memset(body, 'c', TAR_PAX_MAX);
	memcpy(body, "1048576 comment=", 16);
	body[TAR_PAX_MAX - 1] = '\n';
	for (int i = 0; i < 5; i++)
		add_member(&archive, "PaxHeaders/0", 'g', body, TAR_PAX_MAX);
	add_member(&archive, "f", '0', "", 0);
	check_fails(&archive, NULL, "entry 1 at offset 0: headers of more than 1048576 bytes");
}
