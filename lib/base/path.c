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

char *path_chmod_advice(const char *mode, const char *path)
{
	auto_text advice = {0};

	text_addf(&advice, "run 'chmod %s ", mode);
	text_add_shell(&advice, path);
	text_add(&advice, "'");
	return text_take(&advice);
}

bool path_is_below(const char *path, const char *root)
{
	size_t len = strlen(root);

	if (strcmp(root, "/") == 0)
		return *path == '/';
	return strncmp(path, root, len) == 0 && (path[len] == '\0' || path[len] == '/');
}

const char *path_home(void)
{
	const char *home = env_get(ENV_HOME);

	return home && *home == '/' ? home : NULL;
}

/* A directory of the XDG base directory specification, or its place below HOME. */
static bool find_xdg(enum env_name variable, const char *below_home, char **out, struct error *err)
{
	const char *given = env_get(variable);
	const char *home = path_home();

	if (given && *given == '/') {
		*out = xprintf("%s/chutes", given);
		return true;
	}
	if (home) {
		*out = xprintf("%s/%s/chutes", home, below_home);
		return true;
	}
	fail(err, ERROR_MISSING, "HOME is not set to a directory, so there is no place for files");
	return fail_hint(err, "set HOME or %s", env_row(variable)->variable);
}

bool path_data(char **out, struct error *err)
{
	return find_xdg(ENV_XDG_DATA_HOME, ".local/share", out, err);
}

bool path_config(char **out, struct error *err)
{
	return find_xdg(ENV_XDG_CONFIG_HOME, ".config", out, err);
}

/* Below /tmp anybody may have made it before us. */
static bool check_private(const char *path, struct error *err)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return fail_errno(err, "looking at '%s'", path);
	if (S_ISDIR(st.st_mode) && st.st_uid == geteuid() && (st.st_mode & 077) == 0)
		return true;
	fail(err, ERROR_AUTH, "'%s' is not a directory that only you can use", path);
	return fail_hint(err, "remove it, or set XDG_RUNTIME_DIR to a directory of your own");
}

bool path_runtime(char **out, struct error *err)
{
	const char *given = env_get(ENV_XDG_RUNTIME_DIR);
	auto_free char *path = given && *given == '/' ? path_join(given, "chutes")
						      : xprintf("/tmp/chutes-%u", geteuid());

	if (!directory_make(path, 0700, err) || !check_private(path, err))
		return false;
	*out = take(path);
	return true;
}

const char *path_temporary(void)
{
	const char *given = env_get(ENV_TMPDIR);

	return given && *given == '/' && directory_exists(given) ? given : "/tmp";
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
