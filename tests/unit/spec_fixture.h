/* SPDX-License-Identifier: MIT
 * A whole spec from a few lines: those that a test is about, and the rest of a small valid one.
 */
#ifndef CHUTES_TESTS_SPEC_FIXTURE_H
#define CHUTES_TESTS_SPEC_FIXTURE_H

#include "lib/base/memory.h"
#include "lib/base/text.h"
#include "lib/spec/spec.h"
#include "tests/unit/tap.h"

/* Is there a line that starts with the key? */
static inline bool fixture_has(const char *lines, const char *key)
{
	auto_free char *inside = xprintf("\n%s:", key);

	return text_starts_with(lines, inside + 1) || strstr(lines, inside);
}

/* "{a*64}" in double braces becomes 64 times a: "name: {{a*64}}". */
static inline void fixture_expand(struct text *out, const char *lines)
{
	while (*lines) {
		char *end = NULL;
		const char *star = lines[0] == '{' && lines[1] == '{' ? strchr(lines, '*') : NULL;
		unsigned long n = star ? strtoul(star + 1, &end, 10) : 0;

		if (!star || strncmp(end, "}}", 2) != 0) {
			text_add_char(out, *lines++);
			continue;
		}
		for (unsigned long i = 0; i < n; i++)
			text_add_bytes(out, lines + 2, (size_t)(star - lines) - 2);
		lines = end + 2;
	}
}

/* Is it theirs to say, because they have another mode, or jobs for cords? */
static inline bool fixture_is_left_out(const char *lines, const char *key)
{
	bool is_template = fixture_has(lines, "template");
	bool is_python = fixture_has(lines, "python");
	bool has_jobs = fixture_has(lines, "jobs");

	if (strcmp(key, "handlers") == 0)
		return is_template || is_python || fixture_has(lines, "server") || has_jobs;
	if (strcmp(key, "image") == 0)
		return is_template;
	return strcmp(key, "cords") == 0 && (is_template || is_python || has_jobs);
}

/* The spec's text: `lines`, and what they do not say. Caller frees. */
static inline char *fixture_spec(const char *lines)
{
	static const struct {
		const char *key;
		const char *text;
	} rest[] = {
		{"version", "version: 1\n"},
		{"name", "name: hello\n"},
		{"handlers", "handlers: {file: app.py}\n"},
		{"image", "image: {name: hello, base: {debian: bookworm}}\n"},
		{"cords", "cords: [{function: hello, public: POST /hello}]\n"},
	};
	auto_text text = {0};

	fixture_expand(&text, lines);
	text_add_char(&text, '\n');
	for (size_t i = 0; i < array_len(rest); i++)
		if (!fixture_has(lines, rest[i].key) && !fixture_is_left_out(lines, rest[i].key))
			text_add(&text, rest[i].text);
	return text_take(&text);
}

/* Every finding as "CODE line:column message (hint)", one per line. */
static inline void fixture_show(const struct findings *f, struct text *shown)
{
	for (size_t i = 0; i < f->n; i++)
		text_addf(shown, "%s%s %zu:%zu %s%s%s%s", i ? "\n" : "", f->items[i].row->code,
			  f->items[i].line, f->items[i].column, f->items[i].message,
			  f->items[i].hint ? " (" : "", f->items[i].hint ? f->items[i].hint : "",
			  f->items[i].hint ? ")" : "");
}

/* Read it. `shown` gets the findings. */
static inline bool fixture_read(const char *lines, struct spec *spec, struct text *shown)
{
	auto_free char *text = fixture_spec(lines);
	auto_findings f = {0};
	struct error err;
	bool is_good = spec_parse(text, strlen(text), &(struct spec_options){.file = "chute.yaml"},
				  spec, &f, &err);

	fixture_show(&f, shown);
	return is_good;
}

/* The findings of some lines, exactly. */
static inline void fixture_check(const char *lines, const char *wanted)
{
	auto_spec spec = {0};
	auto_text shown = {0};

	fixture_read(lines, &spec, &shown);
	if (!tap_note(strcmp(text_str(&shown), wanted) == 0, __FILE__, __LINE__, lines))
		printf("#   got:  %s\n#   want: %s\n", text_str(&shown), wanted);
}

#endif
