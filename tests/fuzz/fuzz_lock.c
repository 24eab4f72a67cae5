/* SPDX-License-Identifier: MIT
 * The reader of chute.lock: what it takes, it writes so that it is read as the same.
 */
#include "lib/spec/lock.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_spec_lock lock = {0};
	auto_spec_lock again = {0};
	auto_findings f = {0};
	auto_text text = {0};
	auto_text twice = {0};
	struct error err;

	if (!spec_lock_parse("chute.lock", (const char *)data, size, &lock, &f, &err)) {
		assert(findings_count(&f, SEVERITY_ERROR) > 0);
		return 0;
	}
	spec_lock_format(&lock, &text);
	assert(spec_lock_is_ours(text_str(&text)));
	bool ok = spec_lock_parse("chute.lock", text_str(&text), text.len, &again, &f, &err);

	assert(ok);
	assert(spec_lock_compare(&lock, &again) == 0);
	spec_lock_format(&again, &twice);
	assert(strcmp(text_str(&text), text_str(&twice)) == 0);
	return 0;
}
