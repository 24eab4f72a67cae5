/* SPDX-License-Identifier: MIT */
#include "lib/data/yaml_merge.h"

#include "lib/base/memory.h"
#include "tests/unit/tap.h"

#include <time.h>

static const struct yaml_node *parse(const char *text, struct yaml_source *source,
				     struct arena *arena)
{
	auto_findings f = {0};

	*source = yaml_source_new("a.yaml", text, strlen(text), arena);
	return yaml_parse(source, arena, &f);
}

/* `text` has a key `base` and a key `over`. */
static void check(const char *text, const char *wanted)
{
	auto_arena arena = {0};
	auto_text out = {0};
	auto_findings f = {0};
	struct yaml_source source;
	const struct yaml_node *root = parse(text, &source, &arena);

	CHECK_OR_STOP(root != NULL);
	const struct yaml_node *merged =
		yaml_merge(yaml_find(root, "base"), yaml_find(root, "over"), &arena);

	CHECK(yaml_write_json(merged, &source, &out, &f));
	if (!tap_note(strcmp(text_str(&out), wanted) == 0, __FILE__, __LINE__, text))
		printf("#   got:  %s\n#   want: %s\n", text_str(&out), wanted);
}

TEST(rules)
{
	check("{base: {a: 1, b: 2}, over: {b: 3, c: 4}}", "{\"a\":1,\"b\":3,\"c\":4}");
	check("{base: {a: {x: 1, y: 2}}, over: {a: {y: 3, z: 4}}}",
	      "{\"a\":{\"x\":1,\"y\":3,\"z\":4}}");
	check("{base: {a: [1, 2, 3]}, over: {a: [4]}}", "{\"a\":[4]}");
	check("{base: {a: [1], b: c}, over: {a: {b: c}, b: [d]}}",
	      "{\"a\":{\"b\":\"c\"},\"b\":[\"d\"]}");
	check("{base: {a: 1, b: 2}, over: {a: null}}", "{\"b\":2}");
	check("{base: {a: 1, b: 2}, over: {a: ~, b: }}", "{}");
	check("{base: {a: {x: 1, y: 2}}, over: {a: {x: ~}}}", "{\"a\":{\"y\":2}}");
	check("{base: {a: 1}, over: {b: null}}", "{\"a\":1}");
	check("{base: {a: 1}, over: {b: {c: null, d: {e: ~}}}}", "{\"a\":1,\"b\":{\"d\":{}}}");
	check("{base: {a: 1}, over: {a: {b: ~, c: 2}}}", "{\"a\":{\"c\":2}}");
	check("{base: {a: 1}, over: {a: \"null\", b: [null]}}", "{\"a\":\"null\",\"b\":[null]}");
	check("{base: {a: 1}, over: {}}", "{\"a\":1}");
	check("{base: {}, over: {a: 1}}", "{\"a\":1}");
	check("{base: 1, over: {a: 1}}", "{\"a\":1}");
	check("{base: {a: 1}, over: 2}", "2");
	check("{base: &x {a: {b: 1}}, over: {c: *x, a: {b: 2}}}",
	      "{\"a\":{\"b\":2},\"c\":{\"a\":{\"b\":1}}}");
}

TEST(places_and_sizes)
{
	auto_arena arena = {0};
	struct yaml_source source;
	const struct yaml_node *root =
		parse("base:\n  a: {b: 1}\n  c: 2\nover:\n  a:\n    d: [3, 4]\n", &source, &arena);
	const struct yaml_node *base = yaml_find(root, "base");
	const struct yaml_node *merged = yaml_merge(base, yaml_find(root, "over"), &arena);

	CHECK(merged->place.line == 2);
	CHECK(yaml_find_pair(merged, "a")->key_place.line == 5);
	CHECK(yaml_find(yaml_find(merged, "a"), "b")->place.line == 2);
	CHECK(yaml_find(yaml_find(merged, "a"), "d")->place.line == 6);
	CHECK(merged->n_nodes == 7);
	CHECK(merged->depth == 4);
	/* what does not change is shared, and the base is as it was */
	CHECK(yaml_find(merged, "c") == yaml_find(base, "c"));
	CHECK(base->n == 2 && yaml_find(base, "a")->n == 1);
}

TEST(large)
{
	enum { N = 40000 };
	auto_arena arena = {0};
	auto_text text = {0};
	struct yaml_source source;

	text_add(&text, "base:\n");
	for (int i = 0; i < N; i++)
		text_addf(&text, "  k%d: a\n", i);
	text_add(&text, "over:\n");
	for (int i = N / 2; i < N + N / 2; i++)
		text_addf(&text, "  k%d: b\n", i);
	const struct yaml_node *root = parse(text_str(&text), &source, &arena);

	CHECK_OR_STOP(root != NULL);
	clock_t began = clock();
	const struct yaml_node *merged =
		yaml_merge(yaml_find(root, "base"), yaml_find(root, "over"), &arena);

	CHECK(clock() - began < tap_slowness() * CLOCKS_PER_SEC);
	CHECK(merged->n == N + N / 2);
	CHECK_TEXT(merged->pairs[N / 2 - 1].value->text, "a");
	CHECK_TEXT(merged->pairs[N / 2].value->text, "b");
}
