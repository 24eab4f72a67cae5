/* SPDX-License-Identifier: MIT
 * Which names of a host are this machine, whatever a name server says.
 */
#ifndef CHUTES_BASE_LOOPBACK_H
#define CHUTES_BASE_LOOPBACK_H

#include "lib/base/compiler.h"

/* "localhost", a name below it, 127.x.y.z, "::1" or "[::1]"; `len` bytes of `host`, no port. */
must_use bool host_is_loopback(const char *host, size_t len);
/* The same of "127.0.0.1:8000" and "[::1]:8000". */
must_use bool address_is_loopback(const char *address);

#endif
