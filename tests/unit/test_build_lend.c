/* SPDX-License-Identifier: MIT */
#include "lib/build/lend.h"

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/tree.h"
#include "tests/unit/tap.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static char *top;
static char *etc;
static char *out;

static void put(const char *directory, const char *name, const char *content, mode_t mode)
{
	auto_free char *path = xprintf("%s/%s", directory, name);
	auto_free char *above = xprintf("%.*s", (int)(strrchr(path, '/') - path), path);
	struct error err;

	CHECK_OK(directory_make(above, 0755, &err), err);
	CHECK_OK(file_write_cache(path, content, strlen(content), mode, &err), err);
}

/* A machine of our own: home, /etc, programs and variables. */
static void fresh(void)
{
	static const char *const names[] = {"http_proxy",
					    "https_proxy",
					    "no_proxy",
					    "all_proxy",
					    "HTTP_PROXY",
					    "HTTPS_PROXY",
					    "NO_PROXY",
					    "ALL_PROXY",
					    "SSL_CERT_FILE",
					    "PIP_CONFIG_FILE",
					    "XDG_CONFIG_HOME",
					    "XDG_CONFIG_DIRS",
					    "PIP_FIND_LINKS",
					    "PIP_CERT",
					    "PIP_INDEX_URL",
					    "PIP_EXTRA_INDEX_URL",
					    "PIP_TIMEOUT",
					    "PIP_DEFAULT_TIMEOUT",
					    "PIP_DISABLE_PIP_VERSION_CHECK"};
	char name[] = "/tmp/chutes-lend-XXXXXX";

	for (size_t i = 0; i < array_len(names); i++)
		unsetenv(names[i]);
	top = xstrdup(mkdtemp(name) ? name : "/nonexistent");
	etc = xprintf("%s/etc", top);
	out = xprintf("%s/out", top);
	auto_free char *bin = xprintf("%s/bin", top);

	setenv("HOME", top, 1);
	setenv("PATH", bin, 1);
	put(top, "bin/apt-config", "#!/bin/sh\n", 0755);
	put(top, "bin/apt-get", "#!/bin/sh\n", 0755);
	put(out, "keep", "", 0600);
}

static void leave(void)
{
	struct error err;

	CHECK_OK(tree_remove_path(top, &err), err);
	free(top);
	free(etc);
	free(out);
}

/* The content of a written file; its mode must be 0644. "(none)" when there is none. */
static char *written(const char *name)
{
	auto_free char *path = xprintf("%s/%s", out, name);
	auto_text content = {0};
	struct stat st;
	struct error err;

	if (stat(path, &st) < 0)
		return xstrdup("(none)");
	CHECK((st.st_mode & 07777) == 0644);
	CHECK_OK(file_read(path, 1 << 20, &content, &err), err);
	return text_take(&content);
}

#define CHECK_FILE(name, want)                                                                     \
	do {                                                                                       \
		auto_free char *content = written(name);                                           \
                                                                                                   \
		CHECK_TEXT(content, want);                                                         \
	} while (0)

TEST(a_machine_with_everything)
{
	auto_lend l = {0};
	auto_strings env = {0};
	struct error err;

	fresh();
	setenv("http_proxy", "http://me:secret@proxy:3128", 1);
	setenv("NO_PROXY", "localhost", 1);
	put(etc, "ssl/certs/ca-certificates.crt", "PEM", 0644);
	put(etc, "pip.conf", "[global]\nindex-url = https://me:token@mirror/simple\n", 0600);
	put(top, "bin/apt-config",
	    "#!/bin/sh\necho 'Acquire::http::Proxy \"http://proxy:3128\";'\n", 0755);
	put(top, "bin/apt-get",
	    "#!/bin/sh\necho 'Debian|bookworm|bookworm|main|http://mirror/debian/'\n", 0755);
	struct lend_options o = {.etc = etc};

	CHECK_OK(lend_prepare(&o, &l, &err), err);
	CHECK_OK(lend_write(&l, out, LEND_TARGET, "bookworm", &err), err);
	CHECK_FILE("ca.crt", "PEM");
	CHECK_FILE("pip.conf", "[global]\ncert = /run/chutes/ca.crt\n"
			       "index-url = https://me:token@mirror/simple\n");
	CHECK_FILE("apt.conf", "Acquire::http::Proxy \"http://proxy:3128\";\n"
			       "Acquire::https::CaInfo \"/run/chutes/ca.crt\";\n"
			       "Dir::Etc::SourceList \"/run/chutes/sources.list\";\n"
			       "Dir::Etc::SourceParts \"-\";\n");
	CHECK_FILE("sources.list", "deb http://mirror/debian/ bookworm main\n");
	strings_add(&env, "HTTP_PROXY=of-the-image");
	strings_add(&env, "SSL_CERT_FILE=");
	lend_env(&l, &env);
	CHECK_TEXT(strings_env_find(&env, "HTTP_PROXY"), "of-the-image");
	CHECK_TEXT(strings_env_find(&env, "http_proxy"), "http://me:secret@proxy:3128");
	CHECK_TEXT(strings_env_find(&env, "no_proxy"), "localhost");
	CHECK_TEXT(strings_env_find(&env, "NO_PROXY"), "localhost");
	CHECK_TEXT(strings_env_find(&env, "SSL_CERT_FILE"), "");
	CHECK_TEXT(strings_env_find(&env, "REQUESTS_CA_BUNDLE"), "/run/chutes/ca.crt");
	CHECK_TEXT(strings_env_find(&env, "PIP_CONFIG_FILE"), "/run/chutes/pip.conf");
	CHECK_TEXT(strings_env_find(&env, "APT_CONFIG"), "/run/chutes/apt.conf");
	leave();
}

TEST(another_image_gets_no_sources)
{
	auto_lend l = {0};
	struct error err;

	fresh();
	put(top, "bin/apt-get",
	    "#!/bin/sh\necho 'Debian|bookworm|bookworm|main|http://mirror/debian/'\n", 0755);
	struct lend_options o = {.etc = etc};

	CHECK_OK(lend_prepare(&o, &l, &err), err);
	CHECK_OK(lend_write(&l, out, LEND_TARGET, "trixie", &err), err);
	CHECK_FILE("sources.list", "(none)");
	CHECK_FILE("apt.conf", "");
	CHECK_OK(lend_write(&l, out, LEND_TARGET, NULL, &err), err);
	CHECK_FILE("sources.list", "(none)");
	leave();
}

TEST(a_bare_machine)
{
	auto_lend l = {0};
	auto_strings env = {0};
	struct error err;

	fresh();
	struct lend_options o = {.etc = "/nonexistent"};

	CHECK_OK(lend_prepare(&o, &l, &err), err);
	CHECK_OK(lend_write(&l, out, LEND_TARGET, NULL, &err), err);
	CHECK_FILE("pip.conf", "(none)");
	CHECK_FILE("apt.conf", "(none)");
	lend_env(&l, &env);
	CHECK(env.n == 0);
	leave();
}

TEST(nothing_of_the_host)
{
	auto_lend l = {0};
	auto_strings env = {0};
	struct error err;

	fresh();
	setenv("https_proxy", "http://proxy:3128", 1);
	setenv("SSL_CERT_FILE", "/nonexistent/ca.pem", 1);
	struct lend_options o = {.etc = etc, .has_no_host_config = true, .ids_are_squashed = true};

	CHECK_OK(lend_prepare(&o, &l, &err), err);
	CHECK_OK(lend_write(&l, out, LEND_TARGET, "bookworm", &err), err);
	CHECK_FILE("ca.crt", "(none)");
	CHECK_FILE("apt.conf", "APT::Sandbox::User \"root\";\n");
	lend_env(&l, &env);
	CHECK(env.n == 1);
	CHECK_TEXT(strings_env_find(&env, "APT_CONFIG"), "/run/chutes/apt.conf");
	leave();
}

TEST(bundles)
{
	auto_lend l = {0};
	auto_strings env = {0};
	struct error err;

	fresh();
	auto_free char *pip = xprintf("%s/pip.pem", etc);
	auto_free char *all = xprintf("%s/all.pem", etc);
	struct lend_options o = {.etc = etc};

	put(etc, "ssl/certs/ca-certificates.crt", "SYSTEM", 0644);
	put(etc, "all.pem", "ALL", 0644);
	put(etc, "pip.pem", "PIP", 0644);
	setenv("SSL_CERT_FILE", all, 1);
	setenv("PIP_CERT", pip, 1);
	CHECK_OK(lend_prepare(&o, &l, &err), err);
	CHECK_OK(lend_write(&l, out, LEND_TARGET, NULL, &err), err);
	CHECK_FILE("ca.crt", "ALL");
	CHECK_FILE("pip-ca.crt", "PIP");
	CHECK_FILE("pip.conf", "[global]\ncert = /run/chutes/pip-ca.crt\n");
	lend_env(&l, &env);
	CHECK_TEXT(strings_env_find(&env, "PIP_CERT"), "/run/chutes/pip-ca.crt");
	CHECK_TEXT(strings_env_find(&env, "SSL_CERT_FILE"), "/run/chutes/ca.crt");
	lend_release(&l);
	setenv("PIP_CERT", all, 1); /* the same bundle is lent once */
	CHECK_OK(lend_prepare(&o, &l, &err), err);
	CHECK(l.pip_ca.len == 0 && l.ca.len == 3);
	setenv("SSL_CERT_FILE", "/nonexistent/ca.pem", 1);
	auto_lend none = {0};

	CHECK(!lend_prepare(&o, &none, &err));
	CHECK(err.code == ERROR_MISSING);
	CHECK_TEXT(err.message, "this machine's network settings: the CA bundle of SSL_CERT_FILE: "
				"cannot open '/nonexistent/ca.pem': No such file or directory");
	CHECK_TEXT(err.hint, "correct its name, or build with --no-host-network-config");
	leave();
}

TEST(descriptions_have_no_passwords)
{
	struct lend l = {0};
	auto_strings lines = {0};

	strings_add(&l.env, "http_proxy=http://me:se@cret@proxy:3128/");
	strings_add(&l.pip, "cert=/etc/ca");
	strings_add(&l.pip, "extra-index-url=https://a:b@one/x@y https://two/ https://tok@three");
	strings_add(&l.apt, "Acquire::http::Proxy \"http://u:p@proxy\";");
	strings_add(&l.sources, "bookworm deb https://u:p@m/debian bookworm main");
	lend_describe(&l, &lines);
	CHECK_OR_STOP(lines.n == 4);
	CHECK_TEXT(lines.items[0], "variable: http_proxy=http://proxy:3128/");
	CHECK_TEXT(lines.items[1],
		   "pip: extra-index-url=https://one/x@y https://two/ https://three");
	CHECK_TEXT(lines.items[2], "apt: Acquire::http::Proxy \"http://proxy\";");
	CHECK_TEXT(lines.items[3], "source: deb https://m/debian bookworm main");
	lend_release(&l);
}

TEST(the_suite_of_an_image)
{
	fresh();
	put(top, "a/usr/lib/os-release", "NAME=x\nID=debian\nVERSION_CODENAME=bookworm\n", 0644);
	put(top, "b/etc/os-release", "ID=ubuntu\nVERSION_CODENAME=noble\n", 0644);
	put(top, "c/etc/os-release", "ID=debian\n", 0644);
	auto_free char *link = xprintf("%s/a/etc", top);
	auto_free char *release = xprintf("%s/a/etc/os-release", top);
	struct error err;

	CHECK_OK(directory_make(link, 0755, &err), err);
	CHECK(symlink("/usr/lib/os-release", release) == 0);
	static const char *const names[] = {"a", "b", "c", "bin"};

	for (size_t i = 0; i < array_len(names); i++) {
		auto_free char *path = xprintf("%s/%s", top, names[i]);
		auto_fd int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		auto_free char *suite = lend_suite(fd);

		CHECK_TEXT(suite ? suite : "(none)", i == 0 ? "bookworm" : "(none)");
	}
	leave();
}
