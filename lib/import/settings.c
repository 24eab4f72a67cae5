/* SPDX-License-Identifier: MIT
 * The plain settings of a chute: who it is, which machines it wants, how it scales.
 */
#include "lib/import/import_internal.h"

#include "lib/base/memory.h"

#include <string.h>

/* "readme": text, or the text of a file. */
static void out_document(struct importer *m, const char *key)
{
	const struct json *value = import_argument(m->arguments, key);
	const char *file;
	struct error ignored; /* another kind names no file */

	if (value && json_kind(value) == JSON_KIND_OBJECT &&
	    json_find_text(value, "$file", &file, &ignored) > 0) {
		text_addf(&m->result->yaml, "%s: {file: ", key);
		import_flow_text(&m->result->yaml, file);
		text_add(&m->result->yaml, "}\n");
	} else if (value && json_text(value) && *json_text(value)) {
		import_out_text(m, 0, key, json_text(value));
	}
}

void import_out_identity(struct importer *m)
{
	const struct json *name = import_argument(m->arguments, "name");

	/* language models are named after their model */
	import_out_value(m, 0, "name", name ? name : import_argument(m->arguments, "model_name"));
	import_out_value(m, 0, "username", import_argument(m->arguments, "username"));
	out_document(m, "tagline");
	out_document(m, "readme");
}

/* --- node_selector: a key that the SDK does not know it drops in silence */

static const char *const selector_keys[] = {
	"gpu_count", "min_vram_gb_per_gpu", "max_hourly_price_per_gpu", "include", "exclude", NULL};

static const char *meant_key(const char *key)
{
	static const struct {
		const char *written;
		const char *meant;
	} known[] = {
		{"num_gpus", "gpu_count"},
		{"gpus", "gpu_count"},
		{"min_vram_gpu_per_gpu", "min_vram_gb_per_gpu"},
		{"min_vram_per_gpu", "min_vram_gb_per_gpu"},
		{"min_vram", "min_vram_gb_per_gpu"},
	};

	for (size_t i = 0; i < array_len(known); i++)
		if (strcmp(key, known[i].written) == 0)
			return known[i].meant;
	return text_nearest(key, selector_keys);
}

static bool is_one_of(const char *key, const char *const *keys)
{
	for (size_t i = 0; keys[i]; i++)
		if (strcmp(key, keys[i]) == 0)
			return true;
	return false;
}

static void note_dropped_key(struct importer *m, int64_t line, const char *key,
			     const struct json *value)
{
	const char *meant = meant_key(key);
	auto_text written = {0};

	json_write(value, &written);
	if (meant)
		import_note(m, "W318", line,
			    "NodeSelector has no '%s': the SDK ignored it; if '%s: %s' was meant, "
			    "write that",
			    key, meant, text_str(&written));
	else
		import_note(m, "W318", line, "NodeSelector has no '%s': the SDK ignored it", key);
}

static void out_selector(struct importer *m)
{
	const struct json *selector = import_argument(m->arguments, "node_selector");
	const struct json *arguments = json_find(selector, "arguments");
	const char *key;
	const struct json *value;
	void *position = NULL;

	while (json_next(arguments, &position, &key, &value))
		if (!is_one_of(key, selector_keys))
			note_dropped_key(m, import_line(selector), key, value);
	bool has_keys = false;

	for (size_t i = 0; selector_keys[i]; i++)
		has_keys |= json_find(arguments, selector_keys[i]) != NULL;
	if (!has_keys) {
		import_out_notes(m, 0);
		text_add(&m->result->yaml, "node_selector: {gpu_count: 1}\n");
		return;
	}
	import_out_key(m, 0, "node_selector");
	for (size_t i = 0; selector_keys[i]; i++)
		import_out_value(m, 2, selector_keys[i], json_find(arguments, selector_keys[i]));
}

/* Those of `keys` that were given, under `section`. */
static void out_section(struct importer *m, const char *section, const char *const *keys)
{
	bool has_any = false;

	for (size_t i = 0; keys[i]; i++)
		has_any |= import_argument(m->arguments, keys[i]) != NULL;
	if (!has_any)
		return;
	import_out_key(m, 0, section);
	for (size_t i = 0; keys[i]; i++)
		import_out_value(m, 2, keys[i], import_argument(m->arguments, keys[i]));
}

void import_out_settings(struct importer *m)
{
	static const char *const scaling[] = {"concurrency", "max_instances", "scaling_threshold",
					      "shutdown_after_seconds", NULL};
	static const char *const security[] = {"allow_external_egress", "encrypted_fs", "tee",
					       "lock_modules", NULL};

	out_selector(m);
	out_section(m, "scaling", scaling);
	out_section(m, "security", security);
}

void import_out_env(struct importer *m)
{
	const struct json *env = json_find(m->read, "env");
	bool has_key = false;

	for (size_t i = 0; i < json_count(env); i++) {
		const struct json *entry = json_at(env, i);
		const struct json *name = json_find(entry, "name");
		const struct json *value = json_find(entry, "value");

		if (!name || !json_text(name) || !value || !json_text(value)) {
			import_note(m, "W318", import_line(entry),
				    "a variable is set to what only running tells");
			continue;
		}
		if (!has_key)
			import_out_key(m, 0, "env");
		has_key = true;
		import_out_value(m, 2, json_text(name), value);
	}
}
