/* SPDX-License-Identifier: MIT
 * The keys of chute.yaml as a man page and as Markdown: walks over the rows that read them.
 */
#include "cli/docs_internal.h"

#include "cli/help.h"
#include "lib/base/memory.h"
#include "lib/spec/spec.h"

#include <stdio.h>
#include <string.h>

/* What holds for the document as a whole. */
static const struct {
	const char *title;
	const char *text;
} paragraphs[] = {
	{"Text",
	 "A YAML 1.2 document in UTF-8 of at most 1 MiB and 32 levels, without tags. Anchors, "
	 "aliases and merge keys work; what all aliases stand for may have 10000 values."},
	{"Types",
	 "A value is typed by its key, not by how it looks: where text is wanted, 1.10 and no are "
	 "text; where a boolean is wanted, only true and false are. Numbers are decimal and without "
	 "quotes. A duration is a number of seconds or has a unit (500ms, 30s, 10m, 12h), a size a "
	 "number of bytes or has a unit (512MiB, 2GB)."},
	{"Strictness",
	 "A key that is not known here, a key without a value and a value outside of its limits are "
	 "errors. Keys that start with x- are the author's own and ignored everywhere."},
	{"Environment",
	 "Where it is said so, a value may hold ${env:NAME} or ${env:NAME:-default}; names that look "
	 "like those of secrets are refused. $${env: stands for the characters themselves."},
	{"Paths",
	 "Relative paths start at the directory of the file; sources of steps at image.context.root."},
};

static const char notation[] =
	"[] stands for each entry of a list, NAME for a name of the author's.";

/* The top level first, then each key of it that has keys of its own. */
struct walk {
	struct text *out;
	bool is_below;
	char section[32]; /* the top-level key that the walk is in */
};

/* Is the key part of this walk? `is_first`: it begins a section. */
static bool enters(struct walk *w, const char *path, bool *is_first)
{
	size_t len = strcspn(path, ".[");
	bool is_same = strncmp(w->section, path, len) == 0 && w->section[len] == '\0';

	if (w->is_below != (path[len] != '\0'))
		return false;
	*is_first = w->is_below && !is_same;
	if (*is_first)
		snprintf(w->section, sizeof(w->section), "%.*s", (int)len, path);
	return true;
}

static void walk_twice(void (*on_key)(void *context, const char *path, const struct field *row),
		       struct text *out)
{
	struct walk top = {.out = out};
	struct walk below = {.out = out, .is_below = true};

	spec_keys(on_key, &top);
	spec_keys(on_key, &below);
}

/* --- man */

static void add_man_key(void *context, const char *path, const struct field *row)
{
	struct walk *w = context;
	auto_text facts = {0};
	bool is_first;

	if (!enters(w, path, &is_first))
		return;
	if (is_first)
		docs_add_line(w->out, ".SS ", w->section);
	help_add_key_facts(&facts, row);
	docs_add_term(w->out, path, row->help ? row->help : "");
	if (facts.len) {
		text_add(w->out, ".br\n");
		docs_add_line(w->out, "", text_str(&facts));
	}
}

void docs_write_spec(struct text *out)
{
	docs_add_head(out, "chute.yaml", 5, "what a chute is: image, machines, routes");
	text_add(out, ".SH DESCRIPTION\n");
	docs_add_line(
		out, "",
		"The file describes one chute: the image that it runs on, the machines that it "
		"needs and what it answers. chutes looks for it in the working directory and "
		"above.");
	for (size_t i = 0; i < array_len(paragraphs); i++)
		docs_add_term(out, paragraphs[i].title, paragraphs[i].text);
	text_add(out, ".SH KEYS\n");
	docs_add_line(out, "", notation);
	walk_twice(add_man_key, out);
	text_add(out, ".SH SEE ALSO\n.BR chutes (1),\n.BR chutes\\-validate (1),\n"
		      ".BR chutes\\-schema (1)\n");
}

/* --- Markdown */

void docs_add_cell(struct text *out, const char *s, bool is_code)
{
	const char *quote = is_code && *s ? "`" : "";

	text_addf(out, " %s", quote);
	for (; *s; s++)
		if (*s == '|' || (!is_code && strchr("<*_\\", *s)))
			text_addf(out, "\\%c", *s);
		else
			text_add_char(out, *s);
	text_addf(out, "%s |", quote);
}

#define TABLE_HEAD "\n| Key | Meaning | Value | Default | Example |\n|---|---|---|---|---|\n"

static void add_markdown_key(void *context, const char *path, const struct field *row)
{
	struct walk *w = context;
	struct text *out = w->out;
	auto_text type = {0};
	auto_text fallback = {0};
	bool is_first;

	if (!enters(w, path, &is_first))
		return;
	if (is_first)
		text_addf(out, "\n## %s\n" TABLE_HEAD, w->section);
	help_add_key_type(&type, row);
	help_add_key_default(&fallback, row);
	if (row->takes_env)
		text_addf(&type, "%smay refer to the environment", type.len ? "; " : "");
	text_add_char(out, '|');
	docs_add_cell(out, path, true);
	docs_add_cell(out, row->help ? row->help : "", false);
	docs_add_cell(out, text_str(&type), false);
	docs_add_cell(out, row->is_required ? "required" : text_str(&fallback), !row->is_required);
	docs_add_cell(out, row->example ? row->example : "", true);
	text_add_char(out, '\n');
}

void docs_write_spec_markdown(struct text *out)
{
	text_add(out, "# chute.yaml\n\nThe keys of a spec, as `chutes help spec` shows them. ");
	text_addf(out, "%s\n", notation);
	for (size_t i = 0; i < array_len(paragraphs); i++)
		text_addf(out, "\n**%s.** %s\n", paragraphs[i].title, paragraphs[i].text);
	text_add(out, "\n## Top level\n" TABLE_HEAD);
	walk_twice(add_markdown_key, out);
}
