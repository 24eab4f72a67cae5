/* SPDX-License-Identifier: MIT
 * A file with one API key and the server that it is for.
 */
#include "lib/config/config_internal.h"

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"

#include <string.h>

/* What stands in such a file: secrets last, as it is written. */
static const struct {
	enum config_setting setting;
	size_t offset;
	bool is_needed;
} members[] = {
	{CONFIG_BASE_URL, offsetof(struct config_key_file, base_url), true},
	{CONFIG_SERVER_KEY, offsetof(struct config_key_file, server_key), false},
	{CONFIG_API_KEY, offsetof(struct config_key_file, api_key), true},
};

static char **member(struct config_key_file *f, size_t i)
{
	return (char **)((char *)f + members[i].offset);
}

void config_key_file_release(struct config_key_file *f)
{
	free(f->base_url);
	free(f->server_key);
	wipe_text(f->api_key);
	*f = (struct config_key_file){0};
}

static bool is_member(const struct config_file *f, const struct ini_entry *entry)
{
	for (size_t i = 0; i < array_len(members); i++)
		if (config_file_find(f, config_row(members[i].setting), NULL) == entry)
			return true;
	return !*entry->value;
}

/* Anything else has no effect there, so it may not stand there. */
static bool check_members(const struct config_file *f, struct error *err)
{
	for (size_t i = 0; i < f->ini.n_entries; i++) {
		const struct ini_entry *e = &f->ini.entries[i];

		if (is_member(f, e))
			continue;
		ini_fail(&f->ini, e->line, err, "'%s' cannot stand in a file with an API key",
			 e->key);
		return fail_hint(err, "move it to 'config.ini'");
	}
	return true;
}

static bool read_members(const struct config_file *f, struct config_key_file *out,
			 struct error *err)
{
	for (size_t i = 0; i < array_len(members); i++) {
		const struct config_row *row = config_row(members[i].setting);
		const struct ini_entry *e = config_file_find(f, row, NULL);

		if (e && !config_file_value(f, row, NULL, e, member(out, i), err))
			return false;
		if (e || !members[i].is_needed)
			continue;
		fail(err, ERROR_USAGE, "'%s' does not say '%s'", f->ini.name, row->name);
		return fail_hint(err, "a file with an API key says '[api]', 'base_url = …', "
				      "'[auth]', 'api_key = …'");
	}
	return true;
}

bool config_key_file_load(const char *path, struct config_key_file *out, struct error *err)
{
	auto_config_file f = {0};
	auto_config_key_file read = {0};

	if (!config_file_load(path, CONFIG_FILE_KEY, &f, err)) {
		/* the usual mistake is a file that is nothing but the key */
		return fail_hint(err, "a file with an API key says '[api]', 'base_url = …', "
				      "'[auth]', 'api_key = …'");
	}
	if (!f.exists)
		return fail(err, ERROR_NOT_FOUND, "there is no file '%s' with an API key", path);
	if (f.is_open_to_others) {
		auto_free char *advice = path_chmod_advice("600", path);

		fail(err, ERROR_AUTH, "others than you can read the API key in '%s'", path);
		return fail_hint(err, "%s", advice);
	}
	if (!check_members(&f, err) || !read_members(&f, &read, err))
		return false;
	*out = read;
	read = (struct config_key_file){0};
	return true;
}

bool config_key_file_save(const char *path, const struct config_key_file *f, struct error *err)
{
	struct config_key_file copy = *f; /* borrowed */
	auto_wipe char *text = xstrdup("");

	for (size_t i = 0; i < array_len(members); i++) {
		const struct config_row *row = config_row(members[i].setting);
		auto_wipe char *checked = NULL;
		auto_ini ini = {0};
		auto_free char *section = config_row_section(row, NULL);
		struct text out = {0};

		if (!*member(&copy, i) && !members[i].is_needed)
			continue;
		if (!config_check(row, NULL, *member(&copy, i), true, &checked, err) ||
		    !ini_parse(path, text, strlen(text), &ini, err))
			return false;
		ini_set(&ini, text, section, config_row_key(row, NULL), checked, &out);
		wipe_text(text);
		text = text_take(&out);
	}
	return file_write_new(path, text, strlen(text), 0600, err);
}
