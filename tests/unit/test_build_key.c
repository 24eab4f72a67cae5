/* SPDX-License-Identifier: MIT */
#include "lib/build/key.h"

#include "tests/unit/tap.h"

TEST(fields_are_delimited)
{
	auto_key a = {0};
	auto_key b = {0};
	char hex_a[KEY_HEX_SIZE];
	char hex_b[KEY_HEX_SIZE];
	auto_strings one = {0};
	auto_strings two = {0};

	strings_add(&one, "ab");
	strings_add(&one, "c");
	strings_add(&two, "a");
	strings_add(&two, "bc");
	key_begin(&a, "run");
	key_list(&a, "argv", one.items, one.n);
	key_begin(&b, "run");
	key_list(&b, "argv", two.items, two.n);
	key_hex(&a, hex_a);
	key_hex(&b, hex_b);
	CHECK(strcmp(hex_a, hex_b) != 0);
}

/* Caches of earlier versions stay valid only while these bytes do not change. */
TEST(the_format_is_pinned)
{
	auto_key k = {0};
	char hex[KEY_HEX_SIZE];

	key_begin(&k, "run");
	key_text(&k, "user", NULL);
	key_number(&k, "epoch", -1);
	CHECK_TEXT(text_str(&k.fields), "chutes-step=1:1\nkind=3:run\nuser=0:\nepoch=2:-1\n");
	key_hex(&k, hex);
	CHECK(strlen(hex) == 64);
}
