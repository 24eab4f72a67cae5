/* SPDX-License-Identifier: MIT */
#include "tests/unit/spec_fixture.h"

#include <stdlib.h>

#define NO_GPU                                                                                     \
	"W305 2:11 the hosted platform refuses chutes without a GPU (fine for local runs "         \
	"and for a server of your own)"

/* A chute of nothing but its template. */
static bool read_audio(const char *lines, struct spec *spec, struct text *shown)
{
	auto_free char *text = xprintf("version: 1\n%s\nname: voice\n", lines);
	auto_findings f = {0};
	struct error err;

	bool is_good = spec_parse(text, strlen(text), &(struct spec_options){.file = "chute.yaml"},
				  spec, &f, &err);

	for (size_t i = 0; i < f.n; i++)
		text_addf(shown, "%s%s %zu:%zu %s (%s)", i ? "\n" : "", f.items[i].row->code,
			  f.items[i].line, f.items[i].column, f.items[i].message, f.items[i].hint);
	return is_good;
}

static void check_findings(const char *lines, const char *wanted)
{
	auto_spec spec = {0};
	auto_text shown = {0};

	(void)read_audio(lines, &spec, &shown);
	CHECK_TEXT(text_str(&shown), wanted);
}

/* The documents are found by CHUTES_SHARE, which the runner of the tests sets. */
TEST(a_task_is_a_whole_chute)
{
	auto_spec spec = {0};
	auto_text shown = {0};

	CHECK_OR_STOP(read_audio("template: {kind: audio, task: speak}", &spec, &shown));
	CHECK_TEXT(text_str(&shown), NO_GPU);
	CHECK(spec.mode == SPEC_HANDLERS && spec.template.kind == TEMPLATE_AUDIO);
	CHECK(spec.handlers.is_shipped);
	CHECK(text_ends_with(spec.handlers.file, "/templates/audio/engines/speak_espeak_ng.py"));
	CHECK_TEXT(spec.image.name, "audio-speak-espeak-ng");
	CHECK(spec.image.steps.n == 2 && spec.node_selector.gpu_count == 0);
	CHECK(spec.cords.n == 1);
	CHECK_TEXT(spec.cords.items[0].function, "speak");
	CHECK_TEXT(spec.cords.items[0].output.content_type, "audio/wav");
}

TEST(what_the_author_writes_wins)
{
	auto_spec spec = {0};
	auto_text shown = {0};

	CHECK_OR_STOP(read_audio("template: {kind: audio, task: transcribe}\n"
				 "image: {name: ears, base: {debian: trixie}}\n"
				 "node_selector: {gpu_count: 1}\n"
				 "scaling: {concurrency: 5}\n"
				 "handlers: {file: mine.py}",
				 &spec, &shown));
	CHECK_TEXT(text_str(&shown), "");
	CHECK(!spec.handlers.is_shipped && spec.handlers.startup.n == 1);
	CHECK_TEXT(spec.handlers.file, "mine.py");
	CHECK_TEXT(spec.image.name, "ears");
	CHECK_TEXT(spec.image.base.suite, "trixie");
	CHECK(spec.image.steps.n == 1);
	CHECK(spec.node_selector.gpu_count == 1 && spec.scaling.concurrency == 5);
}

TEST(model_and_revision_are_filled_in)
{
	auto_spec spec = {0};
	auto_text shown = {0};

	CHECK_OR_STOP(read_audio("template: {kind: audio, task: transcribe, engine: whisper, "
				 "model: org/ears, revision: "
				 "0123456789abcdef0123456789abcdef01234567}",
				 &spec, &shown));
	CHECK_TEXT(text_str(&shown), "");
	CHECK(spec.env.n == 2 && spec.models.n == 1 && spec.node_selector.gpu_count == 1);
	CHECK_TEXT(spec.env.items[0].value, "org/ears");
	CHECK_TEXT(spec.models.items[0].repo, "org/ears");
	CHECK_TEXT(spec.models.items[0].revision, "0123456789abcdef0123456789abcdef01234567");
}

TEST(an_engine_has_a_model_of_its_own)
{
	auto_spec spec = {0};
	auto_text shown = {0};

	CHECK_OR_STOP(read_audio("template: {kind: audio, task: transcribe, engine: whisper}",
				 &spec, &shown));
	CHECK(spec.env.n == 1 && spec.models.n == 1);
	CHECK_TEXT(spec.models.items[0].repo, "Systran/faster-whisper-large-v3");
	CHECK(!spec.models.items[0].revision);
}

TEST(what_does_not_fit)
{
	check_findings("template: {kind: audio, task: speak, engine: whisper}",
		       NO_GPU "\nE114 2:46 there is no engine 'whisper' for the task 'speak' "
			      "(choose one of espeak-ng)");
	check_findings("template: {kind: audio, task: transcribe, engine: ears}",
		       NO_GPU "\nE114 2:51 there is no engine 'ears' for the task 'transcribe' "
			      "(choose one of pocketsphinx, whisper)");
	check_findings("template: {kind: audio, task: speak, revision: "
		       "0123456789abcdef0123456789abcdef01234567}",
		       NO_GPU "\nE210 2:38 'revision' is not for the engine 'espeak-ng', which "
			      "brings its own model (remove it)");
	check_findings("template: {kind: audio}",
		       "E112 2:11 'task' is missing in template (add 'task: speak' or 'task: "
		       "transcribe')\n" NO_GPU);
}

TEST(a_program_that_is_not_whole)
{
	auto_spec spec = {0};
	auto_text shown = {0};
	auto_free char *text = xstrdup("version: 1\ntemplate: {kind: audio, task: speak}\n"
				       "name: voice\n");
	auto_findings f = {0};
	struct error err;

	setenv("CHUTES_SHARE", "/nonexistent", 1);
	CHECK(!spec_parse(text, strlen(text), &(struct spec_options){.file = "chute.yaml"}, &spec,
			  &f, &err));
	for (size_t i = 0; i < f.n; i++)
		text_addf(&shown, "%s ", f.items[i].message);
	CHECK(strstr(text_str(&shown), "the files of the template cannot be read"));
}
