/* SPDX-License-Identifier: MIT
 * Deletions. The upper directory says that a name is gone whether or not it ever was there; a layer
 * says so only where something is below, so that it is the same whoever made it. An opaque
 * directory becomes the list of what it hides, as the image specification recommends.
 */
#include "lib/build/layer_pack_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define WHITEOUT        ".wh."
#define WHITEOUT_OPAQUE ".wh..opq" /* behind the first ".wh." */

/* Move the deleted names out of `names`. */
static bool split(const struct pack *p, int fd, struct strings *names, struct strings *deleted,
		  struct error *err)
{
	bool has_attributes = pack_has_attribute_whiteouts(fd);
	size_t n_kept = 0;

	for (size_t i = 0; i < names->n; i++) {
		char *name = names->items[i];
		struct stat st;

		names->items[i] = NULL;
		if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
			names->items[i] = name;
			return pack_errno(p, err, "reading");
		}
		if (pack_is_whiteout(&st) ||
		    (has_attributes && pack_is_attribute_whiteout(fd, name, &st)))
			strings_add_taken(deleted, name);
		else
			names->items[n_kept++] = name;
	}
	names->n = n_kept;
	return true;
}

/* Is `name` in the sorted list? */
static bool has_name(const struct strings *sorted, const char *name)
{
	size_t first = 0;
	size_t last = sorted->n;

	while (first < last) {
		size_t middle = first + (last - first) / 2;
		int order = strcmp(name, sorted->items[middle]);

		if (order == 0)
			return true;
		if (order < 0)
			last = middle;
		else
			first = middle + 1;
	}
	return false;
}

/* Everything below that the upper directory does not have again. */
static bool hide_all(struct pack *p, const struct lower *below, const struct strings *kept,
		     struct error *err)
{
	auto_strings names = {0};
	auto_strings hidden = {0};

	if (!lower_names(p, below, &names, err))
		return false;
	for (size_t i = 0; i < names.n; i++)
		if (!has_name(kept, names.items[i]))
			strings_add(&hidden, names.items[i]);
	if (hidden.n > PACK_OPAQUE_MIN)
		return pack_whiteout(p, WHITEOUT_OPAQUE, err);
	for (size_t i = 0; i < hidden.n; i++)
		if (!pack_whiteout(p, hidden.items[i], err))
			return false;
	return true;
}

static bool hide(struct pack *p, const struct lower *below, const struct strings *deleted,
		 struct error *err)
{
	for (size_t i = 0; i < deleted->n; i++) {
		int has = lower_has(p, below, deleted->items[i], err);

		if (has < 0 || (has && !pack_whiteout(p, deleted->items[i], err)))
			return false;
	}
	return true;
}

/* A name that would mean a deletion to whoever reads the layer. */
static bool check_names(const struct pack *p, const struct strings *names, struct error *err)
{
	for (size_t i = 0; i < names->n; i++)
		if (text_starts_with(names->items[i], WHITEOUT))
			return pack_fail(p, err,
					 "the name '%.60s' cannot be part of an image, where "
					 "'" WHITEOUT "' marks deleted files",
					 names->items[i]);
	return true;
}

bool pack_whiteouts(struct pack *p, int fd, bool is_opaque, struct strings *names,
		    struct error *err)
{
	auto_strings deleted = {0};
	auto_lower below = {0};

	if (!split(p, fd, names, &deleted, err) || !check_names(p, names, err))
		return false;
	if (!is_opaque && deleted.n == 0)
		return true;
	if (!lower_open(p, &below, err))
		return false;
	return is_opaque ? hide_all(p, &below, names, err) : hide(p, &below, &deleted, err);
}
