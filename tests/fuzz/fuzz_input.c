/* SPDX-License-Identifier: MIT
 * What a request says to its cord: the first line is a query, the rest a body. What is read fits or
 * does not, and every reason is JSON; a query is always an object.
 */
#include "lib/gateway/input.h"

#include "lib/base/memory.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char spec_text[] =
	"version: 1\nname: fuzz\nhandlers: {file: app.py}\n"
	"image: {name: fuzz, base: {debian: bookworm}}\n"
	"cords:\n"
	"  - function: f\n"
	"    public: POST /f\n"
	"    input:\n"
	"      text: {type: string, required: true, max_length: 9, pattern: '^[a-z]+$'}\n"
	"      n: {type: integer, ge: 1, lt: 9, multiple_of: 3, nullable: true}\n"
	"      real: {type: number, gt: 0.5}\n"
	"      one: {type: string, enum: [a, b]}\n"
	"      list: {type: array, items: {type: array, items: integer}, max_length: 3}\n"
	"      inner: {type: object, properties: {x: {type: boolean, required: true}}}\n"
	"      file: {type: file, max_length: 10}\n"
	"      either: {any_of: [{type: integer}, {type: array, items: string}]}\n"
	"      any: any\n";

static const struct field_schemas *fields(void)
{
	static struct spec spec;
	static bool is_read;
	struct findings f = {0};
	struct error err;

	if (!is_read)
		is_read = spec_parse(spec_text, strlen(spec_text),
				     &(struct spec_options){.file = "chute.yaml"}, &spec, &f, &err);
	assert(is_read);
	findings_release(&f);
	return &spec.cords.items[0].input.fields;
}

static void check_refusal(const struct input_problems *why)
{
	auto_json struct json *json = NULL;
	auto_text refusal = {0};
	struct error err;

	input_add_refusal(&refusal, why, true);
	bool is_json = json_parse(text_str(&refusal), refusal.len, SIZE_MAX, &json, &err);

	assert(is_json);
}

static void check(struct json *input, const struct input_problems *read)
{
	auto_input_problems why = {0};

	if (!input) {
		assert(read->n > 0);
		check_refusal(read);
		return;
	}
	assert(input_fits(input, fields(), &why) == (why.n == 0));
	check_refusal(&why);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *line_end = size ? memchr(data, '\n', size) : NULL;
	size_t query_len = line_end ? (size_t)(line_end - data) : size;
	size_t body_len = line_end ? size - query_len - 1 : 0;
	auto_free char *query = xstrndup((const char *)data, query_len);
	auto_json struct json *said = NULL;
	auto_json struct json *body = NULL;
	auto_input_problems why_query = {0};
	auto_input_problems why_body = {0};

	if (input_of_query(query, fields(), &said, &why_query))
		assert(json_kind(said) == JSON_KIND_OBJECT);
	check(said, &why_query);
	bool is_read = input_of_body(line_end ? (const char *)line_end + 1 : "", body_len, &body,
				     &why_body);

	assert(is_read == (body != NULL));
	check(body, &why_body);
	input_wants_stream(body, query);
	return 0;
}
