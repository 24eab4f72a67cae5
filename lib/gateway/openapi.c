/* SPDX-License-Identifier: MIT */
#include "lib/gateway/openapi.h"

#include "lib/data/json.h"
#include "lib/lower/schema_value.h"

#include <string.h>

#define JSON_TYPE   "application/json"
#define EVENTS_TYPE "text/event-stream"

static struct value *text_value(struct openapi *o, const char *text)
{
	return value_text(o->arena, text);
}

/* JSON of the spec, as it is. */
static struct value *json_value(struct openapi *o, const char *json)
{
	auto_json struct json *parsed = NULL;
	struct error ignored; /* it has been read before */

	if (!json_parse(json, strlen(json), SIZE_MAX, &parsed, &ignored))
		return value_null(o->arena);
	return value_from_json(o->arena, parsed);
}

static struct value *member_object(struct openapi *o, struct value *object, const char *key)
{
	struct value *member = value_get(object, key);

	if (!member) {
		member = value_object(o->arena);
		value_set(o->arena, object, key, member);
	}
	return member;
}

static struct value *input_schema(struct openapi *o, const struct cord *cord)
{
	const char *name = arena_printf(o->arena, "%s_input", cord->function);
	const char *json = cord->input_json ? cord->input_json : cord->minimal_json;

	return openapi_schema(o, json, name, true);
}

static bool is_required(const struct value *schema, const char *name)
{
	const struct value *required = value_get(schema, "required");
	auto_text quoted = {0};

	text_add_json(&quoted, name);
	for (size_t i = 0; required && i < value_count(required); i++) {
		const char *raw = value_raw_text(value_at(required, i, NULL));

		if (raw && strcmp(raw, text_str(&quoted)) == 0)
			return true;
	}
	return false;
}

/* The fields of an input that comes as a query. */
static void add_parameters(struct openapi *o, struct value *operation, const struct cord *cord)
{
	const struct value *schema = openapi_resolve(o, input_schema(o, cord));
	const struct value *fields =
		schema && value_is_object(schema) ? value_get(schema, "properties") : NULL;
	struct value *list = value_list(o->arena);

	for (size_t i = 0; fields && i < value_count(fields); i++) {
		const char *name = NULL;
		struct value *field = value_at(fields, i, &name);
		struct value *parameter = value_pair(o->arena, "name", text_value(o, name));

		value_set_text(o->arena, parameter, "in", "query");
		value_set(o->arena, parameter, "required",
			  value_bool(o->arena, is_required(schema, name)));
		value_set(o->arena, parameter, "schema", field);
		value_push(o->arena, list, parameter);
	}
	if (value_count(list) > 0)
		value_set(o->arena, operation, "parameters", list);
}

static void add_body(struct openapi *o, struct value *operation, const struct cord *cord)
{
	struct value *schema = input_schema(o, cord);
	const struct value *resolved = openapi_resolve(o, schema);
	struct value *media = value_pair(o->arena, "schema", schema);
	bool needs_some = resolved && value_is_object(resolved) && value_get(resolved, "required");

	if (cord->example_json)
		value_set(o->arena, media, "example", json_value(o, cord->example_json));
	struct value *body =
		value_pair(o->arena, "content", value_pair(o->arena, JSON_TYPE, media));

	value_set(o->arena, body, "required", value_bool(o->arena, needs_some));
	value_set(o->arena, operation, "requestBody", body);
}

/* What a cord answers with: the platform's runtime sends what is no response as JSON, whatever type
 * of plain text is declared for it. */
static const char *answer_type(const struct cord *cord)
{
	if (cord->is_stream && (!cord->content_type || strcmp(cord->content_type, JSON_TYPE) == 0))
		return EVENTS_TYPE;
	if (!cord->content_type ||
	    (cord->output_json && text_starts_with(cord->content_type, "text/plain")))
		return JSON_TYPE;
	return cord->content_type;
}

static void add_answer(struct openapi *o, struct value *operation, const struct cord *cord)
{
	const char *name = arena_printf(o->arena, "%s_output", cord->function);
	const char *type = answer_type(cord);
	struct value *responses = member_object(o, operation, "responses");
	struct value *good = member_object(o, responses, "200");
	struct value *media = value_object(o->arena);

	if (!value_get(good, "description"))
		value_set_text(o->arena, good, "description", "The answer of the chute.");
	if (strcmp(type, JSON_TYPE) == 0)
		value_set(o->arena, media, "schema",
			  openapi_schema(o, cord->output_json, name, false));
	value_set(o->arena, member_object(o, good, "content"), type, media);
	value_set(o->arena, responses, "400",
		  value_pair(o->arena, "$ref", text_value(o, "#/components/responses/invalid")));
	value_set(o->arena, responses, "429",
		  value_pair(o->arena, "$ref", text_value(o, "#/components/responses/busy")));
}

static bool has_operation_id(const struct value *paths, const char *id)
{
	auto_text quoted = {0};

	text_add_json(&quoted, id);
	for (size_t i = 0; i < value_count(paths); i++) {
		const struct value *item = value_at(paths, i, NULL);

		for (size_t k = 0; k < value_count(item); k++) {
			const struct value *taken =
				value_get(value_at(item, k, NULL), "operationId");

			if (taken && strcmp(value_raw_text(taken), text_str(&quoted)) == 0)
				return true;
		}
	}
	return false;
}

/* What the page of forms needs beyond the document's own words. */
static void add_notes(struct openapi *o, struct value *operation, const struct cord *cord)
{
	struct value *notes =
		value_pair(o->arena, "stream", value_bool(o->arena, cord->is_stream || cord->twin));

	value_set(o->arena, notes, "stream_is_chosen", value_bool(o->arena, cord->twin != NULL));
	value_set(o->arena, operation, "x-chutes", notes);
}

static void add_operation(struct openapi *o, struct value *paths, struct value *item,
			  const char *verb, const struct cord *cord)
{
	struct value *operation = value_object(o->arena);
	const char *id = cord->function;

	for (size_t n = 2; has_operation_id(paths, id); n++)
		id = arena_printf(o->arena, "%s_%zu", cord->function, n);
	value_set_text(o->arena, operation, "operationId", id);
	value_set_text(o->arena, operation, "summary", cord->function);
	value_set(o->arena, item, verb, operation);
	add_notes(o, operation, cord);
	if (cord_takes_body(cord))
		add_body(o, operation, cord);
	else
		add_parameters(o, operation, cord);
	add_answer(o, operation, cord);
}

/* Of two cords with one route the one that does not stream describes both. */
static void add_cord(struct openapi *o, struct value *paths, const struct cord *cord)
{
	static const char *const verbs[] = {"get",     "put",  "post",  "delete",
					    "options", "head", "patch", "trace"};
	struct value *item = member_object(o, paths, cord->path);
	const char *verb = NULL;

	for (size_t i = 0; i < array_len(verbs); i++)
		if (strcasecmp(verbs[i], cord->method) == 0)
			verb = verbs[i];
	if (!verb) /* the document has no word for it */
		return;
	struct value *operation = value_get(item, verb);

	if (!operation)
		add_operation(o, paths, item, verb, cord_for_stream(cord, false));
	else if (cord->twin)
		add_answer(o, operation, cord);
}

static void add_twin_answers(struct openapi *o, struct value *paths, const struct cords *cords)
{
	for (size_t i = 0; i < cords->n; i++)
		if (cords->items[i].twin && cords->items[i].is_stream)
			add_cord(o, paths, &cords->items[i]);
}

static struct value *error_response(struct openapi *o, const char *description)
{
	struct value *schema =
		json_value(o, "{\"type\":\"object\",\"properties\":{\"detail\":{\"type\":"
			      "\"string\"}},\"required\":[\"detail\"]}");
	struct value *response = value_pair(o->arena, "description", text_value(o, description));

	value_set(o->arena, response, "content",
		  value_pair(o->arena, JSON_TYPE, value_pair(o->arena, "schema", schema)));
	return response;
}

static struct value *info_of(struct openapi *o, const struct spec *spec)
{
	struct value *info = value_pair(o->arena, "title", text_value(o, spec->name));

	value_set_text(o->arena, info, "version", "1.0.0");
	if (*spec->tagline)
		value_set_text(o->arena, info, "summary", spec->tagline);
	if (*spec->readme.text)
		value_set_text(o->arena, info, "description", spec->readme.text);
	return info;
}

void openapi_add(const struct spec *spec, const struct cords *cords, struct text *out)
{
	auto_arena arena = {0};
	struct openapi o = {&arena, value_object(&arena), value_object(&arena)};
	struct value *document = value_pair(&arena, "openapi", value_text(&arena, "3.1.0"));
	struct value *paths = value_object(&arena);
	struct value *components = value_object(&arena);
	struct value *responses = value_object(&arena);

	for (size_t i = 0; i < cords->n; i++)
		if (!(cords->items[i].twin && cords->items[i].is_stream))
			add_cord(&o, paths, &cords->items[i]);
	add_twin_answers(&o, paths, cords);
	value_set(&arena, responses, "invalid",
		  error_response(&o, "The input does not fit, or is no JSON."));
	value_set(&arena, responses, "busy",
		  error_response(&o, "As many requests as the chute takes at once are running."));
	value_set(&arena, components, "schemas", o.components);
	value_set(&arena, components, "responses", responses);
	value_set(&arena, document, "info", info_of(&o, spec));
	value_set(&arena, document, "paths", paths);
	value_set(&arena, document, "components", components);
	value_write(document, out);
}
