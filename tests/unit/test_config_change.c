/* SPDX-License-Identifier: MIT */
#include "lib/config/config.h"

#include "tests/unit/project_fixture.h"

#include <fcntl.h>

#define SEED "971c2a6674d0861ade72297d11110ce21c93734210527c8f4c9190c00139ce20"

static struct folder fresh(void)
{
	struct folder f = folder_new();

	unsetenv("CHUTES_CONFIG_PATH");
	unsetenv("XDG_CONFIG_HOME");
	setenv("HOME", f.path, 1);
	return f;
}

static bool set(const char *name, const char *profile, const char *value, struct error *err)
{
	struct config_place place = {.profile = profile};
	auto_free char *file = NULL;

	return config_row_find(name, &place.row, err) && config_set(&place, value, &file, err);
}

static bool unset(const char *name, const char *profile, struct error *err)
{
	struct config_place place = {.profile = profile};
	auto_free char *file = NULL;

	return config_row_find(name, &place.row, err) && config_unset(&place, &file, err);
}

static void check_file(const struct folder *f, const char *name, const char *want, mode_t mode)
{
	auto_free char *path = path_join(f->path, name);
	auto_text got = {0};
	struct stat st;
	struct error err;

	CHECK_OK(file_read(path, 100000, &got, &err), err);
	CHECK_TEXT(text_str(&got), want);
	CHECK(stat(path, &st) == 0 && (st.st_mode & 07777) == mode);
}

TEST(files_are_made_for_their_owner_only)
{
	auto_folder f = fresh();
	struct error err;
	mode_t old = umask(0);

	CHECK_OK(set("api.base_url", "p", "HTTP://h:80/", &err), err);
	CHECK_OK(set("wallet.path", NULL, "~/w", &err), err);
	CHECK_OK(set("auth.api_key", "p", "k%y", &err), err);
	umask(old);
	check_file(&f, ".config/chutes/config.ini",
		   "[profile p]\nbase_url = http://h\n\n[wallet]\npath = ~/w\n", 0600);
	check_file(&f, ".config/chutes/credentials", "[profile p]\napi_key = k%%y\n", 0600);
	auto_free char *directory = path_join(f.path, ".config/chutes");
	struct stat st;

	CHECK(stat(directory, &st) == 0 && (st.st_mode & 07777) == 0700);
	CHECK_OK(unset("auth.api_key", "p", &err), err);
	check_file(&f, ".config/chutes/credentials", "[profile p]\n", 0600);
	CHECK(!unset("auth.api_key", "p", &err));
	CHECK(err.code == ERROR_NOT_FOUND && strstr(err.message, "'auth.api_key' is not set in"));
}

/* A file that its owner shares stays shared until a secret is in it. */
TEST(modes_links_and_comments_stay)
{
	auto_folder f = fresh();
	auto_free char *real = path_join(f.path, "dotfiles/chutes.ini");
	auto_free char *link = path_join(f.path, ".config/chutes/config.ini");
	struct error err;
	struct stat st;

	folder_put(&f, "dotfiles/chutes.ini", "# mine\n[wallet]\nname = a ; kept\n", 1);
	folder_put(&f, ".config/chutes/x", "", 1);
	CHECK(chmod(real, 0644) == 0 && symlink(real, link) == 0);
	CHECK_OK(set("wallet.hotkey", NULL, "h", &err), err);
	check_file(&f, "dotfiles/chutes.ini", "# mine\n[wallet]\nname = a ; kept\nhotkey = h\n",
		   0644);
	CHECK(lstat(link, &st) == 0 && S_ISLNK(st.st_mode));
	folder_put(&f, "dotfiles/chutes.ini", "[auth]\napi_key = old\n", 1);
	CHECK(chmod(real, 0644) == 0);
	/* it is changed where it stands */
	CHECK_OK(set("auth.api_key", NULL, "new", &err), err);
	check_file(&f, "dotfiles/chutes.ini", "[auth]\napi_key = new\n", 0600);
	CHECK(unlink(real) == 0);
	CHECK(!set("wallet.hotkey", NULL, "h", &err));
	CHECK(strstr(err.message, "cannot open"));
}

TEST(what_is_refused_changes_nothing)
{
	auto_folder f = fresh();
	struct error err;

	CHECK(!set("client.profile", NULL, "p", &err));
	CHECK(err.code == ERROR_NOT_FOUND);
	CHECK_TEXT(err.message, "there is no profile 'p'");
	CHECK(!set("client.profile", "p", "p", &err));
	CHECK_TEXT(err.message, "'client.profile' is no setting of a profile");
	CHECK(!set("wallet.name", "a]b", "w", &err));
	CHECK_TEXT(err.message, "option '--profile': 'client.profile' cannot be 'a]b'");
	CHECK(!set("wallet.name", NULL, "a\nb", &err));
	CHECK_TEXT(err.message, "'wallet.name' cannot be 'a\\x0ab'");
	CHECK(!set("wallet.name", NULL, "", &err));
	CHECK(!set("wallet.path", NULL, "w", &err));
	CHECK(!set("auth.hotkey_seed", NULL, "abc", &err));
	CHECK_TEXT(err.message, "the value of 'auth.hotkey_seed' is not of its form");
	folder_put(&f, ".config/chutes/config.ini", "[wallet]\nnmae = w\n", 1);
	CHECK(!set("wallet.name", NULL, "w", &err));
	CHECK(strstr(err.message, "config.ini:2: unknown key 'nmae'"));
	check_file(&f, ".config/chutes/config.ini", "[wallet]\nnmae = w\n", 0644);
}

TEST(a_file_that_would_become_too_long)
{
	auto_folder f = fresh();
	auto_text text = {0};
	struct error err;

	for (size_t i = 0; i < 65536 - strlen("[wallet]\nname = w\n") - 1; i++)
		text_add_char(&text, '#');
	text_add_char(&text, '\n');
	folder_put(&f, ".config/chutes/config.ini", text_str(&text), 1);
	/* one byte more than is left, for the empty line */
	CHECK(!set("wallet.name", NULL, "w", &err));
	CHECK(strstr(err.message, "more than the limit of 65536 bytes"));
	folder_put(&f, ".config/chutes/config.ini", text_str(&text) + 1, 1);
	CHECK_OK(set("wallet.name", NULL, "w", &err), err);
}

TEST(migrate)
{
	auto_folder f = fresh();
	struct config_migrated done = {0};
	struct error err;
	static const char old[] = "[api]\nbase_url = http://h/\n[auth]\nhotkey_seed = " SEED "\n"
				  "username = 5%%\nfoo = bar\n[unknown]\n";

	CHECK(!config_migrate(false, &done, &err));
	CHECK(err.code == ERROR_NOT_FOUND);
	folder_put(&f, ".chutes/config.ini", old, 1);
	folder_put(&f, ".config/chutes/credentials", "[auth]\nhotkey_seed = 0x" SEED "\n", 1);
	CHECK(!config_migrate(false, &done, &err));
	CHECK(err.code == ERROR_CONFLICT && strstr(err.message, "has another 'auth.hotkey_seed'"));
	folder_put(&f, ".config/chutes/credentials", "# mine\n[profile p]\napi_key = k\n", 1);
	CHECK_OK(config_migrate(false, &done, &err), err);
	CHECK(done.has_secret && done.is_open_to_others);
	config_paths_release(&done.paths);
	check_file(&f, ".config/chutes/config.ini",
		   "[api]\nbase_url = http://h\n\n[auth]\nusername = 5%%\n", 0600);
	check_file(&f, ".config/chutes/credentials",
		   "# mine\n[profile p]\napi_key = k\n\n[auth]\nhotkey_seed = " SEED "\n", 0600);
	check_file(&f, ".chutes/config.ini", old, 0644);
	CHECK(!config_migrate(false, &done, &err));
	CHECK(err.code == ERROR_CONFLICT &&
	      strstr(err.message, "there is a configuration already"));
}
