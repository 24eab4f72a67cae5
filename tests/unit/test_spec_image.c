/* SPDX-License-Identifier: MIT
 * The rows of `image`: each limit one below and one above, each rule with the text of its finding.
 */
#include "tests/unit/spec_fixture.h"

struct row {
	const char *lines;
	const char *findings;
};

static void check_rows(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		fixture_check(rows[i].lines, rows[i].findings);
}

#define IMAGE(rest) "image: {name: hello, base: {debian: bookworm}, " rest "}"
#if defined(__x86_64__)
#define ARCHITECTURE "amd64"
#elif defined(__aarch64__)
#define ARCHITECTURE "arm64"
#endif
#define STEP(rest) IMAGE("steps: [" rest "]")
#define NEEDS      " (it must be "

TEST(prebuilt)
{
	static const struct row rows[] = {
		{"image: chutes/vllm:nightly-2025111700", ""},
		{"image: \"a/b:1\"", ""},
		{"image: chutes/{{a*100}}:{{b*128}}", ""},
		{"image: vllm:1",
		 "E114 1:8 the prebuilt image 'vllm:1' is not USER/NAME:TAG (such as "
		 "chutes/vllm:nightly-2025111700; an image to build is {name: …, base: …, "
		 "steps: …})"},
		{"image: chutes/vllm",
		 "E114 1:8 the prebuilt image 'chutes/vllm' is not USER/NAME:TAG (such as "
		 "chutes/vllm:nightly-2025111700; an image to build is {name: …, base: …, "
		 "steps: …})"},
		{"image: docker.io/chutes/vllm:1",
		 "E114 1:8 the prebuilt image 'docker.io/chutes/vllm:1' is not USER/NAME:TAG (such "
		 "as chutes/vllm:nightly-2025111700; an image to build is {name: …, base: …, "
		 "steps: …})"},
		{"image: chutes/VLLM:1",
		 "E114 1:8 'chutes/VLLM:1' is no image reference (write USER/NAME:TAG, all in "
		 "lower case)"},
		{"image: \"\"", "E113 1:8 'image' has 0 characters; it needs at least 1"},
	};

	check_rows(rows, array_len(rows));
}

TEST(what_a_prebuilt_image_is)
{
	auto_spec spec = {0};
	auto_text shown = {0};
	auto_findings f = {0};

	CHECK_OR_STOP(fixture_read("image: chutes/vllm:1\npublic: true", &spec, &shown));
	CHECK_TEXT(spec.image.reference, "chutes/vllm:1");
	CHECK(!spec.image.name && !spec.image.base.reference && spec.image.steps.n == 0);
	CHECK_TEXT(spec.image.readme.text, "");
	CHECK(spec.image.is_public);
	spec_check_buildable(&spec, &f);
	CHECK_OR_STOP(f.n == 1);
	CHECK_TEXT(f.items[0].row->code, "E240");
	CHECK_TEXT(f.items[0].message,
		   "there is nothing to build: the image 'chutes/vllm:1' is prebuilt, and pulling "
		   "it is not supported yet");
	CHECK(f.items[0].line == 1 && f.items[0].column == 8);
}

TEST(names)
{
	static const struct row rows[] = {
		{"image: {name: Hello, base: {debian: bookworm}}",
		 "E114 1:15 'Hello' is not allowed for 'name'" NEEDS
		 "lower-case letters, digits, '_', '.' and '-')"},
		{"image: {name: me/hello, base: {debian: bookworm}}",
		 "E114 1:15 'me/hello' is not allowed for 'name'" NEEDS
		 "lower-case letters, digits, '_', '.' and '-')"},
		{IMAGE("tag: Ab"), "E114 1:53 'Ab' is not allowed for 'tag'" NEEDS
				   "lower-case letters, digits, '_', '.' and '-')"},
		{IMAGE("tag: _a"), "E114 1:53 '_a' is not allowed for 'tag'" NEEDS
				   "lower-case letters, digits, '_', '.' and '-')"},
		{IMAGE("readme: \"\""), ""},
		{IMAGE("maintainer: {{a*256}}"), ""},
		{IMAGE("maintainer: {{a*257}}"),
		 "E113 1:60 'maintainer' has 257 characters; it may have at most 256"},
		{IMAGE("entrypoint: []"),
		 "E113 1:60 'entrypoint' has 0 items; it needs at least 1"},
		{IMAGE("entrypoint: [/a, b]"),
		 "W303 1:60 the hosted platform clears the entrypoint of an image"},
	};

	check_rows(rows, array_len(rows));
}

TEST(python)
{
	static const struct row rows[] = {
		{IMAGE("python: 3.10"),
		 "W302 1:56 Python 3.10.19 is compiled from source, which takes minutes (choose a "
		 "base that has the right Python)"},
		{IMAGE("python: 3.13.1"),
		 "W302 1:56 Python 3.13.1 is compiled from source, which takes minutes (choose a "
		 "base that has the right Python)"},
		{IMAGE("python: 3.9"), "E114 1:56 '3.9' is not allowed for 'python'" NEEDS
				       "a version from 3.10 to 3.13, such as 3.12 or 3.12.8)"},
		{IMAGE("python: 3.14"), "E114 1:56 '3.14' is not allowed for 'python'" NEEDS
					"a version from 3.10 to 3.13, such as 3.12 or 3.12.8)"},
		{IMAGE("python: 3.12.100"), "E114 1:56 '3.12.100' is not allowed for 'python'" NEEDS
					    "a version from 3.10 to 3.13, such as 3.12 or 3.12.8)"},
	};

	check_rows(rows, array_len(rows));
}

TEST(bases_of_the_platform)
{
	static const struct row rows[] = {
		{"image: {name: abc, base: \"docker.io/parachutes/python:3.12\"}",
		 "W307 1:26 this version of chutes cannot pull 'docker.io/parachutes/python:3.12' "
		 "when it builds (to build here, use {debian: bookworm}, oci:DIRECTORY or another "
		 "local base)"},
		{"image: {name: abc, base: \"python:3.12\"}",
		 "W309 1:26 the hosted platform does not build on 'python:3.12' (it takes images of "
		 "parachutes/ only, such as parachutes/python:3.12)\n"
		 "W307 1:26 this version of chutes cannot pull 'python:3.12' when it builds (to "
		 "build here, use {debian: bookworm}, oci:DIRECTORY or another local base)"},
	};

	check_rows(rows, array_len(rows));
}

TEST(raw)
{
	static const struct row rows[] = {
		{STEP("raw: ARG A=1"), ""},
		{STEP("raw: label a=b"), ""},
		{STEP("raw: 'SHELL [\"/bin/bash\",\"-c\"]'"), ""},
		{STEP("raw: COPY a b"), ""},
		{STEP("raw: \"COPY <<EOF /a\\nx\\nEOF\\n\""), ""},
		{STEP("raw: \"LABEL a=1 \\\\\\n  b=2\""), ""},
		{STEP("raw: VOLUME /data"), ""},
		{STEP("raw: STOPSIGNAL TERM"), ""},
		{STEP("raw: HEALTHCHECK NONE"), ""},
		{STEP("raw: CMD a"), ""},
		{STEP("raw: FROM a"),
		 "E210 1:61 'raw' does not take FROM (write 'base' of the image)"},
		{STEP("raw: RUN a"), "E210 1:61 'raw' does not take RUN (use a 'run' step, which "
				     "takes mounts too)"},
		{STEP("raw: ENV a=b"), "E210 1:61 'raw' does not take ENV (use an 'env' step)"},
		{STEP("raw: User a"), "E210 1:61 'raw' does not take USER (use a 'user' step)"},
		{STEP("raw: WORKDIR /a"),
		 "E210 1:61 'raw' does not take WORKDIR (use a 'workdir' step)"},
		{STEP("raw: ADD a b"), "E210 1:61 'raw' does not take ADD (use an 'add' step)"},
		{STEP("raw: ENTRYPOINT a"), "E210 1:61 'raw' does not take ENTRYPOINT (write "
					    "'entrypoint' of the image)"},
		{STEP("raw: MAINTAINER a"), "E210 1:61 'raw' does not take MAINTAINER (write "
					    "'maintainer' of the image)"},
		{STEP("raw: ONBUILD RUN a"), "E210 1:61 'raw' does not take ONBUILD (nothing is "
					     "built on the image of a chute: remove it)"},
		{STEP("raw: EXPOZE 1"), "E114 1:61 'raw' is no instruction: line 1: unknown "
					"instruction 'EXPOZE' (did you mean 'EXPOSE'?)"},
		{STEP("raw: ARG"),
		 "E114 1:61 'raw' is no instruction: line 1: ARG without anything behind it"},
		{STEP("raw: \"COPY <<EOF /a\\nx\\n\""),
		 "E114 1:61 'raw' is no instruction: line 1: the here-document lacks its last line "
		 "'EOF'"},
		{STEP("raw: \"ARG a\\nARG b\""), "E114 1:61 'raw' has 2 instructions; it needs one "
						 "(write one 'raw' step for each)"},
		{STEP("raw: \"\\n# escape=`\\nARG a\""),
		 "E114 1:61 'raw' begins with a comment (write "
		 "it as a comment of the spec)"},
		{STEP("raw: \"\\n \""),
		 "E114 1:61 'raw' has 0 instructions; it needs one (write one "
		 "'raw' step for each)"},
		{STEP("raw: \"\""), "E113 1:61 'raw' has 0 characters; it needs at least 1"},
		{STEP("raw: \"ARG {{a*65532}}\""), ""},
		{STEP("raw: \"ARG {{a*65533}}\""),
		 "E113 1:61 'raw' has 65537 characters; it may have at most 65536"},
	};

	check_rows(rows, array_len(rows));
}

TEST(run)
{
	static const struct row rows[] = {
		{STEP("run: {script: make, mounts: [\"type=cache,target=/c\"]}"), ""},
		{STEP("run: {script: make, mounts: [type=tmpfs]}"), ""},
		{STEP("run: {mounts: [type=tmpfs]}"),
		 "E112 1:61 'script' is missing in run (add a line such as 'script: make install')"},
		{STEP("run: {script: \" \"}"),
		 "E114 1:70 ' ' is not allowed for 'script'" NEEDS "a command)"},
		{STEP("run: {script: a, mounts: [\"type=disk\"]}"),
		 "E114 1:82 'type=disk' is not allowed for 'mounts'" NEEDS
		 "a mount such as type=cache,target=/root/.cache)"},
		{STEP("run: {script: a, mounts: [\"type=bind,source=a b\"]}"),
		 "E114 1:82 'type=bind,source=a b' is not allowed for 'mounts'" NEEDS
		 "a mount such as type=cache,target=/root/.cache)"},
		{STEP("run: []"), "E113 1:61 'run' has 0 items; it needs at least 1"},
	};

	check_rows(rows, array_len(rows));
}

TEST(add)
{
#define CANNOT_FETCH                                                                               \
	"W307 1:70 this version of chutes cannot fetch 'https://h/a' when it builds (to build "    \
	"here, put the file into the context)"
	static const struct row rows[] = {
		{STEP("add: {source: a, dest: /a, keep_git_dir: false}"), ""},
		{STEP("add: {source: a, dest: /a, keep_git_dir: true}"),
		 "E210 1:97 'keep_git_dir' is for addresses, and 'a' is a file (remove it)"},
		{STEP("add: {source: \"https://h/a\", dest: /a, keep_git_dir: true}"),
		 CANNOT_FETCH},
		{STEP("add: {source: \"https://h/a\", dest: /a, checksum: \"sha256:{{0*64}}\"}"),
		 CANNOT_FETCH},
		{STEP("add: {source: \"https://h/a\", dest: /a, checksum: \"sha256:{{0*63}}\"}"),
		 CANNOT_FETCH
		 "\nE114 1:105 'sha256:00000000000000000000000000000000000000000000000000000...' is "
		 "not allowed for 'checksum'" NEEDS "sha256: and 64 hex digits in lower case)"},
		{STEP("add: {source: a, dest: /a, chmod: \"75\"}"),
		 "E114 1:90 '75' is not allowed for 'chmod'" NEEDS "three or four octal digits)"},
		{STEP("add: {source: a, dest: /a, chmod: \"07555\"}"),
		 "E114 1:90 '07555' is not allowed for 'chmod'" NEEDS
		 "three or four octal digits)"},
		{STEP("add: {source: a, dest: /a, chown: \"a:b:c\"}"),
		 "E114 1:90 'a:b:c' is not allowed for 'chown'" NEEDS "USER or USER:GROUP)"},
	};

	check_rows(rows, array_len(rows));
}

TEST(other_steps)
{
	static const struct row rows[] = {
		{STEP("apt: {packages: [git], update: false, recommends: true}"), ""},
		{STEP("apt: []"), "E113 1:61 'packages' has 0 items; it needs at least 1"},
		{STEP("apt_remove: []"), "E113 1:68 'apt_remove' has 0 items; it needs at least 1"},
		{STEP("apt_remove: [git]"), ""},
		{STEP("env: {}"), "E113 1:61 'env' has 0 items; it needs at least 1"},
		{STEP("env: {A: \"1\", b_2: x}"), ""},
		{STEP("env: {2b: x}"), "E114 1:62 '2b' is not allowed for 'env'" NEEDS
				       "letters, digits and '_', not starting with a digit)"},
		{STEP("user: \"a b\""),
		 "E114 1:62 'a b' is not allowed for 'user'" NEEDS "USER or USER:GROUP)"},
		{STEP("pip: {packages: [a], index: \"ftp://h/\"}"),
		 "E114 1:84 'ftp://h/' is not allowed for 'index'" NEEDS
		 "an http or https address)"},
		{STEP("pip: {packages: [a], extra_index: \"https://u:p@h/\"}"),
		 "E209 1:90 the address in 'extra_index' carries a password (remove it and use a "
		 "secret of the build machine, such as pip's own configuration)"},
	};

	check_rows(rows, array_len(rows));
}

TEST(beside_a_dockerfile)
{
	static const struct row rows[] = {
		{"image: {name: abc, dockerfile: Dockerfile}", ""},
		{"image: {name: abc, base: scratch, dockerfile: \"\", steps: [user: a, workdir: "
		 "/app]}",
		 "E113 1:47 'dockerfile' has 0 characters; it needs at least 1"},
		{"image: {name: abc, dockerfile: D, base: scratch, steps: [run: a]}",
		 "E210 1:35 'base' stands beside 'dockerfile' (say it in the Dockerfile, or remove "
		 "'dockerfile')\n"
		 "E210 1:50 'steps' stands beside 'dockerfile' (say it in the Dockerfile, or remove "
		 "'dockerfile')"},
		{"image: {name: abc, dockerfile: D, python: 3.12, maintainer: a, entrypoint: [a]}",
		 "E210 1:35 'python' stands beside 'dockerfile' (say it in the Dockerfile, or "
		 "remove 'dockerfile')\n"
		 "E210 1:49 'maintainer' stands beside 'dockerfile' (say it in the Dockerfile, or "
		 "remove 'dockerfile')\n"
		 "E210 1:64 'entrypoint' stands beside 'dockerfile' (say it in the Dockerfile, or "
		 "remove 'dockerfile')"},
	};

	check_rows(rows, array_len(rows));
}

TEST(what_cannot_be_built_here)
{
	static const struct {
		const char *lines;
		const char *message;
	} rows[] = {
		{"image: {name: abc, dockerfile: D}", "building from 'D' is not supported yet"},
		{STEP("raw: EXPOSE 1"), "a 'raw' step cannot be done here yet"},
		{STEP("run: {script: a, mounts: [type=tmpfs]}"),
		 "a 'run' step with mounts cannot be run here yet"},
		{STEP("add: {source: \"https://h/a\", dest: /a}"),
		 "'https://h/a' would have to be fetched, which is not supported yet"},
		{IMAGE("python: 3.12"), NULL},
		{IMAGE("python: 3.12") "\ndev: {platform: linux/none}",
		 "an image for 'linux/none' cannot be built on linux/" ARCHITECTURE},
		{IMAGE("python: 3.12") "\ndev: {platform: linux/" ARCHITECTURE "}", NULL},
		{IMAGE("python: 3.12") "\ndev: {platform: linux/" ARCHITECTURE "/v1}", NULL},
		{IMAGE("python: 3.12") "\ndev: {platform: linux/" ARCHITECTURE "9}",
		 "an image for 'linux/" ARCHITECTURE "9' cannot be built on linux/" ARCHITECTURE},
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		auto_spec spec = {0};
		auto_text shown = {0};
		auto_findings f = {0};

		CHECK_OR_STOP(fixture_read(rows[i].lines, &spec, &shown));
		spec_check_buildable(&spec, &f);
		CHECK_OR_STOP(f.n == (rows[i].message ? 1 : 0));
		if (rows[i].message)
			CHECK_TEXT(f.items[0].message, rows[i].message);
	}
}
