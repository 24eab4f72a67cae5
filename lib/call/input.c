/* SPDX-License-Identifier: MIT
 * `name=value` as JSON. What a value is says the schema of the cord's input; where that is silent,
 * a value that reads as JSON is that, and everything else is text.
 */
#include "lib/base/base64.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/call/call.h"

#include <string.h>

enum { FILE_MAX = 256 * 1024 * 1024, REFERENCES_MAX = 32 };

/* What a field may be. */
enum {
	IS_NULL = 1 << JSON_KIND_NULL,
	IS_BOOL = 1 << JSON_KIND_BOOL,
	IS_INTEGER = 1 << JSON_KIND_INTEGER,
	IS_NUMBER = 1 << JSON_KIND_REAL,
	IS_TEXT = 1 << JSON_KIND_TEXT,
	IS_LIST = 1 << JSON_KIND_LIST,
	IS_OBJECT = 1 << JSON_KIND_OBJECT,
	IS_FILE = 1 << 8,
};

struct input_field {
	const char *name;
	unsigned types;            /* 0: anything */
	const struct json *schema; /* NULL: nothing is known */
	const struct json *items;  /* of a list; may be NULL */
};

struct reading {
	const struct call_cord *cord;
	const struct json *object; /* the schema of the input; NULL: nothing is known */
	struct error *err;
};

/* --- what the schema says */

/* What "#/$defs/NAME" or the like leads to. */
static const struct json *find_reference(const struct json *document, const char *reference)
{
	const struct json *at = *reference == '#' ? document : NULL;

	for (const char *rest = strchr(reference, '/'); at && rest;) {
		size_t len = strcspn(rest + 1, "/");
		auto_free char *name = xstrndup(rest + 1, len);

		at = json_find(at, name);
		rest = rest[1 + len] ? rest + 1 + len : NULL;
	}
	return at;
}

static const struct json *follow(const struct json *document, const struct json *schema)
{
	for (int i = 0; schema && i < REFERENCES_MAX; i++) {
		const char *reference = json_text(json_find(schema, "$ref"));

		if (!reference)
			return schema;
		schema = find_reference(document, reference);
	}
	return NULL;
}

static unsigned type_of(const char *name)
{
	static const struct {
		const char *name;
		unsigned type;
	} types[] = {{"null", IS_NULL},     {"boolean", IS_BOOL}, {"integer", IS_INTEGER},
		     {"number", IS_NUMBER}, {"string", IS_TEXT},  {"array", IS_LIST},
		     {"object", IS_OBJECT}};

	for (size_t i = 0; name && i < array_len(types); i++)
		if (strcmp(types[i].name, name) == 0)
			return types[i].type;
	return 0;
}

static bool is_file(const struct json *schema)
{
	const char *encoding = json_text(json_find(schema, "contentEncoding"));
	const char *format = json_text(json_find(schema, "format"));

	return (encoding && strcmp(encoding, "base64") == 0) ||
	       (format && (strcmp(format, "base64") == 0 || strcmp(format, "binary") == 0));
}

/* Add what a schema allows; false: anything. */
/* NOLINTNEXTLINE(misc-no-recursion): the depth of documents is bounded, references are counted */
static bool add_types(const struct json *document, const struct json *given, struct input_field *f,
		      int depth)
{
	const struct json *schema = follow(document, given);
	const struct json *type = schema ? json_find(schema, "type") : NULL;
	const struct json *any = schema ? json_find(schema, "anyOf") : NULL;

	if (schema && !any)
		any = json_find(schema, "oneOf");
	if (!schema || depth > REFERENCES_MAX || (!type && !any))
		return false;
	if (json_find(schema, "items"))
		f->items = json_find(schema, "items");
	if (is_file(schema))
		f->types |= IS_FILE;
	if (type && json_text(type))
		f->types |= type_of(json_text(type));
	for (size_t i = 0; type && i < json_count(type); i++)
		f->types |= type_of(json_text(json_at(type, i)));
	for (size_t i = 0; !type && i < json_count(any); i++)
		if (!add_types(document, json_at(any, i), f, depth + 1))
			return false;
	return true;
}

static struct input_field field_of(const struct reading *r, const char *name,
				   const struct json *schema)
{
	struct input_field f = {.name = name, .schema = schema};

	if (!schema || !add_types(r->cord->definitions, schema, &f, 0))
		f.types = 0;
	return f;
}

static void add_type_names(const struct input_field *f, struct text *out)
{
	static const struct {
		unsigned type;
		const char *name;
	} names[] = {{IS_FILE, "a file (NAME=@FILE)"},
		     {IS_TEXT, "text"},
		     {IS_INTEGER, "a whole number"},
		     {IS_NUMBER, "a number"},
		     {IS_BOOL, "true or false"},
		     {IS_LIST, "a list (JSON, or several times NAME=VALUE)"},
		     {IS_OBJECT, "a JSON object"},
		     {IS_NULL, "null"}};

	for (size_t i = 0; i < array_len(names); i++) {
		bool is_said = names[i].type == IS_TEXT && f->types & IS_FILE;

		if ((f->types & names[i].type) && !is_said)
			text_addf(out, "%s%s", out->len ? " or " : "", names[i].name);
	}
}

/* --- values */

static bool fail_value(const struct reading *r, const struct input_field *f, const char *value)
{
	auto_text wanted = {0};

	add_type_names(f, &wanted);
	return fail(r->err, ERROR_USAGE, "field '%.60s' must be %s, not '%.60s'", f->name,
		    text_str(&wanted), value);
}

static void add_text(struct text *out, const char *value) { text_add_json(out, value); }

/* The value as JSON where it reads as that and the field may be it. */
static bool add_as_json(const struct input_field *f, const char *value, size_t len,
			struct text *out)
{
	auto_json struct json *json = NULL;
	struct error ignored; /* then it is text */

	if (!json_parse(value, len, FILE_MAX, &json, &ignored))
		return false;
	enum json_kind kind = json_kind(json);
	unsigned type = 1U << kind;
	bool fits = f->types == 0 || (f->types & type) ||
		    (kind == JSON_KIND_INTEGER && (f->types & IS_NUMBER));

	/* what is quoted and may be text is that text, quotes and all */
	if (!fits || kind == JSON_KIND_TEXT)
		return false;
	text_add_bytes(out, value, len);
	return true;
}

static bool add_literal(const struct reading *r, const struct input_field *f, const char *value,
			struct text *out)
{
	/* text first, where the other ways in are not plainly meant */
	bool is_only_text = f->types && (f->types & ~(unsigned)(IS_NULL | IS_FILE)) == IS_TEXT;

	if (!utf8_is_valid(value, strlen(value)))
		return fail(r->err, ERROR_USAGE, "field '%.60s' is not UTF-8", f->name);
	if (!is_only_text && add_as_json(f, value, strlen(value), out))
		return true;
	if (f->types == 0 || f->types & IS_TEXT) {
		add_text(out, value);
		return true;
	}
	if (!(f->types & IS_LIST))
		return fail_value(r, f, value);
	struct input_field item = field_of(r, f->name, f->items);

	text_add_char(out, '[');
	if (!add_literal(r, &item, value, out))
		return false;
	text_add_char(out, ']');
	return true;
}

static bool add_file(const struct reading *r, const struct input_field *f, const char *path,
		     struct text *out)
{
	auto_text bytes = {0};

	if (!file_read(path, FILE_MAX, &bytes, r->err))
		return fail_in(r->err, "field '%.60s'", f->name);
	bool is_text = utf8_is_valid(text_str(&bytes), bytes.len) &&
		       !memchr(text_str(&bytes), '\0', bytes.len);
	bool may_be_text = (f->types == 0 || f->types & IS_TEXT) && !(f->types & IS_FILE);

	if (f->types && !(f->types & (IS_TEXT | IS_FILE)))
		return add_as_json(f, text_str(&bytes), bytes.len, out) || fail_value(r, f, path);
	if (may_be_text && is_text) {
		add_text(out, text_str(&bytes));
		return true;
	}
	text_add_char(out, '"');
	base64_encode(text_str(&bytes), bytes.len, out);
	text_add_char(out, '"');
	return true;
}

static bool add_value(const struct reading *r, const struct input_field *f, const char *value,
		      struct text *out)
{
	if (value[0] == '@' && value[1] == '@') /* a text that starts with one */
		return add_literal(r, f, value + 1, out);
	return value[0] == '@' ? add_file(r, f, value + 1, out) : add_literal(r, f, value, out);
}

/* --- fields */

static bool fail_field(const struct reading *r, const char *name, const struct json *properties)
{
	auto_strings names = {0};
	auto_text all = {0};
	void *position = NULL;
	const char *key;
	const struct json *schema;

	while (json_next(properties, &position, &key, &schema)) {
		strings_add(&names, key);
		text_addf(&all, "%s%s", all.len ? ", " : "", key);
	}
	const char *nearest =
		names.n ? text_nearest(name, (const char *const *)strings_argv(&names)) : NULL;

	fail(r->err, ERROR_USAGE, "cord '%s' takes no field '%.60s'", r->cord->function, name);
	if (nearest)
		return fail_hint(r->err, "did you mean '%s'?", nearest);
	return fail_hint(r->err, "it takes %.200s", all.len ? text_str(&all) : "none");
}

static bool find_field(const struct reading *r, const char *name, struct input_field *out)
{
	const struct json *properties = r->object ? json_find(r->object, "properties") : NULL;
	const struct json *schema = properties ? json_find(properties, name) : NULL;
	const struct json *others = r->object ? json_find(r->object, "additionalProperties") : NULL;
	bool is_open = others && (json_kind(others) != JSON_KIND_BOOL || json_bool(others));

	if (properties && !schema && !is_open)
		return fail_field(r, name, properties);
	*out = field_of(r, name, schema);
	return true;
}

/* One field, given once or several times from entry `first` on. */
static bool add_field(const struct reading *r, const struct strings *entries, size_t first,
		      struct text *out)
{
	size_t len = strcspn(entries->items[first], "=");
	auto_free char *name = xstrndup(entries->items[first], len);
	size_t n = 0;
	struct input_field f = {0};

	for (size_t i = first; i < entries->n; i++)
		n += strncmp(entries->items[i], name, len) == 0 && entries->items[i][len] == '=';
	if (!find_field(r, name, &f))
		return false;
	text_addf(out, "%s", out->len > 1 ? "," : "");
	text_add_json(out, name);
	text_add_char(out, ':');
	if (n == 1)
		return add_value(r, &f, entries->items[first] + len + 1, out);
	if (f.types && !(f.types & IS_LIST))
		return fail(r->err, ERROR_USAGE, "field '%.60s' is given %zu times", name, n);
	struct input_field item = field_of(r, name, f.items);

	text_add_char(out, '[');
	for (size_t i = first, k = 0; i < entries->n; i++) {
		if (strncmp(entries->items[i], name, len) != 0 || entries->items[i][len] != '=')
			continue;
		if (k++ > 0)
			text_add_char(out, ',');
		if (!add_value(r, &item, entries->items[i] + len + 1, out))
			return false;
	}
	text_add_char(out, ']');
	return true;
}

/* Was this field already given by an earlier entry? */
static bool is_repeated(const struct strings *entries, size_t i)
{
	size_t len = strcspn(entries->items[i], "=") + 1;

	for (size_t k = 0; k < i; k++)
		if (strncmp(entries->items[k], entries->items[i], len) == 0)
			return true;
	return false;
}

static bool check_required(const struct reading *r, const struct strings *entries)
{
	const struct json *required = r->object ? json_find(r->object, "required") : NULL;
	const char *example = r->cord->said ? r->cord->said->example_json : NULL;

	for (size_t i = 0; i < json_count(required); i++) {
		const char *name = json_text(json_at(required, i));
		bool is_given = false;
		auto_text wanted = {0};
		struct input_field f = {0};

		if (!name)
			continue;
		size_t len = strlen(name);

		for (size_t k = 0; k < entries->n; k++)
			is_given |= strncmp(entries->items[k], name, len) == 0 &&
				    entries->items[k][len] == '=';
		if (is_given || !find_field(r, name, &f))
			continue;
		add_type_names(&f, &wanted);
		fail(r->err, ERROR_USAGE, "field '%.60s' is missing%s%s", name,
		     wanted.len ? ": it is " : "", text_str(&wanted));
		if (example && strlen(example) < 150)
			return fail_hint(r->err, "add -i %s=VALUE, or as in the example: -d '%s'",
					 name, example);
		return fail_hint(r->err, "add -i %s=VALUE", name);
	}
	return true;
}

bool call_input(const struct call_cord *cord, const struct strings *fields, struct text *out,
		struct error *err)
{
	struct reading r = {.cord = cord, .err = err};
	auto_text body = {0};

	if (cord->input)
		r.object = follow(cord->definitions, cord->input);
	if (r.object && json_kind(r.object) != JSON_KIND_OBJECT)
		r.object = NULL;
	text_add_char(&body, '{');
	for (size_t i = 0; i < fields->n; i++) {
		const char *entry = fields->items[i];

		if (!strchr(entry, '=') || *entry == '=') {
			fail(err, ERROR_USAGE, "'%.60s' is no NAME=VALUE", entry);
			return fail_hint(err, "write -i name=value, or -i name=@file");
		}
		if (!is_repeated(fields, i) && !add_field(&r, fields, i, &body))
			return false;
	}
	if (!check_required(&r, fields))
		return false;
	text_add_char(&body, '}');
	text_add_bytes(out, text_str(&body), body.len);
	return true;
}
