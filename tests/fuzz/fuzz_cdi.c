/* SPDX-License-Identifier: MIT
 * CDI documents: any bytes end in edits, all of whose paths are absolute, or in an error.
 */
#include "lib/container/cdi.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cdi_search s = {.kind = "nvidia.com/gpu"};
	struct error err = {0};

	strings_add(&s.wanted, "all");
	strings_add(&s.wanted, "0");
	if (!cdi_read(&s, (const char *)data, size, &err))
		assert(err.message[0]);
	else if (s.done.n == 0)
		assert(s.edits.n_mounts == 0 && s.edits.n_hooks == 0);
	for (size_t i = 0; i < s.edits.n_mounts; i++)
		assert(s.edits.mounts[i].source[0] == '/' && s.edits.mounts[i].target[0] == '/');
	for (size_t i = 0; i < s.edits.n_hooks; i++)
		assert(s.edits.hooks[i].path[0] == '/');
	cdi_edits_release(&s.edits);
	cdi_search_release(&s);
	return 0;
}
