/* SPDX-License-Identifier: MIT
 * How long texts and lists may be: the longest is taken, one more is one finding at its place.
 */
#include "tests/unit/spec_cases.h"

struct length {
	const char *before; /* the text stands behind it, on the first line */
	const char *after;
	const char *key;
	size_t max;
	const char *prefix; /* of the text itself; NULL: none */
	const char *suffix;
	const char *advice; /* what even a good one gets; NULL: nothing */
};

static void check_length(const struct length *l)
{
	const char *prefix = l->prefix ? l->prefix : "";
	const char *suffix = l->suffix ? l->suffix : "";
	size_t fill = l->max - strlen(prefix) - strlen(suffix);
	auto_free char *good =
		xprintf("%s%s{{a*%zu}}%s%s", l->before, prefix, fill, suffix, l->after);
	auto_free char *bad =
		xprintf("%s%s{{a*%zu}}%s%s", l->before, prefix, fill + 1, suffix, l->after);
	auto_free char *finding =
		xprintf("E113 1:%zu '%s' has %zu characters; it may have at most %zu",
			strlen(l->before) + 1, l->key, l->max + 1, l->max);

	fixture_check(good, l->advice ? l->advice : "");
	fixture_check(bad, finding);
}

#define CORD    "cords: [{function: hello, "
#define TEST_   "tests: [{cord: hello, name: "
#define SERVER  "server: {port: 9000, command: [a], "
#define FORWARD "}\ncords: [{function: a, forward: GET /a}]"
#define MODEL   "models: [{revision: 0123456789abcdef0123456789abcdef01234567, "
#define JOB     "jobs: [{command: [a], "

TEST(texts)
{
	static const struct length lengths[] = {
		{"profile: ", "", "profile", 64, NULL, NULL, NULL},
		{"username: ", "", "username", 15, NULL, NULL, NULL},
		{"name: ", "", "name", 127, NULL, NULL, NULL},
		{"tagline: ", "", "tagline", 1024, NULL, NULL, NULL},
		{"readme: ", "", "the text", 16384, NULL, NULL, NULL},
		{"readme: {file: ", "}", "file", 4096, NULL, NULL, NULL},
		{"tool_description: ", "", "the text", 16384, NULL, NULL, NULL},
		{"logo: ", "", "logo", 4096, NULL, ".png", NULL},
		{"secrets: [", "]", "name", 128, NULL, NULL, NULL},
		{"secrets: [{name: A, description: ", "}]", "description", 1024, NULL, NULL, NULL},
		{"handlers: {file: ", "}", "file", 255, NULL, ".py", NULL},
		{"handlers: {file: app.py, configure: ", "}", "configure", 128, NULL, NULL, NULL},
		{"handlers: {file: app.py, startup: [", "]}", "call", 128, NULL, NULL, NULL},
		{"python: {file: ", "}", "file", 255, NULL, ".py", NULL},
		{"python: {file: ab.py, object: ", "}", "object", 128, NULL, NULL, NULL},
		{SERVER "workdir: ", FORWARD, "workdir", 4096, "/", NULL, NULL},
		{SERVER "ready: {path: ", "}" FORWARD, "path", 1024, "/", NULL, NULL},
		{"cords: [{function: ", "}]", "function", 128, NULL, NULL, NULL},
		{CORD "path: ", "}]", "path", 512, "/", NULL, NULL},
		{CORD "public: ", "}]", "public", 1024, "GET /", NULL, NULL},
		{CORD "port: 9000, forward: ", "}]", "forward", 1024, "GET /", NULL, NULL},
		{CORD "output: {content_type: ", "}}]", "content_type", 256, "text/", NULL, NULL},
		{CORD "output: {schema: ", "}}]", "schema", 4096, NULL, NULL, NULL},
		{CORD "output: {model: ", "}}]", "model", 128, "A", NULL, NULL},
		{TEST_, "}]", "name", 128, NULL, NULL, NULL},
		{TEST_ "a, expect: {content_type: ", "}}]", "content_type", 256, NULL, NULL, NULL},
		{TEST_ "a, expect: {schema: ", "}}]", "schema", 4096, NULL, NULL, NULL},
		{TEST_ "a, expect: {contains: ", "}}]", "contains", 65536, NULL, NULL, NULL},
		{"dev: {env_file: ", "}", "env_file", 4096, NULL, NULL, NULL},
		{"dev: {platform: ", "}", "platform", 64, "linux/", NULL, NULL},
		{JOB "function: ", "}]", "function", 128, NULL, NULL, NULL},
		{JOB "function: a, ports: [{port: 9000, name: ", "}]}]", "name", 64, NULL, NULL,
		 NULL},
		{MODEL "repo: ", "}]", "repo", 193, NULL, "/b", NULL},
	};

	for (size_t i = 0; i < array_len(lengths); i++)
		check_length(&lengths[i]);
}

struct count {
	const char *before; /* ends with the list's bracket, on the first line */
	const char *entry;  /* '#' stands for a number of three digits or more */
	const char *after;
	const char *key;
	size_t max;
	bool is_limit_only; /* as many would have other findings */
};

/* Caller frees. */
static char *entries(const struct count *c, size_t n)
{
	auto_text lines = {0};

	text_add(&lines, c->before);
	for (size_t i = 0; i < n; i++) {
		text_add(&lines, i ? ", " : "");
		for (const char *at = c->entry; *at; at++)
			if (*at == '#')
				text_addf(&lines, "%zu", 100 + i);
			else
				text_add_char(&lines, *at);
	}
	text_add(&lines, c->after);
	return text_take(&lines);
}

static void check_count(const struct count *c)
{
	auto_free char *good = entries(c, c->max);
	auto_free char *bad = entries(c, c->max + 1);
	auto_free char *finding = xprintf("E113 1:%zu '%s' has %zu items; it may have at most %zu",
					  strlen(c->before), c->key, c->max + 1, c->max);

	if (!c->is_limit_only)
		fixture_check(good, "");
	fixture_check(bad, finding);
}

#define VLLM "template: {kind: vllm, model: a, revision: 0123456789abcdef0123456789abcdef01234567, "
#define DIFFUSION                                                                                  \
	"template: {kind: diffusion, model: a, "                                                   \
	"revision: 0123456789abcdef0123456789abcdef01234567, "

TEST(lists)
{
	static const struct count counts[] = {
		{"env: {", "A#: b", "}", "env", 1000, false},
		{"secrets: [", "A#", "]", "secrets", 100, false},
		{"models: [", "{repo: a#, revision: 0123456789abcdef0123456789abcdef01234567}", "]",
		 "models", 100, false},
		{MODEL "repo: a, allow: [", "a#", "]}]", "allow", 100, false},
		{MODEL "repo: a, ignore: [", "a#", "]}]", "ignore", 100, false},
		{"passthrough_headers: {", "A#: b", "}", "passthrough_headers", 100, false},
		{VLLM "engine_args: [", "a#", "]}", "engine_args", 1000, false},
		{VLLM "engine_args: {", "a#: b", "}}", "engine_args", 1000, false},
		{DIFFUSION "pipeline_args: {", "a#: b", "}}", "pipeline_args", 100, false},
		{"handlers: {file: app.py, startup: [", "a#", "]}", "startup", 100, false},
		{"handlers: {file: app.py, shutdown: [", "a#", "]}", "shutdown", 100, true},
		{"handlers: {file: app.py, app: {", "a#: 1", "}}", "app", 32, true},
		{"server: {port: 9000, command: [", "a#", "]" FORWARD, "command", 1000, false},
		{SERVER "env: {", "A#: b", "}" FORWARD, "env", 1000, false},
		{SERVER "headers: {", "A#: b", "}" FORWARD, "headers", 100, false},
		{"cords: [", "{function: a#}", "]", "cords", 256, false},
		{CORD "session: {", "a#: 1", "}}]", "session", 32, true},
		{"jobs: [", "{function: a#, command: [b]}", "]", "jobs", 256, false},
		{"jobs: [{function: a, command: [", "a#", "]}]", "command", 1000, false},
		{JOB "function: a, ports: [", "{name: a#, port: 9#}", "]}]", "ports", 100, false},
		{JOB "function: a, args: {", "a#: string", "}}]", "args", 256, false},
		{"tests: [", "{name: a#, cord: hello}", "]", "tests", 1000, false},
		{"dev: {mounts: [", "\"a:/a#\"", "]}", "mounts", 100, false},
		{"dev: {env: {", "A#: b", "}}", "env", 1000, false},
		{"dev: {job_args: {", "a#: 1", "}}\njobs: [{command: [a], function: a}]",
		 "job_args", 256, false},
	};

	for (size_t i = 0; i < array_len(counts); i++)
		check_count(&counts[i]);
}

/* Limits that are neither a length nor a count of entries. */
TEST(others)
{
	static const struct limit limits[] = {
		{CORD "port: 65535, forward: GET /a}]", CORD "port: 65536, forward: GET /a}]",
		 "E113 1:33 'port' is 65536; it must be at most 65535"},
		{CORD "port: 9000, forward: GET /a, timeout: 1}]",
		 CORD "port: 9000, forward: GET /a, timeout: 0}]",
		 "E113 1:65 'timeout' is 0 seconds; it must be at least 1"},
		{"revision: {{a*40}}", "revision: {{a*39}}",
		 "E114 1:11 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' is not allowed for "
		 "'revision' (it must be a commit: 40 hex digits)"},
		{NULL, "revision: {{a*41}}",
		 "E114 1:11 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' is not allowed "
		 "for 'revision' (it must be a commit: 40 hex digits)"},
		{NULL, "revision: {{A*40}}",
		 "E114 1:11 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' is not allowed for "
		 "'revision' (it must be a commit: 40 hex digits)"},
		{CORD "provision_timeout: 0.5m}]", CORD "provision_timeout: 1.5}]",
		 "E113 1:46 'provision_timeout' is 1.5 seconds; it must be whole seconds"},
		{JOB "function: a, timeout: 1.5h}]", JOB "function: a, timeout: 30.5}]",
		 "E113 1:45 'timeout' is 30.5 seconds; it must be whole seconds"},
		{"scaling: {shutdown_after_seconds: 1.5m}",
		 "scaling: {shutdown_after_seconds: 60.001}",
		 "E113 1:35 'shutdown_after_seconds' is 60.001 seconds; it must be whole "
		 "seconds"},
		{NULL, CORD "forward: GET a, port: 9000}]",
		 "E114 1:36 'GET a' is not allowed for 'forward' (it must be a method and "
		 "a path, such as POST /api/rank)"},
		{NULL, SERVER "workdir: app" FORWARD,
		 "E114 1:45 'app' is not allowed for 'workdir' (it must be an absolute "
		 "path)"},
		{NULL, SERVER "env: {1A: b}" FORWARD,
		 "E114 1:42 '1A' is not allowed for 'env' (it must be letters, digits and "
		 "'_', not starting with a digit)"},
		{NULL, "handlers: {file: app.py, configure: a-b}",
		 "E114 1:37 'a-b' is not allowed for 'configure' (it must be letters, "
		 "digits and '_', not starting with a digit)"},
		{NULL, "handlers: {file: app.py, startup: [{priority: 1}]}",
		 "E112 1:36 'call' is missing in a hook (add a line such as 'call: "
		 "load_model')"},
		{NULL, "tests: [{name: a, cord: hello, expect: {max_ms: 0}}]",
		 "E113 1:49 'max_ms' is 0; it must be at least 1"},
		{NULL, "dev: {env: {1A: b}}",
		 "E114 1:13 '1A' is not allowed for 'env' (it must be letters, digits and "
		 "'_', not starting with a digit)"},
		{NULL, "secrets: [{required: true}]",
		 "E112 1:11 'name' is missing in a secret (add a line such as 'name: "
		 "HF_TOKEN')"},
	};

	check_limits(limits, array_len(limits));
}
