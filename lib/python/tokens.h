/* SPDX-License-Identifier: MIT
 * Python source as tokens, the way CPython cuts it: encoding, line joining, indentation, strings,
 * numbers, operators. An f-string is one token. Knows no statement and no expression.
 */
#ifndef CHUTES_PYTHON_TOKENS_H
#define CHUTES_PYTHON_TOKENS_H

#include "lib/base/compiler.h"

enum {
	PYTHON_MAX_BYTES = 1024 * 1024, /* a chute's code has at most 150000 characters */
	PYTHON_MAX_BRACKETS = 200,      /* open at one time, as in CPython */
	PYTHON_MAX_INDENTS = 100,       /* likewise */
	PYTHON_MAX_FORMATS = 150,       /* f-strings and fields inside each other, likewise */
};

/* Why something is no Python, and where. */
struct python_fault {
	size_t line;   /* 1-based; 0: the whole file */
	size_t column; /* 1-based, in characters */
	char message[160];
	char hint[160]; /* or empty */
};

enum python_token_kind {
	TOKEN_NAME, /* keywords, too */
	TOKEN_NUMBER,
	TOKEN_STRING, /* with its prefix and quotes */
	TOKEN_OPERATOR,
	TOKEN_NEWLINE, /* ends a logical line */
	TOKEN_INDENT,
	TOKEN_DEDENT,
	TOKEN_END,
};
struct python_token {
	enum python_token_kind kind;
	uint32_t at; /* in `text` */
	uint32_t len;
	uint32_t line;
	uint32_t column; /* in characters */
	uint32_t match;  /* of an opening bracket: index of its closing token */
};
struct python_tokens {
	char *text; /* without byte order mark, every line break a '\n' */
	size_t len;
	struct python_token *items; /* the last one is TOKEN_END */
	size_t n;
	size_t capacity;
};

#define auto_python_tokens __attribute__((cleanup(python_tokens_release))) struct python_tokens

void python_tokens_release(struct python_tokens *t);
/* Cut a whole file. false: `fault` says what CPython would refuse, too. */
must_use bool python_tokens_read(const char *code, size_t len, struct python_tokens *out,
				 struct python_fault *fault);
/* Cut one expression: line breaks are blanks. */
must_use bool python_tokens_read_expression(const char *code, size_t len, struct python_tokens *out,
					    struct python_fault *fault);
/* Is the token this name or operator? */
bool python_token_is(const struct python_tokens *t, size_t i, const char *text);
/* A name that is no keyword; `match`, `case`, `type` and `_` are names. */
bool python_token_is_identifier(const struct python_tokens *t, size_t i);
/* Fill a fault with the place of a token; returns false. */
bool python_fault_at(struct python_fault *fault, const struct python_tokens *t, size_t i,
		     const char *fmt, ...) printf_like(4, 5);

#endif
