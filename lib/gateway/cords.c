/* SPDX-License-Identifier: MIT */
#include "lib/gateway/cords.h"

#include "lib/base/findings.h"
#include "lib/base/memory.h"
#include "lib/data/json.h"
#include "lib/lower/lower.h"
#include "lib/lower/schema_value.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

void cords_free(struct cords *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->n; i++)
		free(c->items[i].meter);
	arena_release(&c->arena);
	free(c);
}

/* A member as compact JSON; NULL when it is absent or null. */
static const char *raw_member(struct arena *arena, const struct json *object, const char *key)
{
	const struct json *value = json_find(object, key);
	auto_text written = {0};

	if (!value)
		return NULL;
	value_write(value_from_json(arena, value), &written);
	return arena_strndup(arena, text_str(&written), written.len);
}

static bool is_method(const char *text)
{
	size_t len = strlen(text);

	return len > 0 && len <= 16 && strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == len;
}

/* Python's web frameworks take a method in either case. */
static char *upper_case(struct arena *arena, const char *text)
{
	char *upper = arena_strdup(arena, text);

	for (char *c = upper; *c; c++)
		*c = (char)toupper((unsigned char)*c);
	return upper;
}

static bool is_path(const char *text)
{
	for (const char *c = text; *c; c++)
		if ((unsigned char)*c <= ' ' || *c == 0x7f || strchr("?#{}", *c))
			return false;
	return text[0] == '/';
}

static bool is_name(const char *text)
{
	for (const char *c = text; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			return false;
	return *text;
}

/* 1: a cord with a public route; 0: one without; -1: a fault. */
static int read_cord(struct arena *arena, const struct json *json, struct cord *out,
		     struct error *err)
{
	struct cord cord = {.method = "POST", .limit_ms = CORDS_CALL_LIMIT_MS};

	if (!json_expect(json, JSON_KIND_OBJECT, "cord", err) ||
	    !json_get_text(json, "function", &cord.function, err) ||
	    json_find_text(json, "public_api_path", &cord.path, err) < 0 ||
	    json_find_text(json, "public_api_method", &cord.method, err) < 0 ||
	    json_find_bool(json, "stream", &cord.is_stream, err) < 0 ||
	    json_find_text(json, "output_content_type", &cord.content_type, err) < 0)
		return -1;
	cord.method = upper_case(arena, cord.method);
	if (!is_name(cord.function) || !is_method(cord.method) ||
	    (cord.path && !is_path(cord.path))) {
		fail(err, ERROR_SPEC, "cord '%s' has a route that cannot be served", cord.function);
		return -1;
	}
	if (!cord.path)
		return 0;
	cord.function = arena_strdup(arena, cord.function);
	cord.path = arena_strdup(arena, cord.path);
	if (cord.content_type)
		cord.content_type =
			is_name(cord.content_type) ? arena_strdup(arena, cord.content_type) : NULL;
	cord.input_json = raw_member(arena, json, "input_schema");
	cord.minimal_json = raw_member(arena, json, "minimal_input_schema");
	cord.output_json = raw_member(arena, json, "output_schema");
	*out = cord;
	return 1;
}

/* What only the spec says. */
static void join_spec(struct cord *cord, const struct spec *spec, const struct spec_cord *said)
{
	if (spec->mode == SPEC_SERVER) {
		cord->forward_method = said->forward.method;
		cord->forward_path = said->forward.path;
		cord->aborts_upstream = said->abort_on_disconnect;
	}
	/* what is forwarded is checked by who gets it, here as there */
	if (said->input.kind == INPUT_FIELDS && !said->forward.path)
		cord->fields = &said->input.fields;
	if (said->timeout_ms)
		cord->limit_ms = said->timeout_ms;
	cord->example_json = said->example_json;
}

static void link_twins(struct cords *c)
{
	for (size_t i = 0; i < c->n; i++)
		for (size_t k = 0; k < c->n; k++) {
			struct cord *a = &c->items[i];
			const struct cord *b = &c->items[k];

			if (!a->twin && a->is_stream != b->is_stream &&
			    strcmp(a->path, b->path) == 0 && strcmp(a->method, b->method) == 0)
				a->twin = b;
		}
}

/* `spec` says more about them where its own cords are those of the list; else NULL. */
static bool read_list(const struct json *list, const struct spec *spec, struct cords *c,
		      struct error *err)
{
	size_t n = json_count(list);

	if (n > CORDS_MAX)
		return fail(err, ERROR_SPEC, "%zu cords are more than the limit of %d", n,
			    CORDS_MAX);
	c->items = arena_alloc(&c->arena, (n + 1) * sizeof(*c->items));
	for (size_t i = 0; i < n; i++) {
		struct cord *cord = &c->items[c->n];
		int got = read_cord(&c->arena, json_at(list, i), cord, err);

		if (got < 0)
			return false;
		if (got == 0)
			continue;
		if (spec)
			join_spec(cord, spec, &spec->cords.items[i]);
		cord->meter = xcalloc(1, sizeof(*cord->meter));
		c->n++;
	}
	link_twins(c);
	return true;
}

bool cords_of_spec(const struct spec *spec, struct cords **out, struct error *err)
{
	auto_cords struct cords *c = xcalloc(1, sizeof(*c));
	auto_json struct json *list = NULL;
	auto_findings unknown = {0}; /* schemas that only running the code tells: none, then */
	auto_text lowered = {0};

	if (!lower_cords(spec, &lowered, &unknown, err) ||
	    !json_parse(text_str(&lowered), lowered.len, SIZE_MAX, &list, err) ||
	    !read_list(list, spec->cords.n > 0 ? spec : NULL, c, err))
		return fail_in(err, "cords");
	*out = take(c);
	return true;
}

/* `list` lies in `document`, which is the caller's to free. */
static bool parse_module(const char *json, size_t len, struct json **document,
			 const struct json **list, int64_t *concurrency, struct error *err)
{
	auto_json struct json *parsed = NULL;
	const struct json *found = NULL;
	int64_t n = 0;

	if (!json_parse(json, len, CORDS_JSON_MAX_BYTES, &parsed, err))
		return false;
	if (json_kind(parsed) == JSON_KIND_LIST)
		found = parsed;
	else if (!json_expect(parsed, JSON_KIND_OBJECT, "cords", err) ||
		 !json_get_list(parsed, "cords", &found, err) ||
		 json_find_integer(parsed, "concurrency", &n, err) < 0)
		return false;
	if (n < 0)
		return fail(err, ERROR_SPEC, "'concurrency' must be at least 1, not %" PRId64, n);
	*document = take(parsed);
	*list = found;
	*concurrency = n;
	return true;
}

bool cords_of_json(const char *json, size_t len, struct cords **out, struct error *err)
{
	auto_cords struct cords *c = xcalloc(1, sizeof(*c));
	auto_json struct json *document = NULL;
	const struct json *list = NULL;

	if (!parse_module(json, len, &document, &list, &c->concurrency, err) ||
	    !read_list(list, NULL, c, err))
		return fail_in(err, "cords of the module");
	*out = take(c);
	return true;
}

bool cords_concurrency(const char *json, size_t len, int64_t *out, struct error *err)
{
	auto_json struct json *document = NULL;
	const struct json *list = NULL;

	return parse_module(json, len, &document, &list, out, err) ||
	       fail_in(err, "cords of the module");
}

const struct cord *cords_find(const struct cords *c, const char *method, const char *path,
			      struct text *allow)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct cord *cord = &c->items[i];

		if (strcmp(cord->path, path) != 0)
			continue;
		if (strcmp(cord->method, method) == 0)
			return cord;
		if (!strstr(text_str(allow),
			    cord->method)) /* no method is in the name of another */
			text_addf(allow, "%s%s", allow->len ? ", " : "", cord->method);
	}
	return NULL;
}

bool cord_takes_body(const struct cord *cord)
{
	static const char *const methods[] = {"POST", "PUT", "PATCH"};

	for (size_t i = 0; i < array_len(methods); i++)
		if (strcmp(cord->method, methods[i]) == 0)
			return true;
	return false;
}

const struct cord *cord_for_stream(const struct cord *cord, bool wants_stream)
{
	return cord->twin && cord->is_stream != wants_stream ? cord->twin : cord;
}
