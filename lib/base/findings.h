/* SPDX-License-Identifier: MIT
 * Many failures at once: what validate, build --check and doctor report. A finding has a stable
 * code, a place and a remedy. Knows nothing of who prints it.
 */
#ifndef CHUTES_BASE_FINDINGS_H
#define CHUTES_BASE_FINDINGS_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"

enum severity { SEVERITY_ERROR, SEVERITY_WARNING };

/* One code: a row of the table in finding_codes.c, which is the only place that lists them. */
struct finding_row {
	const char *code; /* "E110" */
	enum severity severity;
	enum error_code error; /* the exit status of a command that ends by it */
	const char *title;     /* "unknown key" */
	const char *explain;   /* a paragraph: what it means and how to repair it */
};
const struct finding_row *finding_row_find(const char *code); /* NULL if there is no such code */
/* Iterate over the table: i from 0 until NULL. */
const struct finding_row *finding_row_at(size_t i);

struct finding {
	const struct finding_row *row;
	enum severity severity;
	char *message; /* without code, without place */
	char *hint;    /* remedy, or NULL */
	char *file;    /* as the user named it, or NULL */
	size_t line;   /* 1-based; 0: the whole file */
	size_t column; /* 1-based, in characters */
	size_t width;  /* characters to underline; 0: none */
	char *source;  /* the source line, or NULL */
	char *topic;   /* what the reference tells more about: a part of the spec; or NULL */
};

struct findings {
	struct finding *items;
	size_t n;
	size_t capacity;
	size_t n_dropped; /* beyond FINDINGS_MAX */
};

enum { FINDINGS_MAX = 1000 }; /* kept; what is shown is the caller's choice (20) */

#define auto_findings __attribute__((cleanup(findings_release))) struct findings

void findings_release(struct findings *f);
/* Add one. `code` must exist in the table (a bug otherwise). Returns it for more fields; the
 * pointer holds until the next add. */
struct finding *findings_add(struct findings *f, const char *code, const char *fmt, ...)
	printf_like(3, 4);
void finding_hint(struct finding *f, const char *fmt, ...) printf_like(2, 3);
void finding_place(struct finding *f, const char *file, size_t line, size_t column, size_t width);
/* The reference tells more about `topic`. */
void finding_topic(struct finding *f, const char *topic);
/* Show the place without its line: the line is a secret, or nothing to show. */
void finding_hide_source(struct finding *f);
/* Move all findings of `from`, which is empty afterwards, behind those of `f`. */
void findings_move(struct findings *f, struct findings *from);
/* By file, line, column; equal places keep their order. */
void findings_sort(struct findings *f);
size_t findings_count(const struct findings *f, enum severity severity);
/* Turn warnings into errors (--strict). */
void findings_strict(struct findings *f);
/* Drop all findings of one code (--allow). Errors are kept. */
void findings_allow(struct findings *f, const char *code);
/* true when there is no error among them; else fills `err` with the worst row's code. */
must_use bool findings_pass(const struct findings *f, struct error *err);

#endif
