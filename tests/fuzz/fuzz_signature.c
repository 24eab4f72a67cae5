/* SPDX-License-Identifier: MIT
 * Signatures: a key, a signature, the message. What is accepted is accepted once only: not with
 * another mark, not with the identity as key, and not with another message.
 */
#include "lib/crypto/sr25519.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned char identity[SR25519_PUBLIC_BYTES];
	unsigned char signature[SR25519_SIGNATURE_BYTES];
	struct error err;

	if (size < SR25519_PUBLIC_BYTES + SR25519_SIGNATURE_BYTES)
		return 0;

	const uint8_t *message = data + SR25519_PUBLIC_BYTES + SR25519_SIGNATURE_BYTES;
	size_t len = size - SR25519_PUBLIC_BYTES - SR25519_SIGNATURE_BYTES;

	memcpy(signature, data + SR25519_PUBLIC_BYTES, sizeof(signature));
	assert(!sr25519_verify(identity, message, len, signature, &err));
	if (!sr25519_verify(data, message, len, signature, &err))
		return 0;
	assert(sr25519_public_check(data, &err));
	assert(!len || !sr25519_verify(data, message, len - 1, signature, &err));
	signature[SR25519_SIGNATURE_BYTES - 1] ^= 0x80;
	assert(!sr25519_verify(data, message, len, signature, &err));
	return 0;
}
