/* SPDX-License-Identifier: MIT
 * chutes images: what is in the local store. Each command but `list` has a file of its own.
 */
#include "cli/images.h"

#include "cli/commands.h"
#include "cli/print.h"
#include "cli/project.h"
#include "lib/base/memory.h"
#include "lib/base/time.h"
#include "lib/store/store.h"

#include <string.h>

enum { SHORT_DIGITS = 12 };

/* "localhost:5000/hello:1" is "localhost:5000/hello" and "1"; an image that another tool put here
 * without a name has neither. */
struct name_parts {
	char *name;
	const char *tag; /* part of the caller's text */
};

static struct name_parts split_name(const char *full)
{
	const char *slash = strrchr(full, '/');
	const char *colon = strchr(slash ? slash : full, ':');

	if (text_starts_with(full, "sha256:"))
		return (struct name_parts){xstrdup("<none>"), "<none>"};
	if (!colon)
		return (struct name_parts){xstrdup(full), "<none>"};
	return (struct name_parts){xstrndup(full, (size_t)(colon - full)), colon + 1};
}

static void add_created(struct json_out *j, int64_t created)
{
	auto_text time = {0};

	if (created != 0)
		text_add_time(&time, created);
	json_out_text(j, "created", created != 0 ? text_str(&time) : NULL);
}

void images_add_json(struct json_out *j, const struct store_image *i)
{
	bool has_name = !text_starts_with(i->name, "sha256:");

	json_out_text(j, "name", has_name ? i->name : NULL);
	json_out_text(j, "digest", i->manifest.digest.text);
	add_created(j, i->created);
	json_out_number(j, "size", (int64_t)i->size_bytes);
}

void images_text_ago(struct text *t, int64_t created)
{
	int64_t seconds = clock_unix() - created;

	if (created == 0) {
		text_add(t, "unknown");
		return;
	}
	text_add_age(t, seconds > 0 ? (uint64_t)seconds : 0);
	text_add(t, " ago");
}

static void print_row(struct table *table, const struct store_image *i)
{
	struct name_parts parts = split_name(i->name);
	auto_text ago = {0};
	auto_text size = {0};

	images_text_ago(&ago, i->created);
	text_add_size(&size, i->size_bytes);
	table_add(table, "%s", parts.name);
	table_add(table, "%s", parts.tag);
	table_add(table, "%.*s", SHORT_DIGITS, digest_hex(&i->manifest.digest));
	table_add(table, "%s", text_str(&ago));
	table_add(table, "%s", text_str(&size));
	free(parts.name);
}

static void print_images(const struct store_images *list, bool is_quiet)
{
	struct json_out *j = print_result();
	auto_table table = {0};

	if (j)
		json_out_array(j, "images");
	table_begin(&table, "NAME|TAG|DIGEST|CREATED|SIZE");
	for (size_t i = 0; i < list->n; i++) {
		const struct store_image *image = &list->items[i];

		if (j) {
			json_out_object(j, NULL);
			images_add_json(j, image);
			json_out_object_end(j);
		} else if (is_quiet) {
			print_line("%.*s", SHORT_DIGITS, digest_hex(&image->manifest.digest));
		} else {
			print_row(&table, image);
		}
	}
	if (j)
		json_out_array_end(j);
	else if (!is_quiet)
		print_table(&table);
}

static bool run_list(struct call *call, struct error *err)
{
	auto_store struct store *s = NULL;
	auto_store_images list = {0};

	if (!project_store(call, &s, err) || !store_images_list(s, &list, err))
		return false;
	print_images(&list, call->globals.quiet);
	return true;
}

static const struct command images_list = {
	.name = "list",
	.summary = "list the images of the local store",
	.about = "Name, tag, first digits of the digest, age and size of every image here.\n"
		 "SIZE is what its layers take compressed; layers that several images\n"
		 "share are stored once. With --quiet only the digests.",
	.examples = {"chutes images", "chutes images list --json | jq '.result.images[].name'"},
	.exits = {ERROR_AUTH},
	.see_also = {"images get", "images delete"},
	.aliases = "ls",
	.run = run_list,
};

static const struct command *const images_commands[] = {
	&images_list,  &images_get,    &images_tag,  &images_delete,
	&images_prune, &images_export, &images_load, NULL};

const struct command command_images = {
	.name = "images",
	.summary = "the images of the local store",
	.about = "The store is an OCI layout: other tools read an image in it as\n"
		 "oci:STORE/oci:NAME:TAG, where STORE is ~/.local/share/chutes/store.",
	.examples = {"chutes images", "skopeo inspect oci:$CHUTES_STORE/oci:hello:1"},
	.see_also = {"build", "shell"},
	.group = GROUP_BUILD,
	.sub = images_commands,
	.fallback = &images_list,
};
