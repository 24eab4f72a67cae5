/* SPDX-License-Identifier: MIT
 * Stored schemas become components. Each is a document of its own, with definitions that point at
 * each other from its root; in one document they need names that do not collide, and references
 * that lead there. What leads nowhere (the platform's SDK records such ones) becomes anything, and
 * what a keyword cannot be (a module may say whatever it likes) is left out.
 */
#include "lib/gateway/openapi.h"

#include "lib/data/json.h"
#include "lib/lower/schema_value.h"

#include <string.h>

#define COMPONENTS "#/components/schemas/"

/* One stored document on its way. */
struct document {
	struct openapi *o;
	struct value *definitions; /* of all its levels, by name */
	struct value *names;       /* of the components, by the name of the definition */
	const char *root_name;     /* of the component that is the whole document */
};

static const char *const holders[] = {"definitions", "$defs"};

/* The text of a JSON string without escapes, which names have none of; NULL: no such text. */
static const char *plain_text(struct arena *arena, const struct value *value)
{
	const char *raw = value ? value_raw_text(value) : NULL;

	if (!raw || raw[0] != '"' || strchr(raw, '\\'))
		return NULL;
	return arena_strndup(arena, raw + 1, strlen(raw) - 2);
}

/* What a component may be called. */
static char *component_name(struct arena *arena, const char *text)
{
	char *name = arena_strdup(arena, *text ? text : "schema");

	for (char *c = name; *c; c++)
		if (!((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
		      (*c >= '0' && *c <= '9') || strchr("._-", *c)))
			*c = '_';
	return name;
}

/* A name that is free, or belongs to the same definition of an equal document already. */
static const char *claim_name(struct openapi *o, const char *wanted, struct value *origin,
			      bool *is_new)
{
	const char *name = component_name(o->arena, wanted);
	const char *first = name;

	for (size_t n = 2;; n++) {
		const struct value *taken = value_get(o->origins, name);

		*is_new = !taken;
		if (!taken)
			value_set(o->arena, o->origins, name, origin);
		if (!taken || value_is_equal(taken, origin))
			return name;
		name = arena_printf(o->arena, "%s_%zu", first, n);
	}
}

/* --- references */

static const char *name_behind(const char *reference, const char *holder)
{
	size_t len = strlen(holder);

	if (!text_starts_with(reference, "#/") || strncmp(reference + 2, holder, len) != 0 ||
	    reference[2 + len] != '/')
		return NULL;
	const char *name = reference + 3 + len;

	return strchr(name, '/') ? NULL : name;
}

/* NULL: it leads nowhere. */
static const char *new_reference(const struct document *d, const char *reference)
{
	struct arena *arena = d->o->arena;

	for (size_t i = 0; i < array_len(holders); i++) {
		const char *name = name_behind(reference, holders[i]);
		const char *component = name ? plain_text(arena, value_get(d->names, name)) : NULL;

		if (component)
			return arena_printf(arena, COMPONENTS "%s", component);
		if (name)
			return NULL;
	}
	if (!d->root_name ||
	    (strcmp(reference, "#") != 0 && !text_starts_with(reference, "#/properties/")))
		return NULL;
	return arena_printf(arena, COMPONENTS "%s%s", d->root_name, reference + 1);
}

static struct value *rewrite(const struct document *d, const struct value *schema);

/* Values of a map of schemas, whose keys are no keywords. */
/* NOLINTNEXTLINE(misc-no-recursion): the document's depth is bounded */
static struct value *rewrite_map(const struct document *d, const struct value *map)
{
	struct value *copy = value_object(d->o->arena);

	for (size_t i = 0; i < value_count(map); i++) {
		const char *key = NULL;
		const struct value *member = value_at(map, i, &key);

		value_set(d->o->arena, copy, key, rewrite(d, member));
	}
	return copy;
}

/* NOLINTNEXTLINE(misc-no-recursion): likewise */
static struct value *rewrite_list(const struct document *d, const struct value *list)
{
	struct value *copy = value_list(d->o->arena);

	for (size_t i = 0; i < value_count(list); i++)
		value_push(d->o->arena, copy, rewrite(d, value_at(list, i, NULL)));
	return copy;
}

static bool is_one_of(const char *key, const char *const *keys)
{
	for (; *keys; keys++)
		if (strcmp(*keys, key) == 0)
			return true;
	return false;
}

/* NOLINTNEXTLINE(misc-no-recursion): likewise */
static void rewrite_member(const struct document *d, struct value *out, const char *key,
			   struct value *member)
{
	static const char *const maps[] = {"properties", "patternProperties", "dependentSchemas",
					   NULL};
	static const char *const values[] = {"default",  "enum",    "const",
					     "examples", "example", NULL};
	static const char *const dropped[] = {"definitions", "$defs", "$id", "$schema", NULL};
	struct arena *arena = d->o->arena;
	const char *reference = strcmp(key, "$ref") == 0 ? plain_text(arena, member) : NULL;

	if (is_one_of(key, dropped))
		return;
	if (strcmp(key, "$ref") == 0) {
		const char *rewritten = reference ? new_reference(d, reference) : NULL;

		if (rewritten)
			value_set_text(arena, out, key, rewritten);
	} else if (is_one_of(key, values) || value_raw_text(member)) {
		value_set(arena, out, key, member);
	} else if (is_one_of(key, maps)) {
		if (value_is_object(member))
			value_set(arena, out, key, rewrite_map(d, member));
	} else if (value_is_object(member)) {
		value_set(arena, out, key, rewrite(d, member));
	} else if (strcmp(key, "items") == 0) { /* a list: what it was called before 2020 */
		if (value_count(member) > 0)
			value_set(arena, out, "prefixItems", rewrite_list(d, member));
	} else {
		value_set(arena, out, key, rewrite_list(d, member));
	}
}

/* NOLINTNEXTLINE(misc-no-recursion): likewise */
static struct value *rewrite(const struct document *d, const struct value *schema)
{
	struct value *copy = value_object(d->o->arena);

	if (!value_is_object(schema))
		return value_copy(d->o->arena, schema);
	for (size_t i = 0; i < value_count(schema); i++) {
		const char *key = NULL;
		struct value *member = value_at(schema, i, &key);

		rewrite_member(d, copy, key, member);
	}
	return copy;
}

/* --- documents */

/* Definitions, and those inside of them. */
/* NOLINTNEXTLINE(misc-no-recursion): the document's depth is bounded */
static void collect(struct document *d, const struct value *schema)
{
	for (size_t i = 0; i < array_len(holders); i++) {
		const struct value *map = value_get(schema, holders[i]);
		size_t n = map && value_is_object(map) ? value_count(map) : 0;

		for (size_t k = 0; k < n; k++) {
			const char *name = NULL;
			struct value *definition = value_at(map, k, &name);

			if (value_get(d->definitions, name))
				continue;
			value_set(d->o->arena, d->definitions, name, definition);
			collect(d, definition);
		}
	}
}

/* The definitions as components. */
static void place_definitions(struct document *d)
{
	size_t n = value_count(d->definitions);
	bool *is_new = arena_alloc(d->o->arena, (n + 1) * sizeof(*is_new));

	for (size_t i = 0; i < n; i++) {
		const char *key = NULL;
		struct value *definition = value_at(d->definitions, i, &key);
		struct value *origin = value_pair(d->o->arena, key, definition);

		value_set(d->o->arena, origin, "*", d->definitions);
		value_set_text(d->o->arena, d->names, key,
			       claim_name(d->o, key, origin, &is_new[i]));
	}
	for (size_t i = 0; i < n; i++) {
		const char *key = NULL;
		struct value *definition = value_at(d->definitions, i, &key);

		if (is_new[i])
			value_set(d->o->arena, d->o->components,
				  plain_text(d->o->arena, value_get(d->names, key)),
				  rewrite(d, definition));
	}
}

/* The schema of the only argument, in the form in which bodies are stored; NULL: a document in
 * another form. */
static const struct value *only_argument(const struct value *document)
{
	static const char *const form[] = {"type", "properties", "required", "definitions", NULL};
	const struct value *properties = value_get(document, "properties");
	const struct value *required = value_get(document, "required");

	if (!properties || !required || !value_get(document, "definitions"))
		return NULL;
	for (size_t i = 0; i < value_count(document); i++) {
		const char *key = NULL;

		(void)value_at(document, i, &key);
		if (!is_one_of(key, form))
			return NULL;
	}
	bool is_one = value_is_object(properties) && value_count(properties) == 1 &&
		      value_count(required) == 1;

	const struct value *only = is_one ? value_at(properties, 0, NULL) : NULL;

	return only && value_is_object(only) ? only : NULL;
}

struct value *openapi_schema(struct openapi *o, const char *json, const char *fallback,
			     bool is_input)
{
	struct document d = {o, value_object(o->arena), value_object(o->arena), NULL};
	auto_json struct json *parsed = NULL;
	struct error ignored; /* it has been read before */
	bool is_new = false;

	if (!json || !json_parse(json, strlen(json), SIZE_MAX, &parsed, &ignored))
		return value_object(o->arena);
	struct value *document = value_from_json(o->arena, parsed);

	if (!value_is_object(document))
		return value_object(o->arena);
	const struct value *argument = is_input ? only_argument(document) : NULL;

	collect(&d, document);
	if (argument) {
		place_definitions(&d);
		return rewrite(&d, argument);
	}
	if (value_count(document) < 2)
		return rewrite(&d, document);
	d.root_name = claim_name(o, fallback, document, &is_new);
	place_definitions(&d);
	if (is_new)
		value_set(o->arena, o->components, d.root_name, rewrite(&d, document));
	return value_pair(
		o->arena, "$ref",
		value_text(o->arena, arena_printf(o->arena, COMPONENTS "%s", d.root_name)));
}

const struct value *openapi_resolve(const struct openapi *o, const struct value *schema)
{
	for (int i = 0; i < 8 && schema; i++) {
		const char *reference = plain_text(o->arena, value_get(schema, "$ref"));

		if (!reference || !text_starts_with(reference, COMPONENTS))
			return schema;
		schema = value_get(o->components, reference + strlen(COMPONENTS));
	}
	return schema;
}
