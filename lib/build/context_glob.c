/* SPDX-License-Identifier: MIT
 * From the source of an add step to the files it names. A final "**" is the directory itself:
 * adding all that is in it is what adding a directory does.
 */
#include "lib/build/context_internal.h"

#include "lib/base/glob.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct glob {
	struct context *c;
	struct found_list *out;
};

static bool add_found(struct glob *g, struct node *node, const char *name, const char *path,
		      struct error *err)
{
	struct found_list *l = g->out;

	if (l->n >= g->c->max_entries)
		return fail(err, ERROR_BUILD, "more than %zu files match", g->c->max_entries);
	l->items = list_grow(l->items, l->n, &l->capacity, sizeof(*l->items));
	l->items[l->n++] = (struct found){node, name, path};
	return true;
}

static const char *path_below(struct context *c, const char *above, const char *name)
{
	return *above ? arena_printf(&c->arena, "%s/%s", above, name)
		      : arena_strdup(&c->arena, name);
}

/* A component that stands for itself, without its backslashes; NULL when it has wildcards. */
static char *literal_component(const char *component, size_t len)
{
	auto_free char *text = xcalloc(1, len + 1);
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		if (strchr("*?[", component[i]))
			return NULL;
		if (component[i] == '\\' && i + 1 < len)
			i++;
		text[n++] = component[i];
	}
	return take(text);
}

static bool expand(struct glob *g, struct node *at, const char *path, const char *pattern,
		   struct error *err);

/* `name` is in the directory `at`; the rest of the pattern goes on from it. */
/* NOLINTNEXTLINE(misc-no-recursion): expand() goes one component further each time */
static bool expand_into(struct glob *g, struct node *at, const char *path, const char *name,
			const char *rest, struct error *err)
{
	const char *below = path_below(g->c, path, name);
	struct node *next;
	int got = node_find(g->c, at, name, &next, err);

	if (got <= 0)
		return got == 0;
	if (!*rest)
		return add_found(g, next, path_name(below), below, err);
	return !node_is(next, S_IFDIR) || expand(g, next, below, rest, err);
}

/* NOLINTNEXTLINE(misc-no-recursion) */
static bool expand_any_depth(struct glob *g, struct node *at, const char *path, const char *rest,
			     struct error *err)
{
	while (text_starts_with(rest, "**/"))
		rest += 3;
	if (!*rest || strcmp(rest, "**") == 0)
		return add_found(g, at, *path ? path_name(path) : ".", *path ? path : ".", err);
	if (!expand(g, at, path, rest, err))
		return false;
	for (size_t i = 0; i < at->n_children; i++) {
		struct node *child = &at->children[i];

		/* links are not followed here: they could lead into a circle */
		if (node_is(child, S_IFDIR) &&
		    !expand_any_depth(g, child, path_below(g->c, path, child->name), rest, err))
			return false;
	}
	return true;
}

/* NOLINTNEXTLINE(misc-no-recursion) */
static bool expand(struct glob *g, struct node *at, const char *path, const char *pattern,
		   struct error *err)
{
	size_t len = strcspn(pattern, "/");
	const char *rest = pattern + len + (pattern[len] == '/');

	if (!node_list(g->c, at, err))
		return false;
	if (len == 2 && memcmp(pattern, "**", 2) == 0)
		return expand_any_depth(g, at, path, rest, err);
	auto_free char *literal = literal_component(pattern, len);

	if (literal)
		return expand_into(g, at, path, literal, rest, err);
	auto_free char *component = xstrndup(pattern, len);

	for (size_t i = 0; i < at->n_children; i++) {
		const char *name = at->children[i].name;

		if (glob_match(component, name, GLOB_NAME) &&
		    !expand_into(g, at, path, name, rest, err))
			return false;
	}
	return true;
}

/* A directory before what is in it: '/' is less than any other byte. */
static int compare_paths(const void *a, const void *b)
{
	const char *x = ((const struct found *)a)->path;
	const char *y = ((const struct found *)b)->path;

	while (*x && *x == *y) {
		x++;
		y++;
	}
	if (*x == *y)
		return 0;
	if (!*x || !*y)
		return *x ? 1 : -1;
	if (*x == '/' || *y == '/')
		return *x == '/' ? -1 : 1;
	return (unsigned char)*x < (unsigned char)*y ? -1 : 1;
}

/* What is equal to, or below, one that is taken is taken with it. */
static void sort_and_unite(struct found_list *l)
{
	size_t n = 0;

	if (l->n > 1)
		qsort(l->items, l->n, sizeof(*l->items), compare_paths);
	for (size_t i = 0; i < l->n; i++)
		if (n == 0 || !path_is_below(l->items[i].path, l->items[n - 1].path))
			l->items[n++] = l->items[i];
	l->n = n;
}

/* The directory up to the first wildcard or missing name, and that name, for the hint. */
static bool add_near(struct context *c, const char *source, struct error *err)
{
	struct node *at = &c->root;
	auto_strings names = {0};
	auto_text list = {0};
	struct error ignored; /* this only looks for something to say */
	size_t len;

	for (;; source += len + 1) {
		len = strcspn(source, "/");
		auto_free char *name = xstrndup(source, len);
		struct node *next;

		if (!node_is(at, S_IFDIR) || !node_list(c, at, &ignored))
			return false;
		if (!source[len] || node_find(c, at, name, &next, &ignored) <= 0)
			break;
		at = next;
	}
	auto_free char *name = xstrndup(source, len);

	for (size_t i = 0; i < at->n_children; i++)
		strings_add(&names, shown(c, at->children[i].name));
	const char *nearest = text_nearest(name, (const char *const *)strings_argv(&names));

	if (nearest)
		return fail_hint(err, "did you mean '%s'?", nearest);
	for (size_t i = 0; i < names.n && i < 5; i++)
		text_addf(&list, "%s%s", i ? ", " : "", names.items[i]);
	return fail_hint(err, "there is: %s%s", names.n ? text_str(&list) : "nothing",
			 names.n > 5 ? ", ..." : "");
}

static bool nothing_matches(struct context *c, const char *source, struct error *err)
{
	const struct ignore_rule *rule = NULL;
	struct stat st;

	if (fstatat(c->root_fd, source, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    ignore_check_path(&c->ignore, source, S_ISDIR(st.st_mode), &rule) == IGNORE_DROP &&
	    rule) {
		fail(err, ERROR_SPEC, "'%s' is left out of the context by %s", shown(c, source),
		     ignore_rule_name(&c->ignore, rule));
		return fail_hint(err, "name it in image.context.include, or change the rule");
	}
	fail(err, ERROR_SPEC, "nothing in the context matches '%s'", shown(c, source));
	return add_near(c, source, err);
}

bool context_glob(struct context *c, const char *source, struct found_list *out, bool *is_glob,
		  struct error *err)
{
	struct glob g = {c, out};
	auto_free char *clean = path_clean(source + strspn(source, "/"));
	auto_free char *literal = literal_component(clean, strlen(clean));

	if (strcmp(clean, "..") == 0 || text_starts_with(clean, "../"))
		return fail(err, ERROR_SPEC, "'%s' leaves the context", shown(c, source));
	*is_glob = !literal;
	if (strcmp(clean, ".") == 0)
		return add_found(&g, &c->root, ".", ".", err);
	if (!expand(&g, &c->root, "", clean, err))
		return fail_in(err, "'%s'", shown(c, source));
	if (out->n == 0)
		return nothing_matches(c, clean, err);
	sort_and_unite(out);
	return true;
}
