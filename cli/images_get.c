/* SPDX-License-Identifier: MIT
 * chutes images get: what one image is.
 */
#include "cli/images.h"
#include "cli/print.h"
#include "cli/project.h"
#include "lib/base/time.h"

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
		images_text_ago(&created, i->created);
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
	images_add_json(j, i);
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

const struct command images_get = {
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
