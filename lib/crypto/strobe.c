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

static void advance(struct strobe *s)
{
	if (++s->position == RATE)
		end_block(s);
}

static void absorb(struct strobe *s, const void *bytes, size_t len)
{
	const unsigned char *at = bytes;

	for (size_t i = 0; i < len; i++) {
		s->state[s->position] ^= at[i];
		advance(s);
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
	for (size_t i = 0; i < len; i++) {
		s->state[s->position] = at[i];
		advance(s);
	}
}

void strobe_prf(struct strobe *s, void *out, size_t len)
{
	unsigned char *at = out;

	begin(s, FLAG_INBOUND | FLAG_APPLICATION | FLAG_CIPHER);
	for (size_t i = 0; i < len; i++) {
		at[i] = s->state[s->position];
		s->state[s->position] = 0;
		advance(s);
	}
}
