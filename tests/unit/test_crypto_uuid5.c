/* SPDX-License-Identifier: MIT
 * Identifiers made from names; wanted values from Python's uuid.uuid5(uuid.NAMESPACE_OID, …).
 */
#include "lib/crypto/uuid5.h"

#include "tests/unit/tap.h"

TEST(names)
{
	static const struct {
		const char *name;
		const char *wanted;
	} cases[] = {
		{"", "0a68eb57-c88a-5f34-9e9d-27f85e68af4f"},
		{"a", "d720e32d-4765-5177-b65b-42dd7f6e6445"},
		{"local::chute::hello", "3af88bf4-42df-549d-acb5-06dd0a5f0559"},
		{"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "725b3b2c-f1ab-5e3d-b195-3a24c629d4ad"},
		{"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
		 "31d474b8-0d58-515b-8305-7b4b7da7af84"},
		{"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
		 "8fb587f3-81ba-596c-a466-9518d270df85"},
		{"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
		 "d5b950ca-5301-5635-9aca-c17bfa02896c"},
		{"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
		 "d5b2b75e-e7be-5dae-b119-3b9131d40bcf"},
	};

	for (size_t i = 0; i < array_len(cases); i++) {
		char text[UUID_TEXT_SIZE];

		uuid5_of_oid(cases[i].name, text);
		CHECK_TEXT(text, cases[i].wanted);
	}
}
