/* SPDX-License-Identifier: MIT
 * The rules by hand, and thousands of random ones against git's own answer.
 */
#include "lib/build/ignore.h"

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/process.h"
#include "lib/base/strings.h"
#include "lib/base/text.h"
#include "lib/base/tree.h"
#include "tests/unit/tap.h"

#include <unistd.h>

static bool is_left_out(const char *rules, const char *path)
{
	auto_ignore ig = {0};
	struct error err;
	size_t len = strlen(path);
	auto_free char *name = xstrndup(path, len - (path[len - 1] == '/'));

	CHECK_OK(ignore_add_file(&ig, ".chutesignore", rules, strlen(rules), &err), err);
	return ignore_check_path(&ig, name, path[len - 1] == '/', NULL) == IGNORE_DROP;
}

TEST(lines)
{
	CHECK(is_left_out("foo", "a/b/foo"));
	CHECK(is_left_out("foo\n", "foo/x"));
	CHECK(!is_left_out("/foo", "a/foo"));
	CHECK(is_left_out("a/foo", "a/foo"));
	CHECK(!is_left_out("a/foo", "b/a/foo"));
	CHECK(!is_left_out("foo/", "foo"));
	CHECK(is_left_out("foo/", "foo/"));
	CHECK(!is_left_out("# foo\n", "foo"));
	CHECK(is_left_out("\\#foo\n", "#foo"));
	CHECK(is_left_out("\\!foo\n", "!foo"));
	CHECK(is_left_out("foo   \n", "foo"));
	CHECK(is_left_out("foo\\ \n", "foo "));
	CHECK(!is_left_out("foo\t\n", "foo"));
	CHECK(is_left_out("foo\r\n", "foo"));
	CHECK(is_left_out("\xef\xbb\xbf"
			  "foo",
			  "foo"));
	CHECK(!is_left_out("*.o\n!x.o\n", "x.o"));
	CHECK(is_left_out("!x.o\n*.o\n", "x.o"));
	CHECK(is_left_out("d\n!d/x\n", "d/x"));
	CHECK(!is_left_out("d/*\n!d/x\n", "d/x"));
	CHECK(!is_left_out("!\n/\n//\n   \n", "a"));
}

TEST(built_in_rules)
{
	static const char *const out[] = {".git",       ".env",
					  ".env.local", "a/__pycache__",
					  "x.pyc",      "keys/server.pem",
					  ".venv",      "w/hotkeys/default",
					  "coldkey"};
	static const char *const in[] = {".github", "env", "hotkeys", "x.py", ".gitignore"};
	auto_ignore ig = {0};
	const struct ignore_rule *rule = NULL;
	struct error err;

	ignore_add_builtin(&ig);
	for (size_t i = 0; i < array_len(out); i++)
		CHECK(ignore_check_path(&ig, out[i], false, NULL) == IGNORE_DROP);
	for (size_t i = 0; i < array_len(in); i++)
		CHECK(ignore_check_path(&ig, in[i], false, NULL) == IGNORE_KEEP);
	CHECK_OK(ignore_add_file(&ig, ".chutesignore", "!.env.example\n*.bin\n", 20, &err), err);
	CHECK(ignore_check_path(&ig, ".env.example", false, NULL) == IGNORE_KEEP);
	CHECK(ignore_check_path(&ig, "d/x.bin", false, &rule) == IGNORE_DROP);
	CHECK_TEXT(ignore_rule_name(&ig, rule), "'*.bin' of .chutesignore:2");
	CHECK(ignore_check_path(&ig, "d/.env/x", false, &rule) == IGNORE_DROP);
	CHECK_TEXT(ignore_rule_name(&ig, rule), "the built-in rule '.env*'");
}

TEST(includes_win)
{
	static const char rules[] = "build/\n*.log\n";
	auto_ignore ig = {0};
	struct error err;

	ignore_add_builtin(&ig);
	CHECK_OK(ignore_add_file(&ig, ".chutesignore", rules, strlen(rules), &err), err);
	CHECK_OK(ignore_add_include(&ig, "build/dist/*.bin", &err), err);
	CHECK_OK(ignore_add_include(&ig, "./logs/", &err), err);
	CHECK_OK(ignore_add_include(&ig, ".", &err), err);
	CHECK(ignore_check_path(&ig, "build", true, NULL) == IGNORE_SEARCH);
	CHECK(ignore_check_path(&ig, "build/other", true, NULL) == IGNORE_DROP);
	CHECK(ignore_check_path(&ig, "build/dist", true, NULL) == IGNORE_SEARCH);
	CHECK(ignore_check_path(&ig, "build/dist/a.bin", false, NULL) == IGNORE_INCLUDED);
	CHECK(ignore_check_path(&ig, "build/dist/a.txt", false, NULL) == IGNORE_DROP);
	CHECK(ignore_check_path(&ig, "logs/a.log", false, NULL) == IGNORE_INCLUDED);
	CHECK(ignore_check_path(&ig, "logs/.env", false, NULL) == IGNORE_DROP);
	CHECK(ignore_check_path(&ig, "a.log", false, NULL) == IGNORE_DROP);
	CHECK(ignore_check_path(&ig, ".git", true, NULL) == IGNORE_DROP);
	CHECK_OK(ignore_add_include(&ig, "**/x.pem", &err), err);
	CHECK(ignore_check_path(&ig, ".git/a/x.pem", false, NULL) == IGNORE_INCLUDED);
	CHECK(!ignore_add_include(&ig, "../x", &err));
	CHECK_TEXT(err.message, "include '../x' leaves the context");
}

TEST(limits)
{
	auto_text file = {0};
	struct error err;

	for (int extra = 0; extra < 2; extra++) {
		auto_ignore ig = {0};

		text_clear(&file);
		text_add(&file, "ok\n");
		for (int i = 0; i < IGNORE_LINE_LIMIT + extra; i++)
			text_add_char(&file, 'x');
		CHECK(ignore_add_file(&ig, "f", file.bytes, file.len, &err) == !extra);
	}
	CHECK_TEXT(err.message, "f:2: longer than 4096 bytes");
	for (int extra = 0; extra < 2; extra++) {
		auto_ignore ig = {0};

		text_clear(&file);
		for (int i = 0; i < IGNORE_RULES_LIMIT + extra; i++)
			text_add(&file, "x\n");
		CHECK(ignore_add_file(&ig, "f", file.bytes, file.len, &err) == !extra);
	}
	CHECK_TEXT(err.message, "f:10001: more than 10000 rules");
	for (int extra = 0; extra < 2; extra++) {
		auto_ignore ig = {0};

		text_clear(&file);
		for (int i = 0; i < IGNORE_FILE_LIMIT + extra; i++)
			text_add_char(&file, '\n');
		CHECK(ignore_add_file(&ig, "f", file.bytes, file.len, &err) == !extra);
	}
	CHECK_TEXT(err.message, "f: larger than 1048576 bytes");
	auto_ignore binary = {0};

	CHECK(!ignore_add_file(&binary, "f", "a\n\0b\n", 5, &err));
	CHECK_TEXT(err.message, "f:2: not a text file");
	CHECK(!ignore_add_pattern(&binary, "a\nb", &err));
}

/* --- against git */
static uint64_t random_state = 20231122;

static unsigned random_below(unsigned n)
{
	random_state = random_state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(random_state >> 33) % n;
}

static void add_random_pattern(struct text *t)
{
	static const char *const parts[] = {
		"a",    "b",    "ab", "c.o", "*",   "**",          "/",     "/",   "/",   "?",
		"[ab]", "[!a]", "\\", "a-b", "*.o", "[[:alpha:]]", "[a-c]", "**/", "/**", "\\*",
		" ",    "!",    "#",  "[",   "]"};
	unsigned n = 1 + random_below(5);

	if (random_below(5) == 0)
		text_add_char(t, '!');
	while (n--)
		text_add(t, parts[random_below(array_len(parts))]);
	if (random_below(6) == 0)
		text_add_char(t, '/');
	text_add(t, random_below(8) ? "\n" : "\r\n");
}

/* A tree of all paths up to three levels over a few names; every third name is a file. */
static void make_tree(const char *directory, const char *prefix, int depth, struct strings *paths)
{
	static const char *const names[] = {"a", "b", "ab", "a-b", "c.o", "#", "*", " "};
	struct error err;

	for (size_t i = 0; i < array_len(names); i++) {
		auto_free char *path = xprintf("%s%s", prefix, names[i]);
		auto_free char *full = xprintf("%s/%s", directory, path);
		bool is_directory = depth < 3 && i < 4 && random_below(3) != 0;

		strings_addf(paths, "%s%s", path, is_directory ? "/" : "");
		if (!is_directory) {
			CHECK_OK(file_create(full, "", 0, 0644, &err), err);
			continue;
		}
		auto_free char *below = xprintf("%s/", path);

		CHECK_OK(directory_make(full, 0755, &err), err);
		make_tree(directory, below, depth + 1, paths);
	}
}

/* Those of the paths in the file `list` that git leaves out, one a line, in their order. */
static bool ask_git(const char *directory, const char *list, struct text *out, struct error *err)
{
	auto_free char *command =
		xprintf("cd '%s' && git check-ignore --no-index --stdin <'%s' || [ $? = 1 ]",
			directory, list);
	const char *argv[] = {"sh", "-c", command, NULL};

	return process_capture((char *const *)(uintptr_t)argv, NULL, 1 << 20, out, NULL, err);
}

static void compare_round(const char *directory, const char *list, const struct strings *paths)
{
	auto_text rules = {0};
	auto_text ours = {0};
	auto_text theirs = {0};
	auto_ignore ig = {0};
	auto_free char *file = xprintf("%s/.gitignore", directory);
	struct error err;

	for (unsigned n = 1 + random_below(6); n; n--)
		add_random_pattern(&rules);
	CHECK_OK(file_write_cache(file, rules.bytes, rules.len, 0644, &err), err);
	CHECK_OK(ignore_add_file(&ig, "f", rules.bytes, rules.len, &err), err);
	for (size_t i = 0; i < paths->n; i++) {
		size_t len = strlen(paths->items[i]);
		bool is_directory = paths->items[i][len - 1] == '/';
		auto_free char *path = xstrndup(paths->items[i], len - is_directory);

		if (ignore_check_path(&ig, path, is_directory, NULL) == IGNORE_DROP)
			text_addf(&ours, "%s\n", path);
	}
	CHECK_OK(ask_git(directory, list, &theirs, &err), err);
	if (CHECK(strcmp(text_str(&ours), text_str(&theirs)) == 0))
		return;
	auto_text shown = {0};

	text_add_json(&shown, text_str(&rules));
	printf("#   rules %s\n", text_str(&shown));
	text_clear(&shown);
	text_add_json(&shown, text_str(&ours));
	printf("#   ours %s\n", text_str(&shown));
	text_clear(&shown);
	text_add_json(&shown, text_str(&theirs));
	printf("#   git's %s\n", text_str(&shown));
}

TEST(as_git_does)
{
	char directory[] = "/tmp/test-ignore.XXXXXX";
	auto_free char *git = program_find("git");
	auto_strings paths = {0};
	auto_text joined = {0};
	struct error err;

	if (!git)
		SKIP("git is not installed");
	CHECK_OR_STOP(mkdtemp(directory));
	auto_free char *list = xprintf("%s.list", directory);
	const char *argv[] = {git, "init", "-q", directory, NULL};

	CHECK_OK(process_capture((char *const *)(uintptr_t)argv, NULL, 1000, &joined, NULL, &err),
		 err);
	make_tree(directory, "", 1, &paths);
	for (size_t i = 0; i < paths.n; i++) {
		size_t len = strlen(paths.items[i]);

		text_add_bytes(&joined, paths.items[i], len - (paths.items[i][len - 1] == '/'));
		text_add_char(&joined, '\n');
	}
	CHECK_OK(file_create(list, joined.bytes, joined.len, 0600, &err), err);
	printf("# seed %llu, %zu paths\n", (unsigned long long)random_state, paths.n);
	for (int i = 0; i < 200 && !tap_failed; i++)
		compare_round(directory, list, &paths);
	CHECK_OK(tree_remove_path(directory, &err), err);
	CHECK(unlink(list) == 0);
}
