/* SPDX-License-Identifier: MIT
 * chutes images delete: images by name.
 */
#include "cli/images.h"
#include "cli/print.h"
#include "cli/project.h"
#include "lib/base/memory.h"
#include "lib/build/collect.h"

#include <string.h>

/* A digest with several names does not say which of them shall go. */
static bool check_names(struct store *s, const char *given, const struct store_image *found,
			struct error *err)
{
	auto_store_images all = {0};
	auto_text names = {0};
	size_t n = 0;

	if (strcmp(given, found->name) == 0)
		return true;
	if (!store_images_list(s, &all, err))
		return false;
	for (size_t i = 0; i < all.n; i++) {
		if (!digest_is_equal(&all.items[i].manifest.digest, &found->manifest.digest))
			continue;
		text_addf(&names, "%s%s", n++ ? ", " : "", all.items[i].name);
	}
	if (n <= 1 || text_starts_with(found->name, given))
		return true;
	fail(err, ERROR_CONFLICT, "'%s' has several names: %s", given, text_str(&names));
	return fail_hint(err, "delete them by name");
}

static bool has_name(const struct store_images *list, const char *name)
{
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->items[i].name, name) == 0)
			return true;
	return false;
}

/* What the arguments mean, all of it before anything is deleted. */
static bool find_images(struct store *s, const struct strings *args, struct store_images *out,
			struct error *err)
{
	for (size_t i = 0; i < args->n; i++) {
		auto_store_image image = {0};

		if (!project_image(s, args->items[i], &image, err) ||
		    !check_names(s, args->items[i], &image, err))
			return false;
		if (has_name(out, image.name))
			continue;
		out->items = list_grow(out->items, out->n, &out->capacity, sizeof(*out->items));
		out->items[out->n++] = image;
		image = (struct store_image){0};
	}
	return true;
}

static bool untag(struct store *s, const struct store_images *list, struct error *err)
{
	struct json_out *j = print_result();

	if (j)
		json_out_array(j, "deleted");
	for (size_t i = 0; i < list->n; i++) {
		const struct store_image *image = &list->items[i];

		if (!store_untag(s, image->name, err))
			return false;
		print_changed();
		if (j) {
			json_out_object(j, NULL);
			json_out_text(j, "name", image->name);
			json_out_text(j, "digest", image->manifest.digest.text);
			json_out_object_end(j);
		} else {
			print_line("deleted %s", image->name);
		}
	}
	if (j)
		json_out_array_end(j);
	return true;
}

static void print_freed(const struct store_gc_report *report, bool is_quiet)
{
	struct json_out *j = print_result();
	auto_text freed = {0};
	auto_text cached = {0};

	if (j) {
		json_out_number(j, "freed_bytes", (int64_t)report->bytes);
		json_out_number(j, "cached_bytes", (int64_t)report->bytes_cached);
		return;
	}
	if (is_quiet)
		return;
	text_add_size(&freed, report->bytes);
	text_add_size(&cached, report->bytes_cached);
	if (report->bytes_cached > 0)
		print_line("freed %s, %s stay in the build cache", text_str(&freed),
			   text_str(&cached));
	else
		print_line("freed %s", text_str(&freed));
}

bool images_remove(struct store *s, const struct store_images *list, bool is_quiet,
		   struct error *err)
{
	struct store_gc_report report = {0};

	if (!untag(s, list, err) || !store_collect(s, &report, err))
		return false;
	print_freed(&report, is_quiet);
	return true;
}

struct delete_options {
	bool dry_run;
};
static const struct option_row rows[] = {
	OPT('n', "dry-run", FLAG, delete_options, dry_run, NULL, "only say what would be removed"),
	OPT_END};

static bool run_delete(struct call *call, struct error *err)
{
	const struct delete_options *o = call->options;
	auto_store struct store *s = NULL;
	auto_store_images list = {0};

	if (!project_store(call, &s, err) || !find_images(s, &call->args, &list, err))
		return false;
	return o->dry_run ? images_tell_removal(s, &list, err)
			  : images_remove(s, &list, call->globals.quiet, err);
}

const struct command images_delete = {
	.name = "delete",
	.arguments = "IMAGE...",
	.summary = "remove images from the local store",
	.about = "Removes each IMAGE, then everything that no image, no running build and no\n"
		 "step built within two weeks needs, and says how much space that gave.\n"
		 "Nothing is asked: what was built can be built again. If one IMAGE does not\n"
		 "exist, nothing is removed.",
	.examples = {"chutes images delete hello:3f9c0a1b22de",
		     "chutes images list --quiet | xargs chutes images delete"},
	.exits = {ERROR_AUTH, ERROR_NOT_FOUND, ERROR_CONFLICT},
	.see_also = {"images list", "images prune"},
	.aliases = "rm|remove",
	.options = rows,
	.options_size = sizeof(struct delete_options),
	.run = run_delete,
};
