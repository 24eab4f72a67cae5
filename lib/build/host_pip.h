/* SPDX-License-Identifier: MIT
 * pip's settings on this machine (pip's configuration files and PIP_ variables), as far as they
 * make sense elsewhere. Knows nothing of build steps.
 */
#ifndef CHUTES_BUILD_HOST_PIP_H
#define CHUTES_BUILD_HOST_PIP_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"
#include "lib/base/strings.h"
#include "lib/base/text.h"

struct host_pip {
	struct strings settings; /* "index-url=https://…"; several values are separated by blanks */
	char *cert;              /* path of a CA bundle on this machine, or NULL */
};
void host_pip_release(struct host_pip *p);

/* What `pip install` would use: [global] and [install] of `etc`/pip.conf, of the user's files and
 * of PIP_CONFIG_FILE, then PIP_* variables; the later wins. Kept are index-url, extra-index-url,
 * find-links, trusted-host, proxy, timeout, retries, disable-pip-version-check, without addresses
 * of this machine's own files. */
must_use bool host_pip_read(const char *etc, struct host_pip *out, struct error *err);
/* Lines of one configuration file into `global` and `install`, for the reader above. Lines that are
 * no settings are skipped. */
void host_pip_parse(const char *content, struct strings *global, struct strings *install);
/* The [global] section with these settings. */
void host_pip_format(const struct strings *settings, const char *cert, struct text *out);

#endif
