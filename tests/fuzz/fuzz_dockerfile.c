/* SPDX-License-Identifier: MIT
 * A Dockerfile: whatever it is, each instruction is one line with something behind its word.
 */
#include "lib/base/text.h"
#include "lib/spec/dockerfile.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check(struct dockerfile *d)
{
	for (size_t i = 0; i < d->n; i++) {
		const struct dockerfile_instruction *one = &d->items[i];
		char *name;
		char *stage;

		if (!*one->word || !*one->arguments || strchr(one->arguments, '\n'))
			abort();
		if (i > 0 && one->line <= d->items[i - 1].line)
			abort();
		if (dockerfile_from(d, one, &name, &stage) && !*name)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	auto_dockerfile d = {0};
	struct error err;

	if (dockerfile_parse((const char *)bytes, len, &d, &err))
		check(&d);
	return 0;
}
