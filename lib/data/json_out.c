/* SPDX-License-Identifier: MIT */
#include "lib/data/json_out.h"

#include <inttypes.h>
#include <string.h>

static void begin(struct json_out *j, const char *key)
{
	if (j->needs_comma)
		text_add_char(&j->text, ',');
	j->needs_comma = true;
	if (!key)
		return;
	text_add_json(&j->text, key);
	text_add_char(&j->text, ':');
}

static void open_with(struct json_out *j, const char *key, char bracket)
{
	begin(j, key);
	text_add_char(&j->text, bracket);
	j->needs_comma = false;
}

static void close_with(struct json_out *j, char bracket)
{
	text_add_char(&j->text, bracket);
	j->needs_comma = true;
}

void json_out_object(struct json_out *j, const char *key) { open_with(j, key, '{'); }

void json_out_object_end(struct json_out *j) { close_with(j, '}'); }

void json_out_array(struct json_out *j, const char *key) { open_with(j, key, '['); }

void json_out_array_end(struct json_out *j) { close_with(j, ']'); }

void json_out_raw(struct json_out *j, const char *key, const char *document)
{
	begin(j, key);
	text_add(&j->text, document);
}

void json_out_text(struct json_out *j, const char *key, const char *value)
{
	begin(j, key);
	if (value)
		text_add_json(&j->text, value);
	else
		text_add(&j->text, "null");
}

void json_out_number(struct json_out *j, const char *key, int64_t value)
{
	begin(j, key);
	text_addf(&j->text, "%" PRId64, value);
}

void json_out_bool(struct json_out *j, const char *key, bool value)
{
	json_out_raw(j, key, value ? "true" : "false");
}

void json_out_release(struct json_out *j)
{
	text_release(&j->text);
	*j = (struct json_out){0};
}
