/* SPDX-License-Identifier: MIT */
#include "lib/base/memory.h"
#include "lib/container/container_internal.h"
#include "lib/data/json.h"
#include "tests/unit/tap.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static char word_sh[] = "sh";
static char word_odd[] = "a \"b\"\n\xff";
static char *const argv[] = {word_sh, word_odd, NULL};
static char *const no_env[] = {NULL};
static char root_path[] = "/merged";
static const struct root root = {.path = root_path};

/* config.json, parsed: whatever is in the options, it is JSON. */
static struct json *config_of(struct run_options run, enum sandbox_ids ids)
{
	struct sandbox inside = {.ids = ids, .is_user_namespace = ids != SANDBOX_ROOT};
	auto_text text = {0};
	struct json *out = NULL;
	struct error err;

	run.root = &root;
	run.argv = argv;
	run.env = no_env;
	bundle_format(&(struct bundle){&run, &inside, "/bundle"}, &text);
	CHECK_OK(json_parse(text_str(&text), text.len, 1 << 20, &out, &err), err);
	return out;
}

static const struct json *at(const struct json *value, const char *const *keys)
{
	for (size_t i = 0; keys[i] && value; i++)
		value = json_find(value, keys[i]);
	return value;
}
#define AT(value, ...) at(value, (const char *const[]){__VA_ARGS__, NULL})

/* The mount of that destination; NULL if there is none. */
static const struct json *mount_of(const struct json *config, const char *destination)
{
	const struct json *mounts = json_find(config, "mounts");

	for (size_t i = 0; i < json_count(mounts); i++) {
		const struct json *m = json_at(mounts, i);

		if (strcmp(json_text(json_find(m, "destination")), destination) == 0)
			return m;
	}
	return NULL;
}

static bool has_option(const struct json *mount, const char *option)
{
	const struct json *options = json_find(mount, "options");

	for (size_t i = 0; i < json_count(options); i++)
		if (strcmp(json_text(json_at(options, i)), option) == 0)
			return true;
	return false;
}

TEST(defaults_and_words)
{
	auto_json struct json *c = config_of((struct run_options){0}, SANDBOX_ROOT);

	CHECK_TEXT(json_text(AT(c, "hostname")), "chutes");
	CHECK_TEXT(json_text(AT(c, "root", "path")), "/merged");
	CHECK_TEXT(json_text(AT(c, "process", "cwd")), "/");
	CHECK_TEXT(json_text(json_at(AT(c, "process", "args"), 0)), "sh");
	CHECK_TEXT(json_text(json_at(AT(c, "process", "args"), 1)), "a \"b\"\n\xef\xbf\xbd");
	CHECK(json_count(AT(c, "process", "env")) == 0);
	CHECK(json_bool(AT(c, "process", "noNewPrivileges")));
	CHECK(!json_bool(AT(c, "process", "terminal")));
	CHECK(!json_bool(AT(c, "root", "readonly")));
	CHECK(json_count(AT(c, "linux", "namespaces")) == 4);
}

TEST(mounts_depend_on_the_ids)
{
	auto_json struct json *as_root = config_of((struct run_options){0}, SANDBOX_ROOT);
	auto_json struct json *subids = config_of((struct run_options){0}, SANDBOX_SUBIDS);
	auto_json struct json *single = config_of((struct run_options){0}, SANDBOX_SINGLE);
	auto_json struct json *alone =
		config_of((struct run_options){.has_no_network = true}, SANDBOX_SINGLE);

	CHECK(has_option(mount_of(as_root, "/dev/pts"), "gid=5"));
	CHECK(has_option(mount_of(subids, "/dev/pts"), "gid=5"));
	CHECK(!has_option(mount_of(single, "/dev/pts"), "gid=5"));
	CHECK_TEXT(json_text(json_find(mount_of(as_root, "/sys"), "type")), "sysfs");
	CHECK_TEXT(json_text(json_find(mount_of(subids, "/sys"), "type")), "bind");
	CHECK_TEXT(json_text(json_find(mount_of(alone, "/sys"), "type")), "sysfs");
	CHECK(json_count(AT(alone, "linux", "namespaces")) == 5);
	CHECK_TEXT(json_text(json_find(mount_of(single, "/etc/hosts"), "source")), "/bundle/hosts");
}

TEST(our_mounts_come_last)
{
	struct mount mounts[] = {{"/a", "/b", false}, {"/c", "/d", true}};
	auto_json struct json *c =
		config_of((struct run_options){.mounts = mounts, .n_mounts = 2}, SANDBOX_ROOT);

	CHECK(has_option(mount_of(c, "/b"), "ro") && !has_option(mount_of(c, "/b"), "rw"));
	CHECK(has_option(mount_of(c, "/d"), "rw") && !has_option(mount_of(c, "/d"), "ro"));
	CHECK_TEXT(json_text(json_find(mount_of(c, "/d"), "source")), "/c");
	const struct json *list = json_find(c, "mounts");

	CHECK(json_at(list, json_count(list) - 1) == mount_of(c, "/d"));
}

TEST(users)
{
	struct run_options o = {.user = {.uid = 7, .gid = 8, .groups = {9, 10}, .n_groups = 2}};
	auto_json struct json *many = config_of(o, SANDBOX_SUBIDS);
	auto_json struct json *single = config_of(o, SANDBOX_SINGLE);

	CHECK(json_integer_of(AT(many, "process", "user", "uid")) == 7);
	CHECK(json_integer_of(AT(many, "process", "user", "gid")) == 8);
	CHECK(json_count(AT(many, "process", "user", "additionalGids")) == 2);
	CHECK(json_integer_of(AT(single, "process", "user", "uid")) == 0);
	CHECK(!AT(single, "process", "user", "additionalGids"));
}

TEST(services)
{
	struct run_options o = {.is_service = true, .may_gain_privileges = true};
	auto_json struct json *c = config_of(o, SANDBOX_ROOT);

	CHECK(json_bool(AT(c, "process", "noNewPrivileges")));
	CHECK(json_count(AT(c, "process", "capabilities", "bounding")) == 0);
	o.is_service = false;
	auto_json struct json *step = config_of(o, SANDBOX_ROOT);

	CHECK(!json_bool(AT(step, "process", "noNewPrivileges")));
}

/* Rules of a filter for a system call. */
static size_t count_rules(const struct json *config, const char *call)
{
	const struct json *rules = AT(config, "linux", "seccomp", "syscalls");
	size_t n = 0;

	for (size_t i = 0; i < json_count(rules); i++) {
		const struct json *names = json_find(json_at(rules, i), "names");

		for (size_t j = 0; j < json_count(names); j++)
			n += strcmp(json_text(json_at(names, j)), call) == 0;
	}
	return n;
}

TEST(filters)
{
	auto_json struct json *many = config_of((struct run_options){0}, SANDBOX_SUBIDS);
	auto_json struct json *single = config_of((struct run_options){0}, SANDBOX_SINGLE);

	CHECK(count_rules(many, "mount") == 1 && count_rules(single, "mount") == 1);
	CHECK(count_rules(many, "clone3") == 1);
	CHECK(count_rules(many, "clone") == 7);
	CHECK(count_rules(many, "socket") == 1 && count_rules(many, "syslog") == 1);
	CHECK(count_rules(many, "chown") == 0 && count_rules(single, "chown") == 1);
	CHECK(count_rules(many, "mknodat") == 0 && count_rules(single, "mknodat") == 2);
}

/* In a process of its own, since a lowered limit does not come back. */
static int check_limit(rlim_t own, int64_t soft, int64_t hard)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		struct rlimit limit = {own, own};

		if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
			_exit(77);
		struct json *c = config_of((struct run_options){0}, SANDBOX_ROOT);
		const struct json *l = json_at(AT(c, "process", "rlimits"), 0);

		_exit(json_integer_of(json_find(l, "soft")) == soft &&
				      json_integer_of(json_find(l, "hard")) == hard
			      ? 0
			      : 1);
	}
	waitpid(pid, &status, 0);
	return WEXITSTATUS(status);
}

TEST(limits_are_clamped_to_ours)
{
	CHECK(check_limit(1023, 1023, 1023) == 0);
	CHECK(check_limit(1024, 1024, 1024) == 0);
	CHECK(check_limit(1025, 1024, 1025) == 0);
}

TEST(capabilities_are_those_we_hold)
{
	auto_json struct json *c = config_of((struct run_options){0}, SANDBOX_ROOT);
	uint64_t held = capabilities_held();

	/* either all twelve of the list (root) or none (a user) */
	CHECK(json_count(AT(c, "process", "capabilities", "bounding")) == (held & 1 ? 12 : 0));
}

TEST(devices_and_hooks)
{
	char when[] = "createContainer";
	char path[] = "/usr/bin/hook";
	const struct mount mounts[] = {
		{.source = "/dev/gpu",
		 .target = "/dev/gpu",
		 .is_writable = true,
		 .is_device = true},
		{.source = "/lib", .target = "/lib"},
	};
	struct cdi_hook hooks[] = {{.when = when, .path = path, .timeout_s = 3},
				   {.when = when, .path = path}};

	strings_add(&hooks[0].args, "hook");
	strings_add(&hooks[0].args, "\"quoted\"");
	strings_add(&hooks[0].env, "A=1");
	auto_json struct json *c = config_of(
		(struct run_options){.mounts = mounts, .n_mounts = 2, .hooks = hooks, .n_hooks = 2},
		SANDBOX_ROOT);
	const struct json *list = AT(c, "hooks", "createContainer");

	CHECK(!has_option(mount_of(c, "/dev/gpu"), "nodev"));
	CHECK(has_option(mount_of(c, "/lib"), "nodev"));
	CHECK(json_count(list) == 2);
	CHECK_TEXT(json_text(json_at(json_find(json_at(list, 0), "args"), 1)), "\"quoted\"");
	CHECK_TEXT(json_text(json_at(json_find(json_at(list, 0), "env"), 0)), "A=1");
	CHECK(json_integer_of(json_find(json_at(list, 0), "timeout")) == 3);
	CHECK(!json_find(json_at(list, 1), "args") && !json_find(json_at(list, 1), "timeout"));
	strings_release(&hooks[0].args);
	strings_release(&hooks[0].env);
}

TEST(a_network_that_is_joined)
{
	const struct network network = {.fd = -1, .way_out = -1};
	auto_json struct json *c =
		config_of((struct run_options){.network = &network}, SANDBOX_SUBIDS);
	const struct json *list = AT(c, "linux", "namespaces");
	const struct json *last = json_at(list, json_count(list) - 1);

	CHECK_TEXT(json_text(json_find(last, "type")), "network");
	CHECK_TEXT(json_text(json_find(last, "path")), NETWORK_PATH);
	CHECK_TEXT(json_text(json_find(mount_of(c, "/sys"), "type")), "sysfs");
}
