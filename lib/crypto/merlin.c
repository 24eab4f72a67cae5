/* SPDX-License-Identifier: MIT */
#include "lib/crypto/merlin_internal.h"

#include <assert.h>
#include <endian.h>
#include <sodium.h>
#include <string.h>

/* The frame of each message: its label and length. */
static void add_head(struct strobe *s, const char *label, size_t len)
{
	assert(len <= MERLIN_MESSAGE_LIMIT);

	uint32_t le_len = htole32((uint32_t)len);

	strobe_meta_ad(s, label, strlen(label), false);
	strobe_meta_ad(s, &le_len, sizeof(le_len), true);
}

void transcript_init(struct transcript *t, const char *label)
{
	strobe_init(&t->strobe, "Merlin v1.0");
	transcript_add(t, "dom-sep", label, strlen(label));
}

void transcript_add(struct transcript *t, const char *label, const void *message, size_t len)
{
	add_head(&t->strobe, label, len);
	strobe_ad(&t->strobe, message, len, false);
}

void transcript_challenge(struct transcript *t, const char *label, void *out, size_t len)
{
	add_head(&t->strobe, label, len);
	strobe_prf(&t->strobe, out, len);
}

void transcript_draw(const struct transcript *t, const char *label, const void *secret,
		     size_t secret_len, const unsigned char random[MERLIN_RANDOM_BYTES], void *out,
		     size_t len)
{
	struct strobe s = t->strobe;
	uint32_t le_len = htole32((uint32_t)len);

	add_head(&s, label, secret_len);
	strobe_key(&s, secret, secret_len);
	/* here the frame is a label alone, and below a length alone */
	strobe_meta_ad(&s, "rng", 3, false);
	strobe_key(&s, random, MERLIN_RANDOM_BYTES);
	strobe_meta_ad(&s, &le_len, sizeof(le_len), false);
	strobe_prf(&s, out, len);
	sodium_memzero(&s, sizeof(s));
}
