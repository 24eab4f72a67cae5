/* SPDX-License-Identifier: MIT */
#include "lib/base/library.h"

#include <dlfcn.h>
#include <string.h>

/* POSIX wants dlsym()'s object pointer to be usable as a function pointer; C has no cast for it. */
static void set_slot(void *slot, void *symbol) { memcpy(slot, &symbol, sizeof(symbol)); }

bool library_open(const char *soname, const struct library_function *functions, size_t n)
{
	void *library = dlopen(soname, RTLD_NOW | RTLD_LOCAL);
	size_t found = 0;

	while (library && found < n) {
		void *symbol = dlsym(library, functions[found].name);

		if (!symbol)
			break;
		set_slot(functions[found++].slot, symbol);
	}
	if (library && found == n)
		return true;
	for (size_t i = 0; i < n; i++)
		set_slot(functions[i].slot, NULL);
	if (library)
		dlclose(library);
	return false;
}
