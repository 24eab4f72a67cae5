/* SPDX-License-Identifier: MIT
 * The first byte chooses the document: manifest, index, config or reference. What was accepted must
 * be written so that it is read again and written the same.
 */
#include "lib/base/memory.h"
#include "lib/oci/oci.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* Read `bytes` and write them canonically; false when they are refused. */
typedef bool (*canonical)(const void *bytes, size_t len, struct text *out);

static bool canonical_manifest(const void *bytes, size_t len, struct text *out)
{
	auto_manifest m = {0};
	struct error err;

	if (!manifest_parse(bytes, len, &m, &err))
		return false;
	manifest_format(&m, out);
	return true;
}

static bool canonical_index(const void *bytes, size_t len, struct text *out)
{
	auto_index i = {0};
	struct error err;

	if (!index_parse(bytes, len, &i, &err))
		return false;
	index_format(&i, out);
	return true;
}

static bool canonical_config(const void *bytes, size_t len, struct text *out)
{
	auto_image_config c = {0};
	auto_image_config copy = {0};
	struct error err;

	if (!image_config_parse(bytes, len, &c, &err))
		return false;
	image_config_copy(&c, &copy);
	image_config_format(&copy, out);
	return true;
}

static bool canonical_reference(const void *bytes, size_t len, struct text *out)
{
	auto_free char *name = xstrndup(bytes, len);
	auto_reference r = {0};
	struct error err;

	if (!reference_parse(name, &r, &err))
		return false;
	text_addf(out, "%s%s%s%s%s%s%s", r.registry ? r.registry : "", r.registry ? "/" : "",
		  r.path, r.tag ? ":" : "", r.tag ? r.tag : "", digest_is_set(&r.digest) ? "@" : "",
		  r.digest.text);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const canonical documents[] = {canonical_manifest, canonical_index, canonical_config,
					      canonical_reference};
	auto_text first = {0};
	auto_text second = {0};

	if (len == 0)
		return 0;
	canonical document = documents[bytes[0] % array_len(documents)];

	if (!document(bytes + 1, len - 1, &first))
		return 0;
	if (!document(first.bytes, first.len, &second) ||
	    strcmp(text_str(&first), text_str(&second)) != 0)
		abort();
	return 0;
}
