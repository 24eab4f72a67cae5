/* SPDX-License-Identifier: MIT
 * What refusals become: code, message, hint; and when a request is sent again.
 */
#include "lib/platform/platform.h"

#include "lib/base/memory.h"
#include "lib/base/time.h"

#include <time.h>

#include "tests/unit/tap.h"

static const struct platform_request get = {.method = "GET", .target = "/users/me?token=secret"};

static bool refuse(int status, const char *body, const char *header, const char *scheme,
		   enum platform_auth auth, struct error *err)
{
	const struct platform p = {.server = {.base_url = "http://127.0.0.1:1", .scheme = scheme}};
	struct platform_answer a = {.auth = auth, .n_attempts = 1};

	a.http.status = status;
	a.http.content_type = xstrdup(*body == '{' ? "application/json" : "text/plain");
	text_add(&a.http.body, body);
	if (header)
		strings_add(&a.http.headers, header);
	bool ok = platform_fail(&p, &get, &a, err);

	platform_answer_release(&a);
	return ok;
}

TEST(codes_and_words)
{
	static const struct {
		int status;
		const char *body;
		enum error_code code;
		const char *message; /* behind "GET /users/me answered " */
	} cases[] = {
		{400, "{\"detail\": \"no\"}", ERROR_USAGE, "400: \"no\""},
		{401, "{\"detail\": \"Invalid nonce!\"}", ERROR_AUTH, "401: \"Invalid nonce!\""},
		{402, "{\"detail\": {\"fee\": 5}}", ERROR_MONEY, "402: \"{\\\"fee\\\":5}\""},
		{403, "", ERROR_AUTH, "403"},
		{404, "{\"detail\": \"a\\u001b[31mb\\nc\"}", ERROR_NOT_FOUND,
		 "404: \"a\\u001b[31mb\\nc\""},
		{405, "{\"message\": \"m\"}", ERROR_USAGE, "405: \"m\""},
		{408, "", ERROR_SERVER, "408"},
		{409, "{\"detail\": null, \"error\": \"e\"}", ERROR_CONFLICT, "409: \"e\""},
		{422,
		 "{\"detail\": [{\"loc\": [\"body\", \"include\", 0], \"msg\": \"bad\"}, "
		 "{\"loc\": [\"body\"], \"msg\": \"worse\"}, {\"a\": 1}]}",
		 ERROR_SPEC, "422: \"body.include.0: bad; body: worse; {\\\"a\\\":1}\""},
		{422, "{\"detail\": [1, 2, 3, 4, 5, 6, 7]}", ERROR_SPEC,
		 "422: \"1; 2; 3; 4; 5; and 2 more\""},
		{429, "{\"detail\": \"slow\"}", ERROR_MONEY, "429: \"slow\""},
		{500, "Internal Server Error\nat x", ERROR_SERVER,
		 "500: \"Internal Server Error\""},
		{502, "<html>", ERROR_SERVER, "502: \"<html>\""},
		{503, "{\"x\": 1}", ERROR_SERVER, "503"},
		{304, "", ERROR_FAILURE, "304"},
	};

	for (size_t i = 0; i < array_len(cases); i++) {
		auto_free char *want = xprintf("GET /users/me answered %s", cases[i].message);
		struct error err;

		CHECK(!refuse(cases[i].status, cases[i].body, NULL, "chutes", PLATFORM_AUTH_NONE,
			      &err));
		CHECK(err.code == cases[i].code);
		CHECK_TEXT(err.message, want);
	}
}

TEST(long_words_are_cut_between_characters)
{
	auto_text body = {0};
	struct error err;

	text_add(&body, "{\"detail\": \"x");
	for (int i = 0; i < 200; i++)
		text_add(&body, "\xc3\xa4");
	text_add(&body, "\"}");
	CHECK(!refuse(404, text_str(&body), NULL, "chutes", PLATFORM_AUTH_NONE, &err));
	CHECK(text_ends_with(err.message, "\xc3\xa4...\"") &&
	      utf8_is_valid(err.message, strlen(err.message)));
	CHECK(strlen(err.message) < 300);
}

TEST(hints)
{
	struct error err;

	CHECK(!refuse(402, "{\"detail\": \"d\", \"hint\": \"pay\\u001b\"}", NULL, "btauth",
		      PLATFORM_AUTH_KEY, &err));
	CHECK_TEXT(err.hint, "the server says: \"pay\\u001b\"");
	CHECK(!refuse(429, "", "Retry-After: 30", "chutes", PLATFORM_AUTH_KEY, &err));
	CHECK_TEXT(err.hint, "the server asks to wait for 30 seconds");
	CHECK(!refuse(307, "", "Location: https://evil.example/x", "chutes", PLATFORM_AUTH_HOTKEY,
		      &err));
	CHECK_TEXT(err.message, "GET /users/me answered 307 and points to "
				"\"https://evil.example/x\"");
	CHECK(!refuse(401, "", NULL, "chutes", PLATFORM_AUTH_KEY, &err));
	CHECK(text_starts_with(err.hint, "is this API key still valid?"));
	CHECK(!refuse(401, "", NULL, "chutes", PLATFORM_AUTH_NONE, &err));
	CHECK_TEXT(err.hint, "this request showed no credential");
}

static char *date(int64_t seconds)
{
	time_t at = (time_t)(clock_unix() + seconds);
	char text[64];
	struct tm parts;

	gmtime_r(&at, &parts);
	strftime(text, sizeof(text), "Date: %a, %d %b %Y %H:%M:%S GMT", &parts);
	return xstrdup(text);
}

TEST(clocks_that_differ_are_told)
{
	static const struct {
		const char *scheme;
		int64_t server; /* seconds that it is ahead */
		const char *hint;
	} cases[] = {
		{"chutes", 7200, "this clock is 2 hours behind the server's: "},
		{"chutes", -7200, "this clock is 2 hours ahead of the server's: "},
		{"chutes", 200, "is this hotkey registered there?"},
		{"btauth", 200, "this clock is 3 minutes behind the server's: "},
		{"btauth", 0, "is this hotkey registered there?"},
	};

	for (size_t i = 0; i < array_len(cases); i++) {
		auto_free char *header = date(cases[i].server);
		struct error err;

		CHECK(!refuse(401, "", header, cases[i].scheme, PLATFORM_AUTH_HOTKEY, &err));
		if (!CHECK(text_starts_with(err.hint, cases[i].hint)))
			printf("# %s\n", err.hint);
	}
}

TEST(answers_that_are_no_json)
{
	struct platform_answer a = {.n_attempts = 1};
	struct json *json = NULL;
	struct error err;

	a.http.status = 200;
	text_add(&a.http.body, "<html>");
	CHECK(!platform_json(&get, &a, &json, &err) && err.code == ERROR_SERVER);
	CHECK(text_starts_with(err.message, "GET /users/me answered 200 with no JSON: "));
	platform_answer_release(&a);
}

TEST(what_passes)
{
	static const int passing[] = {408, 429, 502, 503, 504};
	int n = 0;

	for (int status = 100; status < 600; status++)
		n += platform_is_passing(status);
	CHECK(n == array_len(passing));
	for (size_t i = 0; i < array_len(passing); i++)
		CHECK(platform_is_passing(passing[i]));
}

TEST(waits)
{
	uint64_t most = 0;

	for (unsigned n = 0; n < 9; n++)
		for (int i = 0; i < 50; i++) {
			uint64_t limit = 500ull << (n < 6 ? n : 6);

			CHECK(platform_retry_ms(n, NULL) <= limit);
		}
	for (int i = 0; i < 50; i++)
		most = platform_retry_ms(3, "soon") > most ? platform_retry_ms(3, "soon") : most;
	CHECK(most > 0);
	CHECK(platform_retry_ms(0, "7") == 7000 && platform_retry_ms(5, "0") == 0);
	CHECK(platform_retry_ms(0, "Sun, 06 Nov 1994 08:49:37 GMT") == 0);
	auto_free char *later = date(20);

	CHECK(platform_retry_ms(0, later + strlen("Date: ")) >= 19000);
}
