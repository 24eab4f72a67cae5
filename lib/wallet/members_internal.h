/* SPDX-License-Identifier: MIT
 * The JSON of key files, read where it lies. A JSON library copies each string into memory that is
 * neither locked nor wiped; here strings are decoded in place and values are slices of the file's
 * own secret memory. Strict (RFC 8259), and bounded in depth and in members. Private.
 */
#ifndef CHUTES_WALLET_MEMBERS_INTERNAL_H
#define CHUTES_WALLET_MEMBERS_INTERNAL_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"
#include "lib/base/slice.h"

enum { MEMBERS_MAX = 64, MEMBERS_DEPTH_LIMIT = 16 };

enum member_kind {
	MEMBER_NULL,
	MEMBER_TEXT,
	MEMBER_NUMBER,
	MEMBER_OTHER, /* true, false; an object or a list, whose own strings are as they were */
};

struct member {
	struct slice name; /* empty in a list */
	enum member_kind kind;
	struct slice value; /* text: its bytes, which may have any value; else as it is written */
	char *inside;       /* where `value` begins: members_parse() reads an object or list on */
};

struct members {
	struct member items[MEMBERS_MAX];
	size_t n;
};

/* The members of one object, or the elements of one list, with nothing but blanks around. Changes
 * `bytes`, into which `out` points. FAILURE, with the byte where reading stopped; never a value. */
must_use bool members_parse(char *bytes, size_t len, struct members *out, struct error *err);
/* The member of this name that is not null, or NULL. Some writers put a blank before a name. */
const struct member *members_find(const struct members *m, const char *name);
bool slice_equals(struct slice s, const char *text);

#endif
