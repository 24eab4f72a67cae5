/* SPDX-License-Identifier: MIT
 * Extended attributes of files on their way into a layer.
 */
#include "lib/build/layer_pack_internal.h"

#include "lib/base/memory.h"

#include <assert.h>
#include <errno.h>
#include <linux/limits.h>
#include <linux/xattr.h>
#include <string.h>
#include <sys/xattr.h>

void pack_xattrs_release(struct pack_xattrs *x)
{
	arena_release(&x->arena);
	free(x->items);
	*x = (struct pack_xattrs){0};
}

/* These move a file's content elsewhere: the tree was written by a mount that is not ours. */
static bool is_misplaced(const char *name)
{
	return strcmp(name, "trusted.overlay.redirect") == 0 ||
	       strcmp(name, "trusted.overlay.metacopy") == 0 ||
	       strcmp(name, "user.overlay.redirect") == 0 ||
	       strcmp(name, "user.overlay.metacopy") == 0;
}

static_assert(PACK_BUFFER_SIZE >= XATTR_LIST_MAX + XATTR_SIZE_MAX, "names and one value fit");

static bool add(struct pack *p, int fd, const char *name, struct pack_xattrs *out,
		struct error *err)
{
	unsigned char *value = p->buffer + XATTR_LIST_MAX;
	unsigned char capability[LAYER_CAPABILITY_BYTES];
	const void *kept = value;
	ssize_t size = fgetxattr(fd, name, value, XATTR_SIZE_MAX);

	if (size < 0)
		return pack_errno(p, err, "reading the attributes of");
	/* An archive has no form for an empty value, nor for a '=' in a name. */
	if (size == 0 || strchr(name, '=')) {
		layer_note_add(&p->notes[PACK_NOTE_XATTR], text_str(&p->path));
		p->stats.n_skipped++;
		return true;
	}
	if (strcmp(name, XATTR_NAME_CAPS) == 0) {
		if (!layer_capability(value, (size_t)size, capability))
			return pack_fail(p, err, "file capabilities of an unknown version");
		kept = capability;
		size = sizeof(capability);
	}
	void *copy = arena_alloc(&out->arena, (size_t)size);

	memcpy(copy, kept, (size_t)size);
	out->items = list_grow(out->items, out->n, &out->capacity, sizeof(*out->items));
	out->items[out->n++] = (struct xattr){arena_strdup(&out->arena, name), copy, (size_t)size};
	return true;
}

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct xattr *)a)->name, ((const struct xattr *)b)->name);
}

bool pack_xattrs_read(struct pack *p, int fd, struct pack_xattrs *out, struct error *err)
{
	char *names = (char *)p->buffer;
	ssize_t len = flistxattr(fd, names, XATTR_LIST_MAX);

	if (len < 0 && errno == ENOTSUP)
		return true;
	if (len < 0)
		return pack_errno(p, err, "reading the attributes of");
	for (const char *name = names; name < names + len; name += strlen(name) + 1) {
		if (is_misplaced(name))
			return pack_fail(p, err,
					 "has '%s', which no mount of ours makes: the store was "
					 "mounted by something else",
					 name);
		if (text_starts_with(name, "system.posix_acl_")) {
			layer_note_add(&p->notes[PACK_NOTE_ACL], text_str(&p->path));
			p->stats.n_skipped++;
		}
		if (layer_keeps_xattr(name) && !add(p, fd, name, out, err))
			return false;
	}
	if (out->n > 1)
		qsort(out->items, out->n, sizeof(*out->items), compare);
	return true;
}

bool pack_xattrs_equal(const struct pack_xattrs *a, const struct pack_xattrs *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->items[i].name, b->items[i].name) != 0 ||
		    a->items[i].size != b->items[i].size ||
		    memcmp(a->items[i].value, b->items[i].value, a->items[i].size) != 0)
			return false;
	return true;
}
