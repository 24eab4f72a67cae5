/* SPDX-License-Identifier: MIT
 * chute.lock as text and as facts: what is written, what is read, what counts as a difference.
 */
#include "lib/spec/lock.h"

#include "lib/spec/gpus.h"
#include "tests/unit/spec_fixture.h"

#define COMMIT  "0123456789abcdef0123456789abcdef01234567"
#define COMMIT2 "89abcdef0123456789abcdef0123456789abcdef"
#define HEX     "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define HEAD    "# Written by 'chutes lock'; do not edit.\n"
#define FACTS   "version: 1\nsdk: 0.6.9\ngpus:\n  date: 2025-10-04\n  sha256: " HEX "\n"

/* The facts of a spec from base on, and what is open. */
static void check_facts(const char *lines, const char *overlay, const char *digest,
			const char *wanted, const char *wanted_open)
{
	auto_free char *text = fixture_spec(lines);
	auto_spec spec = {0};
	auto_spec_lock lock = {0};
	auto_findings f = {0};
	auto_strings open = {0};
	auto_text out = {0};
	auto_text shown = {0};
	struct error err;
	const struct spec_options o = {.file = "chute.yaml", .overlay = overlay};

	if (!tap_note(spec_parse(text, strlen(text), &o, &spec, &f, &err), __FILE__, __LINE__,
		      lines))
		return;
	spec_lock_fill(&lock, &spec, digest, &open);
	spec_lock_format(&lock, &out);
	for (size_t i = 0; i < open.n; i++)
		text_addf(&shown, "%s%s", i ? "\n" : "", open.items[i]);
	const char *rest = strstr(text_str(&out), "  sha256: ");

	CHECK_OR_STOP(rest != NULL);
	CHECK_TEXT(rest + strlen("  sha256: " HEX "\n"), wanted);
	CHECK_TEXT(text_str(&shown), wanted_open);
}

TEST(head)
{
	auto_free char *text = fixture_spec("");
	auto_free char *wanted = NULL;
	auto_spec spec = {0};
	auto_spec_lock lock = {0};
	auto_findings f = {0};
	auto_text out = {0};
	struct error err;
	const struct gpu_table *gpus = gpu_table_builtin();

	CHECK_OK(spec_parse(text, strlen(text), &(struct spec_options){.file = "chute.yaml"}, &spec,
			    &f, &err),
		 err);
	spec_lock_fill(&lock, &spec, NULL, NULL);
	spec_lock_format(&lock, &out);
	wanted = xprintf(HEAD "version: 1\nsdk: " SPEC_SDK_VERSION
			      "\ngpus:\n  date: %s\n  sha256: %s\n",
			 gpus->date, gpus->sha256);
	CHECK_TEXT(text_str(&out), wanted);
	CHECK(spec_lock_is_ours(text_str(&out)));
	CHECK(spec_lock_is_ours("# Written by 'chutes lock'; do not edit.\r\nversion: 9\r\n"));
	CHECK(!spec_lock_is_ours("version: 1\n"));
	CHECK(!spec_lock_is_ours(""));
}

TEST(bases)
{
#define BASE(text) "image: {name: hello, base: " text "}\n"
	check_facts(BASE("{debian: bookworm}"), NULL, "sha256:" HEX,
		    "base:\n  from: \"debian:bookworm\"\n  digest: sha256:" HEX "\n", "");
	check_facts(BASE("\"oci:a b:1\""), NULL, "sha256:" HEX,
		    "base:\n  from: \"oci:a b:1\"\n  digest: sha256:" HEX "\n", "");
	check_facts(BASE("rootfs:a.tar"), NULL, NULL, "", "");
	check_facts(BASE("scratch"), NULL, "sha256:" HEX, "", "");
	check_facts(BASE("parachutes/python:3.12"), NULL, "sha256:" HEX, "",
		    "base 'parachutes/python:3.12' (needs the registry)");
	check_facts(BASE("\"me/x:1@sha256:" HEX "\""), NULL, NULL,
		    "base:\n  from: \"me/x:1@sha256:" HEX "\"\n  digest: sha256:" HEX "\n", "");
	check_facts("image: me/x:12\n", NULL, "sha256:" HEX, "",
		    "base 'me/x:12' (needs the registry)");
	check_facts("image: {name: hello, dockerfile: Dockerfile}\n", NULL, "sha256:" HEX, "",
		    "the base in 'Dockerfile' (only 'base' is locked)");
	check_facts(BASE("scratch") "environments:\n  a: {image: {base: \"oci:x\"}}\n", "a",
		    "sha256:" HEX, "base:\n  from: \"oci:x\"\n  digest: sha256:" HEX "\n", "");
}

TEST(models)
{
	check_facts(BASE("scratch") "models: [{repo: b/b, revision: " COMMIT
				    "}, {repo: a/a, revision: " COMMIT2 "}, {repo: c}]\n",
		    NULL, NULL, "models:\n  - \"a/a@" COMMIT2 "\"\n  - \"b/b@" COMMIT "\"\n",
		    "model 'c' (write its 'revision')");
	check_facts("template: {kind: vllm, model: a/b, revision: " COMMIT "}\n"
		    "image: me/x:12\n",
		    NULL, NULL, "models:\n  - \"a/b@" COMMIT "\"\n",
		    "base 'me/x:12' (needs the registry)");
	check_facts("name: me/model\ntemplate: {kind: vllm}\nimage: {name: hello, base: scratch}\n",
		    NULL, NULL, "", "model 'me/model' (write its 'revision')");
	check_facts("template: {kind: diffusion, model: \"https://example.com/m\", version: "
		    "sdxl}\nimage: {name: hello, base: scratch}\n",
		    NULL, NULL, "", "model 'https://example.com/m' (an address has no revision)");
	check_facts(BASE("scratch") "name: me/model\nstandard_template: vllm\nrevision: " COMMIT
				    "\n",
		    NULL, NULL, "models:\n  - \"me/model@" COMMIT "\"\n", "");
}

/* What is wrong with a lock; "" when it is read. */
static void check_parse(const char *text, const char *wanted)
{
	auto_spec_lock lock = {0};
	auto_findings f = {0};
	auto_text shown = {0};
	struct error err;

	if (!spec_lock_parse("chute.lock", text, strlen(text), &lock, &f, &err))
		CHECK(err.code == ERROR_SPEC);
	for (size_t i = 0; i < f.n; i++)
		text_addf(&shown, "%s%s %zu:%zu %s", i ? "\n" : "", f.items[i].row->code,
			  f.items[i].line, f.items[i].column, f.items[i].message);
	if (!tap_note(strcmp(text_str(&shown), wanted) == 0, __FILE__, __LINE__, text))
		printf("#   got:  %s\n#   want: %s\n", text_str(&shown), wanted);
}

TEST(read)
{
	check_parse(FACTS, "");
	check_parse(FACTS "base: {from: x, digest: \"sha256:" HEX "\"}\n", "");
	check_parse(FACTS "base: {from: x, digest: \"sha512:" HEX HEX "\"}\n", "");
	check_parse(FACTS "models: [\"a@" COMMIT "\"]\n", "");
	check_parse("", "E103 0:0 the file holds no document");
	check_parse("- 1\n", "E111 1:1 the lock must be a mapping, not a list");
	check_parse("version: 2\nsdk: 0.6.9\ngpus: {date: 2025-10-04, sha256: " HEX "}\n",
		    "E113 1:10 'version' is 2; it must be at most 1");
	check_parse("version: 1\n", "E112 1:1 'sdk' is missing in the lock\n"
				    "E112 1:1 'gpus' is missing in the lock");
	check_parse("version: 1\nsdk: latest\ngpus: {date: today, sha256: 1}\n",
		    "E114 2:6 'latest' is not allowed for 'sdk'\n"
		    "E114 3:14 'today' is not allowed for 'date'\n"
		    "E114 3:29 '1' is not allowed for 'sha256'");
	check_parse(FACTS "cord: x\n", "E110 6:1 unknown key 'cord' in the lock");
	check_parse(FACTS "models: []\n", "E113 6:9 'models' has 0 items; it needs at least 1");
	check_parse(FACTS "models: [\"a@0" COMMIT "\"]\n",
		    "E114 6:10 'a@0" COMMIT "' is not allowed for 'models'");
	check_parse(FACTS "base: {from: x}\n", "E112 6:7 'digest' is missing in base");
	check_parse(FACTS "base: {from: \"\", digest: \"sha256:" HEX "\"}\n",
		    "E113 6:14 'from' has 0 characters; it needs at least 1");
	check_parse(FACTS "base: {from: x, digest: \"sha256:0\"}\n",
		    "E114 6:25 'sha256:0' is not allowed for 'digest'");
	check_parse("<<<<<<< ours\n" FACTS,
		    "E101 2:8 mapping values are not allowed in this context");
}

TEST(comparing)
{
	static const char other[] =
		FACTS "base: {from: x, digest: \"sha256:" HEX "\"}\nmodels: [\"a@" COMMIT "\"]\n";
	auto_spec_lock a = {0};
	auto_spec_lock b = {0};
	auto_spec_lock c = {0};
	auto_findings f = {0};
	struct error err;

	CHECK_OK(spec_lock_parse("a", FACTS, strlen(FACTS), &a, &f, &err), err);
	CHECK_OK(spec_lock_parse("b", other, strlen(other), &b, &f, &err), err);
	CHECK_OK(spec_lock_parse("c", FACTS, strlen(FACTS), &c, &f, &err), err);
	CHECK(spec_lock_compare(&a, &c) == 0);
	CHECK(spec_lock_compare(&a, &b) == (1 << SPEC_LOCK_BASE | 1 << SPEC_LOCK_MODEL));
	spec_lock_copy(&c, &b, 1 << SPEC_LOCK_BASE);
	CHECK(spec_lock_compare(&c, &b) == 1 << SPEC_LOCK_MODEL);
	spec_lock_copy(&c, &b, SPEC_LOCK_ALL);
	CHECK(spec_lock_compare(&c, &b) == 0);
	spec_lock_copy(&c, &a, SPEC_LOCK_ALL);
	CHECK(spec_lock_compare(&c, &a) == 0);
	c.sdk = (char[]){"1"};
	c.gpus.date = (char[]){"2026-01-01"};
	CHECK(spec_lock_compare(&a, &c) == (1 << SPEC_LOCK_SDK | 1 << SPEC_LOCK_GPUS));
}

static void check_path(const char *file, const char *overlay, const char *wanted)
{
	const struct spec spec = {.file = (char *)(uintptr_t)file,
				  .overlay = (char *)(uintptr_t)overlay};
	auto_free char *path = spec_lock_path(&spec);

	if (wanted)
		CHECK_TEXT(path ? path : "NULL", wanted);
	else
		CHECK(!path);
}

TEST(where_it_lies)
{
	check_path("chute.yaml", NULL, "chute.lock");
	check_path("chute.yaml", "prod", "chute.prod.lock");
	check_path("../a.yaml/other.yml", NULL, "../a.yaml/other.lock");
	check_path("a/.yaml", NULL, "a/.yaml.lock");
	check_path("spec", NULL, "spec.lock");
	check_path("-", NULL, NULL);
}
