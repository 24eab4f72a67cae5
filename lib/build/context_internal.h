/* SPDX-License-Identifier: MIT
 * The context's files as a tree of nodes that grows where somebody looks. For the context_*.c files
 * only.
 */
#ifndef CHUTES_BUILD_CONTEXT_INTERNAL_H
#define CHUTES_BUILD_CONTEXT_INTERNAL_H

#include "lib/base/arena.h"
#include "lib/base/text.h"
#include "lib/build/context.h"
#include "lib/build/ignore.h"
#include "lib/build/stat_index.h"

/* One file that no rule leaves out, or a directory that may hold one. */
struct node {
	const char *name;    /* "" of the root */
	struct node *parent; /* NULL of the root */
	struct file_stat st;
	enum ignore_verdict verdict;
	bool is_listed;  /* a directory: `children` is complete */
	bool has_digest; /* a file: `sha256` is its content's */
	bool is_queued;  /* waits for its digest */
	bool is_counted; /* its size is in the context's sum */
	uint32_t row;    /* in the old index; NO_ROW */
	unsigned char sha256[SHA256_BYTES];
	struct node *children; /* by name */
	size_t n_children;
};
#define NO_ROW UINT32_MAX

struct context {
	struct arena arena;
	struct ignore ignore;
	char *root_path; /* for messages */
	int root_fd;
	struct node root;
	uint64_t max_bytes;
	size_t max_entries;
	uint64_t n_bytes; /* of all files selected so far */
	size_t n_nodes;

	char *index_path; /* NULL: no index is kept */
	struct stat_index old;
	bool has_same_rules; /* as when the old index was written: its listings hold */
	bool is_quick;   /* file system with fine timestamps: settled directories are not opened */
	bool is_changed; /* something was learned that the old index does not have */
	int64_t started_ns;
	unsigned char new_rules[SHA256_BYTES];
};

/* --- context_tree.c */
bool node_is(const struct node *node, mode_t type);
/* "a/b"; "." of the root. Arena memory. */
const char *node_path(struct context *c, const struct node *node);
/* Fill `children`. */
must_use bool node_list(struct context *c, struct node *node, struct error *err);
struct node *node_child(const struct node *node, const char *name, size_t len); /* NULL: none */
/* `path` from `at`, links followed inside the root, the last one too: 1, 0 when there is no such
 * thing, -1 (SPEC: it leaves the root). */
must_use int node_find(struct context *c, struct node *at, const char *path, struct node **out,
		       struct error *err);
/* Text of a link. Arena memory. */
must_use bool node_link(struct context *c, const struct node *node, const char **target,
			struct error *err);
/* For messages: control characters escaped. Arena memory. */
const char *shown(struct context *c, const char *name);

/* --- context_glob.c */
struct found {
	struct node *node; /* links followed */
	const char *name;  /* under which it was found */
	const char *path;  /* likewise, from the root */
};
struct found_list {
	struct found *items;
	size_t n;
	size_t capacity;
};
/* What `source` names, by path, each thing once. SPEC when it is nothing. */
must_use bool context_glob(struct context *c, const char *source, struct found_list *out,
			   bool *is_glob, struct error *err);

/* --- context_hash.c */
/* Content digests of the files among `entries`, where `nodes` do not have them yet; both get them.
 */
must_use bool context_hash_files(struct context *c, struct node **nodes,
				 struct context_entry *entries, size_t n, struct error *err);
/* Digest of the whole selection. */
void context_hash_selection(struct selection *s);
/* A regular file of the context as it was selected: its size is checked. */
must_use bool context_open_entry(int root_fd, const struct context_entry *e, int *fd,
				 struct error *err);

#endif
