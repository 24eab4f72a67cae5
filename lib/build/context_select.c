/* SPDX-License-Identifier: MIT
 * What one add step takes: the files its source names, as they will be in the image.
 */
#include "lib/build/context_internal.h"

#include "lib/base/inside.h"
#include "lib/base/interrupt.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

void selection_release(struct selection *s)
{
	free(s->matches);
	free(s->entries);
	strings_release(&s->notes);
	*s = (struct selection){0};
}

/* One context_select() on its way. */
struct selecting {
	struct context *c;
	struct ignore exclude;
	struct selection out;
	struct node **nodes; /* of the entries */
	size_t nodes_capacity;
	size_t prefix_len; /* of the entries' sources: what is not in their paths */
};

static bool leave_it_out(struct error *err)
{
	return fail_hint(err, "leave out what the image does not need in .chutesignore");
}

static bool check_name(struct context *c, const char *path, struct error *err)
{
	for (const char *p = path; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f) {
			fail(err, ERROR_BUILD, "the name '%s' has a control character",
			     shown(c, path));
			return fail_hint(err, "rename it, or leave it out in .chutesignore");
		}
	if (text_starts_with(path_name(path), ".wh."))
		return fail(err, ERROR_BUILD,
			    "'%s': a name that begins with .wh. means a deletion in an image",
			    shown(c, path));
	return true;
}

static bool check_link(struct context *c, const char *path, const char *target, struct error *err)
{
	auto_fd int fd = beneath_open(c->root_fd, path, O_PATH);

	/* dangling links and circles stay what they are */
	if (fd >= 0 || errno != EXDEV)
		return true;
	fail(err, ERROR_BUILD, "the link '%s' leads out of the context: '%s'", shown(c, path),
	     shown(c, target));
	return fail_hint(err, "make it relative with its target inside, or leave it out in "
			      ".chutesignore");
}

static bool count_bytes(struct selecting *s, struct node *node, const char *path, struct error *err)
{
	struct context *c = s->c;
	auto_text limit = {0};
	auto_text size = {0};

	s->out.n_bytes += node->st.size;
	if (node->is_counted)
		return true;
	node->is_counted = true;
	c->n_bytes += node->st.size;
	if (c->n_bytes <= c->max_bytes)
		return true;
	text_add_size(&limit, c->max_bytes);
	text_add_size(&size, node->st.size);
	fail(err, ERROR_BUILD, "the context is larger than %s, with '%s' (%s)", text_str(&limit),
	     shown(c, path), text_str(&size));
	return fail_hint(err, "leave out what the image does not need in .chutesignore, or raise "
			      "image.limits.context");
}

static bool add_entry(struct selecting *s, struct node *node, const struct context_entry *e,
		      struct error *err)
{
	struct selection *out = &s->out;

	if (out->n_entries >= s->c->max_entries) {
		fail(err, ERROR_BUILD, "more than %zu files are selected", s->c->max_entries);
		return leave_it_out(err);
	}
	out->entries =
		list_grow(out->entries, out->n_entries, &out->capacity, sizeof(*out->entries));
	s->nodes = list_grow(s->nodes, out->n_entries, &s->nodes_capacity, sizeof(struct node *));
	s->nodes[out->n_entries] = node;
	out->entries[out->n_entries] = *e;
	out->entries[out->n_entries++].mtime_ns = node->st.mtime_ns;
	return true;
}

/* Anything but a directory. */
static bool select_file(struct selecting *s, struct node *node, const char *source,
			const char *path, struct error *err)
{
	struct context_entry e = {.type = 'f', .source = source, .path = path};

	if (!check_name(s->c, source, err))
		return false;
	switch (node->st.mode & S_IFMT) {
	case S_IFREG:
		e.mode = node->st.mode & S_IXUSR ? 0755 : 0644;
		e.size = node->st.size;
		return count_bytes(s, node, source, err) && add_entry(s, node, &e, err);
	case S_IFLNK:
		e.type = 'l';
		e.mode = 0777;
		return node_link(s->c, node, &e.target, err) &&
		       check_link(s->c, source, e.target, err) && add_entry(s, node, &e, err);
	default:
		strings_addf(&s->out.notes, "'%s' is a %s and was left out", shown(s->c, source),
			     node_is(node, S_IFSOCK)  ? "socket"
			     : node_is(node, S_IFIFO) ? "named pipe"
						      : "device");
		return true;
	}
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as paths are long */
static bool select_directory(struct selecting *s, struct node *node, const char *source,
			     struct error *err)
{
	size_t source_len = strlen(source);
	struct context_entry e = {.type = 'd', .mode = 0755, .source = source};
	size_t at = s->out.n_entries;

	e.path = source + (source_len > s->prefix_len ? s->prefix_len : source_len);
	if (!check_name(s->c, source, err) || !interrupt_check(err) ||
	    !add_entry(s, node, &e, err) || !node_list(s->c, node, err))
		return false;
	for (size_t i = 0; i < node->n_children; i++) {
		struct node *child = &node->children[i];
		bool is_directory = node_is(child, S_IFDIR);
		const char *below =
			node->parent ? arena_printf(&s->c->arena, "%s/%s", source, child->name)
				     : child->name;
		const char *path = below + s->prefix_len;

		if (ignore_check(&s->exclude, path, is_directory, IGNORE_KEEP, NULL) == IGNORE_DROP)
			continue;
		if (is_directory ? !select_directory(s, child, below, err)
				 : !select_file(s, child, below, path, err))
			return false;
	}
	if (node->verdict == IGNORE_SEARCH && s->out.n_entries == at + 1)
		s->out.n_entries = at; /* it was only looked through */
	return true;
}

static bool select_match(struct selecting *s, const struct found *f, size_t *capacity,
			 struct error *err)
{
	struct selection *out = &s->out;
	struct context_match m = {.name = f->name, .first = out->n_entries};
	const char *source = node_path(s->c, f->node);

	m.is_directory = node_is(f->node, S_IFDIR);
	if (m.is_directory) {
		s->prefix_len = f->node->parent ? strlen(source) + 1 : 0;
		if (!select_directory(s, f->node, f->node->parent ? source : "", err))
			return false;
	} else {
		if (ignore_check(&s->exclude, f->name, false, IGNORE_KEEP, NULL) == IGNORE_DROP)
			return true;
		if (!select_file(s, f->node, source, f->name, err))
			return false;
	}
	m.n = out->n_entries - m.first;
	if (m.n == 0)
		return true;
	out->matches = list_grow(out->matches, out->n_matches, capacity, sizeof(*out->matches));
	out->matches[out->n_matches++] = m;
	return true;
}

static bool is_url(const char *source)
{
	static const char *const schemes[] = {"http://", "https://", "git://", "ssh://", "git@"};

	for (size_t i = 0; i < array_len(schemes); i++)
		if (text_starts_with(source, schemes[i]))
			return true;
	return false;
}

static bool select_all(struct selecting *s, const char *source, struct error *err)
{
	struct found_list found = {0};
	size_t capacity = 0;
	bool is_done = context_glob(s->c, source, &found, &s->out.is_glob, err);

	for (size_t i = 0; is_done && i < found.n; i++)
		is_done = select_match(s, &found.items[i], &capacity, err);
	free(found.items);
	return is_done && context_hash_files(s->c, s->nodes, s->out.entries, s->out.n_entries, err);
}

bool context_select(struct context *c, const char *source, char *const *exclude, size_t n_exclude,
		    struct selection *out, struct error *err)
{
	struct selecting s = {.c = c};
	bool is_done = true;

	if (is_url(source)) {
		fail(err, ERROR_SPEC, "adding from a URL is not possible yet: '%s'",
		     shown(c, source));
		return fail_hint(err, "download it in a run step, or beside the spec and add the "
				      "file");
	}
	for (size_t i = 0; is_done && i < n_exclude; i++)
		is_done = ignore_add_pattern(&s.exclude, exclude[i], err);
	is_done = is_done && select_all(&s, source, err);
	if (is_done && s.out.n_matches == 0)
		is_done = fail(err, ERROR_SPEC, "nothing that '%s' names is left to add",
			       shown(c, source));
	if (is_done) {
		context_hash_selection(&s.out);
		selection_release(out);
		*out = s.out;
		s.out = (struct selection){0};
	}
	selection_release(&s.out);
	free(s.nodes);
	ignore_release(&s.exclude);
	return is_done;
}

bool context_open_file(struct context *c, const char *path, int *fd, struct error *err)
{
	struct found_list found = {0};
	bool is_glob;
	struct node *node;
	int got = node_find(c, &c->root, path, &node, err);

	if (got < 0)
		return false;
	/* says what is near, or which rule hides it */
	if (got == 0) {
		bool is_found = context_glob(c, path, &found, &is_glob, err);

		free(found.items);
		return is_found ? fail(err, ERROR_SPEC, "'%s' is no file", shown(c, path)) : false;
	}
	if (!node_is(node, S_IFREG))
		return fail(err, ERROR_SPEC, "'%s' is no regular file", shown(c, path));
	struct context_entry e = {.source = node_path(c, node), .size = node->st.size};

	return context_open_entry(c->root_fd, &e, fd, err);
}
