/* SPDX-License-Identifier: MIT
 * The body of an answer on standard output: its bytes as they are for a pipe, text for a terminal,
 * which never gets control characters or what is no text.
 */
#ifndef CHUTES_CLI_SHOW_H
#define CHUTES_CLI_SHOW_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"
#include "lib/base/text.h"
#include "lib/data/json.h"
#include "lib/data/json_out.h"

struct show {
	bool is_raw;        /* the bytes as they are, whatever standard output is */
	struct text tail;   /* of a character that is not complete */
	bool has_open_line; /* on a terminal: no newline since the last text */
};
void show_release(struct show *s);

/* Are binary bytes written, and text without escapes? */
bool show_takes_bytes(const struct show *s);
/* USAGE where such an answer cannot be shown, for it is binary by its type. */
must_use bool show_check_type(const struct show *s, const char *content_type, struct error *err);
/* A piece as it comes. USAGE when it is binary. */
must_use bool show_piece(struct show *s, const char *bytes, size_t len, struct error *err);
/* Half a character that was left. */
must_use bool show_tail(struct show *s, struct error *err);
/* A line that was not ended. */
must_use bool show_line_end(struct show *s, struct error *err);
/* A whole body; `json` is what it says, laid out for a terminal; NULL: it is none. */
must_use bool show_whole(const struct show *s, const struct text *body, const struct json *json,
			 const char *content_type, struct error *err);
/* The same as a member of the result: "json", "text" or "base64". */
void show_member(struct json_out *j, const struct text *body, const struct json *json);

#endif
