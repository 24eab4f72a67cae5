/* SPDX-License-Identifier: MIT
 * The configuration of a pydantic class, as far as schemas show it.
 */
#include "lib/lower/schema_reader.h"

#include <string.h>

/* What a schema does not show. */
static bool is_hidden(const char *key)
{
	static const char *const keys[] = {
		"populate_by_name",
		"validate_by_name",
		"arbitrary_types_allowed",
		"frozen",
		"use_enum_values",
		"validate_assignment",
		"validate_default",
		"from_attributes",
		"str_strip_whitespace",
		"str_to_lower",
		"str_to_upper",
		"strict",
		"allow_inf_nan",
		"protected_namespaces",
		"revalidate_instances",
		"hide_input_in_errors",
		"defer_build",
		"regex_engine",
		"validate_return",
		"coerce_numbers_to_str",
		"cache_strings",
		"ser_json_inf_nan",
		"val_json_bytes",
	};

	for (size_t i = 0; i < array_len(keys); i++)
		if (strcmp(keys[i], key) == 0)
			return true;
	return false;
}

static bool read_extra(struct schema_reader *r, const struct python_expr *value,
		       struct schema_config *config)
{
	static const struct {
		const char *word, *old;
	} words[] = {{"ignore", "pydantic.Extra.ignore"},
		     {"allow", "pydantic.Extra.allow"},
		     {"forbid", "pydantic.Extra.forbid"}};
	const char *word = value->kind == EXPR_STRING ? value->text : schema_dotted(r, value);

	for (size_t i = 0; i < array_len(words); i++) {
		if (strcmp(word, words[i].word) != 0 && strcmp(word, words[i].old) != 0)
			continue;
		config->additional = i == 0 ? NULL : value_bool(r->arena, i == 1);
		return true;
	}
	return schema_give_up(r, value->line, "'extra' is computed when the file runs");
}

static bool read_key(struct schema_reader *r, const char *key, const struct python_expr *value,
		     struct schema_config *config)
{
	if (is_hidden(key))
		return true;
	if (value->kind == EXPR_NONE)
		return true;
	if (strcmp(key, "extra") == 0)
		return read_extra(r, value, config);
	if (strcmp(key, "title") == 0 && value->kind == EXPR_STRING) {
		config->title = value_text(r->arena, value->text);
		return true;
	}
	if (strcmp(key, "ser_json_bytes") == 0 && value->kind == EXPR_STRING) {
		config->is_base64 = strcmp(value->text, "base64") == 0;
		return true;
	}
	if (strcmp(key, "json_schema_extra") == 0 && value->kind == EXPR_DICT)
		return schema_literal_value(r, value, &config->extra_json);
	return schema_give_up(r, value->line, "what '%s' does is not known here", key);
}

static bool read_keywords(struct schema_reader *r, const struct python_keyword *keywords, size_t n,
			  struct schema_config *config)
{
	for (size_t i = 0; i < n; i++)
		if (!read_key(r, keywords[i].name, keywords[i].value, config))
			return false;
	return true;
}

/* model_config = ConfigDict(…) or {…} */
static bool read_assigned(struct schema_reader *r, const struct python_expr *value,
			  struct schema_config *config)
{
	if (value->kind == EXPR_CALL && value->n_args == 1 &&
	    strcmp(schema_dotted(r, value->args[0]), "pydantic.ConfigDict") == 0)
		return read_keywords(r, value->keywords, value->n_keywords, config);
	if (value->kind != EXPR_DICT)
		return schema_give_up(r, value->line, "'model_config' is computed");
	for (size_t i = 0; i + 1 < value->n_args; i += 2)
		if (value->args[i]->kind != EXPR_STRING ||
		    !read_key(r, value->args[i]->text, value->args[i + 1], config))
			return schema_give_up(r, value->line, "'model_config' is computed");
	return true;
}

static bool read_own(struct schema_reader *r, const struct python_class *class,
		     struct schema_config *config)
{
	for (size_t i = 0; i < class->n_fields; i++)
		if (strcmp(class->fields[i].name, "model_config") == 0 && class->fields[i].value &&
		    !read_assigned(r, class->fields[i].value, config))
			return false;
	for (size_t i = 0; i < class->n_classes; i++) {
		const struct python_class *inner = &class->classes[i];

		for (size_t k = 0; strcmp(inner->name, "Config") == 0 && k < inner->n_fields; k++)
			if (inner->fields[k].value &&
			    !read_key(r, inner->fields[k].name, inner->fields[k].value, config))
				return false;
	}
	return read_keywords(r, class->keywords, class->n_keywords, config);
}

/* NOLINTNEXTLINE(misc-no-recursion): by schema_enter() */
bool schema_read_config(struct schema_reader *r, const struct python_class *class,
			struct schema_config *config)
{
	if (!schema_enter(r, class->line))
		return false;
	for (size_t i = 0; i < class->n_bases; i++) {
		struct schema_name base;

		if (!schema_find_name(r, class->bases[i], &base) ||
		    (base.kind == NAME_CLASS && !schema_read_config(r, base.class, config)))
			return false;
	}
	schema_leave(r);
	return read_own(r, class, config);
}
