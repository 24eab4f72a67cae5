/* SPDX-License-Identifier: MIT
 * The files that a spec names, in a folder of its own for each test.
 */
#include "tests/unit/project_fixture.h"

#define CODE "async def hello(self):\n    pass\n"

TEST(code)
{
	auto_folder f = folder_new();

	folder_check(&f, "", "E220 4:18 'app.py' does not exist");
	folder_put(&f, "app.py", CODE, 1);
	folder_check(&f, "", "");
	folder_check(&f, "cords: [{function: helo}]",
		     "E223 1:20 'app.py' has no function 'helo' (did you mean 'hello'?)");
	folder_check(
		&f, "handlers: {file: app.py, startup: [prepare], shutdown: [hello], configure: x}",
		"E223 1:36 'app.py' has no function 'prepare' (define it: 'async def prepare(…):')\n"
		"W301 1:57 the hosted platform never calls 'hello' at shutdown\n"
		"E223 1:76 'app.py' has no function 'x' (define it: 'async def x(…):')");
	folder_check(&f, "cords: [{function: other, forward: GET /a, port: 9000}]", "");
	folder_put(&f, "app.py", "from queue import *\n", 1);
	folder_check(&f, "", "");
	folder_put(&f, "app.py", "\xff", 1);
	folder_check(&f, "", "E220 4:18 'app.py' is not UTF-8 text");
	folder_put(&f, "app.py", "# \xc3\xa9\n" CODE, 1);
	folder_put(&f, "src/app.py", CODE, 1);
	folder_check(&f, "handlers: {file: src/app.py}", "");
	auto_free char *pipe = path_join(f.path, "pipe.py");

	CHECK(mkfifo(pipe, 0644) == 0);
	folder_check(&f, "handlers: {file: pipe.py}", "E220 1:18 'pipe.py' is not a file");
	folder_check(&f, "handlers: {file: src/none/app.py}",
		     "E220 1:18 'src/none/app.py' does not exist");
}

TEST(code_size)
{
	auto_folder f = folder_new();

	folder_put(&f, "app.py", "hello =\xc3\xa9\n", 15000 + 1666); /* 9 characters a line */
	folder_check(&f, "", "");
	folder_put(&f, "app.py", "hello =\xc3\xa9\n", 15000 + 1667);
	folder_check(&f, "", "E222 4:18 'app.py' has more than 150000 characters");
	folder_put(&f, "app.py", "hello = 1\n", 100000);
	folder_check(&f, "", "E222 4:18 'app.py' has more than 150000 characters");
}

TEST(jobs)
{
	auto_folder f = folder_new();

	folder_put(&f, "app.py", "async def train(self, **job_data):\n    pass\n", 1);
	folder_check(&f, "handlers: {file: app.py}\njobs: [{function: train}]", "");
	folder_check(&f, "handlers: {file: app.py}\njobs: [{function: tarin}]",
		     "E223 2:19 'app.py' has no function 'tarin' (did you mean 'train'?)");
	/* a command's name is not a function's */
	folder_check(&f, "handlers: {file: app.py}\njobs: [{function: shell, command: [sh]}]", "");
	folder_check(&f, "jobs: [{function: shell, command: [sh]}]", "");
}

TEST(module)
{
	auto_folder f = folder_new();
	static const char code[] = "from chutes.chute import Chute\n"
				   "chute = Chute(username=\"me\", name='hello')\n";

	folder_check(&f, "python: {file: chute.py}", "E220 1:16 'chute.py' does not exist");
	folder_put(&f, "chute.py", code, 1);
	folder_check(&f, "python: {file: chute.py}", "");
	folder_check(
		&f, "python: {file: chute.py, object: chutes}",
		"E223 1:34 'chute.py' does not define 'chutes' (name the variable that holds the "
		"chute with 'object')");
	folder_check(
		&f, "python: {file: chute.py}\nname: hell",
		"W314 2:7 the name 'hell' does not stand in 'chute.py' (it must be the name that the "
		"module gives its chute)");
	folder_check(&f, "python: {file: chute.py}\njobs: [{function: whatever}]", "");
	folder_put(&f, "chute.py", "from queue import *\nname = \"hello\"\n", 1);
	folder_check(&f, "python: {file: chute.py, object: anything}", "");
	/* the quotes must belong together, and to this text alone */
	folder_put(&f, "chute.py", "chute = 'hello\"'\n", 1);
	folder_check(
		&f, "python: {file: chute.py}",
		"W314 3:7 the name 'hello' does not stand in 'chute.py' (it must be the name that "
		"the module gives its chute)");
	folder_put(&f, "chute.py", "chute = 1\n\"hello\"\n", 150000 / 18);
	folder_check(&f, "python: {file: chute.py}", "");
	folder_put(&f, "chute.py", "chute = 1\n\"hello\"\n", 150000 / 18 + 1);
	folder_check(&f, "python: {file: chute.py}",
		     "E222 1:16 'chute.py' has more than 150000 characters");
}

TEST(schemas)
{
#define SCHEMAS(cord) "cords: [{function: hello, " cord "}]"
	auto_folder f = folder_new();
	auto_spec spec = {0};
	auto_text shown = {0};

	folder_put(&f, "app.py", CODE, 1);
	folder_put(&f, "good.json", "{\"type\": \"object\"}", 1);
	folder_put(&f, "broken.json", "{", 1);
	folder_put(&f, "list.json", "[]", 1);
	folder_check(&f, SCHEMAS("output: {schema: none.json}"),
		     "E220 1:44 'none.json' does not exist");
	folder_check(
		&f, SCHEMAS("output: {schema: broken.json}"),
		"E220 1:44 'broken.json' is no JSON (line 1, column 1: string or '}' expected near "
		"end of file)");
	folder_check(&f, SCHEMAS("output: {schema: list.json}"),
		     "E220 1:44 'list.json' is no JSON Schema (must be an object with at "
		     "least one keyword)");
	folder_check(&f, "tests: [{name: a, cord: hello, expect: {schema: list.json}}]",
		     "E220 1:49 'list.json' is no JSON Schema (must be an object with at "
		     "least one keyword)");
	folder_put(&f, "type.json", "{\"properties\": {\"a\": {\"type\": \"str\"}}}", 1);
	folder_check(
		&f, SCHEMAS("minimal_input: {schema: type.json}"),
		"E220 1:42 'type.json' is no JSON Schema ('properties': 'a': 'type': must be a "
		"type of JSON, such as object)");
	folder_check(&f, SCHEMAS("minimal_input: {model: Missing}"),
		     "E223 1:42 'app.py' has no class 'Missing' (define it: 'class "
		     "Missing(BaseModel):')");
	folder_link(&f, "/etc/passwd", "link.json");
	folder_check(&f, SCHEMAS("output: {schema: link.json}"),
		     "E221 1:44 'link.json' leads out of the project (copy the file to where "
		     "the spec is)");
	CHECK_OR_STOP(folder_load(&f, SCHEMAS("output: {schema: good.json}"), &spec, &shown));
	CHECK_TEXT(spec.cords.items[0].output.schema_json, "{\"type\": \"object\"}");
}

TEST(documents)
{
	auto_folder f = folder_new();
	auto_spec spec = {0};
	auto_text shown = {0};

	folder_put(&f, "app.py", CODE, 1);
	folder_put(&f, "README.md", "a", 16384);
	CHECK(folder_load(&f, "readme: {file: README.md}", &spec, &shown));
	CHECK(strlen(spec.readme.text) == 16384);
	CHECK_TEXT(spec.directory, f.path);
	CHECK(strlen(spec.sha256) == 64);
	folder_put(&f, "README.md", "a", 16385);
	folder_check(&f, "readme: {file: README.md}",
		     "E222 1:9 'README.md' has more than 16384 characters");
	folder_check(&f, "tool_description: {file: none.md}", "E220 1:19 'none.md' does not exist");
	folder_put(&f, "logo.png", "a", 2 * 1024 * 1024);
	folder_check(&f, "logo: logo.png", "");
	folder_put(&f, "logo.png", "a", 2 * 1024 * 1024 + 1);
	folder_check(&f, "logo: logo.png", "E222 1:7 'logo.png' has more than 2097152 bytes");
	folder_put(&f, "folder.png/a", "a", 1);
	folder_check(&f, "logo: folder.png", "E220 1:7 'folder.png' is not a file");
	folder_put(&f, "a.json", "{", 1);
	folder_check(
		&f, "tests: [{name: a, cord: hello, expect: {schema: a.json}}]",
		"E220 1:49 'a.json' is no JSON (line 1, column 1: string or '}' expected near end of "
		"file)");
}

#define STEPS(steps) "image: {name: abc, base: {debian: bookworm}, steps: [" steps "]}"

TEST(steps)
{
	auto_folder f = folder_new();

	folder_put(&f, "app.py", CODE, 1);
	folder_put(&f, "data/a [1].txt", "a", 1);
	folder_put(&f, "data/sub/b.txt", "a", 1);
	folder_check(&f, STEPS("add: {source: app.py, dest: /a}"), "");
	folder_check(&f, STEPS("add: {source: ., dest: /a}"), "");
	folder_check(&f, STEPS("add: {source: none.py, dest: /a}"),
		     "E220 1:68 'none.py' does not exist");
	folder_check(&f, STEPS("add: {source: data/*.txt, dest: /a}"), "");
	folder_check(&f, STEPS("add: {source: data/**/b.txt, dest: /a}"), "");
	folder_check(&f, STEPS("add: {source: data/*.md, dest: /a}"),
		     "E224 1:68 'data/*.md' matches nothing (sources start at image.context.root)");
	folder_check(&f, STEPS("add: {source: none/*.md, dest: /a}"),
		     "E220 1:68 'none/' does not exist");
	folder_check(&f, STEPS("pip: {requirements: r.txt}"), "E220 1:74 'r.txt' does not exist");
	folder_put(&f, "r.txt", "a\n", 1);
	folder_check(&f, STEPS("pip: {requirements: r.txt}"), "");
	folder_check(&f, STEPS("pip: {requirements: data}"), "E220 1:74 'data' is not a file");
	folder_check(&f, "image: {name: abc, base: {debian: bookworm}, context: {root: none}}",
		     "E220 1:62 'none' is no directory");
	folder_check(
		&f,
		"image: {name: abc, base: {debian: bookworm}, context: {root: data}, steps: [add: "
		"{source: sub, dest: /a}, add: {source: app.py, dest: /a}]}",
		"E220 1:121 'app.py' does not exist");
}

TEST(wildcards_above_the_project)
{
	auto_folder f = folder_new();
	struct folder below = {0};

	CHECK(snprintf(below.path, sizeof(below.path), "%.40s/a[b]*", f.path) > 0);
	folder_put(&below, "app.py", CODE, 1);
	folder_check(&below, STEPS("add: {source: \"*.py\", dest: /a}"), "");
	folder_check(&below, STEPS("add: {source: \"*.txt\", dest: /a}"),
		     "E224 1:68 '*.txt' matches nothing (sources start at image.context.root)");
}

TEST(links)
{
	auto_folder f = folder_new();
	auto_folder outside = folder_new();

	folder_put(&f, "real.py", CODE, 1);
	folder_link(&f, "real.py", "app.py");
	folder_check(&f, "", "");
	folder_put(&outside, "secret.py", CODE, 1);
	auto_free char *secret = path_join(outside.path, "secret.py");

	folder_link(&f, secret, "leak.py");
	folder_link(&f, outside.path, "folder");
	folder_link(&f, "loop", "loop");
	folder_check(
		&f, "handlers: {file: leak.py}",
		"E221 1:18 'leak.py' leads out of the project (copy the file to where the spec is)");
	folder_check(
		&f, "readme: {file: folder/secret.py}",
		"E221 1:9 'folder/secret.py' leads out of the project (copy the file to where the spec "
		"is)");
	folder_check(
		&f, STEPS("add: {source: leak.py, dest: /a}"),
		"E221 1:68 'leak.py' leads out of the context (copy the file to where the spec is)");
	folder_check(
		&f, STEPS("add: {source: \"folder/*.py\", dest: /a}"),
		"E221 1:68 'folder/' leads out of the context (copy the file to where the spec "
		"is)");
	folder_check(
		&f, STEPS("pip: {requirements: leak.py}"),
		"E221 1:74 'leak.py' leads out of the context (copy the file to where the spec is)");
	folder_check(&f, "logo: loop.png", "E220 1:7 'loop.png' does not exist");
	folder_check(&f, "readme: {file: loop}",
		     "E220 1:9 'loop' cannot be read: Too many levels of symbolic links");
}

TEST(bases)
{
	auto_folder f = folder_new();

	folder_put(&f, "app.py", CODE, 1);
	folder_put(&f, "layout/oci-layout", "{}", 1);
	folder_put(&f, "a.tar", "a", 1);
	folder_check(&f, "image: {name: abc, base: \"oci:layout:tag\"}", "");
	folder_check(&f, "image: {name: abc, base: \"oci:a.tar\"}",
		     "E220 1:26 'a.tar' is not a directory");
	folder_check(&f, "image: {name: abc, base: \"oci-archive:a.tar\"}", "");
	folder_check(&f, "image: {name: abc, base: \"docker-archive:layout\"}",
		     "E220 1:26 'layout' is a directory");
	folder_check(&f, "image: {name: abc, base: \"oci:none\"}",
		     "E220 1:26 'none' does not exist");
}

TEST(where_it_is)
{
	auto_folder f = folder_new();
	auto_free char *below = path_join(f.path, "a/b");
	auto_spec spec = {0};
	auto_spec none = {0};
	auto_findings findings = {0};
	auto_text shown = {0};
	struct error err;

	folder_put(&f, "app.py", CODE, 1);
	CHECK(folder_load(&f, "", &spec, &shown));
	spec_release(&spec);
	CHECK_OK(directory_make(below, 0755, &err), err);
	CHECK_OK(spec_load(&(struct spec_options){.file = NULL, .directory = below}, &spec,
			   &findings, &err),
		 err);
	CHECK_TEXT(spec.directory, f.path);
	CHECK(!spec_load(&(struct spec_options){.file = NULL, .directory = "/proc/self"}, &none,
			 &findings, &err));
	CHECK(err.code == ERROR_NOT_FOUND);
	CHECK(!spec_load(&(struct spec_options){.file = "none.yaml", .directory = f.path}, &none,
			 &findings, &err));
	CHECK(err.code == ERROR_NOT_FOUND);
	CHECK(!spec_load(&(struct spec_options){.file = NULL, .directory = "/nowhere/at/all"},
			 &none, &findings, &err));
	CHECK_TEXT(err.message, "'/nowhere/at/all': No such file or directory");
	CHECK(findings.n == 0 && !none.name);
}

TEST(too_large)
{
	auto_folder f = folder_new();
	auto_spec spec = {0};
	auto_findings findings = {0};
	struct error err;

	folder_put(&f, "chute.yaml", "#234567\n", 1024 * 1024 / 8);
	CHECK(!spec_load(&(struct spec_options){.file = NULL, .directory = f.path}, &spec,
			 &findings, &err));
	CHECK_OR_STOP(findings.n == 1);
	CHECK_TEXT(findings.items[0].row->code, "E103");
	findings_release(&findings);
	folder_put(&f, "chute.yaml", "#234567\n", 1024 * 1024 / 8 + 1);
	CHECK(!spec_load(&(struct spec_options){.file = NULL, .directory = f.path}, &spec,
			 &findings, &err));
	CHECK(err.code == ERROR_SPEC);
	CHECK_OR_STOP(findings.n == 1);
	CHECK_TEXT(findings.items[0].row->code, "E104");
}

/* A finding about the Dockerfile itself has its line there. */
TEST(dockerfile)
{
	static const struct {
		const char *text;
		const char *findings;
	} rows[] = {
		{"FROM parachutes/python:3.12\nUSER root\nRUN x\nUSER chutes\n", ""},
		{"ARG X=1\nFROM $X\n", ""},
		{"FROM parachutes/python:3.12 AS one\nFROM one\nWORKDIR /a\nWORKDIR ../app\n", ""},
		{"FROM parachutes/python:3.12\nFROM 0\nUSER chutes\n", ""},
		{"FROM scratch\nUSER chutes\nWORKDIR /app\n", ""},
		{"FROM scratch\n",
		 "I122 1:1 the image's final user is root (end the Dockerfile with 'USER chutes')\n"
		 "I123 1:1 the image's final working directory is not /app (end the Dockerfile "
		 "with 'WORKDIR /app')"},
		{"FROM python:3.12\nUSER 0\nWORKDIR /srv\n",
		 "W309 1:1 the hosted platform does not build on 'python:3.12' (it takes images of "
		 "parachutes/ only, such as parachutes/python:3.12)\n"
		 "I122 2:1 the image's final user is root (end the Dockerfile with 'USER chutes')\n"
		 "I123 3:1 the image's final working directory is not /app (end the Dockerfile "
		 "with 'WORKDIR /app')"},
		{"FROM parachutes/a AS x\nUSER root\nFROM x\n",
		 "I122 2:1 the image's final user is root (end the Dockerfile with 'USER chutes')"},
		{"RUN x\nFROM parachutes/a\n",
		 "E220 1:1 RUN stands before the first FROM (begin the Dockerfile with FROM)"},
		{"FROM --platform=x\n", "E220 1:1 FROM names no image (write 'FROM "
					"parachutes/python:3.12')"},
		{"# nothing\n", "E220 1:32 'D' has no FROM (begin it with 'FROM "
				"parachutes/python:3.12')"},
		{"FROM a\nUSSER b\n", "E220 1:32 'D': line 2: unknown instruction 'USSER' (did you "
				      "mean 'USER'?)"},
	};
	auto_folder f = folder_new();

	folder_put(&f, "app.py", CODE, 1);
	folder_check(&f, "image: {name: abc, dockerfile: D}", "E220 1:32 'D' does not exist");
	folder_check(&f, "image: {name: abc, dockerfile: ../D}", "E220 1:32 '../D' does not exist");
	for (size_t i = 0; i < array_len(rows); i++) {
		folder_put(&f, "D", rows[i].text, 1);
		folder_check(&f, "image: {name: abc, dockerfile: D}", rows[i].findings);
	}
	folder_put(&f, "D", "# 4567\n", 262144 / 7);
	folder_check(&f, "image: {name: abc, dockerfile: D}",
		     "E220 1:32 'D' has no FROM (begin it with 'FROM parachutes/python:3.12')");
	folder_put(&f, "D", "# 4567\n", 262144 / 7 + 1);
	folder_check(&f, "image: {name: abc, dockerfile: D}",
		     "E222 1:32 'D' has more than 262144 characters");
	folder_check(
		&f, "image: {name: abc, dockerfile: /etc/hostname}",
		"E221 1:32 '/etc/hostname' leads out of the project (copy the file to where the spec "
		"is)");
}
