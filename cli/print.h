/* SPDX-License-Identifier: MIT
 * What a person or a program sees. stdout carries the result and nothing else; progress, warnings
 * and errors go to stderr. With --format json stdout is exactly one document, whether the command
 * succeeds or fails. Bytes from outside never reach the terminal as control characters.
 */
#ifndef CHUTES_CLI_PRINT_H
#define CHUTES_CLI_PRINT_H

#include "cli/command.h"
#include "lib/base/compiler.h"
#include "lib/base/error.h"
#include "lib/base/findings.h"
#include "lib/base/strings.h"
#include "lib/crypto/secret.h"
#include "lib/data/json_out.h"

/* Once, before anything else here. `command_name`: "images list"; borrowed, as `globals`. */
void print_begin(const struct globals *globals, const char *command_name);
/* The rest of a command that succeeded (err NULL) or failed: the JSON document, or the error's
 * text. Flushes. Returns the exit status: `status`; where that is 0, what says that the command
 * failed or that stdout could not be written. */
must_use int print_end(const struct error *err, int status);

/* --- the result (stdout) */

bool print_is_json(void);
/* A line of the text result; nothing with JSON. Control characters are escaped. */
void print_line(const char *fmt, ...) printf_like(1, 2);
/* A word of the text result that judges, in colour where standard output may have any. */
enum print_mark { PRINT_GOOD, PRINT_FAINT, PRINT_WARNING, PRINT_ERROR };
void print_mark(enum print_mark mark, const char *word);
/* A text result as it is: completion scripts, generated files, a container's output. */
void print_bytes(const char *bytes, size_t len);
/* The same for what is long: FAILURE as soon as standard output takes no more. */
must_use bool print_stream(const void *bytes, size_t len, struct error *err);
/* What was written so far is for somebody who waits: bring it out. */
void print_flush(void);
/* Is standard output a terminal? Then bytes from outside are escaped, and binary ones not shown. */
bool print_is_terminal(void);
/* The writer of JSON's "result" object, which print_end() closes; NULL when the result is text:
 *	if (print_result()) json_out_text(print_result(), "name", name); else print_line(…); */
struct json_out *print_result(void);
/* The result is whole, and is shown even if the command fails: tests that were run. */
void print_result_stays(void);
/* A text result that is the document itself, as `help --json` is: replaces the envelope. */
void print_document(const char *json);

/* Cells, row by row; the columns' titles are the first row. */
struct table {
	struct strings cells;
	size_t n_columns;
};
#define auto_table __attribute__((cleanup(table_release))) struct table
void table_release(struct table *t);
/* Start a table: "NAME|SIZE|DIGEST". */
void table_begin(struct table *t, const char *titles);
void table_add(struct table *t, const char *fmt, ...) printf_like(2, 3);
/* Columns side by side; on a terminal the last one is cut at its width. With --plain one tab
 * between cells; with --no-header without the titles. Nothing with JSON. */
void print_table(const struct table *t);

/* --- beside the result (stderr) */

/* All findings in their order: text with the source line and a caret (at most 20; with --quiet
 * errors only), GitHub's annotations with --github, all of them in the JSON document. With --format
 * github the annotations are the result. The caller sorts, and applies --strict (findings_strict).
 */
void print_findings(const struct findings *f);
/* "warning: …", not with --quiet; in the JSON document a text in "warnings". */
void print_warning(const char *fmt, ...) printf_like(1, 2);
/* A failure that does not end the command, as its end would show it. */
void print_problem(const char *message, const char *hint);
/* A line that tells how far the work is, behind a short label: print_status("step", "pip %s",
 * name). Not with --quiet or --progress none. */
void print_status(const char *label, const char *fmt, ...) printf_like(2, 3);
/* A line of somebody else's output, such as a failed step's; also with --quiet. */
void print_log(const char *line, size_t len);
/* A text with a secret for who reads it, in a paragraph of its own: also with --quiet, and no copy
 * of it stays in memory. */
must_use bool print_secret(const struct secret *text, struct error *err);
/* How far the work is, told as often as the caller likes. On a terminal one line that the next one
 * replaces, at most ten times a second; removed before anything else is printed. With plain
 * progress a line of its own when five seconds passed without one. */
void print_live(const char *fmt, ...) printf_like(1, 2);
/* Remove the live line: before somebody else writes to the terminal. */
void print_live_end(void);
/* May a person be asked anything? Not with --no-input, nor where CI is set. */
bool print_may_ask(void);
/* A question on stderr, without an end of line: the answer is read by the caller. */
void print_question(const char *fmt, ...) printf_like(1, 2);
/* "next:  …" for people: only when stderr is a terminal, not with --quiet or JSON. */
void print_next(const char *fmt, ...) printf_like(1, 2);

enum print_progress { PROGRESS_NONE, PROGRESS_PLAIN, PROGRESS_TTY };
enum print_progress print_progress(void);

/* Facts about a failure that `struct error` does not carry; print_end() shows them. */
void print_where(const char *file, size_t line, size_t column); /* of the spec */
/* A request that failed: "GET https://host/path", the answer's status, its request id or NULL. */
void print_http(const char *what, int status, const char *request_id);
/* Something was changed before the command failed, or by a command that may find nothing to do. */
void print_changed(void);

/* Columns of the terminal; 80 when there is none. */
size_t print_width(void);

#endif
