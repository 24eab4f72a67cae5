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

/* Of each lane: by how much it is rotated (rho), and where it goes (pi). */
static const unsigned char rotations[LANES] = {0,  1,  62, 28, 27, 36, 44, 6,  55, 20, 3,  10, 43,
					       25, 39, 41, 45, 15, 21, 8,  18, 2,  61, 56, 14};
static const unsigned char places[LANES] = {0,  10, 20, 5, 15, 16, 1,  11, 21, 6, 7,  17, 2,
					    12, 22, 23, 8, 18, 3,  13, 14, 24, 9, 19, 4};

static inline uint64_t rotate(uint64_t x, unsigned n) { return x << n | x >> ((64 - n) % 64); }

/* Unrolled, so that tables become constants and lanes registers: twice as fast. */
static inline void do_round(uint64_t lanes[LANES], uint64_t moved[LANES], uint64_t constant)
{
	uint64_t sums[5];

#pragma GCC unroll 5
	for (int x = 0; x < 5; x++)
		sums[x] = lanes[x] ^ lanes[x + 5] ^ lanes[x + 10] ^ lanes[x + 15] ^ lanes[x + 20];
#pragma GCC unroll 25
	for (int i = 0; i < LANES; i++) {
		uint64_t theta = sums[(i + 4) % 5] ^ rotate(sums[(i + 1) % 5], 1);

		moved[places[i]] = rotate(lanes[i] ^ theta, rotations[i]);
	}
#pragma GCC unroll 25
	for (int i = 0; i < LANES; i++) {
		int row = i - i % 5;

		lanes[i] = moved[i] ^ (~moved[row + (i + 1) % 5] & moved[row + (i + 2) % 5]);
	}
	lanes[0] ^= constant;
}

void keccak_f1600(unsigned char state[KECCAK_BYTES])
{
	uint64_t lanes[LANES];
	uint64_t moved[LANES];

	memcpy(lanes, state, KECCAK_BYTES);
	for (int i = 0; i < LANES; i++)
		lanes[i] = le64toh(lanes[i]);
	for (int i = 0; i < ROUNDS; i++)
		do_round(lanes, moved, round_constants[i]);
	for (int i = 0; i < LANES; i++)
		lanes[i] = htole64(lanes[i]);
	memcpy(state, lanes, KECCAK_BYTES);
	sodium_memzero(lanes, sizeof(lanes));
	sodium_memzero(moved, sizeof(moved));
}
