/* SPDX-License-Identifier: MIT
 * `template` and `models`: what each kind takes, limits, the engine's arguments.
 */
#include "tests/unit/spec_cases.h"

#define COMMIT        "0123456789abcdef0123456789abcdef01234567"
#define VLLM(rest)    "template: {kind: vllm, model: a/b, revision: " COMMIT ", " rest "}"
#define SGLANG(rest)  "template: {kind: sglang, model: a/b, revision: " COMMIT ", " rest "}"
#define EMBED(rest)   "template: {kind: embedding, model: a/b, revision: " COMMIT ", " rest "}"
#define DIFFUSE(rest) "template: {kind: diffusion, model: a/b, revision: " COMMIT ", " rest "}"
#define CIVITAI(rest)                                                                              \
	"template: {kind: diffusion, model: \"https://civitai.com/models/1\", " rest "}"
#define REVISION_HINT  "add 'revision: COMMIT', the 40 hex digits of the one that it is tested with"
#define MODELS(models) "models: [{revision: " COMMIT ", " models "}]"

TEST(limits)
{
	static const struct limit limits[] = {
		{VLLM("x-a: b"), "template: {kind: tei, model: a/b}",
		 "E114 1:18 'kind' cannot be 'tei' (it must be vllm, sglang, embedding, "
		 "diffusion or audio)"},
		{NULL, "template: {model: a/b}",
		 "E112 1:11 'kind' is missing in template (add a line such as 'kind: "
		 "vllm')"},
		{NULL, "template: vllm", "E111 1:11 template must be a mapping, not 'vllm'"},
		{CIVITAI("version: {{1*64}}"), CIVITAI("version: {{1*65}}"),
		 "E113 1:77 'version' has 65 characters; it may have at most 64"},
		{CIVITAI("version: a_b.c-1"), CIVITAI("version: a/b"),
		 "E114 1:77 'a/b' is not allowed for 'version' (it must be letters, "
		 "digits, '_', '.' and '-')"},
		{"template: {kind: vllm, model: {{a*510}}/{{b*513}}, revision: " COMMIT "}",
		 "template: {kind: vllm, model: {{a*511}}/{{b*513}}, revision: " COMMIT "}",
		 "E113 1:31 'model' has 1025 characters; it may have at most 1024"},
		{NULL, "template: {kind: vllm, model: a/b, revision: main}",
		 "E114 1:46 'main' is not allowed for 'revision' (it must be a commit: 40 "
		 "hex digits)"},
		{NULL, "template: {kind: vllm, model: a/b, revision: " COMMIT "0}",
		 "E114 1:46 '0123456789abcdef0123456789abcdef012345670' is not allowed "
		 "for 'revision' (it must be a commit: 40 hex digits)"},
		{EMBED("max_embed_len: 1"), EMBED("max_embed_len: 0"),
		 "E113 1:108 'max_embed_len' is 0; it must be at least 1"},
		{EMBED("max_embed_len: 1000000000"), EMBED("max_embed_len: 1000000001"),
		 "E113 1:108 'max_embed_len' is 1000000001; it must be at most 1000000000"},
		{EMBED("pooling_type: MEAN"), EMBED("pooling_type: mean"),
		 "E114 1:107 'pooling_type' cannot be 'mean' (it must be auto, MEAN, CLS, "
		 "LAST, ALL or STEP)"},
		{EMBED("enable_chunked_processing: false"), EMBED("enable_chunked_processing: no"),
		 "E111 1:120 'enable_chunked_processing' must be true or false, not 'no' "
		 "(write false: only true and false are booleans)"},
		{DIFFUSE("pipeline_args: {variant: fp16}"), DIFFUSE("pipeline_args: {a-b: 1}"),
		 "E114 1:109 'a-b' is not allowed for 'pipeline_args' (it must be "
		 "letters, digits and '_', not starting with a digit)"},
		{VLLM("engine_args: {a: {{[1,*1}} 2]}"), VLLM("engine_args: {--a: 1}"),
		 "E114 1:102 '--a' is not allowed for 'engine_args' (it must be a flag "
		 "without its dashes, such as max-model-len)"},
		{NULL, VLLM("engine_args: {a: }"),
		 "E111 1:105 'a' has no value (give it a value or remove the key)"},
		{NULL, VLLM("engine_args: "),
		 "E111 1:101 'engine_args' has no value (give it a value or remove the "
		 "key)"},
		{NULL, VLLM("engine_args: [[a]]"),
		 "E111 1:102 'engine_args' must be text, not a list"},
		{VLLM("engine_args: \"--a 'b'\""), VLLM("engine_args: \"--a 'b\""),
		 "E216 1:101 a quote is not closed in 'engine_args'"},
		{MODELS("repo: {{a*96}}/{{b*96}}"), MODELS("repo: {{a*97}}/{{b*96}}"),
		 "E113 1:69 'repo' has 194 characters; it may have at most 193"},
		{MODELS("repo: gpt2, kind: hf"), MODELS("repo: a/b/c"),
		 "E114 1:69 'a/b/c' is not allowed for 'repo' (it must be the name of a "
		 "Hugging Face repository, such as org/model)"},
		{NULL, MODELS("repo: a, kind: s3"),
		 "E114 1:78 'kind' cannot be 's3' (it must be hf)"},
		{MODELS("repo: a, allow: [b], ignore: [c]"), MODELS("repo: a, allow: []"),
		 "E113 1:79 'allow' has 0 items; it needs at least 1"},
		{NULL, "models: [{revision: " COMMIT "}]",
		 "E112 1:10 'repo' is missing in a model (add a line such as 'repo: "
		 "black-forest-labs/FLUX.1-schnell')"},
		{NULL, "models: [{repo: a, revision: v1}]",
		 "E114 1:30 'v1' is not allowed for 'revision' (it must be a commit: 40 "
		 "hex digits)"},
		{NULL, "models: [gpt2]", "E111 1:10 a model must be a mapping, not 'gpt2'"},
	};

	check_limits(limits, array_len(limits));
}

TEST(kinds)
{
	static const struct rule rules[] = {
		{VLLM("pooling_type: MEAN"),
		 "E210 1:88 'pooling_type' is for embedding, not for vllm (remove it)"},
		{SGLANG("max_embed_len: 5"),
		 "E210 1:90 'max_embed_len' is for embedding, not for sglang (remove it)"},
		{DIFFUSE("enable_chunked_processing: true"),
		 "E210 1:93 'enable_chunked_processing' is for embedding, not for "
		 "diffusion (remove it)"},
		{EMBED("version: \"1\""),
		 "E210 1:93 'version' is for diffusion, not for embedding (remove it)"},
		{VLLM("pipeline_args: {}"),
		 "E210 1:88 'pipeline_args' is for diffusion, not for vllm (remove it)"},
		{DIFFUSE("engine_args: []"),
		 "E210 1:93 'engine_args' is for vllm, sglang and embedding, not for "
		 "diffusion (remove it)"},
		{SGLANG("task: speak"),
		 "E210 1:90 'task' is for audio, not for sglang (remove it)"},
		{SGLANG("engine: whisper"),
		 "E210 1:90 'engine' is for audio, not for sglang (remove it)"},
		{"template: {kind: diffusion}",
		 "E112 1:11 'model' is missing in template (diffusion does not take it "
		 "from the chute's name: add 'model: "
		 "stabilityai/stable-diffusion-xl-base-1.0')"},
		{"template: {kind: vllm, model: \"https://civitai.com/models/1\", revision: " COMMIT
		 "}",
		 "E114 1:31 'https://civitai.com/models/1' is not allowed for 'model' (it "
		 "must be the name of a Hugging Face repository, such as org/model)"},
		{"template: {kind: diffusion, model: \"/a\"}",
		 "E114 1:36 '/a' is not allowed for 'model' (it must be the name of a "
		 "Hugging Face repository, such as org/model, or an address)"},
		{"name: a/b/c\ntemplate: {kind: sglang, revision: " COMMIT "}",
		 "E112 2:11 'model' is missing in template: the chute's name 'a/b/c' is "
		 "no Hugging Face repository (add 'model', such as org/model)"},
		{CIVITAI("version: \"5\""), ""},
		{CIVITAI("revision: " COMMIT),
		 "E210 1:78 'revision' means nothing for an address (write 'version')"},
		{DIFFUSE("version: \"5\""),
		 "E210 1:102 'version' means nothing for a repository (write 'revision')"},
		{"template: {kind: diffusion, model: a/b}",
		 "W311 1:36 the model 'a/b' has no 'revision' (" REVISION_HINT ")"},
		{"template: {kind: embedding, model: a/b}",
		 "W311 1:36 the model 'a/b' has no 'revision' (" REVISION_HINT ")"},
		{"template: {kind: vllm}",
		 "W311 1:11 the model 'hello' has no 'revision' (" REVISION_HINT ")"},
		{VLLM("x-a: b") "\nsecurity: {lock_modules: true}", ""},
		{VLLM("x-a: b") "\nsecurity: {lock_modules: false}",
		 "E210 2:26 a template always locks its modules (remove 'lock_modules')"},
		{VLLM("x-a: b") "\ncords: [{function: a}]",
		 "E210 2:1 'cords' stands beside a template, which has its own cords "
		 "(remove it)"},
		{VLLM("x-a: b") "\njobs: [{function: a, command: [b]}]",
		 "E210 2:1 'jobs' stands beside a template, which has its own cords "
		 "(remove it)"},
		{VLLM("x-a: b") "\nrevision: " COMMIT,
		 "E210 2:1 'revision' is for handlers and server mode (write it as "
		 "'template.revision')"},
		{VLLM("x-a: b") "\nstandard_template: vllm",
		 "E210 2:1 'standard_template' is for handlers and server mode (remove it)"},
		{VLLM("x-a: b") "\npassthrough_headers: {A: b}",
		 "E210 2:1 'passthrough_headers' is for handlers mode (remove it)"},
		{VLLM("x-a: b") "\n" MODELS("repo: a/b"), ""},
		{VLLM("x-a: b") "\nenv: {A: b}\ntests: [{name: a, cord: chat, expect: {status: "
				"200}}]",
		 ""},
		{"models: [{repo: a/b}]",
		 "W311 1:10 the model 'a/b' has no 'revision' (" REVISION_HINT ")"},
		{"models: [{repo: a, revision: " COMMIT "}, {repo: a, revision: " COMMIT "}]",
		 "E211 1:73 the model 'a' is named twice (name it once, with all of its "
		 "files)"},
	};

	check_rules(rules, array_len(rules));
}

TEST(refused_arguments)
{
	static const struct rule rules[] = {
		{VLLM("engine_args: [--revision, a]"),
		 "E215 1:102 the template itself sets '--revision' (write it as "
		 "'template.revision')"},
		{SGLANG("engine_args: {served-model-name: a}"),
		 "E215 1:104 the template itself sets '--served-model-name' (the model is "
		 "served under the chute's name)"},
		{EMBED("engine_args: [--api-key=a]"),
		 "E215 1:107 the template itself sets '--api-key' (remove it: the "
		 "platform makes one)"},
		{VLLM("engine_args: --host 0.0.0.0 --port 80"),
		 "E215 1:101 the template itself sets '--host' (remove it)\n"
		 "E215 1:101 the template itself sets '--port' (remove it)"},
		{VLLM("engine_args: [--served_model_name, a]"),
		 "E215 1:102 the template itself sets '--served-model-name' (the model is "
		 "served under the chute's name)"},
		{VLLM("engine_args: [--revisions, --port-range, --code-revision, a]"), ""},
		{VLLM("engine_args: --tensor-parallel-size 2"), ""},
		{VLLM("engine_args: [--tensor-parallel-size=2, --tensor-parallel-size, \"4\"]"),
		 "E215 1:128 a second tensor-parallel flag (keep one of the two)"},
		{VLLM("engine_args: [-tp, \"2\"]"),
		 "E215 1:102 '-tp' would be a second tensor-parallel flag: the template "
		 "adds '--tensor-parallel-size' (write '--tensor-parallel-size', or leave "
		 "it to gpu_count)"},
		{EMBED("engine_args: [--tp=2]"),
		 "E215 1:107 '--tp=2' would be a second tensor-parallel flag: the "
		 "template adds '--tensor-parallel-size' (write '--tensor-parallel-size', "
		 "or leave it to gpu_count)"},
		{VLLM("engine_args: [--tensor_parallel_size=2]"),
		 "E215 1:102 '--tensor_parallel_size=2' would be a second tensor-parallel "
		 "flag: the template adds '--tensor-parallel-size' (write "
		 "'--tensor-parallel-size', or leave it to gpu_count)"},
		{SGLANG("engine_args: [--tp, \"2\"]"), ""},
		{SGLANG("engine_args: [--tp-size, \"2\"]"),
		 "E215 1:104 '--tp-size' would be a second tensor-parallel flag: the "
		 "template adds '--tp' (write '--tp', or leave it to gpu_count)"},
		{SGLANG("engine_args: [--tp, \"2\", --tensor-parallel-size, \"2\"]"),
		 "E215 1:115 '--tensor-parallel-size' would be a second tensor-parallel "
		 "flag: the template adds '--tp' (write '--tp', or leave it to gpu_count)"},
		{VLLM("engine_args: [--a, \"b c\"]"),
		 "E114 1:107 'b c' cannot be one word of 'engine_args': the template of "
		 "vllm splits at blanks and backslashes (write it without, or put it into "
		 "a file of the image)"},
		{SGLANG("engine_args: [--a, \"\"]"),
		 "E114 1:109 '' cannot be one word of 'engine_args': the template of "
		 "sglang splits at blanks and backslashes (write it without, or put it "
		 "into a file of the image)"},
		{SGLANG("engine_args: [--a, 'b\\c']"),
		 "E114 1:109 'b\\c' cannot be one word of 'engine_args': the template of "
		 "sglang splits at blanks and backslashes (write it without, or put it "
		 "into a file of the image)"},
		{VLLM("engine_args: {a: {b: c d}}"),
		 "E114 1:105 '{\"b\":\"c d\"}' cannot be one word of 'engine_args': the "
		 "template of vllm splits at blanks and backslashes (write it without, or "
		 "put it into a file of the image)"},
		{VLLM("engine_args: [\"a\\nb\"]"),
		 "E114 1:102 'a\\x0ab' cannot be one word of 'engine_args': the template "
		 "of vllm splits at blanks and backslashes (write it without, or put it "
		 "into a file of the image)"},
		{VLLM("engine_args: [\"a\u2003b\"]"),
		 "E114 1:102 'a\xe2\x80\x83"
		 "b' cannot be one word of 'engine_args': the template of vllm splits at blanks "
		 "and backslashes (write it without, or put it into a file of the image)"},
		{VLLM("engine_args: [\"a\u00a0b\"]"),
		 "E114 1:102 'a\xc2\xa0"
		 "b' cannot be one word of 'engine_args': the template of vllm splits at blanks "
		 "and backslashes (write it without, or put it into a file of the image)"},
		{VLLM("engine_args: [\"a\u1fff\u200b\u2027\u202a\u205e\u00e9b\"]"), ""},
		{EMBED("engine_args: [--a, \"b c\", \"\", 'b\\c']"), ""},
	};

	check_rules(rules, array_len(rules));
}

/* What the words of `engine_args` become, with '|' between them. */
static void check_words(const char *engine_args, const char *wanted)
{
	auto_free char *lines =
		xprintf("template:\n  kind: embedding\n  model: a/b\n  revision: " COMMIT
			"\n  engine_args: %s",
			engine_args);
	auto_spec spec = {0};
	auto_text shown = {0};
	auto_text words = {0};

	CHECK(fixture_read(lines, &spec, &shown));
	CHECK_TEXT(text_str(&shown), "");
	for (size_t i = 0; i < spec.template.engine_args.n; i++)
		text_addf(&words, "%s%s", i ? "|" : "", spec.template.engine_args.items[i]);
	CHECK_TEXT(text_str(&words), wanted);
}

TEST(words)
{
	check_words("[--max-model-len, \"32768\", a b]", "--max-model-len|32768|a b");
	check_words("[]", "");
	check_words("--max-model-len 32768", "--max-model-len|32768");
	check_words("\"  a\\tb\\nc  \"", "a|b|c");
	check_words("\" \"", "");
	check_words("|\n    --a 1 \\\n    --b 2\n", "--a|1|--b|2");
	/* quotes open at the start of a word and behind '=' only */
	check_words("--a 'b c' --d=\"e f\"", "--a|b c|--d=e f");
	check_words("'--a {\"b\":1} --c={\"d\":2}'", "--a|{\"b\":1}|--c={\"d\":2}");
	check_words("a\"b c\"d", "a\"b|c\"d");
	check_words("\"'a'b ''\"", "ab|");
	check_words("'\"a\\\"b\\\\c\\d\"'", "a\"b\\c\\d");
	check_words("{max-model-len: 32768, a: true, b: false, c: text, d: [1, two], e: {f: [1]}, "
		    "g: \"true\", x-h: 1}",
		    "--max-model-len|32768|--a|--c|text|--d|1|two|--e|{\"f\":[1]}|--g|true");
}

TEST(defaults)
{
	auto_spec vllm = {0};
	auto_spec diffusion = {0};
	auto_spec other = {0};
	auto_text shown = {0};

	CHECK_OR_STOP(fixture_read("name: org/model\ntemplate: {kind: vllm, revision: " COMMIT "}",
				   &vllm, &shown));
	CHECK(vllm.mode == SPEC_TEMPLATE);
	CHECK_TEXT(vllm.template.model, "org/model");
	CHECK_TEXT(vllm.image.reference, "chutes/vllm:nightly-2025111700");
	CHECK(vllm.scaling.concurrency == 32);
	CHECK(vllm.security.lock_modules == LOCK_MODULES_YES);
	CHECK_TEXT(vllm.template.pooling_type, "auto");
	CHECK(vllm.template.max_embed_len == 3072000);
	CHECK(vllm.template.enable_chunked_processing);
	CHECK(vllm.image.steps.n == 0 && !vllm.image.name && !vllm.image.base.text);
	CHECK_OR_STOP(fixture_read("template: {kind: diffusion, model: a/b, revision: " COMMIT "}",
				   &diffusion, &shown));
	CHECK(diffusion.scaling.concurrency == 3);
	CHECK_TEXT(diffusion.image.reference, "chutes/diffusion:0.34.0.po");
	CHECK_OR_STOP(fixture_read("", &other, &shown));
	CHECK(other.scaling.concurrency == 1);
	CHECK(other.security.lock_modules == LOCK_MODULES_UNSET);
	CHECK(!other.image.reference);
}

TEST(default_images)
{
	static const struct {
		const char *kind;
		const char *image;
	} cases[] = {
		{"vllm", "chutes/vllm:nightly-2025111700"},
		{"sglang", "chutes/sglang:nightly-2025111800"},
		{"embedding", "chutes/vllm:nightly-2025111700"},
		{"diffusion", "chutes/diffusion:0.34.0.po"},
	};

	for (size_t i = 0; i < array_len(cases); i++) {
		auto_free char *lines =
			xprintf("template: {kind: %s, model: a/b, revision: " COMMIT "}\nscaling: "
				"{concurrency: 7}",
				cases[i].kind);
		auto_spec spec = {0};
		auto_text shown = {0};

		CHECK_OR_STOP(fixture_read(lines, &spec, &shown));
		CHECK_TEXT(spec.image.reference, cases[i].image);
		CHECK(spec.scaling.concurrency == 7);
	}
}
