/* SPDX-License-Identifier: MIT */
#include "lib/crypto/keccak_internal.h"

#include <endian.h>
#include <sodium.h>
#include <string.h>

enum { LANES = 25, ROUNDS = 24 };

static const uint64_t round_constants[ROUNDS] = {
	0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000,
	0x000000000000808b, 0x0000000080000001, 0x8000000080008081, 0x8000000000008009,
	0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
	0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003,
	0x8000000000008002, 0x8000000000000080, 0x000000000000800a, 0x800000008000000a,
	0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
};

/* By how much each lane is rotated (rho), and which one comes to each place (pi). */
static const unsigned char rotations[LANES] = {0,  1,  62, 28, 27, 36, 44, 6,  55, 20, 3,  10, 43,
					       25, 39, 41, 45, 15, 21, 8,  18, 2,  61, 56, 14};
static const unsigned char sources[LANES] = {0,  6,  12, 18, 24, 3,  9,  10, 16, 22, 1,  7, 13,
					     19, 20, 4,  5,  11, 17, 23, 2,  8,  14, 15, 21};

static inline uint64_t rotate(uint64_t x, unsigned n) { return x << n | x >> ((64 - n) % 64); }

/* From one array to another, and unrolled, so that tables become constants and a row stays in
 * registers: twice as fast. */
static inline void do_round(const uint64_t in[LANES], uint64_t out[LANES], uint64_t constant)
{
	uint64_t sums[5];
	uint64_t theta[5];

#pragma GCC unroll 5
	for (int x = 0; x < 5; x++)
		sums[x] = in[x] ^ in[x + 5] ^ in[x + 10] ^ in[x + 15] ^ in[x + 20];
#pragma GCC unroll 5
	for (int x = 0; x < 5; x++)
		theta[x] = sums[(x + 4) % 5] ^ rotate(sums[(x + 1) % 5], 1);
#pragma GCC unroll 5
	for (int row = 0; row < LANES; row += 5) {
		uint64_t moved[5];

#pragma GCC unroll 5
		for (int x = 0; x < 5; x++) {
			int from = sources[row + x];

			moved[x] = rotate(in[from] ^ theta[from % 5], rotations[from]);
		}
#pragma GCC unroll 5
		for (int x = 0; x < 5; x++)
			out[row + x] = moved[x] ^ (~moved[(x + 1) % 5] & moved[(x + 2) % 5]);
	}
	out[0] ^= constant;
}

void keccak_f1600(unsigned char state[KECCAK_BYTES])
{
	uint64_t lanes[LANES];
	uint64_t next[LANES];

	memcpy(lanes, state, KECCAK_BYTES);
	for (int i = 0; i < LANES; i++)
		lanes[i] = le64toh(lanes[i]);
	for (int i = 0; i < ROUNDS; i += 2) {
		do_round(lanes, next, round_constants[i]);
		do_round(next, lanes, round_constants[i + 1]);
	}
	for (int i = 0; i < LANES; i++)
		lanes[i] = htole64(lanes[i]);
	memcpy(state, lanes, KECCAK_BYTES);
	sodium_memzero(lanes, sizeof(lanes));
	sodium_memzero(next, sizeof(next));
}
