/* SPDX-License-Identifier: MIT */
#include "lib/build/host_pip.h"

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/tree.h"
#include "tests/unit/tap.h"

TEST(one_file)
{
	static const char content[] = "# mine\n"
				      "[global]\n"
				      "index-url = https://user:pass@mirror.example/simple\n"
				      "Trusted_Host: one.example\n"
				      "    two.example\n"
				      "\n"
				      "    ; not a value\n"
				      "    three.example\n"
				      "find-links = /opt/wheels https://wheels.example/\r\n"
				      "extra-index-url = file:///opt/simple\n"
				      "unknown = 1\n"
				      "without a value\n"
				      "[freeze]\n"
				      "timeout = 10\n"
				      "[install]\n"
				      "--timeout=20\n";
	auto_strings global = {0};
	auto_strings install = {0};

	host_pip_parse(content, &global, &install);
	CHECK(global.n == 3 && install.n == 1);
	CHECK_TEXT(strings_env_find(&global, "index-url"),
		   "https://user:pass@mirror.example/simple");
	CHECK_TEXT(strings_env_find(&global, "trusted-host"),
		   "one.example two.example three.example");
	CHECK_TEXT(strings_env_find(&global, "find-links"), "https://wheels.example/");
	CHECK_TEXT(strings_env_find(&install, "timeout"), "20");
}

static void put(const char *directory, const char *name, const char *content)
{
	auto_free char *path = xprintf("%s/%s", directory, name);
	struct error err;

	CHECK_OK(file_write_cache(path, content, strlen(content), 0600, &err), err);
}

static void make(const char *directory, const char *name)
{
	auto_free char *path = xprintf("%s/%s", directory, name);
	struct error err;

	CHECK_OK(directory_make(path, 0755, &err), err);
}

static const char *setting(const struct host_pip *p, const char *name)
{
	const char *value = strings_env_find(&p->settings, name);

	return value ? value : "(none)";
}

/* An empty home and etc; variables of whoever runs the tests are gone. */
static bool fresh(char *top, char **etc, char **home)
{
	static const char *const names[] = {"PIP_CONFIG_FILE",    "XDG_CONFIG_HOME",
					    "XDG_CONFIG_DIRS",    "PIP_FIND_LINKS",
					    "PIP_CERT",           "PIP_DEFAULT_TIMEOUT",
					    "PIP_INDEX_URL",      "PIP_DISABLE_PIP_VERSION_CHECK",
					    "PIP_EXTRA_INDEX_URL"};

	if (!mkdtemp(top))
		return false;
	for (size_t i = 0; i < array_len(names); i++)
		unsetenv(names[i]);
	*etc = xprintf("%s/etc", top);
	*home = xprintf("%s/home", top);
	make(top, "etc");
	make(top, "home/.pip");
	make(top, "home/.config/pip");
	return setenv("HOME", *home, 1) == 0;
}

TEST(later_files_win)
{
	char top[] = "/tmp/chutes-pip-XXXXXX";
	auto_free char *etc = NULL;
	auto_free char *home = NULL;
	struct error err;
	struct host_pip p = {0};

	CHECK_OR_STOP(fresh(top, &etc, &home));
	put(etc, "pip.conf",
	    "[install]\nretries = 1\n[global]\ntimeout = 1\nproxy = http://a:1\n"
	    "index-url = https://a/\n");
	put(home, ".pip/pip.conf", "[global]\nretries = 2\ntimeout = 2\nproxy = http://b:1\n");
	put(home, ".config/pip/pip.conf", "[global]\ntimeout = 3\nproxy = http://c:1\n");
	put(home, "named", "[global]\nproxy = http://d:1\n");
	auto_free char *named = xprintf("%s/named", home);

	CHECK_OK(host_pip_read(etc, &p, &err), err);
	CHECK_TEXT(setting(&p, "retries"), "1"); /* of [install], wherever it is */
	CHECK_TEXT(setting(&p, "timeout"), "3");
	CHECK_TEXT(setting(&p, "proxy"), "http://c:1");
	CHECK(!p.cert);
	host_pip_release(&p);
	setenv("PIP_CONFIG_FILE", named, 1);
	setenv("PIP_INDEX_URL", "https://e/", 1);
	setenv("PIP_CERT", "/ca.pem", 1);
	setenv("PIP_FIND_LINKS", "/opt/wheels", 1);
	CHECK_OK(host_pip_read(etc, &p, &err), err);
	CHECK_TEXT(setting(&p, "proxy"), "http://d:1");
	CHECK_TEXT(setting(&p, "index-url"), "https://e/");
	CHECK_TEXT(setting(&p, "find-links"), "(none)");
	CHECK_TEXT(p.cert, "/ca.pem");
	host_pip_release(&p);
	setenv("PIP_CONFIG_FILE", "/dev/null", 1);
	CHECK_OK(host_pip_read(etc, &p, &err), err);
	CHECK_TEXT(setting(&p, "timeout"), "(none)");
	CHECK_TEXT(setting(&p, "index-url"), "https://e/");
	host_pip_release(&p);
	CHECK_OK(tree_remove_path(top, &err), err);
}

TEST(writing)
{
	auto_strings settings = {0};
	auto_text out = {0};

	strings_add(&settings, "cert=/host/ca");
	strings_add(&settings, "index-url=https://a/?x=y");
	host_pip_format(&settings, "/run/chutes/ca.crt", &out);
	CHECK_TEXT(text_str(&out),
		   "[global]\ncert = /run/chutes/ca.crt\nindex-url = https://a/?x=y\n");
	text_clear(&out);
	host_pip_format(&settings, NULL, &out);
	CHECK_TEXT(text_str(&out), "[global]\nindex-url = https://a/?x=y\n");
}
