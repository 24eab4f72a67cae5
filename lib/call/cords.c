/* SPDX-License-Identifier: MIT
 * The cords as the platform would know them: so those of a template are found like those of a spec.
 */
#include "lib/call/call.h"

#include "lib/base/memory.h"
#include "lib/lower/lower.h"

#include <string.h>

void call_cords_release(struct call_cords *c)
{
	free(c->items);
	json_free(c->document);
	*c = (struct call_cords){0};
}

/* The schema of the body: what is stored wraps it as the only argument of a function. */
static void set_input(struct call_cord *cord, const struct json *schema)
{
	bool is_own = cord->said && cord->said->input.kind == INPUT_SCHEMA;
	const struct json *arguments = schema ? json_find(schema, "properties") : NULL;
	void *position = NULL;
	const char *name;

	cord->definitions = schema;
	cord->input = schema;
	if (schema && !is_own && json_find(schema, "definitions"))
		cord->input = NULL; /* a function without arguments, or with several */
	if (cord->input != schema && json_count(arguments) == 1 &&
	    !json_next(arguments, &position, &name, &cord->input))
		cord->input = NULL;
}

static void set_cord(struct call_cord *cord, const struct json *row)
{
	const char *method = json_text(json_find(row, "public_api_method"));

	cord->function = json_text(json_find(row, "function"));
	cord->method = method ? method : "POST";
	cord->path = json_text(json_find(row, "public_api_path"));
	cord->is_stream = json_find(row, "stream") && json_bool(json_find(row, "stream"));
	cord->output = json_find(row, "output_schema");
	set_input(cord, json_find(row, "input_schema"));
}

static bool is_twin(const struct call_cord *a, const struct call_cord *b)
{
	return a->path && b->path && strcmp(a->path, b->path) == 0 &&
	       strcmp(a->method, b->method) == 0 && a->is_stream != b->is_stream;
}

bool call_cords_of(const struct spec *spec, struct call_cords *out, struct error *err)
{
	auto_call_cords cords = {0};
	auto_findings unknown = {0}; /* what only running the code tells: no schema, then */
	auto_text lowered = {0};

	if (!lower_cords(spec, &lowered, &unknown, err) ||
	    !json_parse(text_str(&lowered), lowered.len, SIZE_MAX, &cords.document, err))
		return false;
	cords.n = json_count(cords.document);
	cords.items = xcalloc(cords.n + 1, sizeof(*cords.items));
	for (size_t i = 0; i < cords.n; i++) {
		/* without cords of its own the spec is a template's */
		cords.items[i].said = i < spec->cords.n ? &spec->cords.items[i] : NULL;
		set_cord(&cords.items[i], json_at(cords.document, i));
	}
	for (size_t i = 0; i < cords.n; i++)
		for (size_t k = 0; k < cords.n; k++)
			cords.items[i].has_twin |= is_twin(&cords.items[i], &cords.items[k]);
	*out = cords;
	cords = (struct call_cords){0};
	return true;
}

/* "hello", "/hello", "GET /hello" */
static bool is_named(const struct call_cord *cord, const char *name)
{
	const char *path = strchr(name, '/');
	size_t method_len = path ? (size_t)(path - name) : 0;

	if (!path)
		return strcmp(cord->function, name) == 0;
	if (!cord->path || strcmp(cord->path, path) != 0)
		return false;
	return method_len == 0 ||
	       (name[method_len - 1] == ' ' && strlen(cord->method) == method_len - 1 &&
		strncmp(cord->method, name, method_len - 1) == 0);
}

static bool fail_unknown(const struct call_cords *cords, const char *name, struct error *err)
{
	auto_strings names = {0};
	auto_text all = {0};
	bool is_path = strchr(name, '/');

	for (size_t i = 0; i < cords->n; i++) {
		const struct call_cord *cord = &cords->items[i];

		if (is_path && !cord->path)
			continue;
		strings_add(&names, is_path ? cord->path : cord->function);
		text_addf(&all, "%s%s", all.len ? ", " : "", names.items[names.n - 1]);
	}
	const char *nearest =
		names.n ? text_nearest(name, (const char *const *)strings_argv(&names)) : NULL;

	fail(err, ERROR_NOT_FOUND, "there is no cord '%.100s'", name);
	if (nearest)
		return fail_hint(err, "did you mean '%s'?", nearest);
	return names.n ? fail_hint(err, "there is %.200s", text_str(&all))
		       : fail_hint(err, "the spec names none");
}

bool call_find_cord(const struct call_cords *cords, const char *name, int is_stream,
		    const struct call_cord **out, struct error *err)
{
	const struct call_cord *other = NULL;

	for (size_t i = 0; i < cords->n; i++) {
		const struct call_cord *cord = &cords->items[i];

		if (!is_named(cord, name))
			continue;
		if (is_stream < 0 || cord->is_stream == (is_stream > 0)) {
			*out = cord;
			return true;
		}
		other = cord;
	}
	if (!other)
		return fail_unknown(cords, name, err);
	/* the other one of the same route */
	for (size_t i = 0; other->has_twin && i < cords->n; i++)
		if (is_twin(other, &cords->items[i])) {
			*out = &cords->items[i];
			return true;
		}
	return fail(err, ERROR_NOT_FOUND, "cord '%s' %s", other->function,
		    is_stream ? "does not stream" : "streams only");
}
