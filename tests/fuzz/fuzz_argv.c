/* SPDX-License-Identifier: MIT
 * Arbitrary words on the command line: one per NUL-ended string of the input.
 */
#include "cli/commands.h"

#include "lib/base/memory.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum { WORDS_MAX = 64 };
	auto_free char *bytes = xcalloc(1, size + 1);
	const char *argv[WORDS_MAX + 1] = {"chutes"};
	int argc = 1;
	struct call call = {0};
	struct error err;

	if (size)
		memcpy(bytes, data, size);
	for (size_t i = 0; i < size && argc < WORDS_MAX; i += strlen(bytes + i) + 1)
		argv[argc++] = bytes + i;
	/* no option is allowed to be missing a home, none to be freed twice */
	bool ok = command_parse(&command_root, argc, argv, &call, &err);

	if (!ok && (err.code != ERROR_USAGE || !err.message[0]))
		abort();
	call_release(&call);
	return 0;
}
