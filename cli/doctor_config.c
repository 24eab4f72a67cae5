/* SPDX-License-Identifier: MIT
 * chutes doctor: settings, and the modes of files.
 */
#include "cli/doctor.h"

#include "cli/settings.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* --- who can read and write what */

/* Of a file or directory of ours, and nothing else is taken away than what others have. */
static bool make_private(const char *path, mode_t wrong, struct error *err)
{
	auto_fd int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return fail_errno(err, "opening '%s'", path);
	if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
		return fail(err, ERROR_FAILURE, "'%s' is no file", path);
	if (st.st_uid != geteuid())
		return fail(err, ERROR_AUTH, "'%s' belongs to somebody else", path);
	return fchmod(fd, st.st_mode & 07777 & ~wrong) == 0 ||
	       fail_errno(err, "changing the mode of '%s'", path);
}

static void repair(struct report *r, const char *code, const char *path, const struct stat *st,
		   mode_t wrong)
{
	struct error err;
	auto_free char *shown = doctor_path(path);

	if (!make_private(path, wrong, &err)) {
		report_error(r, code, &err);
		return;
	}
	strings_addf(&r->fixed, "the mode of '%s' is %04o, it was %04o", shown,
		     (unsigned)(st->st_mode & 07777 & ~wrong), (unsigned)(st->st_mode & 07777));
}

void doctor_check_mode(struct doctor *d, struct report *r, const char *path,
		       bool is_for_others_to_read)
{
	const char *code = is_for_others_to_read ? "D103" : "D102";
	mode_t wrong = is_for_others_to_read ? 022 : 077;
	struct stat st;

	/* in a directory with the sticky bit everybody has only his own */
	if (stat(path, &st) < 0 || (st.st_mode & wrong) == 0 ||
	    (S_ISDIR(st.st_mode) && st.st_mode & S_ISVTX))
		return;
	if (d->fixes) {
		repair(r, code, path, &st, wrong);
		return;
	}
	auto_free char *shown = doctor_path(path);
	struct finding *f =
		findings_add(&r->findings, code, "others than you can %s '%s' (mode %04o)",
			     is_for_others_to_read ? "change"
			     : (st.st_mode & 022)  ? "read and change"
						   : "read",
			     shown, (unsigned)(st.st_mode & 07777));

	/* what a group may change is used, what anybody may change is refused */
	if (is_for_others_to_read && st.st_mode & S_IWOTH)
		f->severity = SEVERITY_ERROR;
	finding_hint(f, "run 'chutes doctor --fix', or 'chmod %s %s'",
		     is_for_others_to_read ? "go-w" : "go=", path);
}

/* --- settings */

static void check_file(struct doctor *d, struct report *r, const struct config_look_file *f)
{
	if (!f->path || !f->exists)
		return;
	auto_free char *shown = doctor_path(f->path);

	text_addf(&r->summary, "%s%s", r->summary.len ? ", " : "", shown);
	if (f->has_problem)
		report_error(r, "D101", &f->problem);
	doctor_check_mode(d, r, f->path, !f->has_secret);
}

/* Of the usual files; one that is named may be anywhere. */
static void check_directories(struct doctor *d, struct report *r, const struct config_look *look)
{
	static const size_t of_each[] = {0, 2}; /* secrets are beside the first */

	for (size_t i = 0; i < array_len(of_each); i++) {
		const struct config_look_file *f = &look->files[of_each[i]];
		auto_free char *directory = f->path ? path_directory(f->path) : NULL;

		if (directory && look->files[1].path)
			doctor_check_mode(d, r, directory, true);
	}
}

static void tell_choice(const struct config *c, struct report *r)
{
	text_addf(&r->summary, "; profile %s, %s", c->values[CONFIG_PROFILE].text,
		  c->values[CONFIG_BASE_URL].text);
	for (int i = 0; i < CONFIG_N_SETTINGS; i++) {
		const struct config_row *row = config_row((enum config_setting)i);
		const struct config_value *v = &c->values[i];

		if (v->text && v->origin != CONFIG_FROM_DEFAULT)
			report_detail(r, "%s from %s%s%s", row->name, config_origin_name(v->origin),
				      v->where ? " " : "", v->where ? v->where : "");
	}
}

void doctor_settings(struct doctor *d, struct report *r)
{
	auto_config_look look = {0};
	struct error err;

	if (!config_look(settings_option(d->call, "config-path"), &look, &err)) {
		report_error(r, "D101", &err);
		return;
	}
	for (size_t i = 0; i < CONFIG_N_FILES; i++)
		check_file(d, r, &look.files[i]);
	check_directories(d, r, &look);
	const struct config *c = doctor_config(d);

	if (c && r->summary.len == 0)
		text_add(&r->summary, "no file, and none is needed");
	if (c)
		tell_choice(c, r);
	else if (r->findings.n == 0)
		report_error(r, "D101", &d->config_error);
}
