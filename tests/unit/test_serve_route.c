/* SPDX-License-Identifier: MIT */
#include "tests/unit/serve_fixture.h"

static bool say(struct request *req, struct reply *reply, struct error *err)
{
	auto_text out = {0};
	const struct route *route = request_route(req);

	text_addf(&out, "%s %s", request_method(req), route->path);
	if (strstr(route->path, "{name}"))
		text_addf(&out, " name=%s", request_param(req, "name"));
	if (strstr(route->path, "{rest...}"))
		text_addf(&out, " rest=%s", request_param(req, "rest"));
	return reply_send(reply, 200, NULL, text_str(&out), out.len, err);
}

static const struct route routes[] = {
	{"GET", "/", .handle = say},           {"GET", "/a", .handle = say},
	{"POST", "/a", .handle = say},         {"GET", "/a/special", .handle = say},
	{"GET", "/a/{name}", .handle = say},   {"DELETE", "/a/{name}", .handle = say},
	{"GET", "/a/{name}/b", .handle = say}, {"*", "/v2/{rest...}", .handle = say},
	{"GET", "/v2/never", .handle = say},
};

TEST(the_first_row_that_fits_counts)
{
	static const struct {
		const char *line;
		int status;
		const char *body; /* or the value of Allow */
	} cases[] = {
		{"GET /", 200, "GET /"},
		{"GET /?x=/a", 200, "GET /"},
		{"GET /a", 200, "GET /a"},
		{"POST /a", 200, "POST /a"},
		{"GET /a/", 404, NULL},
		{"GET /a/special", 200, "GET /a/special"},
		{"GET /a/x", 200, "GET /a/{name} name=x"},
		{"DELETE /a/special", 200, "DELETE /a/{name} name=special"},
		{"GET /a/%61%3f", 200, "GET /a/{name} name=a?"},
		{"GET /a/x/b", 200, "GET /a/{name}/b name=x"},
		{"GET /a//b", 404, NULL},
		{"GET /a/x/c", 404, NULL},
		{"GET /A", 404, NULL},
		{"PUT /v2/x/y", 200, "PUT /v2/{rest...} rest=x/y"},
		{"GET /v2/", 200, "GET /v2/{rest...} rest="},
		{"GET /v2/never", 200, "GET /v2/{rest...} rest=never"},
		{"GET /v2", 404, NULL},
		{"PUT /a", 405, "GET, HEAD, POST"},
		{"PUT /a/special", 405, "GET, HEAD, DELETE"},
		{"OPTIONS *", 404, NULL},
		{"GET http://a/a", 200, "GET /a"},
	};
	struct fixture f;

	CHECK_OR_STOP(fixture_start(
		&f, (struct server_options){.routes = routes, .n_routes = array_len(routes)}));
	for (size_t i = 0; i < array_len(cases); i++) {
		auto_text got = {0};
		auto_free char *request = xprintf(
			"%s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", cases[i].line);

		CHECK(client_exchange(&f, request, &got));
		bool is_right = reply_status(&got) == cases[i].status;

		if (cases[i].status == 200)
			is_right &= strcmp(cases[i].body, reply_body(&got)) == 0;
		if (cases[i].status == 405) {
			auto_free char *allow = xprintf("\r\nAllow: %s\r\n", cases[i].body);

			is_right &= reply_has(&got, allow);
		}
		if (!CHECK(is_right))
			printf("# %s -> %s\n", cases[i].line, text_str(&got));
	}
	fixture_stop(&f, 1000);
}

static bool check(struct request *req, const struct route *route, struct error *err)
{
	const char *who = request_header(req, "Authorization");

	if (route->access == 0 || (who && strcmp(who, "me") == 0))
		return true;
	if (!who)
		request_failure_status(req, 401);
	return fail(err, ERROR_AUTH, "not for \"%s\"", who ? who : "nobody");
}

TEST(check_comes_before_the_handler_and_the_body)
{
	static const struct route guarded[] = {
		{"POST", "/own", .access = 1, .body_max_bytes = 10, .handle = handle_echo},
	};
	static const struct {
		const char *headers;
		int status;
		const char *body;
	} cases[] = {
		{"", 401, "{\"detail\":\"not for \\\"nobody\\\"\"}"},
		{"Authorization: you\r\n", 403, "{\"detail\":\"not for \\\"you\\\"\"}"},
		{"Authorization: me\r\nAuthorization: me\r\n", 401, NULL},
		{"Authorization: me\r\n", 200, "abc"},
	};
	struct fixture f;

	CHECK_OR_STOP(fixture_start(
		&f, (struct server_options){.routes = guarded, .n_routes = 1, .check = check}));
	auto_fd int fd = client_open(&f);
	auto_text rest = {0};

	for (size_t i = 0; i < array_len(cases); i++) {
		auto_text got = {0};
		auto_free char *request = xprintf("POST /own HTTP/1.1\r\nHost: a\r\n%s"
						  "Content-Length: 3\r\n\r\nabc",
						  cases[i].headers);

		/* the connection stays: what was not read was short */
		CHECK(client_send(fd, request));
		CHECK(client_next(fd, &rest, &got));
		CHECK(reply_status(&got) == cases[i].status);
		CHECK(n_handled == (cases[i].status == 200));
		if (cases[i].body)
			CHECK_TEXT(reply_body(&got), cases[i].body);
	}
	fixture_stop(&f, 1000);
}
