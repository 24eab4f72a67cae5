/* SPDX-License-Identifier: MIT
 * Findings for people, for GitHub and for programs.
 */
#include "cli/print.h"
#include "cli/print_internal.h"

#include "lib/base/memory.h"
#include "lib/base/text.h"

#include <string.h>

enum {
	SHOWN_MAX = 20,
	LINE_MAX = 160,   /* bytes of a source line that are shown */
	LINE_BEFORE = 60, /* of them in front of the place, when the line is longer */
};

static const char *severity_name(const struct finding *f)
{
	return f->severity == SEVERITY_ERROR ? "error" : "warning";
}

/* --- text */

/* Bytes of the first `n` characters. */
static size_t skip_characters(const char *s, size_t n)
{
	size_t len = strlen(s);
	size_t i = 0;

	for (; n > 0 && i < len; n--) {
		size_t step = utf8_length(s + i, len - i);

		i += step ? step : 1;
	}
	return i;
}

/* The source line with a caret below: only the part around the place when it is long. */
static void print_source(const struct finding *f, int digits)
{
	auto_free char *line = xstrdup(f->source);

	for (char *c = line; *c; c++)
		if (*c == '\t')
			*c = ' '; /* one column, as the count of columns has it */
	size_t place = skip_characters(line, f->column ? f->column - 1 : 0);
	size_t end = place + skip_characters(line + place, f->width);
	size_t from = strlen(line) > LINE_MAX && place > LINE_BEFORE ? place - LINE_BEFORE : 0;

	while (from < place && (line[from] & 0xc0) == 0x80)
		from++;
	size_t to = strlen(line) - from > LINE_MAX ? from + LINE_MAX : strlen(line);

	while (to > from && (line[to] & 0xc0) == 0x80)
		to--;
	line[to] = '\0';
	end = end > to ? to : end;
	fprintf(stderr, "%*s |\n%*zu | ", digits, "", digits, f->line);
	print_escaped(line + from);
	fprintf(stderr, "\n%*s |", digits, "");
	if (f->width && place <= to) {
		size_t width = print_columns(line + place, end - place);

		fprintf(stderr, " %*s", (int)print_columns(line + from, place - from), "");
		for (size_t i = 0; i == 0 || i < width; i++)
			print_styled(STYLE_ERROR, "^");
	}
	fputc('\n', stderr);
}

static int count_digits(size_t n)
{
	int digits = 1;

	for (; n >= 10; n /= 10)
		digits++;
	return digits < 2 ? 2 : digits;
}

/* What tells more about a finding. */
static char *docs_of(const struct finding *f)
{
	if (!f->topic)
		return xprintf("chutes explain %s", f->row->code);
	bool is_whole = strcmp(f->topic, "spec") == 0;

	return xprintf("chutes help spec%s%s (chutes explain %s)", is_whole ? "" : " ",
		       is_whole ? "" : f->topic, f->row->code);
}

static void print_finding(const struct finding *f)
{
	auto_text head = {0};

	text_addf(&head, "%s[%s]", severity_name(f), f->row->code);
	print_styled(f->severity == SEVERITY_ERROR ? STYLE_ERROR : STYLE_WARNING, text_str(&head));
	fputs(": ", stderr);
	print_escaped(f->message);
	fputc('\n', stderr);
	if (f->file)
		print_arrow(f->file, f->line, f->column);
	if (f->source && f->line)
		print_source(f, count_digits(f->line));
	if (f->hint)
		print_help(f->hint);
	auto_free char *docs = docs_of(f);

	/* whoever got a remedy needs no more */
	if (f->topic || !f->hint)
		print_docs(docs);
}

/* --- GitHub: a line "::error file=…,line=…::message" (workflow commands) */

static void add_escaped(struct text *t, const char *s, bool is_property)
{
	auto_text shown = {0};

	text_add_printable(&shown, s, strlen(s), true);
	for (const char *c = text_str(&shown); *c; c++)
		if (*c == '%' || *c == '\n' || (is_property && (*c == ':' || *c == ',')))
			text_addf(t, "%%%02X", (unsigned char)*c);
		else
			text_add_char(t, *c);
}

static void add_annotation(struct text *t, const struct finding *f)
{
	text_addf(t, "::%s ", severity_name(f));
	if (f->file) {
		text_add(t, "file=");
		add_escaped(t, f->file, true);
		text_add_char(t, ',');
	}
	if (f->line)
		text_addf(t, "line=%zu,", f->line);
	if (f->line && f->column)
		text_addf(t, "col=%zu,", f->column);
	text_add(t, "title=");
	add_escaped(t, f->row->code, true);
	text_add(t, "::");
	add_escaped(t, f->message, false);
	if (f->hint) {
		text_add(t, "%0Ahelp: ");
		add_escaped(t, f->hint, false);
	}
	text_add_char(t, '\n');
}

void print_error_annotation(const struct error *err)
{
	const struct print *p = &print_state;
	const struct finding_row row = {.code = error_row(err->code)->name};
	struct error copy = *err;
	struct finding f = {
		.row = &row,
		.severity = SEVERITY_ERROR,
		.message = copy.message,
		.hint = copy.hint[0] ? copy.hint : NULL,
		.file = p->where_file,
		.line = p->where_line,
		.column = p->where_column,
	};
	auto_text annotation = {0};

	/* findings have annotations of their own */
	if (p->findings.text.len)
		return;
	add_annotation(&annotation, &f);
	fputs(text_str(&annotation), stderr);
}

/* --- JSON */

static void add_json(struct json_out *j, const struct finding *f)
{
	json_out_object(j, NULL);
	json_out_text(j, "code", f->row->code);
	json_out_text(j, "severity", severity_name(f));
	json_out_text(j, "message", f->message);
	json_out_text(j, "hint", f->hint);
	auto_free char *docs = docs_of(f);

	json_out_text(j, "docs", docs);
	print_json_where(j, f->file, f->line, f->column);
	json_out_object_end(j);
}

/* --- */

void print_findings(const struct findings *f)
{
	struct print *p = &print_state;
	auto_text annotations = {0};
	bool is_sarif = strcmp(p->globals->format, "sarif") == 0;
	bool is_result = is_sarif || strcmp(p->globals->format, "github") == 0;
	size_t n_shown = 0;

	print_live_end();
	p->has_findings = true;
	for (size_t i = 0; i < f->n; i++) {
		add_json(&p->findings, &f->items[i]);
		add_annotation(&annotations, &f->items[i]);
		if (p->globals->quiet && f->items[i].severity == SEVERITY_WARNING)
			continue;
		if (n_shown < SHOWN_MAX && !is_result)
			print_finding(&f->items[i]);
		n_shown++;
	}
	size_t n_more = n_shown + f->n_dropped - (n_shown < SHOWN_MAX ? n_shown : SHOWN_MAX);

	if (n_more && !is_result)
		fprintf(stderr, "... and %zu more\n", n_more);
	if (is_sarif) {
		text_clear(&annotations);
		print_add_sarif(&annotations, f);
	}
	if (is_result)
		print_bytes(text_str(&annotations), annotations.len);
	else if (p->globals->github)
		fputs(text_str(&annotations), stderr);
}
