/* SPDX-License-Identifier: MIT
 * Which bytes are touched depends on lengths alone, never on what they are.
 */
#include "lib/crypto/strobe_internal.h"

#include <string.h>

enum { RATE = 166 }; /* bytes of a block at 128 bits of security */

enum flags {
	FLAG_INBOUND = 1,
	FLAG_APPLICATION = 2,
	FLAG_CIPHER = 4,
	FLAG_META = 16,
};

static void end_block(struct strobe *s)
{
	s->state[s->position] ^= s->begin;
	s->state[s->position + 1] ^= 0x04;
	s->state[RATE + 1] ^= 0x80;
	keccak_f1600(s->state);
	s->position = 0;
	s->begin = 0;
}

/* How many of `len` bytes the block still takes. */
static size_t room(const struct strobe *s, size_t len)
{
	return len < (size_t)(RATE - s->position) ? len : (size_t)(RATE - s->position);
}

static void advance(struct strobe *s, size_t n)
{
	s->position = (unsigned char)(s->position + n);
	if (s->position == RATE)
		end_block(s);
}

/* By words, which is what a message costs. */
static void add(unsigned char *to, const unsigned char *bytes, size_t len)
{
	uint64_t sum;
	uint64_t word;

	for (; len >= sizeof(word); len -= sizeof(word)) {
		memcpy(&sum, to, sizeof(sum));
		memcpy(&word, bytes, sizeof(word));
		sum ^= word;
		memcpy(to, &sum, sizeof(sum));
		to += sizeof(word);
		bytes += sizeof(word);
	}
	while (len-- > 0)
		*to++ ^= *bytes++;
}

static void absorb(struct strobe *s, const void *bytes, size_t len)
{
	const unsigned char *at = bytes;

	while (len > 0) {
		size_t n = room(s, len);

		add(s->state + s->position, at, n);
		advance(s, n);
		at += n;
		len -= n;
	}
}

static void begin(struct strobe *s, enum flags flags)
{
	const unsigned char head[] = {s->begin, (unsigned char)flags};

	s->begin = s->position + 1;
	absorb(s, head, sizeof(head));
	if (flags & FLAG_CIPHER && s->position != 0)
		end_block(s);
}

void strobe_init(struct strobe *s, const char *protocol)
{
	static const unsigned char head[] = {1,   RATE + 2, 1,   0,   1,   12 * 8, 'S', 'T', 'R',
					     'O', 'B',      'E', 'v', '1', '.',    '0', '.', '2'};

	memset(s, 0, sizeof(*s));
	memcpy(s->state, head, sizeof(head));
	keccak_f1600(s->state);
	strobe_meta_ad(s, protocol, strlen(protocol), false);
}

void strobe_meta_ad(struct strobe *s, const void *bytes, size_t len, bool is_more)
{
	if (!is_more)
		begin(s, FLAG_META | FLAG_APPLICATION);
	absorb(s, bytes, len);
}

void strobe_ad(struct strobe *s, const void *bytes, size_t len, bool is_more)
{
	if (!is_more)
		begin(s, FLAG_APPLICATION);
	absorb(s, bytes, len);
}

void strobe_key(struct strobe *s, const void *bytes, size_t len)
{
	const unsigned char *at = bytes;

	begin(s, FLAG_APPLICATION | FLAG_CIPHER);
	while (len > 0) {
		size_t n = room(s, len);

		memcpy(s->state + s->position, at, n);
		advance(s, n);
		at += n;
		len -= n;
	}
}

void strobe_prf(struct strobe *s, void *out, size_t len)
{
	unsigned char *at = out;

	begin(s, FLAG_INBOUND | FLAG_APPLICATION | FLAG_CIPHER);
	while (len > 0) {
		size_t n = room(s, len);

		memcpy(at, s->state + s->position, n);
		memset(s->state + s->position, 0, n);
		advance(s, n);
		at += n;
		len -= n;
	}
}
