/* SPDX-License-Identifier: MIT
 * The Dockerfile of a spec, line by line.
 */
#include "lib/lower/lower.h"

#include "lib/base/io.h"
#include "lib/spec/dockerfile.h"
#include "tests/unit/spec_fixture.h"

#include <string.h>
#include <unistd.h>

/* The Dockerfile of these lines of a spec, or the error and its hint. */
static char *lowered(const char *lines)
{
	auto_spec spec = {0};
	auto_text shown = {0};
	auto_text out = {0};
	struct error err;

	if (!fixture_read(lines, &spec, &shown))
		return text_take(&shown);
	if (!lower_dockerfile(&spec, &out, &err))
		return xprintf("%s (%s)", err.message, err.hint);
	return text_take(&out);
}

static void check(const char *lines, const char *wanted)
{
	auto_free char *got = lowered(lines);
	auto_dockerfile d = {0};
	struct error err;

	if (!tap_note(strcmp(got, wanted) == 0, __FILE__, __LINE__, lines))
		printf("#   got:  %s\n#   want: %s\n", got, wanted);
	/* our own reader understands what we write */
	if (strstr(wanted, "FROM "))
		CHECK_OK(dockerfile_parse(got, strlen(got), &d, &err), err);
}

/* Steps on the platform's base: what stands behind FROM. */
static void check_steps(const char *steps, const char *wanted)
{
	auto_free char *lines = xprintf("image: {name: abc, steps: [%s]}", steps);
	auto_free char *all = xprintf("FROM parachutes/python:3.12\n%s", wanted);

	check(lines, all);
}

#define APT(words)                                                                                 \
	"RUN apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y "                 \
	"--no-install-recommends " words " && rm -rf /var/lib/apt/lists/*\n"

TEST(bases)
{
	check("image: {name: abc}", "FROM parachutes/python:3.12\n");
	check("image: {name: abc, base: scratch, steps: [user: chutes, workdir: /app]}",
	      "FROM scratch\nUSER chutes\nWORKDIR /app\n");
	check("image: {name: abc, base: {debian: bookworm}}",
	      "# the base 'debian:bookworm' is in no registry: it exists on this machine only\n"
	      "FROM scratch\n");
	check("image: {name: abc, base: \"oci:dir:tag\"}",
	      "# the base 'oci:dir:tag' is in no registry: it exists on this machine only\n"
	      "FROM scratch\n");
	check("image: {name: abc, maintainer: Ada <ada@example.com>, entrypoint: [/a, \"b c\"]}",
	      "FROM parachutes/python:3.12\nMAINTAINER Ada <ada@example.com>\n"
	      "ENTRYPOINT [\"/a\",\"b c\"]\n");
	check("image: {name: abc, maintainer: 'Ada \\ '}",
	      "a Dockerfile cannot name the maintainer 'Ada \\ ' ()");
	check("image: chutes/vllm:1",
	      "the image 'chutes/vllm:1' is prebuilt: it has no Dockerfile ()");
}

TEST(apt_is_root_and_the_user_comes_back)
{
	check_steps("apt: [git]", "USER root\n" APT("git") "USER chutes\n");
	check_steps("user: root, apt: [git, libstdc++6]", "USER root\n" APT("git libstdc++6"));
	check_steps("user: me, apt_remove: [git]",
		    "USER me\nUSER root\nRUN DEBIAN_FRONTEND=noninteractive apt-get -y remove git\n"
		    "USER me\n");
	check_steps("apt: {packages: [git], update: false, recommends: true}",
		    "USER root\nRUN DEBIAN_FRONTEND=noninteractive apt-get install -y git && "
		    "rm -rf /var/lib/apt/lists/*\nUSER chutes\n");
	check("image: {name: abc, base: \"python:3.12\", steps: [apt: [git]]}",
	      "FROM python:3.12\n" APT("git"));
}

TEST(pip)
{
	check_steps("pip: [\"a>=1,<2\", b]", "RUN pip install --no-cache-dir 'a>=1,<2' b\n");
	check_steps("pip: {requirements: sub/r.txt, index: \"https://h/s\", args: [--no-deps]}",
		    "RUN --mount=type=bind,source=sub/r.txt,target=/run/chutes/requirements.txt "
		    "pip install --no-cache-dir --index-url https://h/s --no-deps -r "
		    "/run/chutes/requirements.txt\n");
	check("image: {name: abc, steps: [pip: {requirements: \"a b.txt\"}]}",
	      "step 1: a Dockerfile cannot name the file 'a b.txt' (rename it: no blanks, commas, "
	      "quotes or '$')");
}

TEST(run)
{
	check_steps("run: make install", "RUN make install\n");
	check_steps("run: [one, two]", "RUN one && two\n");
	check_steps("run: \"one\\ntwo \\\"x\\\"\\n\"",
		    "RUN [\"/bin/sh\",\"-ec\",\"one\\ntwo \\\"x\\\"\\n\"]\n");
	check_steps("run: \"echo $((1 <<2))\"", "RUN [\"/bin/sh\",\"-c\",\"echo $((1 <<2))\"]\n");
	check_steps("run: \"[ -e /a ] && b\"", "RUN [\"/bin/sh\",\"-c\",\"[ -e /a ] && b\"]\n");
	check_steps("run: \"a \\\\\"", "RUN [\"/bin/sh\",\"-c\",\"a \\\\\"]\n");
	check_steps("run: \"a \\\\ \"", "RUN [\"/bin/sh\",\"-c\",\"a \\\\ \"]\n");
	check_steps("run: {script: a, mounts: [\"type=cache,target=/c\", type=tmpfs]}",
		    "RUN --mount=type=cache,target=/c --mount=type=tmpfs a\n");
}

TEST(config)
{
	check_steps("env: {A: \"1 2\", B: '$x\"\\'}", "ENV A=\"1 2\" B=\"\\$x\\\"\\\\\"\n");
	check_steps("workdir: \"/a $b\"", "WORKDIR /a \\$b\n");
	check_steps("workdir: \"/a\\\\\"", "WORKDIR \"/a\\\\\"\n");
	check_steps("workdir: \"/a \"", "WORKDIR \"/a \"\n");
	check_steps("user: \"a:b\"", "USER a:b\n");
	check_steps("raw: \"LABEL a=1 \\\\\\n b=2\\n\\n\"", "LABEL a=1 \\\n b=2\n");
	check("image: {name: abc, steps: [env: {A: \"1\\n2\"}]}",
	      "step 1: a Dockerfile cannot set 'A' to a value of several lines (write the value "
	      "into a file with an 'add' step)");
}

TEST(add)
{
	check_steps("add: {source: a.py, dest: /app/, chown: \"u:g\", chmod: \"644\"}",
		    "ADD --chown=u:g --chmod=644 a.py /app/\n");
	check_steps("add: {source: \"a b/*.py\", dest: /app/}", "ADD [\"a b/*.py\",\"/app/\"]\n");
	check_steps("add: {source: \"$a\", dest: /app/, exclude: [x]}", "ADD \\$a /app/\n");
	check_steps("add: {source: <<a, dest: /app/}", "ADD [\"<<a\",\"/app/\"]\n");
	check_steps("add: {source: a, dest: <<b}", "ADD [\"a\",\"<<b\"]\n");
	check_steps("add: {source: --link, dest: /app/}", "ADD [\"--link\",\"/app/\"]\n");
	check_steps("add: {source: \"https://h/a.git\", dest: /a, keep_git_dir: true, checksum: "
		    "\"sha256:"
		    "0000000000000000000000000000000000000000000000000000000000000000\"}",
		    "ADD --keep-git-dir=true --checksum=sha256:"
		    "0000000000000000000000000000000000000000000000000000000000000000 "
		    "https://h/a.git /a\n");
	check("image: {name: abc, steps: [add: {source: \"a/**\", dest: /b}]}",
	      "step 1: a Dockerfile cannot name 'a/**' (name a directory instead of '**')");
}

TEST(python)
{
	auto_free char *got = lowered("image: {name: abc, python: 3.12.8, steps: [run: x]}");
	auto_dockerfile d = {0};
	struct error err;

	CHECK_OK(dockerfile_parse(got, strlen(got), &d, &err), err);
	CHECK_OR_STOP(d.n == 7);
	CHECK_TEXT(d.items[1].word, "USER");
	CHECK_TEXT(d.items[1].arguments, "root");
	CHECK(strstr(d.items[2].arguments, "build-essential"));
	CHECK(strstr(d.items[3].arguments, "/3.12.8/Python-3.12.8.tgz\\ntar -xzf"));
	CHECK(strstr(d.items[3].arguments, "ln -s python3.12 /opt/python/bin/python\\n"));
	CHECK_TEXT(d.items[4].arguments, "chutes");
	CHECK_TEXT(d.items[5].arguments, "PATH=\"/opt/python/bin:$PATH\"");
	CHECK_TEXT(d.items[6].arguments, "x");
}

TEST(a_file_is_taken_as_it_is)
{
	char directory[] = "/tmp/chutes-test-XXXXXX";
	static const char bytes[] = "FROM  a\r\n# odd\n";
	auto_spec spec = {0};
	auto_text shown = {0};
	auto_text out = {0};
	struct error err;

	CHECK_OR_STOP(mkdtemp(directory) &&
		      fixture_read("image: {name: abc, dockerfile: D}", &spec, &shown));
	auto_free char *path = xprintf("%s/D", directory);

	spec.directory = directory;
	CHECK_OK(file_write(path, bytes, strlen(bytes), 0644, &err), err);
	CHECK_OK(lower_dockerfile(&spec, &out, &err), err);
	CHECK_TEXT(text_str(&out), bytes);
	CHECK(unlink(path) == 0);
	CHECK(!lower_dockerfile(&spec, &out, &err) && err.code == ERROR_NOT_FOUND);
	rmdir(directory);
}
