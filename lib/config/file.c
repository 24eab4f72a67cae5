/* SPDX-License-Identifier: MIT
 * One file of settings: read whole, every line of it checked.
 */
#include "lib/config/config_internal.h"

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/base/text.h"

#include <errno.h>
#include <string.h>

void config_file_release(struct config_file *f)
{
	wipe_text(f->text);
	free(f->changeable);
	ini_release(&f->ini);
	*f = (struct config_file){0};
}

/* --- which keys there are */

static bool belongs(const struct config_row *row, const char *section, const char *profile)
{
	auto_free char *own = config_row_section(row, profile);

	return strcmp(own, section) == 0 && config_row_key(row, profile);
}

/* The row that a key of a section means; NULL: none. In [DEFAULT] any may stand. */
static const struct config_row *find_row(const char *section, const char *key)
{
	const char *profile = config_section_profile(section);
	bool is_common = strcmp(section, INI_COMMON) == 0;

	for (int i = 0; i < CONFIG_N_SETTINGS; i++) {
		const struct config_row *row = config_row((enum config_setting)i);
		const char *own = config_row_key(row, profile);

		if (is_common && row->profile_key && strcmp(row->profile_key, key) == 0)
			return row;
		if ((is_common || belongs(row, section, profile)) && own && strcmp(own, key) == 0)
			return row;
	}
	return NULL;
}

static bool is_section(const char *name)
{
	const char *profile = config_section_profile(name);

	for (int i = 0; i < CONFIG_N_SETTINGS; i++)
		if (belongs(config_row((enum config_setting)i), name, profile))
			return true;
	return strcmp(name, INI_COMMON) == 0;
}

static bool unknown_section(const struct ini *ini, const struct ini_section *s, struct error *err)
{
	auto_strings names = {0};
	auto_text shown = {0};

	for (int i = 0; i < CONFIG_N_SETTINGS; i++)
		strings_add_taken(&names,
				  config_row_section(config_row((enum config_setting)i), NULL));
	const char *near = text_nearest(s->name, (const char *const *)strings_argv(&names));

	text_add_printable(&shown, s->name, strnlen(s->name, 80), false);
	ini_fail(ini, s->line, err, "unknown section '[%s]'", text_str(&shown));
	return fail_hint(
		err, "%s%s%s", near ? "did you mean '[" : "a profile is '[profile NAME]'; ",
		near ? near : "'chutes help settings' lists what there is", near ? "]'?" : "");
}

static bool unknown_key(const struct ini *ini, const struct ini_entry *e, struct error *err)
{
	const char *section = ini->sections[e->section].name;
	const char *profile = config_section_profile(section);
	auto_strings names = {0};
	auto_text shown = {0};

	for (int i = 0; i < CONFIG_N_SETTINGS; i++) {
		const struct config_row *row = config_row((enum config_setting)i);

		if (belongs(row, section, profile))
			strings_add(&names, config_row_key(row, profile));
	}
	const char *near = text_nearest(e->key, (const char *const *)strings_argv(&names));

	text_add_printable(&shown, e->key, strnlen(e->key, 40), false);
	ini_fail(ini, e->line, err, "unknown key '%s' in '[%s]'", text_str(&shown), section);
	if (near)
		return fail_hint(err, "did you mean '%s'?", near);
	return fail_hint(err, "'chutes help settings' lists what there is");
}

/* --- checking */

static bool check_sections(const struct ini *ini, struct error *err)
{
	for (size_t i = 0; i < ini->n_sections; i++) {
		const struct ini_section *s = &ini->sections[i];
		const char *profile = config_section_profile(s->name);
		auto_free char *where = xprintf("%s:%zu", ini->name, s->line);
		auto_free char *checked = NULL;

		if (!is_section(s->name))
			return unknown_section(ini, s, err);
		if (profile &&
		    !config_check(config_row(CONFIG_PROFILE), where, profile, true, &checked, err))
			return false;
	}
	return true;
}

static bool check_value(const struct config_file *f, const struct config_row *row,
			const struct ini_entry *e, struct error *err)
{
	auto_free char *where = xprintf("%s:%zu", f->ini.name, e->line);
	auto_wipe char *value = NULL;
	auto_wipe char *checked = NULL;

	return ini_value(&f->ini, f->ini.sections[e->section].name, e, &value, err) &&
	       (!*value || config_check(row, where, value, true, &checked, err));
}

static bool check_entries(struct config_file *f, struct error *err)
{
	for (size_t i = 0; i < f->ini.n_entries; i++) {
		const struct ini_entry *e = &f->ini.entries[i];
		const struct config_row *row = find_row(f->ini.sections[e->section].name, e->key);

		f->has_secret |= row && row->is_secret && *e->value;
		/* the Python client's file may have what we do not know, and what is in it is
		 * looked at when it counts */
		if (f->kind == CONFIG_FILE_LEGACY)
			continue;
		if (!row)
			return unknown_key(&f->ini, e, err);
		if (f->kind == CONFIG_FILE_CREDENTIALS && !row->is_secret) {
			ini_fail(&f->ini, e->line, err, "'%s' is no secret", e->key);
			return fail_hint(err, "move it to 'config.ini'");
		}
		if (!check_value(f, row, e, err))
			return false;
	}
	return true;
}

/* Takes `text`. */
static bool parse(const char *path, char *text, size_t len, struct config_file *f,
		  struct error *err)
{
	f->text = text;
	return ini_parse(path, text, len, &f->ini, err) &&
	       (f->kind == CONFIG_FILE_LEGACY || check_sections(&f->ini, err)) &&
	       check_entries(f, err);
}

bool config_file_parse(const char *path, enum config_file_kind kind, const char *text,
		       struct config_file *out, struct error *err)
{
	auto_config_file f = {.kind = kind};

	if (!parse(path, xstrdup(text), strlen(text), &f, err))
		return false;
	*out = f;
	f = (struct config_file){0};
	return true;
}

static bool is_absent(const char *path)
{
	struct stat st;

	return lstat(path, &st) < 0 && (errno == ENOENT || errno == ENOTDIR);
}

/* Who can write to a directory can put another file in the place of this one, unless it is one
 * where everybody has only his own, as /tmp. */
static char *find_changeable(const char *path, const struct stat *file)
{
	auto_free char *real = realpath(path, NULL);
	auto_free char *directory = path_directory(real ? real : path);
	struct stat st;

	if (file->st_mode & S_IWOTH)
		return xstrdup(path);
	if (stat(directory, &st) == 0 && st.st_mode & S_IWOTH && !(st.st_mode & S_ISVTX))
		return take(directory);
	return NULL;
}

bool config_file_load(const char *path, enum config_file_kind kind, struct config_file *out,
		      struct error *err)
{
	auto_config_file f = {.kind = kind, .exists = !is_absent(path)};
	auto_fd int fd = -1;
	struct stat st;

	if (!f.exists)
		return config_file_parse(path, kind, "", out, err);
	if (!file_open(path, &fd, err))
		return false;
	if (fstat(fd, &st) < 0)
		return fail_errno(err, "looking at '%s'", path);
	if (st.st_size > INI_FILE_MAX)
		return fail(err, ERROR_USAGE, "'%s': more than the limit of %d bytes", path,
			    INI_FILE_MAX);
	size_t len = (size_t)st.st_size;
	auto_wipe char *text = xcalloc(len + 1, 1);

	if (len && fd_read_exact(fd, text, len, err) < 0)
		return fail_in(err, "'%s'", path);
	f.is_open_to_others = (st.st_mode & 077) != 0;
	f.changeable = find_changeable(path, &st);
	if (!parse(path, take(text), len, &f, err))
		return false;
	*out = f;
	f = (struct config_file){0};
	return true;
}

/* --- finding */

const struct ini_entry *config_file_find(const struct config_file *f, const struct config_row *row,
					 const char *profile)
{
	auto_free char *section = config_row_section(row, profile);
	const char *key = config_row_key(row, profile);
	const struct ini_entry *entry = key ? ini_find(&f->ini, section, key) : NULL;

	return entry && *entry->value ? entry : NULL;
}

bool config_file_value(const struct config_file *f, const struct config_row *row,
		       const char *profile, const struct ini_entry *entry, char **out,
		       struct error *err)
{
	auto_free char *section = config_row_section(row, profile);
	auto_free char *where = xprintf("%s:%zu", f->ini.name, entry->line);
	auto_wipe char *value = NULL;

	return ini_value(&f->ini, section, entry, &value, err) &&
	       config_check(row, where, value, true, out, err);
}
