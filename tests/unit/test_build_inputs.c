/* SPDX-License-Identifier: MIT */
#include "lib/build/inputs.h"

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/base/tree.h"
#include "tests/unit/tap.h"

#include <stdlib.h>

static const char SPEC[] = "version: 1\n"
			   "name: probe\n"
			   "server: {command: [/x], port: 9000}\n"
			   "image:\n"
			   "  name: probe\n"
			   "  base: scratch\n"
			   "  steps:\n"
			   "    - pip: {requirements: requirements.txt}\n"
			   "    - add: {source: server.py, dest: /app/server.py}\n"
			   "    - add: {source: code, dest: /code}\n"
			   "    - add: {source: no.such, dest: /none}\n"
			   "cords: [{function: a, public: GET /a, forward: GET /a}]\n";

static void put(const char *directory, const char *name, const char *text)
{
	auto_free char *path = path_join(directory, name);
	auto_free char *parent = path_directory(path);
	struct error err;

	CHECK_OK(directory_make(parent, 0755, &err), err);
	CHECK_OK(file_write_cache(path, text, strlen(text), 0644, &err), err);
}

static bool has(const struct strings *files, const char *directory, const char *name)
{
	auto_free char *path = path_join(directory, name);

	return strings_has(files, path);
}

TEST(files_of_an_image)
{
	char directory[] = "/tmp/chutes-inputs-XXXXXX";
	auto_spec spec = {0};
	auto_findings findings = {0};
	auto_strings files = {0};
	struct error err;

	CHECK(mkdtemp(directory) != NULL);
	put(directory, "server.py", "");
	put(directory, "code/deep/a.py", "");
	put(directory, "code/__pycache__/a.pyc", "");
	put(directory, "requirements.txt", "");
	put(directory, "other.txt", "");
	const struct spec_options o = {.file = "chute.yaml", .directory = directory};

	CHECK_OK(spec_parse(SPEC, strlen(SPEC), &o, &spec, &findings, &err), err);
	spec.directory = directory;
	build_inputs(NULL, &spec, &files);
	CHECK(has(&files, directory, "server.py"));
	CHECK(has(&files, directory, "code"));
	CHECK(has(&files, directory, "code/deep"));
	CHECK(has(&files, directory, "code/deep/a.py"));
	CHECK(has(&files, directory, "requirements.txt"));
	CHECK(has(&files, directory, ".chutesignore"));
	CHECK(!has(&files, directory, "code/__pycache__/a.pyc"));
	CHECK(!has(&files, directory, "other.txt"));
	CHECK_OK(tree_remove_path(directory, &err), err);
}
