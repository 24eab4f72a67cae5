/* SPDX-License-Identifier: MIT */
#include "lib/crypto/uuid5.h"

#include <stdio.h>
#include <string.h>

enum { SHA1_BLOCK = 64, SHA1_WORDS = 5, SHA1_ROUNDS = 80 };

static uint32_t rotate(uint32_t x, unsigned n) { return x << n | x >> (32 - n); }

/* FIPS 180-4, 6.1.2. */
static void add_block(uint32_t hash[SHA1_WORDS], const unsigned char block[SHA1_BLOCK])
{
	static const uint32_t constants[] = {0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6};
	uint32_t w[SHA1_ROUNDS];
	uint32_t a = hash[0], b = hash[1], c = hash[2], d = hash[3], e = hash[4];

	for (size_t i = 0; i < 16; i++)
		w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 |
		       (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
	for (int i = 16; i < SHA1_ROUNDS; i++)
		w[i] = rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
	for (int i = 0; i < SHA1_ROUNDS; i++) {
		int part = i / 20;
		uint32_t mixed = part == 0   ? (b & c) | (~b & d)
				 : part == 2 ? (b & c) | (b & d) | (c & d)
					     : b ^ c ^ d;
		uint32_t next = rotate(a, 5) + mixed + e + constants[part] + w[i];

		e = d;
		d = c;
		c = rotate(b, 30);
		b = a;
		a = next;
	}
	hash[0] += a;
	hash[1] += b;
	hash[2] += c;
	hash[3] += d;
	hash[4] += e;
}

/* Of two pieces, one behind the other. */
static void sha1_of(const void *first, size_t first_len, const void *second, size_t second_len,
		    unsigned char out[4 * SHA1_WORDS])
{
	uint32_t hash[SHA1_WORDS] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
	const unsigned char *pieces[] = {first, second};
	const size_t lens[] = {first_len, second_len};
	uint64_t n_bits = 8 * (uint64_t)(first_len + second_len);
	unsigned char block[SHA1_BLOCK];
	size_t fill = 0;

	for (size_t piece = 0; piece < array_len(pieces); piece++)
		for (size_t i = 0; i < lens[piece]; i++) {
			block[fill++] = pieces[piece][i];
			if (fill == SHA1_BLOCK)
				add_block(hash, block);
			fill %= SHA1_BLOCK;
		}
	block[fill++] = 0x80;
	if (fill > SHA1_BLOCK - 8) {
		memset(block + fill, 0, SHA1_BLOCK - fill);
		add_block(hash, block);
		fill = 0;
	}
	memset(block + fill, 0, SHA1_BLOCK - fill);
	for (int i = 0; i < 8; i++)
		block[SHA1_BLOCK - 1 - i] = (unsigned char)(n_bits >> (8 * i));
	add_block(hash, block);
	for (int i = 0; i < 4 * SHA1_WORDS; i++)
		out[i] = (unsigned char)(hash[i / 4] >> (24 - 8 * (i % 4)));
}

void uuid5_of_oid(const char *name, char out[UUID_TEXT_SIZE])
{
	static const unsigned char oid[UUID_BYTES] = {0x6b, 0xa7, 0xb8, 0x12, 0x9d, 0xad,
						      0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0,
						      0x4f, 0xd4, 0x30, 0xc8};
	unsigned char hash[4 * SHA1_WORDS];
	size_t len = 0;

	sha1_of(oid, sizeof(oid), name, strlen(name), hash);
	hash[6] = (unsigned char)((hash[6] & 0x0f) | 0x50); /* version 5 */
	hash[8] = (unsigned char)((hash[8] & 0x3f) | 0x80); /* variant of the RFC */
	for (int i = 0; i < UUID_BYTES; i++)
		len += (size_t)snprintf(out + len, UUID_TEXT_SIZE - len, "%s%02x",
					i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", hash[i]);
}
