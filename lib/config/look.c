/* SPDX-License-Identifier: MIT
 * Each file for itself, for who looks for what is wrong.
 */
#include "lib/config/config.h"

#include "lib/base/memory.h"
#include "lib/config/config_internal.h"

void config_look_release(struct config_look *l)
{
	for (size_t i = 0; i < CONFIG_N_FILES; i++)
		free(l->files[i].path);
	*l = (struct config_look){0};
}

static void look_at(const char *path, enum config_file_kind kind, struct config_look_file *out)
{
	auto_config_file f = {0};

	*out = (struct config_look_file){.path = xstrdup(path)};
	if (!config_file_load(path, kind, &f, &out->problem)) {
		out->exists = true;
		out->has_problem = true;
		/* whatever is in it, it is for secrets */
		out->has_secret = kind == CONFIG_FILE_CREDENTIALS;
		return;
	}
	out->exists = f.exists;
	out->has_secret = f.has_secret || (f.exists && kind == CONFIG_FILE_CREDENTIALS);
}

bool config_look(const char *path, struct config_look *out, struct error *err)
{
	auto_config_paths paths = {0};

	if (!config_paths_find(path, &paths, err))
		return false;
	*out = (struct config_look){0};
	look_at(paths.user, CONFIG_FILE_USER, &out->files[0]);
	if (paths.credentials)
		look_at(paths.credentials, CONFIG_FILE_CREDENTIALS, &out->files[1]);
	if (paths.legacy)
		look_at(paths.legacy, CONFIG_FILE_LEGACY, &out->files[2]);
	return true;
}
