/* SPDX-License-Identifier: MIT */
#include "lib/build/image_rules.h"

#include "lib/base/inside.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/base/strings.h"
#include "lib/base/text.h"
#include "lib/build/image_cuda.h"
#include "lib/build/image_look.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	PASSWD_LIMIT = 1 << 20,
	PYTHON_MINOR_LOWEST = 10,
	CUDA_MAJOR = 12,
	CUDA_MINOR_LOWEST = 2,
	CUDA_MINOR_HIGHEST = 6,
};
#define WORKING_DIRECTORY "/app"
#define USER_NAME         "chutes"

struct checking {
	const struct image_rules *r;
	struct findings *out;
	const char *path; /* of the image's environment */
	struct text passwd;
};

static struct finding *set_severity(const struct checking *c, struct finding *f)
{
	f->severity = c->r->is_strict ? SEVERITY_ERROR : SEVERITY_WARNING;
	return f;
}

/* --- CUDA */
static void check_cuda(struct checking *c)
{
	struct cuda_version v;
	struct finding *f;

	if (!image_cuda_find(c->r->root_fd, c->r->config, &v)) {
		f = findings_add(c->out, "I101", "no CUDA in the image; looked at %s",
				 IMAGE_CUDA_PLACES);
		finding_hint(set_severity(c, f),
			     "start from an image with CUDA 12.2 to 12.6, such "
			     "as 'base: parachutes/python:3.12', or install it: "
			     "pip: [nvidia-cuda-runtime-cu12==12.6.*]");
		return;
	}
	bool is_above =
		v.major > CUDA_MAJOR || (v.major == CUDA_MAJOR && v.minor > CUDA_MINOR_HIGHEST);
	bool is_below =
		v.major < CUDA_MAJOR || (v.major == CUDA_MAJOR && v.minor < CUDA_MINOR_LOWEST);

	if (!is_above && !is_below)
		return;
	f = findings_add(c->out, "I102", "CUDA is %s (%s), not 12.2 to 12.6", v.text, v.place);
	finding_hint(set_severity(c, f), is_above ? "drivers of some machines are older: choose a "
						    "base with CUDA 12.6 or lower"
						  : "choose a base with CUDA 12.2 to 12.6");
	if (is_above)
		f->severity = SEVERITY_WARNING;
}

static void check_driver(struct checking *c)
{
	auto_free char *path = image_cuda_driver(c->r->root_fd);

	if (!path)
		return;
	struct finding *f = findings_add(
		c->out, "I103", "'%s' is a driver library: the machine brings its own", path);

	finding_hint(set_severity(c, f),
		     "remove the package that has it: apt_remove: [libcuda1], or "
		     "run: rm -f %s",
		     path);
}

/* --- Python */
/* The minor version in "python3.11"; 0: none. */
static int minor_of(const char *name)
{
	static const char prefix[] = "python3.";
	long minor = text_starts_with(name, prefix) ? strtol(name + strlen(prefix), NULL, 10) : 0;

	return minor > 0 && minor < 1000 ? (int)minor : 0;
}

/* The version of an interpreter: by its name, else by the library beside it when there is only one.
 * 0: not to be told. */
static int python_minor(const struct checking *c, const char *program, char place[256])
{
	auto_free char *real = image_real_path(c->r->root_fd, program);
	auto_strings libraries = {0};

	if (!real)
		return 0;
	snprintf(place, 256, "%s", real);
	if (minor_of(path_name(real)))
		return minor_of(path_name(real));
	auto_free char *bin = path_directory(real);
	auto_free char *prefix = path_directory(bin);
	auto_free char *pattern = xprintf("%s/lib/python3.*", strcmp(prefix, "/") ? prefix : "");

	image_glob(c->r->root_fd, pattern, &libraries);
	if (libraries.n != 1)
		return 0;
	snprintf(place, 256, "%s", libraries.items[0]);
	return minor_of(path_name(libraries.items[0]));
}

static void check_python(struct checking *c)
{
	auto_free char *python = image_program(c->r->root_fd, c->path, "python");
	auto_free char *python3 = image_program(c->r->root_fd, c->path, "python3");
	char place[256] = "";
	struct finding *f;

	if (!python && !python3) {
		f = findings_add(c->out, "I111", "no python3 in %s", c->path);
		finding_hint(set_severity(c, f),
			     "add the step 'apt: [python3, python3-pip, python-is-python3]'");
	} else {
		int minor = python_minor(c, python ? python : python3, place);

		if (minor > 0 && minor < PYTHON_MINOR_LOWEST) {
			f = findings_add(c->out, "I111", "Python is 3.%d (%s), not 3.%d or newer",
					 minor, place, PYTHON_MINOR_LOWEST);
			finding_hint(set_severity(c, f), "choose a base with a newer Python, such "
							 "as 'base: {debian: bookworm}'");
		}
	}
	auto_free char *pip = image_program(c->r->root_fd, c->path, "pip");
	auto_free char *pip3 = image_program(c->r->root_fd, c->path, "pip3");

	if (!pip && !pip3) {
		f = findings_add(c->out, "I112", "no pip in %s", c->path);
		finding_hint(set_severity(c, f), "add the step 'apt: [python3-pip]'");
	}
	if (!python) {
		f = findings_add(c->out, "I113", "no 'python' in %s%s%s", c->path,
				 python3 ? ", only " : "", python3 ? python3 : "");
		finding_hint(set_severity(c, f), "add the step 'apt: [python-is-python3]', or a "
						 "link: run: ln -s python3 /usr/local/bin/python");
	}
}

/* --- users and directories */
/* The line of a user by name in /etc/passwd: its id, -1 when there is none. */
static long user_id(const struct checking *c, const char *name)
{
	auto_strings lines = {0};
	size_t len = strlen(name);

	strings_split(&lines, text_str(&c->passwd), '\n');
	for (size_t i = 0; i < lines.n; i++) {
		const char *line = lines.items[i];
		const char *id;

		if (strncmp(line, name, len) != 0 || line[len] != ':')
			continue;
		id = strchr(line + len + 1, ':');
		return id ? strtol(id + 1, NULL, 10) : -1;
	}
	return -1;
}

static void check_user(struct checking *c)
{
	const char *user = c->r->config->user ? c->r->config->user : "";
	auto_free char *name = xstrndup(user, strcspn(user, ":"));
	struct finding *f;

	if (user_id(c, USER_NAME) < 0) {
		f = findings_add(c->out, "I121", "no user '" USER_NAME "' in /etc/passwd");
		finding_hint(set_severity(c, f), "add, as root, the step 'run: useradd -m -u 1000 "
						 "-d " WORKING_DIRECTORY " " USER_NAME "'");
	}
	bool is_number = *name && name[strspn(name, "0123456789")] == '\0';
	bool is_root = !*name || (is_number ? strtol(name, NULL, 10) == 0
					    : strcmp(name, "root") == 0 || user_id(c, name) == 0);

	if (is_root) {
		f = findings_add(c->out, "I122", "the image ends as user '%s', which is root",
				 *user ? user : "(none)");
		finding_hint(set_severity(c, f), "add the last step 'user: " USER_NAME "'");
	}
}

static void check_directory(struct checking *c)
{
	const char *written = c->r->config->working_dir;
	auto_free char *directory = path_clean(written && *written ? written : "/");
	struct finding *f;

	if (strcmp(directory, WORKING_DIRECTORY) == 0)
		return;
	f = findings_add(c->out, "I123", "the image ends in '%s', not in " WORKING_DIRECTORY,
			 directory);
	finding_hint(set_severity(c, f), "add the last step 'workdir: " WORKING_DIRECTORY "'");
}

static void check_programs(struct checking *c)
{
	auto_free char *curl = image_program(c->r->root_fd, c->path, "curl");
	struct finding *f;

	if (!image_is_executable(c->r->root_fd, "/bin/sh")) {
		f = findings_add(c->out, "I124", "no program /bin/sh");
		finding_hint(set_severity(c, f), "choose a base with a shell, such as 'base: "
						 "{debian: bookworm}'");
	}
	if (!curl) {
		f = findings_add(c->out, "I125", "no curl in %s", c->path);
		finding_hint(set_severity(c, f), "add the step 'apt: [curl]'");
	}
}

bool image_rules_check(const struct image_rules *r, struct findings *out, struct error *err)
{
	struct checking c = {.r = r, .out = out, .path = strings_env_find(&r->config->env, "PATH")};

	if (!c.path || !*c.path)
		c.path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	if (inside_read(r->root_fd, "/etc/passwd", PASSWD_LIMIT, &c.passwd, err) < 0) {
		text_release(&c.passwd);
		err->code = ERROR_BUILD;
		return false;
	}
	if (r->wants_gpus) {
		check_cuda(&c);
		check_driver(&c);
	}
	check_python(&c);
	check_user(&c);
	check_directory(&c);
	check_programs(&c);
	text_release(&c.passwd);
	return true;
}
