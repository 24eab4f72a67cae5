/* SPDX-License-Identifier: MIT
 * What the files of this room share: one file of settings, read and checked.
 */
#ifndef CHUTES_CONFIG_CONFIG_INTERNAL_H
#define CHUTES_CONFIG_CONFIG_INTERNAL_H

#include "lib/base/memory.h"
#include "lib/config/config.h"
#include "lib/config/ini.h"

enum config_file_kind {
	CONFIG_FILE_USER,
	CONFIG_FILE_CREDENTIALS, /* secrets only */
	CONFIG_FILE_KEY,         /* an API key and its server */
	CONFIG_FILE_LEGACY,      /* keys that are not ours are ignored */
};

struct config_file {
	enum config_file_kind kind;
	bool exists;
	bool has_secret;
	bool is_open_to_others; /* somebody else may read it */
	char *changeable;       /* what anybody may write to: the file or its directory; or NULL */
	char *text;             /* never NULL once loaded */
	struct ini ini;
};
#define auto_config_file __attribute__((cleanup(config_file_release))) struct config_file
void config_file_release(struct config_file *f);

/* Read and check a file; one that is not there is empty. */
must_use bool config_file_load(const char *path, enum config_file_kind kind,
			       struct config_file *out, struct error *err);
/* The same of a text that shall stand in a file. */
must_use bool config_file_parse(const char *path, enum config_file_kind kind, const char *text,
				struct config_file *out, struct error *err);

/* The entry of a row in the file: in the section of `profile`, or outside of profiles where that is
 * NULL. An empty one counts as none. */
const struct ini_entry *config_file_find(const struct config_file *f, const struct config_row *row,
					 const char *profile);
/* Its value. */
must_use bool config_file_value(const struct config_file *f, const struct config_row *row,
				const char *profile, const struct ini_entry *entry, char **out,
				struct error *err);

/* Keep a text, which is taken, as the value of a row in place of another: a secret stays in memory
 * for secrets as long as the settings are there. */
void config_value_keep(struct config_value *v, const struct config_row *row, char *text);
void config_value_release(struct config_value *v, const struct config_row *row);

/* Is the value allowed, and what is it exactly: an address without the slash behind it, a path
 * with HOME for "~". `what` is who says it, for the message; or NULL. `out` is of the caller. */
must_use bool config_check(const struct config_row *row, const char *what, const char *value,
			   bool is_of_file, char **out, struct error *err);

/* The section of a row in a file, "api" or "profile NAME": of the caller. */
char *config_row_section(const struct config_row *row, const char *profile);
/* Its key there; NULL where a profile cannot have it. Borrowed. */
const char *config_row_key(const struct config_row *row, const char *profile);
/* NAME of "profile NAME"; NULL for another section. Borrowed. */
const char *config_section_profile(const char *section);
#endif
