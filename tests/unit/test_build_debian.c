/* SPDX-License-Identifier: MIT
 * The recipe, with a program that stands for mmdebstrap; a real bootstrap is tests/images'.
 */
#include "lib/build/debian_internal.h"

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/process.h"
#include "lib/base/tree.h"
#include "tests/unit/layer_tar.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

static char *const extra[] = {(char[]){"zsh"}, (char[]){"git=1:2.39.5-0+deb12u2"}, (char[]){"zsh"}};

/* Scratch, tree and a PATH with nothing but our mmdebstrap. */
static char *top;
static char *old_path;
static int tree = -1;

static char *under(const char *name) { return xprintf("%s/%s", top, name); }

static void fresh(const char *script)
{
	char name[] = "/tmp/chutes-debian-XXXXXX";
	struct error err;

	top = xstrdup(mkdtemp(name) ? name : "/nonexistent");
	old_path = xstrdup(getenv("PATH") ? getenv("PATH") : "");
	auto_free char *scratch = under("scratch");
	auto_free char *bin = under("bin");
	auto_free char *root = under("tree");
	auto_free char *program = under("bin/mmdebstrap");

	CHECK_OK(directory_make(scratch, 0755, &err) && directory_make(bin, 0755, &err) &&
			 directory_make(root, 0755, &err),
		 err);
	if (script)
		CHECK_OK(file_write_cache(program, script, strlen(script), 0755, &err), err);
	setenv("PATH", bin, 1);
	tree = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void leave(void)
{
	struct error err;

	fd_close(&tree);
	setenv("PATH", old_path, 1);
	CHECK_OK(tree_remove_path(top, &err), err);
	free(top);
	free(old_path);
}

static bool bootstrap(enum sandbox_ids ids, int log_fd, struct error *err)
{
	auto_free char *scratch = under("scratch");
	const struct lend lend = {0};
	const struct debian_options o = {.suite = "bookworm", .scratch = scratch, .lend = &lend};
	const struct layer_unpack_options to = {
		.root_fd = tree, .ids_are_squashed = geteuid() != 0, .limits = tar_limits_default};

	strings_release(&unpack_notes);
	return debian_bootstrap(ids, &o, &to, log_fd, &unpack_stats, &unpack_notes, err);
}

TEST(what_may_be_named)
{
	static const struct {
		const char *package;
		bool is_good;
	} cases[] = {
		{"zsh", true},          {"g++", true},         {"libc6:amd64", true},
		{"git=1:2.39-1", true}, {"ab:c=1", true},      {"2to3", true},
		{"x", false},           {"", false},           {"Zsh", false},
		{"-o", false},          {"zsh,", false},       {"zsh=", false},
		{"zsh:", false},        {"?essential", false}, {"a b", false},
		{"zsh/sid", false},     {"~n", false},         {"zsh=x", false},
		{"../x.deb", false},    {"zsh=1 2", false},    {"./x", false},
	};
	struct error err;

	for (size_t i = 0; i < array_len(cases); i++) {
		char *const packages[] = {xstrdup(cases[i].package)};
		const struct debian_options o = {
			.suite = "bookworm", .packages = packages, .n_packages = 1};

		if (!CHECK(debian_check(&o, &err) == cases[i].is_good))
			printf("#   %s\n", cases[i].package);
		free(packages[0]);
	}
}

TEST(what_is_refused)
{
	char *const components[] = {(char[]){"main "}};
	const struct debian_options suite = {.suite = "book worm"};
	const struct debian_options mirror = {.suite = "bookworm", .mirror = "file:///srv"};
	const struct debian_options inject = {.suite = "bookworm",
					      .mirror = "http://a/ x main\ndeb http://b/"};
	const struct debian_options component = {
		.suite = "bookworm", .components = components, .n_components = 1};
	struct error err;

	CHECK(!debian_check(&suite, &err));
	CHECK_TEXT(err.message, "'book worm' is not the name of a Debian suite");
	CHECK(err.code == ERROR_SPEC && err.hint[0]);
	CHECK(!debian_check(&mirror, &err));
	CHECK_TEXT(err.message, "'file:///srv' is not the address of a mirror");
	CHECK(!debian_check(&inject, &err));
	CHECK(!debian_check(&component, &err));
	CHECK_TEXT(err.message, "'main ' is not a component of Debian");
}

TEST(key_depends_on_what_matters)
{
	char *const sorted[] = {extra[1], extra[0]};
	char *const main_only[] = {(char[]){"main"}};
	const struct debian_options base = {
		.suite = "bookworm", .packages = extra, .n_packages = 3};
	const struct debian_options same = {.suite = "bookworm",
					    .packages = sorted,
					    .n_packages = 2,
					    .components = main_only,
					    .n_components = 1,
					    .scratch = "/else"};
	const struct debian_options others[] = {
		{.suite = "trixie", .packages = extra, .n_packages = 3},
		{.suite = "bookworm", .packages = extra, .n_packages = 1},
		{.suite = "bookworm", .packages = extra, .n_packages = 3, .is_minimal = true},
		{.suite = "bookworm", .packages = extra, .n_packages = 3, .mirror = "http://a/"},
	};
	char key[KEY_HEX_SIZE];
	char other[KEY_HEX_SIZE];

	debian_key(&base, "amd64", key);
	debian_key(&same, "amd64", other);
	CHECK_TEXT(other, key);
	debian_key(&base, "arm64", other);
	CHECK(strcmp(other, key) != 0);
	for (size_t i = 0; i < array_len(others); i++) {
		debian_key(&others[i], "amd64", other);
		CHECK(strcmp(other, key) != 0);
	}
	CHECK(debian_epoch("bookworm") == 1686355200);
	CHECK(debian_epoch("nosuch") == 86400);
}

static char *content_of(const char *name)
{
	auto_free char *path = under(name);
	auto_text content = {0};
	struct error err;

	CHECK_OK(file_read(path, 1 << 20, &content, &err), err);
	return text_take(&content);
}

TEST(sources)
{
	auto_free char *scratch = NULL;
	struct lend lend = {0};
	auto_strings argv = {0};
	auto_strings env = {0};
	struct error err;

	fresh(NULL);
	scratch = under("scratch");
	struct debian_options o = {.suite = "bookworm", .scratch = scratch, .lend = &lend};

	CHECK_OK(debian_prepare(&o, SANDBOX_ROOT, &argv, &env, &err), err);
	auto_free char *public = content_of("scratch/sources.list");
	auto_free char *written = content_of("scratch/public.list");

	CHECK_TEXT(public,
		   "deb http://deb.debian.org/debian bookworm main\n"
		   "deb http://deb.debian.org/debian bookworm-updates main\n"
		   "deb http://security.debian.org/debian-security bookworm-security main\n");
	CHECK_TEXT(written, public);
	strings_add(&lend.sources, "bookworm deb http://m.example/debian stable main");
	strings_add(&lend.sources, "trixie deb http://m.example/debian trixie main");
	CHECK_OK(debian_prepare(&o, SANDBOX_ROOT, &argv, &env, &err), err);
	auto_free char *own = content_of("scratch/sources.list");
	auto_free char *still = content_of("scratch/public.list");

	CHECK_TEXT(own, "deb http://m.example/debian stable main\n");
	CHECK_TEXT(still, public);
	o.mirror = "https://snapshot.example/debian";
	CHECK_OK(debian_prepare(&o, SANDBOX_ROOT, &argv, &env, &err), err);
	auto_free char *mirror = content_of("scratch/sources.list");

	CHECK_TEXT(mirror, "deb https://snapshot.example/debian bookworm main\n");
	lend_release(&lend);
	leave();
}

TEST(the_command)
{
	struct lend lend = {0};
	auto_strings argv = {0};
	auto_strings env = {0};
	auto_strings single = {0};
	struct error err;

	fresh(NULL);
	auto_free char *scratch = under("it's scratch");
	const struct debian_options o = {.suite = "bookworm",
					 .packages = extra,
					 .n_packages = 3,
					 .scratch = scratch,
					 .lend = &lend};

	CHECK_OK(directory_make(scratch, 0755, &err), err);
	strings_add(&lend.env, "http_proxy=http://proxy:3128");
	setenv("PYTHONDONTWRITEBYTECODE", "1", 1);
	CHECK_OK(debian_prepare(&o, SANDBOX_SUBIDS, &argv, &env, &err), err);
	CHECK(strings_has(&argv, "--mode=root") && strings_has(&argv, "--skip=output/dev"));
	CHECK(strings_has(&argv, "--include=ca-certificates,curl,git=1:2.39.5-0+deb12u2,"
				 "python-is-python3,python3,python3-pip,python3-venv,zsh"));
	auto_free char *sources = xprintf("%s/sources.list", scratch);

	CHECK_TEXT(argv.items[argv.n - 1], sources);
	CHECK_TEXT(strings_env_find(&env, "http_proxy"), "http://proxy:3128");
	CHECK_TEXT(strings_env_find(&env, "SOURCE_DATE_EPOCH"), "1686355200");
	CHECK_TEXT(strings_env_find(&env, "PATH"), "/usr/sbin:/usr/bin:/sbin:/bin");
	CHECK(!strings_env_find(&env, "PYTHONDONTWRITEBYTECODE"));
	CHECK(env.n == 6);
	CHECK_OK(debian_prepare(&o, SANDBOX_SINGLE, &single, &env, &err), err);
	CHECK(strings_has(&single, "--skip=chroot/mount,output/dev"));
	CHECK(single.n == argv.n + 2);
	unsetenv("PYTHONDONTWRITEBYTECODE");
	lend_release(&lend);
	leave();
}

TEST(a_tree_and_a_log)
{
	struct error err;

	/* a tar of the script's own directory, as "./" */
	fresh("#!/bin/sh\n"
	      "echo 'I: one' >&2\n"
	      "echo 'mount: /x/sys: permission denied' >&2\n"
	      "mkdir -p \"$TMPDIR/t/etc\" && echo hello >\"$TMPDIR/t/etc/motd\" &&\n"
	      "tar -C \"$TMPDIR/t\" -c .\n"
	      "printf 'I: two' >&2\n");
	auto_free char *log_path = under("log");
	auto_fd int log_fd = open(log_path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	CHECK_OK(bootstrap(SANDBOX_ROOT, log_fd, &err), err);
	CHECK_TEXT(look(tree, "etc/motd"), "hello\n");
	CHECK_TEXT(look(tree, "dev"), "(directory)");
	CHECK_TEXT(look(tree, "proc"), "(directory)");
	CHECK(stat_of(tree, ".").st_mtime == 1686355200);
	CHECK(stat_of(tree, "run").st_mtime == 1686355200);
	auto_free char *log = content_of("log");

	CHECK_TEXT(log, "I: one\nI: two\n");
	leave();
}

TEST(failures)
{
	static const struct {
		const char *script;
		enum error_code code;
		const char *message;
		bool has_hint;
	} cases[] = {
		{"#!/bin/sh\necho 'I: x' >&2\necho 'E: broken' >&2\nexit 9\n", ERROR_BUILD,
		 "bootstrapping Debian 'bookworm': mmdebstrap ended with 9: E: broken", false},
		{"#!/bin/sh\necho 'E: Unable to locate package nosuch' >&2\nexit 2\n", ERROR_BUILD,
		 "bootstrapping Debian 'bookworm': E: Unable to locate package nosuch", true},
		{"#!/bin/sh\necho \"Err: Could not resolve 'a'\" >&2\necho 'E: update failed' >&2\n"
		 "exit 25\n",
		 ERROR_NETWORK, "bootstrapping Debian 'bookworm': Err: Could not resolve 'a'",
		 true},
		{"#!/bin/sh\nkill -9 $$\n", ERROR_BUILD,
		 "bootstrapping Debian 'bookworm': mmdebstrap ended with 137: it said nothing",
		 false},
		/* a tar that breaks off is its failure, not the tar's */
		{"#!/bin/sh\ncd /etc; tar -c passwd | head -c 700\necho 'E: disk' >&2\nexit 1\n",
		 ERROR_BUILD, "bootstrapping Debian 'bookworm': mmdebstrap ended with 1: E: disk",
		 false},
	};
	struct error err;

	for (size_t i = 0; i < array_len(cases); i++) {
		fresh(cases[i].script);
		CHECK(!bootstrap(SANDBOX_ROOT, -1, &err));
		CHECK(err.code == cases[i].code);
		CHECK_TEXT(err.message, cases[i].message);
		CHECK((err.hint[0] != '\0') == cases[i].has_hint);
		leave();
	}
}

TEST(a_tar_that_cannot_be_used)
{
	struct error err;

	fresh("#!/bin/sh\nprintf %01536d 5\nexit 0\n");
	CHECK(!bootstrap(SANDBOX_ROOT, -1, &err));
	CHECK(err.code == ERROR_BUILD);
	CHECK(strstr(err.message, "bootstrapping Debian 'bookworm': not a tar archive"));
	leave();
	/* one that would never end is killed */
	fresh("#!/bin/sh\nprintf %01536d 5\nsleep 100\n");
	CHECK(!bootstrap(SANDBOX_ROOT, -1, &err));
	CHECK(strstr(err.message, "bootstrapping Debian 'bookworm': not a tar archive"));
	leave();
}

TEST(no_mmdebstrap)
{
	struct error err;

	fresh(NULL);
	CHECK(!bootstrap(SANDBOX_ROOT, -1, &err));
	CHECK(err.code == ERROR_MISSING);
	CHECK_TEXT(err.message, "a Debian base needs the program mmdebstrap");
	CHECK_TEXT(err.hint, "install it: apt-get install mmdebstrap");
	leave();
}

/* In a child: with the filter, what needs more than one id "works". */
TEST(the_filter)
{
	int status = 1;
	struct error err;

	fresh(NULL);
	auto_free char *file = under("file");
	auto_free char *device = under("device");
	auto_free char *fifo = under("fifo");

	CHECK_OK(file_write_cache(file, "", 0, 0600, &err), err);
	pid_t child = fork();

	if (child == 0) {
		struct stat st;

		_exit(!debian_filter_install() || chown(file, 5, 6) < 0 || lchown(file, 5, 6) < 0 ||
		      setresuid(7, 7, 7) < 0 || setgid(7) < 0 ||
		      mknod(device, S_IFCHR | 0600, makedev(1, 3)) < 0 ||
		      mknod(device, S_IFBLK | 0600, makedev(1, 3)) < 0 || stat(device, &st) == 0 ||
		      mkfifo(fifo, 0600) < 0 || stat(fifo, &st) < 0 || stat(file, &st) < 0 ||
		      st.st_uid != geteuid() || geteuid() == 7);
	}
	CHECK_OK(process_wait(child, &status, &err), err);
	CHECK(status == 0);
	leave();
}
