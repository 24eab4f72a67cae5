/* SPDX-License-Identifier: MIT
 * A value that fits a JSON Schema: what the schema itself names as one, or the smallest that its
 * common keywords allow. Always the same for the same schema.
 */
#include "lib/gateway/stub.h"

#include "lib/base/memory.h"
#include "lib/data/json_out.h"
#include "lib/gateway/openapi.h"
#include "lib/lower/schema_value.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
	DEPTH_FULL = 4, /* below it only what must be there */
	DEPTH_MAX = 32, /* schemas may contain themselves */
	ITEMS_MAX = 100,
	TEXT_MAX = 10000,
	VALUE_MAX = 1 << 20, /* bytes; schemas may contain themselves twice */
};

struct sampler {
	const struct openapi *o;
	struct text *out;
	size_t depth;
};

static void sample(struct sampler *s, const struct value *schema);

static bool is_raw(const struct value *value, const char *text)
{
	const char *raw = value ? value_raw_text(value) : NULL;

	return raw && strcmp(raw, text) == 0;
}

/* Of a keyword that is a number; else `fallback`. */
static double number_of(const struct value *schema, const char *key, double fallback)
{
	const struct value *value = value_get(schema, key);
	const char *raw = value ? value_raw_text(value) : NULL;
	char *end = NULL;
	double number = raw ? strtod(raw, &end) : fallback;

	return raw && (end == raw || *end) ? fallback : number;
}

/* Of a keyword that counts, cut to 0..`max`. */
static size_t count_of(const struct value *schema, const char *key, size_t fallback, size_t max)
{
	double count = number_of(schema, key, (double)fallback);

	return count <= 0 ? 0 : count < (double)max ? (size_t)count : max;
}

/* --- by type */

static bool is_required(const struct value *schema, const char *name)
{
	const struct value *required = value_get(schema, "required");
	auto_text quoted = {0};

	text_add_json(&quoted, name);
	for (size_t i = 0; required && i < value_count(required); i++)
		if (is_raw(value_at(required, i, NULL), text_str(&quoted)))
			return true;
	return false;
}

/* NOLINTNEXTLINE(misc-no-recursion): `depth` is bounded */
static void sample_object(struct sampler *s, const struct value *schema)
{
	const struct value *properties = value_get(schema, "properties");
	size_t n = 0;

	text_add_char(s->out, '{');
	for (size_t i = 0; properties && i < value_count(properties); i++) {
		const char *name = NULL;
		const struct value *property = value_at(properties, i, &name);

		if (s->depth > DEPTH_FULL && !is_required(schema, name))
			continue;
		text_add(s->out, n++ ? "," : "");
		text_add_json(s->out, name);
		text_add_char(s->out, ':');
		sample(s, property);
	}
	text_add_char(s->out, '}');
}

/* NOLINTNEXTLINE(misc-no-recursion): `depth` is bounded */
static void sample_array(struct sampler *s, const struct value *schema)
{
	const struct value *first = value_get(schema, "prefixItems");
	const struct value *items = value_get(schema, "items");
	size_t n_first = first ? value_count(first) : 0;
	size_t most = count_of(schema, "maxItems", ITEMS_MAX, ITEMS_MAX);
	size_t n = count_of(schema, "minItems", 0, ITEMS_MAX);

	if (n < n_first)
		n = n_first;
	if (n == 0 && most > 0 && items && s->depth <= DEPTH_FULL)
		n = 1;
	text_add_char(s->out, '[');
	for (size_t i = 0; i < n; i++) {
		text_add(s->out, i ? "," : "");
		if (i < n_first)
			sample(s, value_at(first, i, NULL));
		else if (items)
			sample(s, items);
		else
			text_add(s->out, "null");
	}
	text_add_char(s->out, ']');
}

static void sample_number(struct sampler *s, const struct value *schema, bool is_integer)
{
	double low = number_of(schema, "minimum", -INFINITY);
	double above = number_of(schema, "exclusiveMinimum", -INFINITY);
	double high = number_of(schema, "maximum", INFINITY);
	double below = number_of(schema, "exclusiveMaximum", INFINITY);
	double step = number_of(schema, "multipleOf", is_integer ? 1 : 0);
	double value = 0;

	if (low > value)
		value = low;
	if (high < value)
		value = high;
	if (above >= value)
		value = above + (step > 0 ? step : isfinite(below) ? (below - above) / 2 : 1);
	if (below <= value)
		value = below - (step > 0 ? step : 1);
	if (step > 0)
		value = ceil(value / step) * step;
	if (!isfinite(value)) /* no step is so small */
		value = 0;
	if (is_integer && fabs(value) < 1e15)
		text_addf(s->out, "%lld", (long long)value);
	else
		text_addf(s->out, "%.17g%s", value,
			  value == floor(value) && fabs(value) < 1e15 ? ".0" : "");
}

static void sample_text(struct sampler *s, const struct value *schema)
{
	static const struct {
		const char *format;
		const char *text;
	} formats[] = {{"\"date-time\"", "2026-01-01T00:00:00Z"},
		       {"\"date\"", "2026-01-01"},
		       {"\"time\"", "00:00:00Z"},
		       {"\"email\"", "nobody@example.org"},
		       {"\"uri\"", "https://example.org/"},
		       {"\"uuid\"", "00000000-0000-4000-8000-000000000000"},
		       {"\"ipv4\"", "192.0.2.1"}};
	size_t least = count_of(schema, "minLength", 0, TEXT_MAX);
	size_t most = count_of(schema, "maxLength", TEXT_MAX, TEXT_MAX);
	bool is_base64 = is_raw(value_get(schema, "contentEncoding"), "\"base64\"");
	const char *text = is_base64 ? "c3R1Yg==" : "stub";
	auto_text padded = {0};

	for (size_t i = 0; i < array_len(formats); i++)
		if (is_raw(value_get(schema, "format"), formats[i].format))
			text = formats[i].text;
	/* base64 comes in fours, and ends with its padding */
	while (is_base64 && padded.len + strlen(text) < least)
		text_add(&padded, "AAAA");
	text_add(&padded, text);
	while (padded.len < least)
		text_add_char(&padded, '.');
	if (padded.len > most)
		padded.bytes[is_base64 ? most / 4 * 4 : most] = '\0';
	text_add_json(s->out, text_str(&padded));
}

/* The first type that is not null, quotes included; "" when the schema does not say. */
static const char *type_of(const struct value *schema)
{
	const struct value *type = value_get(schema, "type");
	const char *raw = type ? value_raw_text(type) : NULL;

	for (size_t i = 0; type && !raw && i < value_count(type); i++)
		if (!is_raw(value_at(type, i, NULL), "\"null\""))
			raw = value_raw_text(value_at(type, i, NULL));
	if (raw)
		return raw;
	if (value_get(schema, "properties"))
		return "\"object\"";
	return value_get(schema, "items") || value_get(schema, "prefixItems") ? "\"array\"" : "";
}

/* NOLINTNEXTLINE(misc-no-recursion): `depth` is bounded */
static void sample_type(struct sampler *s, const struct value *schema)
{
	const char *type = type_of(schema);

	if (strcmp(type, "\"object\"") == 0)
		sample_object(s, schema);
	else if (strcmp(type, "\"array\"") == 0)
		sample_array(s, schema);
	else if (strcmp(type, "\"string\"") == 0)
		sample_text(s, schema);
	else if (strcmp(type, "\"integer\"") == 0 || strcmp(type, "\"number\"") == 0)
		sample_number(s, schema, strcmp(type, "\"integer\"") == 0);
	else
		text_add(s->out, strcmp(type, "\"boolean\"") == 0 ? "false" : "null");
}

/* --- any schema */

/* A value that the schema itself names; NULL: none. */
static const struct value *named_value(const struct value *schema)
{
	static const char *const lists[] = {"examples", "enum"};
	const struct value *value = value_get(schema, "const");

	for (size_t i = 0; !value && i < array_len(lists); i++) {
		const struct value *list = value_get(schema, lists[i]);

		if (list && !value_raw_text(list) && !value_is_object(list) &&
		    value_count(list) > 0)
			value = value_at(list, 0, NULL);
	}
	return value ? value : value_get(schema, "default");
}

/* One of several: the first that is more than null. */
static const struct value *chosen(const struct sampler *s, const struct value *schema)
{
	static const char *const keys[] = {"anyOf", "oneOf", "allOf"};
	const struct value *list = NULL;

	for (size_t i = 0; !list && i < array_len(keys); i++)
		list = value_get(schema, keys[i]);
	for (size_t i = 0; list && i < value_count(list); i++) {
		const struct value *member = openapi_resolve(s->o, value_at(list, i, NULL));

		if (member && value_is_object(member) &&
		    !is_raw(value_get(member, "type"), "\"null\""))
			return member;
	}
	return NULL;
}

/* NOLINTNEXTLINE(misc-no-recursion): `depth` is bounded */
static void sample(struct sampler *s, const struct value *schema)
{
	const struct value *resolved = openapi_resolve(s->o, schema);

	if (!resolved || !value_is_object(resolved) || s->depth >= DEPTH_MAX ||
	    s->out->len >= VALUE_MAX) {
		text_add(s->out, "null");
		return;
	}
	const struct value *named = named_value(resolved);
	const struct value *one = chosen(s, resolved);

	s->depth++;
	if (named)
		value_write(named, s->out);
	else if (one && !value_get(resolved, "properties"))
		sample(s, one);
	else
		sample_type(s, resolved);
	s->depth--;
}

/* Where nothing is said of the answer, or anything goes: what was asked. */
static void add_anything(const struct cord *cord, const struct json *input, struct text *out)
{
	auto_json_out j = {0};
	auto_text given = {0};

	json_write(input, &given);
	json_out_object(&j, NULL);
	json_out_bool(&j, "stub", true);
	json_out_text(&j, "cord", cord->function);
	json_out_raw(&j, "input", text_str(&given));
	json_out_object_end(&j);
	text_add_bytes(out, text_str(&j.text), j.text.len);
}

void stub_add_value(const struct cord *cord, const struct json *input, struct text *out)
{
	auto_arena arena = {0};
	struct openapi o = {&arena, value_object(&arena), value_object(&arena)};
	struct sampler s = {&o, out, 0};
	const struct value *schema =
		openapi_resolve(&o, openapi_schema(&o, cord->output_json, "output", false));
	bool is_object = schema && is_raw(value_get(schema, "type"), "\"object\"");

	if (!schema || value_count(schema) == 0 || (is_object && !value_get(schema, "properties")))
		add_anything(cord, input, out);
	else
		sample(&s, schema);
}
