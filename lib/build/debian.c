/* SPDX-License-Identifier: MIT
 * The recipe. Its number is part of the key: raise it with every change that could change a byte.
 *
 * mmdebstrap always runs with --mode=root inside our own sandbox, so that its death is ours to
 * control. It gets a clean environment (a caller's PYTHONDONTWRITEBYTECODE alone changes five
 * files), and hooks that take out what it copies from this machine: host name, resolver, sources,
 * settings.
 */
#include "lib/build/debian.h"

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/build/debian_internal.h"
#include "lib/build/host_apt.h"

#include <ctype.h>
#include <string.h>

enum { RECIPE = 1 };

/* What a chute's image needs; --variant=minbase has the rest. */
static const char *const standard_packages[] = {
	"ca-certificates", "curl", "python-is-python3", "python3", "python3-pip", "python3-venv"};
static char *const main_component[] = {(char[]){"main"}};

static const struct {
	const char *suite;
	int64_t released;
} suites[] = {
	{"bullseye", 1628899200}, /* 2021-08-14 */
	{"bookworm", 1686355200}, /* 2023-06-10 */
	{"trixie", 1754697600},   /* 2025-08-09 */
};

int64_t debian_epoch(const char *suite)
{
	for (size_t i = 0; i < array_len(suites); i++)
		if (strcmp(suites[i].suite, suite) == 0)
			return suites[i].released;
	return 86400; /* not 0, which some programs take for "none" */
}

/* --- checks */

static size_t span(const char *s, const char *more)
{
	size_t n = 0;

	while (islower((unsigned char)s[n]) || isdigit((unsigned char)s[n]) ||
	       (s[n] && strchr(more, s[n])))
		n++;
	return n;
}

/* Debian policy 5.6.1 and 5.6.12: name, then :architecture, then =version. */
static bool is_package(const char *text)
{
	size_t n = span(text, "+.-");

	if (n < 2 || !isalnum((unsigned char)text[0]))
		return false;
	text += n;
	if (*text == ':') {
		n = span(text + 1, "-");
		if (n == 0)
			return false;
		text += n + 1;
	}
	if (*text == '=') {
		text++;
		for (n = 0;
		     isalnum((unsigned char)text[n]) || (text[n] && strchr(".+-~:", text[n]));)
			n++;
		if (n == 0 || !isdigit((unsigned char)text[0]))
			return false;
		text += n;
	}
	return !*text;
}

static bool is_word(const char *text)
{
	return islower((unsigned char)text[0]) && !text[span(text, ".-")];
}

bool debian_check(const struct debian_options *o, struct error *err)
{
	if (!is_word(o->suite))
		return fail(err, ERROR_SPEC, "'%s' is not the name of a Debian suite", o->suite),
		       fail_hint(err, "name one such as 'bookworm'");
	for (size_t i = 0; i < o->n_packages; i++)
		if (!is_package(o->packages[i]))
			return fail(err, ERROR_SPEC, "'%s' is not the name of a Debian package",
				    o->packages[i]),
			       fail_hint(err, "write name, name=version or name:architecture");
	for (size_t i = 0; i < o->n_components; i++)
		if (!is_word(o->components[i]))
			return fail(err, ERROR_SPEC, "'%s' is not a component of Debian",
				    o->components[i]),
			       fail_hint(err, "name main, contrib, non-free or non-free-firmware");
	if (!o->mirror)
		return true;
	if ((!text_starts_with(o->mirror, "http://") && !text_starts_with(o->mirror, "https://")) ||
	    strpbrk(o->mirror, " \t\r\n[]#"))
		return fail(err, ERROR_SPEC, "'%s' is not the address of a mirror", o->mirror),
		       fail_hint(err, "write http://HOST/PATH or https://HOST/PATH");
	return true;
}

/* --- key */

static void list_packages(const struct debian_options *o, struct strings *out)
{
	auto_strings all = {0};

	for (size_t i = 0; !o->is_minimal && i < array_len(standard_packages); i++)
		strings_add(&all, standard_packages[i]);
	for (size_t i = 0; i < o->n_packages; i++)
		strings_add(&all, o->packages[i]);
	strings_sort(&all);
	for (size_t i = 0; i < all.n; i++)
		if (i == 0 || strcmp(all.items[i], all.items[i - 1]) != 0)
			strings_add(out, all.items[i]);
}

static char *const *components_of(const struct debian_options *o, size_t *n)
{
	*n = o->n_components ? o->n_components : 1;
	return o->n_components ? o->components : main_component;
}

void debian_key(const struct debian_options *o, const char *architecture, char out[KEY_HEX_SIZE])
{
	auto_key k = {0};
	auto_strings packages = {0};
	size_t n_components;
	char *const *components = components_of(o, &n_components);

	list_packages(o, &packages);
	key_begin(&k, "debian");
	key_number(&k, "recipe", RECIPE);
	key_text(&k, "suite", o->suite);
	key_text(&k, "architecture", architecture);
	key_text(&k, "variant", o->is_minimal ? "minimal" : "standard");
	key_list(&k, "packages", packages.items, packages.n);
	key_text(&k, "mirror", o->mirror);
	key_list(&k, "components", components, n_components);
	key_number(&k, "epoch", debian_epoch(o->suite));
	key_hex(&k, out);
}

/* --- sources */

static void add_source(struct text *out, const struct debian_options *o, const char *uri,
		       const char *suffix)
{
	size_t n;
	char *const *components = components_of(o, &n);

	text_addf(out, "deb %s %s%s", uri, o->suite, suffix);
	for (size_t i = 0; i < n; i++)
		text_addf(out, " %s", components[i]);
	text_add_char(out, '\n');
}

void debian_public_sources(const struct debian_options *o, struct text *out)
{
	bool is_rolling = strcmp(o->suite, "sid") == 0 || strcmp(o->suite, "unstable") == 0;

	add_source(out, o, "http://deb.debian.org/debian", "");
	if (is_rolling)
		return; /* neither updates nor a security archive exist */
	add_source(out, o, "http://deb.debian.org/debian", "-updates");
	add_source(out, o, "http://security.debian.org/debian-security", "-security");
}

static void choose_sources(const struct debian_options *o, struct text *out)
{
	size_t n;
	char *const *components = components_of(o, &n);

	if (o->mirror)
		add_source(out, o, o->mirror, "");
	else if (host_apt_select(&o->lend->sources, o->suite, components, n, out) == 0)
		debian_public_sources(o, out);
}

/* --- command line */

static void add_hook(struct strings *argv, const char *stage, struct text *command)
{
	strings_addf(argv, "--%s-hook=%s", stage, text_str(command));
	text_clear(command);
}

/* sh gets the new root as $1. What mmdebstrap has copied from this machine goes. */
static void add_hooks(const char *scratch, enum sandbox_ids ids, struct strings *argv)
{
	auto_free char *settings = xprintf("%s/lend/apt.conf", scratch);
	auto_free char *list = xprintf("%s/public.list", scratch);
	auto_text t = {0};

	text_add(&t, "cat ");
	text_add_shell(&t, settings);
	/* unlike --aptopt, what is in this file does not end up in the image */
	text_add(&t, " >>\"$MMDEBSTRAP_APT_CONFIG\"");
	add_hook(argv, "setup", &t);
	if (ids == SANDBOX_SINGLE) {
		text_add(&t,
			 "mkdir -p \"$1/dev/pts\" \"$1/dev/shm\" \"$1/proc\" && "
			 "for n in null zero full random urandom tty; do rm -f \"$1/dev/$n\" && "
			 ": >\"$1/dev/$n\" && mount --bind \"/dev/$n\" \"$1/dev/$n\" || exit 1; "
			 "done && mount -t proc proc \"$1/proc\"");
		add_hook(argv, "extract", &t);
	}
	text_add(&t, "rm -f \"$1/etc/hostname\" \"$1/etc/resolv.conf\" "
		     "\"$1\"/etc/apt/sources.list.d/0000* \"$1\"/etc/apt/apt.conf.d/99mmdebstrap "
		     "\"$1\"/var/cache/debconf/*-old \"$1\"/var/lib/dpkg/*-old");
	add_hook(argv, "customize", &t);
	text_add(&t, "cp ");
	text_add_shell(&t, list);
	text_add(&t, " \"$1/etc/apt/sources.list\" && chmod 644 \"$1/etc/apt/sources.list\"");
	add_hook(argv, "customize", &t);
	if (ids == SANDBOX_SINGLE) {
		text_add(&t, "umount \"$1/proc\" && for n in null zero full random urandom tty; do "
			     "umount \"$1/dev/$n\" || exit 1; done");
		add_hook(argv, "customize", &t);
	}
}

static void make_argv(const struct debian_options *o, enum sandbox_ids ids, struct strings *argv)
{
	auto_strings packages = {0};
	auto_text include = {0};

	list_packages(o, &packages);
	for (size_t i = 0; i < packages.n; i++)
		text_addf(&include, "%s%s", i ? "," : "--include=", packages.items[i]);
	strings_add(argv, "mmdebstrap");
	strings_add(argv, "--variant=minbase");
	strings_add(argv, "--mode=root");
	strings_add(argv, "--format=tar");
	strings_add(argv,
		    ids == SANDBOX_SINGLE ? "--skip=chroot/mount,output/dev" : "--skip=output/dev");
	if (packages.n > 0)
		strings_add(argv, text_str(&include));
	add_hooks(o->scratch, ids, argv);
	strings_add(argv, o->suite);
	strings_add(argv, "-");
	strings_addf(argv, "%s/sources.list", o->scratch);
}

static void make_env(const struct debian_options *o, struct strings *env)
{
	strings_add_all(env, &o->lend->env);
	strings_env_set(env, "PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
	strings_env_set(env, "HOME", "/nonexistent");
	strings_env_set(env, "LC_ALL", "C.UTF-8");
	strings_addf(env, "TMPDIR=%s/tmp", o->scratch);
	strings_addf(env, "SOURCE_DATE_EPOCH=%lld", (long long)debian_epoch(o->suite));
}

static bool put(const char *directory, const char *name, const struct text *content,
		struct error *err)
{
	auto_free char *path = xprintf("%s/%s", directory, name);

	return file_write_cache(path, text_str(content), content->len, 0644, err);
}

/* apt's settings as mmdebstrap's own apt needs them. The scratch directory is mostly below one that
 * others may not enter, so apt's own user could not read the CA bundle. */
static bool write_settings(const struct debian_options *o, struct error *err)
{
	auto_free char *lend = xprintf("%s/lend", o->scratch);
	auto_text settings = {0};

	if (!directory_make(lend, 0755, err) || !lend_write(o->lend, lend, lend, NULL, err))
		return false;
	lend_format_apt(o->lend, lend, false, &settings);
	if (!o->lend->ids_are_squashed)
		text_add(&settings, "APT::Sandbox::User \"root\";\n");
	return put(lend, "apt.conf", &settings, err);
}

bool debian_prepare(const struct debian_options *o, enum sandbox_ids ids, struct strings *argv,
		    struct strings *env, struct error *err)
{
	auto_free char *tmp = xprintf("%s/tmp", o->scratch);
	auto_text sources = {0};
	auto_text public = {0};

	choose_sources(o, &sources);
	debian_public_sources(o, &public);
	if (!debian_check(o, err) || !directory_make(tmp, 0755, err) || !write_settings(o, err) ||
	    !put(o->scratch, "sources.list", &sources, err) ||
	    !put(o->scratch, "public.list", &public, err))
		return false;
	make_argv(o, ids, argv);
	make_env(o, env);
	return true;
}
