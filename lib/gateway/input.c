/* SPDX-License-Identifier: MIT */
#include "lib/gateway/input.h"

#include "lib/base/memory.h"
#include "lib/base/strings.h"
#include "lib/spec/value.h"

#include <string.h>

void input_problems_release(struct input_problems *p)
{
	text_release(&p->json);
	*p = (struct input_problems){0};
}

void input_problems_add(struct input_problems *p, const char *field, const char *problem)
{
	if (p->n >= INPUT_PROBLEMS_MAX)
		return;
	text_add(&p->json, p->n++ ? ",{\"field\":" : "{\"field\":");
	if (field)
		text_add_json(&p->json, field);
	else
		text_add(&p->json, "null");
	text_add(&p->json, ",\"problem\":");
	text_add_json(&p->json, problem);
	text_add_char(&p->json, '}');
}

void input_add_refusal(struct text *out, const struct input_problems *why, bool explains)
{
	text_add(out, "{\"detail\":\"Invalid input parameters\"");
	if (explains)
		text_addf(out, ",\"errors\":[%s]", text_str(&why->json));
	text_add_char(out, '}');
}

static bool is_empty(const struct json *value)
{
	switch (json_kind(value)) {
	case JSON_KIND_NULL:
		return true;
	case JSON_KIND_BOOL:
		return !json_bool(value);
	case JSON_KIND_INTEGER:
	case JSON_KIND_REAL:
		return json_real_of(value) == 0;
	case JSON_KIND_TEXT:
		return !*json_text(value);
	case JSON_KIND_LIST:
	case JSON_KIND_OBJECT:
		break;
	}
	return json_count(value) == 0;
}

static bool is_blank(const char *bytes, size_t len)
{
	while (len > 0 && strchr(" \t\r\n\v\f", *bytes) && *bytes) {
		bytes++;
		len--;
	}
	return len == 0;
}

static bool read_json(const char *bytes, size_t len, struct json **out, struct input_problems *why)
{
	struct error err;

	if (json_parse(bytes, len, INPUT_MAX_BYTES, out, &err))
		return true;
	auto_free char *problem = xprintf("is no JSON: %s", err.message);

	input_problems_add(why, NULL, problem);
	return false;
}

bool input_of_body(const void *bytes, size_t len, struct json **out, struct input_problems *why)
{
	static const char nothing[] = "{}";
	auto_json struct json *json = NULL;

	if (is_blank(bytes, len))
		return read_json(nothing, strlen(nothing), out, why);
	if (!read_json(bytes, len, &json, why))
		return false;
	if (is_empty(json))
		return read_json(nothing, strlen(nothing), out, why);
	*out = take(json);
	return true;
}

/* --- queries */

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* application/x-www-form-urlencoded; NULL for NUL and what is not UTF-8. A '%' that is no escape
 * stands for itself, as browsers have it. */
static char *decode(const char *text, size_t len)
{
	auto_text decoded = {0};

	for (size_t i = 0; i < len; i++) {
		int high = text[i] == '%' && i + 2 < len ? digit_of(text[i + 1]) : -1;
		int low = high >= 0 ? digit_of(text[i + 2]) : -1;

		char c = text[i];

		if (low >= 0) {
			c = (char)(high * 16 + low);
			i += 2;
		} else if (c == '+') {
			c = ' ';
		}
		text_add_char(&decoded, c);
	}
	if (memchr(text_str(&decoded), '\0', decoded.len) ||
	    !utf8_is_valid(text_str(&decoded), decoded.len))
		return NULL;
	return decoded.len ? text_take(&decoded) : xstrdup("");
}

/* Names and values of a query, one list beside the other. */
struct query {
	struct strings names;
	struct strings values;
};

static void query_release(struct query *q)
{
	strings_release(&q->names);
	strings_release(&q->values);
}

static bool read_pair(struct query *q, const char *at, size_t len, struct input_problems *why)
{
	const char *sign = memchr(at, '=', len);
	size_t name_len = sign ? (size_t)(sign - at) : len;
	auto_free char *name = decode(at, name_len);
	auto_free char *value = sign ? decode(sign + 1, len - name_len - 1) : xstrdup("");

	if (!name || !value) {
		input_problems_add(why, name, "is not UTF-8 text");
		return false;
	}
	strings_add_taken(&q->names, take(name));
	strings_add_taken(&q->values, take(value));
	return true;
}

static bool read_pairs(struct query *q, const char *query, struct input_problems *why)
{
	while (*query) {
		size_t len = strcspn(query, "&");

		if (len > 0 && !read_pair(q, query, len, why))
			return false;
		query += len;
		query += *query == '&';
	}
	return true;
}

static bool is_json(const char *text)
{
	auto_json struct json *json = NULL;
	struct error ignored; /* then it is a text */

	return json_parse(text, strlen(text), INPUT_MAX_BYTES, &json, &ignored);
}

static void add_value(struct text *out, const struct field_schema *field, const char *value)
{
	bool is_text = !field || field->type == SCHEMA_STRING || field->type == SCHEMA_FILE;

	if (is_text || !is_json(value))
		text_add_json(out, value);
	else
		text_add(out, value);
}

/* All values of one name. */
static void add_values(struct text *out, const struct query *q, const char *name,
		       const struct field_schema *field)
{
	const char *last = "";
	size_t n = 0;
	auto_text list = {0};

	for (size_t i = 0; i < q->names.n; i++) {
		if (strcmp(q->names.items[i], name) != 0)
			continue;
		last = q->values.items[i];
		text_add(&list, n++ ? "," : "");
		add_value(&list, field ? field->items : NULL, last);
	}
	bool is_list = field && field->type == SCHEMA_ARRAY;

	if (is_list && (n > 1 || last[0] != '[' || !is_json(last)))
		text_addf(out, "[%s]", text_str(&list));
	else
		add_value(out, field, last);
}

static bool is_first(const struct query *q, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (strcmp(q->names.items[k], q->names.items[i]) == 0)
			return false;
	return true;
}

bool input_of_query(const char *query, const struct field_schemas *fields, struct json **out,
		    struct input_problems *why)
{
	__attribute__((cleanup(query_release))) struct query q = {0};
	auto_text object = {0};
	size_t n = 0;

	if (!read_pairs(&q, query, why))
		return false;
	text_add_char(&object, '{');
	for (size_t i = 0; i < q.names.n; i++) {
		const char *name = q.names.items[i];

		if (!is_first(&q, i))
			continue;
		text_add(&object, n++ ? "," : "");
		text_add_json(&object, name);
		text_add_char(&object, ':');
		add_values(&object, &q, name, fields ? spec_find_field(fields, name) : NULL);
	}
	text_add_char(&object, '}');
	return read_json(text_str(&object), object.len, out, why);
}

/* --- the check */

static void on_misfit(void *context, const char *name, const char *problem)
{
	input_problems_add(context, name, problem);
}

bool input_fits(const struct json *input, const struct field_schemas *fields,
		struct input_problems *why)
{
	const struct value_rules rules = {.on_misfit = on_misfit, .context = why};

	if (json_kind(input) == JSON_KIND_OBJECT)
		return value_fits_fields(input, fields, &rules);
	auto_free char *problem =
		xprintf("must be an object, not %s", json_kind_name(json_kind(input)));

	input_problems_add(why, NULL, problem);
	return false;
}

bool input_wants_stream(const struct json *body, const char *query)
{
	auto_input_problems ignored = {0}; /* then it says nothing */
	auto_json struct json *said = NULL;
	bool is_object = body && json_kind(body) == JSON_KIND_OBJECT;
	const struct json *stream = is_object ? json_find(body, "stream") : NULL;

	if (stream)
		return !is_empty(stream);
	if (!*query || !input_of_query(query, NULL, &said, &ignored))
		return false;
	stream = json_find(said, "stream");
	return stream &&
	       (strcasecmp(json_text(stream), "true") == 0 || strcmp(json_text(stream), "1") == 0);
}
