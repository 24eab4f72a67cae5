/* SPDX-License-Identifier: MIT
 * chutes images: what is in the local store.
 */
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "cli/project.h"
#include "lib/base/memory.h"
#include "lib/base/time.h"
#include "lib/build/collect.h"
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

static void add_image(struct json_out *j, const struct store_image *i)
{
	bool has_name = !text_starts_with(i->name, "sha256:");

	json_out_text(j, "name", has_name ? i->name : NULL);
	json_out_text(j, "digest", i->manifest.digest.text);
	add_created(j, i->created);
	json_out_number(j, "size", (int64_t)i->size_bytes);
}

/* "2 hours ago" */
static void text_add_ago(struct text *t, int64_t created)
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

	text_add_ago(&ago, i->created);
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
			add_image(j, image);
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

static void print_words(const char *label, const struct strings *words)
{
	auto_text line = {0};

	for (size_t i = 0; i < words->n; i++) {
		text_add(&line, i ? " " : "");
		text_add_shell(&line, words->items[i]);
	}
	if (words->n)
		print_line("%-12s%s", label, text_str(&line));
}

static void print_lines(const char *label, const struct strings *lines)
{
	for (size_t i = 0; i < lines->n; i++)
		print_line("%-12s%s", i ? "" : label, lines->items[i]);
}

static void print_value(const char *label, const char *value)
{
	if (value && *value)
		print_line("%-12s%s", label, value);
}

static void print_layers(const struct manifest *m)
{
	for (size_t i = 0; i < m->n_layers; i++) {
		const struct descriptor *layer = &m->layers[i];
		auto_text size = {0};

		text_add_size(&size, layer->size);
		print_line("%-12s%s  %s", i ? "" : "layers", layer->digest.text, text_str(&size));
	}
}

static void print_image(const struct store_image *i, const struct manifest *m,
			const struct image_config *c)
{
	auto_text size = {0};
	auto_text created = {0};

	text_add_size(&size, i->size_bytes);
	if (i->created != 0) {
		text_add_time(&created, i->created);
		text_add(&created, " (");
		text_add_ago(&created, i->created);
		text_add_char(&created, ')');
	}
	if (!text_starts_with(i->name, "sha256:"))
		print_value("name", i->name);
	print_value("digest", i->manifest.digest.text);
	print_value("config", m->config.digest.text);
	print_line("%-12s%s/%s%s%s", "platform", c->os ? c->os : "unknown",
		   c->architecture ? c->architecture : "unknown", c->variant ? "/" : "",
		   c->variant ? c->variant : "");
	print_value("created", text_str(&created));
	print_value("size", text_str(&size));
	print_value("user", c->user);
	print_value("directory", c->working_dir);
	print_words("entrypoint", &c->entrypoint);
	print_words("command", &c->cmd);
	print_lines("ports", &c->exposed_ports);
	print_lines("volumes", &c->volumes);
	print_lines("env", &c->env);
	print_lines("labels", &c->labels);
	print_layers(m);
}

static void write_image(struct json_out *j, const struct store_image *i, const struct manifest *m,
			const struct image_config *c)
{
	auto_text config = {0};
	auto_text manifest = {0};

	image_config_format(c, &config);
	manifest_format(m, &manifest);
	add_image(j, i);
	json_out_array(j, "layers");
	for (size_t k = 0; k < m->n_layers; k++) {
		json_out_object(j, NULL);
		json_out_text(j, "digest", m->layers[k].digest.text);
		json_out_text(j, "diff_id", c->diff_ids[k].text);
		json_out_text(j, "media_type", m->layers[k].media_type);
		json_out_number(j, "size", (int64_t)m->layers[k].size);
		json_out_object_end(j);
	}
	json_out_array_end(j);
	json_out_raw(j, "config", text_str(&config));
	json_out_raw(j, "manifest", text_str(&manifest));
}

static bool run_get(struct call *call, struct error *err)
{
	auto_store struct store *s = NULL;
	auto_store_image image = {0};
	auto_manifest m = {0};
	auto_image_config c = {0};

	if (!project_store(call, &s, err) || !project_image(s, call->args.items[0], &image, err) ||
	    !store_image_load(s, &image.manifest.digest, &m, &c, err))
		return false;
	if (print_result())
		write_image(print_result(), &image, &m, &c);
	else if (call->globals.quiet)
		print_line("%s", image.manifest.digest.text);
	else
		print_image(&image, &m, &c);
	return true;
}

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

/* What the arguments mean, all of it before anything is deleted. */
static bool find_images(struct store *s, const struct strings *args, struct store_images *out,
			struct error *err)
{
	for (size_t i = 0; i < args->n; i++) {
		struct store_image image = {0};

		if (!project_image(s, args->items[i], &image, err))
			return false;
		out->items = list_grow(out->items, out->n, &out->capacity, sizeof(*out->items));
		out->items[out->n++] = image;
		if (!check_names(s, args->items[i], &image, err))
			return false;
	}
	return true;
}

static bool is_repeated(const struct store_images *list, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (strcmp(list->items[k].name, list->items[i].name) == 0)
			return true;
	return false;
}

static bool delete_images(struct store *s, const struct store_images *list, struct error *err)
{
	struct json_out *j = print_result();

	if (j)
		json_out_array(j, "deleted");
	for (size_t i = 0; i < list->n; i++) {
		const struct store_image *image = &list->items[i];

		if (is_repeated(list, i))
			continue;
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

static bool run_delete(struct call *call, struct error *err)
{
	auto_store struct store *s = NULL;
	auto_store_images list = {0};
	struct store_gc_report report = {0};

	if (!project_store(call, &s, err) || !find_images(s, &call->args, &list, err) ||
	    !delete_images(s, &list, err) || !store_collect(s, &report, err))
		return false;
	print_freed(&report, call->globals.quiet);
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

static const struct command images_get = {
	.name = "get",
	.arguments = "IMAGE",
	.summary = "show config, layers and digests of an image",
	.about = "IMAGE is NAME:TAG, NAME alone where it has one tag, or six digits or more\n"
		 "of the digest. The JSON document has config and manifest as the OCI image\n"
		 "specification defines them.",
	.examples = {"chutes images get hello",
		     "chutes images get hello --json | jq .result.config"},
	.exits = {ERROR_AUTH, ERROR_NOT_FOUND, ERROR_CONFLICT, ERROR_BUILD},
	.see_also = {"images list", "shell"},
	.aliases = "inspect",
	.run = run_get,
};

static const struct command images_delete = {
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
	.see_also = {"images list"},
	.aliases = "rm|remove",
	.run = run_delete,
};

static const struct command *const images_commands[] = {&images_list, &images_get, &images_delete,
							NULL};

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
