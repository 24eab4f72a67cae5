/* SPDX-License-Identifier: MIT
 * Which route this processor takes, and what all routes share.
 */
#include "lib/crypto/verify_internal.h"

#include <endian.h>
#include <stdatomic.h>
#include <string.h>

/* The fastest first */
static const struct verify_route *const routes[] = {
	&verify_route_ifma,
#ifdef __SIZEOF_INT128__
	&verify_route_portable,
#endif
	&verify_route_libsodium,
};

static _Atomic(const struct verify_route *) chosen;

static const struct verify_route *find(const char *name)
{
	for (size_t i = 0; i < array_len(routes); i++)
		if (routes[i]->is_supported() && (!name || strcmp(routes[i]->name, name) == 0))
			return routes[i];
	return NULL;
}

const struct verify_route *verify_route(void)
{
	const struct verify_route *route = atomic_load_explicit(&chosen, memory_order_relaxed);

	if (!route) {
		route = find(NULL);
		atomic_store_explicit(&chosen, route, memory_order_relaxed);
	}
	return route;
}

bool verify_route_use(const char *name)
{
	const struct verify_route *route = find(name);

	if (route)
		atomic_store_explicit(&chosen, route, memory_order_relaxed);
	return route;
}

void scalar_load(uint64_t out[4], const unsigned char scalar[SCALAR_BYTES])
{
	memcpy(out, scalar, SCALAR_BYTES);
	for (int i = 0; i < 4; i++)
		out[i] = le64toh(out[i]);
}
