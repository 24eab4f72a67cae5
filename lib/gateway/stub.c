/* SPDX-License-Identifier: MIT */
#include "lib/gateway/stub.h"

#include "lib/data/json_schema.h"
#include "lib/gateway/openapi.h"
#include "lib/lower/schema_value.h"
#include "lib/serve/serve.h"

#include <string.h>

#define EVENTS_TYPE "text/event-stream"
#define JSON_TYPE   "application/json"

enum { STUB_EVENTS = 3 };

/* The stored schema of an input as one document whose references hold. */
static struct json *input_document(const struct cord *cord)
{
	auto_arena arena = {0};
	struct openapi o = {&arena, value_object(&arena), value_object(&arena)};
	struct value *schema = openapi_schema(&o, cord->input_json, cord->function, true);
	struct json *document = NULL;
	auto_text text = {0};
	struct error ignored; /* it is ours */

	value_set(&arena, schema, "components", value_pair(&arena, "schemas", o.components));
	value_write(schema, &text);
	return json_parse(text_str(&text), text.len, SIZE_MAX, &document, &ignored) ? document
										    : NULL;
}

bool stub_input_fits(const struct cord *cord, const struct json *input, struct input_problems *why)
{
	auto_json struct json *schema = NULL;
	auto_text where = {0};
	struct error ignored; /* a schema that makes no sense refuses nothing */
	bool fits = true;

	if (cord->fields)
		return input_fits(input, cord->fields, why);
	if (!cord->input_json || !cord_takes_body(cord))
		return true;
	schema = input_document(cord);
	if (!schema || !json_schema_check(schema, input, &fits, &where, &ignored) || fits)
		return true;
	input_problems_add(why, NULL, text_str(&where));
	return false;
}

static bool is_type(const char *type, const char *wanted)
{
	size_t len = strlen(wanted);

	return strncmp(type, wanted, len) == 0 && (!type[len] || strchr("; ", type[len]));
}

static bool send_text(struct reply *reply, const char *type, const struct text *text,
		      struct error *err)
{
	return reply_send(reply, 200, type, text_str(text), text->len, err);
}

/* Each piece that ends with an empty line goes out by itself, as a chute would send it. */
static bool send_events(struct reply *reply, const char *type, const struct text *events,
			struct error *err)
{
	const char *at = text_str(events);

	reply_header(reply, "Content-Type", type);
	if (!reply_begin(reply, 200, REPLY_UNKNOWN_LENGTH, err))
		return false;
	while (*at) {
		const char *end = strstr(at, "\n\n");
		struct slice piece = {at, end ? (size_t)(end - at) + 2 : strlen(at)};

		if (!reply_write(reply, &piece, 1, err))
			return false;
		at += piece.len;
	}
	return true;
}

static void add_events(const struct cord *cord, const struct json *input, bool is_sse,
		       struct text *out)
{
	auto_text value = {0};

	stub_add_value(cord, input, &value);
	for (int i = 1; i <= STUB_EVENTS; i++)
		if (is_sse)
			text_addf(out, "data: %s\n\n", text_str(&value));
		else
			text_addf(out, "stub %d of '%s'\n\n", i, cord->function);
}

static bool answer_stream(const struct cord *cord, const struct json *input, const char *type,
			  struct reply *reply, struct error *err)
{
	bool is_sse = is_type(type, EVENTS_TYPE);
	auto_text events = {0};

	add_events(cord, input, is_sse, &events);
	return send_events(reply, type, &events, err);
}

static bool answer_plain(const struct cord *cord, const struct json *input, struct reply *reply,
			 struct error *err)
{
	const char *type = cord->content_type ? cord->content_type : JSON_TYPE;
	struct slice media = {0};
	auto_text made = {0};

	if (stub_media(type, &made, &media))
		return reply_send(reply, 200, type, media.at, media.len, err);
	/* a text with a schema leaves a chute as JSON, whatever is declared */
	if (is_type(type, JSON_TYPE) || strstr(type, "+json") ||
	    (is_type(type, "text/plain") && cord->output_json)) {
		stub_add_value(cord, input, &made);
		return send_text(reply, is_type(type, "text/plain") ? JSON_TYPE : type, &made, err);
	}
	text_addf(&made, "stub of '%s'\n", cord->function);
	return send_text(reply, type, &made, err);
}

bool stub_answer(const struct spec *spec, const struct cord *cord, const struct json *input,
		 struct reply *reply, int *status, struct error *err)
{
	bool declares_json = !cord->content_type || is_type(cord->content_type, JSON_TYPE);
	const char *stream_type = declares_json ? EVENTS_TYPE : cord->content_type;
	auto_text text = {0};

	*status = 200;
	reply_header(reply, "X-Chutes-Stub", "1");
	if (stub_add_openai(spec, cord, input, &text))
		return cord->is_stream ? send_events(reply, stream_type, &text, err)
				       : send_text(reply, JSON_TYPE, &text, err);
	if (cord->is_stream && !text_starts_with(stream_type, "audio/") &&
	    !text_starts_with(stream_type, "image/"))
		return answer_stream(cord, input, stream_type, reply, err);
	return answer_plain(cord, input, reply, err);
}
