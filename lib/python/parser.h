/* SPDX-License-Identifier: MIT
 * What the files of the module reader share: ranges of tokens, and how expressions, literals and
 * parameters are made of them. A range is [from, to) and never splits a pair of brackets, so that
 * a search jumps over them: reading takes time in proportion to the file, however deep it nests.
 */
#ifndef CHUTES_PYTHON_PARSER_H
#define CHUTES_PYTHON_PARSER_H

#include "lib/python/module.h"
#include "lib/python/tokens.h"

struct python_parser {
	const struct python_tokens *tokens;
	struct arena *arena;
	struct python_fault *fault;
};

/* A list that grows in an arena. */
struct python_list {
	void *items;
	size_t n;
	size_t capacity;
};
/* The new last item, zeroed. */
must_use void *python_list_add(struct python_list *l, size_t item_size, struct arena *arena);

/* The token behind `i`, or behind the pair of brackets that opens there. */
size_t python_token_next(const struct python_tokens *t, size_t i);
/* The first `wanted` outside of brackets and of a lambda's parameters; `to` when there is none. */
size_t python_find_token(const struct python_tokens *t, size_t from, size_t to, const char *wanted);

/* Never fails: what is not understood becomes EXPR_OTHER. */
const struct python_expr *python_parse_expr(struct python_parser *p, size_t from, size_t to);
/* What stands between an opening bracket and its closing one, split at commas. */
struct python_list python_parse_items(struct python_parser *p, size_t from, size_t to);
/* The arguments of a call or the bases of a class. */
void python_parse_arguments(struct python_parser *p, size_t from, size_t to,
			    struct python_list *args, struct python_list *keywords);
must_use bool python_parse_parameters(struct python_parser *p, size_t from, size_t to,
				      struct python_function *out);

/* Adjacent string literals as one value. false: an f-string, or what C text cannot hold. */
must_use bool python_string_value(struct python_parser *p, size_t from, size_t to,
				  struct python_expr *out);
/* A number as decimal digits. false: an imaginary one, or one that is written wrongly. */
must_use bool python_number_value(struct python_parser *p, size_t i, bool is_negative,
				  struct python_expr *out);
/* As inspect.cleandoc() does. */
const char *python_clean_doc(struct arena *arena, const char *doc);

#endif
