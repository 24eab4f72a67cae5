/* SPDX-License-Identifier: MIT
 * Dockerfiles as builders read them.
 */
#include "lib/spec/dockerfile.h"

#include "lib/base/memory.h"
#include "lib/base/text.h"
#include "tests/unit/tap.h"

#include <string.h>

/* "line WORD arguments", one a line; or what is wrong with it. */
static char *shown(const char *text)
{
	auto_dockerfile d = {0};
	auto_text t = {0};
	struct error err;

	if (!dockerfile_parse(text, strlen(text), &d, &err))
		return xprintf("%s%s%s", err.message, *err.hint ? ": " : "", err.hint);
	for (size_t i = 0; i < d.n; i++)
		text_addf(&t, "%s%zu %s %s", i ? "\n" : "", d.items[i].line, d.items[i].word,
			  d.items[i].arguments);
	return text_take(&t);
}

static void check(const char *text, const char *wanted)
{
	auto_free char *got = shown(text);

	if (!tap_note(strcmp(got, wanted) == 0, __FILE__, __LINE__, text))
		printf("#   got:  %s\n#   want: %s\n", got, wanted);
}

TEST(instructions)
{
	check("", "");
	check("\n# only a comment\n\n", "");
	check("FROM a", "1 FROM a");
	check("\xef\xbb\xbf"
	      "from a\r\nrun  x  \r\n",
	      "1 FROM a\n2 RUN x");
	check("  \tFROM\ta AS b\n", "1 FROM a AS b");
	check("FROM a\nRUM x", "line 2: unknown instruction 'RUM': did you mean 'RUN'?");
	check("FROM a\n\x1b[1m x", "line 2: unknown instruction '\\x1b[1m'");
	check("FROM", "line 1: FROM without anything behind it");
	check("FROM a\n\xff", "it is not UTF-8 text");
}

TEST(continued_lines)
{
	check("RUN a \\\n  b\nUSER c", "1 RUN a   b\n3 USER c");
	check("RUN a \\  \n# between\n\n b", "1 RUN a  b");
	check("RUN a \\\\\nUSER b", "1 RUN a \\\\\n2 USER b");
	check("RUN a \\", "1 RUN a");
	check("# escape=`\nRUN a \\\nRUN b `\n c", "2 RUN a \\\n3 RUN b  c");
	check("# syntax=x/y:1\n#Escape = `\nRUN a `\nb", "3 RUN a b");
	check("# a comment\n# escape=`\nRUN a `\nUSER b", "3 RUN a `\n4 USER b");
	check("# escape=x\nRUN a", "line 1: 'x' is no escape: \\ or `");
}

TEST(here_documents)
{
	check("RUN <<EOF\nFROM x\nEOF\nUSER a", "1 RUN <<EOF\n4 USER a");
	check("COPY <<-'A' <<\"B\" /x/\n\tone\n\tA\nA\nB\nUSER a",
	      "1 COPY <<-'A' <<\"B\" /x/\n6 USER a");
	check("RUN cat <<<word\nUSER a", "1 RUN cat <<<word\n2 USER a");
	check("RUN echo '<<EOF'\nUSER a", "1 RUN echo '<<EOF'\n2 USER a");
	check("RUN 3<<EOF cat\nEOF\nUSER a", "1 RUN 3<<EOF cat\n3 USER a");
	check("LABEL a=<<EOF\nUSER a", "1 LABEL a=<<EOF\n2 USER a");
	check("RUN <<EOF\nx\n EOF\n", "line 1: the here-document lacks its last line 'EOF'");
	check("RUN a << b\nUSER a", "1 RUN a << b\n2 USER a");
}

TEST(stages)
{
	static const char text[] =
		"FROM --platform=linux/amd64  a/b:1  as  Top\nFROM --x\nFROM c d e\n";
	auto_dockerfile d = {0};
	struct error err;
	char *name;
	char *stage;

	CHECK_OK(dockerfile_parse(text, strlen(text), &d, &err), err);
	CHECK(dockerfile_from(&d, &d.items[0], &name, &stage));
	CHECK_TEXT(name, "a/b:1");
	CHECK_TEXT(stage, "Top");
	CHECK(!dockerfile_from(&d, &d.items[1], &name, &stage));
	CHECK(dockerfile_from(&d, &d.items[2], &name, &stage) && !stage);
}

TEST(limits)
{
	auto_text text = {0};
	auto_dockerfile d = {0};
	struct error err;

	for (int i = 0; i < DOCKERFILE_MAX_INSTRUCTIONS; i++)
		text_add(&text, "ARG a\n");
	CHECK_OK(dockerfile_parse(text_str(&text), text.len, &d, &err), err);
	CHECK(d.n == DOCKERFILE_MAX_INSTRUCTIONS);
	text_add(&text, "ARG a\n");
	dockerfile_release(&d);
	CHECK(!dockerfile_parse(text_str(&text), text.len, &d, &err));
	CHECK_TEXT(err.message, "more than 10000 instructions");
	text_clear(&text);
	text_add(&text, "ARG ");
	while (text.len < DOCKERFILE_MAX_BYTES)
		text_add_char(&text, 'a');
	CHECK_OK(dockerfile_parse(text_str(&text), text.len, &d, &err), err);
	text_add_char(&text, 'a');
	dockerfile_release(&d);
	CHECK(!dockerfile_parse(text_str(&text), text.len, &d, &err));
	CHECK_TEXT(err.message, "more than 1048576 bytes");
}
