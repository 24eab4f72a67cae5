/* SPDX-License-Identifier: MIT
 * The reader of Python files where Python's own parser cannot be asked: what is refused, with its
 * place, and what hostile files do. tests/sdk/test_pymodule.py compares the rest.
 */
#include "lib/python/module.h"

#include "lib/base/memory.h"
#include "lib/base/text.h"
#include "tests/unit/tap.h"

#include <time.h>

/* "LINE:COLUMN message (hint)", or "" for what is read. */
static void check_bytes(const char *code, size_t len, const char *wanted)
{
	auto_python_module m = {0};
	struct python_fault fault = {0};
	auto_text got = {0};

	if (!python_module_parse(code, len, &m, &fault))
		text_addf(&got, "%zu:%zu %s%s%s%s", fault.line, fault.column, fault.message,
			  *fault.hint ? " (" : "", fault.hint, *fault.hint ? ")" : "");
	if (!tap_note(strcmp(text_str(&got), wanted) == 0, __FILE__, __LINE__, code))
		printf("#   got:  %s\n#   want: %s\n", text_str(&got), wanted);
}

static void check(const char *code, const char *wanted) { check_bytes(code, strlen(code), wanted); }

TEST(encodings)
{
	static const char other[] =
		" 'latin-1', but code is stored as UTF-8 (save it as UTF-8 and remove the line)";
	auto_free char *first = xprintf("1:1 the file says that it is in%s", other);
	auto_free char *second = xprintf("2:1 the file says that it is in%s", other);

	check("\xef\xbb\xbfx = 1\n", "");
	check("# -*- coding: utf-8 -*-\nx = '\xc3\xa9'\n", "");
	check("# vim: set fileencoding=UTF_8 :\nx = '\xc3\xa9'\n", "");
	check("# coding: latin-1\nx = 1\n", ""); /* the same bytes */
	check("# coding: latin-1\nx = '\xe9'\n", first);
	check("# coding: Latin_1\nx = '\xc3\xa9'\n", first);
	check("#!/bin/x\n# coding=latin-1\nx = '\xe9'\n", second);
	check("x = 1\n# coding: latin-1\ny = '\xc3\xa9'\n", "");
	check("# coding: utf-16\n",
	      "1:1 the file says that it is in 'utf-16', but code is stored as UTF-8 (save it as "
	      "UTF-8 and remove the line)");
	check("x = 1\ny = '\xe9'\n", "2:1 not UTF-8 text");
	check_bytes("x = 1\n\0\n", 8, "2:1 a NUL byte");
	check_bytes("x = '\0'\n", 8, "1:1 a NUL byte");
}

TEST(lines)
{
	check("", "");
	check("\n\r\n\r   # only a comment", "");
	check("x = 1\ry = 2\r\nz = 3", "");
	check("\fx = 1\n\f\nif x:\n\f\ty = 1\n", "");
	check("x = 1 + \\\n  2\n", "");
	check("x = \\ \n1\n", "1:5 unexpected character after '\\'");
	check("x = \\", "1:5 unexpected character after '\\'");
	check("x = \\\n", "2:1 the file ends behind '\\'");
	check("x = 1 $ 2\n", "1:7 unexpected character '$'");
	check("x = '\xc3\xa9' ? 2\n", "1:9 unexpected character '?'");
	check("x = \x01\n", "1:5 a control character (0x01)");
}

TEST(indentation)
{
	check("if x:\n\ty = 1\n        z = 2\n",
	      "3:9 tabs and spaces are mixed in the indentation");
	check("if x:\n        if y:\n\t\tz = 2\n",
	      "3:3 tabs and spaces are mixed in the indentation");
	check("if x:\n\tif y:\n\t    z = 2\n", "");
	check("if x:\n    if y:\n\tz = 2\n", "3:2 tabs and spaces are mixed in the indentation");
	check("if x:\n    y = 1\n  z = 2\n", "3:3 the indentation matches no outer level");
	check("x = 1\n  y = 1\n", "2:3 invalid syntax: unexpected indentation");
	check("if x:\ny = 1\n", "2:1 invalid syntax: an indented block is wanted");
	check("def f():\n# nothing\n", "3:1 invalid syntax: an indented block is wanted");
}

TEST(brackets_and_strings)
{
	check("x = (1,\n", "1:5 '(' is never closed");
	check("x = 1)\n", "1:6 unmatched ')'");
	check("x = [\n(1]\n", "2:3 closing ']' does not match '(' of line 2");
	check("x = 'a\ny = 'b'\n", "1:5 unterminated string");
	check("x = 'a\\\nb'\n", "");
	check("x = \"\"\"a\n\n", "1:5 unterminated triple-quoted string");
	check("x = f'{a\n", "1:6 unterminated string");
	check("x = f'{a:{b}'\n", "1:6 unterminated string");
	check("x = f\"{a[\"b\"]}\" f'{{' rf'\\{a}' f'\\N{DASH}{a!r:>{w}}'\n", "");
	check("x = F'''{\na # ' \"\n}'''\n", "");
}

TEST(statements)
{
	check("def f(a, b:\n    pass\n", "1:6 '(' is never closed");
	check("def f(a b):\n    pass\n", "1:9 invalid syntax in a parameter");
	check("def f(1):\n    pass\n", "1:7 invalid syntax: a parameter has no name");
	check("def (a):\n    pass\n", "1:5 invalid syntax: a function's name is wanted");
	check("def f:\n    pass\n", "1:6 invalid syntax: '(' is wanted");
	check("def f()\n    pass\n", "1:8 invalid syntax: ':' is wanted");
	check("def f() x:\n    pass\n", "1:9 invalid syntax: ':' is wanted");
	check("class 1:\n    pass\n", "1:7 invalid syntax: a class's name is wanted");
	check("if x\n    pass\n", "1:5 invalid syntax: ':' is wanted");
	check("if x: if y: pass\n", "1:7 invalid syntax: no such statement here");
	check("x = 1;; y = 2\n", "1:7 invalid syntax: no such statement here");
	check("x = 1; y = 2;\n", "");
	check("import\n", "1:7 invalid syntax: a module's name is wanted");
	check("import a b\n", "1:10 invalid syntax: ',' or the end of the import is wanted");
	check("from . a import b\n", "");
	check("from import a\n", "1:6 invalid syntax: 'from MODULE import NAME' is wanted");
	check("from a import\n", "1:8 invalid syntax: 'from MODULE import NAME' is wanted");
	check("from a import b c\n", "1:15 invalid syntax: a name to import is wanted");
	check("@a\nx = 1\n", "2:1 invalid syntax: a function or class is wanted");
	check("match = 1\nmatch[1] = 2\nmatch(1)\ntype = 3\ntype(x)\ncase = 1\n", "");
	check("match x:\n    case 1: pass\n    pass\n", "3:5 invalid syntax: 'case' is wanted");
}

/* The file's text in an error of the whole. */
TEST(errors)
{
	auto_python_module m = {0};
	struct error err;

	CHECK(!python_module_read("x = (\n", 6, "app.py", &m, &err));
	CHECK(err.code == ERROR_SPEC);
	CHECK_TEXT(err.message, "'app.py': line 1: '(' is never closed");
	CHECK(!m.arena.blocks);
	auto_free char *large = xcalloc(PYTHON_MAX_BYTES + 1, 1);

	memset(large, '#', PYTHON_MAX_BYTES + 1);
	CHECK(!python_module_read(large, PYTHON_MAX_BYTES + 1, "app.py", &m, &err));
	CHECK_TEXT(err.message, "'app.py': larger than 1 MiB");
	CHECK_OK(python_module_read(large, PYTHON_MAX_BYTES, "app.py", &m, &err), err);
}

static char *repeat(const char *before, const char *text, size_t n, const char *after)
{
	auto_text all = {0};

	text_add(&all, before);
	for (size_t i = 0; i < n; i++)
		text_add(&all, text);
	text_add(&all, after);
	return text_take(&all);
}

TEST(depth)
{
	struct {
		const char *open, *close;
		size_t n;
		const char *wanted;
	} rows[] = {
		{"(", ")", 200, ""},
		{"[", "]", 201, "1:205 too many nested brackets"},
		{"f'{", "}'", 150, ""},
		{"f'{", "}'", 151, "1:456 f-strings nested too deep"},
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		auto_free char *head = repeat("x = ", rows[i].open, rows[i].n, "1");
		auto_free char *code = repeat(head, rows[i].close, rows[i].n, "\n");

		check(code, rows[i].wanted);
	}
	auto_text blocks = {0};

	for (int i = 0; i < 99; i++)
		text_addf(&blocks, "%*sif x:\n", i, "");
	auto_free char *good = xprintf("%s%*sx\n", text_str(&blocks), 99, "");
	auto_free char *bad = xprintf("%s%*sif x:\n%*sx\n", text_str(&blocks), 99, "", 100, "");

	check(good, "");
	check(bad, "101:101 too many levels of indentation");
}

/* A megabyte of what could take time in proportion to its square. */
TEST(hostile)
{
	static const struct {
		const char *before, *text, *after;
	} rows[] = {
		{"x = ", "lambda: ", "1\n"},
		{"x = ", "lambda a=", "1\n"},
		{"x = 1", " | 1", "\n"},
		{"x = a", ".b", "\n"},
		{"x = a", "()", "\n"},
		{"x = a", "[1]", "\n"},
		{"x = [", "1,", "]\n"},
		{"x = {", "1:1,", "}\n"},
		{"x = ", "'a' ", "\n"},
		{"x = ", "not ", "1\n"},
		{"x", " = x", "\n"},
		{"", "import a;", "\n"},
		{"", "x=1;", "\n"},
		{"", "def f(a=lambda:(yield)): yield\n", ""},
		{"import a", ".b", "\n"},
		{"", "@a\n", "def f(): pass\n"},
		{"def f(", "a=1,", "): pass\n"},
		{"", "\\\n", "x\n"},
		{"x = '", "\\", "\n"},
		{"x = f'", "{a}", "'\n"},
		{"'''", "    a\n\n", "'''\n"},
		{"class A:\n    ", "a: int = 1;", "\n"},
		{"match ", "x, ", ":\n  case 1: pass\n"},
		{"", "match x\n", ""},
		{"# ", "coding", "\n"},
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		size_t n = (PYTHON_MAX_BYTES - 100) / strlen(rows[i].text);
		auto_free char *code = repeat(rows[i].before, rows[i].text, n, rows[i].after);
		auto_python_module m = {0};
		struct python_fault ignored; /* only the time counts */
		clock_t start = clock();

		(void)!python_module_parse(code, strlen(code), &m, &ignored);
		if (!CHECK((double)(clock() - start) / CLOCKS_PER_SEC < 10))
			printf("# row %zu\n", i);
	}
}

/* An annotation that is written as a string is parsed when it is looked at. */
TEST(annotation)
{
	auto_arena arena = {0};
	const struct python_expr *e = python_expression_read(" Optional[List[\n'A | B']]", &arena);

	CHECK_OR_STOP(e->kind == EXPR_SUBSCRIPT && e->n_args == 2);
	CHECK_TEXT(e->args[0]->text, "Optional");
	CHECK_OR_STOP(e->args[1]->kind == EXPR_SUBSCRIPT);
	CHECK_TEXT(e->args[1]->args[1]->text, "A | B");
}

TEST(literals)
{
	static const struct {
		const char *code;
		enum python_expr_kind kind;
		const char *text;
	} rows[] = {
		{"a b(", EXPR_OTHER, "a b("},
		{"", EXPR_OTHER, ""},
		{"a if b else c", EXPR_OTHER, "a if b else c"},
		{"'\\x41\\u00e9\\101' \"\\U0001f600\\q\"", EXPR_STRING,
		 "A\xc3\xa9"
		 "A\xf0\x9f\x98\x80\\q"},
		{"r'\\x'", EXPR_STRING, "\\x"},
		{"b'\\x'", EXPR_BYTES, "\\x"},
		{"'\\ud800'", EXPR_OTHER, "'\\ud800'"},
		{"'\\0'", EXPR_OTHER, "'\\0'"},
		{"'\\x4'", EXPR_OTHER, "'\\x4'"},
		{"'\\U00110000'", EXPR_OTHER, "'\\U00110000'"},
		{"'\\N{DASH}'", EXPR_OTHER, "'\\N{DASH}'"},
		{"f'a'", EXPR_OTHER, "f'a'"},
		{"-0x_ff", EXPR_INTEGER, "-255"},
		{"0o17", EXPR_INTEGER, "15"},
		{"0b101", EXPR_INTEGER, "5"},
		{"0xffff_ffff_ffff_ffff", EXPR_INTEGER, "18446744073709551615"},
		{"0x1_0000_0000_0000_0000", EXPR_OTHER, "0x1_0000_0000_0000_0000"},
		{"1_000.5e-3", EXPR_FLOAT, "1000.5e-3"},
		{"00", EXPR_INTEGER, "0"},
		{"07", EXPR_OTHER, "07"},
		{"1j", EXPR_OTHER, "1j"},
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		auto_arena arena = {0};
		const struct python_expr *e = python_expression_read(rows[i].code, &arena);

		if (!CHECK(e->kind == rows[i].kind && strcmp(e->text, rows[i].text) == 0))
			printf("# %s: %s\n", rows[i].code, e->text);
	}
}

/* Trees are no higher than a walk that calls itself can take. */
TEST(height)
{
	auto_arena arena = {0};
	auto_free char *good = repeat("a", ".b", 99, "");
	auto_free char *bad = repeat("a", ".b", 100, "");

	CHECK(python_expression_read(good, &arena)->kind == EXPR_ATTRIBUTE);
	CHECK(python_expression_read(bad, &arena)->kind == EXPR_OTHER);
}

/* Names that are bound somehow are there; names that may be bound make the module open. */
TEST(names)
{
	auto_python_module m = {0};
	struct error err;
	static const char code[] =
		"for a in b: pass\nwith c as d, e() as (f, g): pass\nh, (i, *j) = 1, 2\n"
		"try: pass\nexcept E as k: pass\nif (l := 1): pass\nm += 1\ndel n\n"
		"def o():\n    global p\n    q = 1\nmatch r:\n    case [s, T(t=u)]: pass\n"
		"import v.w\n";
	static const char *const bound[] = {"a", "d", "f", "g", "h", "i", "j",
					    "k", "l", "m", "n", "p", "s", "u"};

	CHECK_OK(python_module_read(code, strlen(code), "app.py", &m, &err), err);
	for (size_t i = 0; i < array_len(bound); i++) {
		const struct python_assignment *one = python_find_assignment(&m, bound[i]);

		if (!CHECK(one && !one->value && !one->annotation))
			printf("# %s\n", bound[i]);
	}
	CHECK(!python_find_assignment(&m, "q") && !python_find_assignment(&m, "b"));
	CHECK(python_find_function(&m, "o") && !python_find_class(&m, "o"));
	CHECK(python_find_import(&m, "v") && !python_find_import(&m, "w"));
	CHECK(!m.is_open);
	python_module_release(&m);
	CHECK_OK(python_module_read("from a import *", 15, "app.py", &m, &err), err);
	CHECK(m.is_open);
	python_module_release(&m);
	CHECK_OK(python_module_read("globals()['a'] = 1", 18, "app.py", &m, &err), err);
	CHECK(m.is_open);
}

TEST(open_classes)
{
	static const struct {
		const char *body;
		bool is_open;
	} rows[] = {
		{"'doc'; a: int = 1; b = 2; pass", false},
		{"'doc'\n    def f(self): pass\n    class Config: pass\n    ...", false},
		{"a, b = 1, 2", true},
		{"exec('a = 1')", true},
		{"if x: a = 1", true},
		{"for a in b: pass", true},
		{"a += 1", true},
		{"a.b = 1", true},
		{"del a", true},
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		auto_free char *code = xprintf("class A:\n    %s\n", rows[i].body);
		auto_python_module m = {0};
		struct error err;

		CHECK_OK(python_module_read(code, strlen(code), "app.py", &m, &err), err);
		if (!CHECK(m.n_classes == 1 && m.classes[0].is_open == rows[i].is_open))
			printf("# %s\n", rows[i].body);
	}
}
