/* SPDX-License-Identifier: MIT
 * Which of all values counts.
 */
#include "lib/config/config.h"

#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/base/text.h"
#include "lib/config/config_internal.h"
#include "lib/crypto/secret.h"

#include <string.h>

void config_value_release(struct config_value *v, const struct config_row *row)
{
	if (row->is_secret)
		secret_free(v->text);
	else
		free(v->text);
	free(v->where);
	*v = (struct config_value){0};
}

void config_value_keep(struct config_value *v, const struct config_row *row, char *text)
{
	config_value_release(v, row);
	if (!row->is_secret) {
		v->text = text;
		return;
	}
	v->text = secret_new(strlen(text) + 1);
	memcpy(v->text, text, strlen(text));
	wipe_text(text);
}

void config_release(struct config *c)
{
	for (int i = 0; i < CONFIG_N_SETTINGS; i++)
		config_value_release(&c->values[i], config_row((enum config_setting)i));
	strings_release(&c->profiles);
	strings_release(&c->warnings);
	*c = (struct config){0};
}

/* --- where the files are */

void config_paths_release(struct config_paths *p)
{
	free(p->user);
	free(p->credentials);
	free(p->legacy);
	*p = (struct config_paths){0};
}

bool config_paths_find(const char *path, struct config_paths *out, struct error *err)
{
	const char *named = path ? path : env_get(ENV_CHUTES_CONFIG_PATH);
	const char *home = path_home();
	auto_free char *directory = NULL;

	if (named) {
		*out = (struct config_paths){.user = xstrdup(named)};
		return true;
	}
	if (!path_config(&directory, err))
		return false;
	*out = (struct config_paths){
		.user = path_join(directory, "config.ini"),
		.credentials = path_join(directory, "credentials"),
		.legacy = home ? path_join(home, ".chutes/config.ini") : NULL,
	};
	return true;
}

/* --- reading */

enum { USER, CREDENTIALS, LEGACY, N_FILES };

struct reading {
	const struct config_options *options;
	struct config_file files[N_FILES];
	const char *profile; /* of `config` */
	struct config *config;
};

static void reading_release(struct reading *r)
{
	for (size_t i = 0; i < N_FILES; i++)
		config_file_release(&r->files[i]);
}
#define auto_reading __attribute__((cleanup(reading_release))) struct reading

/* Is the file what its owner wrote, and does nobody else read its secrets? */
static bool check_modes(struct reading *r, const char *name, const struct config_file *f,
			struct error *err)
{
	auto_free char *advice = path_chmod_advice("600", name);
	auto_free char *tighter = f->changeable ? path_chmod_advice("o-w", f->changeable) : NULL;

	if (tighter) {
		fail(err, ERROR_AUTH, "anybody can change '%s', and with it your settings",
		     f->changeable);
		return fail_hint(err, "%s", tighter);
	}
	if (!f->has_secret || !f->is_open_to_others)
		return true;
	if (f->kind == CONFIG_FILE_CREDENTIALS) {
		fail(err, ERROR_AUTH, "others than you can read the secrets in '%s'", name);
		return fail_hint(err, "%s", advice);
	}
	strings_addf(&r->config->warnings, "others than you can read the secret in '%s': %s", name,
		     advice);
	return true;
}

/* Who cannot say where files are has none. */
static bool read_files(struct reading *r, struct error *err)
{
	static const enum config_file_kind kinds[] = {CONFIG_FILE_USER, CONFIG_FILE_CREDENTIALS,
						      CONFIG_FILE_LEGACY};
	auto_config_paths paths = {0};
	struct error ignored;

	if (!config_paths_find(r->options->path, &paths, &ignored))
		return true;
	const char *const names[N_FILES] = {paths.user, paths.credentials, paths.legacy};

	for (size_t i = 0; i < N_FILES; i++) {
		struct config_file *f = &r->files[i];

		if (!names[i])
			continue;
		if (!config_file_load(names[i], kinds[i], f, err))
			return false;
		if (!f->exists && !paths.credentials) {
			fail(err, ERROR_NOT_FOUND, "there is no configuration '%s'", names[i]);
			return fail_hint(err, "name another with --config-path, or make this one "
					      "with 'chutes config set'");
		}
		if (!check_modes(r, names[i], f, err))
			return false;
	}
	return true;
}

static void list_profiles(struct reading *r)
{
	for (size_t f = 0; f < LEGACY; f++) {
		const struct ini *ini = &r->files[f].ini;

		for (size_t i = 0; i < ini->n_sections; i++) {
			const char *name = config_section_profile(ini->sections[i].name);

			if (name && !strings_has(&r->config->profiles, name))
				strings_add(&r->config->profiles, name);
		}
	}
	strings_sort(&r->config->profiles);
}

/* --- deciding */

static bool set_value(struct reading *r, const struct config_row *row, enum config_origin origin,
		      const char *where, const char *value, struct error *err)
{
	struct config_value *slot = &r->config->values[row->setting];
	auto_free char *what = xprintf("%s '%s'",
				       origin == CONFIG_FROM_OPTION        ? "option"
				       : origin == CONFIG_FROM_ENVIRONMENT ? "variable"
									   : "file",
				       where);
	char *text = NULL;

	if (!config_check(row, what, value, false, &text, err))
		return false;
	config_value_keep(slot, row, text);
	slot->origin = origin;
	slot->where = xstrdup(where);
	return true;
}

/* 1: an option, a variable or the project says it, 0: none does, -1: not in its form. */
static int find_outside(struct reading *r, const struct config_row *row, struct error *err)
{
	const struct config_options *o = r->options;
	const char *option = o->values[row->setting];
	const char *variable = row->env == ENV_N_NAMES ? NULL : env_get(row->env);

	if (option)
		return set_value(r, row, CONFIG_FROM_OPTION, row->option, option, err) ? 1 : -1;
	if (variable)
		return set_value(r, row, CONFIG_FROM_ENVIRONMENT, env_row(row->env)->variable,
				 variable, err)
			       ? 1
			       : -1;
	if (row->setting == CONFIG_PROFILE && o->project_profile)
		return set_value(r, row, CONFIG_FROM_PROJECT, o->project_file, o->project_profile,
				 err)
			       ? 1
			       : -1;
	return 0;
}

/* The file and entry that say it on behalf of one origin, secrets' own file first; NULL: none. */
static const struct ini_entry *find_entry(const struct reading *r, const struct config_row *row,
					  enum config_origin origin,
					  const struct config_file **file)
{
	const char *profile = origin == CONFIG_FROM_PROFILE ? r->profile : NULL;
	const struct config_file *candidates[] = {&r->files[CREDENTIALS], &r->files[USER]};

	if (origin == CONFIG_FROM_LEGACY) {
		*file = &r->files[LEGACY];
		return config_file_find(*file, row, NULL);
	}
	for (size_t i = 0; i < array_len(candidates); i++) {
		const struct ini_entry *e = origin == CONFIG_FROM_PROFILE && !profile
						    ? NULL
						    : config_file_find(candidates[i], row, profile);

		*file = candidates[i];
		if (e)
			return e;
	}
	return NULL;
}

static bool take_entry(struct reading *r, const struct config_row *row, enum config_origin origin,
		       const struct config_file *file, const struct ini_entry *entry,
		       struct error *err)
{
	struct config_value *slot = &r->config->values[row->setting];
	const char *profile = origin == CONFIG_FROM_PROFILE ? r->profile : NULL;
	char *text = NULL;

	if (!config_file_value(file, row, profile, entry, &text, err))
		return false;
	config_value_keep(slot, row, text);
	slot->origin = origin;
	slot->where = xstrdup(file->ini.name);
	slot->line = entry->line;
	return true;
}

/* The server that the values of one origin are for: the address that it says itself or that stands
 * below it. */
static bool find_server(const struct reading *r, enum config_origin origin, char **out,
			struct error *err)
{
	const struct config_row *row = config_row(CONFIG_BASE_URL);

	for (; origin <= CONFIG_FROM_LEGACY; origin++) {
		const struct config_file *file;
		const struct ini_entry *entry = find_entry(r, row, origin, &file);
		const char *profile = origin == CONFIG_FROM_PROFILE ? r->profile : NULL;

		if (entry)
			return config_file_value(file, row, profile, entry, out, err);
	}
	*out = xstrdup(row->fallback);
	return true;
}

/* May a value of this origin be used with the server that was chosen? */
static bool is_for_server(const struct reading *r, const struct config_row *row,
			  enum config_origin origin, bool *out, struct error *err)
{
	auto_free char *server = NULL;

	*out = true;
	if (!row->is_of_server)
		return true;
	if (!find_server(r, origin, &server, err))
		return false;
	*out = strcmp(server, r->config->values[CONFIG_BASE_URL].text) == 0;
	return true;
}

static bool take_default(struct reading *r, const struct config_row *row, struct error *err)
{
	const char *platform = config_row(CONFIG_BASE_URL)->fallback;
	const char *value = row->fallback;
	struct config_value *slot = &r->config->values[row->setting];

	slot->origin = CONFIG_FROM_DEFAULT;
	if (row->setting == CONFIG_SCHEME &&
	    strcmp(r->config->values[CONFIG_BASE_URL].text, platform) == 0)
		value = "chutes";
	/* below HOME, but there is none */
	if (!value || (*value == '~' && !path_home()))
		return true;
	return config_check(row, "default", value, true, &slot->text, err);
}

static bool decide(struct reading *r, const struct config_row *row, struct error *err)
{
	int found = find_outside(r, row, err);

	if (found != 0)
		return found > 0;
	for (enum config_origin o = CONFIG_FROM_PROFILE; o <= CONFIG_FROM_LEGACY; o++) {
		const struct config_file *file;
		const struct ini_entry *entry = find_entry(r, row, o, &file);
		bool is_ours;

		if (!entry)
			continue;
		if (!is_for_server(r, row, o, &is_ours, err))
			return false;
		if (is_ours)
			return take_entry(r, row, o, file, entry, err);
	}
	return take_default(r, row, err);
}

/* The default profile needs no section. */
static bool enter_profile(struct reading *r, struct error *err)
{
	const struct config_value *v = &r->config->values[CONFIG_PROFILE];
	const struct strings *known = &r->config->profiles;

	if (strings_has(known, v->text)) {
		r->profile = v->text;
		return true;
	}
	if (strcmp(v->text, config_row(CONFIG_PROFILE)->fallback) == 0)
		return true;
	const char *near = text_nearest(v->text, (const char *const *)strings_argv(known));

	fail(err, ERROR_NOT_FOUND, "there is no profile '%s', which %s names", v->text, v->where);
	if (near)
		return fail_hint(err, "did you mean '%s'?", near);
	auto_text word = {0};

	/* a cloned repository may have named it: what is pasted must be nothing but a name */
	text_add_shell(&word, v->text);
	return fail_hint(err, "make it with: chutes config set api.base_url URL --profile %s",
			 text_str(&word));
}

bool config_load(const struct config_options *o, struct config *out, struct error *err)
{
	auto_config c = {0};
	auto_reading r = {.options = o, .config = &c};

	if (!read_files(&r, err))
		return false;
	list_profiles(&r);
	if (!decide(&r, config_row(CONFIG_PROFILE), err) || !enter_profile(&r, err) ||
	    !decide(&r, config_row(CONFIG_BASE_URL), err))
		return false;
	for (int i = CONFIG_BASE_URL + 1; i < CONFIG_N_SETTINGS; i++)
		if (!decide(&r, config_row((enum config_setting)i), err))
			return false;
	*out = c;
	c = (struct config){0};
	return true;
}
