/* SPDX-License-Identifier: MIT */
#include "lib/data/yaml.h"

#include "lib/base/memory.h"
#include "tests/unit/tap.h"

/* Parse; `out` gets the tree as JSON, or the findings as "CODE line:column message". */
static const struct yaml_node *parse(const char *text, size_t len, struct arena *arena,
				     struct text *out)
{
	auto_findings f = {0};
	struct yaml_source source = yaml_source_new("a.yaml", text, len, arena);
	const struct yaml_node *root = yaml_parse(&source, arena, &f);

	if (f.n == 0 && root && !yaml_write_json(root, &source, out, &f))
		root = NULL;
	for (size_t i = 0; i < f.n; i++)
		text_addf(out, "%s%s %zu:%zu %s", i ? "\n" : "", f.items[i].row->code,
			  f.items[i].line, f.items[i].column, f.items[i].message);
	return root;
}

static void check(const char *text, const char *wanted)
{
	auto_arena arena = {0};
	auto_text out = {0};

	parse(text, strlen(text), &arena, &out);
	if (!tap_note(strcmp(text_str(&out), wanted) == 0, __FILE__, __LINE__, text))
		printf("#   got:  %s\n#   want: %s\n", text_str(&out), wanted);
}

TEST(values)
{
	check("a: 1", "{\"a\":1}");
	check("a: \"1\"", "{\"a\":\"1\"}");
	check("[1.10, -0, 1e3, 1E+3, -1.5e-2, .5, 1., +1]",
	      "E111 1:32 '.5' is a number that JSON cannot hold\n"
	      "E111 1:36 '1.' is a number that JSON cannot hold\n"
	      "E111 1:40 '+1' is a number that JSON cannot hold");
	check("[1.10, -0, 1e3, 1E+3, -1.5e-2]", "[1.10,-0,1e3,1E+3,-1.5e-2]");
	check("[1e, e1, ., -, 1-2, 1.2.3, 12x, 0b1, 1_0]",
	      "[\"1e\",\"e1\",\".\",\"-\",\"1-2\",\"1.2.3\",\"12x\",\"0b1\",\"1_0\"]");
	check("[9223372036854775807]", "[9223372036854775807]");
	check("[9223372036854775808]",
	      "E111 1:2 '9223372036854775808' is a number that JSON cannot hold");
	check("[true, TRUE, false, no, on, ~, null, Null, nuLL, \"\", ]",
	      "[true,true,false,\"no\",\"on\",null,null,null,\"nuLL\",\"\"]");
	check("a: |\n  b\n  c\nk: >\n  e\n  f\n", "{\"a\":\"b\\nc\\n\",\"k\":\"e f\\n\"}");
	check("- a\n- [b, {c: d}]\n", "[\"a\",[\"b\",{\"c\":\"d\"}]]");
	check("{}", "{}");
	check("text", "\"text\"");
	check("a:\r\n  - b\r\n", "{\"a\":[\"b\"]}");
	check("\xef\xbb\xbf"
	      "a: b",
	      "{\"a\":\"b\"}");
	check("%YAML 1.2\n---\na: b\n...\n", "{\"a\":\"b\"}");
}

TEST(anchors)
{
	check("a: &x {b: 1}\nc: *x\n", "{\"a\":{\"b\":1},\"c\":{\"b\":1}}");
	check("a: &x {b: 1, c: 2}\nk:\n  <<: *x\n  c: 3\n",
	      "{\"a\":{\"b\":1,\"c\":2},\"k\":{\"c\":3,\"b\":1}}");
	check("a: &x {b: 1}\ne: &y {b: 2, c: 3}\nk: {<<: [*x, *y]}\n",
	      "{\"a\":{\"b\":1},\"e\":{\"b\":2,\"c\":3},\"k\":{\"b\":1,\"c\":3}}");
	check("d: {\"<<\": 1}\n", "{\"d\":{\"<<\":1}}");
	check("a: &x 1\nb: &x 2\nc: *x\n", "{\"a\":1,\"b\":2,\"c\":2}");
	check("a: *x\n", "E108 1:4 no anchor of this name stands above");
	check("a: &x [*x]\n", "E108 1:8 this alias stands inside its own anchor");
	check("a: {<<: 5}\n", "E107 1:9 a merge key '<<' takes mappings only");
	check("a: {<<: [[]]}\n", "E107 1:10 a merge key '<<' takes mappings only");
}

TEST(refused)
{
	check("", "E103 0:0 the file holds no document");
	check("# only a comment\n", "E103 0:0 the file holds no document");
	check("a: 1\nb: 2\na: 3\na: 4\n", "E106 3:1 duplicate key 'a'\nE106 4:1 duplicate key 'a'");
	check("a: !x b\n", "E107 1:4 tags ('!') are not used here");
	check("!!map {a: !!str b}\n",
	      "E107 1:1 tags ('!') are not used here\nE107 1:11 tags ('!') are not used here");
	check("[a]: b\n", "E107 1:1 a key must be plain text");
	check("{&x a: b}\n", "E107 1:2 a key must be plain text");
	check("a\n---\nb\n", "E107 2:1 a second document begins here");
	check("a:\n\t- b\n", "E105 2:1 a tab cannot be used for indentation");
	check("a:\n \tb: c\n", "E105 2:2 a tab cannot be used for indentation");
	check("a: [b\n",
	      "E101 1:4 while parsing a flow sequence: did not find expected ',' or ']'");
	check("a: \"b\n",
	      "E101 1:4 while scanning a quoted scalar: found unexpected end of stream");
	check("a: b\n c: d\n", "E101 2:3 mapping values are not allowed in this context");
	check("a: \"\\0\"\n", "E102 1:4 the value contains a NUL character");
	check("a: \x01\n", "E102 1:4 a control character stands here");
	check("\xef\xbb\xbf\xc3\xa9: \x7f\n", "E102 1:4 a control character stands here");
	check("\xc3\xa9\xc3\xa9: \xff\n", "E102 1:5 the file is not UTF-8 text");
	check("a: b\nc: \xff\n", "E102 2:4 the file is not UTF-8 text");
	check("[0o17, 0o18]", "E111 1:2 '0o17' is a number that JSON cannot hold");
	check("a: *\n", "E101 1:5 while scanning an alias: did not find expected alphabetic or "
			"numeric character");
}

TEST(binary)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *finding;
	} cases[] = {
		{"a: \0b", 5, "E102 1:4 the file is binary: it contains a NUL byte"},
		{"\xff\xfe"
		 "a\0",
		 4, "E102 0:0 the file is UTF-16 text"},
		{"\xfe\xff\0a", 4, "E102 0:0 the file is UTF-16 text"},
	};

	for (size_t i = 0; i < array_len(cases); i++) {
		auto_arena arena = {0};
		auto_text out = {0};

		CHECK(!parse(cases[i].bytes, cases[i].len, &arena, &out));
		CHECK_TEXT(text_str(&out), cases[i].finding);
	}
}

/* `n` times `middle` between `start` and `end`. */
static char *repeat(const char *start, const char *middle, size_t n, const char *end)
{
	auto_text t = {0};

	text_add(&t, start);
	for (size_t i = 0; i < n; i++)
		text_add(&t, middle);
	text_add(&t, end);
	return text_take(&t);
}

static void check_repeat(const char *start, const char *middle, size_t n, const char *end,
			 const char *finding)
{
	auto_free char *text = repeat(start, middle, n, end);
	auto_arena arena = {0};
	auto_text out = {0};
	const struct yaml_node *root = parse(text, strlen(text), &arena, &out);

	if (finding)
		CHECK_TEXT(text_str(&out), finding);
	else
		CHECK(root);
}

TEST(limits)
{
	check_repeat("", "a", YAML_MAX_BYTES, "", NULL);
	check_repeat("", "a", YAML_MAX_BYTES + 1, "",
		     "E104 0:0 the file is larger than the limit of 1048576 bytes");
	auto_free char *closing = repeat("", "]", YAML_MAX_DEPTH - 1, "");
	auto_free char *closing_more = repeat("", "]", YAML_MAX_DEPTH, "");

	check_repeat("", "[", YAML_MAX_DEPTH - 1, "a",
		     "E101 1:31 while parsing a flow sequence: did "
		     "not find expected ',' or ']'");
	check_repeat("", "[", YAML_MAX_DEPTH - 1, closing, NULL);
	check_repeat("", "[", YAML_MAX_DEPTH, closing_more, NULL);
	check_repeat("", "[", YAML_MAX_DEPTH + 1, "", "E104 1:33 nested deeper than 32 levels");
	check_repeat("", "- ", YAML_MAX_DEPTH, "a", "E104 1:65 nested deeper than 32 levels");
	check_repeat("", "[", 100000, "", "E104 1:33 nested deeper than 32 levels");
	/* an alias counts as what it stands for: a list with 99 items is 100 nodes */
	auto_free char *list = repeat("a: &a [", "x,", 99, "]\nb: [");

	check_repeat(list, "*a,", 100, "]\n", NULL);
	check_repeat(list, "*a,", 101, "]\n",
		     "E104 2:305 all aliases together stand for more than 10000 values");
	check_repeat("[", "&a b,", YAML_MAX_ANCHORS, "]", NULL);
	check_repeat("[", "&a b,", YAML_MAX_ANCHORS + 1, "]", "E104 1:5002 more than 1000 anchors");
	/* depth through an alias */
	check("a: &a [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[x]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]\nb: [*a]\n",
	      "E104 2:5 nested deeper than 32 levels");
}

TEST(many_keys)
{
	auto_text t = {0};
	auto_arena arena = {0};
	auto_text out = {0};

	for (size_t i = 0; i < 50000; i++)
		text_addf(&t, "key%zu: %zu\n", i, i);
	const struct yaml_node *root = parse(text_str(&t), t.len, &arena, &out);

	CHECK_OR_STOP(root && root->n == 50000);
	CHECK_TEXT(root->pairs[49999].key, "key49999");
}

static void check_place(const struct yaml_node *node, size_t line, size_t column, size_t width)
{
	CHECK_OR_STOP(node);
	if (!CHECK(node->place.line == line && node->place.column == column &&
		   node->place.width == width))
		printf("#   got: %zu:%zu width %zu\n", node->place.line, node->place.column,
		       node->place.width);
}

TEST(places)
{
	static const char text[] = "\xef\xbb\xbf\xc3\xa9t\xc3\xa9: \xc3\xa9t\xc3\xa9  # note\n"
				   "map: {a: [1, 2], b: \"x\\ty\"}\n"
				   "block:\n"
				   "  - one   \n"
				   "  - |\n"
				   "    two\n"
				   "\n"
				   "empty:\n";
	auto_arena arena = {0};
	auto_text out = {0};
	const struct yaml_node *root = parse(text, strlen(text), &arena, &out);
	const struct yaml_node *map = yaml_find(root, "map");
	const struct yaml_node *block = yaml_find(root, "block");

	CHECK_OR_STOP(map && block && block->n == 2);
	check_place(yaml_find(root, "\xc3\xa9t\xc3\xa9"), 1, 6, 3);
	check_place(map, 2, 6, 22);
	check_place(yaml_find(map, "a"), 2, 10, 6);
	check_place(yaml_find(map, "b"), 2, 21, 6);
	check_place(block, 4, 3, 5);
	check_place(block->items[0], 4, 5, 3);
	check_place(block->items[1], 5, 5, 1);
	check_place(yaml_find(root, "empty"), 8, 7, 0);
	CHECK(yaml_find_pair(root, "block")->key_place.line == 3);
	CHECK(yaml_is_null(yaml_find(root, "empty")));
	CHECK(block->items[1]->is_block && !block->items[1]->is_plain);
	CHECK(!yaml_find(root, "nothing") && !yaml_find(NULL, "a") && !yaml_find(block, "a"));
}

TEST(source_lines)
{
	auto_arena arena = {0};
	auto_findings f = {0};
	auto_free char *line = repeat("\n", "x", 1001, "\nlast\r\n");
	struct yaml_source source = yaml_source_new(NULL, line, strlen(line), &arena);

	yaml_place(&source, findings_add(&f, "E101", "a"), (struct place){3, 2, 1});
	CHECK_TEXT(f.items[0].source, "last");
	yaml_place(&source, &f.items[0], (struct place){2, 1, 1});
	CHECK(f.items[0].line == 2 && !f.items[0].source); /* too long to be shown */
	yaml_place(&source, &f.items[0], (struct place){5, 1, 1});
	CHECK(!f.items[0].source);
}
