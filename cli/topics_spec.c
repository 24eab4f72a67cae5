/* SPDX-License-Identifier: MIT
 * `chutes help spec`: the keys of chute.yaml, a walk over the rows that read it.
 */
#include "cli/help.h"

#include "lib/base/memory.h"
#include "lib/spec/spec.h"

#include <ctype.h>
#include <string.h>

static const char *type_word(enum field_type type)
{
	switch (type) {
	case FIELD_TEXT:
		return "text";
	case FIELD_BOOL:
		return "true or false";
	case FIELD_INTEGER:
		return "whole number";
	case FIELD_NUMBER:
		return "number";
	case FIELD_MONEY:
		return "amount";
	case FIELD_DURATION:
		return "duration";
	case FIELD_SIZE:
		return "size";
	case FIELD_TEXTS:
		return "list of texts";
	case FIELD_PAIRS:
		return "mapping of texts";
	case FIELD_VALUES:
		return "mapping";
	case FIELD_LIST:
		return "list";
	case FIELD_MAP:
		return "mapping by name";
	case FIELD_CHOICE:
	case FIELD_JSON:
	case FIELD_STRUCT:
	case FIELD_CUSTOM:
	case FIELD_LATER:
		break;
	}
	return NULL;
}

static bool has_range(const struct field *row)
{
	return row->max > row->min && (row->type == FIELD_INTEGER || row->type == FIELD_NUMBER) &&
	       row->max < 1e9;
}

/* "whole number 0 to 8, default 1, as in 2" */
static void add_facts(struct text *out, const struct field *row)
{
	const char *comma = "";

	if (row->is_required) {
		text_add(out, "required");
		comma = ", ";
	}
	for (size_t i = 0; row->choices && row->choices[i]; i++)
		text_addf(out, "%s%s", i ? "|" : comma, row->choices[i]);
	if (row->choices)
		comma = ", ";
	if (type_word(row->type)) {
		text_addf(out, "%s%s", comma, type_word(row->type));
		comma = ", ";
	}
	if (has_range(row))
		text_addf(out, " %.10g to %.10g", row->min, row->max);
	if (row->fallback && *row->fallback) {
		bool is_seconds = row->type == FIELD_DURATION &&
				  isdigit((unsigned char)row->fallback[strlen(row->fallback) - 1]);

		text_addf(out, "%sdefault %s%s", comma, row->fallback, is_seconds ? " s" : "");
		comma = ", ";
	}
	if (row->example)
		text_addf(out, "%sas in %s", comma, row->example);
}

static void add_key(void *context, const char *path, const struct field *row)
{
	struct text *out = context;
	auto_text facts = {0};
	auto_text explanation = {0};

	add_facts(&facts, row);
	text_add(&explanation, row->help ? row->help : "");
	if (facts.len)
		text_addf(&explanation, " (%s)", text_str(&facts));
	help_add_pair(out, path, text_str(&explanation));
}

void help_add_spec(struct text *out)
{
	help_add_wrapped(out, 0,
			 "Keys of chute.yaml. [] stands for each entry of a list, NAME for a name "
			 "of your own. Keys that start with x- are yours and ignored.");
	text_add_char(out, '\n');
	spec_keys(add_key, out);
}
