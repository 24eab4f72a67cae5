/* SPDX-License-Identifier: MIT
 * Which mode a chute has, what each mode needs, and what it cannot have beside it.
 */
#include "tests/unit/spec_cases.h"

#define COMMIT "0123456789abcdef0123456789abcdef01234567"
#define SERVER "server: {command: [a], port: 9000}\ncords: [{function: a, forward: GET /a}]\n"
#define PYTHON "python: {file: chute.py}\n"

TEST(one_mode)
{
	static const struct rule rules[] = {
		{"handlers: {file: a.py}\nserver: {command: [a], port: 9000}\n"
		 "cords: [{function: a, forward: GET /a}]",
		 "E201 2:1 'server' stands beside 'handlers': a chute has one mode (keep "
		 "one of the two)"},
		{"python: {file: chute.py}\nhandlers: {file: app.py}",
		 "E201 2:1 'handlers' stands beside 'python': a chute has one mode (keep "
		 "one of the two)"},
		{"handlers: {file: app.py}\ncords: [{function: a}]\ntemplate: {kind: vllm, "
		 "revision: " COMMIT "}",
		 "E201 3:1 'template' stands beside 'handlers': a chute has one mode "
		 "(keep one of the two)"},
		{"template: {kind: vllm, revision: " COMMIT "}\npython: {file: chute.py}\nserver: "
		 "{command: [a], port: 9000}",
		 "E201 2:1 'python' stands beside 'template': a chute has one mode (keep "
		 "one of the two)\n"
		 "E201 3:1 'server' stands beside 'template': a chute has one mode (keep "
		 "one of the two)"},
	};

	check_rules(rules, array_len(rules));
}

/* The findings of a whole document. */
static void check_document(const char *text, const char *wanted)
{
	auto_spec spec = {0};
	auto_findings f = {0};
	auto_text shown = {0};
	struct error err;

	(void)!spec_parse(text, strlen(text), &(struct spec_options){.file = "c.yaml"}, &spec, &f,
			  &err);
	fixture_show(&f, &shown);
	CHECK_TEXT(text_str(&shown), wanted);
}

TEST(what_a_mode_needs)
{
	check_document("version: 1\nname: abc\nimage: {name: abc, base: {debian: bookworm}}\n"
		       "cords: [{function: a}]\n",
		       "E201 1:1 none of 'template', 'handlers', 'server' and 'python': what "
		       "shall run? (add 'handlers: {file: app.py}' for Python functions, or "
		       "'server' for any process that speaks HTTP)");
	check_document("version: 1\nname: abc\nhandlers: {file: app.py}\ncords: [{function: a}]\n",
		       "E112 1:1 'image' is missing in the spec (add the image that it runs on: "
		       "image: {name: my-chute})");
	check_document("version: 1\nname: abc\nhandlers: {file: app.py}\n"
		       "image: {name: abc, base: {debian: bookworm}}\n",
		       "E112 1:1 'cords' is missing in the spec (say what it answers: cords: "
		       "[{function: hello, public: POST /hello}])");
	check_document("version: 1\nname: abc\nserver: {command: [a], port: 9000}\n"
		       "image: {name: abc, base: {debian: bookworm}}\n",
		       "E112 1:1 'cords' is missing in the spec (say what it answers: cords: "
		       "[{function: hello, public: POST /hello}])");
	check_document("version: 1\nname: abc\npython: {file: chute.py}\n",
		       "E112 1:1 'image' is missing in the spec (add the image that it runs on: "
		       "image: {name: my-chute})");
	check_document("version: 1\nname: abc\njobs: [{function: a, command: [b]}]\n",
		       "E112 1:1 'image' is missing in the spec (add the image that it runs on: "
		       "image: {name: my-chute})");
	check_document("version: 1\nname: a/b\ntemplate: {kind: vllm, revision: " COMMIT "}\n", "");
}

TEST(python)
{
	static const struct limit limits[] = {
		{"python: {file: src/ab.py}", "python: {file: a.py}",
		 "E114 1:16 'a.py' is not allowed for 'file' (it must be a Python file in "
		 "lower case, of two letters or more, such as chute.py)"},
		{NULL, "python: {file: Chute.py}",
		 "E114 1:16 'Chute.py' is not allowed for 'file' (it must be a Python "
		 "file in lower case, of two letters or more, such as chute.py)"},
		{"python: {file: ab.py, object: ab}", "python: {file: ab.py, object: a}",
		 "E113 1:31 'object' has 1 character; it needs at least 2"},
		{"python: {file: ab.py, object: {{a*128}}}",
		 "python: {file: ab.py, object: {{a*129}}}",
		 "E113 1:31 'object' has 129 characters; it may have at most 128"},
		{NULL, "python: {file: ab.py, object: my-chute}",
		 "E114 1:31 'my-chute' is not allowed for 'object' (it must be lower-case "
		 "letters, digits and '_', starting with a letter)"},
		{NULL, "python: {object: chute}",
		 "E112 1:9 'file' is missing in python (add a line such as 'file: "
		 "chute.py')"},
		{PYTHON "cords: {import: true}", PYTHON "cords: {import: false}",
		 "E114 2:17 'import' can only be true (write it, or list the cords)"},
		{NULL, PYTHON "cords: {}",
		 "E112 2:8 'import' is missing in cords (add a line such as 'import: "
		 "true')"},
		{NULL, PYTHON "cords: {import: true, a: 1}",
		 "E110 2:23 unknown key 'a' in cords (known here: import)"},
		{NULL, "cords: {import: true}",
		 "E210 1:1 cords are imported in python mode only (list them)"},
		{PYTHON "cords: [{function: a, public: POST /a, forward: POST /b}]", NULL, NULL},
		{PYTHON "tests: [{name: a, cord: whatever}]", NULL, NULL},
	};

	check_limits(limits, array_len(limits));
	auto_spec spec = {0};
	auto_text shown = {0};

	CHECK_OR_STOP(fixture_read(PYTHON, &spec, &shown));
	CHECK(spec.mode == SPEC_PYTHON && spec.cords.is_imported && spec.cords.n == 0);
	CHECK(spec.scaling.is_concurrency_imported && spec.scaling.concurrency == 1);
	CHECK_TEXT(spec.python.object, "chute");
}

TEST(keys_of_some_modes)
{
	static const struct rule rules[] = {
		{"standard_template: tei", ""},
		{"standard_template: embedding\nrevision: " COMMIT, ""},
		{"standard_template: vllm\nrevision: " COMMIT, ""},
		{SERVER "standard_template: diffusion\nrevision: " COMMIT, ""},
		{"standard_template: vllm",
		 "E112 1:20 'revision' is missing: the standard template vllm needs it "
		 "(add 'revision' with the commit of the model: 40 hex digits)"},
		{"standard_template: sglang",
		 "E114 1:20 'standard_template' cannot be 'sglang' (it must be vllm, "
		 "diffusion, tei or embedding)"},
		{"standard_template: null",
		 "E111 1:20 'standard_template' has no value (give it a value or remove "
		 "the key)"},
		{"revision: main",
		 "E114 1:11 'main' is not allowed for 'revision' (it must be a commit: 40 "
		 "hex digits)"},
		{PYTHON "standard_template: tei",
		 "E210 2:1 'standard_template' is for handlers and server mode (say it in "
		 "the module)"},
		{PYTHON "revision: " COMMIT,
		 "E210 2:1 'revision' is for handlers and server mode (say it in the "
		 "module)"},
		{PYTHON "env: {A: b}",
		 "E210 2:1 'env' cannot be added to a module that is sent as it is (say "
		 "it in the module)"},
		{PYTHON "models: [{repo: a, revision: " COMMIT "}]",
		 "E210 2:1 'models' cannot be added to a module that is sent as it is "
		 "(say it in the module)"},
		{"passthrough_headers: {X-a!: b}", ""},
		{"passthrough_headers: {\"X a\": b}",
		 "E114 1:23 'X a' is not allowed for 'passthrough_headers' (it must be a "
		 "header name)"},
		{SERVER "passthrough_headers: {A: b}",
		 "E210 3:1 'passthrough_headers' is for handlers mode (write it as "
		 "'server.headers')"},
		{PYTHON "passthrough_headers: {A: b}",
		 "E210 2:1 'passthrough_headers' is for handlers mode (say it in the "
		 "module)"},
		{"profile: work", ""},
		{"profile: {{a*64}}", ""},
		{"profile: {{a*65}}",
		 "E113 1:10 'profile' has 65 characters; it may have at most 64"},
		{"profile: a b",
		 "E114 1:10 'a b' is not allowed for 'profile' (it must be letters, "
		 "digits, '_', '.' and '-')"},
		{"username: {{a*3}}", ""},
		{"username: {{a*15}}", ""},
		{"username: {{a*2}}", "E113 1:11 'username' has 2 characters; it needs at least 3"},
		{"username: {{a*16}}",
		 "E113 1:11 'username' has 16 characters; it may have at most 15"},
		{"username: a-b",
		 "E114 1:11 'a-b' is not allowed for 'username' (it must be letters, "
		 "digits and '_')"},
	};

	check_rules(rules, array_len(rules));
}

TEST(cords)
{
#define CORD(rest) "cords: [{function: hello, " rest "}]"
#define FORWARD    "forward: GET /a, port: 9000, "
	static const struct rule rules[] = {
		{CORD(FORWARD "abort_on_disconnect: true"), ""},
		{CORD("abort_on_disconnect: true"),
		 "E210 1:48 'abort_on_disconnect' means nothing without 'forward' (remove "
		 "it)"},
		{CORD("abort_on_disconnect: false"), ""},
		{CORD(FORWARD "session: {raise_for_status: true, read_bufsize: 65536}"), ""},
		{CORD(FORWARD "session: {raise_for_statis: true}"),
		 "E110 1:66 unknown key 'raise_for_statis' in session (did you mean "
		 "'raise_for_status'?)"},
		{CORD(FORWARD "session: {connector: a}"),
		 "E110 1:66 unknown key 'connector' in session (it must be an argument of "
		 "aiohttp.ClientSession())"},
		{CORD("provision_timeout: 1"), ""},
		{CORD("provision_timeout: 0"),
		 "E113 1:46 'provision_timeout' is 0 seconds; it must be at least 1"},
		{CORD("provision_timeout: 24h"), ""},
		{CORD("provision_timeout: 25h"),
		 "E113 1:46 'provision_timeout' is 90000 seconds; it must be at most 86400"},
		{CORD("output: {schema: a.json}"), ""},
		{CORD("output: {model: Reply}"), ""},
		{CORD("output: {model: a-b}"),
		 "E114 1:43 'a-b' is not allowed for 'model' (it must be letters, digits "
		 "and '_', not starting with a digit)"},
		{CORD("output: {model: Reply, schema: a.json}"),
		 "E210 1:36 'model' stands beside 'schema' (keep one of the two)"},
		{"server: {command: [a], port: 9000}\ncords: [{function: a, forward: GET /a, "
		 "output: {model: A}}]",
		 "E210 2:49 'model' is a class of handlers.file, and there is none (name "
		 "a file with 'schema')"},
		{CORD("public: POST /a/b_c-d/e1"), ""},
		{CORD("public: POST /a.b"),
		 "E114 1:35 'POST /a.b' is not allowed for 'public' (it must be GET or "
		 "POST and a path of lower-case letters, digits, '_' and '-')"},
		{CORD("public: \"POST /{id}\""),
		 "E114 1:35 'POST /{id}' is not allowed for 'public' (it must be GET or "
		 "POST and a path of lower-case letters, digits, '_' and '-')"},
		{CORD("public: POST /A"),
		 "E114 1:35 'POST /A' is not allowed for 'public' (it must be GET or POST "
		 "and a path of lower-case letters, digits, '_' and '-')"},
		{CORD("public: POST /a/"),
		 "E114 1:35 'POST /a/' is not allowed for 'public' (it must be GET or "
		 "POST and a path of lower-case letters, digits, '_' and '-')"},
		{CORD("public: /a"),
		 "E114 1:35 '/a' is not allowed for 'public' (it must be GET or POST and "
		 "a path of lower-case letters, digits, '_' and '-')"},
		{CORD("path: \"/{id}\""),
		 "E114 1:33 '/{id}' is not allowed for 'path' (it must be a path of "
		 "lower-case letters, digits and '_')"},
		/* language models: one route, which streams or not */
		{"cords: [{function: a, public: POST /a}, {function: b, public: POST /a, stream: "
		 "true}]",
		 ""},
		{"cords: [{function: a, public: POST /a, stream: true}, {function: b, public: POST "
		 "/a, stream: true}]",
		 "E203 1:55 a second cord at 'POST /a'; the first is in line 1"},
		{"cords: [{function: a, public: POST /a}, {function: b, public: POST /a, stream: "
		 "true}, {function: c, public: POST /a}]",
		 "E203 1:87 a second cord at 'POST /a'; the first is in line 1"},
		{"cords: [{function: a, public: POST /a}, {function: b, public: GET /a}]", ""},
		{"server: {command: [a], port: 9000}\ncords: [{function: a, forward: GET /a, port: "
		 "8001}]",
		 "E202 2:46 'port' is 8001, which the runtime itself uses (choose another "
		 "port; 8000, 8001, 8002 and 2202 are taken)"},
	};

	check_rules(rules, array_len(rules));
}

TEST(values)
{
	auto_spec spec = {0};
	auto_text shown = {0};

	CHECK_OR_STOP(fixture_read(
		"profile: work\nusername: ada\nstandard_template: vllm\nrevision: " COMMIT "\n"
		"passthrough_headers: {X-A: b}\n"
		"models: [{repo: org/model, revision: " COMMIT ", allow: [\"*.json\"]}]\n"
		"dev: {platform: linux/arm64, job_args: {}}\njobs: [{function: train}]\n"
		"handlers: {file: app.py}\n",
		&spec, &shown));
	CHECK_TEXT(spec.profile, "work");
	CHECK_TEXT(spec.username, "ada");
	CHECK_TEXT(spec.standard_template, "vllm");
	CHECK_TEXT(spec.revision, COMMIT);
	CHECK_TEXT(spec.passthrough_headers.items[0].value, "b");
	CHECK_OR_STOP(spec.models.n == 1);
	CHECK_TEXT(spec.models.items[0].repo, "org/model");
	CHECK(spec.models.items[0].kind == MODEL_HUGGING_FACE);
	CHECK_TEXT(spec.models.items[0].allow.items[0], "*.json");
	CHECK_TEXT(spec.dev.platform, "linux/arm64");
	CHECK(spec.scaling.concurrency == 1);
}

TEST(cord_values)
{
	auto_spec spec = {0};
	auto_text shown = {0};

	CHECK_OR_STOP(
		fixture_read("cords: [{function: a, forward: GET /a, port: 9000, session: "
			     "{trust_env: true}, abort_on_disconnect: true, provision_timeout: "
			     "10m, output: {schema: a.json}}, {function: b, output: {model: "
			     "B}}]",
			     &spec, &shown));
	CHECK(spec.cords.items[0].abort_on_disconnect);
	CHECK(spec.cords.items[0].provision_timeout_ms == 600000);
	CHECK_TEXT(spec.cords.items[0].session.items[0].name, "trust_env");
	CHECK_TEXT(spec.cords.items[0].session.items[0].value, "true");
	CHECK_TEXT(spec.cords.items[0].output.schema_file, "a.json");
	CHECK_TEXT(spec.cords.items[1].output.model, "B");
	CHECK(spec.cords.items[1].provision_timeout_ms == 180000);
}
