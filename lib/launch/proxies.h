/* SPDX-License-Identifier: MIT
 * The proxies of this machine, for a chute whose start needs the outside. Knows variables only.
 */
#ifndef CHUTES_LAUNCH_PROXIES_H
#define CHUTES_LAUNCH_PROXIES_H

#include "lib/base/compiler.h"
#include "lib/base/strings.h"

/* Those of our environment; what is set in `env` already wins. */
void proxies_add(struct strings *env);
/* The ports of proxies at 127.0.0.1, at most `max`. */
size_t proxies_local_ports(const struct strings *env, uint16_t *ports, size_t max);
/* Call that address `host` instead. */
void proxies_translate(struct strings *env, const char *host);

#endif
