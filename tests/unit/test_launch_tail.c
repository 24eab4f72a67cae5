/* SPDX-License-Identifier: MIT */
#include "lib/launch/tail.h"

#include "lib/base/memory.h"
#include "tests/unit/tap.h"

static void check_last(struct tail *t, size_t n, const char *expected)
{
	auto_text got = {0};

	tail_format(t, n, &got);
	CHECK_TEXT(text_str(&got), expected);
}

TEST(the_last_lines)
{
	struct tail *t = NULL;
	struct error err;

	CHECK_OK(tail_new(&t, &err), err);
	check_last(t, 3, "");
	tail_add(t, "one\ntw", 6);
	tail_add(t, "o\nthree\n", 8);
	check_last(t, 0, "one\ntwo\nthree");
	check_last(t, 1, "three");
	check_last(t, 2, "two\nthree");
	check_last(t, 9, "one\ntwo\nthree");
	tail_add(t, "\x1b[2J", 4);
	check_last(t, 1, "\\x1b[2J");
	tail_free(t);
	tail_free(NULL);
}

TEST(old_bytes_are_forgotten)
{
	auto_free char *much = xcalloc(3 * TAIL_BYTES, 1);
	struct tail *t = NULL;
	struct error err;

	CHECK_OK(tail_new(&t, &err), err);
	for (size_t i = 0; i < 3 * TAIL_BYTES; i++)
		much[i] = 'a';
	tail_add(t, "begin\n", 6);
	tail_add(t, much, TAIL_BYTES - 6);
	auto_text whole = {0};

	tail_format(t, 9, &whole);
	CHECK(whole.len == TAIL_BYTES && text_starts_with(text_str(&whole), "begin\naaa"));
	tail_add(t, "b", 1);
	text_clear(&whole);
	tail_format(t, 9, &whole);
	CHECK(text_starts_with(text_str(&whole), "…egin\naaa"));
	tail_add(t, much, 3 * TAIL_BYTES);
	tail_add(t, "\nend\n", 5);
	check_last(t, 1, "end");
	text_clear(&whole);
	tail_format(t, 2, &whole);
	CHECK(text_starts_with(text_str(&whole), "…aaa") &&
	      text_ends_with(text_str(&whole), "a\nend"));
	tail_free(t);
}
