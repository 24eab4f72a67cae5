/* SPDX-License-Identifier: MIT
 * YAML values as JSON text, for places that take any value.
 */
#include "lib/data/yaml.h"

#include "lib/data/yaml_internal.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct writer {
	const struct yaml_source *source;
	struct text *out;
	struct findings *findings;
	bool is_good;
};

enum number_form { NUMBER_NONE, NUMBER_JSON, NUMBER_OTHER };

static const char *skip_digits(const char *s)
{
	while (*s >= '0' && *s <= '9')
		s++;
	return s;
}

static bool is_word(const char *s, const char *const *words)
{
	for (; *words; words++)
		if (strcmp(s, *words) == 0)
			return true;
	return false;
}

/* 0o17, 0x1F, .inf, .nan: numbers of the core schema (YAML 1.2.2, 10.3.2) without a JSON form. */
static bool is_other_number(const char *s)
{
	static const char *const words[] = {".inf",  ".Inf",  ".INF",  "+.inf", "+.Inf",
					    "+.INF", "-.inf", "-.Inf", "-.INF", ".nan",
					    ".NaN",  ".NAN",  NULL};

	if (s[0] == '0' && s[1] == 'o' && s[2])
		return s[2 + strspn(s + 2, "01234567")] == '\0';
	if (s[0] == '0' && s[1] == 'x' && s[2])
		return s[2 + strspn(s + 2, "0123456789abcdefABCDEF")] == '\0';
	return is_word(s, words);
}

static enum number_form number_form(const char *s)
{
	if (is_other_number(s))
		return NUMBER_OTHER;
	const char *unsigned_part = s + (*s == '-' || *s == '+');
	const char *whole = skip_digits(unsigned_part);
	const char *end = whole;
	bool has_whole = whole > unsigned_part;
	bool is_json =
		has_whole && *s != '+' && (*unsigned_part != '0' || whole == unsigned_part + 1);

	if (*end == '.') {
		const char *fraction = end + 1;

		end = skip_digits(fraction);
		if (end == fraction && !has_whole)
			return NUMBER_NONE;
		is_json = is_json && end > fraction;
	} else if (!has_whole) {
		return NUMBER_NONE;
	}
	if (*end == 'e' || *end == 'E') {
		const char *exponent = end + 1;

		exponent += *exponent == '-' || *exponent == '+';
		end = skip_digits(exponent);
		if (end == exponent)
			return NUMBER_NONE;
	}
	if (*end)
		return NUMBER_NONE;
	return is_json ? NUMBER_JSON : NUMBER_OTHER;
}

/* Can a reader hold it, in 64 bits? */
static bool is_in_range(const char *number)
{
	errno = 0;
	if (number[strspn(number, "-0123456789")])
		return isfinite(strtod(number, NULL));
	(void)strtoll(number, NULL, 10);
	return errno == 0;
}

static void write_scalar(struct writer *w, const struct yaml_node *node)
{
	static const char *const yes[] = {"true", "True", "TRUE", NULL};
	static const char *const no[] = {"false", "False", "FALSE", NULL};
	enum number_form form = node->is_plain ? number_form(node->text) : NUMBER_NONE;

	if (form == NUMBER_JSON && !is_in_range(node->text))
		form = NUMBER_OTHER;
	if (yaml_is_null(node)) {
		text_add(w->out, "null");
	} else if (node->is_plain && is_word(node->text, yes)) {
		text_add(w->out, "true");
	} else if (node->is_plain && is_word(node->text, no)) {
		text_add(w->out, "false");
	} else if (form == NUMBER_JSON) {
		text_add(w->out, node->text);
	} else if (form == NUMBER_OTHER) {
		struct finding *f = findings_add(
			w->findings, "E111", "'%s' is a number that JSON cannot hold", node->text);

		yaml_place(w->source, f, node->place);
		finding_hint(f, "write a plain decimal number, or quotes around it for text");
		w->is_good = false;
	} else {
		text_add_json(w->out, node->text);
	}
}

/* NOLINTNEXTLINE(misc-no-recursion): the reader bounds the depth */
static void write_node(struct writer *w, const struct yaml_node *node)
{
	if (node->kind == YAML_SCALAR) {
		write_scalar(w, node);
		return;
	}
	bool is_map = node->kind == YAML_MAPPING;

	text_add_char(w->out, is_map ? '{' : '[');
	for (size_t i = 0; i < node->n; i++) {
		if (i > 0)
			text_add_char(w->out, ',');
		if (is_map) {
			text_add_json(w->out, node->pairs[i].key);
			text_add_char(w->out, ':');
		}
		write_node(w, is_map ? node->pairs[i].value : node->items[i]);
	}
	text_add_char(w->out, is_map ? '}' : ']');
}

bool yaml_write_json(const struct yaml_node *node, const struct yaml_source *source,
		     struct text *out, struct findings *f)
{
	auto_text written = {0};
	struct writer w = {source, &written, f, true};

	write_node(&w, node);
	if (w.is_good)
		text_add_bytes(out, text_str(&written), written.len);
	return w.is_good;
}
