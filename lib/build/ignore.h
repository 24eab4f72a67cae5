/* SPDX-License-Identifier: MIT
 * Which files of a directory stay out of a build: the rules of an ignore file in the syntax of
 * gitignore(5), behind the built-in ones. Works on names only, touches no file.
 */
#ifndef CHUTES_BUILD_IGNORE_H
#define CHUTES_BUILD_IGNORE_H

#include "lib/base/arena.h"
#include "lib/base/compiler.h"
#include "lib/base/error.h"

enum {
	IGNORE_FILE_LIMIT = 1 << 20,
	IGNORE_LINE_LIMIT = 4096,
	IGNORE_RULES_LIMIT = 10000,
};

struct ignore_rule {
	const char *text;   /* as written, for messages */
	const char *origin; /* the file, or NULL: built in */
	size_t line;
	const char *literal; /* the beginning without wildcards ... */
	size_t literal_len;
	const char *glob; /* ... and what follows; "" when the rule has none */
	bool is_negated;  /* '!': take it back in */
	bool is_directory;
	bool is_name; /* no '/': matches in every directory */
};

/* Rules in order: the last one that matches decides. `{0}` is empty. */
struct ignore {
	struct arena arena;
	struct ignore_rule *rules;
	size_t n;
	size_t capacity;
	size_t n_builtin; /* the first ones */
	char **includes;
	size_t n_includes;
	size_t includes_capacity;
};
#define auto_ignore __attribute__((cleanup(ignore_release))) struct ignore

void ignore_release(struct ignore *ig);
/* Version control, Python's caches and environments, secrets, wallets. Call it first. */
void ignore_add_builtin(struct ignore *ig);
/* The lines of an ignore file named `origin`. SPEC with the line when it is no text or longer than
 * a limit above. */
must_use bool ignore_add_file(struct ignore *ig, const char *origin, const char *bytes, size_t len,
			      struct error *err);
/* One pattern from elsewhere, as one line of a file. */
must_use bool ignore_add_pattern(struct ignore *ig, const char *pattern, struct error *err);
/* A glob from the root that wins over every rule; of a directory it brings everything back that no
 * built-in rule leaves out. "." brings nothing back. SPEC when it leaves the root. */
must_use bool ignore_add_include(struct ignore *ig, const char *glob, struct error *err);

/* What holds for a path; a directory's verdict is needed for what is in it. */
enum ignore_verdict {
	IGNORE_KEEP,     /* also the root's */
	IGNORE_INCLUDED, /* kept by an include */
	IGNORE_SEARCH,   /* a directory that is left out, but an include may name something in it */
	IGNORE_DROP,
};
/* `path` is relative to the root, without "./" and final '/'. `above` is the verdict of the
 * directory it is in, never IGNORE_DROP. `rule` gets what left it out or kept it, or NULL; may be
 * NULL. */
enum ignore_verdict ignore_check(const struct ignore *ig, const char *path, bool is_directory,
				 enum ignore_verdict above, const struct ignore_rule **rule);
/* The same from the root down. */
enum ignore_verdict ignore_check_path(const struct ignore *ig, const char *path, bool is_directory,
				      const struct ignore_rule **rule);
/* "'.venv/' of .chutesignore:3" or "the built-in rule '.git'": arena memory of `ig`. */
const char *ignore_rule_name(struct ignore *ig, const struct ignore_rule *rule);

#endif
