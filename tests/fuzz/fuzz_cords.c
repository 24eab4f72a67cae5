/* SPDX-License-Identifier: MIT
 * What a module says of its cords: whatever its schemas are, they are described, inputs are held
 * against them, and the stub's answers are JSON. The input is what the runner writes.
 */
#include "lib/gateway/openapi.h"
#include "lib/gateway/stub.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_json(const struct text *text)
{
	auto_json struct json *json = NULL;
	struct error err;

	assert(json_parse(text_str(text), text->len, SIZE_MAX, &json, &err));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char name[] = "f";
	char none[] = "";
	struct spec spec = {.name = name, .tagline = none, .readme.text = none};
	auto_cords struct cords *cords = NULL;
	auto_json struct json *input = NULL;
	auto_text document = {0};
	struct error err;

	if (size > 1 << 16 || !cords_of_json((const char *)data, size, &cords, &err) ||
	    !json_parse("{\"a\":[1]}", 9, SIZE_MAX, &input, &err))
		return 0;
	openapi_add(&spec, cords, &document);
	check_json(&document);
	for (size_t i = 0; i < cords->n; i++) {
		auto_input_problems why = {0};
		auto_text value = {0};

		assert(stub_input_fits(&cords->items[i], input, &why) == (why.n == 0));
		stub_add_value(&cords->items[i], input, &value);
		check_json(&value);
	}
	return 0;
}
