/* SPDX-License-Identifier: MIT
 * chutes doctor: does everything that chutes needs work here, and what to do where it does not.
 */
#include "cli/doctor.h"

#include "cli/commands.h"
#include "cli/help.h"
#include "cli/print.h"
#include "cli/settings.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/base/process.h"

#include <pwd.h>
#include <stdarg.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

/* What needs a sandbox comes first: who has read a secret can make none (process_guard). */
const struct doctor_check doctor_checks[] = {
	{"runtime", "the program that runs containers", doctor_runtime},
	{"namespaces", "what this kernel and user may do", doctor_namespaces},
	{"container", "a program in a container", doctor_container},
	{"network", "a network of its own for a chute", doctor_network},
	{"lent", "network settings lent to build steps", doctor_lent},
	{"debian", "what makes a Debian base", doctor_debian},
	{"gpu", "NVIDIA's driver and its devices", doctor_gpu},
	{"store", "the image store and its disk", doctor_store},
	{"python", "the Python that 'import' runs", doctor_python},
	{"libraries", "libraries opened when needed", doctor_libraries},
	{"spec", "the chute.yaml here", doctor_spec},
	{"config", "settings, and who can read them", doctor_settings},
	{"wallets", "key files: whole, consistent, private", doctor_wallets},
	{"hotkey", "the key that signs", doctor_hotkey},
	{"proxy", "proxies of the environment", doctor_proxy},
	{"server", "the API: reached, trusted, same time", doctor_server},
	{0},
};

struct doctor_options {
	bool fix;
	bool online;
	struct strings only;
};
static const struct option_row rows[] = {
	OPT(0, "fix", FLAG, doctor_options, fix, NULL, "make files of secrets yours alone"),
	OPT(0, "only", LIST, doctor_options, only, "CHECK", "only this check (repeat)"),
	OPT(0, "online", FLAG, doctor_options, online, NULL,
	    "ask the API, too, where no server is configured"),
	OPT_END};

/* --- what checks share */

const struct config *doctor_config(struct doctor *d)
{
	if (!d->has_looked_at_config)
		d->has_config = settings_load_silently(d->call, &d->config, &d->config_error);
	d->has_looked_at_config = true;
	return d->has_config ? &d->config : NULL;
}

bool doctor_sandbox(struct doctor *d)
{
	if (!d->has_probed)
		d->has_sandbox = sandbox_probe(&d->ids, &d->sandbox_error);
	d->has_probed = true;
	return d->has_sandbox;
}

void doctor_needs(struct doctor *d, const char *package)
{
	if (!strings_has(&d->packages, package))
		strings_add(&d->packages, package);
}

struct finding *report_error(struct report *r, const char *code, const struct error *err)
{
	struct finding *f = findings_add(&r->findings, code, "%s", err->message);

	if (err->hint[0])
		finding_hint(f, "%s", err->hint);
	return f;
}

void report_detail(struct report *r, const char *fmt, ...)
{
	auto_text line = {0};
	va_list args;

	va_start(args, fmt);
	text_addv(&line, fmt, args);
	va_end(args);
	strings_add_taken(&r->details, text_take(&line));
}

char *doctor_path(const char *path)
{
	const char *home = env_get(ENV_HOME);

	if (home && strcmp(home, "/") != 0 && strcmp(path, home) != 0 && path_is_below(path, home))
		return xprintf("~%s", path + strlen(home));
	return xstrdup(path);
}

/* --- one check */

enum status { STATUS_OK, STATUS_ABSENT, STATUS_WARNING, STATUS_ERROR };

static enum status status_of(const struct report *r)
{
	if (findings_count(&r->findings, SEVERITY_ERROR) > 0)
		return STATUS_ERROR;
	if (r->findings.n > 0)
		return STATUS_WARNING;
	return r->is_absent ? STATUS_ABSENT : STATUS_OK;
}

static void report_release(struct report *r)
{
	text_release(&r->summary);
	strings_release(&r->details);
	strings_release(&r->fixed);
	findings_release(&r->findings);
}

static void add_list(struct json_out *j, const char *name, const struct strings *list)
{
	json_out_array(j, name);
	for (size_t i = 0; i < list->n; i++)
		json_out_text(j, NULL, list->items[i]);
	json_out_array_end(j);
}

static void add_codes(struct json_out *j, const struct findings *f)
{
	json_out_array(j, "codes");
	for (size_t i = 0; i < f->n; i++)
		json_out_text(j, NULL, f->items[i].row->code);
	json_out_array_end(j);
}

static void add_json(struct json_out *j, const struct doctor_check *check, const struct report *r)
{
	static const char *const names[] = {"ok", "absent", "warning", "error"};

	json_out_object(j, NULL);
	json_out_text(j, "name", check->name);
	json_out_text(j, "status", names[status_of(r)]);
	json_out_text(j, "summary", r->summary.len ? text_str(&r->summary) : NULL);
	add_list(j, "details", &r->details);
	add_list(j, "fixed", &r->fixed);
	add_codes(j, &r->findings);
	json_out_object_end(j);
}

/* A column for the judgement, one for the check's name, and the rest. */
enum { JUDGEMENT_COLUMN = 9, TEXT_COLUMN = 21 };

/* Lines behind the two columns; `first` of them is already begun. */
static void print_wrapped(const char *text, size_t indent, bool is_begun)
{
	auto_text shown = {0};
	auto_text lines = {0};

	text_add_printable(&shown, text, strlen(text), false);
	help_add_wrapped(&lines, TEXT_COLUMN + indent, text_str(&shown));
	print_bytes(text_str(&lines) + (is_begun ? TEXT_COLUMN : 0),
		    lines.len - (is_begun ? TEXT_COLUMN : 0));
}

static void print_check(const struct doctor *d, const struct doctor_check *check,
			const struct report *r)
{
	static const struct {
		enum print_mark mark;
		const char *word;
	} words[] = {{PRINT_GOOD, "ok"},
		     {PRINT_FAINT, "-"},
		     {PRINT_WARNING, "warning"},
		     {PRINT_ERROR, "error"}};
	enum status status = status_of(r);
	bool is_begun = true;

	print_mark(words[status].mark, words[status].word);
	for (size_t i = strlen(words[status].word); i < JUDGEMENT_COLUMN; i++)
		print_bytes(" ", 1);
	auto_free char *name = xprintf("%-*s", TEXT_COLUMN - JUDGEMENT_COLUMN, check->name);

	print_bytes(name, strlen(name));
	if (r->summary.len) {
		print_wrapped(text_str(&r->summary), 0, true);
		is_begun = false;
	}
	for (size_t i = 0; i < r->fixed.n; i++) {
		auto_free char *line = xprintf("fixed: %s", r->fixed.items[i]);

		print_wrapped(line, 0, is_begun);
		is_begun = false;
	}
	for (size_t i = 0; i < r->findings.n; i++) {
		const struct finding *f = &r->findings.items[i];
		auto_free char *line = xprintf("%s [%s]", f->message, f->row->code);

		print_wrapped(line, 0, is_begun);
		is_begun = false;
		if (f->hint)
			print_wrapped(f->hint, 2, false);
	}
	for (size_t i = 0; i < r->details.n && d->is_named; i++)
		print_wrapped(r->details.items[i], 2, false);
}

static bool is_shown(const struct doctor *d, const struct report *r)
{
	return !d->call->globals.quiet || status_of(r) == STATUS_ERROR;
}

static void run_check(struct doctor *d, const struct doctor_check *check, struct findings *all)
{
	struct report r = {0};

	check->run(d, &r);
	if (d->call->globals.strict)
		findings_strict(&r.findings);
	if (r.fixed.n > 0)
		print_changed();
	if (print_result())
		add_json(print_result(), check, &r);
	else if (is_shown(d, &r))
		print_check(d, check, &r);
	print_flush(); /* the next one may take a moment */
	findings_move(all, &r.findings);
	report_release(&r);
}

/* --- all of them */

static const struct doctor_check *find_check(const char *name)
{
	for (const struct doctor_check *c = doctor_checks; c->name; c++)
		if (strcmp(c->name, name) == 0)
			return c;
	return NULL;
}

static bool check_names(const struct strings *names, struct error *err)
{
	auto_strings all = {0};
	auto_text list = {0};

	for (const struct doctor_check *c = doctor_checks; c->name; c++) {
		strings_add(&all, c->name);
		text_addf(&list, "%s%s", list.len ? ", " : "", c->name);
	}
	for (size_t i = 0; i < names->n; i++) {
		if (find_check(names->items[i]))
			continue;
		const char *near =
			text_nearest(names->items[i], (const char *const *)strings_argv(&all));

		fail(err, ERROR_USAGE, "--only: there is no check '%s'", names->items[i]);
		return near ? fail_hint(err, "did you mean '%s'?", near)
			    : fail_hint(err, "there are: %s", text_str(&list));
	}
	return true;
}

/* "Debian GNU/Linux 12 (bookworm)" */
static char *system_name(void)
{
	enum { LIMIT = 64 * 1024 };
	auto_text release = {0};
	auto_strings lines = {0};
	struct error ignored; /* some systems have no such file */

	if (!file_read("/etc/os-release", LIMIT, &release, &ignored))
		return xstrdup("Linux");
	strings_split(&lines, text_str(&release), '\n');
	const char *name = strings_env_find(&lines, "PRETTY_NAME");

	if (!name || !*name)
		return xstrdup("Linux");
	size_t is_quoted = *name == '"' && strlen(name) > 1;

	return xstrndup(name + is_quoted, strlen(name) - 2 * is_quoted);
}

/* What a report of a fault begins with. */
static void print_machine(const struct doctor *d)
{
	struct json_out *j = print_result();
	auto_free char *name = system_name();
	const struct passwd *user = getpwuid(geteuid());
	struct utsname kernel = {0};

	uname(&kernel);
	if (j) {
		json_out_text(j, "version", CHUTES_VERSION);
		json_out_text(j, "system", name);
		json_out_text(j, "kernel", kernel.release);
		json_out_text(j, "machine", kernel.machine);
		json_out_number(j, "uid", geteuid());
	} else if (!d->call->globals.quiet) {
		print_line("chutes %s, %s, Linux %s %s, user %s", CHUTES_VERSION, name,
			   kernel.release, kernel.machine, user ? user->pw_name : "without name");
	}
}

/* One command for all of them. */
static void print_packages(const struct doctor *d)
{
	auto_text words = {0};
	auto_free char *apt = program_find("apt-get");

	for (size_t i = 0; i < d->packages.n; i++)
		text_addf(&words, " %s", d->packages.items[i]);
	if (print_result())
		add_list(print_result(), "packages", &d->packages);
	else if (d->packages.n > 0 && apt)
		print_line("to install:  %sapt-get install%s", geteuid() == 0 ? "" : "sudo ",
			   text_str(&words));
}

static void print_conclusion(const struct doctor *d, const struct findings *all)
{
	bool is_brief = d->call->globals.quiet || print_is_json();

	if (is_brief || findings_count(all, SEVERITY_ERROR) > 0)
		return; /* the error at the end says it */
	if (all->n > 0)
		print_line("%zu warning%s; 'chutes explain CODE' tells more of what stands in "
			   "brackets",
			   all->n, all->n == 1 ? "" : "s");
	else
		print_line("everything that was looked at works");
}

static void run_checks(struct doctor *d, struct findings *all)
{
	const struct doctor_options *o = d->call->options;

	if (print_result())
		json_out_array(print_result(), "checks");
	for (const struct doctor_check *c = doctor_checks; c->name; c++) {
		d->is_named = strings_has(&o->only, c->name);
		if (o->only.n == 0 || d->is_named)
			run_check(d, c, all);
	}
	if (print_result())
		json_out_array_end(print_result());
}

static bool run(struct call *call, struct error *err)
{
	const struct doctor_options *o = call->options;
	struct doctor d = {.call = call, .fixes = o->fix, .is_online = o->online};
	auto_findings all = {0};

	if (!check_names(&o->only, err))
		return false;
	print_result_stays();
	print_machine(&d);
	run_checks(&d, &all);
	print_packages(&d);
	print_conclusion(&d, &all);
	/* a person has them where they belong */
	if (print_is_json() || call->globals.github)
		print_findings(&all);
	config_release(&d.config);
	strings_release(&d.packages);
	return findings_pass(&all, err) ||
	       fail_hint(err, "'chutes explain CODE' tells more of what stands in brackets");
}

const struct command command_doctor = {
	.name = "doctor",
	.summary = "check that everything works here, and say how to repair it",
	.about = "Looks at the settings, the keys, the server, and what building and running\n"
		 "needs of this machine; a line for each, and with a fault its remedy. Nothing\n"
		 "is changed, no key is shown or sent, and a server is asked only where one is\n"
		 "configured. --fix makes files of secrets readable by you alone, nothing else.",
	.options = rows,
	.options_size = sizeof(struct doctor_options),
	.examples = {"chutes doctor", "chutes doctor --only server --online",
		     "chutes doctor --json | jq -r '.result.packages[]'"},
	.exits = {ERROR_SPEC, ERROR_AUTH, ERROR_NETWORK, ERROR_SERVER, ERROR_MISSING},
	.see_also = {"config list", "explain", "validate"},
	.group = GROUP_START,
	.run = run,
};
