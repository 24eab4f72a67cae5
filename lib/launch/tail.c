/* SPDX-License-Identifier: MIT */
#include "lib/launch/tail.h"

#include "lib/base/memory.h"

#include <pthread.h>
#include <string.h>
#include <sys/mman.h>

struct tail {
	pthread_mutex_t lock; /* among the writers, who are threads of one process */
	uint64_t total;
	char ring[TAIL_BYTES];
};

bool tail_new(struct tail **out, struct error *err)
{
	struct tail *t =
		mmap(NULL, sizeof(*t), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (t == MAP_FAILED)
		return fail_errno(err, "making room for the last lines");
	pthread_mutex_init(&t->lock, NULL);
	*out = t;
	return true;
}

void tail_free(struct tail *t)
{
	if (t)
		munmap(t, sizeof(*t));
}

void tail_add(struct tail *t, const char *bytes, size_t len)
{
	pthread_mutex_lock(&t->lock);
	if (len > TAIL_BYTES) {
		t->total += len - TAIL_BYTES;
		bytes += len - TAIL_BYTES;
		len = TAIL_BYTES;
	}
	size_t at = t->total % TAIL_BYTES;
	size_t first = len < TAIL_BYTES - at ? len : TAIL_BYTES - at;

	memcpy(t->ring + at, bytes, first);
	memcpy(t->ring, bytes + first, len - first);
	t->total += len;
	pthread_mutex_unlock(&t->lock);
}

void tail_format(const struct tail *t, size_t n_lines, struct text *out)
{
	size_t len = t->total < TAIL_BYTES ? (size_t)t->total : TAIL_BYTES;
	size_t begin = t->total < TAIL_BYTES ? 0 : t->total % TAIL_BYTES;
	auto_free char *bytes = xcalloc(TAIL_BYTES, 1);

	memcpy(bytes, t->ring + begin, len - begin);
	memcpy(bytes + len - begin, t->ring, begin);
	while (len > 0 && bytes[len - 1] == '\n')
		len--;
	size_t at = len;

	for (size_t n = 0; at > 0 && !(bytes[at - 1] == '\n' && ++n == n_lines);)
		at--;
	if (at == 0 && t->total > TAIL_BYTES)
		text_add(out, "…");
	text_add_printable(out, bytes + at, len - at, true);
}
