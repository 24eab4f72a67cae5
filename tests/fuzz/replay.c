/* SPDX-License-Identifier: MIT
 * Runs a fuzz target over the files of its corpus where there is no libFuzzer: any compiler, any
 * sanitizer, valgrind.
 */
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/base/tree.h"

#include <fcntl.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static bool replay(const char *path, struct error *err)
{
	auto_text input = {0};

	if (!file_read(path, 64 << 20, &input, err))
		return false;
	/* exactly as long as the input, so that reading behind its end is seen */
	auto_free uint8_t *copy = input.len ? xmemdup(input.bytes, input.len) : NULL;

	return LLVMFuzzerTestOneInput(copy, input.len) == 0;
}

int main(int argc, char **argv)
{
	struct error err = {0};
	size_t n = 0;

	for (int i = 1; i < argc; i++) {
		auto_strings names = {0};
		auto_fd int fd = open(argv[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		if (fd < 0 || !directory_list(fd, &names, &err)) {
			fprintf(stderr, "cannot list '%s'\n", argv[i]);
			return 1;
		}
		for (size_t k = 0; k < names.n; k++, n++) {
			auto_free char *path = path_join(argv[i], names.items[k]);

			if (!replay(path, &err)) {
				fprintf(stderr, "%s\n", err.message);
				return 1;
			}
		}
	}
	printf("%zu inputs replayed\n", n);
	return n == 0;
}
