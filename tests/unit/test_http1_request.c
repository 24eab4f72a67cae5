/* SPDX-License-Identifier: MIT */
#include "lib/base/memory.h"
#include "lib/http1/http1.h"
#include "tests/unit/tap.h"

static bool slice_is(struct slice got, const char *want)
{
	return got.len == strlen(want) && memcmp(got.at, want, got.len) == 0;
}

static const char *reason_of(const char *text)
{
	struct http1_head head;
	struct http1_refusal why = {0};
	size_t used;

	return http1_parse_request(text, strlen(text), &head, &used, &why) < 0 ? why.reason : NULL;
}

TEST(request_is_taken_apart)
{
	static const char text[] = "POST /a%20b?c=d HTTP/1.1\r\nHost: x:80\r\nAccept:\t*/* \t\r\n"
				   "Empty:\r\nContent-Length: 12\r\nX: \xc3\xa4 b\r\n\r\nrest";
	struct http1_head head;
	struct http1_refusal why;
	size_t used = 0;

	CHECK_OR_STOP(http1_parse_request(text, sizeof(text) - 1, &head, &used, &why) == 1);
	CHECK(used == sizeof(text) - 1 - 4);
	CHECK(slice_is(head.method, "POST"));
	CHECK(slice_is(head.target, "/a%20b?c=d"));
	CHECK(head.minor_version == 1 && head.keeps_alive);
	CHECK(head.framing == HTTP1_LENGTH && head.length == 12);
	CHECK(head.n_fields == 5);
	CHECK(slice_is(head.fields[1].name, "Accept") && slice_is(head.fields[1].value, "*/*"));
	CHECK(slice_is(http1_find(&head, "EMPTY"), "") && http1_find(&head, "empty").at);
	CHECK(slice_is(http1_find(&head, "x"), "\xc3\xa4 b"));
	CHECK(!http1_find(&head, "absent").at);
	CHECK(!head.expects_continue && !head.wants_upgrade && !head.names_hop_fields);
}

TEST(reasons_say_what_is_wrong)
{
	CHECK_TEXT(reason_of("GET\t/"), "a request line that is not 'METHOD TARGET HTTP/1.1'");
	CHECK_TEXT(reason_of("GET / HTTP/3.0"), "an HTTP version other than 1.0 and 1.1");
	CHECK_TEXT(reason_of("GET / HTTP/1.1\r\nA : b"), "a blank before the colon of a header");
	CHECK_TEXT(reason_of("GET / HTTP/1.1\r\nA: b\r\n c"), "a folded header line");
	CHECK_TEXT(reason_of("GET / HTTP/1.1\r\nA: b\x02"),
		   "a control character or a bare line end in a header");
	CHECK_TEXT(reason_of("GET / HTTP/1.1\r\n\r\n"), "no Host header");
	CHECK_TEXT(reason_of("GET / HTTP/1.0\r\nContent-Length: a\r\n\r\n"),
		   "a Content-Length that is not a number");
}

static int status_with(size_t target_len, size_t n_fields, size_t value_len)
{
	auto_text text = {0};

	text_add(&text, "GET /");
	for (size_t i = 1; i < target_len; i++)
		text_add_char(&text, 'a');
	text_add(&text, " HTTP/1.1\r\nHost: a\r\n");
	for (size_t i = 1; i < n_fields; i++)
		text_add(&text, "b: c\r\n");
	if (value_len) {
		text_add(&text, "d: ");
		for (size_t i = 0; i < value_len; i++)
			text_add_char(&text, 'e');
		text_add(&text, "\r\n");
	}
	text_add(&text, "\r\n");
	struct http1_head head;
	struct http1_refusal why = {0};
	size_t used;
	int got = http1_parse_request(text.bytes, text.len, &head, &used, &why);

	return got == 1 ? 200 : why.status;
}

TEST(limits)
{
	CHECK(status_with(HTTP1_TARGET_LIMIT, 1, 0) == 200);
	CHECK(status_with(HTTP1_TARGET_LIMIT + 1, 1, 0) == 414);
	CHECK(status_with(1, HTTP1_FIELDS_LIMIT, 0) == 200);
	CHECK(status_with(1, HTTP1_FIELDS_LIMIT + 1, 0) == 431);
	/* "GET / HTTP/1.1" and "Host: a" with their line ends are 25 bytes, "d: " and two ends 7 */
	CHECK(status_with(1, 1, HTTP1_HEAD_LIMIT - 32) == 200);
	CHECK(status_with(1, 1, HTTP1_HEAD_LIMIT - 31) == 431);
}

TEST(connection_and_expect)
{
	static const struct {
		const char *text;
		bool keeps, names, expects, upgrade;
	} cases[] = {
		{"GET / HTTP/1.1\r\nHost: a\r\n\r\n", true, false, false, false},
		{"GET / HTTP/1.1\r\nHost: a\r\nConnection: CLOSE\r\n\r\n", false, false, false,
		 false},
		{"GET / HTTP/1.1\r\nHost: a\r\nConnection: a , close\r\n\r\n", false, true, false,
		 false},
		{"GET / HTTP/1.0\r\n\r\n", false, false, false, false},
		{"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true, false, false, false},
		{"GET / HTTP/1.0\r\nConnection: keep-alive\r\nConnection: close\r\n\r\n", false,
		 false, false, false},
		{"GET / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n", false, false, false, false},
		{"GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n", true, false, true,
		 false},
		{"GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n", true,
		 true, false, true},
	};

	for (size_t i = 0; i < array_len(cases); i++) {
		struct http1_head head;
		struct http1_refusal why;
		size_t used;

		CHECK_OR_STOP(http1_parse_request(cases[i].text, strlen(cases[i].text), &head,
						  &used, &why) == 1);
		if (!CHECK(head.keeps_alive == cases[i].keeps &&
			   head.names_hop_fields == cases[i].names &&
			   head.expects_continue == cases[i].expects &&
			   head.wants_upgrade == cases[i].upgrade))
			printf("# case %zu\n", i);
	}
}

TEST(underscores_are_dropped_and_doubles_not_found)
{
	static const char text[] = "GET / HTTP/1.1\r\nHost: a\r\nX_Y: b\r\nA: 1\r\na: 2\r\n\r\n";
	struct http1_head head;
	struct http1_refusal why;
	size_t used;

	CHECK_OR_STOP(http1_parse_request(text, strlen(text), &head, &used, &why) == 1);
	CHECK(head.n_fields == 3);
	CHECK(!http1_find(&head, "x_y").at);
	CHECK(!http1_find(&head, "a").at);
}

TEST(what_is_passed_on)
{
	static const char text[] =
		"GET / HTTP/1.1\r\nHost: a\r\nAuthorization: b\r\nHop: c\r\nAccept: d\r\n"
		"Connection: hop, host, authorization, content-length\r\nKeep-Alive: e\r\n"
		"Proxy-Anything: f\r\nTE: g\r\nTrailer: h\r\nUpgrade: i\r\n"
		"Expect: 100-continue\r\nContent-Length: 0\r\nProxy: j\r\n\r\n";
	struct http1_head head;
	struct http1_refusal why;
	size_t used;
	auto_text kept = {0};

	CHECK_OR_STOP(http1_parse_request(text, strlen(text), &head, &used, &why) == 1);
	for (size_t i = 0; i < head.n_fields; i++)
		if (http1_is_passed_on(&head, &head.fields[i]))
			http1_write_parsed_field(&kept, &head.fields[i]);
	CHECK_TEXT(text_str(&kept), "Host: a\r\nAuthorization: b\r\nAccept: d\r\nProxy: j\r\n");
}

TEST(a_head_is_waited_for)
{
	static const struct {
		const char *text;
		bool is_worth;
	} cases[] = {
		{"", false},
		{"GET / HTTP/1.1\r\nHost: a\r\n", false},
		{"GET / HTTP/1.1\r\nHost: a\r\n\r", false},
		{"GET / HTTP/1.1\r\nHost: a\r\n\r\n", true},
		{"GET / HTTP/1.1\r\nHost: a\r\n\r\nbody\r\n", true},
		{"GET / HTTP/1.1\n", true},
		{"G\n", true},
		{"\r\n", true},
		{"\x16\x03", true},
	};

	for (size_t i = 0; i < array_len(cases); i++) {
		size_t len = strlen(cases[i].text);
		size_t looked = 0;
		bool is_worth = false;

		for (size_t n = 0; n <= len && !is_worth; n++)
			is_worth = http1_head_is_worth_parsing(cases[i].text, n, &looked);
		CHECK(is_worth == cases[i].is_worth);
		looked = 0;
		CHECK(http1_head_is_worth_parsing(cases[i].text, len, &looked) == is_worth);
	}
	char full[HTTP1_HEAD_LIMIT];
	size_t looked = 0;

	memset(full, 'a', sizeof(full));
	CHECK(!http1_head_is_worth_parsing(full, sizeof(full) - 1, &looked));
	CHECK(http1_head_is_worth_parsing(full, sizeof(full), &looked));
}

TEST(targets_are_split)
{
	static const struct {
		const char *target, *path, *query, *authority;
	} cases[] = {
		{"/", "/", NULL, NULL},           {"/a%2fb%20c?d=%20?", "/a/b c", "d=%20?", NULL},
		{"/a?", "/a", "", NULL},          {"*", "*", NULL, NULL},
		{"http://h:1", "/", NULL, "h:1"}, {"HTTPS://h?q", "/", "q", "h"},
		{"http://h/p?q", "/p", "q", "h"},
	};

	for (size_t i = 0; i < array_len(cases); i++) {
		struct slice target = {cases[i].target, strlen(cases[i].target)};
		struct slice authority = http1_target_authority(target);
		struct slice query;
		struct http1_refusal why;
		char path[64];

		CHECK_OR_STOP(http1_target_split(target, path, &query, &why));
		CHECK_TEXT(path, cases[i].path);
		CHECK(cases[i].query ? slice_is(query, cases[i].query) : !query.at);
		CHECK(cases[i].authority ? slice_is(authority, cases[i].authority) : !authority.at);
	}
}

TEST(targets_are_refused)
{
	static const struct {
		const char *target, *reason;
	} cases[] = {
		{"", "a target that does not begin with '/'"},
		{"a", "a target that does not begin with '/'"},
		{"/%", "an escape in the path that is not '%XX'"},
		{"/%1", "an escape in the path that is not '%XX'"},
		{"/%1?", "an escape in the path that is not '%XX'"},
		{"/%0a", "an encoded control character in the path"},
		{"/%7F", "an encoded control character in the path"},
		{"/a#b", "a fragment in the target"},
		{"/a b", "a byte that may not stand in a target"},
	};

	for (size_t i = 0; i < array_len(cases); i++) {
		struct slice query;
		struct http1_refusal why = {0};
		char path[64];

		CHECK(!http1_target_split((struct slice){cases[i].target, strlen(cases[i].target)},
					  path, &query, &why));
		CHECK(why.status == 400);
		CHECK_TEXT(why.reason, cases[i].reason);
	}
}
