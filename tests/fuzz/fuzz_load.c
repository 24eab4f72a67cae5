/* SPDX-License-Identifier: MIT
 * What `images load` takes: the first byte says which kind of archive, the rest is its bytes. What
 * was taken must be an image that the store can tag and write out again.
 */
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/base/tree.h"
#include "lib/store/export.h"
#include "lib/store/import.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

enum { RUNS_PER_STORE = 500 };

static char directory[64];
static struct store *store;

static void store_remove(void)
{
	struct error ignored; /* what stays lies in /tmp */

	store_close(store);
	store = NULL;
	if (*directory)
		(void)!tree_remove_path(directory, &ignored);
}

static void store_renew(void)
{
	static bool is_registered;
	struct error err;

	store_remove();
	if (!is_registered && atexit(store_remove) == 0)
		is_registered = true;
	memcpy(directory, "/tmp/chutes-fuzz-XXXXXX", sizeof("/tmp/chutes-fuzz-XXXXXX"));
	if (!mkdtemp(directory) || !store_open(directory, &store, &err))
		abort();
}

static bool swallow(maybe_unused void *context, maybe_unused const void *bytes,
		    maybe_unused size_t len, maybe_unused struct error *err)
{
	return true;
}

/* A layer may still be no archive at all: only the forms that do not look into it. */
static void check(const struct descriptor *manifest, const char *name)
{
	char path[] = "-";
	struct image_location to = {.kind = LOCATION_OCI_ARCHIVE, .path = path};
	struct export_options o = {.to = &to, .name = name, .stream = {swallow, NULL}};
	struct digest exported;
	struct error err;

	if (!store_tag(store, "a:1", manifest, &err) ||
	    !image_export(store, &manifest->digest, &o, &exported, &err) ||
	    !digest_is_equal(&exported, &manifest->digest))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static unsigned n_runs;
	struct descriptor manifest;
	auto_free char *name = NULL;
	auto_free char *path = NULL;
	struct error err;

	if (len < 1)
		return 0;
	if (n_runs++ % RUNS_PER_STORE == 0)
		store_renew();
	int fd = memfd_create("archive", MFD_CLOEXEC);

	if (fd < 0 || write(fd, bytes + 1, len - 1) != (ssize_t)(len - 1))
		abort();
	path = xprintf("/proc/self/fd/%d", fd);
	struct image_location from = {.kind = bytes[0] % 2 ? LOCATION_DOCKER_ARCHIVE
							   : LOCATION_OCI_ARCHIVE,
				      .path = path};

	if (image_import(store, &from, &manifest, &name, &err)) {
		auto_free char *called = image_location_name(&from, name);

		check(&manifest, called);
	}
	close(fd);
	return 0;
}
