/* SPDX-License-Identifier: MIT
 * Usage: bootstrap tar|tree FOLDER
 * A real Debian base, as the engine makes it, by whoever runs this: `tar` prints the SHA-256 of
 * what mmdebstrap gives, `tree` unpacks it below FOLDER, prepares it and leaves it there.
 */
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/tree.h"
#include "lib/build/debian.h"
#include "lib/crypto/sha256.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct bootstrap {
	struct debian_options options;
	const char *tree; /* NULL: only the digest */
};

static bool hash(struct source tar, struct error *err)
{
	unsigned char sum[SHA256_BYTES];
	char hex[SHA256_HEX_SIZE];
	auto_sha256 struct sha256 *h = sha256_new();
	auto_free unsigned char *bytes = xcalloc(1, 1 << 20);
	size_t got;

	do {
		if (!tar.read(tar.context, bytes, 1 << 20, &got, err))
			return false;
		sha256_update(h, bytes, got);
	} while (got > 0);
	sha256_finish(h, sum);
	sha256_hex(sum, hex);
	printf("%s\n", hex);
	fflush(stdout);
	return true;
}

static bool work(struct sandbox *inside, void *arg, struct error *err)
{
	const struct bootstrap *b = arg;
	enum sandbox_ids ids = sandbox_ids_of(inside);
	bool is_single = ids == SANDBOX_SINGLE;
	struct layer_stats stats;
	auto_strings notes = {0};
	struct debian *d;

	if (!b->tree) {
		if (!debian_open(ids, &b->options, STDERR_FILENO, &d, err))
			return false;
		bool ok = hash(debian_source(d), err);

		return debian_close(d, err) && ok;
	}
	auto_fd int fd = open(b->tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const struct layer_unpack_options to = {
		.root_fd = fd, .ids_are_squashed = is_single, .limits = tar_limits_default};

	return debian_bootstrap(ids, &b->options, &to, STDERR_FILENO, &stats, &notes, err) &&
	       debian_customize(fd, b->options.suite, is_single, err);
}

static bool run(const char *what, const char *folder, struct error *err)
{
	enum sandbox_ids ids;
	auto_lend lend = {0};
	auto_free char *scratch = xprintf("%s/scratch", folder);
	auto_free char *tree = xprintf("%s/tree", folder);
	struct bootstrap b = {
		.options = {.suite = "bookworm",
			    .is_minimal = strcmp(what, "tar") == 0,
			    .scratch = scratch,
			    .lend = &lend},
		.tree = strcmp(what, "tree") == 0 ? tree : NULL,
	};

	if (!sandbox_probe(&ids, err))
		return false;
	const struct lend_options o = {.ids_are_squashed = ids == SANDBOX_SINGLE};

	/* others may not enter: the store is as private */
	return lend_prepare(&o, &lend, err) && directory_make(scratch, 0700, err) &&
	       directory_make(tree, 0755, err) &&
	       sandbox_run(&(struct sandbox_options){.ids = ids}, work, &b, err);
}

int main(int argc, char **argv)
{
	struct error err;

	stdio_prepare();
	if (argc == 3 && run(argv[1], argv[2], &err))
		return 0;
	fprintf(stderr, "error: %s\n", argc == 3 ? err.message : "bootstrap tar|tree FOLDER");
	return 1;
}
