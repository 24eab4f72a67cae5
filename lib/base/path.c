/* SPDX-License-Identifier: MIT */
#include "lib/base/path.h"

#include "lib/base/env.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/text.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

char *path_join(const char *directory, const char *name)
{
	if (*name == '/' || !*directory || strcmp(directory, ".") == 0)
		return xstrdup(name);
	size_t len = strlen(directory);

	return xprintf("%s%s%s", directory, directory[len - 1] == '/' ? "" : "/", name);
}

/* Drop the last component. */
static void remove_last(struct text *t)
{
	const char *slash = t->len ? memrchr(t->bytes, '/', t->len) : NULL;

	t->len = slash ? (size_t)(slash - t->bytes) : 0;
	if (t->bytes)
		t->bytes[t->len] = '\0';
}

char *path_clean(const char *path)
{
	bool is_absolute = *path == '/';
	auto_text out = {0};
	size_t depth = 0; /* components in `out` that ".." may remove */

	for (path += strspn(path, "/"); *path; path += strspn(path, "/")) {
		const char *part = path;
		size_t len = strcspn(path, "/");
		bool is_up = len == 2 && part[0] == '.' && part[1] == '.';

		path += len;
		if (len == 1 && part[0] == '.')
			continue;

		if (is_up && depth > 0) {
			remove_last(&out);
			depth--;
			continue;
		}
		if (is_up && is_absolute)
			continue;
		depth += !is_up;
		if (out.len > 0 || is_absolute)
			text_add_char(&out, '/');
		text_add_bytes(&out, part, len);
	}
	if (out.len == 0)
		text_add(&out, is_absolute ? "/" : ".");
	return text_take(&out);
}

char *path_directory(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return xstrdup(".");
	return slash == path ? xstrdup("/") : xstrndup(path, (size_t)(slash - path));
}

const char *path_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

bool path_is_below(const char *path, const char *root)
{
	size_t len = strlen(root);

	if (strcmp(root, "/") == 0)
		return *path == '/';
	return strncmp(path, root, len) == 0 && (path[len] == '\0' || path[len] == '/');
}

bool path_base(enum path_base which, char **out, struct error *err)
{
	static const struct {
		enum env_name variable;
		const char *fallback;
	} bases[] = {
		[PATH_DATA] = {ENV_XDG_DATA_HOME, ".local/share"},
		[PATH_CONFIG] = {ENV_XDG_CONFIG_HOME, ".config"},
		[PATH_STATE] = {ENV_XDG_STATE_HOME, ".local/state"},
		[PATH_CACHE] = {ENV_XDG_CACHE_HOME, ".cache"},
		[PATH_RUNTIME] = {ENV_XDG_RUNTIME_DIR, NULL},
	};
	const char *value = env_get(bases[which].variable);
	const char *home = env_get(ENV_HOME);

	if (which == PATH_CACHE && env_get(ENV_CHUTES_CACHE_DIR))
		*out = xstrdup(env_get(ENV_CHUTES_CACHE_DIR));
	else if (value && *value == '/')
		*out = xprintf("%s/chutes", value);
	else if (which == PATH_RUNTIME)
		*out = xprintf("/tmp/chutes-%u", (unsigned)getuid());
	else if (home && *home == '/')
		*out = xprintf("%s/%s/chutes", home, bases[which].fallback);
	else
		return fail(err, ERROR_MISSING, "HOME is not set, so there is no place for files"),
		       fail_hint(err, "set HOME or %s", env_row(bases[which].variable)->variable);
	return true;
}

bool path_share(char **out, struct error *err)
{
	char self[PATH_MAX];
	const char *given = env_get(ENV_CHUTES_SHARE);

	if (given) {
		*out = xstrdup(given);
		return true;
	}
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (len < 0)
		return fail_errno(err, "reading '/proc/self/exe'");
	self[len] = '\0';
	auto_free char *directory = path_directory(self);
	/* an uninstalled program lies in <source>/<build>/cli */
	static const char *const candidates[] = {"../..", "../share/chutes"};

	for (size_t i = 0; i < array_len(candidates); i++) {
		auto_free char *joined = path_join(directory, candidates[i]);
		auto_free char *root = path_clean(joined);
		auto_free char *probe = path_join(root, "templates/handlers/chute.yaml");

		if (file_exists(probe)) {
			*out = take(root);
			return true;
		}
	}
	fail(err, ERROR_MISSING, "the templates and the SDK of chutes are not beside '%s'", self);
	return fail_hint(err, "install chutes with 'meson install', or set CHUTES_SHARE");
}
