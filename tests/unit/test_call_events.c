/* SPDX-License-Identifier: MIT */
#include "lib/base/memory.h"
#include "lib/call/call.h"

#include "tests/unit/tap.h"

static bool add(void *context, const char *data, struct error *err maybe_unused)
{
	text_addf(context, "<%s>", data);
	return true;
}

static bool refuse(void *context maybe_unused, const char *data maybe_unused, struct error *err)
{
	return fail(err, ERROR_FAILURE, "enough");
}

TEST(events_in_any_pieces)
{
	static const char stream[] =
		":\xff comment\ndata: a\n\ndata:b\ndata:  c\r\n\r\nevent: x\nid: 1\n"
		"data\n\ndata: d\r\rdatum: no\n\n\ndata: open\n";

	for (size_t size = 1; size < sizeof(stream); size++) {
		auto_call_events events = {0};
		auto_text got = {0};
		struct error err;

		for (size_t at = 0; at < sizeof(stream) - 1; at += size) {
			size_t left = sizeof(stream) - 1 - at;

			CHECK_OK(call_events_add(&events, stream + at, left < size ? left : size,
						 add, &got, &err),
				 err);
		}
		CHECK_TEXT(text_str(&got), "<a><b\n c><><d>");
	}
}

TEST(events_have_a_limit)
{
	enum { LIMIT = 16 * 1024 * 1024 };
	auto_free char *bytes = xcalloc(1, LIMIT + 1);

	memset(bytes, 'x', LIMIT + 1);
	for (size_t len = LIMIT; len <= LIMIT + 1; len++) {
		auto_call_events events = {0};
		auto_text got = {0};
		struct error err;

		CHECK(call_events_add(&events, bytes, len, add, &got, &err) == (len == LIMIT));
		if (len > LIMIT)
			CHECK_TEXT(err.message,
				   "an event is longer than the limit of 16777216 bytes");
	}
}

TEST(a_reader_may_have_enough)
{
	auto_call_events events = {0};
	struct error err;

	CHECK(!call_events_add(&events, "data: a\n\n", 9, refuse, NULL, &err));
	CHECK_TEXT(err.message, "enough");
}

TEST(types)
{
	CHECK(call_is_type("text/plain; charset=utf-8", "TEXT/plain"));
	CHECK(call_is_type("image/png", "image/*") && !call_is_type("image", "image/*"));
	CHECK(!call_is_type("text/plainer", "text/plain") && !call_is_type("", "text/plain"));
	CHECK(call_is_json("application/problem+json;x") && call_is_json("application/json"));
	CHECK(!call_is_json("text/json5") && !call_is_json(""));
}

TEST(details)
{
	static const char *const cases[][2] = {
		{"{\"detail\":\"no\"}", "no"},
		{"{\"error\":{\"message\":\"bad\\u001b\"}}", "bad\\x1b"},
		{"{\"error\":\"E\",\"detail\":\"D\"}", "D"},
		{"\n first\nsecond", "first"},
		{"", ""},
		{"{\"a\":1}", "{\"a\":1}"},
	};

	for (size_t i = 0; i < array_len(cases); i++) {
		auto_text body = {0};
		auto_text detail = {0};

		text_add(&body, cases[i][0]);
		call_add_detail(&body, &detail);
		CHECK_TEXT(text_str(&detail), cases[i][1]);
	}
}

TEST(cords_of_a_running_chute)
{
	static const char document[] =
		"{\"paths\":{\"/one\":{\"post\":{\"summary\":\"one\",\"x-chutes\":{\"stream\":true},"
		"\"requestBody\":{\"content\":{\"application/json\":{\"schema\":{\"$ref\":"
		"\"#/components/schemas/One\"}}}}}},\"/_x\":{\"get\":{}}},"
		"\"components\":{\"schemas\":{\"One\":{\"properties\":{\"n\":{\"type\":\"integer\"}},"
		"\"required\":[\"n\"]}}}}";
	auto_call_cords cords = {0};
	auto_strings fields = {0};
	auto_text input = {0};
	struct error err;

	CHECK_OK(call_cords_of_openapi(document, strlen(document), &cords, &err), err);
	CHECK_OR_STOP(cords.n == 1);
	CHECK_TEXT(cords.items[0].method, "POST");
	CHECK(cords.items[0].is_stream);
	strings_add(&fields, "n=5");
	CHECK_OK(call_input(&cords.items[0], &fields, &input, &err), err);
	CHECK_TEXT(text_str(&input), "{\"n\":5}");
	strings_add(&fields, "m=5");
	CHECK(!call_input(&cords.items[0], &fields, &input, &err));
	CHECK_TEXT(err.message, "cord 'one' takes no field 'm'");
	CHECK(!call_cords_of_openapi("[]", 2, &cords, &err));
}
