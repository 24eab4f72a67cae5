/* SPDX-License-Identifier: MIT
 * CDI documents: any bytes end in edits, all of whose paths are absolute, or in an error.
 */
#include "lib/container/cdi.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_cdi_edits edits = {0};
	auto_strings wanted = {0};
	auto_strings names = {0};
	auto_strings done = {0};
	struct error err;

	strings_add(&wanted, "all");
	strings_add(&wanted, "0");
	int got = cdi_read((const char *)data, size, "nvidia.com/gpu", &wanted, &names, &done,
			   &edits, &err);

	if (got < 0)
		assert(err.message[0]);
	if (got == 0)
		assert(done.n == 0 && edits.n_mounts == 0 && edits.n_hooks == 0);
	for (size_t i = 0; i < edits.n_mounts; i++)
		assert(edits.mounts[i].source[0] == '/' && edits.mounts[i].target[0] == '/');
	for (size_t i = 0; i < edits.n_hooks; i++)
		assert(edits.hooks[i].path[0] == '/');
	return 0;
}
