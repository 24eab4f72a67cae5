/* SPDX-License-Identifier: MIT */
#include "lib/data/yaml_format.h"

#include "lib/base/memory.h"
#include "tests/unit/tap.h"

#include <time.h>

/* b before a before everything else. */
static size_t rank(const char *key)
{
	return strcmp(key, "b") == 0 ? 0 : strcmp(key, "a") == 0 ? 1 : 2;
}

static bool format(const char *text, size_t len, struct text *out, struct error *err)
{
	auto_arena arena = {0};
	auto_findings f = {0};
	struct yaml_source source = yaml_source_new("a.yaml", text, len, &arena);

	return yaml_format(&source, rank, out, &f, err);
}

static void check(const char *text, const char *wanted)
{
	auto_text out = {0};
	auto_text again = {0};
	struct error err;

	if (!format(text, strlen(text), &out, &err))
		text_add(&out, err.message);
	else if (!format(text_str(&out), out.len, &again, &err))
		text_add(&again, err.message);
	if (!tap_note(strcmp(text_str(&out), wanted) == 0, __FILE__, __LINE__, "formatted"))
		printf("# --- text:\n%s# --- got:\n%s# --- want:\n%s# ---\n", text, text_str(&out),
		       wanted);
	if (again.len && !tap_note(strcmp(text_str(&out), text_str(&again)) == 0, __FILE__,
				   __LINE__, "formatted twice"))
		printf("# --- once:\n%s# --- twice:\n%s# ---\n", text_str(&out), text_str(&again));
}

TEST(indentation)
{
	check("a:\n    b: 1\n    c:\n        d: 2\n", "a:\n  b: 1\n  c:\n    d: 2\n");
	check("a:\n b: 1\n c:\n  d: 2\n", "a:\n  b: 1\n  c:\n    d: 2\n");
	check("a:\n- b\n- c\nk: 1\n", "a:\n  - b\n  - c\nk: 1\n");
	check("a:\n    - b\n    - c\nk: 1\n", "a:\n  - b\n  - c\nk: 1\n");
	check("a:\n-   b: 1\n    c: 2\n-   d:\n    - e\n",
	      "a:\n  - b: 1\n    c: 2\n  - d:\n      - e\n");
	check("-   -   a\n    -   b\n", "- - a\n  - b\n");
	check("  a: 1\n  b: 2\n", "b: 2\na: 1\n");
	check("a:\n    text\n", "a:\n  text\n");
	check("a:\n  -\n    b: 1\n  - # c\n    d: 1\n", "a:\n  -\n    b: 1\n  - # c\n    d: 1\n");
	check("a:\n  - &x\n    b: 1\n  - *x\n", "a:\n  - &x\n    b: 1\n  - *x\n");
}

TEST(blanks)
{
	check("a:   1\nb :  2   \nc:\t3\n", "b: 2\na: 1\nc: 3\n");
	check("a:   1    # note  \n", "a: 1    # note\n");
	check("a:    # note\n  b: 1\n", "a:    # note\n  b: 1\n");
	check("a: {b:   1,   c: [ 2 ]}\n", "a: {b:   1,   c: [ 2 ]}\n");
	check("a: \"b  c\"\nk: 'e'\n", "a: \"b  c\"\nk: 'e'\n");
	check("a: 1", "a: 1\n");
	check("a: 1\n\n\n", "a: 1\n");
	check("\n\na: 1\n\n\n\nc: 2\n", "a: 1\n\nc: 2\n");
	check("a: 1\r\nc:\r\n    d: 2\r\n", "a: 1\nc:\n  d: 2\n");
	check("\xef\xbb\xbf"
	      "a:  1\n",
	      "a: 1\n");
	check("a: 1 #\xc3\xa9\n\"\xc3\xa9\":  2\n", "a: 1 #\xc3\xa9\n\"\xc3\xa9\": 2\n");
}

TEST(texts)
{
	check("a: |\n      b\n        c\n\n      d  \nc:\n    e: |\n            f\n",
	      "a: |\n      b\n        c\n\n      d  \nc:\n  e: |\n          f\n");
	check("c:\n e: |\n   f\n   \n     g\n", "c:\n  e: |\n    f\n    \n      g\n");
	check("c:\n e: |2\n    f\n   g\n", "c:\n  e: |2\n     f\n    g\n");
	check("c: |+\n  f\n\n\nk: 1\n", "c: |+\n  f\n\n\nk: 1\n");
	check("c: |\n  f\n\n\nk: 1\n", "c: |\n  f\n\nk: 1\n");
	check("c: >-\n  f\n  # no comment\n# comment\nk: 1\n",
	      "c: >-\n  f\n  # no comment\n# comment\nk: 1\n");
	check("c:\n    e: one\n      two\n\n      three\n", "c:\n  e: one\n    two\n\n    three\n");
	check("c:\n e: one\n  two\n", "c:\n  e: one\n    two\n");
	check("c:\n    e: \"one\n      two  \n   three\"\n",
	      "c:\n  e: \"one\n    two  \n three\"\n");
	check("c:\n    e: [\n      1,   \n\n      2\n    ]\n",
	      "c:\n  e: [\n    1,\n\n    2\n  ]\n");
	/* a last line that has no end is not given one where that would be another text */
	check("c: |\n  f", "c: |\n  f");
	check("c: |-\n  f", "c: |-\n  f\n");
	check("c: |\n  f\na: 1", "a: 1\nc: |\n  f\n");
}

TEST(order)
{
	check("c: 1\na: 2\nb: 3\nk: 4\n", "b: 3\na: 2\nc: 1\nk: 4\n");
	check("# c's\nc: 1 # with c\n\n# a's\n# too\na:\n  # inside\n  x: 2\n",
	      "# a's\n# too\na:\n  # inside\n  x: 2\n\n# c's\nc: 1 # with c\n");
	check("# the head\n\n# c's\nc: 1\na: 2\n", "# the head\n\na: 2\n# c's\nc: 1\n");
	check("# yaml-language-server: $schema=x\nc: 1\na: 2\n",
	      "# yaml-language-server: $schema=x\na: 2\nc: 1\n");
	check("c: 1\na: 2\n# the foot\n", "a: 2\nc: 1\n# the foot\n");
	check("c: 1\na: 2\n\n# the foot\n", "a: 2\nc: 1\n\n# the foot\n");
	check("c:\n  - 1\n  # - 2\na:\n  - 3\n  # - 4\n",
	      "a:\n  - 3\n  # - 4\nc:\n  - 1\n  # - 2\n");
	check("c:\n    x:\n        - 1\n        # - 2\n    # y: 3\na: 4\n",
	      "a: 4\nc:\n  x:\n    - 1\n    # - 2\n  # y: 3\n");
	check("c:\n# over x\n  x: 1\n", "c:\n  # over x\n  x: 1\n");
	check("a:\n # b\n- c\n", "a:\n  # b\n  - c\n");
	check("a:\n  c: 1\n     # b\n", "a:\n  c: 1\n    # b\n");
	check("---\nc: 1\na: 2\n...\n", "---\na: 2\nc: 1\n...\n");
	check("%YAML 1.2\n---\nc: 1\na: 2\n", "%YAML 1.2\n---\na: 2\nc: 1\n");
	check("\"c\": 1\n'a': 2\n", "'a': 2\n\"c\": 1\n");
	check("- c: 1\n- a: 2\n", "- c: 1\n- a: 2\n");
	check("{c: 1,  a: 2}\n", "{c: 1,  a: 2}\n");
	check("# only\n# comments\n---\na: 1\n", "# only\n# comments\n---\na: 1\n");
	/* an anchor must stay above its alias */
	check("c: &x   1\na: *x\n", "c: &x   1\na: *x\n");
}

TEST(refused)
{
	static const char odd[] = "the formatted text would not mean the same";

	check("? a\n: b\n", odd);
	check("--- {a: b}\n", odd);
	check("a: 1\rb: 2\n", odd);
	check("a: 1\r\r\n", odd);
	check("a: 1\n#\xc2\x85", odd);
	check("a: [\n", "1 error found");
	check("a: 1\na: 2\n", "1 error found");
	check("", "1 error found");
	check("a: !b c\n", "1 error found");
}

TEST(large)
{
	enum { N = 60000 };
	auto_text text = {0};
	auto_text out = {0};
	struct error err;
	clock_t began = clock();

	for (int i = 0; i < N; i++)
		text_addf(&text, "%s%d:  a\n", i % 2 ? "k" : "x-", i);
	CHECK_OK(format(text_str(&text), text.len, &out, &err), err);
	CHECK(out.len == text.len - N);
	CHECK(clock() - began < 2 * tap_slowness() * CLOCKS_PER_SEC);
}
