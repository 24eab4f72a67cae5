/* SPDX-License-Identifier: MIT
 * chutes images prune: images that nobody will ask for, by rule.
 */
#include "cli/images.h"
#include "cli/print.h"
#include "cli/project.h"
#include "lib/base/memory.h"
#include "lib/base/time.h"

#include <string.h>

struct prune_options {
	uint64_t older_than_ms;
	int64_t keep_recent;
	bool all;
	bool dry_run;
};

static const struct option_row rows[] = {
	OPT(0, "older-than", DURATION, prune_options, older_than_ms, "DURATION",
	    "only images made longer ago"),
	OPT(0, "keep-recent", NUMBER, prune_options, keep_recent, "N",
	    "keep the N newest images of each name"),
	OPT('a', "all", FLAG, prune_options, all, NULL, "every image, not only nameless ones"),
	OPT('n', "dry-run", FLAG, prune_options, dry_run, NULL, "only say what would be removed"),
	OPT_END};

static bool has_name(const struct store_image *i) { return !text_starts_with(i->name, "sha256:"); }

/* The part of a name in front of its tag. */
static size_t stem_length(const char *name)
{
	const char *slash = strrchr(name, '/');
	const char *colon = strchr(slash ? slash : name, ':');

	return colon ? (size_t)(colon - name) : strlen(name);
}

static bool is_newer(const struct store_image *a, const struct store_image *b)
{
	return a->created != b->created ? a->created > b->created : strcmp(a->name, b->name) > 0;
}

/* How many images of that name are newer? */
static int64_t rank(const struct store_images *all, const struct store_image *image)
{
	size_t len = stem_length(image->name);
	int64_t n = 0;

	for (size_t i = 0; i < all->n; i++) {
		const struct store_image *other = &all->items[i];

		if (stem_length(other->name) == len &&
		    strncmp(other->name, image->name, len) == 0 && is_newer(other, image))
			n++;
	}
	return n;
}

static bool is_chosen(const struct prune_options *o, const struct store_images *all,
		      const struct store_image *image)
{
	int64_t age_ms = (clock_unix() - image->created) * 1000;

	/* a time that nobody knows is no reason to remove anything */
	if (o->older_than_ms &&
	    (image->created == 0 || age_ms < 0 || (uint64_t)age_ms <= o->older_than_ms))
		return false;
	if (!has_name(image))
		return true;
	if (o->keep_recent && rank(all, image) < o->keep_recent)
		return false;
	return o->all || o->older_than_ms || o->keep_recent;
}

/* What goes. An image that a running build or container holds stays, and is told of. */
static bool choose(struct store *s, const struct prune_options *o, struct store_images *all,
		   struct store_images *out, struct error *err)
{
	auto_strings leased = {0};

	if (!store_images_list(s, all, err) || !store_leases_read(s, &leased, err))
		return false;
	for (size_t i = 0; i < all->n; i++) {
		struct store_image *image = &all->items[i];

		if (!is_chosen(o, all, image))
			continue;
		if (strings_has(&leased, digest_hex(&image->manifest.digest))) {
			print_warning("'%s' is in use and stays", image->name);
			continue;
		}
		out->items = list_grow(out->items, out->n, &out->capacity, sizeof(*out->items));
		out->items[out->n] = *image;
		out->items[out->n++].name = xstrdup(image->name);
	}
	return true;
}

/* --- what a dry run says */

struct blobs {
	struct strings digests;
	uint64_t bytes;
};

static void add_blob(struct blobs *b, const struct digest *d, uint64_t size)
{
	if (strings_has(&b->digests, d->text))
		return;
	strings_add(&b->digests, d->text);
	b->bytes += size;
}

/* Images that are not whole have nothing that counts. */
static void add_image(struct store *s, const struct store_image *i, struct blobs *b)
{
	auto_manifest m = {0};
	auto_image_config c = {0};
	struct error ignored;

	if (!store_image_load(s, &i->manifest.digest, &m, &c, &ignored))
		return;
	add_blob(b, &i->manifest.digest, i->manifest.size);
	add_blob(b, &m.config.digest, m.config.size);
	for (size_t k = 0; k < m.n_layers; k++)
		add_blob(b, &m.layers[k].digest, m.layers[k].size);
}

static bool has_image(const struct store_images *list, const struct store_image *image)
{
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->items[i].name, image->name) == 0)
			return true;
	return false;
}

/* Bytes of blobs that only they have. */
static uint64_t own_bytes(struct store *s, const struct store_images *all,
			  const struct store_images *gone)
{
	struct blobs blobs = {0};

	for (size_t i = 0; i < all->n; i++)
		if (!has_image(gone, &all->items[i]))
			add_image(s, &all->items[i], &blobs);
	uint64_t kept = blobs.bytes;

	for (size_t i = 0; i < gone->n; i++)
		add_image(s, &gone->items[i], &blobs);
	strings_release(&blobs.digests);
	return blobs.bytes - kept;
}

bool images_tell_removal(struct store *s, const struct store_images *gone, struct error *err)
{
	struct json_out *j = print_result();
	auto_store_images all = {0};
	auto_text size = {0};

	if (!store_images_list(s, &all, err))
		return false;
	uint64_t bytes = own_bytes(s, &all, gone);

	if (j)
		json_out_array(j, "would_delete");
	for (size_t i = 0; i < gone->n; i++) {
		if (j) {
			json_out_object(j, NULL);
			images_add_json(j, &gone->items[i]);
			json_out_object_end(j);
		} else {
			print_line("would delete %s", gone->items[i].name);
		}
	}
	text_add_size(&size, bytes);
	if (j) {
		json_out_array_end(j);
		json_out_number(j, "own_bytes", (int64_t)bytes);
	} else {
		print_line("would free at most %s", text_str(&size));
	}
	return true;
}

static bool run(struct call *call, struct error *err)
{
	const struct prune_options *o = call->options;
	auto_store struct store *s = NULL;
	auto_store_images all = {0};
	auto_store_images gone = {0};

	if (o->keep_recent < 0)
		return fail(err, ERROR_USAGE, "--keep-recent is %lld; it must be at least 0",
			    (long long)o->keep_recent);
	if (!project_store(call, &s, err) || !choose(s, o, &all, &gone, err))
		return false;
	return o->dry_run ? images_tell_removal(s, &gone, err)
			  : images_remove(s, &gone, call->globals.quiet, err);
}

const struct command images_prune = {
	.name = "prune",
	.summary = "remove images that are old, superseded or without a name",
	.about = "Without options only images without a name go. --older-than and --keep-recent\n"
		 "choose among all images, and an image goes only if both agree; --all means\n"
		 "every image. Then everything goes that no image, no running build and no step\n"
		 "built within two weeks needs. What a running build or container uses stays.",
	.options = rows,
	.options_size = sizeof(struct prune_options),
	.examples = {"chutes images prune --keep-recent 3",
		     "chutes images prune --older-than 720h --dry-run --json"},
	.exits = {ERROR_AUTH, ERROR_CONFLICT},
	.see_also = {"images delete", "images list"},
	.run = run,
};
