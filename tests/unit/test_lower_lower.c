/* SPDX-License-Identifier: MIT
 * What is uploaded: the module with its names, and the request around it.
 */
#include "lib/lower/lower.h"

#include "lib/base/io.h"
#include "lib/base/path.h"
#include "lib/base/tree.h"
#include "tests/unit/spec_fixture.h"

static const struct lower_names names = {"1.0", "someone", "abc123"};

/* A spec in a directory of its own with one file. */
struct project {
	char directory[32];
	struct spec spec;
};

static void project_end(struct project *p)
{
	struct error err;

	spec_release(&p->spec);
	CHECK_OK(tree_remove_path(p->directory, &err), err);
}
#define auto_project __attribute__((cleanup(project_end))) struct project

static void project_begin(struct project *p, const char *lines, const char *file, const char *code,
			  size_t len)
{
	auto_findings f = {0};
	auto_text shown = {0};
	struct error err;

	*p = (struct project){.directory = "/tmp/chutes-lower-XXXXXX"};
	CHECK(mkdtemp(p->directory));
	auto_free char *path = path_join(p->directory, file);
	auto_free char *text = fixture_spec(lines);
	struct spec_options o = {.file = "chute.yaml", .directory = p->directory};

	CHECK_OK(file_create(path, code, len, 0644, &err), err);
	if (!CHECK(spec_parse(text, strlen(text), &o, &p->spec, &f, &err))) {
		fixture_show(&f, &shown);
		printf("# %s\n", text_str(&shown));
	}
	p->spec.directory = p->directory; /* which only files have */
}

static void check_names(const char *lines, const char *filename, const char *ref_str)
{
	auto_project p;
	auto_lowered_code code = {0};
	struct error err;

	project_begin(&p, lines, "mine.py", "x = 1\n", 6);
	CHECK_OK(lower_code(&p.spec, &names, &code, &err), err);
	CHECK_TEXT(code.filename, filename);
	CHECK_TEXT(code.ref_str, ref_str);
}

TEST(names_of_the_module)
{
	check_names("handlers: {file: mine.py}\n", "mine.py", "mine:chute");
	check_names("python: {file: mine.py, object: it}\n", "mine.py", "mine:it");
	check_names("server: {command: [a], port: 9000}\n"
		    "cords: [{function: a, forward: GET /}]\n",
		    "chute.py", "chute:chute");
	check_names("jobs: [{function: a, command: [b]}]\n", "chute.py", "chute:chute");
	check_names("template: {kind: vllm, revision: {{0*40}}}\n", "chute.py", "chute:chute");
}

TEST(a_module_for_the_sdk_is_left_alone)
{
	static const char code[] = "# \xe9\r\nchute = 1";
	auto_project p;
	auto_lowered_code lowered = {0};
	struct error err;

	project_begin(&p, "python: {file: mine.py}\n", "mine.py", code, strlen(code));
	CHECK_OK(lower_code(&p.spec, &names, &lowered, &err), err);
	CHECK_TEXT(text_str(&lowered.code), code);
}

/* A comment of so many characters, each of `unit`, as the whole module. */
static bool lower_length(size_t n, const char *unit, struct error *err)
{
	auto_project p;
	auto_lowered_code lowered = {0};
	auto_text code = {0};

	text_add_char(&code, '#');
	for (size_t i = 1; i < n; i++)
		text_add(&code, unit);
	project_begin(&p, "python: {file: mine.py}\n", "mine.py", text_str(&code), code.len);
	return lower_code(&p.spec, &names, &lowered, err);
}

TEST(the_length_of_the_code)
{
	struct error err;

	CHECK_OK(lower_length(150000, "x", &err), err);
	CHECK_OK(lower_length(150000, "\xf0\x9f\x98\x80", &err), err);
}

TEST(code_that_is_too_long)
{
	struct error err;

	CHECK(!lower_length(150001, "\xc3\xa9", &err));
	CHECK(err.code == ERROR_SPEC);
	CHECK_TEXT(err.message,
		   "the code of the chute has 150001 characters; the platform takes 150000");
	CHECK_TEXT(err.hint, "move parts of 'mine.py' into modules that an 'add' step puts into "
			     "the image");
}

TEST(a_file_that_is_not_there)
{
	auto_project p;
	auto_lowered_code lowered = {0};
	struct error err;

	project_begin(&p, "handlers: {file: other.py}\n", "mine.py", "", 0);
	CHECK(!lower_code(&p.spec, &names, &lowered, &err));
	CHECK(err.code == ERROR_NOT_FOUND);
}

static bool lower_all(const struct project *p, struct text *payload, struct error *err)
{
	auto_lowered_code lowered = {0};
	auto_findings f = {0};
	bool ok = lower_code(&p->spec, &names, &lowered, err);

	if (!ok)
		return false;
	/* what the code says is another test's */
	if (p->spec.mode == SPEC_COMMANDS) {
		text_clear(&lowered.code);
		text_add(&lowered.code, "\x01\"\\\xc3\xa9\n");
	}
	return lower_payload(&p->spec, &names, &lowered, payload, &f, err);
}

TEST(the_request)
{
	auto_project p;
	auto_text payload = {0};
	struct error err;

	project_begin(&p,
		      "name: a/b\n"
		      "readme: \"x\\ny\"\n"
		      "public: true\n"
		      "image: {name: shell, tag: auto, public: true}\n"
		      "node_selector: {gpu_count: 2, min_vram_gb_per_gpu: 24,\n"
		      "  max_hourly_price_per_gpu: 3.25, include: [h100, h200]}\n"
		      "scaling: {scaling_threshold: 0.1}\n"
		      "security: {lock_modules: false}\n"
		      "jobs:\n"
		      "  - {function: a, command: [b], ssh: true, timeout: 1m, upload: false,\n"
		      "     ports: [{name: x, port: 8002, proto: udp}]}\n"
		      "  - {function: c, command: [d]}\n",
		      "mine.py", "", 0);
	CHECK_OK(lower_all(&p, &payload, &err), err);
	CHECK_TEXT(text_str(&payload),
		   "{\"name\":\"a/b\",\"tagline\":\"\",\"readme\":\"x\\ny\",\"logo_id\":null,"
		   "\"image\":\"someone/shell:abc123\",\"public\":true,\"standard_template\":null,"
		   "\"node_selector\":{\"gpu_count\":2,\"min_vram_gb_per_gpu\":24,"
		   "\"max_hourly_price_per_gpu\":3.25,\"include\":[\"h100\",\"h200\"],"
		   "\"exclude\":null},\"filename\":\"chute.py\",\"ref_str\":\"chute:chute\","
		   "\"code\":\"\\u0001\\\"\\\\\xc3\xa9\\n\",\"concurrency\":1,\"max_instances\":1,"
		   "\"scaling_threshold\":0.1,\"shutdown_after_seconds\":300,"
		   "\"allow_external_egress\":false,\"encrypted_fs\":false,\"tee\":false,"
		   "\"lock_modules\":false,\"revision\":null,\"cords\":[],\"jobs\":["
		   "{\"ports\":[{\"name\":\"x\",\"port\":8002,\"proto\":\"udp\"},"
		   "{\"name\":\"ssh\",\"port\":2202,\"proto\":\"tcp\"}],\"timeout\":60,"
		   "\"name\":\"a\",\"upload\":false},"
		   "{\"ports\":[],\"timeout\":null,\"name\":\"c\",\"upload\":true}]}");
}

static void check_refused(const char *lines, const char *code, size_t len, const char *message,
			  const char *hint)
{
	auto_project p;
	auto_text payload = {0};
	struct error err;

	project_begin(&p, lines, "mine.py", code, len);
	CHECK(!lower_all(&p, &payload, &err));
	CHECK(err.code == ERROR_SPEC);
	CHECK_TEXT(err.message, message);
	CHECK_TEXT(err.hint, hint);
	CHECK(payload.len == 0);
}

TEST(what_cannot_be_requested)
{
	check_refused("python: {file: mine.py}\n", "", 0,
		      "the cords of 'mine.py' are only known to Python",
		      "deploy it with the platform's Python client, or list its cords or jobs "
		      "in the spec");
	check_refused("handlers: {file: mine.py}\n", "x = '\xe9'\n", 8,
		      "'mine.py' is not UTF-8 text and cannot be sent", "save it as UTF-8");
	check_refused("handlers: {file: mine.py}\n", "x = '\0'\n", 8,
		      "'mine.py' is not UTF-8 text and cannot be sent", "save it as UTF-8");
}

/* Does the module of these lines have the part? */
static void check_code(const char *lines, const char *part)
{
	auto_project p;
	auto_lowered_code lowered = {0};
	struct error err;

	project_begin(&p, lines, "mine.py", "def f(self): pass\n", 18);
	CHECK_OK(lower_code(&p.spec, &names, &lowered, &err), err);
	if (!CHECK(strstr(text_str(&lowered.code), part) != NULL))
		printf("# not found: %s\n# in: %s\n", part, text_str(&lowered.code));
}

#define SERVER_CORDS "cords: [{function: a, public: POST /a, forward: POST /A}]\n"

TEST(the_process_of_a_server)
{
	check_code("server: {command: [a, \"b\\nc\"], port: 9000}\n" SERVER_CORDS,
		   "    server = Server(\n"
		   "        command=[\"a\", \"b\\nc\"],\n"
		   "        workdir=\"/app\",\n"
		   "        env={},\n"
		   "        port=9000,\n"
		   "        ready=(\"/\", 200, 600.0, 1.0),\n"
		   "        stop=(signal.SIGTERM, 20.0),\n"
		   "        restarts_on_failure=False,\n"
		   "    )\n"
		   "    chute.on_startup()(server.start)\n");
	check_code("server: {command: [a], port: 9000, workdir: /b, env: {C: d}, headers: {E: f},\n"
		   "  ready: {path: /g, status: 204, timeout: 1.5, interval: 0.1},\n"
		   "  stop: {signal: INT, grace: 3}, restart: on-failure}\n" SERVER_CORDS,
		   "        workdir=\"/b\",\n"
		   "        env={\"C\": \"d\"},\n"
		   "        port=9000,\n"
		   "        ready=(\"/g\", 204, 1.5, 0.1),\n"
		   "        stop=(signal.SIGINT, 3.0),\n"
		   "        restarts_on_failure=True,\n");
	check_code("server: {command: [a], port: 9000, headers: {E: f}}\n" SERVER_CORDS,
		   "        passthrough_headers={\"E\": \"f\"},\n");
	check_code("server: {command: [a], port: 9000}\n" SERVER_CORDS,
		   "        passthrough=True,\n"
		   "        method=\"POST\",\n"
		   "        passthrough_port=9000,\n"
		   "    )\n"
		   "    cord._passthrough_path = \"/A\"\n"
		   "    cord(forwarded(\"a\"))\n");
}

TEST(jobs_of_both_kinds)
{
	check_code("handlers: {file: mine.py}\n"
		   "jobs: [{function: f, timeout: 30, upload: false,\n"
		   "  ports: [{name: x, port: 8002, proto: http}]}]\n",
		   "    job = chute.job(\n"
		   "        ports=[\n"
		   "            {\"name\": \"x\", \"port\": 8002, \"proto\": \"http\"},\n"
		   "        ],\n"
		   "        timeout=30,\n"
		   "        upload=False,\n"
		   "        ssh=False,\n"
		   "    )\n"
		   "    job(awaitable(user[\"f\"]))\n");
	check_code("jobs: [{function: f, command: [a, \"'\"], ssh: true}]\n",
		   "    job = chute.job(\n"
		   "        upload=True,\n"
		   "        ssh=True,\n"
		   "    )\n"
		   "    job(command(\"f\", [\"a\", \"'\"]))\n");
}

TEST(models_that_are_fetched)
{
	check_code("models: [{repo: a/b, revision: {{0*40}}, allow: [\"*\"], ignore: [x, y]}]\n"
		   "handlers: {file: mine.py}\n",
		   "    models = [\n"
		   "        {\"repo_id\": \"a/b\", \"revision\": "
		   "\"0000000000000000000000000000000000000000\", \"allow_patterns\": [\"*\"], "
		   "\"ignore_patterns\": [\"x\", \"y\"]},\n"
		   "    ]\n"
		   "    chute.on_startup(priority=5)(fetching(models))\n");
}
