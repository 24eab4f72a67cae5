/* SPDX-License-Identifier: MIT
 * A call of one of the SDK's templates as `template`, with what has changed since it was written.
 */
#include "lib/import/import_internal.h"

#include "lib/base/memory.h"

#include <string.h>

enum { REVISION_LENGTH = 40 };

static bool is_commit(const char *s)
{
	return strlen(s) == REVISION_LENGTH && strspn(s, "0123456789abcdef") == REVISION_LENGTH;
}

const enum spec_template_kind *import_template_kind(const struct json *chute)
{
	static const struct {
		const char *call;
		enum spec_template_kind kind;
	} calls[] = {
		{"build_vllm_chute", TEMPLATE_VLLM},
		{"build_sglang_chute", TEMPLATE_SGLANG},
		{"build_embedding_chute", TEMPLATE_EMBEDDING},
		{"build_tei_chute", TEMPLATE_EMBEDDING},
		{"build_diffusion_chute", TEMPLATE_DIFFUSION},
	};
	const char *call = import_text(chute, "call");

	for (size_t i = 0; i < array_len(calls); i++)
		if (strcmp(call, calls[i].call) == 0)
			return &calls[i].kind;
	return NULL;
}

/* The words of a command line as far as quotes go; false for one that is not closed. */
static bool split_words(const char *text, struct strings *out)
{
	while (*(text += strspn(text, " \t\r\n\\"))) {
		auto_text word = {0};
		char quote = 0;

		for (; *text && (quote || !strchr(" \t\r\n", *text)); text++)
			if (quote && *text == quote)
				quote = 0;
			else if (!quote && (*text == '"' || *text == '\''))
				quote = *text;
			else if (*text == '\\' && quote != '\'' && text[1])
				text_add_char(&word, *++text);
			else
				text_add_char(&word, *text);
		if (quote)
			return false;
		strings_add(out, text_str(&word));
	}
	return true;
}

/* Take "--revision X" or "--revision=X" out of the words. */
static void lift_revision(struct strings *words, struct strings *left, char **revision)
{
	for (size_t i = 0; i < words->n; i++) {
		const char *word = words->items[i];

		if (strcmp(word, "--revision") == 0 && i + 1 < words->n) {
			free(*revision);
			*revision = xstrdup(words->items[++i]);
		} else if (text_starts_with(word, "--revision=")) {
			free(*revision);
			*revision = xstrdup(word + strlen("--revision="));
		} else {
			strings_add(left, word);
		}
	}
}

static void out_words(struct importer *m, const struct strings *words)
{
	struct text *out = &m->result->yaml;

	if (words->n == 0)
		return;
	import_out_key(m, 2, "engine_args");
	for (size_t i = 0; i < words->n; i++) {
		text_add(out, "    - ");
		/* a flag reads well as it is */
		if (words->items[i][0] == '-' && words->items[i][1] == '-' &&
		    words->items[i][strspn(words->items[i],
					   "abcdefghijklmnopqrstuvwxyz0123456789_-")] == '\0')
			text_add(out, words->items[i]);
		else
			import_flow_text(out, words->items[i]);
		text_add_char(out, '\n');
	}
}

/* A dict of flags, which older templates took: {"max_model_len": 8192, "trust_remote_code": True}
 */
static void add_flags(struct strings *words, const struct json *flags)
{
	const char *key;
	const struct json *value;
	void *position = NULL;

	while (json_next(flags, &position, &key, &value)) {
		auto_text flag = {0};

		if (json_kind(value) == JSON_KIND_BOOL && !json_bool(value))
			continue;
		text_addf(&flag, "--%s", key + strspn(key, "-"));
		for (size_t i = 0; i < flag.len; i++)
			if (flag.bytes[i] == '_')
				flag.bytes[i] = '-';
		strings_add(words, text_str(&flag));
		if (json_kind(value) == JSON_KIND_BOOL)
			continue;
		text_clear(&flag);
		if (json_text(value))
			text_add(&flag, json_text(value));
		else
			json_write(value, &flag);
		strings_add(words, text_str(&flag));
	}
}

static void engine_words(struct importer *m, const struct json *value, struct strings *words)
{
	if (json_kind(value) == JSON_KIND_OBJECT) {
		import_note(m, "W317", import_line(m->chute),
			    "engine_args was a dict; the SDK takes words");
		add_flags(words, value);
	} else if (json_kind(value) == JSON_KIND_LIST) {
		for (size_t i = 0; i < json_count(value); i++)
			if (json_text(json_at(value, i)))
				strings_add(words, json_text(json_at(value, i)));
	} else if (json_text(value) && !split_words(json_text(value), words)) {
		import_note(m, "W318", import_line(m->chute),
			    "engine_args has a quote that is not closed: left out");
		strings_release(words);
		*words = (struct strings){0};
	}
}

static void out_revision(struct importer *m, const char *revision)
{
	if (revision && is_commit(revision)) {
		import_out_text(m, 2, "revision", revision);
		return;
	}
	if (revision)
		import_note(m, "W318", import_line(m->chute),
			    "revision '%s' is no commit (40 hex digits): left out", revision);
	else
		import_note(m, "W318", import_line(m->chute),
			    "no revision is given: add the commit of the model, 40 hex digits");
}

static void note_tei(struct importer *m)
{
	if (strcmp(import_text(m->chute, "call"), "build_tei_chute") == 0)
		import_note(m, "W317", import_line(m->chute),
			    "the template 'tei' is gone from the SDK: 'embedding' took its place");
}

void import_out_template(struct importer *m)
{
	const struct json *engine_args = import_argument(m->arguments, "engine_args");
	const struct json *revision = import_argument(m->arguments, "revision");
	const struct json *model = import_argument(m->arguments, "model_name");
	static const char *const others[] = {
		"pooling_type", "max_embed_len", "enable_chunked_processing",
		"version",      "pipeline_args", NULL};
	auto_strings words = {0};
	auto_strings left = {0};
	auto_free char *commit =
		revision && json_text(revision) ? xstrdup(json_text(revision)) : NULL;

	note_tei(m);
	import_out_key(m, 0, "template");
	import_out_text(m, 2, "kind", spec_template_kinds[*import_template_kind(m->chute)]);
	import_out_value(m, 2, "model",
			 model ? model : import_argument(m->arguments, "model_name_or_url"));
	if (engine_args) {
		engine_words(m, engine_args, &words);
		bool had_commit = commit != NULL;

		lift_revision(&words, &left, &commit);
		if (commit && !had_commit)
			import_note(m, "W317", import_line(m->chute),
				    "--revision stood in engine_args; it is a setting of its own");
	}
	out_revision(m, commit);
	out_words(m, &left);
	for (size_t i = 0; others[i]; i++)
		import_out_value(m, 2, others[i], import_argument(m->arguments, others[i]));
}
