/* SPDX-License-Identifier: MIT
 * Sources and sinks over descriptors and memory.
 */
#include "lib/archive/archive.h"

#include "lib/base/io.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static bool read_fd(void *context, void *bytes, size_t size, size_t *got, struct error *err)
{
	const int *fd = context;
	ssize_t n;

	do
		n = read(*fd, bytes, size);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return fail_errno(err, "reading");
	*got = (size_t)n;
	return true;
}

struct source source_of_fd(int *fd) { return (struct source){read_fd, fd}; }

static bool read_memory(void *context, void *bytes, size_t size, size_t *got,
			maybe_unused struct error *err)
{
	struct memory *m = context;
	size_t n = size < m->len ? size : m->len;

	*got = n;
	if (n == 0)
		return true;
	memcpy(bytes, m->bytes, n);
	m->bytes = (const char *)m->bytes + n;
	m->len -= n;
	return true;
}

struct source source_of_memory(struct memory *m) { return (struct source){read_memory, m}; }

static bool write_fd(void *context, const void *bytes, size_t len, struct error *err)
{
	const int *fd = context;

	return fd_write_all(*fd, bytes, len, err);
}

struct sink sink_of_fd(int *fd) { return (struct sink){write_fd, fd}; }

static bool write_text(void *context, const void *bytes, size_t len, struct error *err)
{
	struct text *t = context;

	text_add_bytes(t, bytes, len);
	return !t->is_cut || fail(err, ERROR_FAILURE, "more than the limit of %zu bytes", t->max);
}

struct sink sink_of_text(struct text *t) { return (struct sink){write_text, t}; }
