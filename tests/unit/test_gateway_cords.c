/* SPDX-License-Identifier: MIT
 * The cords of a chute, whoever says them, and which of them a request means.
 */
#include "lib/gateway/cords.h"

#include "tests/unit/spec_fixture.h"

static struct cords *read_spec(const char *lines, struct spec *spec)
{
	struct cords *cords = NULL;
	auto_text shown = {0};
	struct error err;

	if (!CHECK(fixture_read(lines, spec, &shown)))
		printf("# %s\n", text_str(&shown));
	CHECK_OK(cords_of_spec(spec, &cords, &err), err);
	return cords;
}

static const char server_spec[] = "server: {command: [a], port: 9000}\n"
				  "cords:\n"
				  "  - function: one\n"
				  "    public: POST /one\n"
				  "    forward: PUT /first\n"
				  "    timeout: 5s\n"
				  "    input: {a: integer}\n"
				  "    example: {a: 1}\n"
				  "  - function: two\n"
				  "    public: GET /one\n"
				  "    forward: GET /second\n"
				  "  - function: hidden\n"
				  "    forward: POST /third\n";

TEST(of_a_server)
{
	auto_spec spec = {0};
	auto_cords struct cords *cords = read_spec(server_spec, &spec);

	CHECK_OR_STOP(cords && cords->n == 2);
	const struct cord *one = &cords->items[0];

	CHECK_TEXT(one->function, "one");
	CHECK_TEXT(one->forward_method, "PUT");
	CHECK_TEXT(one->forward_path, "/first");
	CHECK_TEXT(one->example_json, "{\"a\":1}");
	CHECK(one->limit_ms == 5000);
	CHECK(!one->fields); /* the server checks what it gets, here as there */
	CHECK(one->input_json);
	CHECK(cords->items[1].limit_ms == CORDS_CALL_LIMIT_MS);
	CHECK(!one->twin && !cords->items[1].twin);
}

TEST(matched_by_method_and_path)
{
	static const struct {
		const char *method;
		const char *path;
		const char *function; /* NULL: none */
		const char *allow;
	} cases[] = {
		{"POST", "/one", "one", ""},
		{"GET", "/one", "two", ""},
		{"HEAD", "/one", NULL, "POST, GET"},
		{"post", "/one", NULL, "POST, GET"},
		{"POST", "/One", NULL, ""},
		{"POST", "/one/", NULL, ""},
		{"POST", "/", NULL, ""},
		{"POST", "/first", NULL, ""},
		{"POST", "/hidden", NULL, ""},
		{"POST", "", NULL, ""},
	};
	auto_spec spec = {0};
	auto_cords struct cords *cords = read_spec(server_spec, &spec);

	CHECK_OR_STOP(cords);
	for (size_t i = 0; i < array_len(cases); i++) {
		auto_text allow = {0};
		const struct cord *found =
			cords_find(cords, cases[i].method, cases[i].path, &allow);

		CHECK((found != NULL) == (cases[i].function != NULL));
		if (found)
			CHECK_TEXT(found->function, cases[i].function);
		else
			CHECK_TEXT(text_str(&allow), cases[i].allow);
	}
}

TEST(of_a_template)
{
	auto_spec spec = {0};
	auto_cords struct cords *cords =
		read_spec("template: {kind: vllm, revision: {{0*40}}}\n", &spec);
	auto_text allow = {0};

	CHECK_OR_STOP(cords && cords->n == 7);
	const struct cord *chat = cords_find(cords, "POST", "/v1/chat/completions", &allow);

	CHECK_OR_STOP(chat && chat->twin);
	CHECK_TEXT(cord_for_stream(chat, true)->function, "chat_stream");
	CHECK_TEXT(cord_for_stream(chat, false)->function, "chat");
	CHECK(cord_for_stream(chat->twin, true)->twin == cord_for_stream(chat, false));
	const struct cord *models = cords_find(cords, "GET", "/v1/models", &allow);

	CHECK_OR_STOP(models);
	CHECK(!models->twin && cord_for_stream(models, true) == models);
	CHECK(!chat->fields && chat->input_json && chat->output_json);
}

TEST(of_a_module)
{
	static const char list[] =
		"[{\"function\":\"f\",\"public_api_path\":\"/f\",\"stream\":true,"
		"\"public_api_method\":\"Get\",\"output_content_type\":\"text/plain\","
		"\"input_schema\":{\"type\":\"object\"}},"
		"{\"function\":\"g\",\"public_api_path\":null}]";
	auto_cords struct cords *cords = NULL;
	auto_cords struct cords *more = NULL;
	struct error err;

	CHECK_OK(cords_of_json(list, strlen(list), &cords, &err), err);
	CHECK_OR_STOP(cords && cords->n == 1);
	CHECK_TEXT(cords->items[0].method, "GET");
	CHECK_TEXT(cords->items[0].content_type, "text/plain");
	CHECK_TEXT(cords->items[0].input_json, "{\"type\":\"object\"}");
	CHECK(cords->items[0].is_stream && !cords->items[0].output_json);
	auto_free char *object = xprintf("{\"cords\":%s,\"concurrency\":7}", list);

	CHECK_OK(cords_of_json(object, strlen(object), &more, &err), err);
	CHECK(more && more->n == 1 && more->concurrency == 7);
	int64_t concurrency = 1;

	CHECK_OK(cords_concurrency(object, strlen(object), &concurrency, &err), err);
	CHECK(concurrency == 7);
	CHECK_OK(cords_concurrency(list, strlen(list), &concurrency, &err), err);
	CHECK(concurrency == 0);
}

TEST(of_a_module_that_says_nonsense)
{
	static const struct {
		const char *json;
		const char *message;
	} cases[] = {
		{"", "cords of the module: line 1, column 0: unexpected token near end of file"},
		{"7", "cords of the module: 'cords' must be an object, not an integer"},
		{"{}", "cords of the module: 'cords' is missing"},
		{"{\"cords\":[],\"concurrency\":\"8\"}",
		 "cords of the module: 'concurrency' must be an integer, not a string"},
		{"[1]", "cords of the module: 'cord' must be an object, not an integer"},
		{"[{}]", "cords of the module: 'function' is missing"},
		{"[{\"function\":\"f\",\"public_api_path\":1}]",
		 "cords of the module: 'public_api_path' must be a string, not an integer"},
		{"[{\"function\":\"f\",\"public_api_path\":\"f\"}]",
		 "cords of the module: cord 'f' has a route that cannot be served"},
		{"[{\"function\":\"f\",\"public_api_path\":\"/a b\"}]",
		 "cords of the module: cord 'f' has a route that cannot be served"},
		{"[{\"function\":\"f\",\"public_api_path\":\"/f\",\"public_api_method\":\"GE T\"}]",
		 "cords of the module: cord 'f' has a route that cannot be served"},
	};

	for (size_t i = 0; i < array_len(cases); i++) {
		struct cords *cords = NULL;
		struct error err = {0};

		CHECK(!cords_of_json(cases[i].json, strlen(cases[i].json), &cords, &err));
		CHECK_TEXT(err.message, cases[i].message);
		CHECK(!cords);
	}
}

static bool reads_as_many(size_t n)
{
	auto_cords struct cords *cords = NULL;
	auto_text json = {0};
	struct error err;

	text_add_char(&json, '[');
	for (size_t i = 0; i < n; i++)
		text_addf(&json, "%s{\"function\":\"f%zu\",\"public_api_path\":\"/f%zu\"}",
			  i ? "," : "", i, i);
	text_add_char(&json, ']');
	return cords_of_json(text_str(&json), json.len, &cords, &err) && cords->n == n;
}

TEST(as_many_as_the_limit)
{
	CHECK(reads_as_many(0));
	CHECK(reads_as_many(CORDS_MAX));
	CHECK(!reads_as_many(CORDS_MAX + 1));
}
