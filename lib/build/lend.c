/* SPDX-License-Identifier: MIT */
#include "lib/build/lend.h"

#include "lib/base/env.h"
#include "lib/base/inside.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/build/host_apt.h"
#include "lib/build/host_pip.h"

#include <string.h>

enum { CA_LIMIT = 16 << 20, SMALL_FILE_LIMIT = 1 << 20 };

/* Variables that programs read the CA bundle's name from. */
static const char *const ca_variables[] = {"SSL_CERT_FILE",       "REQUESTS_CA_BUNDLE",
					   "CURL_CA_BUNDLE",      "PIP_CERT",
					   "NODE_EXTRA_CA_CERTS", "GIT_SSL_CAINFO"};

/* Programs disagree about the case. */
static const struct {
	enum env_name name;
	const char *lower;
	const char *upper;
} proxies[] = {{ENV_HTTP_PROXY, "http_proxy", "HTTP_PROXY"},
	       {ENV_HTTPS_PROXY, "https_proxy", "HTTPS_PROXY"},
	       {ENV_ALL_PROXY, "all_proxy", "ALL_PROXY"},
	       {ENV_NO_PROXY, "no_proxy", "NO_PROXY"}};

/* apt and mmdebstrap find sources in a list of exactly these; all of Debian's own. */
static char *const all_components[] = {(char[]){"main"}, (char[]){"contrib"}, (char[]){"non-free"},
				       (char[]){"non-free-firmware"}};

void lend_release(struct lend *l)
{
	strings_release(&l->env);
	strings_release(&l->pip);
	strings_release(&l->apt);
	strings_release(&l->sources);
	text_release(&l->ca);
	text_release(&l->pip_ca);
	text_release(&l->apt_ca);
	*l = (struct lend){0};
}

static bool read_bundle(const char *path, const char *who, struct text *out, struct error *err)
{
	if (file_read(path, CA_LIMIT, out, err))
		return true;
	err->code = ERROR_MISSING;
	fail_in(err, "the CA bundle of %s", who);
	return fail_hint(err, "correct its name, or build with --no-host-network-config");
}

/* A bundle of pip's or apt's own, unless it is the one that everybody gets. */
static bool read_other_bundle(const struct lend *l, const char *path, const char *who,
			      struct text *out, struct error *err)
{
	if (!path || !*path)
		return true;
	if (!read_bundle(path, who, out, err))
		return false;
	if (out->len == l->ca.len && memcmp(text_str(out), text_str(&l->ca), out->len) == 0)
		text_clear(out);
	return true;
}

static bool read_ca(const char *etc, struct lend *l, struct error *err)
{
	auto_free char *system = xprintf("%s/ssl/certs/ca-certificates.crt", etc);

	if (env_get(ENV_SSL_CERT_FILE))
		return read_bundle(env_get(ENV_SSL_CERT_FILE), "SSL_CERT_FILE", &l->ca, err);
	return !file_exists(system) || read_bundle(system, "this machine", &l->ca, err);
}

static bool read_host(const char *etc, struct lend *l, struct error *err)
{
	struct host_pip pip = {0};
	auto_free char *apt_ca = NULL;

	for (size_t i = 0; i < array_len(proxies); i++) {
		const char *value = env_get(proxies[i].name);

		if (!value)
			continue;
		strings_env_set(&l->env, proxies[i].lower, value);
		strings_env_set(&l->env, proxies[i].upper, value);
	}
	if (!read_ca(etc, l, err) || !host_apt_settings(&l->apt, &apt_ca, err) ||
	    !host_apt_sources(etc, &l->sources, err) ||
	    !read_other_bundle(l, apt_ca, "apt", &l->apt_ca, err) || !host_pip_read(etc, &pip, err))
		return false;
	bool ok = read_other_bundle(l, pip.cert, "pip", &l->pip_ca, err);

	strings_add_all(&l->pip, &pip.settings);
	host_pip_release(&pip);
	return ok;
}

bool lend_prepare(const struct lend_options *o, struct lend *out, struct error *err)
{
	const char *etc = o->etc ? o->etc : "/etc";
	auto_lend l = {.ids_are_squashed = o->ids_are_squashed};

	if (!o->has_no_host_config && !read_host(etc, &l, err))
		return fail_in(err, "this machine's network settings");
	*out = l;
	l = (struct lend){0};
	return true;
}

/* --- handing out */

static bool has_pip(const struct lend *l)
{
	return l->pip.n > 0 || l->ca.len > 0 || l->pip_ca.len > 0;
}

static bool has_apt(const struct lend *l)
{
	return l->apt.n > 0 || l->ca.len > 0 || l->apt_ca.len > 0 || l->ids_are_squashed ||
	       l->sources.n > 0;
}

void lend_format_apt(const struct lend *l, const char *directory, bool has_sources,
		     struct text *out)
{
	for (size_t i = 0; i < l->apt.n; i++)
		text_addf(out, "%s\n", l->apt.items[i]);
	if (l->apt_ca.len > 0 || l->ca.len > 0)
		text_addf(out, "Acquire::https::CaInfo \"%s/%s\";\n", directory,
			  l->apt_ca.len > 0 ? "apt-ca.crt" : "ca.crt");
	/* apt notices that its change of user did nothing, and gives up */
	if (l->ids_are_squashed)
		text_add(out, "APT::Sandbox::User \"root\";\n");
	if (has_sources)
		text_addf(out,
			  "Dir::Etc::SourceList \"%s/sources.list\";\n"
			  "Dir::Etc::SourceParts \"-\";\n",
			  directory);
}

static bool put(const char *directory, const char *name, const struct text *content,
		struct error *err)
{
	auto_free char *path = xprintf("%s/%s", directory, name);

	return file_write_cache(path, text_str(content), content->len, 0644, err);
}

static bool put_some(const char *directory, const char *name, const struct text *content,
		     struct error *err)
{
	return content->len == 0 || put(directory, name, content, err);
}

bool lend_write(const struct lend *l, const char *directory, const char *seen_as, const char *suite,
		struct error *err)
{
	auto_text pip = {0};
	auto_text apt = {0};
	auto_text sources = {0};

	if (suite)
		host_apt_select(&l->sources, suite, all_components, array_len(all_components),
				&sources);
	if (has_apt(l))
		lend_format_apt(l, seen_as, sources.len > 0, &apt);
	if (has_pip(l)) {
		auto_free char *cert =
			xprintf("%s/%s", seen_as, l->pip_ca.len > 0 ? "pip-ca.crt" : "ca.crt");

		host_pip_format(&l->pip, l->pip_ca.len > 0 || l->ca.len > 0 ? cert : NULL, &pip);
	}
	return put_some(directory, "ca.crt", &l->ca, err) &&
	       put_some(directory, "pip-ca.crt", &l->pip_ca, err) &&
	       put_some(directory, "apt-ca.crt", &l->apt_ca, err) &&
	       put_some(directory, "pip.conf", &pip, err) &&
	       put_some(directory, "sources.list", &sources, err) &&
	       (!has_apt(l) || put(directory, "apt.conf", &apt, err));
}

static void add_variable(struct strings *env, const char *name, const char *value)
{
	if (!strings_env_find(env, name))
		strings_env_set(env, name, value);
}

void lend_env(const struct lend *l, struct strings *env)
{
	for (size_t i = 0; i < l->env.n; i++) {
		auto_free char *name = xstrndup(l->env.items[i], strcspn(l->env.items[i], "="));

		add_variable(env, name, l->env.items[i] + strlen(name) + 1);
	}
	if (l->pip_ca.len > 0)
		add_variable(env, "PIP_CERT", LEND_TARGET "/pip-ca.crt");
	for (size_t i = 0; l->ca.len > 0 && i < array_len(ca_variables); i++)
		add_variable(env, ca_variables[i], LEND_TARGET "/ca.crt");
	if (has_pip(l))
		add_variable(env, "PIP_CONFIG_FILE", LEND_TARGET "/pip.conf");
	if (has_apt(l))
		add_variable(env, "APT_CONFIG", LEND_TARGET "/apt.conf");
}

char *lend_suite(int root_fd)
{
	auto_text content = {0};
	auto_strings lines = {0};
	struct error ignored; /* an image without this file is none of Debian's */

	if (inside_read(root_fd, "etc/os-release", SMALL_FILE_LIMIT, &content, &ignored) <= 0)
		return NULL;
	strings_split(&lines, text_str(&content), '\n');
	if (!strings_has(&lines, "ID=debian"))
		return NULL;
	const char *suite = strings_env_find(&lines, "VERSION_CODENAME");

	return suite && *suite ? xstrdup(suite) : NULL;
}

/* Addresses without "user:password@". */
static void describe(struct strings *lines, const char *what, const char *value)
{
	auto_text shown = {0};

	for (const char *p = value; *p;) {
		const char *scheme = strstr(p, "://");
		const char *host = scheme ? scheme + 3 : p + strlen(p);
		size_t len = strcspn(host, "/ \"");
		const char *at = memchr(host, '@', len);

		text_add_bytes(&shown, p, (size_t)(host - p));
		p = at ? at + 1 : host;
		/* a password may hold '@' too: only the last one ends it */
		while (at && (at = memchr(p, '@', len - (size_t)(p - host))))
			p = at + 1;
		text_add_bytes(&shown, p, (size_t)(host + len - p));
		p = host + len;
	}
	strings_addf(lines, "%s: %s", what, text_str(&shown));
}

/* "https_proxy=user:password@proxy:80": what stands before an '@' is in no message, whatever form
 * the rest has. */
static void describe_variable(struct strings *lines, const char *line)
{
	const char *value = strchr(line, '=') + 1;
	const char *scheme = strstr(value, "://");
	const char *host = scheme ? scheme + 3 : value;
	const char *at = strrchr(host, '@');

	strings_addf(lines, "variable: %.*s%s", (int)(host - line), line, at ? at + 1 : host);
}

void lend_describe(const struct lend *l, struct strings *lines)
{
	for (size_t i = 0; i < l->env.n; i++)
		describe_variable(lines, l->env.items[i]);
	if (l->ca.len > 0)
		strings_addf(lines, "CA bundle: %zu bytes", l->ca.len);
	if (l->pip_ca.len > 0)
		strings_addf(lines, "CA bundle of pip: %zu bytes", l->pip_ca.len);
	if (l->apt_ca.len > 0)
		strings_addf(lines, "CA bundle of apt: %zu bytes", l->apt_ca.len);
	for (size_t i = 0; i < l->pip.n; i++)
		if (!text_starts_with(l->pip.items[i], "cert="))
			describe(lines, "pip", l->pip.items[i]);
	for (size_t i = 0; i < l->apt.n; i++)
		describe(lines, "apt", l->apt.items[i]);
	for (size_t i = 0; i < l->sources.n; i++)
		describe(lines, "source", strchr(l->sources.items[i], ' ') + 1);
}
