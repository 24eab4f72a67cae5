/* SPDX-License-Identifier: MIT
 * Rows for single values: text, booleans, numbers, times, sizes, choices.
 */
#include "lib/data/fields_internal.h"

#include "lib/base/memory.h"
#include "lib/base/time.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <regex.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN_CHARACTERS = 60, MICROS = 1000000, MICRO_DIGITS = 6 };

struct finding *field_finding(struct field_reader *r, const char *code, struct place place,
			      const char *fmt, ...)
{
	auto_text message = {0};
	va_list args;

	va_start(args, fmt);
	text_addv(&message, fmt, args);
	va_end(args);
	struct finding *f = findings_add(r->findings, code, "%s", text_str(&message));

	yaml_place(r->source, f, place);
	return f;
}

const char *field_quoted(struct field_reader *r, const char *text)
{
	auto_text printable = {0};
	size_t len = 0;

	for (size_t n = 0; n < SHOWN_CHARACTERS && text[len]; n++) {
		size_t step = utf8_length(text + len, strlen(text + len));

		len += step ? step : 1;
	}
	text_add_printable(&printable, text, len, false);
	return arena_printf(r->arena, "'%s%s'", text_str(&printable), text[len] ? "..." : "");
}

const char *field_shown(struct field_reader *r, const struct yaml_node *node)
{
	if (node->kind == YAML_SEQUENCE)
		return "a list";
	if (node->kind == YAML_MAPPING)
		return "a mapping";
	if (yaml_is_null(node))
		return "nothing";
	return field_quoted(r, node->text);
}

bool field_wrong_type(struct field_reader *r, const struct field *row, const struct yaml_node *node,
		      const char *wanted)
{
	if (yaml_is_null(node))
		finding_hint(field_finding(r, "E111", node->place, "'%s' has no value", row->key),
			     "give it a value or remove the key");
	else
		field_finding(r, "E111", node->place, "'%s' must be %s, not %s", row->key, wanted,
			      field_shown(r, node));
	return false;
}

/* Compiling costs more than matching: what a document needs often is compiled once. There are no
 * more patterns than rows. */
struct field_pattern {
	const char *text; /* a row's, compared by address */
	regex_t compiled;
	struct field_pattern *next;
};

static void pattern_free(struct field_pattern *pattern)
{
	regfree(&pattern->compiled);
	free(pattern);
}

static struct field_pattern *pattern_new(const char *text)
{
	struct field_pattern *pattern = xcalloc(1, sizeof(*pattern));
	int broken = regcomp(&pattern->compiled, text, REG_EXTENDED | REG_NOSUB);

	assert(!broken);
	pattern->text = text;
	return pattern;
}

static bool pattern_matches(const struct field_pattern *pattern, const char *text)
{
	return regexec(&pattern->compiled, text, 0, NULL, 0) == 0;
}

void field_reader_release(struct field_reader *r)
{
	while (r->patterns) {
		struct field_pattern *next = r->patterns->next;

		pattern_free(r->patterns);
		r->patterns = next;
	}
}

bool field_matches(const char *pattern, const char *text)
{
	struct field_pattern *compiled = pattern_new(pattern);
	bool matches = pattern_matches(compiled, text);

	pattern_free(compiled);
	return matches;
}

bool field_row_matches(struct field_reader *r, const struct field *row, const char *text)
{
	if (!row->pattern)
		return true;
	struct field_pattern *pattern = r->patterns;

	while (pattern && pattern->text != row->pattern)
		pattern = pattern->next;
	if (!pattern) {
		pattern = pattern_new(row->pattern);
		pattern->next = r->patterns;
		r->patterns = pattern;
	}
	return pattern_matches(pattern, text);
}

/* 5 as "5", 0.5 as "0.5". */
static const char *number_text(struct field_reader *r, double value)
{
	return arena_printf(r->arena, "%.15g", value);
}

bool field_check_range(struct field_reader *r, const struct field *row, double value,
		       const char *unit, struct place place)
{
	bool is_low = row->is_min_excluded ? value <= row->min : value < row->min;

	if (row->max == 0 || (!is_low && value <= row->max))
		return true;
	const char *limit = number_text(r, is_low ? row->min : row->max);
	const char *relation = !is_low                ? "at most"
			       : row->is_min_excluded ? "more than"
						      : "at least";

	bool is_count = row->type != FIELD_DURATION && row->type != FIELD_SIZE;

	if (unit)
		field_finding(r, "E113", place, "'%s' %s %s %s%s; it %s %s %s", row->key,
			      is_count ? "has" : "is", number_text(r, value), unit,
			      value == 1 ? "" : "s",
			      !is_count ? "must be"
			      : is_low  ? "needs"
					: "may have",
			      relation, limit);
	else
		field_finding(r, "E113", place, "'%s' is %s; it must be %s %s", row->key,
			      number_text(r, value), relation, limit);
	return false;
}

/* Offset of the first control character (C0, DEL, C1); the length when there is none. */
static size_t find_control(const char *text, bool has_lines)
{
	size_t i = 0;

	for (; text[i]; i++) {
		unsigned char c = (unsigned char)text[i];
		bool is_c1 = c == 0xc2 && (unsigned char)text[i + 1] < 0xa0;

		if (has_lines && (c == '\n' || c == '\t'))
			continue;
		if (c < 0x20 || c == 0x7f || is_c1)
			break;
	}
	return i;
}

bool field_check_text(struct field_reader *r, const struct field *row, const char *text,
		      struct place place)
{
	if (text[find_control(text, row->has_lines)]) {
		field_finding(r, "E114", place, "'%s' contains a control character: %s", row->key,
			      field_quoted(r, text));
		return false;
	}
	if (!field_row_matches(r, row, text)) {
		struct finding *f = field_finding(r, "E114", place, "%s is not allowed for '%s'",
						  field_quoted(r, text), row->key);

		finding_hint(f, "it must be %s", row->form);
		return false;
	}
	return true;
}

static bool read_choice(struct field_reader *r, const struct field *row,
			const struct yaml_node *node, unsigned *slot)
{
	auto_text list = {0};

	for (unsigned i = 0; row->choices[i]; i++) {
		if (node->kind == YAML_SCALAR && strcmp(node->text, row->choices[i]) == 0) {
			*slot = i;
			return true;
		}
		text_addf(&list, "%s%s",
			  i == 0                ? ""
			  : row->choices[i + 1] ? ", "
						: " or ",
			  row->choices[i]);
	}
	if (node->kind != YAML_SCALAR || yaml_is_null(node))
		return field_wrong_type(r, row, node, text_str(&list));
	struct finding *f = field_finding(r, "E114", node->place, "'%s' cannot be %s", row->key,
					  field_shown(r, node));
	const char *near = text_nearest(node->text, row->choices);

	if (near)
		finding_hint(f, "did you mean '%s'?", near);
	else
		finding_hint(f, "it must be %s", text_str(&list));
	return false;
}

static bool read_text(struct field_reader *r, const struct field *row, const struct yaml_node *node,
		      char **slot)
{
	/* characters of a list of texts are not what its limits count */
	bool is_own_limit = row->type == FIELD_TEXT;
	unsigned choice = 0;

	if (row->choices) {
		if (!read_choice(r, row, node, &choice))
			return false;
		*slot = arena_strdup(r->arena, row->choices[choice]);
		return true;
	}
	if (node->kind != YAML_SCALAR || yaml_is_null(node))
		return field_wrong_type(r, row, node, "text");
	size_t n = utf8_count(node->text, strlen(node->text));

	if (is_own_limit && !field_check_range(r, row, (double)n, "character", node->place))
		return false;
	if (!field_check_text(r, row, node->text, node->place))
		return false;
	*slot = arena_strdup(r->arena, node->text);
	return true;
}

static bool read_bool(struct field_reader *r, const struct field *row, const struct yaml_node *node,
		      bool *slot)
{
	static const struct {
		const char *word;
		const char *meant;
	} almost[] = {{"true", "true"}, {"false", "false"}, {"yes", "true"}, {"on", "true"},
		      {"y", "true"},    {"1", "true"},      {"no", "false"}, {"off", "false"},
		      {"n", "false"},   {"0", "false"}};

	/* those of YAML 1.2's core schema: even ones mean false */
	static const char *const words[] = {"false", "true", "False", "True", "FALSE", "TRUE"};

	for (size_t i = 0; node->is_plain && i < array_len(words); i++) {
		if (strcmp(node->text, words[i]) == 0) {
			*slot = i % 2;
			return true;
		}
	}
	field_wrong_type(r, row, node, "true or false");
	if (node->kind != YAML_SCALAR)
		return false;
	struct finding *f = &r->findings->items[r->findings->n - 1];

	for (size_t i = 0; i < array_len(almost); i++)
		if (strcasecmp(node->text, almost[i].word) == 0)
			finding_hint(f, "write %s: only true and false are booleans",
				     almost[i].meant);
	if (!node->is_plain &&
	    (strcasecmp(node->text, "true") == 0 || strcasecmp(node->text, "false") == 0))
		finding_hint(f, "remove the quotes");
	return false;
}

/* A plain scalar with a decimal number: digits, at most one point, no exponent. */
static bool is_decimal(const char *s, bool takes_fraction)
{
	s += *s == '-';
	size_t whole = strspn(s, "0123456789");

	if (whole == 0 || (whole > 1 && s[0] == '0'))
		return false;
	if (s[whole] == '\0')
		return true;
	size_t fraction = s[whole] == '.' ? strspn(s + whole + 1, "0123456789") : 0;

	return takes_fraction && fraction > 0 && s[whole + 1 + fraction] == '\0';
}

static bool check_decimal(struct field_reader *r, const struct field *row,
			  const struct yaml_node *node, bool takes_fraction)
{
	bool is_number = node->kind == YAML_SCALAR && is_decimal(node->text, takes_fraction);

	if (is_number && node->is_plain)
		return true;
	field_wrong_type(r, row, node, takes_fraction ? "a decimal number" : "a whole number");
	if (is_number)
		finding_hint(&r->findings->items[r->findings->n - 1], "remove the quotes");
	return false;
}

static bool read_integer(struct field_reader *r, const struct field *row,
			 const struct yaml_node *node, int64_t *slot)
{
	if (!check_decimal(r, row, node, false))
		return false;
	/* as a double for the limits, which then also catch what 64 bits cannot hold */
	if (!field_check_range(r, row, strtod(node->text, NULL), NULL, node->place))
		return false;
	*slot = strtoll(node->text, NULL, 10);
	return true;
}

static bool read_number(struct field_reader *r, const struct field *row,
			const struct yaml_node *node, double *slot)
{
	if (!check_decimal(r, row, node, true))
		return false;
	double value = strtod(node->text, NULL);

	if (!field_check_range(r, row, value, NULL, node->place))
		return false;
	*slot = value;
	return true;
}

static bool read_money(struct field_reader *r, const struct field *row,
		       const struct yaml_node *node, int64_t *slot)
{
	if (!check_decimal(r, row, node, true) ||
	    !field_check_range(r, row, strtod(node->text, NULL), NULL, node->place))
		return false;
	/* the limits of the row keep this far from overflow */
	assert(row->max > 0);
	char *fraction;
	int64_t value = strtoll(node->text, &fraction, 10) * MICROS;
	const char *digits = *fraction ? fraction + 1 : fraction;

	if (strlen(digits) > MICRO_DIGITS) {
		field_finding(r, "E113", node->place,
			      "'%s' has more than %d digits behind the point", row->key,
			      MICRO_DIGITS);
		return false;
	}
	for (int64_t unit = MICROS / 10; *digits; unit /= 10)
		value += (*digits++ - '0') * unit;
	*slot = value;
	return true;
}

static bool read_duration(struct field_reader *r, const struct field *row,
			  const struct yaml_node *node, uint64_t *slot)
{
	struct error ignored; /* our own message says more */
	uint64_t ms = 0;

	if (node->kind != YAML_SCALAR || !duration_parse(node->text, &ms, &ignored))
		return field_wrong_type(r, row, node, "a time such as 30s, 10m or 12h");
	if (!field_check_range(r, row, (double)ms / 1000, "second", node->place))
		return false;
	*slot = ms;
	return true;
}

static bool read_size(struct field_reader *r, const struct field *row, const struct yaml_node *node,
		      uint64_t *slot)
{
	struct error ignored; /* our own message says more */
	uint64_t bytes = 0;

	if (node->kind != YAML_SCALAR || !size_parse(node->text, &bytes, &ignored))
		return field_wrong_type(r, row, node, "a size such as 512MiB");
	if (!field_check_range(r, row, (double)bytes, "byte", node->place))
		return false;
	*slot = bytes;
	return true;
}

bool field_read_scalar(struct field_reader *r, const struct field *row,
		       const struct yaml_node *node, void *slot)
{
	struct yaml_node expanded;

	if (node->kind == YAML_SCALAR && field_has_reference(node->text)) {
		if (!row->takes_env)
			return field_refuse_reference(r, row, node->place);
		if (!field_expand(r, node, &expanded))
			return false;
		node = &expanded;
	}
	switch ((int)row->type) {
	case FIELD_BOOL:
		return read_bool(r, row, node, slot);
	case FIELD_INTEGER:
		return read_integer(r, row, node, slot);
	case FIELD_NUMBER:
		return read_number(r, row, node, slot);
	case FIELD_MONEY:
		return read_money(r, row, node, slot);
	case FIELD_DURATION:
		return read_duration(r, row, node, slot);
	case FIELD_SIZE:
		return read_size(r, row, node, slot);
	case FIELD_CHOICE:
		return read_choice(r, row, node, slot);
	default:
		return read_text(r, row, node, slot);
	}
}
