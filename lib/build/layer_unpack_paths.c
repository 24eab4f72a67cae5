/* SPDX-License-Identifier: MIT */
#include "lib/build/layer_unpack_internal.h"

#include "lib/base/memory.h"

#include <search.h>
#include <string.h>

static int compare(const void *a, const void *b)
{
	const struct unpack_path *left = a;
	const struct unpack_path *right = b;

	return strcmp(left->path, right->path);
}

static void keep(void *row maybe_unused) {}

void unpack_paths_release(struct unpack_paths *p)
{
	tdestroy(p->root, keep); /* rows live in the arena */
	arena_release(&p->arena);
	p->root = NULL;
}

const struct unpack_path *unpack_paths_find(const struct unpack_paths *p, const char *path)
{
	struct unpack_path wanted = {.path = path};
	struct unpack_path *const *found = tfind(&wanted, &p->root, compare);

	return found ? *found : NULL;
}

struct unpack_path *unpack_paths_get(struct unpack_paths *p, const char *path)
{
	struct unpack_path wanted = {.path = path};
	struct unpack_path **found = tfind(&wanted, &p->root, compare);

	if (found)
		return *found;
	struct unpack_path *row = arena_alloc(&p->arena, sizeof(*row));

	row->path = arena_strdup(&p->arena, path);
	if (!tsearch(row, &p->root, compare))
		abort(); /* no memory, as xcalloc does */
	return row;
}

struct unpack_path *unpack_paths_write(struct unpack_paths *p, const char *path)
{
	struct unpack_path *written = unpack_paths_get(p, path);
	auto_free char *above = xstrdup(path);
	struct unpack_path *row = written;
	char *slash;

	while (!row->is_written) {
		row->is_written = true;
		slash = strrchr(above, '/');
		if (!slash)
			break;
		*slash = '\0';
		row = unpack_paths_get(p, above);
	}
	return written;
}

struct collected {
	struct unpack_path *rows;
	size_t n;
	size_t capacity;
};

static void collect(const void *node, VISIT visit, void *closure)
{
	const struct unpack_path *const *row = node;
	struct collected *all = closure;

	if ((visit != postorder && visit != leaf) || !(*row)->has_mtime)
		return;
	all->rows = list_grow(all->rows, all->n, &all->capacity, sizeof(*all->rows));
	all->rows[all->n++] = **row;
}

struct unpack_path *unpack_paths_timed(const struct unpack_paths *p, size_t *n)
{
	struct collected all = {0};

	twalk_r(p->root, collect, &all); /* "postorder" is its word for in order */
	*n = all.n;
	return all.rows;
}
