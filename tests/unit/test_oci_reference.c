/* SPDX-License-Identifier: MIT */
#include "lib/oci/oci.h"

#include "tests/unit/tap.h"

#define EMPTY_HEX "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define A32       "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define A128      A32 A32 A32 A32

TEST(digests_are_read_and_made)
{
	struct digest d;
	struct digest sha512;
	struct error err;

	CHECK_OK(digest_parse("sha256:" EMPTY_HEX, &d, &err), err);
	CHECK_TEXT(digest_hex(&d), EMPTY_HEX);
	struct digest empty = digest_of("", 0);

	CHECK(digest_is_equal(&d, &empty) && digest_is_set(&d));
	CHECK_OK(digest_parse("sha512:" A128, &sha512, &err), err);
	CHECK_TEXT(digest_hex(&sha512), A128);
	CHECK(!digest_is_set(&(struct digest){0}));
	CHECK_TEXT(digest_hex(&(struct digest){0}), "");
}

TEST(digests_that_are_none)
{
	static const struct {
		const char *text;
		const char *message;
	} cases[] = {
		{"", "invalid digest '': it must begin with sha256: or sha512:"},
		{"md5:00", "invalid digest 'md5:00': it must begin with sha256: or sha512:"},
		{"sha256:00", "invalid digest 'sha256:00': 64 hex digits in lower case expected"},
		{"sha256:" A32 A32 "a",
		 "invalid digest 'sha256:" A32 A32 "a': 64 hex digits in lower case expected"},
		{"sha256:" A32 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		 "invalid digest 'sha256:" A32
		 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA': 64 hex digits in lower case expected"},
		{"sha256:../../../../../../../../../../../../../../../../etc/passwd-xxxxx",
		 "invalid digest "
		 "'sha256:../../../../../../../../../../../../../../../../etc/passwd-xxxxx': 64 hex "
		 "digits in lower case expected"},
	};

	for (size_t i = 0; i < array_len(cases); i++) {
		struct digest d = {"kept"};
		struct error err;

		CHECK(!digest_parse(cases[i].text, &d, &err));
		CHECK_TEXT(err.message, cases[i].message);
		CHECK_TEXT(d.text, "kept");
		CHECK(err.code == ERROR_USAGE);
	}
}

TEST(chain_ids_follow_the_specification)
{
	struct digest one = digest_of("1", 1);
	struct digest two = digest_of("2", 1);
	struct digest below = chain_id(NULL, &one);
	auto_text both = {0};

	CHECK(digest_is_equal(&below, &one));
	text_addf(&both, "%s %s", one.text, two.text);
	struct digest want = digest_of(both.bytes, both.len);
	struct digest got = chain_id(&below, &two);

	CHECK_TEXT(got.text, want.text);
}

TEST(references_are_taken_apart)
{
	static const struct {
		const char *text;
		const char *registry;
		const char *path;
		const char *tag;
		bool has_digest;
	} cases[] = {
		{"hello", NULL, "hello", NULL, false},
		{"hello:3f9c0a1b22de", NULL, "hello", "3f9c0a1b22de", false},
		{"library/debian:12-slim", NULL, "library/debian", "12-slim", false},
		{"localhost/a", "localhost", "a", NULL, false},
		{"localhost:5000/a:1", "localhost:5000", "a", "1", false},
		{"ghcr.io/o/r:v1.0_x@sha256:" EMPTY_HEX, "ghcr.io", "o/r", "v1.0_x", true},
		{"a@sha256:" EMPTY_HEX, NULL, "a", NULL, true},
		{"[2001:db8::1]:5000/x/y", "[2001:db8::1]:5000", "x/y", NULL, false},
		{"Host/x", "Host", "x", NULL, false},
		{"x/a__b.c---d/e_f", NULL, "x/a__b.c---d/e_f", NULL, false},
		{"my-host.example/x", "my-host.example", "x", NULL, false},
		{"me/sha256:1", NULL, "me/sha256", "1", false},
	};

	for (size_t i = 0; i < array_len(cases); i++) {
		auto_reference r = {0};
		struct error err;

		CHECK_OK(reference_parse(cases[i].text, &r, &err), err);
		CHECK_TEXT(r.registry ? r.registry : "none",
			   cases[i].registry ? cases[i].registry : "none");
		CHECK_TEXT(r.path, cases[i].path);
		CHECK_TEXT(r.tag ? r.tag : "none", cases[i].tag ? cases[i].tag : "none");
		CHECK(digest_is_set(&r.digest) == cases[i].has_digest);
	}
}

TEST(references_that_are_none)
{
	static const char tag_text[] =
		" is not 1 to 128 of letters, digits and _.-, beginning with "
		"none of .-";
	static const char path_text[] =
		" is not lower-case letters and digits joined by / . _ __ or -";
	static const struct {
		const char *text;
		const char *what;
		const char *rule;
	} cases[] = {
		{"", "''", path_text},
		{"Hello", "'Hello'", path_text},
		{"a//b", "'a//b'", path_text},
		{"a/", "'a/'", path_text},
		{"/a", "'/a'", path_text},
		{"-a", "'-a'", path_text},
		{"a-", "'a-'", path_text},
		{"a___b", "'a___b'", path_text},
		{"a..b", "'a..b'", path_text},
		{"a b", "'a b'", path_text},
		{"../x", "'..' is not a registry's host[:port]", ""},
		{"localhost/", "''", path_text},
		{"a:", "tag ''", tag_text},
		{"a:.x", "tag '.x'", tag_text},
		{"a:x y", "tag 'x y'", tag_text},
		{"a:b:c", "tag 'b:c'", tag_text},
		{"sha256:abc", "'sha256:' begins a digest, not a name", ""},
		{"host:123456/a", "'host:123456' is not a registry's host[:port]", ""},
		{"host:/a", "'host:' is not a registry's host[:port]", ""},
		{"ho_st.x/a", "'ho_st.x' is not a registry's host[:port]", ""},
		{"a@sha256:12", "invalid digest 'sha256:12': 64 hex digits in lower case expected",
		 ""},
	};

	for (size_t i = 0; i < array_len(cases); i++) {
		auto_reference r = {0};
		auto_text want = {0};
		struct error err;

		text_addf(&want, "invalid image reference '%s': %s%s", cases[i].text, cases[i].what,
			  cases[i].rule);
		CHECK(!reference_parse(cases[i].text, &r, &err));
		CHECK_TEXT(err.message, text_str(&want));
		CHECK(!r.path && err.code == ERROR_USAGE);
	}
}

static bool is_reference(const char *prefix, size_t n)
{
	auto_text text = {0};
	auto_reference r = {0};
	struct error err;

	text_add(&text, prefix);
	for (size_t i = 0; i < n; i++)
		text_add_char(&text, 'a');
	return reference_parse(text_str(&text), &r, &err);
}

TEST(lengths_are_limited)
{
	CHECK(is_reference("a:", 128) && !is_reference("a:", 129));
	CHECK(is_reference("", 255) && !is_reference("", 256));
	CHECK(is_reference("localhost/", 245) && !is_reference("localhost/", 246));
}
