/* SPDX-License-Identifier: MIT
 * What the files that write documents share: roff.
 */
#ifndef CHUTES_CLI_DOCS_INTERNAL_H
#define CHUTES_CLI_DOCS_INTERNAL_H

#include "lib/base/text.h"

/* ".TH" and "NAME". */
void docs_add_head(struct text *out, const char *page, int section, const char *summary);
/* A request such as ".B " with its text; "": a line of text. */
void docs_add_line(struct text *out, const char *request, const char *s);
/* A bold term and its explanation. */
void docs_add_term(struct text *out, const char *term, const char *explanation);

/* Markdown: text in a cell of a table, with the bar behind it; as code, between backticks. */
void docs_add_cell(struct text *out, const char *s, bool is_code);

/* chute.yaml(5) */
void docs_write_spec(struct text *out);
/* The same as Markdown. */
void docs_write_spec_markdown(struct text *out);
/* chutes-config(5), and the same as Markdown */
void docs_write_settings(struct text *out);
void docs_write_settings_markdown(struct text *out);

#endif
