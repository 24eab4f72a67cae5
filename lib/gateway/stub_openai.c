/* SPDX-License-Identifier: MIT
 * Answers in the form of OpenAI's API and of vLLM's additions to it, streams included.
 */
#include "lib/gateway/stub.h"

#include "lib/base/memory.h"
#include "lib/data/json_out.h"

#include <string.h>

/* Words of an answer: one event each. */
static const char *const words[] = {
	"This ", "is ", "a ", "stub: ", "no ", "model ", "was ", "asked."};
enum { DIMENSIONS = 8, DIMENSIONS_MAX = 4096, INPUTS_MAX = 2048, TOKENS_MAX = 4096 };

struct openai {
	const struct spec *spec;
	const struct json *input;
	bool is_stream;
	struct text *out;
};

static const struct json *member(const struct openai *a, const char *key)
{
	return json_kind(a->input) == JSON_KIND_OBJECT ? json_find(a->input, key) : NULL;
}

static const char *model_of(const struct openai *a)
{
	const struct json *asked = member(a, "model");

	if (asked && json_kind(asked) == JSON_KIND_TEXT)
		return json_text(asked);
	return a->spec->mode == SPEC_TEMPLATE ? a->spec->template.model : a->spec->name;
}

/* What stands in every answer and event. */
static void begin(const struct openai *a, struct json_out *j, const char *id, const char *object)
{
	json_out_object(j, NULL);
	json_out_text(j, "id", id);
	json_out_text(j, "object", object);
	json_out_number(j, "created", 0);
	json_out_text(j, "model", model_of(a));
}

static void add_usage(struct json_out *j)
{
	json_out_object(j, "usage");
	json_out_number(j, "prompt_tokens", 1);
	json_out_number(j, "completion_tokens", array_len(words));
	json_out_number(j, "total_tokens", 1 + array_len(words));
	json_out_object_end(j);
}

static void end(const struct openai *a, struct json_out *j)
{
	json_out_object_end(j);
	if (a->is_stream)
		text_addf(a->out, "data: %s\n\n", text_str(&j->text));
	else
		text_add_bytes(a->out, text_str(&j->text), j->text.len);
	json_out_release(j);
}

/* What is said: one message, or a part of it. NULL: nothing more. */
static void add_choice(const struct openai *a, struct json_out *j, bool is_chat, const char *text,
		       bool is_last)
{
	json_out_array(j, "choices");
	json_out_object(j, NULL);
	json_out_number(j, "index", 0);
	if (is_chat) {
		json_out_object(j, a->is_stream ? "delta" : "message");
		if (text)
			json_out_text(j, "role", "assistant");
		if (text)
			json_out_text(j, "content", text);
		json_out_object_end(j);
	} else {
		json_out_text(j, "text", text ? text : "");
	}
	json_out_text(j, "logprobs", NULL);
	json_out_text(j, "finish_reason", is_last ? "stop" : NULL);
	json_out_object_end(j);
	json_out_array_end(j);
}

static bool wants_usage(const struct openai *a)
{
	const struct json *options = member(a, "stream_options");
	const struct json *wanted = options && json_kind(options) == JSON_KIND_OBJECT
					    ? json_find(options, "include_usage")
					    : NULL;

	return wanted && json_bool(wanted);
}

static void add_words(const struct openai *a, bool is_chat, const char *id, const char *object)
{
	for (size_t i = 0; i <= array_len(words); i++) {
		bool is_last = i == array_len(words);
		auto_json_out j = {0};

		begin(a, &j, id, object);
		add_choice(a, &j, is_chat, is_last ? NULL : words[i], is_last);
		end(a, &j);
	}
	if (wants_usage(a)) {
		auto_json_out j = {0};

		begin(a, &j, id, object);
		json_out_array(&j, "choices");
		json_out_array_end(&j);
		add_usage(&j);
		end(a, &j);
	}
	text_add(a->out, "data: [DONE]\n\n");
}

static void add_completion(const struct openai *a, bool is_chat)
{
	const char *id = is_chat ? "chatcmpl-stub" : "cmpl-stub";
	auto_json_out j = {0};
	auto_text whole = {0};

	if (a->is_stream) {
		add_words(a, is_chat, id, is_chat ? "chat.completion.chunk" : "text_completion");
		return;
	}
	for (size_t i = 0; i < array_len(words); i++)
		text_add(&whole, words[i]);
	begin(a, &j, id, is_chat ? "chat.completion" : "text_completion");
	add_choice(a, &j, is_chat, text_str(&whole), true);
	add_usage(&j);
	end(a, &j);
}

static void add_chat(const struct openai *a) { add_completion(a, true); }

static void add_text(const struct openai *a) { add_completion(a, false); }

static int64_t dimensions_of(const struct openai *a)
{
	const struct json *asked = member(a, "dimensions");
	int64_t n = asked ? json_integer_of(asked) : DIMENSIONS;

	return n >= 1 && n <= DIMENSIONS_MAX ? n : DIMENSIONS;
}

static void add_vector(struct json_out *j, int64_t index, int64_t n_dimensions)
{
	json_out_object(j, NULL);
	json_out_number(j, "index", index);
	json_out_text(j, "object", "embedding");
	json_out_array(j, "embedding");
	for (int64_t i = 0; i < n_dimensions; i++)
		json_out_raw(j, NULL, i == index % n_dimensions ? "1.0" : "0.0");
	json_out_array_end(j);
	json_out_object_end(j);
}

/* One vector for each text, or list of tokens. */
static size_t n_inputs(const struct openai *a)
{
	const struct json *given = member(a, "input");
	size_t n = given && json_kind(given) == JSON_KIND_LIST ? json_count(given) : 1;
	const struct json *first =
		n > 0 && given && json_kind(given) == JSON_KIND_LIST ? json_at(given, 0) : NULL;

	if (first && json_kind(first) == JSON_KIND_INTEGER)
		return 1;
	return n < INPUTS_MAX ? n : INPUTS_MAX;
}

static void add_embeddings(const struct openai *a)
{
	auto_json_out j = {0};

	json_out_object(&j, NULL);
	json_out_text(&j, "id", "embd-stub");
	json_out_text(&j, "object", "list");
	json_out_number(&j, "created", 0);
	json_out_text(&j, "model", model_of(a));
	json_out_array(&j, "data");
	for (size_t i = 0; i < n_inputs(a); i++)
		add_vector(&j, (int64_t)i, dimensions_of(a));
	json_out_array_end(&j);
	add_usage(&j);
	end(a, &j);
}

static void add_models(const struct openai *a)
{
	auto_json_out j = {0};

	json_out_object(&j, NULL);
	json_out_text(&j, "object", "list");
	json_out_array(&j, "data");
	json_out_object(&j, NULL);
	json_out_text(&j, "id", model_of(a));
	json_out_text(&j, "object", "model");
	json_out_number(&j, "created", 0);
	json_out_text(&j, "owned_by", "stub");
	json_out_object_end(&j);
	json_out_array_end(&j);
	end(a, &j);
}

/* Bytes are tokens, so that the way back gives the same text. */
static void add_tokens(const struct openai *a)
{
	const struct json *prompt = member(a, "prompt");
	bool is_text = prompt && json_kind(prompt) == JSON_KIND_TEXT;
	const char *text = is_text ? json_text(prompt) : "stub";
	size_t n = strlen(text) < TOKENS_MAX ? strlen(text) : TOKENS_MAX;
	auto_json_out j = {0};

	json_out_object(&j, NULL);
	json_out_number(&j, "count", (int64_t)n);
	json_out_number(&j, "max_model_len", TOKENS_MAX);
	json_out_array(&j, "tokens");
	for (size_t i = 0; i < n; i++)
		json_out_number(&j, NULL, (unsigned char)text[i]);
	json_out_array_end(&j);
	end(a, &j);
}

static void add_prompt(const struct openai *a)
{
	const struct json *tokens = member(a, "tokens");
	bool is_list = tokens && json_kind(tokens) == JSON_KIND_LIST;
	auto_json_out j = {0};
	auto_text text = {0};

	for (size_t i = 0; is_list && i < json_count(tokens) && i < TOKENS_MAX; i++) {
		int64_t byte = json_integer_of(json_at(tokens, i));

		if (byte > 0 && byte < 256)
			text_add_char(&text, (char)byte);
	}
	json_out_object(&j, NULL);
	json_out_text(&j, "prompt", text_str(&text));
	end(a, &j);
}

static const struct {
	const char *method;
	const char *path;
	bool may_stream;
	void (*add)(const struct openai *a);
} answers[] = {
	{"POST", "/v1/chat/completions", true, add_chat},
	{"POST", "/v1/completions", true, add_text},
	{"POST", "/v1/embeddings", false, add_embeddings},
	{"GET", "/v1/models", false, add_models},
	{"POST", "/tokenize", false, add_tokens},
	{"POST", "/detokenize", false, add_prompt},
};

bool stub_add_openai(const struct spec *spec, const struct cord *cord, const struct json *input,
		     struct text *out)
{
	const struct openai a = {spec, input, cord->is_stream, out};

	/* outside of templates an author may mean something else */
	if (spec->mode != SPEC_TEMPLATE && cord->output_json)
		return false;
	for (size_t i = 0; i < array_len(answers); i++)
		if (strcmp(answers[i].path, cord->path) == 0 &&
		    strcmp(answers[i].method, cord->method) == 0 &&
		    (answers[i].may_stream || !cord->is_stream)) {
			answers[i].add(&a);
			return true;
		}
	return false;
}
