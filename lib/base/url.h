/* SPDX-License-Identifier: MIT
 * Parts of the address of a server, as far as they are looked at for more than comparing.
 */
#ifndef CHUTES_BASE_URL_H
#define CHUTES_BASE_URL_H

#include "lib/base/slice.h"
#include "lib/base/text.h"

/* The host of an origin, "https://host:8000": an IPv6 address keeps its brackets. */
struct slice url_host(const char *origin);
/* Any text that is meant for an address, for messages: without what stands before an '@', which may
 * be a password, and without query and fragment, which may be secret, too. */
void url_show(const char *url, struct text *out);

#endif
