/* SPDX-License-Identifier: MIT */
#include "lib/lower/codegen_internal.h"

#include "lib/data/json.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add_value(struct text *out, const struct json *value);

void python_add_real(struct text *out, double value)
{
	char digits[40];

	for (int precision = 15; precision <= 17; precision++) {
		snprintf(digits, sizeof(digits), "%.*g", precision, value);
		if (strtod(digits, NULL) == value)
			break;
	}
	text_add(out, digits);
	if (!strpbrk(digits, ".e"))
		text_add(out, ".0");
}

void python_add_list(struct text *out, const struct field_texts *values)
{
	text_add_char(out, '[');
	for (size_t i = 0; i < values->n; i++) {
		text_add(out, i ? ", " : "");
		text_add_python(out, values->items[i]);
	}
	text_add_char(out, ']');
}

void python_add_dict(struct text *out, const struct field_pairs *pairs)
{
	text_add_char(out, '{');
	for (size_t i = 0; i < pairs->n; i++) {
		text_add(out, i ? ", " : "");
		text_add_python(out, pairs->items[i].name);
		text_add(out, ": ");
		text_add_python(out, pairs->items[i].value);
	}
	text_add_char(out, '}');
}

static void add_list(struct text *out, const struct json *list)
{
	text_add_char(out, '[');
	for (size_t i = 0; i < json_count(list); i++) {
		text_add(out, i ? ", " : "");
		add_value(out, json_at(list, i));
	}
	text_add_char(out, ']');
}

static void add_object(struct text *out, const struct json *object)
{
	void *position = NULL;
	const char *key = NULL;
	const struct json *value = NULL;
	const char *comma = "";

	text_add_char(out, '{');
	while (json_next(object, &position, &key, &value)) {
		text_add(out, comma);
		text_add_python(out, key);
		text_add(out, ": ");
		add_value(out, value);
		comma = ", ";
	}
	text_add_char(out, '}');
}

static void add_value(struct text *out, const struct json *value)
{
	switch (json_kind(value)) {
	case JSON_KIND_NULL:
		text_add(out, "None");
		break;
	case JSON_KIND_BOOL:
		text_add(out, json_bool(value) ? "True" : "False");
		break;
	case JSON_KIND_INTEGER:
		text_addf(out, "%" PRId64, json_integer_of(value));
		break;
	case JSON_KIND_REAL:
		python_add_real(out, json_real_of(value));
		break;
	case JSON_KIND_TEXT:
		text_add_python(out, json_text(value));
		break;
	case JSON_KIND_LIST:
		add_list(out, value);
		break;
	case JSON_KIND_OBJECT:
		add_object(out, value);
		break;
	}
}

bool python_add_json(struct text *out, const char *json, const char *what, struct error *err)
{
	auto_json struct json *document = NULL;

	if (!json_parse(json, strlen(json), YAML_MAX_BYTES, &document, err)) {
		err->code = ERROR_SPEC;
		return fail_in(err, "writing '%s' as Python", what);
	}
	add_value(out, document);
	return true;
}

static const char indent[] = "        ";

void argument_text(struct text *out, const char *key, const char *value)
{
	text_addf(out, "%s%s=", indent, key);
	text_add_python(out, value);
	text_add(out, ",\n");
}

void argument_bool(struct text *out, const char *key, bool value)
{
	text_addf(out, "%s%s=%s,\n", indent, key, value ? "True" : "False");
}

void argument_integer(struct text *out, const char *key, int64_t value)
{
	text_addf(out, "%s%s=%" PRId64 ",\n", indent, key, value);
}

bool argument_values(struct text *out, const struct field_values *values, struct error *err)
{
	for (size_t i = 0; i < values->n; i++) {
		text_addf(out, "%s**{", indent);
		text_add_python(out, values->items[i].name);
		text_add(out, ": ");
		if (!python_add_json(out, values->items[i].value, values->items[i].name, err))
			return false;
		text_add(out, "},\n");
	}
	return true;
}

/* Words that Python or pydantic do not take as the name of a field. */
static bool is_reserved(const char *name)
{
	static const char *const words[] = {
		"False",
		"None",
		"True",
		"and",
		"as",
		"assert",
		"async",
		"await",
		"break",
		"class",
		"continue",
		"def",
		"del",
		"elif",
		"else",
		"except",
		"finally",
		"for",
		"from",
		"global",
		"if",
		"import",
		"in",
		"is",
		"lambda",
		"nonlocal",
		"not",
		"or",
		"pass",
		"raise",
		"return",
		"try",
		"while",
		"with",
		"yield",
		"model_computed_fields",
		"model_config",
		"model_construct",
		"model_copy",
		"model_dump",
		"model_dump_json",
		"model_extra",
		"model_fields",
		"model_fields_set",
		"model_json_schema",
		"model_parametrized_name",
		"model_post_init",
		"model_rebuild",
		"model_validate",
		"model_validate_json",
		"model_validate_strings",
	};

	for (size_t i = 0; i < array_len(words); i++)
		if (strcmp(name, words[i]) == 0)
			return true;
	return false;
}

void python_add_attribute(struct text *out, const char *name)
{
	text_add(out, name);
	if (is_reserved(name))
		text_add_char(out, '_');
}
