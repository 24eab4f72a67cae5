/* SPDX-License-Identifier: MIT
 * The names of a Python file, read from any bytes.
 */
#include "lib/python/head.h"
#include "lib/python/names.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_python_names names = {0};

	python_names_read((const char *)data, size, &names);
	assert(!python_names_has(&names, "no name has blanks"));
	assert(python_head_length((const char *)data, size) <= size);
	return 0;
}
