/* SPDX-License-Identifier: MIT
 * What the files of cli/print share: the state of the two streams. Nobody else includes it.
 */
#ifndef CHUTES_CLI_PRINT_INTERNAL_H
#define CHUTES_CLI_PRINT_INTERNAL_H

#include "cli/print.h"

#include <stdio.h>

struct print {
	const struct globals *globals;
	const char *command;
	bool has_color; /* on stderr */
	bool is_terminal[3];
	struct json_out result;
	bool has_result;
	bool keeps_result;        /* beside a failure, too */
	struct json_out findings; /* the elements, without brackets */
	bool has_findings;
	struct strings warnings;
	char *document;
	char *where_file;
	size_t where_line;
	size_t where_column;
	char *http_what;
	int http_status;
	char *http_request_id;
	bool has_changed;
	int write_errno;  /* of the first write to stdout that failed; 0: none did */
	bool has_live;    /* a live line stands on the terminal */
	uint64_t told_ms; /* when a line last told how far the work is; 0: none did */
};
extern struct print print_state;

enum print_style { STYLE_ERROR, STYLE_WARNING, STYLE_HELP, STYLE_BOLD, STYLE_FAINT };
/* To stderr, with colour where allowed. `text` is ours, not escaped. */
void print_styled(enum print_style style, const char *text);
/* To stderr, escaped. */
void print_escaped(const char *text);
/* Columns that UTF-8 text takes on a terminal; escapes of bad bytes count as they are shown. */
size_t print_columns(const char *text, size_t len);
/* Bytes of `text` that take `room` columns at most. */
size_t print_fitting(const char *text, size_t room);
/* {"file":…,"line":…,"column":…} or null. */
void print_json_where(struct json_out *j, const char *file, size_t line, size_t column);
/* "  --> file:line:column" */
void print_arrow(const char *file, size_t line, size_t column);
/* A failure as GitHub's annotation. */
void print_error_annotation(const struct error *err);
/* "  = help: …" */
void print_help(const char *hint);
/* "  = docs: …" */
void print_docs(const char *docs);
/* Findings as a SARIF document. */
void print_add_sarif(struct text *out, const struct findings *f);

#endif
