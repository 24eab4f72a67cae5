/* SPDX-License-Identifier: MIT
 * What a build step needs of this machine to reach the network: proxies, the CA bundle, pip's and
 * apt's settings. Lent for the duration of a step, as files at /run/chutes and as
 * variables; never part of an image, a log or a cache key. Knows nothing of steps.
 */
#ifndef CHUTES_BUILD_LEND_H
#define CHUTES_BUILD_LEND_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"
#include "lib/base/strings.h"
#include "lib/base/text.h"

/* Where a step sees the files. */
#define LEND_TARGET "/run/chutes"

struct lend_options {
	bool has_no_host_config; /* --no-host-network-config: nothing of the host's */
	bool ids_are_squashed;   /* one id only: apt must not change its user */
	const char *etc;         /* NULL: "/etc"; tests have their own */
};
struct lend {
	struct strings env;     /* proxies: "http_proxy=…" */
	struct strings pip;     /* "index-url=…" */
	struct strings apt;     /* lines of apt.conf(5) */
	struct strings sources; /* "CODENAME deb URI RELEASE COMPONENT" */
	struct text ca;         /* PEM; empty: none */
	struct text pip_ca;     /* where pip's or apt's own bundle is another one */
	struct text apt_ca;
	bool ids_are_squashed;
};
void lend_release(struct lend *l);
#define auto_lend __attribute__((cleanup(lend_release))) struct lend

/* Gather. Call it outside of the sandbox, which may not be allowed to read all of it, and once for
 * all steps: two programs are asked. A CA bundle that is named but cannot be read is an error. */
must_use bool lend_prepare(const struct lend_options *o, struct lend *out, struct error *err);
/* Write into `directory`, which exists: ca.crt, pip.conf, apt.conf, sources.list, as far as there
 * is anything to say, all 0644. `seen_as`: the directory's name for who reads them (LEND_TARGET).
 * `suite` is the image's Debian codename (lend_suite), NULL for other images: sources.list is only
 * for those that this machine has archives of. */
must_use bool lend_write(const struct lend *l, const char *directory, const char *seen_as,
			 const char *suite, struct error *err);
/* Add the variables that name those files, and the proxies, to a step's environment. What is set
 * there already (by the image or the step) wins. */
void lend_env(const struct lend *l, struct strings *env);
/* Debian's codename of the image at `root_fd` ("bookworm"), or NULL. Caller frees. */
must_use char *lend_suite(int root_fd);
/* One line for each thing that would be lent, for people; without passwords. */
void lend_describe(const struct lend *l, struct strings *lines);
/* apt.conf(5) of what is lent, for a reader that sees `directory` as given. */
void lend_format_apt(const struct lend *l, const char *directory, bool has_sources,
		     struct text *out);

#endif
