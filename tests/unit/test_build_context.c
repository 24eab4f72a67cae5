/* SPDX-License-Identifier: MIT */
#include "lib/build/context.h"

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/base/tree.h"
#include "tests/unit/tap.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* A directory with a context in c/ and room for indexes in stat/. */
struct place {
	char path[64];
	char *root;
	char *stat;
	char *ignore;
};

static void place_init(struct place *p)
{
	struct error err;

	snprintf(p->path, sizeof(p->path), "/tmp/test-context-XXXXXX");
	CHECK(mkdtemp(p->path));
	p->root = xprintf("%s/c", p->path);
	p->stat = xprintf("%s/stat", p->path);
	p->ignore = xprintf("%s/c/.chutesignore", p->path);
	CHECK_OK(directory_make(p->root, 0755, &err), err);
}

static void place_release(struct place *p)
{
	struct error err;

	CHECK_OK(tree_remove_path(p->path, &err), err);
	free(p->root);
	free(p->stat);
	free(p->ignore);
}

#define auto_place __attribute__((cleanup(place_release))) struct place

static char *at(const struct place *p, const char *name) { return path_join(p->root, name); }

static void put(const struct place *p, const char *name, const char *content)
{
	auto_free char *path = at(p, name);
	auto_free char *directory = path_directory(path);
	struct error err;

	CHECK_OK(directory_make(directory, 0755, &err), err);
	CHECK_OK(file_write_cache(path, content, strlen(content), 0644, &err), err);
}

static void put_link(const struct place *p, const char *name, const char *target)
{
	auto_free char *path = at(p, name);

	CHECK(symlink(target, path) == 0);
}

static struct context *open_context(const struct place *p, const char *include)
{
	struct context_options o = {.root = p->root,
				    .ignore_file = p->ignore,
				    .include = &include,
				    .n_include = include ? 1 : 0,
				    .stat_directory = p->stat};
	struct context *c = NULL;
	struct error err;

	CHECK_OK(context_open(&o, &c, &err), err);
	return c;
}

/* The selection as one line: matches in parentheses, "d:path f:path". */
static const char *list(struct context *c, const char *source, struct text *out)
{
	auto_selection s = {0};
	struct error err;

	text_clear(out);
	if (!context_select(c, source, NULL, 0, &s, &err)) {
		text_addf(out, "%s", err.message);
		return text_str(out);
	}
	for (size_t i = 0; i < s.n_matches; i++) {
		text_addf(out, "%s(%s", i ? " " : "", s.matches[i].name);
		for (size_t k = 0; k < s.matches[i].n; k++) {
			const struct context_entry *e = &s.entries[s.matches[i].first + k];

			text_addf(out, " %c:%s", e->type, e->path);
		}
		text_add(out, ")");
	}
	return text_str(out);
}

static void hash(struct context *c, const char *source, char out[SHA256_HEX_SIZE])
{
	auto_selection s = {0};
	struct error err;

	*out = '\0';
	CHECK_OK(context_select(c, source, NULL, 0, &s, &err), err);
	memcpy(out, s.sha256, sizeof(s.sha256));
}

static void make_project(const struct place *p)
{
	put(p, "app.py", "print()\n");
	put(p, "lib/a.py", "a");
	put(p, "lib/b.txt", "b");
	put(p, "lib/sub/c.py", "c");
	put(p, "lib-x/d", "d");
	put(p, ".git/config", "secret");
	put(p, ".env", "secret");
	put(p, "lib/__pycache__/a.pyc", "x");
	put(p, "[id].txt", "odd");
}

TEST(sources)
{
	static const struct {
		const char *source;
		const char *found;
	} rows[] = {
		{"app.py", "(app.py f:app.py)"},
		{"./app.py", "(app.py f:app.py)"},
		{"/app.py", "(app.py f:app.py)"},
		{"lib", "(lib d: f:a.py f:b.txt d:sub f:sub/c.py)"},
		{"lib/", "(lib d: f:a.py f:b.txt d:sub f:sub/c.py)"},
		{"lib/sub/../a.py", "(a.py f:a.py)"},
		{"lib*", "(lib d: f:a.py f:b.txt d:sub f:sub/c.py) (lib-x d: f:d)"},
		{"lib/*.py", "(a.py f:a.py)"},
		{"**/*.py", "(app.py f:app.py) (a.py f:a.py) (c.py f:c.py)"},
		{"lib/**", "(lib d: f:a.py f:b.txt d:sub f:sub/c.py)"},
		{"l?b/[ab].*", "(a.py f:a.py) (b.txt f:b.txt)"},
		{"lib/[!a].*", "(b.txt f:b.txt)"},
		{"\\[id].txt", "([id].txt f:[id].txt)"},
		{".", "(. d: f:[id].txt f:app.py d:lib f:lib/a.py f:lib/b.txt d:lib/sub "
		      "f:lib/sub/c.py d:lib-x f:lib-x/d)"},
		{"../c/app.py", "'../c/app.py' leaves the context"},
		{"lib/../..", "'lib/../..' leaves the context"},
		{"nothing", "nothing in the context matches 'nothing'"},
		{"lib/*.c", "nothing in the context matches 'lib/*.c'"},
		{".env", "'.env' is left out of the context by the built-in rule '.env*'"},
		{".git/config",
		 "'.git/config' is left out of the context by the built-in rule '.git'"},
		{"https://example.com/x",
		 "adding from a URL is not possible yet: 'https://example.com/x'"},
	};
	auto_place p;
	auto_text got = {0};

	place_init(&p);
	make_project(&p);
	auto_context struct context *c = open_context(&p, NULL);

	CHECK_OR_STOP(c);
	for (size_t i = 0; i < array_len(rows); i++)
		CHECK_TEXT(list(c, rows[i].source, &got), rows[i].found);
}

TEST(hints_say_what_is_near)
{
	static const char *const rows[][2] = {
		{"ap.py", "did you mean 'app.py'?"},
		{"lib/a.pi", "did you mean 'a.py'?"},
		{"lib/zzz", "there is: a.py, b.txt, sub"},
		{"lib/*.zz", "there is: a.py, b.txt, sub"},
		{".env", "name it in image.context.include, or change the rule"},
	};
	auto_place p;

	place_init(&p);
	make_project(&p);
	auto_context struct context *c = open_context(&p, NULL);

	CHECK_OR_STOP(c);
	for (size_t i = 0; i < array_len(rows); i++) {
		auto_selection s = {0};
		struct error err = {0};

		CHECK(!context_select(c, rows[i][0], NULL, 0, &s, &err));
		CHECK(err.code == ERROR_SPEC);
		CHECK_TEXT(err.hint, rows[i][1]);
	}
}

TEST(ignore_include_exclude)
{
	char *exclude[] = {(char[]){"sub/"}, (char[]){"*.txt"}};
	auto_place p;
	auto_text got = {0};
	auto_selection s = {0};
	struct error err;

	place_init(&p);
	make_project(&p);
	put(&p, ".chutesignore", "lib/sub\n*.txt\n!b.txt\n.chutesignore\n");
	auto_context struct context *c = open_context(&p, "lib/sub/*.py");

	CHECK_OR_STOP(c);
	CHECK_TEXT(list(c, "lib", &got), "(lib d: f:a.py f:b.txt d:sub f:sub/c.py)");
	CHECK_TEXT(list(c, "[[]id].txt", &got), "nothing in the context matches '[[]id].txt'");
	CHECK_OK(context_select(c, "lib", exclude, 2, &s, &err), err);
	CHECK(s.n_entries == 2);
	CHECK_TEXT(s.entries[1].path, "a.py");
	CHECK(!context_select(c, "lib/b.txt", exclude, 2, &s, &err));
	CHECK_TEXT(err.message, "nothing that 'lib/b.txt' names is left to add");
	put(&p, "lib/sub/d.txt", "");
	CHECK(context_save(c, &err));
	auto_context struct context *again = open_context(&p, NULL);

	CHECK_TEXT(list(again, "lib", &got), "(lib d: f:a.py f:b.txt)");
}

TEST(links)
{
	static const struct {
		const char *name;
		const char *target;
		const char *found; /* when the link is the source */
		const char *below; /* when it is in a source; NULL: kept */
	} rows[] = {
		{"file", "../app.py", "(file f:file)", NULL},
		{"directory", "../lib-x", "(directory d: f:d)", NULL},
		{"dangling", "nowhere", "nothing in the context matches 'l/dangling'", NULL},
		{"circle", "circle", "'l/circle': 'l/circle': too many links", NULL},
		{"hidden", "../.git", "nothing in the context matches 'l/hidden'", NULL},
		{"absolute", "/etc/passwd", "'l/absolute': '/etc/passwd' leaves the context",
		 "the link 'l/absolute' leads out of the context: '/etc/passwd'"},
		{"above", "../../secret", "'l/above': '../../secret' leaves the context",
		 "the link 'l/above' leads out of the context: '../../secret'"},
		{"back", "../../c/app.py", "'l/back': '../../c/app.py' leaves the context",
		 "the link 'l/back' leads out of the context: '../../c/app.py'"},
	};
	auto_place p;

	place_init(&p);
	make_project(&p);
	put(&p, "../secret", "outside");
	for (size_t i = 0; i < array_len(rows); i++) {
		auto_text got = {0};
		auto_free char *name = xprintf("l/%s", rows[i].name);
		auto_free char *kept = xprintf("(l d: l:%s)", rows[i].name);
		auto_free char *directory = at(&p, "l");
		struct error err;

		CHECK_OK(tree_remove_path(directory, &err) && directory_make(directory, 0755, &err),
			 err);
		put_link(&p, name, rows[i].target);
		auto_context struct context *c = open_context(&p, NULL);

		CHECK_TEXT(list(c, name, &got), rows[i].found);
		CHECK_TEXT(list(c, "l", &got), rows[i].below ? rows[i].below : kept);
	}
}

TEST(names_and_kinds)
{
	auto_place p;
	auto_text got = {0};
	auto_selection s = {0};
	struct error err;

	place_init(&p);
	put(&p, "a/x", "x");
	put(&p, "b/one\ntwo", "x");
	put(&p, "w/.wh.x", "x");
	auto_free char *path = at(&p, "a/pipe");
	auto_free char *unreadable = at(&p, "a/x");

	CHECK(mkfifo(path, 0644) == 0);
	auto_context struct context *c = open_context(&p, NULL);

	CHECK_OR_STOP(c);
	CHECK_OK(context_select(c, "a", NULL, 0, &s, &err), err);
	CHECK(s.n_entries == 2 && s.notes.n == 1);
	CHECK_TEXT(s.notes.items[0], "'a/pipe' is a named pipe and was left out");
	CHECK_TEXT(list(c, "b", &got), "the name 'b/one\\x0atwo' has a control character");
	CHECK_TEXT(list(c, "w", &got),
		   "'w/.wh.x': a name that begins with .wh. means a deletion in an image");
	if (geteuid() == 0)
		return; /* root reads everything */
	put(&p, "a/x", "changed");
	CHECK(chmod(unreadable, 0) == 0);
	auto_context struct context *again = open_context(&p, NULL);

	CHECK_TEXT(list(again, "a", &got), "reading 'a/x' in the context: Permission denied");
}

TEST(modes_are_gits_and_times_do_not_count)
{
	static const struct {
		mode_t mode;
		mode_t kept;
	} rows[] = {{0600, 0644}, {0664, 0644}, {0755, 0755},
		    {0700, 0755}, {0655, 0644}, {06755, 0755}};
	char first[SHA256_HEX_SIZE];
	char second[SHA256_HEX_SIZE];
	auto_place p;

	place_init(&p);
	put(&p, "d/x", "x");
	auto_free char *path = at(&p, "d/x");
	auto_free char *directory = at(&p, "d");
	auto_context struct context *c = open_context(&p, NULL);

	hash(c, "d", first);
	for (size_t i = 0; i < array_len(rows); i++) {
		auto_selection s = {0};
		struct timespec times[2] = {{.tv_sec = 1000 + (time_t)i}, {.tv_sec = 2000}};
		struct error err;

		CHECK(chmod(path, rows[i].mode) == 0 && chmod(directory, 0700 + (mode_t)i) == 0);
		CHECK(utimensat(AT_FDCWD, path, times, 0) == 0);
		auto_context struct context *again = open_context(&p, NULL);

		CHECK_OK(context_select(again, "d", NULL, 0, &s, &err), err);
		CHECK(s.n_entries == 2 && s.entries[1].mode == rows[i].kept);
		CHECK((strcmp(first, s.sha256) == 0) == (rows[i].kept == 0644));
	}
	/* content, name and structure do count */
	put(&p, "d/x", "y");
	auto_context struct context *changed = open_context(&p, NULL);

	hash(changed, "d", second);
	CHECK(strcmp(first, second) != 0);
	hash(changed, "d/x", first);
	CHECK(strcmp(first, second) != 0);
}

TEST(limits)
{
	struct context_options o = {.max_bytes = 10};
	auto_place p;
	auto_text got = {0};
	struct error err;

	place_init(&p);
	put(&p, "a", "12345");
	put(&p, "b", "12345");
	o.root = p.root;
	for (int i = 0; i < 2; i++) {
		auto_context struct context *c = NULL;

		CHECK_OK(context_open(&o, &c, &err), err);
		CHECK_TEXT(list(c, "a", &got), "(a f:a)");
		CHECK_TEXT(list(c, ".", &got),
			   i == 0 ? "(. d: f:a f:b)"
				  : "the context is larger than 9 B, with 'b' (5 B)");
		o.max_bytes = 9;
	}
	o.max_bytes = 0;
	for (int i = 0; i < 2; i++) {
		auto_context struct context *c = NULL;

		o.max_entries = i == 0 ? 3 : 1;
		CHECK_OK(context_open(&o, &c, &err), err);
		CHECK_TEXT(list(c, ".", &got),
			   i == 0 ? "(. d: f:a f:b)"
				  : "the context has more than 1 files, the last ones in '.'");
	}
	auto_free char *missing = path_join(p.root, "missing");
	auto_context struct context *none = NULL;

	o.root = missing;
	CHECK(!context_open(&o, &none, &err));
	CHECK(err.code == ERROR_NOT_FOUND);
	CHECK(text_starts_with(err.message, "opening the context '"));
	CHECK(text_ends_with(err.message, "/missing': No such file or directory"));
}

TEST(one_file_for_reading)
{
	auto_place p;
	auto_fd int fd = -1;
	auto_text content = {0};
	struct error err;

	place_init(&p);
	make_project(&p);
	auto_context struct context *c = open_context(&p, NULL);

	CHECK_OR_STOP(c);
	CHECK_OK(context_open_file(c, "lib/a.py", &fd, &err), err);
	CHECK_OK(fd_read_all(fd, 100, &content, &err), err);
	CHECK_TEXT(text_str(&content), "a");
	CHECK(!context_open_file(c, "lib", &fd, &err));
	CHECK_TEXT(err.message, "'lib' is no regular file");
	CHECK(!context_open_file(c, ".env", &fd, &err));
	CHECK_TEXT(err.message, "'.env' is left out of the context by the built-in rule '.env*'");
}
