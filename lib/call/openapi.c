/* SPDX-License-Identifier: MIT
 * The cords of a chute that runs, as its gateway describes them: the only way to know those of a
 * module that registers its own.
 */
#include "lib/base/memory.h"
#include "lib/call/call.h"

#include <string.h>

enum { DOCUMENT_MAX = 16 * 1024 * 1024, CORDS_MAX = 1000, ASK_MS = 30000 };

/* What stands at the end of a way of member names; NULL: nothing. */
static const struct json *find_deep(const struct json *value, const char *const *names)
{
	for (; value && *names; names++)
		value = json_find(value, *names);
	return value;
}

static const struct json *find_schema(const struct json *media)
{
	static const char *const way[] = {"content", "application/json", "schema", NULL};

	return media ? find_deep(media, way) : NULL;
}

static void add_operation(struct call_cords *c, const char *path, const char *method,
			  const struct json *operation)
{
	static const char *const stream[] = {"x-chutes", "stream", NULL};
	static const char *const answer[] = {"responses", "200", NULL};
	const char *function = json_text(json_find(operation, "summary"));
	const struct json *streams = find_deep(operation, stream);

	if (!function || c->n >= CORDS_MAX)
		return;
	c->items[c->n++] = (struct call_cord){
		.function = function,
		.method = method,
		.path = path,
		.is_stream = streams && json_bool(streams),
		.input = find_schema(json_find(operation, "requestBody")),
		.output = find_schema(find_deep(operation, answer)),
		.definitions = c->document,
	};
}

bool call_cords_of_openapi(const char *text, size_t len, struct call_cords *out, struct error *err)
{
	static const char *const methods[][2] = {{"get", "GET"},
						 {"post", "POST"},
						 {"put", "PUT"},
						 {"delete", "DELETE"},
						 {"patch", "PATCH"}};
	auto_call_cords cords = {0};
	const struct json *paths = NULL;
	void *position = NULL;
	const char *path;
	const struct json *item;

	if (!json_parse(text, len, DOCUMENT_MAX, &cords.document, err) ||
	    !json_get_object(cords.document, "paths", &paths, err))
		return fail_in(err, "the description of the running chute");
	cords.items = xcalloc(CORDS_MAX, sizeof(*cords.items));
	while (json_next(paths, &position, &path, &item))
		for (size_t i = 0; i < array_len(methods); i++) {
			const struct json *operation = json_find(item, methods[i][0]);

			if (operation)
				add_operation(&cords, path, methods[i][1], operation);
		}
	call_cords_release(out);
	*out = cords;
	cords = (struct call_cords){0};
	return true;
}

bool call_ask_cords(const char *base, struct call_cords *out, struct error *err)
{
	auto_http_client struct http_client *client = NULL;
	auto_http_answer answer = {0};
	auto_call_request where = {0};
	const struct call_cord description = {.method = "GET", .path = "/openapi.json"};

	if (!call_request_make(base, &description, NULL, &where, err))
		return false;
	const struct http_request request = {
		.method = "GET", .url = where.url, .limit = DOCUMENT_MAX, .timeout_ms = ASK_MS};

	return http_client_new(&client, err) && http_send(client, &request, &answer, err) &&
	       call_cords_of_openapi(text_str(&answer.body), answer.body.len, out, err);
}
