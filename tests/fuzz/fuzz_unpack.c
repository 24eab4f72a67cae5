/* SPDX-License-Identifier: MIT
 * Any bytes as a layer, unpacked for real: into a directory of a private tmpfs where this user may
 * have one, else below TMPDIR. Whatever the bytes are, nothing may appear beside that directory.
 */
#include "lib/base/io.h"
#include "lib/base/tree.h"
#include "lib/build/layer.h"
#include "tests/unit/overlay.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A directory with nothing in it but "root", opened. */
static int fresh(void)
{
	static char place[] = "/tmp/chutes-fuzz-XXXXXX";
	static int fd = -1;

	if (fd < 0) {
		auto_fd int here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		const char *path = overlay_enter() ? "/mnt" : mkdtemp(place);

		assert(path && fchdir(here) == 0); /* the fuzzer's own paths are relative */
		fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	assert(fd >= 0 && mkdirat(fd, "root", 0755) == 0);
	return fd;
}

static void unpack(int root_fd, const uint8_t *data, size_t size)
{
	struct memory bytes = {data, size};
	struct layer_unpack_options o = {
		.root_fd = root_fd, .ids_are_squashed = true, .limits = tar_limits_default};
	struct layer_stats stats;
	auto_strings notes = {0};
	struct error err;

	o.limits.max_entries = 100;
	o.limits.max_bytes = 1 << 20;
	if (!layer_unpack(&o, source_of_memory(&bytes), &stats, &notes, &err))
		assert(err.message[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int top = fresh();
	auto_fd int root = openat(top, "root", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_strings names = {0};
	struct error err;

	assert(root >= 0);
	unpack(root, data, size);
	assert(directory_list(top, &names, &err) && names.n == 1);
	assert(tree_remove(top, "root", &err));
	return 0;
}
