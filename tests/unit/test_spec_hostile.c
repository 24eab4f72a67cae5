/* SPDX-License-Identifier: MIT
 * What people get wrong and what strangers try: the words that YAML 1.1 has a meaning for, the ways
 * in which a file is no text, and documents made to take time or memory.
 */
#include "tests/unit/spec_fixture.h"

#include <time.h>

enum { TIME_MAX_SECONDS = 1, MEMORY_MAX = 64 * 1024 * 1024, SHOWN = 4 };

/* --- words */

/* What a plain scalar is for rows of each type. NULL: refused. */
struct trap {
	const char *word;
	const char *boolean;
	const char *integer;
	const char *number;
	const char *json;
	bool is_null; /* and no text, therefore */
};

static const struct trap traps[] = {
	{"no", .json = "\"no\""},
	{"No", .json = "\"No\""},
	{"yes", .json = "\"yes\""},
	{"on", .json = "\"on\""},
	{"Off", .json = "\"Off\""},
	{"y", .json = "\"y\""},
	{"n", .json = "\"n\""},
	{"true", .boolean = "true", .json = "true"},
	{"FALSE", .boolean = "false", .json = "false"},
	{"tRue", .json = "\"tRue\""},
	{"~", .json = "null", .is_null = true},
	{"null", .json = "null", .is_null = true},
	{"Null", .json = "null", .is_null = true},
	{"NULL", .json = "null", .is_null = true},
	{"nuLL", .json = "\"nuLL\""},
	{"1", .integer = "1", .number = "1", .json = "1"},
	{"1e3", .json = "1e3"},
	{"1E3", .json = "1E3"},
	{"0777"},
	{"0o17"},
	{"0b11", .json = "\"0b11\""},
	{"0x1F"},
	{"12:30", .json = "\"12:30\""},
	{"190:20:30", .json = "\"190:20:30\""},
	{"2001-01-01", .json = "\"2001-01-01\""},
	{"2001-12-14t21:59:43.10-05:00", .json = "\"2001-12-14t21:59:43.10-05:00\""},
	{".inf"},
	{"-.INF"},
	{".nan"},
	{"1_000", .json = "\"1_000\""},
	{"1,000", .json = "\"1,000\""},
	{"+1"},
	{"1."},
	{".5"},
	{"0.5", .number = "0.5", .json = "0.5"},
	{"-0", .json = "-0"},
	{"00"},
	{"=", .json = "\"=\""},
	{"<<", .json = "\"<<\""},
	{"1.10", .json = "1.10"},
	{"3.10", .json = "3.10"},
};

/* Is the line read, and is its only finding the one of a wrong type or range? */
static bool reads(const char *fmt, const char *word, struct spec *spec)
{
	auto_text lines = {0};
	auto_text shown = {0};

	text_add(&lines, fmt);
	text_addf(&lines, "%s\n", word);
	bool is_good = fixture_read(text_str(&lines), spec, &shown);

	if (!is_good)
		tap_note((text_starts_with(text_str(&shown), "E111 ") ||
			  text_starts_with(text_str(&shown), "E113 ")) &&
				 !strchr(text_str(&shown), '\n'),
			 __FILE__, __LINE__, text_str(&shown));
	return is_good;
}

TEST(words_as_text)
{
	for (size_t i = 0; i < array_len(traps); i++) {
		auto_spec spec = {0};
		bool is_good = reads("tagline: ", traps[i].word, &spec);

		tap_note(is_good == !traps[i].is_null, __FILE__, __LINE__, traps[i].word);
		if (is_good)
			CHECK_TEXT(spec.tagline, traps[i].word);
	}
}

TEST(words_as_booleans_and_numbers)
{
	for (size_t i = 0; i < array_len(traps); i++) {
		const struct trap *t = &traps[i];
		auto_spec boolean = {0};
		auto_spec integer = {0};
		auto_spec number = {0};

		tap_note(reads("public: ", t->word, &boolean) == !!t->boolean, __FILE__, __LINE__,
			 t->word);
		if (t->boolean)
			CHECK(boolean.is_public == (t->boolean[0] == 't'));
		tap_note(reads("scaling:\n  concurrency: ", t->word, &integer) == !!t->integer,
			 __FILE__, __LINE__, t->word);
		tap_note(reads("scaling:\n  scaling_threshold: ", t->word, &number) == !!t->number,
			 __FILE__, __LINE__, t->word);
	}
}

TEST(words_as_json)
{
	for (size_t i = 0; i < array_len(traps); i++) {
		const struct trap *t = &traps[i];
		auto_spec spec = {0};
		bool is_good = reads(
			"cords:\n  - function: hello\n    example:\n      a: ", t->word, &spec);

		tap_note(is_good == !!t->json, __FILE__, __LINE__, t->word);
		if (!is_good)
			continue;
		auto_free char *wanted = xprintf("{\"a\":%s}", t->json);

		CHECK_TEXT(spec.cords.items[0].example_json, wanted);
	}
}

/* --- files */

struct file {
	const char *name;
	const char *text;
	size_t len;         /* 0: up to its end */
	const char *wanted; /* the first findings as "CODE line:column message", one per line */
};

/* Read; `shown` gets the first findings. false when it took too much of anything. */
static bool read_file(const char *text, size_t len, struct text *shown)
{
	auto_spec spec = {0};
	auto_findings f = {0};
	struct error err;
	clock_t began = clock(); /* of the processor: others are at work, too */
	bool is_good = spec_parse(text, len, &(struct spec_options){.file = "chute.yaml"}, &spec,
				  &f, &err);

	for (size_t i = 0; i < f.n && i < SHOWN; i++)
		text_addf(shown, "%s%s %zu:%zu %s", i ? "\n" : "", f.items[i].row->code,
			  f.items[i].line, f.items[i].column, f.items[i].message);
	CHECK(f.n <= FINDINGS_MAX);
	CHECK(!is_good || spec.arena.used_bytes < MEMORY_MAX);
	CHECK(is_good == (findings_count(&f, SEVERITY_ERROR) == 0));
	CHECK(is_good || err.code == ERROR_SPEC);
	return clock() - began < tap_slowness() * TIME_MAX_SECONDS * CLOCKS_PER_SEC;
}

static void check_file(const char *name, const char *text, size_t len, const char *wanted)
{
	auto_text shown = {0};

	tap_note(read_file(text, len, &shown), __FILE__, __LINE__, name);
	if (!tap_note(strcmp(text_str(&shown), wanted) == 0, __FILE__, __LINE__, name))
		printf("#   got:  %s\n#   want: %s\n", text_str(&shown), wanted);
}

#define BYTES(s) .text = (s), .len = sizeof(s) - 1

TEST(files)
{
	static const struct file files[] = {
		{"empty", BYTES(""), "E103 0:0 the file holds no document"},
		{"comment", BYTES("# nothing\n"), "E103 0:0 the file holds no document"},
		{"bom only", BYTES("\xef\xbb\xbf"), "E103 0:0 the file holds no document"},
		{"end only", BYTES("..."),
		 "E101 1:1 while parsing a block node: did not find expected node content"},
		{"null", BYTES("~\n"), "E111 1:1 the spec must be a mapping, not nothing"},
		{"list", BYTES("- a\n"), "E111 1:1 the spec must be a mapping, not a list"},
		{"tab", BYTES("version: 1\nscaling:\n\tconcurrency: 1\n"),
		 "E105 3:1 a tab cannot be used for indentation"},
		{"tab behind blanks", BYTES("version: 1\nscaling:\n  \tconcurrency: 1\n"),
		 "E105 3:3 a tab cannot be used for indentation"},
		{"utf-16le", BYTES("\xff\xfev\0e\0r\0"), "E102 0:0 the file is UTF-16 text"},
		{"utf-16be", BYTES("\xfe\xff\0v\0e\0r"), "E102 0:0 the file is UTF-16 text"},
		{"utf-16 without mark", BYTES("v\0e\0r\0s\0"),
		 "E102 1:2 the file is binary: it contains a NUL byte"},
		{"utf-32", BYTES("\xff\xfe\0\0v\0\0\0"), "E102 0:0 the file is UTF-16 text"},
		{"latin-1", BYTES("name: caf\xe9\n"), "E102 1:10 the file is not UTF-8 text"},
		{"overlong", BYTES("name: \xc0\xaf\n"), "E102 1:7 the file is not UTF-8 text"},
		{"surrogate", BYTES("name: \xed\xa0\x80\n"), "E102 1:7 the file is not UTF-8 text"},
		{"nul", BYTES("name: a\0b\n"),
		 "E102 1:8 the file is binary: it contains a NUL byte"},
		{"nul by escape", BYTES("name: \"a\\0b\"\n"),
		 "E102 1:7 the value contains a NUL character"},
		{"control", BYTES("name: a\x1b[31mb\n"),
		 "E102 1:8 a control character stands here"},
		{"alias without anchor", BYTES("name: *a\n"),
		 "E108 1:7 no anchor of this name stands above"},
		{"alias in its anchor", BYTES("name: &a [*a]\n"),
		 "E108 1:11 this alias stands inside its own anchor"},
		{"alias in its anchor, by a key", BYTES("x-a: &a\n  b: *a\n"),
		 "E108 2:6 this alias stands inside its own anchor"},
		{"merge in its anchor", BYTES("x-a: &a\n  <<: *a\n"),
		 "E108 2:7 this alias stands inside its own anchor"},
		{"merge of text", BYTES("x-a: &a b\n<<: *a\n"),
		 "E107 1:6 a merge key '<<' takes mappings only"},
		{"merge of a list", BYTES("x-a: &a [b]\n<<: *a\n"),
		 "E107 1:10 a merge key '<<' takes mappings only"},
		{"alias as key", BYTES("x-a: &a b\n*a : c\n"), "E107 2:1 a key must be plain text"},
		{"yaml 9", BYTES("%YAML 9.9\n---\nname: abc\n"),
		 "E101 1:1 found incompatible YAML document"},
		{"two documents", BYTES("name: abc\n---\nname: abd\n"),
		 "E107 2:1 a second document begins here"},
		{"complex key", BYTES("? [a, b]\n: c\n"), "E107 1:3 a key must be plain text"},
		{"complex map key", BYTES("{a: b}: c\n"), "E107 1:1 a key must be plain text"},
		{"open quote", BYTES("name: \"abc\nversion: 1\n"),
		 "E101 1:7 while scanning a quoted scalar: found unexpected end of stream"},
		{"open bracket", BYTES("name: [abc\nversion: 1\n"),
		 "E101 2:8 while parsing a flow sequence: did not find expected ',' or ']'"},
		{"wrong indent", BYTES("scaling:\n    concurrency: 1\n  max_instances: 1\n"),
		 "E101 3:3 while parsing a block mapping: did not find expected key"},
		{"no blank", BYTES("name:abc\n"),
		 "E111 1:1 the spec must be a mapping, not 'name:abc'"},
		{"empty key", BYTES(": a\n"),
		 "E101 1:1 while parsing a block mapping: did not find expected key"},
	};

	for (size_t i = 0; i < array_len(files); i++)
		check_file(files[i].name, files[i].text, files[i].len, files[i].wanted);
}

/* What can be read, but not taken: the rest of the spec is all right. */
TEST(documents)
{
	static const struct {
		const char *lines;
		const char *wanted;
	} documents[] = {
		{"tagline: a\r\npublic: false\r\n", ""},
		{"\xef\xbb\xbftagline: a\n", ""},
		{"\"x-a\\e[31m\": b\n", ""},
		{"tagline: \"a\\e[31mb\"",
		 "E114 1:10 'tagline' contains a control character: 'a\\x1b[31mb'"},
		{"tagline: \"a\\u202eb\"", ""},
		{"env: {\"A\\n\": b}", "E114 1:7 'env' contains a control character: 'A\\x0a'"},
		{"tagline: a\ntagline: b\n",
		 "E106 2:1 duplicate key 'tagline' (keep one of the two; the first is in line 1)"},
		{"tagline: a\n\"tagline\": b\n",
		 "E106 2:1 duplicate key 'tagline' (keep one of the two; the first is in line 1)"},
		{"tagline: a\n\"t\\x61gline\": b\n",
		 "E106 2:1 duplicate key 'tagline' (keep one of the two; the first is in line 1)"},
		{"env: {A: b, A: b}\n",
		 "E106 1:13 duplicate key 'A' (keep one of the two; the first is in line 1)"},
		{"environments: {a: {env: {A: b, A: c}}}\n",
		 "E106 1:32 duplicate key 'A' (keep one of the two; the first is in line 1)"},
		{"x-a: &a {max_instances: 1}\nscaling: {<<: *a, <<: *a, max_instances: 2}\n", ""},
		{"tagline: !!python/object/apply:os.system id\n",
		 "E107 1:10 tags ('!') are not used here (remove the tag; write text in quotes "
		 "where it could be mistaken)"},
		{"tagline: !include /etc/passwd\n",
		 "E107 1:10 tags ('!') are not used here (remove the tag; write text in quotes "
		 "where it could be mistaken)"},
	};

	for (size_t i = 0; i < array_len(documents); i++)
		fixture_check(documents[i].lines, documents[i].wanted);
}

/* --- time and memory */

/* `before`, n times `middle` with its number for each %d, `after`. */
static void add_many(struct text *out, const char *before, size_t n, const char *middle,
		     const char *after)
{
	text_add(out, before);
	for (size_t i = 0; i < n; i++)
		for (const char *c = middle; *c; c++) {
			if (strncmp(c, "%d", 2) != 0) {
				text_add_char(out, *c);
				continue;
			}
			text_addf(out, "%zu", i);
			c++;
		}
	text_add(out, after);
}

#define OVERLAYS                                                                                   \
	"environments: {a: {name: b}, c: {name: d}, e: {name: f}, g: {name: h}, i: {name: j}, "    \
	"k: {name: l}, m: {name: n}, o: {name: p}, q: {name: r}, s: {name: t}, u: {name: v}}\n"

/* Documents that grow with n: what is said first, and how long it may take. */
TEST(large)
{
	static const struct {
		const char *name;
		const char *before;
		size_t n;
		const char *middle;
		const char *after;
		const char *code;
	} documents[] = {
		{"1 MiB of text", "tagline: ", 1048000, "a", "\n", "E112"},
		{"10 MB of text", "tagline: ", 10000000, "a", "\n", "E104"},
		{"brackets", "a: ", 500000, "[", "\n", "E104"},
		{"braces", "a: ", 500000, "{", "\n", "E107"},
		{"braces with keys", "a: ", 200000, "{a: ", "\n", "E104"},
		{"dashes", "", 500000, "- ", "\n", "E104"},
		{"question marks", "", 500000, "? ", "\n", "E107"},
		{"colons", "", 500000, ":", "\n", "E101"},
		{"quotes", "a: ", 500000, "\"", "\n", "E101"},
		{"anchors", "", 2000, "x-%d: &a%d b\n", "", "E104"},
		{"aliases", "x-a: &a [b, b, b, b, b, b, b, b, b]\n", 2000, "x-%d: *a\n", "",
		 "E104"},
		{"unknown keys", "", 60000, "k%d: a\n", "", "E110"},
		{"one key", "", 100000, "name: a\n", "", "E112"},
		{"duplicates in one place", "x-a: {", 80000, "a: b, ", "}\n", "E112"},
		{"a long key", "", 1000000, "k", ": a\n", "E101"},
		{"a long key in quotes", "? \"", 1000000, "k", "\"\n: a\n", "E112"},
		{"digits", "scaling: {concurrency: ", 1000000, "9", "}\n", "E112"},
		{"steps", "image: {name: abc, steps: [", 40000, "{rum: a}, ", "]}\n", "E112"},
		{"cords", "cords: [", 40000, "{function: a%d}, ", "]}\n", "E101"},
		{"variables", "env:\n", 40000, "  A%d: ${env:T_UNSET}\n", "", "E112"},
		{"wide overlays", "environments:\n  a:\n", 40000, "    k%d: ~\n", "", "E112"},
		{"unknown keys and overlays", OVERLAYS, 60000, "k%d: a\n", "", "E112"},
		{"values and overlays", OVERLAYS, 60000, "x-%d: a\n", "", "E112"},
		{"texts and overlays", OVERLAYS "tagline: ", 1000000, "a", "\n", "E112"},
		{"steps and overlays", OVERLAYS "image: {name: abc, steps: [", 40000, "{rum: a}, ",
		 "]}\n", "E112"},
		{"steps, good ones", OVERLAYS "image: {name: abc, steps: [", 200, "{run: a}, ",
		 "]}\n", "E112"},
		{"comments", "", 300000, "# \n", "", "E103"},
		{"empty lines", "", 1000000, "\n", "", "E103"},
		{"blanks", "", 1000000, " ", "", "E103"},
		{"carriage returns", "", 1000000, "\r", "", "E103"},
		{"directives", "", 100000, "%A\n", "---\na: b\n", "E101"},
		{"documents", "a: b\n", 100000, "---\n", "", "E107"},
	};

	if (tap_slowness() == TAP_TOO_SLOW)
		SKIP("time is what this is about");
	for (size_t i = 0; i < array_len(documents); i++) {
		auto_text text = {0};
		auto_text shown = {0};

		add_many(&text, documents[i].before, documents[i].n, documents[i].middle,
			 documents[i].after);
		tap_note(read_file(text_str(&text), text.len, &shown), __FILE__, __LINE__,
			 documents[i].name);
		if (!tap_note(text_starts_with(text_str(&shown), documents[i].code), __FILE__,
			      __LINE__, documents[i].name))
			printf("#   got:  %.200s\n", text_str(&shown));
	}
}
