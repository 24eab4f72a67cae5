/* SPDX-License-Identifier: MIT */
#include "lib/config/config.h"

#include "lib/config/ini.h"
#include "tests/unit/project_fixture.h"

#define ADDRESS "5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzV"
#define SEED    "971c2a6674d0861ade72297d11110ce21c93734210527c8f4c9190c00139ce20"
#define USER    "config/chutes/config.ini"
#define SECRETS "config/chutes/credentials"
#define LEGACY  "home/.chutes/config.ini"

/* An empty home; what the variables of whoever runs the tests say is gone. */
static struct folder fresh(void)
{
	struct folder f = folder_new();
	auto_free char *home = path_join(f.path, "home");
	auto_free char *config = path_join(f.path, "config");

	for (int i = 0; i < CONFIG_N_SETTINGS; i++) {
		const struct config_row *row = config_row((enum config_setting)i);

		if (row->env != ENV_N_NAMES)
			unsetenv(env_row(row->env)->variable);
	}
	unsetenv("CHUTES_CONFIG_PATH");
	setenv("HOME", home, 1);
	setenv("XDG_CONFIG_HOME", config, 1);
	return f;
}

static void put(const struct folder *f, const char *name, const char *text, mode_t mode)
{
	auto_free char *path = path_join(f->path, name);

	folder_put(f, name, text, 1);
	CHECK(chmod(path, mode) == 0);
}

/* "value (origin)", or the failure. */
static char *value_of(const struct config_options *o, enum config_setting setting)
{
	auto_config c = {0};
	struct error err;

	if (!config_load(o, &c, &err))
		return xprintf("%s", err.message);
	const struct config_value *v = &c.values[setting];

	return v->text ? xprintf("%s (%s)", v->text, config_origin_name(v->origin))
		       : xstrdup("not set");
}

static void check_value(const struct config_options *o, enum config_setting setting,
			const char *want)
{
	auto_free char *got = value_of(o, setting);

	CHECK_TEXT(got, want);
}

TEST(rows)
{
	for (int i = 0; i < CONFIG_N_SETTINGS; i++) {
		const struct config_row *row = config_row((enum config_setting)i);
		const struct config_row *found = NULL;
		struct error err;

		CHECK_OK(config_row_find(row->name, &found, &err), err);
		CHECK(found == row && strchr(row->name, '.'));
		CHECK(*config_row_form(row) && row->help && *row->help);
		CHECK(!row->is_secret || !row->fallback);
		for (int k = 0; k < i; k++) {
			const char *other = config_row((enum config_setting)k)->profile_key;

			CHECK(!other || !row->profile_key || strcmp(other, row->profile_key) != 0);
		}
	}
}

TEST(order_of_origins)
{
	auto_folder f = fresh();
	struct config_options o = {0};

	check_value(&o, CONFIG_BASE_URL, "https://api.chutes.ai (default)");
	put(&f, LEGACY, "[api]\nbase_url = http://legacy\n", 0600);
	check_value(&o, CONFIG_BASE_URL, "http://legacy (legacy)");
	put(&f, USER, "[api]\nbase_url = http://user\n[profile p]\nbase_url = http://profile\n",
	    0600);
	check_value(&o, CONFIG_BASE_URL, "http://user (user)");
	o.project_file = "chute.yaml";
	o.project_profile = "p";
	check_value(&o, CONFIG_BASE_URL, "http://profile (profile)");
	check_value(&o, CONFIG_PROFILE, "p (project)");
	setenv("CHUTES_API_URL", "http://variable", 1);
	check_value(&o, CONFIG_BASE_URL, "http://variable (environment)");
	o.values[CONFIG_BASE_URL] = "http://option";
	check_value(&o, CONFIG_BASE_URL, "http://option (option)");
}

TEST(which_profile)
{
	auto_folder f = fresh();
	struct config_options o = {0};

	put(&f, USER, "[client]\nprofile = a\n[profile a]\n[profile b]\n[profile cloud]\n", 0600);
	check_value(&o, CONFIG_PROFILE, "a (user)");
	o.project_file = "chute.yaml";
	o.project_profile = "b";
	check_value(&o, CONFIG_PROFILE, "b (project)");
	setenv("CHUTES_PROFILE", "cloud", 1);
	check_value(&o, CONFIG_PROFILE, "cloud (environment)");
	o.values[CONFIG_PROFILE] = "default";
	check_value(&o, CONFIG_PROFILE, "default (option)");
	o.values[CONFIG_PROFILE] = "clod";
	check_value(&o, CONFIG_PROFILE, "there is no profile 'clod', which --profile names");
	o.values[CONFIG_PROFILE] = NULL;
	unsetenv("CHUTES_PROFILE");
	o.project_profile = "x";
	check_value(&o, CONFIG_PROFILE, "there is no profile 'x', which chute.yaml names");
	/* whoever wrote that file does not write commands for others to paste */
	auto_config c = {0};
	struct error err;

	o.project_profile = "x; rm *";
	CHECK(!config_load(&o, &c, &err));
	CHECK_TEXT(err.hint,
		   "make it with: chutes config set api.base_url URL --profile 'x; rm *'");
}

/* A key, a signing scheme or a pinned key must never reach another server than their own. */
TEST(what_belongs_to_a_server_stays_with_it)
{
	auto_folder f = fresh();
	struct config_options o = {0};

	put(&f, USER,
	    "[api]\nbase_url = https://own\nscheme = btauth\nserver_key = " ADDRESS "\n"
	    "[auth]\nusername = me\n[wallet]\nname = w\n[profile p]\nbase_url = http://p\n"
	    "[profile same]\nbase_url = HTTPS://OWN:443/\n[profile none]\nwallet = v\n",
	    0600);
	put(&f, SECRETS, "[auth]\napi_key = own-key\n[profile p]\napi_key = p-key\n", 0600);
	check_value(&o, CONFIG_API_KEY, "own-key (user)");
	check_value(&o, CONFIG_SCHEME, "btauth (user)");
	o.values[CONFIG_PROFILE] = "p";
	check_value(&o, CONFIG_API_KEY, "p-key (profile)");
	check_value(&o, CONFIG_SCHEME, "not set");
	check_value(&o, CONFIG_SERVER_KEY, "not set");
	check_value(&o, CONFIG_USERNAME, "not set");
	check_value(&o, CONFIG_WALLET, "w (user)");
	o.values[CONFIG_PROFILE] = "same";
	check_value(&o, CONFIG_API_KEY, "own-key (user)");
	o.values[CONFIG_PROFILE] = "none";
	check_value(&o, CONFIG_API_KEY, "own-key (user)");
	check_value(&o, CONFIG_WALLET, "v (profile)");
	o.values[CONFIG_BASE_URL] = "http://elsewhere";
	check_value(&o, CONFIG_API_KEY, "not set");
	check_value(&o, CONFIG_SERVER_KEY, "not set");
	setenv("CHUTES_API_URL", "http://other", 1);
	o.values[CONFIG_BASE_URL] = NULL;
	check_value(&o, CONFIG_API_KEY, "not set");
	setenv("CHUTES_API_KEY", "mine", 1);
	check_value(&o, CONFIG_API_KEY, "mine (environment)");
}

TEST(platform_has_its_scheme)
{
	auto_folder f = fresh();
	struct config_options o = {0};

	check_value(&o, CONFIG_SCHEME, "chutes (default)");
	put(&f, LEGACY, "[api]\nbase_url = https://api.chutes.ai/\n", 0600);
	check_value(&o, CONFIG_SCHEME, "chutes (default)");
	put(&f, LEGACY, "[api]\nbase_url = http://127.0.0.1:8600\n", 0600);
	check_value(&o, CONFIG_SCHEME, "not set");
	o.values[CONFIG_BASE_URL] = "https://api.chutes.ai.example";
	check_value(&o, CONFIG_SCHEME, "not set");
}

/* The file as the Python client writes it, with what others write into it. */
TEST(legacy)
{
	auto_folder f = fresh();
	struct config_options o = {0};
	auto_config c = {0};
	struct error err;

	put(&f, LEGACY,
	    "[auth]\nusername = alice\nuser_id = u\nhotkey_seed = 0x" SEED "\n"
	    "hotkey_name = main\nhotkey_ss58address = " ADDRESS "\nother = %broken\n"
	    "[payment]\naddress = not an address\n[x]\ny = z\n",
	    0644);
	CHECK(!config_load(&o, &c, &err));
	CHECK(strstr(err.message, LEGACY ":9: 'payment.address' cannot be 'not an address'"));
	put(&f, LEGACY,
	    "[auth]\nusername = alice\nuser_id = u\nhotkey_seed = 0x" SEED "\n"
	    "hotkey_name = main\nhotkey_ss58address = " ADDRESS "\nother = %broken\n"
	    "[payment]\naddress = " ADDRESS "\n[x]\ny = z\n",
	    0644);
	CHECK_OK(config_load(&o, &c, &err), err);
	CHECK_TEXT(c.values[CONFIG_HOTKEY_SEED].text, "0x" SEED);
	CHECK_TEXT(c.values[CONFIG_USERNAME].text, "alice");
	CHECK(c.values[CONFIG_HOTKEY_NAME].line == 5);
	CHECK_TEXT(c.values[CONFIG_BASE_URL].text, "https://api.chutes.ai");
	CHECK(c.warnings.n == 1 && strstr(c.warnings.items[0], "chmod 600"));
}

TEST(files_that_are_refused)
{
	static const struct {
		const char *name, *text, *error, *hint;
	} cases[] = {
		{USER, "[api]\nbase_ulr = x\n", USER ":2: unknown key 'base_ulr' in '[api]'",
		 "did you mean 'base_url'?"},
		{USER, "[apis]\n", USER ":1: unknown section '[apis]'", "did you mean '[api]'?"},
		{USER, "[profil x]\n", USER ":1: unknown section '[profil x]'",
		 "a profile is '[profile NAME]'; 'chutes help settings' lists what there is"},
		{USER, "[profile a/b]\n", USER ":1: 'client.profile' cannot be 'a/b'", NULL},
		{USER, "[profile p]\nprofile = q\n",
		 USER ":2: unknown key 'profile' in '[profile p]'", NULL},
		{USER, "[api]\nscheme = none\n", USER ":2: 'api.scheme' cannot be 'none'",
		 "it must be btauth|chutes"},
		{USER, "[auth]\nhotkey_seed = abcdefsecret\n",
		 USER ":2: the value of 'auth.hotkey_seed' is not of its form",
		 "it must be 64 hexadecimal digits"},
		{USER, "[api]\nserver_key = 5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzW\n",
		 USER ":2: 'api.server_key' cannot be "
		      "'5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzW'",
		 "it must be an SS58 address with its checksum: 48 characters, the first a 5"},
		{USER, "[wallet]\npath = here\n", USER ":2: 'wallet.path' cannot be 'here'",
		 "it must be a path, in a file from / or ~/ on"},
		{SECRETS, "[api]\nbase_url = http://x\n", SECRETS ":2: 'base_url' is no secret",
		 "move it to 'config.ini'"},
	};

	for (size_t i = 0; i < array_len(cases); i++) {
		auto_folder f = fresh();
		auto_config c = {0};
		struct error err;

		put(&f, cases[i].name, cases[i].text, 0600);
		CHECK(!config_load(&(struct config_options){0}, &c, &err));
		if (!CHECK(text_ends_with(err.message, cases[i].error)))
			printf("# %s\n", err.message);
		CHECK(err.code == ERROR_USAGE && !strstr(err.message, "abcdefsecret"));
		if (cases[i].hint)
			CHECK_TEXT(err.hint, cases[i].hint);
	}
}

TEST(secrets_that_others_can_read)
{
	static const mode_t modes[] = {0640, 0604, 0620};

	for (size_t i = 0; i < array_len(modes); i++) {
		auto_folder f = fresh();
		auto_config c = {0};
		auto_config d = {0};
		struct error err;

		put(&f, SECRETS, "[auth]\napi_key = k\n", modes[i]);
		CHECK(!config_load(&(struct config_options){0}, &c, &err));
		CHECK(err.code == ERROR_AUTH && strstr(err.hint, "chmod 600 "));
		put(&f, SECRETS, "", modes[i]);
		put(&f, USER, "[auth]\napi_key = k\n", modes[i]);
		CHECK_OK(config_load(&(struct config_options){0}, &d, &err), err);
		CHECK(d.warnings.n == 1);
	}
}

/* Whoever can put another file there says where requests go. */
TEST(files_that_anybody_can_change)
{
	static const char *const names[] = {USER, SECRETS, LEGACY};

	for (size_t i = 0; i < array_len(names); i++) {
		auto_folder f = fresh();
		auto_free char *path = path_join(f.path, names[i]);
		auto_free char *directory = path_directory(path);
		auto_config c = {0};
		struct error err;

		put(&f, names[i], "", 0602);
		CHECK(!config_load(&(struct config_options){0}, &c, &err));
		CHECK(err.code == ERROR_AUTH && strstr(err.message, "anybody can change '"));
		CHECK(text_starts_with(err.hint, "run 'chmod o-w ") && strstr(err.hint, path));
		put(&f, names[i], "", 0600);
		CHECK(chmod(directory, 0757) == 0);
		CHECK(!config_load(&(struct config_options){0}, &c, &err));
		CHECK(err.code == ERROR_AUTH && text_ends_with(err.message, "your settings"));
		CHECK(strstr(err.hint, directory) && !strstr(err.hint, path));
		/* as /tmp is */
		CHECK(chmod(directory, 01757) == 0);
		CHECK_OK(config_load(&(struct config_options){0}, &c, &err), err);
	}
}

/* What lies in the current directory is not at home. */
TEST(a_home_that_is_no_absolute_path)
{
	auto_folder f = fresh();
	struct config_options o = {0};

	put(&f, "home/.chutes/config.ini", "[api]\nbase_url = http://evil\n", 0600);
	CHECK(chdir(f.path) == 0);
	setenv("HOME", "home", 1);
	check_value(&o, CONFIG_BASE_URL, "https://api.chutes.ai (default)");
	check_value(&o, CONFIG_WALLETS_PATH, "not set");
	put(&f, USER, "[wallet]\npath = ~/w\n", 0600);
	auto_free char *where = xprintf("%s/" USER ":2: 'wallet.path' cannot be '~/w'", f.path);

	check_value(&o, CONFIG_WALLETS_PATH, where);
	CHECK(chdir("/") == 0);
}

TEST(a_named_file_stands_alone)
{
	auto_folder f = fresh();
	auto_free char *named = path_join(f.path, "other.ini");
	struct config_options o = {.path = named};

	put(&f, USER, "[wallet]\nname = user\n", 0600);
	put(&f, LEGACY, "[auth]\nusername = legacy\n", 0600);
	auto_free char *missing = xprintf("there is no configuration '%s'", named);

	check_value(&o, CONFIG_WALLET, missing);
	put(&f, "other.ini", "[auth]\nhotkey_name = h\n", 0600);
	check_value(&o, CONFIG_WALLET, "not set");
	check_value(&o, CONFIG_USERNAME, "not set");
	o.path = NULL;
	check_value(&o, CONFIG_WALLET, "user (user)");
	setenv("CHUTES_CONFIG_PATH", named, 1);
	check_value(&o, CONFIG_HOTKEY_NAME, "h (user)");
}

TEST(files_that_cannot_be_read)
{
	auto_folder f = fresh();
	auto_free char *user = path_join(f.path, USER);
	auto_config c = {0};
	struct error err;

	put(&f, SECRETS, "", 0600);
	CHECK(symlink("nowhere", user) == 0);
	CHECK(!config_load(&(struct config_options){0}, &c, &err));
	CHECK(err.code == ERROR_NOT_FOUND && strstr(err.message, "cannot open"));
	CHECK(unlink(user) == 0 && mkdir(user, 0700) == 0);
	CHECK(!config_load(&(struct config_options){0}, &c, &err));
	CHECK(strstr(err.message, "not a regular file"));
	CHECK(rmdir(user) == 0);
	unsetenv("HOME");
	unsetenv("XDG_CONFIG_HOME");
	check_value(&(struct config_options){0}, CONFIG_BASE_URL,
		    "https://api.chutes.ai (default)");
	check_value(&(struct config_options){0}, CONFIG_WALLETS_PATH, "not set");
}

TEST(addresses)
{
	static const char *const cases[][2] = {
		{"HTTPS://Api.Chutes.AI/", "https://api.chutes.ai (option)"},
		{"https://h:443", "https://h (option)"},
		{"http://h:80/", "http://h (option)"},
		{"http://h:443", "http://h:443 (option)"},
		{"http://[::1]:65535", "http://[::1]:65535 (option)"},
		{"http://h:65536", NULL},
		{"http://h:0", NULL},
		{"http://h:080", NULL},
		{"http://", NULL},
		{"http:///", NULL},
		{"http://[::1", NULL},
		{"http://[]", NULL},
		{"http://h/api", NULL},
		{"http://h?x", NULL},
		{"http://me@h", NULL},
		{"http://h\\.evil", NULL},
		{"ftp://h", NULL},
		{"h:80", NULL},
		{"\"http://h\"", NULL},
	};
	auto_folder f maybe_unused = fresh();

	for (size_t i = 0; i < array_len(cases); i++) {
		struct config_options o = {.values[CONFIG_BASE_URL] = cases[i][0]};
		auto_free char *refused =
			xprintf("option '--api-url': 'api.base_url' cannot be '%s'", cases[i][0]);

		check_value(&o, CONFIG_BASE_URL, cases[i][1] ? cases[i][1] : refused);
	}
}
