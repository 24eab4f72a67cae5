/* SPDX-License-Identifier: MIT
 * Hashes of tests/vectors/crypto/blake2b.json.
 */
#include "lib/crypto/blake2b.h"

#include "tests/unit/vectors.h"

TEST(vectors)
{
	auto_json struct json *document = vectors_load("crypto/blake2b.json");
	const struct json *rows = json_find(document, "blake2b");

	CHECK(json_count(rows) == 4);
	for (size_t i = 0; i < json_count(rows); i++) {
		const struct json *row = json_at(rows, i);
		size_t out_len = (size_t)json_integer_of(json_find(row, "bits")) / 8;
		auto_free unsigned char *bytes = NULL;
		size_t len = vector_bytes(row, "in_hex", &bytes);
		unsigned char out[BLAKE2B_MAX_BYTES];

		blake2b_of(bytes, len, out, out_len);
		CHECK(is_hex(out, out_len, vector_text(row, "hex")));
	}
}

/* RFC 7693, appendix A is "abc" above; this is the hash of nothing. */
TEST(nothing)
{
	unsigned char out[32];

	blake2b_of(NULL, 0, out, sizeof(out));
	CHECK(is_hex(out, sizeof(out),
		     "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8"));
}
