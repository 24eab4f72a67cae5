/* SPDX-License-Identifier: MIT
 * chutes doctor: what builds need beside containers, the store, and the spec here.
 */
#include "cli/doctor.h"

#include "lib/base/io.h"
#include "lib/base/library.h"
#include "lib/base/memory.h"
#include "lib/base/process.h"
#include "lib/build/lend.h"
#include "lib/lower/lower.h"
#include "lib/spec/lock.h"
#include "lib/spec/spec.h"
#include "lib/store/store.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>

enum { OUTPUT_LIMIT = 4096 };

/* --- network settings lent to steps */

static void add_part(struct text *t, const char *what, size_t n)
{
	if (n > 0)
		text_addf(t, "%s%s", t->len ? ", " : "", what);
}

void doctor_lent(struct doctor *d maybe_unused, struct report *r)
{
	const struct lend_options o = {0};
	auto_lend lend = {0};
	struct error err;

	if (!lend_prepare(&o, &lend, &err)) {
		report_error(r, "D152", &err);
		return;
	}
	add_part(&r->summary, "proxies", lend.env.n);
	add_part(&r->summary, "authorities", lend.ca.len + lend.pip_ca.len + lend.apt_ca.len);
	add_part(&r->summary, "pip's settings", lend.pip.n);
	add_part(&r->summary, "apt's settings", lend.apt.n);
	add_part(&r->summary, "Debian's archives", lend.sources.n);
	if (r->summary.len == 0)
		text_add(&r->summary, "nothing: steps reach the network as it is");
	lend_describe(&lend, &r->details);
}

/* --- a Debian base */

static void check_keys(struct doctor *d, struct report *r)
{
	static const char *const keyrings[] = {
		"/usr/share/keyrings/debian-archive-keyring.gpg",
		"/usr/share/keyrings/debian-archive-keyring.pgp",
	};

	for (size_t i = 0; i < array_len(keyrings); i++)
		if (file_exists(keyrings[i]))
			return;
	struct finding *f = findings_add(&r->findings, "D161",
					 "the keys that Debian signs its archives with are not "
					 "here");

	f->severity = SEVERITY_WARNING; /* apt may have them elsewhere */
	finding_hint(f, "install them: apt-get install debian-archive-keyring");
	doctor_needs(d, "debian-archive-keyring");
}

void doctor_debian(struct doctor *d, struct report *r)
{
	auto_free char *path = program_find("mmdebstrap");
	auto_free char *apt = program_find("apt-get");

	if (path && apt) {
		text_add(&r->summary, path);
		check_keys(d, r);
		return;
	}
	struct finding *f = findings_add(&r->findings, "D161",
					 "no %s: '{debian: …}', the base of a new chute, cannot be "
					 "made",
					 apt ? "mmdebstrap" : "apt");

	finding_hint(f, "%s",
		     apt ? "install it: apt-get install mmdebstrap"
			 : "install apt and mmdebstrap, or write 'base: oci:DIR' or another image "
			   "into chute.yaml");
	if (apt)
		doctor_needs(d, "mmdebstrap");
}

/* --- the store */

static void check_space(const struct doctor *d, struct report *r)
{
	static const uint64_t too_little = UINT64_C(1) << 30;
	static const uint64_t little = UINT64_C(5) << 30; /* one image with a framework for GPUs */
	auto_free char *place = doctor_store_place(d);
	auto_text free_space = {0};
	struct statvfs st;

	if (statvfs(place, &st) < 0)
		return;
	uint64_t bytes = (uint64_t)st.f_bavail * st.f_frsize;

	text_add_size(&free_space, bytes);
	text_addf(&r->summary, ", %s free", text_str(&free_space));
	if (bytes >= little)
		return;
	auto_free char *shown = doctor_path(place);
	struct finding *f =
		findings_add(&r->findings, "D181", "only %s are free on the disk of '%s'",
			     text_str(&free_space), shown);

	f->severity = bytes < too_little ? SEVERITY_ERROR : SEVERITY_WARNING;
	finding_hint(f, "'chutes images prune' makes room, or name another disk with --store or "
			"CHUTES_STORE");
}

static void tell_images(struct store *s, struct report *r)
{
	auto_store_images images = {0};
	struct error err;

	if (store_images_list(s, &images, &err))
		text_addf(&r->summary, ", %zu image%s", images.n, images.n == 1 ? "" : "s");
	else
		report_error(r, "D182", &err);
}

void doctor_store(struct doctor *d, struct report *r)
{
	auto_free char *path = NULL;
	auto_store struct store *s = NULL;
	struct error err;

	if (!store_path_find(d->call->globals.store, &path, &err)) {
		report_error(r, "D182", &err);
		return;
	}
	auto_free char *shown = doctor_path(path);

	text_add(&r->summary, shown);
	if (!file_exists(path))
		text_add(&r->summary, ", made by the first build");
	else if (store_open(path, &s, &err))
		tell_images(s, r);
	else
		report_error(r, "D182", &err);
	check_space(d, r);
}

/* --- the spec here */

static void judge_spec(const struct spec *spec, struct findings *f)
{
	lower_check_schemas(spec, f);
	spec_check_lock(spec, f);
}

void doctor_spec(struct doctor *d, struct report *r)
{
	const struct spec_options o = {.file = d->call->globals.file,
				       .overlay = d->call->globals.overlay,
				       .checks_all_files = true};
	auto_spec spec = {0};
	auto_findings f = {0};
	struct error err = {0};
	bool ok = spec_load(&o, &spec, &f, &err);

	if (ok)
		judge_spec(&spec, &f);
	size_t n_errors = findings_count(&f, SEVERITY_ERROR);
	size_t n_warnings = f.n - n_errors;

	if (!ok && n_errors == 0 && !o.file && err.code == ERROR_NOT_FOUND) {
		r->is_absent = true;
		text_add(&r->summary, "no chute.yaml here; 'chutes init' makes one");
		return;
	}
	if (!ok && n_errors == 0) {
		report_error(r, "D191", &err);
		return;
	}
	if (n_errors > 0) {
		struct finding *found = findings_add(
			&r->findings, "D191", "%s has %zu error%s and %zu warning%s",
			spec.file ? spec.file : "chute.yaml", n_errors, n_errors == 1 ? "" : "s",
			n_warnings, n_warnings == 1 ? "" : "s");

		finding_hint(found, "'chutes validate' shows them");
		return;
	}
	text_addf(&r->summary, "%s: '%s' is valid", spec.file, spec.name);
	if (n_warnings > 0)
		text_addf(&r->summary, ", with %zu warning%s ('chutes validate')", n_warnings,
			  n_warnings == 1 ? "" : "s");
}

/* --- Python, for import */

/* "3.11.2"; false when it is none, or cannot be run. */
static bool ask_version(char *path, unsigned *minor, struct text *out, struct error *err)
{
	char *const argv[] = {path, (char[]){"-I"}, (char[]){"-c"},
			      (char[]){"import sys; print('%d.%d.%d' % sys.version_info[:3])"},
			      NULL};
	unsigned major;

	if (!process_capture(argv, NULL, OUTPUT_LIMIT, out, NULL, err))
		return false;
	out->len = strcspn(text_str(out), "\n");
	if (out->bytes)
		out->bytes[out->len] = '\0';
	char *end;

	major = (unsigned)strtoul(text_str(out), &end, 10);
	*minor = major == 3 && *end == '.' ? (unsigned)strtoul(end + 1, NULL, 10) : 0;
	return true;
}

void doctor_python(struct doctor *d, struct report *r)
{
	enum { MINOR_NEEDED = 10 };
	const char *named = env_get(ENV_CHUTES_PYTHON);
	auto_free char *path = program_find(named ? named : "python3");
	auto_text version = {0};
	unsigned minor = 0;
	struct error err;

	if (!path) {
		struct finding *f = findings_add(&r->findings, "D201",
						 "no %s: 'chutes import' cannot read modules",
						 named ? named : "python3");

		finding_hint(f, named ? "correct CHUTES_PYTHON"
				      : "install it: apt-get install python3");
		if (!named)
			doctor_needs(d, "python3");
		return;
	}
	if (!ask_version(path, &minor, &version, &err)) {
		report_error(r, "D201", &err);
		return;
	}
	text_addf(&r->summary, "%s, %s", path, text_str(&version));
	if (minor < MINOR_NEEDED)
		finding_hint(findings_add(&r->findings, "D201",
					  "'%s' is Python %s; 'chutes import' needs 3.%d", path,
					  text_str(&version), MINOR_NEEDED),
			     "name a newer one with CHUTES_PYTHON");
}

/* --- libraries */

void doctor_libraries(struct doctor *d, struct report *r)
{
	static void *slot;
	static const struct {
		const char *soname;
		const char *function;
		const char *package;
		const char *without;
	} libraries[] = {
		{"libcurl.so.4", "curl_easy_init", "libcurl4", "nothing can be asked or called"},
		{"libcrypto.so.3", "EVP_MD_fetch", "libssl3", "hashing takes much longer"},
		{"libisal.so.2", "isal_deflate", "libisal2", "compressing takes much longer"},
	};

	for (size_t i = 0; i < array_len(libraries); i++) {
		const struct library_function function = {libraries[i].function, &slot};

		if (library_open(libraries[i].soname, &function, 1)) {
			text_addf(&r->summary, "%s%s", r->summary.len ? ", " : "",
				  libraries[i].soname);
			continue;
		}
		struct finding *f = findings_add(&r->findings, "D202", "no %s: %s",
						 libraries[i].soname, libraries[i].without);

		finding_hint(f, "install it: apt-get install %s", libraries[i].package);
		doctor_needs(d, libraries[i].package);
	}
}
