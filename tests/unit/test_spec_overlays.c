/* SPDX-License-Identifier: MIT
 * Overlays: the one that is chosen becomes part of the document, the others are only looked at.
 */
#include "lib/crypto/sha256.h"
#include "tests/unit/spec_fixture.h"

#define OVERLAY "environments:\n  staging:\n"

/* Read with an overlay; findings as fixture_read() shows them, or the error. */
static bool read_with(const char *lines, const char *overlay, struct spec *spec, struct text *shown)
{
	auto_free char *text = fixture_spec(lines);
	auto_findings f = {0};
	struct error err;
	const struct spec_options o = {.file = "chute.yaml", .overlay = overlay};
	bool is_good = spec_parse(text, strlen(text), &o, spec, &f, &err);

	for (size_t i = 0; i < f.n; i++)
		text_addf(shown, "%s%s %zu:%zu %s", i ? "\n" : "", f.items[i].row->code,
			  f.items[i].line, f.items[i].column, f.items[i].message);
	if (!is_good && f.n == 0)
		text_addf(shown, "%s (%s) %d", err.message, err.hint,
			  error_row(err.code)->exit_status);
	return is_good;
}

static void check(const char *lines, const char *overlay, const char *wanted)
{
	auto_spec spec = {0};
	auto_text shown = {0};

	read_with(lines, overlay, &spec, &shown);
	if (!tap_note(strcmp(text_str(&shown), wanted) == 0, __FILE__, __LINE__, lines))
		printf("#   got:  %s\n#   want: %s\n", text_str(&shown), wanted);
}

TEST(chosen)
{
	static const char lines[] = "name: hello\ntagline: a\nscaling: {concurrency: 2, "
				    "max_instances: 3}\nsecrets: [A, B]\n" OVERLAY
				    "    name: hello-staging\n    tagline: ~\n    scaling: "
				    "{max_instances: 4}\n    secrets: [C]\n";
	auto_spec base = {0};
	auto_spec laid = {0};
	auto_text shown = {0};

	CHECK(read_with(lines, NULL, &base, &shown));
	CHECK(read_with(lines, "staging", &laid, &shown));
	CHECK_TEXT(text_str(&shown), "");
	CHECK_TEXT(base.name, "hello");
	CHECK_TEXT(base.tagline, "a");
	CHECK(!base.overlay);
	CHECK(base.environments.n == 1);
	CHECK_TEXT(laid.name, "hello-staging");
	CHECK_TEXT(laid.tagline, "");
	CHECK(laid.scaling.concurrency == 2 && laid.scaling.max_instances == 4);
	CHECK(laid.secrets.n == 1);
	CHECK_TEXT(laid.secrets.items[0].name, "C");
	CHECK_TEXT(laid.overlay, "staging");
	CHECK_TEXT(laid.environments.items[0].name, "staging");
}

TEST(unknown)
{
	check("environments: {b: {}, a: {}, x-c: 1}", "c",
	      "'chute.yaml' has no overlay 'c' (it has: b, a) 2");
	check("environments: {x-c: {}}", "x-c",
	      "'chute.yaml' has no overlay 'x-c' (its key 'environments' would hold overlays; there "
	      "is none) 2");
	check("name: hello", "c",
	      "'chute.yaml' has no overlay 'c' (its key 'environments' would hold overlays; there is "
	      "none) 2");
	check("environments: [c]", "c",
	      "'chute.yaml' has no overlay 'c' (its key 'environments' would hold overlays; there is "
	      "none) 2");
	check("environments: {\"a\\e[1m\": {}}", "c",
	      "'chute.yaml' has no overlay 'c' (it has: a\\x1b[1m) 2");
}

TEST(form)
{
	check("environments: [a]", NULL, "E111 1:15 'environments' must be a mapping, not a list");
	check("environments: a", NULL, "E111 1:15 'environments' must be a mapping, not 'a'");
	check("environments:", NULL, "E111 1:14 'environments' has no value");
	check("environments: {}", NULL, "");
	check("environments: {a: }", NULL, "E111 1:19 'a' has no value");
	check("environments: {a: [b]}", NULL, "E111 1:19 'a' must be a mapping, not a list");
	check("environments: {a: {}, x-b: 1}", NULL, "");
	check("environments: {a b: {}}", NULL, "E114 1:16 'a b' is not allowed for 'environments'");
	check("environments: {\"{{a*63}}\": {}}", NULL, "");
	check("environments: {\"{{a*64}}\": {}}", NULL,
	      "E114 1:16 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...' is not "
	      "allowed for 'environments'");
	check("environments: {a: {}, a: {}}", NULL, "E106 1:23 duplicate key 'a'");
	check("environments: {a: {tagline: b, tagline: c}}", NULL,
	      "E106 1:32 duplicate key 'tagline'");
}

TEST(count)
{
	for (int n = 20; n <= 21; n++) {
		auto_text lines = {0};

		text_add(&lines, "environments:\n");
		for (int i = 0; i < n; i++)
			text_addf(&lines, "  e%d: {tagline: a}\n", i);
		check(text_str(&lines), NULL,
		      n > 20 ? "E113 2:3 'environments' has 21 items; it may have at most 20" : "");
	}
}

TEST(what_stays)
{
	static const char *const overlays[] = {NULL, "staging"};

	for (size_t i = 0; i < array_len(overlays); i++) {
		const char *o = overlays[i];

		check(OVERLAY "    version: 1\n", o,
		      "E118 3:5 overlay 'staging': 'version' cannot be changed by an overlay");
		check(OVERLAY "    environments: {}\n", o,
		      "E118 3:5 overlay 'staging': 'environments' cannot be changed by an overlay");
		check(OVERLAY "    handlers: ~\n", o,
		      "E118 3:5 overlay 'staging': 'handlers' cannot be deleted by an overlay: it is "
		      "the mode of the chute");
		check(OVERLAY "    server: {port: 9000}\n    python: {file: a.py}\n", o,
		      "E118 3:5 overlay 'staging': 'server' would be another mode of the chute\n"
		      "E118 4:5 overlay 'staging': 'python' would be another mode of the chute");
		check(OVERLAY "    handlers: {file: b.py}\n", o, "");
	}
}

TEST(others_are_checked)
{
	/* a typo, at its line */
	check(OVERLAY "    scaling: {max_instance: 2}\n", NULL,
	      "E110 3:15 overlay 'staging': unknown key 'max_instance' in scaling");
	check(OVERLAY "    scaling: {max_instances: 101}\n", NULL,
	      "E113 3:30 overlay 'staging': 'max_instances' is 101; it must be at most 100");
	check(OVERLAY "    scaling: {max_instances: 101}\n", "staging",
	      "E113 3:30 'max_instances' is 101; it must be at most 100");
	/* a null that deletes nothing */
	check("tagline: a\n" OVERLAY "    taglien: ~\n    scaling: {concurrency: ~}\n    x-a: ~\n",
	      NULL,
	      "E118 4:5 overlay 'staging': null deletes 'taglien', which is not there\n"
	      "E118 5:15 overlay 'staging': null deletes 'concurrency', which is not there");
	/* deleting what must be there */
	check("name: hello\n" OVERLAY "    name: ~\n", NULL,
	      "E112 1:1 overlay 'staging': 'name' is missing in the spec");
	/* right each by itself, wrong together */
	check("scaling: {concurrency: 2}\nnode_selector: {include: [a10]}\n" OVERLAY
	      "    node_selector: {min_vram_gb_per_gpu: 48}\n",
	      NULL, "E231 2:16 overlay 'staging': no GPU satisfies all of node_selector");
	check("secrets: [A]\n" OVERLAY "    env: {A: b}\n", NULL,
	      "E211 1:11 overlay 'staging': 'A' is a secret and stands in 'env'");
	/* what is wrong without it, too, is said once */
	check("public: yes\n" OVERLAY "    tagline: a\n  other:\n    tagline: b\n", NULL,
	      "E111 1:9 'public' must be true or false, not 'yes'");
	/* an overlay may repair */
	check("public: yes\n" OVERLAY "    public: true\n", "staging", "");
	/* x- keys are nobody's business */
	check("x-a: {b: 1}\n" OVERLAY "    x-a: {b: [1], c: ~}\n    x-d: {e: ~}\n", NULL, "");
	/* anchors and merge keys */
	check("x-a: &a {max_instances: 2}\n" OVERLAY "    scaling: {<<: *a, concurrency: 300}\n",
	      NULL, "E113 4:36 overlay 'staging': 'concurrency' is 300; it must be at most 256");
}

TEST(hash)
{
	static const char lines[] = "environments: {a: {}, b: {}}";
	auto_free char *text = fixture_spec(lines);
	unsigned char hash[SHA256_BYTES];
	char hex[SHA256_HEX_SIZE];
	struct spec specs[3] = {0};
	auto_text shown = {0};

	CHECK(read_with(lines, NULL, &specs[0], &shown));
	CHECK(read_with(lines, "a", &specs[1], &shown));
	CHECK(read_with(lines, "b", &specs[2], &shown));
	sha256_of(text, strlen(text), hash);
	sha256_hex(hash, hex);
	CHECK_TEXT(specs[0].sha256, hex);
	CHECK(strcmp(specs[0].sha256, specs[1].sha256) != 0);
	CHECK(strcmp(specs[1].sha256, specs[2].sha256) != 0);
	for (size_t i = 0; i < array_len(specs); i++)
		spec_release(&specs[i]);
}
