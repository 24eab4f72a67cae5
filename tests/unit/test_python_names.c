/* SPDX-License-Identifier: MIT */
#include "lib/python/names.h"

#include "lib/base/text.h"
#include "tests/unit/tap.h"

static void check(const char *code, const char *wanted)
{
	auto_python_names names = {0};
	auto_text got = {0};

	python_names_read(code, strlen(code), &names);
	for (size_t i = 0; i < names.names.n; i++)
		text_addf(&got, "%s%s", i ? " " : "", names.names.items[i]);
	if (names.is_open)
		text_add(&got, " *");
	if (!tap_note(strcmp(text_str(&got), wanted) == 0, __FILE__, __LINE__, code))
		printf("#   got:  %s\n#   want: %s\n", text_str(&got), wanted);
}

TEST(definitions)
{
	check("def a():\n    pass\nasync def b(self):\n    x = 1\n", "a b");
	check("class A:\n    def inside(self): pass\n    y = 1\ndef b(): pass\n", "A b");
	check("def a(x=(1,\n2)):\n    def inner():\n        pass\n    return 1\n\n\ndef b(): ...\n",
	      "a b");
	check("@decorator\n@other(1, 2)\nasync  def  a ( ) :\n\tpass\n", "a");
	check("if True:\n    def a(): pass\nelse:\n    def b():\n        z = 1\n", "a b");
	check("try:\n    import fast as a\nexcept ImportError:\n    a = None\n", "a a");
	check("\xef\xbb\xbf"
	      "def a(): pass\r\ndef b(): pass\r\n",
	      "a b");
	check("def \xc3\xa9t\xc3\xa9(): pass", "\xc3\xa9t\xc3\xa9");
	check("", "");
	check("   ", "");
}

TEST(strings_and_comments)
{
	check("\"\"\"\ndef a(): pass\n\"\"\"\ndef b(): pass\n", "b");
	check("x = '''\ndef a(): pass\n''' + r\"\\\"\n# def c():\ndef b(): pass\n", "b x");
	check("x = [\ndef_,\n]\ndef b(): pass # def c()\n", "b x");
	check("x = 1 + \\\n  2\ny = 3\n", "x y");
}

TEST(assignments_and_imports)
{
	check("a = b = 1\n", "a");
	check("a, b = 1, 2\n", "a b");
	check("a: int = 1\n", "a");
	check("a == b\na.b = 1\nf(x=1)\na[0] = 1\n", "");
	check("import os\nimport a.b.c\nimport d.e as f, g\n", "a f g os");
	check("from a import b, c as d\nfrom .x.y import (\n    e,  # note\n    f as g,\n)\n",
	      "b d e g");
	check("from . import a\n", "a");
	check("from a import *\ndef b(): pass\n", "b *");
	check("lambda_ = lambda: 1\n", "lambda_");
}

TEST(broken)
{
	check("def", "");
	check("def (", "");
	check("from", "");
	check("import ,", "");
	check("x = \"unclosed\ndef b(): pass\n", "b x");
	check("x = '''unclosed\ndef b(): pass\n", "x");
	check("x = (\ndef b(): pass\n", "x");
}

TEST(lookup)
{
	auto_python_names names = {0};
	const char *code = "def b(): pass\ndef a(): pass\nc = d = 1\n";

	python_names_read(code, strlen(code), &names);
	CHECK(python_names_has(&names, "a") && python_names_has(&names, "b"));
	CHECK(python_names_has(&names, "c"));
	CHECK(!python_names_has(&names, "") && !python_names_has(&names, "ab"));
}
