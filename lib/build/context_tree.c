/* SPDX-License-Identifier: MIT
 * Nodes come from directories on disk, or, where the old index proves that a directory has neither
 * gained nor lost a name, from the index: then each child is looked up by its path and no directory
 * is opened. Reading contents does not trust any of this (context_open_entry).
 */
#include "lib/build/context_internal.h"

#include "lib/base/inside.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

enum { LINKS_LIMIT = 40 }; /* as many as the kernel follows */

bool node_is(const struct node *node, mode_t type) { return (node->st.mode & S_IFMT) == type; }

const char *shown(struct context *c, const char *name)
{
	auto_text t = {0};

	text_add_printable(&t, name, strlen(name), false);
	return arena_strdup(&c->arena, text_str(&t));
}

static void add_path(struct text *t, const struct node *node)
{
	const struct node *chain[PATH_MAX / 2];
	size_t n = 0;

	/* children whose path would be longer are refused when their directory is listed */
	for (; node->parent && n < array_len(chain); node = node->parent)
		chain[n++] = node;
	while (n-- > 0) {
		if (t->len)
			text_add_char(t, '/');
		text_add(t, chain[n]->name);
	}
}

const char *node_path(struct context *c, const struct node *node)
{
	auto_text t = {0};

	add_path(&t, node);
	return t.len ? arena_strdup(&c->arena, text_str(&t)) : ".";
}

/* What was known about a new child; the directory's children are matched to rows by name. */
static void take_row(struct context *c, struct node *child, const struct stat_row *row)
{
	child->row = NO_ROW;
	if (row) {
		child->row = (uint32_t)(row - c->old.rows);
		if (row->flags & STAT_HAS_DIGEST && stat_row_proves(&c->old, row, &child->st)) {
			child->has_digest = true;
			memcpy(child->sha256, row->sha256, sizeof(child->sha256));
		}
	}
	if (!row || !file_stat_equal(&row->st, &child->st))
		c->is_changed = true;
}

static bool count_nodes(struct context *c, const struct node *directory, size_t n,
			struct error *err)
{
	c->n_nodes += n;
	if (c->n_nodes <= c->max_entries)
		return true;
	fail(err, ERROR_BUILD, "the context has more than %zu files, the last ones in '%s'",
	     c->max_entries, shown(c, node_path(c, directory)));
	return fail_hint(err, "leave out what the image does not need in .chutesignore");
}

static const struct stat_row *row_behind(const struct stat_index *x, const struct stat_row *row)
{
	return x->rows + row->end;
}

/* The index's rows of a directory's children: from the first to before the end. */
static const struct stat_row *rows_of(const struct context *c, const struct node *node,
				      const struct stat_row **end)
{
	if (node->row == NO_ROW) {
		*end = NULL;
		return NULL;
	}
	*end = c->old.rows + c->old.rows[node->row].end;
	return c->old.rows + node->row + 1;
}

/* 1: the children are those of the index; 0: the directory must be opened. */
static int list_from_index(struct context *c, struct node *node, struct error *err)
{
	const struct stat_row *row = node->row == NO_ROW ? NULL : &c->old.rows[node->row];
	const struct stat_row *end;
	auto_text path = {0};
	size_t n = 0;

	if (!row || !c->is_quick || !c->has_same_rules || !(row->flags & STAT_IS_LISTED) ||
	    node->st.dev != c->root.st.dev || !stat_row_proves(&c->old, row, &node->st))
		return 0;
	for (row = rows_of(c, node, &end); row < end; row = row_behind(&c->old, row))
		n++;
	struct node *children = arena_alloc(&c->arena, (n ? n : 1) * sizeof(*children));

	add_path(&path, node);
	size_t len = path.len;

	n = 0;
	for (row = rows_of(c, node, &end); row < end; row = row_behind(&c->old, row)) {
		struct node *child = &children[n++];
		struct stat st;

		path.len = len;
		text_add(&path, len ? "/" : "");
		child->name = stat_index_name(&c->old, row);
		text_add(&path, child->name);
		if (fstatat(c->root_fd, text_str(&path), &st, AT_SYMLINK_NOFOLLOW) < 0)
			return 0;
		child->parent = node;
		child->st = file_stat_of(&st);
		child->verdict = (enum ignore_verdict)(row->flags >> STAT_VERDICT_SHIFT);
		take_row(c, child, row);
	}
	node->children = children;
	node->n_children = n;
	return count_nodes(c, node, n, err) ? 1 : -1;
}

/* One name of an opened directory; not counted in when a rule leaves it out. */
static bool add_child(struct context *c, struct node *node, int fd, struct text *path,
		      const char *name, struct error *err)
{
	struct node *child = &node->children[node->n_children];
	struct stat st;

	if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		if (errno == ENOENT) /* gone since it was listed */
			return true;
		fail_errno(err, "looking at '%s' in the context", shown(c, text_str(path)));
		err->code = ERROR_BUILD;
		return false;
	}
	enum ignore_verdict verdict =
		ignore_check(&c->ignore, text_str(path), S_ISDIR(st.st_mode), node->verdict, NULL);

	if (verdict == IGNORE_DROP)
		return true;
	if (path->len >= PATH_MAX)
		return fail(err, ERROR_BUILD, "a path of the context is longer than %d bytes: '%s'",
			    PATH_MAX - 1, shown(c, text_str(path)));
	*child = (struct node){.name = arena_strdup(&c->arena, name),
			       .parent = node,
			       .st = file_stat_of(&st),
			       .verdict = verdict};
	node->n_children++;
	return true;
}

/* Both lists are sorted by name. */
static void match_rows(struct context *c, struct node *node)
{
	const struct stat_row *end;
	const struct stat_row *row = rows_of(c, node, &end);

	for (size_t i = 0; i < node->n_children; i++) {
		struct node *child = &node->children[i];
		int order = -1;

		while (row < end &&
		       (order = strcmp(stat_index_name(&c->old, row), child->name)) < 0) {
			c->is_changed = true; /* that one is gone, or left out now */
			row = row_behind(&c->old, row);
		}
		take_row(c, child, row < end && order == 0 ? row : NULL);
		if (row < end && order == 0)
			row = row_behind(&c->old, row);
	}
	if (row < end || c->is_quick)
		c->is_changed = true;
}

static bool list_from_disk(struct context *c, struct node *node, struct error *err)
{
	auto_strings names = {0};
	auto_text path = {0};

	add_path(&path, node);
	auto_fd int fd =
		beneath_open(c->root_fd, text_str(&path), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);

	if (fd < 0) {
		fail_errno(err, "opening '%s' in the context", shown(c, node_path(c, node)));
		err->code = ERROR_BUILD;
		return fail_hint(err, "make it readable, or leave it out in .chutesignore");
	}
	if (!directory_list(fd, &names, err))
		return fail_in(err, "'%s' in the context", shown(c, node_path(c, node)));
	if (!count_nodes(c, node, names.n, err))
		return false;
	node->children = arena_alloc(&c->arena, (names.n + 1) * sizeof(*node->children));
	node->n_children = 0;
	size_t len = path.len;

	for (size_t i = 0; i < names.n; i++) {
		path.len = len;
		text_add(&path, len ? "/" : "");
		text_add(&path, names.items[i]);
		if (!add_child(c, node, fd, &path, names.items[i], err))
			return false;
	}
	match_rows(c, node);
	return true;
}

bool node_list(struct context *c, struct node *node, struct error *err)
{
	if (node->is_listed)
		return true;
	int got = list_from_index(c, node, err);

	if (got < 0 || (got == 0 && !list_from_disk(c, node, err)))
		return false;
	node->is_listed = true;
	return true;
}

struct node *node_child(const struct node *node, const char *name, size_t len)
{
	size_t low = 0;
	size_t high = node->n_children;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		struct node *child = &node->children[middle];
		int order = strncmp(name, child->name, len);

		if (order == 0 && !child->name[len])
			return child;
		/* equal so far: the child's name is longer and comes later */
		if (order <= 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

bool node_link(struct context *c, const struct node *node, const char **target, struct error *err)
{
	const char *path = node_path(c, node);
	char text[PATH_MAX];
	ssize_t len = readlinkat(c->root_fd, path, text, sizeof(text) - 1);

	if (len < 0) {
		fail_errno(err, "reading the link '%s' in the context", shown(c, path));
		err->code = ERROR_BUILD;
		return false;
	}
	*target = arena_strndup(&c->arena, text, (size_t)len);
	return true;
}

static int leaves(struct context *c, const char *path, struct error *err)
{
	fail(err, ERROR_SPEC, "'%s' leaves the context", shown(c, path));
	fail_hint(err, "files must lie below '%s': image.context.root names another directory",
		  shown(c, c->root_path));
	return -1;
}

static int find(struct context *c, struct node *at, const char *path, unsigned *n_links,
		struct node **out, struct error *err);

/* NOLINTNEXTLINE(misc-no-recursion): once for each link, at most LINKS_LIMIT */
static int follow(struct context *c, const struct node *link, unsigned *n_links, struct node **out,
		  struct error *err)
{
	const char *target;

	if (++*n_links > LINKS_LIMIT) {
		fail(err, ERROR_SPEC, "'%s': too many links", shown(c, node_path(c, link)));
		return -1;
	}
	if (!node_link(c, link, &target, err))
		return -1;
	return *target == '/' ? leaves(c, target, err)
			      : find(c, link->parent, target, n_links, out, err);
}

/* NOLINTNEXTLINE(misc-no-recursion) */
static int find(struct context *c, struct node *at, const char *path, unsigned *n_links,
		struct node **out, struct error *err)
{
	const char *rest = path;

	for (size_t len; *rest; rest += len + (rest[len] == '/')) {
		len = strcspn(rest, "/");
		if (len == 0 || (len == 1 && *rest == '.'))
			continue;
		if (len == 2 && memcmp(rest, "..", 2) == 0) {
			if (!(at = at->parent))
				return leaves(c, path, err);
			continue;
		}
		if (!node_is(at, S_IFDIR))
			return 0;
		if (!node_list(c, at, err))
			return -1;
		if (!(at = node_child(at, rest, len)))
			return 0;
		int got = node_is(at, S_IFLNK) ? follow(c, at, n_links, &at, err) : 1;

		if (got <= 0)
			return got;
	}
	*out = at;
	return 1;
}

int node_find(struct context *c, struct node *at, const char *path, struct node **out,
	      struct error *err)
{
	unsigned n_links = 0;

	return find(c, at, path, &n_links, out, err);
}
