/* SPDX-License-Identifier: MIT
 * Writing settings: one value at a time, the rest of the file as it was.
 */
#include "lib/config/config_internal.h"

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"

#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/* Of two that write, one waits. Who only looks makes no directory. */
static bool lock(const char *path, bool is_dry_run, int *out, struct error *err)
{
	auto_free char *directory = path_directory(path);

	if (is_dry_run && !directory_exists(directory))
		return true;
	if (!directory_make(directory, 0700, err))
		return false;
	auto_fd int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || flock(fd, LOCK_EX) < 0)
		return fail_errno(err, "locking '%s'", directory);
	if (is_dry_run && faccessat(fd, ".", W_OK | X_OK, AT_EACCESS) < 0)
		return fail_errno(err, "writing to '%s'", directory);
	*out = fd_take(&fd);
	return true;
}

/* A link is followed. Nobody else reads a file with secrets, nor one that is new. */
static bool write_file(const struct config_file *old, const char *path, const char *text,
		       bool has_secret, struct error *err)
{
	struct stat st;

	if (!old->exists)
		return file_write(path, text, strlen(text), 0600, err);
	auto_free char *target = realpath(path, NULL);

	if (!target || stat(target, &st) < 0)
		return fail_errno(err, "'%s'", path);
	return file_write(target, text, strlen(text), st.st_mode & (has_secret ? 0700 : 0777), err);
}

/* The text is checked as a reader checks it before it is written. */
static bool write_checked(const struct config_place *place, const struct config_file *old,
			  const char *path, const struct text *text, struct error *err)
{
	auto_config_file f = {0};

	return config_file_parse(path, old->kind, text_str(text), &f, err) &&
	       (place->is_dry_run || write_file(old, path, text_str(text), f.has_secret, err));
}

struct editing {
	struct config_paths paths;
	struct config_file files[2]; /* the user's, and the one of secrets */
	int lock;
};
#define auto_editing __attribute__((cleanup(editing_release))) struct editing

static void editing_release(struct editing *e)
{
	config_paths_release(&e->paths);
	for (size_t i = 0; i < array_len(e->files); i++)
		config_file_release(&e->files[i]);
	fd_close(&e->lock);
}

static bool begin(const char *path, bool is_dry_run, struct editing *e, struct error *err)
{
	return config_paths_find(path, &e->paths, err) &&
	       lock(e->paths.user, is_dry_run, &e->lock, err) &&
	       config_file_load(e->paths.user, CONFIG_FILE_USER, &e->files[0], err) &&
	       (!e->paths.credentials ||
		config_file_load(e->paths.credentials, CONFIG_FILE_CREDENTIALS, &e->files[1], err));
}

/* Has the very section of the place the value, and not only [DEFAULT]? */
static const struct ini_entry *find_own(const struct config_file *f, const struct config_place *p)
{
	auto_free char *section = config_row_section(p->row, p->profile);
	const struct ini_entry *e =
		f->text ? ini_find(&f->ini, section, config_row_key(p->row, p->profile)) : NULL;

	return e && strcmp(f->ini.sections[e->section].name, section) == 0 ? e : NULL;
}

/* The file where a value stands, else where it belongs. */
static const struct config_file *choose(const struct editing *e, const struct config_place *p,
					const char **path)
{
	bool is_apart = p->row->is_secret && e->paths.credentials && !find_own(&e->files[0], p);

	*path = is_apart ? e->paths.credentials : e->paths.user;
	return &e->files[is_apart];
}

static bool check_place(const struct config_place *p, struct error *err)
{
	auto_free char *checked = NULL;

	if (!p->profile)
		return true;
	if (!config_row_key(p->row, p->profile))
		return fail(err, ERROR_USAGE, "'%s' is no setting of a profile", p->row->name);
	return config_check(config_row(CONFIG_PROFILE), "option '--profile'", p->profile, true,
			    &checked, err);
}

static bool has_profile(const struct editing *e, const char *name)
{
	bool found = strcmp(name, config_row(CONFIG_PROFILE)->fallback) == 0;

	for (size_t f = 0; f < array_len(e->files); f++)
		for (size_t i = 0; i < e->files[f].ini.n_sections; i++) {
			const char *own = config_section_profile(e->files[f].ini.sections[i].name);

			found |= own && strcmp(own, name) == 0;
		}
	return found;
}

bool config_set(const struct config_place *place, const char *value, char **file, struct error *err)
{
	auto_editing e = {.lock = -1};
	auto_wipe char *checked = NULL;
	const char *path = NULL;

	if (!check_place(place, err) ||
	    !config_check(place->row, NULL, value, true, &checked, err) ||
	    !begin(place->path, place->is_dry_run, &e, err))
		return false;
	if (place->row->setting == CONFIG_PROFILE && !has_profile(&e, checked)) {
		auto_text word = {0};

		text_add_shell(&word, checked);
		fail(err, ERROR_NOT_FOUND, "there is no profile '%s'", checked);
		return fail_hint(err,
				 "make it with: chutes config set api.base_url URL --profile %s",
				 text_str(&word));
	}
	const struct config_file *f = choose(&e, place, &path);
	auto_free char *section = config_row_section(place->row, place->profile);
	auto_text text = {.is_secret = true};

	/* a path stays as it was said: "~" is another one's home elsewhere */
	ini_set(&f->ini, f->text, section, config_row_key(place->row, place->profile),
		place->row->type == CONFIG_TYPE_PATH ? value : checked, &text);
	if (!write_checked(place, f, path, &text, err))
		return false;
	*file = xstrdup(path);
	return true;
}

bool config_unset(const struct config_place *place, char **file, struct error *err)
{
	auto_editing e = {.lock = -1};
	const char *path = NULL;

	if (!check_place(place, err) || !begin(place->path, place->is_dry_run, &e, err))
		return false;
	const struct config_file *f = choose(&e, place, &path);
	const struct ini_entry *entry = find_own(f, place);
	auto_text text = {.is_secret = true};

	if (!entry) {
		fail(err, ERROR_NOT_FOUND, "'%s' is not set in '%s'", place->row->name, path);
		return fail_hint(err, "'chutes config list --show-origin' tells where it is set");
	}
	ini_remove(entry, f->text, &text);
	if (!write_checked(place, f, path, &text, err))
		return false;
	*file = xstrdup(path);
	return true;
}

/* --- from the Python client's file */

/* Put what the old file has, secrets or all else, into the text. */
static bool copy(const struct config_file *old, bool secrets, const char *path,
		 struct config_file *new, struct error *err)
{
	for (int i = 0; i < CONFIG_N_SETTINGS; i++) {
		const struct config_row *row = config_row((enum config_setting)i);
		const struct ini_entry *entry = config_file_find(old, row, NULL);
		auto_free char *section = config_row_section(row, NULL);
		auto_wipe char *value = NULL;
		auto_text text = {.is_secret = true};

		if (!entry || row->is_secret != secrets)
			continue;
		if (!config_file_value(old, row, NULL, entry, &value, err))
			return false;
		ini_set(&new->ini, new->text, section, config_row_key(row, NULL), value, &text);
		const enum config_file_kind kind = new->kind;
		bool exists = new->exists;
		auto_wipe char *whole = text_take(&text);

		config_file_release(new);
		if (!config_file_parse(path, kind, whole, new, err))
			return false;
		new->exists = exists;
	}
	return true;
}

/* Secrets that are there already are not written over. */
static bool check_secrets(const struct config_file *old, const struct editing *e, struct error *err)
{
	for (int i = 0; i < CONFIG_N_SETTINGS; i++) {
		const struct config_row *row = config_row((enum config_setting)i);
		const struct ini_entry *entry = config_file_find(old, row, NULL);
		const struct ini_entry *own = config_file_find(&e->files[1], row, NULL);

		if (row->is_secret && entry && own && strcmp(entry->value, own->value) != 0)
			return fail(err, ERROR_CONFLICT, "'%s' has another '%s' already",
				    e->paths.credentials, row->name);
	}
	return true;
}

bool config_migrate(bool is_dry_run, struct config_migrated *out, struct error *err)
{
	auto_editing e = {.lock = -1};
	auto_config_file old = {0};

	if (env_get(ENV_CHUTES_CONFIG_PATH))
		return fail(err, ERROR_USAGE, "CHUTES_CONFIG_PATH names the configuration already");
	if (!begin(NULL, is_dry_run, &e, err))
		return false;
	if (e.files[0].exists) {
		fail(err, ERROR_CONFLICT, "there is a configuration already: '%s'", e.paths.user);
		return fail_hint(err, "change it with 'chutes config set'");
	}
	if (!e.paths.legacy || !file_exists(e.paths.legacy))
		return fail(err, ERROR_NOT_FOUND, "there is no '%s' to copy",
			    e.paths.legacy ? e.paths.legacy : "~/.chutes/config.ini");
	if (!config_file_load(e.paths.legacy, CONFIG_FILE_LEGACY, &old, err) ||
	    !check_secrets(&old, &e, err) ||
	    !copy(&old, true, e.paths.credentials, &e.files[1], err) ||
	    !copy(&old, false, e.paths.user, &e.files[0], err))
		return false;
	/* the file that says that it was done comes last */
	if (!is_dry_run && ((old.has_secret && !write_file(&e.files[1], e.paths.credentials,
							   e.files[1].text, true, err)) ||
			    !write_file(&e.files[0], e.paths.user, e.files[0].text, false, err)))
		return false;
	*out = (struct config_migrated){.paths = e.paths,
					.has_secret = old.has_secret,
					.is_open_to_others =
						old.has_secret && old.is_open_to_others};
	e.paths = (struct config_paths){0};
	return true;
}
