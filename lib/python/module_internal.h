/* SPDX-License-Identifier: MIT
 * What the two files of the statement reader share: a statement on one line, and blocks.
 */
#ifndef CHUTES_PYTHON_MODULE_INTERNAL_H
#define CHUTES_PYTHON_MODULE_INTERNAL_H

#include "lib/python/parser.h"

enum scope_kind { SCOPE_MODULE, SCOPE_CLASS, SCOPE_FUNCTION };

struct scope {
	enum scope_kind kind;
	struct python_list functions; /* struct python_function */
	struct python_list classes;   /* struct python_class */
	struct python_list names;     /* struct python_field */
	bool is_open;
	bool is_generator;
	bool returns_value;
};

struct reader {
	struct python_parser p;
	const struct python_tokens *t;
	size_t at;
	struct python_list imports;
	struct scope *module;
	size_t n_blocks; /* `if`, `try` and the like around */
	size_t n_functions;
};

bool reader_is(const struct reader *r, size_t i, const char *text);
bool reader_is_kind(const struct reader *r, size_t i, enum python_token_kind kind);
/* The text of a token, in the arena. */
const char *reader_text(struct reader *r, size_t i);
/* "invalid syntax: …" at a token; returns false. */
bool reader_fault(struct reader *r, size_t i, const char *message);
/* Every name among the targets of `for`, `with` or an assignment is bound, nobody knows to what. */
void reader_add_targets(struct reader *r, struct scope *scope, size_t from, size_t to);
/* What an expression may do to its scope: `yield`, `:=`, and calls that know names as text. */
void reader_scan(struct reader *r, struct scope *scope, size_t from, size_t to);
/* One statement that has no block. */
must_use bool reader_read_simple(struct reader *r, struct scope *scope, size_t from, size_t to);

#endif
