/* SPDX-License-Identifier: MIT */
#include "lib/config/ini.h"

#include "lib/base/memory.h"
#include "tests/unit/tap.h"

/* "section.key=value" of all entries in order, a line each, references replaced. */
static char *listing(const struct ini *ini)
{
	auto_text out = {0};
	struct error err;

	for (size_t i = 0; i < ini->n_entries; i++) {
		const struct ini_entry *e = &ini->entries[i];
		const char *section = ini->sections[e->section].name;
		auto_free char *value = NULL;

		if (ini_value(ini, section, e, &value, &err))
			text_addf(&out, "%s.%s=%s|", section, e->key, value);
		else
			text_addf(&out, "%s.%s: %s|", section, e->key, err.message);
	}
	return text_take(&out);
}

static void check_listing(const char *text, const char *want)
{
	auto_ini ini = {0};
	struct error err;

	CHECK_OK(ini_parse("f", text, strlen(text), &ini, &err), err);
	auto_free char *got = listing(&ini);

	CHECK_TEXT(got, want);
}

TEST(what_is_read)
{
	static const char *const cases[][2] = {
		{"", ""},
		{"[a]\nb = c\n", "a.b=c|"},
		{"\xef\xbb\xbf[a]\nb=c", "a.b=c|"},
		{"[a]\r\nB : c = d \r\n", "a.b=c = d|"},
		{"[a]\rb=1\rc=2", "a.b=1|a.c=2|"},
		{"# x\n[a]\n; y\n  # z\nb = c # d ; e\n", "a.b=c # d ; e|"},
		{"[a]\nb = c\n  x\n\n  y\n\n\nf = g\n", "a.b=c\nx\n\ny|a.f=g|"},
		{"[a]\nb =\n  c\n # no value\n  x\n", "a.b=\nc\nx|"},
		{"[a] trailing\n[b]]\nk=v\n", "b].k=v|"},
		{"[a]\n  b = 1\n  c = 2\n", "a.b=1|a.c=2|"},
		{"[a]\nb =\n", "a.b=|"},
		{"[a]\nb = 100%%\n", "a.b=100%|"},
		{"[DEFAULT]\nh = x\n[a]\nb = %(H)s/%(c)s\nc = 1\n", "DEFAULT.h=x|a.b=x/1|a.c=1|"},
	};

	for (size_t i = 0; i < array_len(cases); i++)
		check_listing(cases[i][0], cases[i][1]);
}

TEST(references_that_lead_nowhere)
{
	check_listing("[a]\nb = %(c)s\n", "a.b: f:2: 'b' refers to 'c', which is not there|");
	check_listing("[a]\nb = %(b)s\n", "a.b: f:2: 'b' refers to others without end|");
	check_listing("[a]\nb = 5%\n", "a.b: f:2: a '%' stands alone in 'b'|");
	check_listing("[a]\nb = %()s\n", "a.b: f:2: a '%' stands alone in 'b'|");
}

/* Ten levels are allowed, each with ten references would be endless work. */
TEST(references_are_counted)
{
	auto_text text = {0};
	auto_ini ini = {0};
	auto_free char *value = NULL;
	struct error err;

	text_add(&text, "[a]\nk0 = x\n");
	for (int i = 1; i <= 11; i++)
		text_addf(&text, "k%d = %%(k%d)s\n", i, i - 1);
	text_add(&text, "e0 =\n");
	for (int i = 1; i <= 8; i++)
		text_addf(&text, "e%d = %%(e%d)s%%(e%d)s%%(e%d)s\n", i, i - 1, i - 1, i - 1);
	CHECK_OK(ini_parse("f", text_str(&text), text.len, &ini, &err), err);
	CHECK_OK(ini_value(&ini, "a", ini_find(&ini, "a", "k10"), &value, &err), err);
	CHECK_TEXT(value, "x");
	CHECK(!ini_value(&ini, "a", ini_find(&ini, "a", "k11"), &value, &err));
	CHECK_TEXT(err.message, "f:13: 'k11' refers to others without end");
	CHECK(!ini_value(&ini, "a", ini_find(&ini, "a", "e8"), &value, &err));
}

TEST(what_is_refused)
{
	static const struct {
		const char *text;
		size_t len;
		const char *error;
	} cases[] = {
		{"b = c\n", 0, "f:1: text in front of the first section"},
		{"\n[a]\nsecret\n", 0, "f:3: neither a section nor 'key = value'"},
		{"[a]\n[]\n", 0, "f:2: neither a section nor 'key = value'"},
		{"[a]\n= c\n", 0, "f:2: neither a section nor 'key = value'"},
		{"[a]\n[b]\n[a]\n", 0, "f:3: section '[a]' is in line 1 already"},
		{"[a]\nb=1\nc=1\nB=2\n", 0, "f:4: 'b' is in line 2 already"},
		{"[a]\nb=\xff\n", 0, "f:2: no UTF-8 text"},
		{"[a]\nb=\0c\n", 9, "f:2: no UTF-8 text"},
	};

	for (size_t i = 0; i < array_len(cases); i++) {
		size_t len = cases[i].len ? cases[i].len : strlen(cases[i].text);
		auto_ini ini = {0};
		struct error err;

		CHECK(!ini_parse("f", cases[i].text, len, &ini, &err));
		CHECK_TEXT(err.message, cases[i].error);
		CHECK(err.code == ERROR_USAGE && !ini.name);
	}
}

/* "[a]\nb=" and then as many bytes. */
static bool parse_long(size_t value_len, size_t fill, struct error *err)
{
	auto_text text = {0};
	auto_ini ini = {0};

	text_add(&text, "[a]\nb=");
	for (size_t i = 0; i < value_len; i++)
		text_add_char(&text, 'x');
	text_add_char(&text, '\n');
	while (text.len < fill)
		text_add_char(&text, '\n');
	return ini_parse("f", text_str(&text), text.len, &ini, err);
}

TEST(limits)
{
	struct error err;

	CHECK_OK(parse_long(INI_VALUE_MAX, 0, &err), err);
	CHECK(!parse_long(INI_VALUE_MAX + 1, 0, &err));
	CHECK_TEXT(err.message, "f:2: the value of 'b' is longer than 4096 bytes");
	CHECK_OK(parse_long(1, INI_FILE_MAX, &err), err);
	CHECK(!parse_long(1, INI_FILE_MAX + 1, &err));
	CHECK_TEXT(err.message, "f: more than the limit of 65536 bytes");
}

TEST(common_section)
{
	static const char text[] = "[DEFAULT]\nk = d\nl = d\n[a]\nk = a\n[b]\n";
	auto_ini ini = {0};
	struct error err;

	CHECK_OK(ini_parse("f", text, strlen(text), &ini, &err), err);
	CHECK_TEXT(ini_find(&ini, "a", "k")->value, "a");
	CHECK_TEXT(ini_find(&ini, "b", "k")->value, "d");
	CHECK(!ini_find(&ini, "b", "m"));
	CHECK(!ini_find(&ini, "c", "k")); /* as in Python: no such section */
}

TEST(setting_changes_one_value)
{
	static const struct {
		const char *text, *section, *key, *value, *want;
	} cases[] = {
		{"", "a", "b", "c", "[a]\nb = c\n"},
		{"[a]\nb = 1\n# end\n", "a", "b", "2", "[a]\nb = 2\n# end\n"},
		{"[a]\nb = 1\n  more\n\n[c]\n", "a", "b", "2", "[a]\nb = 2\n\n[c]\n"},
		{"[a]\n  b = 1\n  c = 2\n", "a", "b", "2", "[a]\n  b = 2\n  c = 2\n"},
		{"[a]\nb = 1\n\n# of c\n[c]\n", "a", "x", "2",
		 "[a]\nb = 1\nx = 2\n\n# of c\n[c]\n"},
		{"[a]\n\n # y\n  [c]\n", "a", "x", "2", "[a]\n  x = 2\n\n # y\n  [c]\n"},
		{"[a]", "a", "x", "2", "[a]\nx = 2\n"},
		{"[a]\nb = 1", "c", "x", "5%", "[a]\nb = 1\n\n[c]\nx = 5%%\n"},
		{"[DEFAULT]\nb = 1\n[a]\n", "a", "b", "2", "[DEFAULT]\nb = 1\n[a]\nb = 2\n"},
		{"[a]\r\nb = 1\r\n", "a", "b", "2", "[a]\r\nb = 2\n"},
	};

	for (size_t i = 0; i < array_len(cases); i++) {
		auto_ini ini = {0};
		auto_text out = {0};
		struct error err;

		CHECK_OK(ini_parse("f", cases[i].text, strlen(cases[i].text), &ini, &err), err);
		ini_set(&ini, cases[i].text, cases[i].section, cases[i].key, cases[i].value, &out);
		CHECK_TEXT(text_str(&out), cases[i].want);
	}
}

TEST(removing)
{
	static const char text[] = "# top\n[a]\nb = 1\n  more\n# of c\nc = 2\n";
	auto_ini ini = {0};
	auto_text out = {0};
	struct error err;

	CHECK_OK(ini_parse("f", text, strlen(text), &ini, &err), err);
	ini_remove(ini_find(&ini, "a", "b"), text, &out);
	CHECK_TEXT(text_str(&out), "# top\n[a]\n# of c\nc = 2\n");
}
