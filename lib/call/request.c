/* SPDX-License-Identifier: MIT
 * An input as a request, and small things about answers.
 */
#include "lib/base/memory.h"
#include "lib/call/call.h"

#include <string.h>
#include <strings.h>

enum { INPUT_MAX = 512 * 1024 * 1024, DETAIL_MAX = 400 };

void call_request_release(struct call_request *r)
{
	free(r->url);
	text_release(&r->body);
	strings_release(&r->headers);
	*r = (struct call_request){0};
}

/* As a part of a query (RFC 3986, unreserved characters stand for themselves). */
static void add_escaped(struct text *out, const char *text)
{
	static const char plain[] = "-._~";

	for (const char *c = text; *c; c++) {
		bool is_plain = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
				(*c >= '0' && *c <= '9') || strchr(plain, *c);

		if (is_plain)
			text_add_char(out, *c);
		else
			text_addf(out, "%%%02X", (unsigned char)*c);
	}
}

static void add_pair(struct text *out, const char *key, const struct json *value)
{
	auto_text written = {0};

	if (json_kind(value) == JSON_KIND_TEXT)
		text_add(&written, json_text(value));
	else
		json_write(value, &written);
	text_add_char(out, strchr(text_str(out), '?') ? '&' : '?');
	add_escaped(out, key);
	text_add_char(out, '=');
	add_escaped(out, text_str(&written));
}

/* A list is its elements, one pair each. */
static bool add_query(struct text *url, const char *input, struct error *err)
{
	auto_json struct json *json = NULL;
	void *position = NULL;
	const char *key;
	const struct json *value;

	if (!json_parse(input, strlen(input), INPUT_MAX, &json, err))
		return false;
	if (json_kind(json) != JSON_KIND_OBJECT && json_count(json) > 0)
		return fail(err, ERROR_USAGE, "the input of a GET must be an object, not %s",
			    json_kind_name(json_kind(json)));
	while (json_kind(json) == JSON_KIND_OBJECT && json_next(json, &position, &key, &value)) {
		bool is_list = json_kind(value) == JSON_KIND_LIST;

		for (size_t i = 0; is_list && i < json_count(value); i++)
			add_pair(url, key, json_at(value, i));
		if (!is_list && json_kind(value) != JSON_KIND_NULL)
			add_pair(url, key, value);
	}
	return true;
}

/* Where one route has two cords, the body chooses. */
static void set_body(const struct call_cord *cord, const char *input, struct text *out)
{
	auto_json struct json *json = NULL;
	struct error ignored; /* no JSON: as it is */
	size_t len = strlen(input);

	if (cord->has_twin && json_parse(input, len, INPUT_MAX, &json, &ignored) &&
	    json_kind(json) == JSON_KIND_OBJECT && !json_member(json, "stream"))
		json_write_with(json, input, len,
				cord->is_stream ? "\"stream\":true" : "\"stream\":false", out);
	else
		text_add_bytes(out, input, len);
}

bool call_request_make(const char *base, const struct call_cord *cord, const char *input,
		       struct call_request *out, struct error *err)
{
	auto_call_request r = {.method = cord->method};
	size_t len = strlen(base);
	auto_text url = {0};

	if (!cord->path)
		return fail(err, ERROR_NOT_FOUND, "cord '%s' has no public route", cord->function);
	while (len > 0 && base[len - 1] == '/')
		len--;
	if (!strstr(base, "://"))
		text_add(&url, "http://");
	text_add_bytes(&url, base, len);
	text_add(&url, cord->path);
	r.has_body = strcmp(r.method, "GET") != 0 && strcmp(r.method, "HEAD") != 0;
	if (!r.has_body && input && !add_query(&url, input, err))
		return false;
	if (r.has_body) {
		set_body(cord, input ? input : "{}", &r.body);
		strings_add(&r.headers, "Content-Type: application/json");
	}
	r.url = text_take(&url);
	*out = r;
	r = (struct call_request){0};
	return true;
}

/* --- answers */

bool call_is_type(const char *content_type, const char *wanted)
{
	size_t len = strcspn(content_type, "; \t");
	size_t wanted_len = strcspn(wanted, "; \t");

	if (wanted_len > 1 && strncmp(wanted + wanted_len - 2, "/*", 2) == 0)
		return len >= wanted_len && strncasecmp(content_type, wanted, wanted_len - 1) == 0;
	return len == wanted_len && strncasecmp(content_type, wanted, len) == 0;
}

bool call_is_json(const char *content_type)
{
	size_t len = strcspn(content_type, "; \t");

	return call_is_type(content_type, "application/json") ||
	       (len > 5 && strncasecmp(content_type + len - 5, "+json", 5) == 0);
}

/* A member that is text, or of an object that is one. */
static const char *find_message(const struct json *json)
{
	static const char *const keys[] = {"detail", "message", "error"};

	for (size_t i = 0; i < array_len(keys); i++) {
		const struct json *value = json_find(json, keys[i]);
		const struct json *inner = value ? json_find(value, "message") : NULL;

		if (value && json_text(value))
			return json_text(value);
		if (inner && json_text(inner))
			return json_text(inner);
	}
	return NULL;
}

void call_add_detail(const struct text *body, struct text *out)
{
	auto_json struct json *json = NULL;
	struct error ignored; /* then it is text */
	const char *text = text_str(body);

	if (json_parse(text, body->len, INPUT_MAX, &json, &ignored) && find_message(json))
		text = find_message(json);
	text += strspn(text, " \t\r\n");
	size_t len = strcspn(text, "\r\n");

	text_add_printable(out, text, len < DETAIL_MAX ? len : DETAIL_MAX, false);
	if (len > DETAIL_MAX)
		text_add(out, "...");
}
