/* SPDX-License-Identifier: MIT
 * Four encodings of ristretto255 to points at once (RFC 9496), by IFMA.
 */
#include "lib/crypto/verify_ifma_internal.h"

#ifdef __x86_64__

#include <endian.h>
#include <string.h>

static const uint64_t minus_d[LIMBS] = {0x4b235eca6874a, 0x657d7c4ea9142, 0x2185d9ffe3fd6,
					0x0c6399c5fc344, 0x2dfc9311d4900};
static const uint64_t root_of_minus_1[LIMBS] = {0x61b274a0ea0b0, 0x0d5a5fc8f189d, 0x7ef5e9cbd0c60,
						0x78595a6804c9e, 0x2b8324804fc1d};

union by_lane {
	struct lanes all;
	uint64_t word[LIMBS][LANES];
};

/* Below p, and even: of a number and its negative only one is encoded. */
static bool load(const unsigned char encoding[SR25519_PUBLIC_BYTES], union by_lane *out,
		 size_t lane)
{
	uint64_t w[4];

	memcpy(w, encoding, sizeof(w));
	for (int i = 0; i < 4; i++)
		w[i] = le64toh(w[i]);
	if (w[0] & 1 || w[3] > INT64_MAX ||
	    (w[3] == INT64_MAX && w[2] == UINT64_MAX && w[1] == UINT64_MAX &&
	     w[0] >= UINT64_MAX - 18))
		return false;
	out->word[0][lane] = w[0] & LIMB_MASK;
	out->word[1][lane] = (w[0] >> 51 | w[1] << 13) & LIMB_MASK;
	out->word[2][lane] = (w[1] >> 38 | w[2] << 26) & LIMB_MASK;
	out->word[3][lane] = (w[2] >> 25 | w[3] << 39) & LIMB_MASK;
	out->word[4][lane] = w[3] >> 12;
	return true;
}

/* In which lanes? */
ifma_inline __mmask8 are_equal(struct lanes a, struct lanes b)
{
	return lanes_zero(lanes_carry(lanes_sub(lanes_add(a, lanes_of_p(2)), b)));
}

/* a^(2^n) b */
ifma_code static struct lanes shift(struct lanes a, int n, struct lanes b)
{
	for (; n > 0; n--)
		a = lanes_square(a);
	return lanes_mul(a, b);
}

/* a^((p - 5) / 8), which is a^(2^252 - 3) */
ifma_code static struct lanes power(struct lanes a)
{
	struct lanes a2 = lanes_square(a);
	struct lanes a9 = shift(a2, 2, a);
	struct lanes a11 = lanes_mul(a9, a2);
	/* a to the powers 2^5 - 1, 2^10 - 1 and so on */
	struct lanes ones5 = shift(a11, 1, a9);
	struct lanes ones10 = shift(ones5, 5, ones5);
	struct lanes ones20 = shift(ones10, 10, ones10);
	struct lanes ones40 = shift(ones20, 20, ones20);
	struct lanes ones50 = shift(ones40, 10, ones10);
	struct lanes ones100 = shift(ones50, 50, ones50);
	struct lanes ones200 = shift(ones100, 100, ones100);
	struct lanes ones250 = shift(ones200, 50, ones50);

	return shift(ones250, 2, a);
}

/* In the lanes of the result, the square of `out` is 1 / a; elsewhere there is none. a^((p - 5) /
 * 8) is it, up to a fourth root of 1, and its sign does not matter. */
ifma_inline __mmask8 inverse_square_roots(struct lanes a, struct lanes *out)
{
	struct lanes root = power(a);
	struct lanes square = lanes_mul(lanes_square(root), a);
	__mmask8 turned = are_equal(square, lanes_sub(lanes_of_p(1), lanes_small(1)));

	*out = lanes_choose(turned, root, lanes_mul(root, lanes_of(root_of_minus_1)));
	return turned | are_equal(square, lanes_small(1));
}

struct coordinates {
	union by_lane x, y, t;
};

/* In which lanes is there a point? */
ifma_code static __mmask8 decode(struct lanes s, struct coordinates *out)
{
	struct lanes square = lanes_square(s);
	struct lanes u1 = lanes_carry(lanes_sub(lanes_add(lanes_of_p(2), lanes_small(1)), square));
	struct lanes u2 = lanes_add(square, lanes_small(1));
	struct lanes u2_square = lanes_square(u2);
	struct lanes v = lanes_carry(
		lanes_sub(lanes_add(lanes_of_p(2), lanes_mul(lanes_of(minus_d), lanes_square(u1))),
			  u2_square));
	struct lanes root;
	__mmask8 found = inverse_square_roots(lanes_mul(v, u2_square), &root);
	struct lanes dx = lanes_mul(root, u2);
	struct lanes dy = lanes_mul(lanes_mul(root, dx), v);
	struct lanes x = lanes_mul(lanes_add(s, s), dx);

	x = lanes_choose(lanes_odd(x), x, lanes_carry(lanes_sub(lanes_of_p(2), x)));
	out->x.all = x;
	out->y.all = lanes_mul(u1, dy);
	out->t.all = lanes_mul(x, out->y.all);
	return found & (__mmask8) ~(lanes_odd(out->t.all) | lanes_zero(out->y.all));
}

ifma_code bool ifma_decode(const unsigned char *const encodings[], size_t n, struct lanes points[])
{
	union by_lane s = {0};
	struct coordinates all;

	for (size_t i = 0; i < n; i++)
		if (!load(encodings[i], &s, i))
			return false;

	/* lanes without an encoding are zero, the identity */
	if (decode(s.all, &all) != (1 << LANES) - 1)
		return false;
	for (size_t i = 0; i < n; i++) {
		union by_lane point = {0};

		for (int limb = 0; limb < LIMBS; limb++) {
			point.word[limb][0] = all.x.word[limb][i];
			point.word[limb][1] = all.y.word[limb][i];
			point.word[limb][3] = all.t.word[limb][i];
		}
		point.word[0][2] = 1;
		points[i] = point.all;
	}
	return true;
}

ifma_code bool ifma_is_identity(const struct lanes *point)
{
	return lanes_zero(*point) & (LANE_X | LANE_Y);
}

#endif
