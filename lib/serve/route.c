/* SPDX-License-Identifier: MIT
 * Which row of the program's table a request is for. Paths are compared segment by segment; the
 * first row that fits counts.
 */
#include "lib/base/memory.h"
#include "lib/serve/serve_internal.h"

#include <assert.h>
#include <string.h>

/* The segment at `path`, which is behind a "/"; `*rest` is behind the "/" that ends it, or NULL. */
static struct slice segment_at(const char *path, const char **rest)
{
	const char *end = strchr(path, '/');

	*rest = end ? end + 1 : NULL;
	return (struct slice){path, end ? (size_t)(end - path) : strlen(path)};
}

static bool slice_ends_with(struct slice s, const char *end)
{
	size_t len = strlen(end);

	return s.len >= len && memcmp(s.at + s.len - len, end, len) == 0;
}

static struct segment compile_segment(struct slice text, bool is_last)
{
	struct segment s = {SEGMENT_TEXT, text};

	if (text.len == 0 || text.at[0] != '{')
		return s;
	assert(slice_ends_with(text, "}"));
	s.kind = slice_ends_with(text, "...}") ? SEGMENT_REST : SEGMENT_NAME;
	assert(s.kind == SEGMENT_NAME || is_last);
	s.text = (struct slice){text.at + 1, text.len - (s.kind == SEGMENT_REST ? 5 : 2)};
	assert(s.text.len > 0);
	return s;
}

static void compile(struct compiled_route *out, const struct route *row)
{
	const char *rest = row->path + 1;
	size_t capacity = 0;
	size_t n_params = 0;

	assert(row->path[0] == '/' && row->handle);
	out->row = row;
	while (rest) {
		struct slice text = segment_at(rest, &rest);

		out->segments = list_grow(out->segments, out->n_segments, &capacity,
					  sizeof(*out->segments));
		out->segments[out->n_segments] = compile_segment(text, !rest);
		n_params += out->segments[out->n_segments++].kind != SEGMENT_TEXT;
	}
	assert(n_params <= PARAMS_MAX);
}

struct compiled_route *routes_compile(const struct route *routes, size_t n)
{
	struct compiled_route *compiled = xcalloc(n ? n : 1, sizeof(*compiled));

	for (size_t i = 0; i < n; i++)
		compile(&compiled[i], &routes[i]);
	return compiled;
}

void routes_free(struct compiled_route *routes, size_t n)
{
	for (size_t i = 0; routes && i < n; i++)
		free(routes[i].segments);
	free(routes);
}

static bool path_fits(const struct compiled_route *r, const char *path, struct match *out)
{
	const char *rest = path[0] == '/' ? path + 1 : NULL;

	out->n_params = 0;
	for (size_t i = 0; i < r->n_segments; i++) {
		const struct segment *s = &r->segments[i];

		if (!rest)
			return false;
		if (s->kind == SEGMENT_REST) {
			out->params[out->n_params++] =
				(struct param){s->text, {rest, strlen(rest)}};
			return true;
		}
		struct slice text = segment_at(rest, &rest);

		if (s->kind == SEGMENT_NAME && text.len > 0)
			out->params[out->n_params++] = (struct param){s->text, text};
		else if (s->kind == SEGMENT_NAME || text.len != s->text.len ||
			 memcmp(text.at, s->text.at, text.len) != 0)
			return false;
	}
	return !rest;
}

static bool method_fits(const struct route *row, const char *method)
{
	return strcmp(row->method, method) == 0 || strcmp(row->method, "*") == 0 ||
	       (strcmp(method, "HEAD") == 0 && strcmp(row->method, "GET") == 0);
}

enum route_result routes_find(const struct compiled_route *routes, size_t n, const char *method,
			      const char *path, struct match *out)
{
	enum route_result result = ROUTE_NO_PATH;

	for (size_t i = 0; i < n; i++) {
		if (!path_fits(&routes[i], path, out))
			continue;
		if (method_fits(routes[i].row, method)) {
			out->route = routes[i].row;
			return ROUTE_FOUND;
		}
		result = ROUTE_NO_METHOD;
	}
	out->n_params = 0;
	return result;
}

static void add_method(struct text *out, const char *method)
{
	const char *at = out->len ? strstr(text_str(out), method) : NULL;
	size_t len = strlen(method);

	/* methods are words between ", " */
	if (at && (at[len] == '\0' || at[len] == ','))
		return;
	text_addf(out, "%s%s", out->len ? ", " : "", method);
}

void routes_add_allowed(const struct compiled_route *routes, size_t n, const char *path,
			struct text *out)
{
	struct match ignored;

	for (size_t i = 0; i < n; i++) {
		if (!path_fits(&routes[i], path, &ignored))
			continue;
		add_method(out, routes[i].row->method);
		if (strcmp(routes[i].row->method, "GET") == 0)
			add_method(out, "HEAD");
	}
}
