/* SPDX-License-Identifier: MIT
 * References to the environment: where they may stand, what they become, what they may not say.
 */
#include "tests/unit/spec_fixture.h"

#define PLACES "only 'name', 'tagline', 'env', 'dev', 'image.name' and 'image.tag' can"

static void prepare(void)
{
	setenv("T_NAME", "some-name", 1);
	setenv("T_EMPTY", "", 1);
	setenv("T_PORT", "9001", 1);
	setenv("T_BAD", "no good", 1);
	setenv("T_ESCAPES", "a\033[1mb", 1);
	setenv("T_AGAIN", "${env:T_NAME}", 1);
	setenv("T_LATIN", "\xe9", 1);
	setenv("MY_API_KEY", "x", 1);
	unsetenv("T_UNSET");
}

/* The tagline that a text becomes; NULL and a finding otherwise. */
static void check_tagline(const char *written, const char *wanted)
{
	auto_free char *lines = xprintf("tagline: \"%s\"", written);
	auto_spec spec = {0};
	auto_text shown = {0};

	prepare();
	if (fixture_read(lines, &spec, &shown))
		CHECK_TEXT(spec.tagline, wanted);
	else
		CHECK_TEXT(text_str(&shown), wanted);
}

TEST(values)
{
	check_tagline("${env:T_NAME}", "some-name");
	check_tagline("a ${env:T_NAME}${env:T_PORT} b", "a some-name9001 b");
	check_tagline("${env:T_NAME:-x}", "some-name");
	check_tagline("${env:T_UNSET:-x}", "x");
	check_tagline("${env:T_UNSET:-}", "");
	check_tagline("${env:T_UNSET:-:-a${b$}", ":-a${b$");
	check_tagline("${env:T_EMPTY}", "");
	check_tagline("${env:T_EMPTY:-x}", "x");
	/* nothing is looked at twice */
	check_tagline("${env:T_AGAIN}", "${env:T_NAME}");
	check_tagline("${env:T_UNSET:-$${env:T_NAME}", "$${env:T_NAME");
	/* the characters themselves */
	check_tagline("$${env:T_NAME}", "${env:T_NAME}");
	check_tagline("$$${env:T_NAME}", "$${env:T_NAME}");
	check_tagline("$${env:", "${env:");
	/* other dollars are nothing special */
	check_tagline("$T_NAME ${T_NAME} $$ $${T_NAME} ${ENV:T_NAME}",
		      "$T_NAME ${T_NAME} $$ $${T_NAME} ${ENV:T_NAME}");
}

TEST(mistakes)
{
#define INCOMPLETE                                                                                 \
	"E116 1:10 a reference to the environment is not complete (write ${env:NAME}, "            \
	"${env:NAME:-default}, or $${env: for the characters themselves)"
	check_tagline("${env:T_NAME", INCOMPLETE);
	check_tagline("${env:}", INCOMPLETE);
	check_tagline("${env:1A}", INCOMPLETE);
	check_tagline("${env:A-B}", INCOMPLETE);
	check_tagline("${env:A:b}", INCOMPLETE);
	check_tagline("${env: A}", INCOMPLETE);
	check_tagline("${env:\\u00e9}", INCOMPLETE);
	check_tagline("${env:T_UNSET}",
		      "E116 1:10 the variable 'T_UNSET' is not set (set it, or write "
		      "${env:T_UNSET:-default})");
	check_tagline("${env:T_LATIN}", "E116 1:10 the variable 'T_LATIN' is not UTF-8 text");
	check_tagline("${env:T_ESCAPES}",
		      "E114 1:10 'tagline' contains a control character: 'a\\x1b[1mb'");
}

TEST(secrets)
{
	static const char *const secret[] = {"MY_API_KEY",  "api_key",
					     "APIKEY",      "KEY",
					     "KEYS_OLD",    "GH_TOKEN",
					     "TOKEN_A",     "AWS_SECRET_B",
					     "DB_PASSWORD", "PGPASSWORD",
					     "DB_PASSWD",   "X_PASS",
					     "AUTH",        "GOOGLE_APPLICATION_CREDENTIALS"};
	static const char *const open[] = {"KEYBOARD", "TOKENIZER", "SECRETARY", "AUTHOR", "PATHS"};

	for (size_t i = 0; i < array_len(secret); i++) {
		auto_free char *written = xprintf("${env:%s:-x}", secret[i]);
		auto_free char *wanted = xprintf(
			"E116 1:10 '%s' looks like the name of a secret (name it under 'secrets' "
			"and set its value where the chute runs)",
			secret[i]);

		check_tagline(written, wanted);
	}
	for (size_t i = 0; i < array_len(open); i++) {
		auto_free char *written = xprintf("${env:%s:-x}", open[i]);

		check_tagline(written, "x");
	}
	/* by its look */
	setenv("T_HF", "hf_abcdefghijklmnopqrstuvwxyzabcdefgh", 1);
	fixture_check("env: {A: \"${env:T_HF}\"}",
		      "W308 1:10 this looks like a Hugging Face token (name it under 'secrets' and "
		      "remove it here)");
}

TEST(places)
{
	prepare();
	fixture_check("name: ${env:T_NAME}", "");
	fixture_check("name: ${env:T_BAD}",
		      "E114 1:7 'no good' is not allowed for 'name' (it must be letters, digits, "
		      "'_', '.', '-' and '/')");
	fixture_check("name: \"${env:T_UNSET:-a}\"",
		      "E113 1:7 'name' has 1 character; it needs at least 3");
	fixture_check("image: {name: \"${env:T_NAME}\", tag: \"v-${env:T_PORT}\", base: {debian: "
		      "bookworm}, steps: [user: chutes, workdir: /app]}",
		      "");
	fixture_check("env: {A: \"${env:T_NAME}\", B: \"${env:T_EMPTY}\"}", "");
	fixture_check("env:\n  C: ${env:T_EMPTY}", "");
	fixture_check("dev: {port: \"${env:T_PORT}\"}",
		      "E111 1:13 'port' must be a whole number, not '9001' (remove the quotes)");
	fixture_check(
		"dev:\n  port: ${env:T_PORT}\n  gpus: ${env:T_UNSET:-none}\n  env_file: "
		"${env:T_NAME}\n  mounts: [\"/${env:T_NAME}:/a\"]\n  env: {A: \"${env:T_NAME}\"}",
		"");
	fixture_check(
		"dev: {mounts: [\"${env:T_BAD}\"]}",
		"E114 1:16 'no good' is not allowed for 'mounts' (it must be HOST:CONTAINER or "
		"HOST:CONTAINER:ro)");
}

TEST(elsewhere)
{
	prepare();
	fixture_check("readme: \"${env:T_NAME}\"",
		      "E116 1:9 'the text' cannot refer to the environment (" PLACES
		      "; write the value itself)");
	fixture_check("public: \"${env:T_NAME}\"",
		      "E116 1:9 'public' cannot refer to the environment (" PLACES
		      "; write the value itself)");
	fixture_check("scaling: {concurrency: \"${env:T_PORT}\"}",
		      "E116 1:24 'concurrency' cannot refer to the environment (" PLACES
		      "; write the value itself)");
	fixture_check("secrets: [\"${env:T_NAME}\"]",
		      "E116 1:11 'name' cannot refer to the environment (" PLACES
		      "; write the value itself)");
	fixture_check("node_selector: {include: [\"${env:T_NAME}\"]}",
		      "E116 1:27 'include' cannot refer to the environment (" PLACES
		      "; write the value itself)");
	/* examples are data */
	fixture_check("cords: [{function: hello, example: {a: \"${env:T_NAME}\"}}]", "");
}

TEST(together)
{
	enum { CHARACTERS = 1024, N = 1024 };
	for (int more = 0; more <= 1; more++) {
		auto_text lines = {0};
		auto_spec spec = {0};
		auto_text shown = {0};
		auto_free char *value = xcalloc(1, CHARACTERS + 1);

		memset(value, 'a', CHARACTERS);
		setenv("T_LARGE", value, 1);
		text_add(&lines, "env:\n  A: \"");
		for (int i = 0; i < N + more; i++)
			text_add(&lines, "${env:T_LARGE}");
		text_add(&lines, "\"\n");
		CHECK(fixture_read(text_str(&lines), &spec, &shown) == !more);
		CHECK_TEXT(text_str(&shown), more ? "E116 2:6 all references together stand for "
						    "more than 1048576 bytes"
						  : "");
	}
}

TEST(overlays)
{
	static const char lines[] = "environments:\n  prod: {tagline: \"${env:T_UNSET}\", scaling: "
				    "{concurrency: 0}}\n";

	prepare();
	/* nobody chose it: its variables need not be set */
	fixture_check(lines, "E113 2:60 overlay 'prod': 'concurrency' is 0; it must be at least 1");
	fixture_check(
		"environments:\n  prod: {tagline: \"${env:MY_TOKEN}\"}\n",
		"E116 2:19 overlay 'prod': 'MY_TOKEN' looks like the name of a secret (name it "
		"under 'secrets' and set its value where the chute runs)");
	/* one that is laid over a reference hides it */
	auto_free char *text =
		fixture_spec("tagline: ${env:T_UNSET}\nenvironments: {a: {tagline: b}}");
	auto_findings f = {0};
	auto_spec spec = {0};
	struct error err;
	const struct spec_options o = {.file = "chute.yaml", .overlay = "a"};

	CHECK_OK(spec_parse(text, strlen(text), &o, &spec, &f, &err), err);
	CHECK_TEXT(spec.tagline, "b");
}

TEST(hash_has_no_values)
{
	char hashes[2][SPEC_SHA256_HEX_SIZE];

	for (int i = 0; i < 2; i++) {
		auto_spec spec = {0};
		auto_text shown = {0};

		setenv("T_NAME", i ? "one" : "two", 1);
		CHECK(fixture_read("tagline: ${env:T_NAME}", &spec, &shown));
		memcpy(hashes[i], spec.sha256, sizeof(hashes[i]));
	}
	CHECK_TEXT(hashes[0], hashes[1]);
}
