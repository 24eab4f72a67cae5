/* SPDX-License-Identifier: MIT */
#include "lib/build/mode_change.h"

#include "tests/unit/tap.h"

TEST(forms)
{
	static const struct {
		const char *text;
		mode_t from;
		bool is_directory;
		mode_t to;
	} rows[] = {
		{"644", 0755, false, 0644},         {"0", 0755, false, 0},
		{"07777", 0644, false, 07777},      {"u=rwX,go=rX", 0644, false, 0644},
		{"u=rwX,go=rX", 0755, false, 0755}, {"u=rwX,go=rX", 0644, true, 0755},
		{"+x", 0644, false, 0755},          {"a-w", 0644, false, 0444},
		{"o=", 0755, false, 0750},          {"g=u", 0640, false, 0660},
		{"u+s", 0755, false, 04755},        {"g+s", 0755, false, 02755},
		{"o+s", 0755, false, 0755},         {"+t", 0755, true, 01755},
		{"u=r,u+w", 0777, false, 0677},     {"u=rw-w", 0777, false, 0477},
		{"go-rwx", 0755, false, 0700},
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		mode_t got = 0;
		struct error err;

		CHECK_OK(mode_change(rows[i].text, rows[i].from, rows[i].is_directory, &got, &err),
			 err);
		if (!CHECK(got == rows[i].to))
			printf("#   %s: %o\n", rows[i].text, got);
	}
}

TEST(malformed)
{
	static const char *const rows[] = {
		"", "8", "10000", "77777777777777", "u", "u=z", "=r,", "x+r", "r", "0x1", "+r w"};

	for (size_t i = 0; i < array_len(rows); i++) {
		mode_t got = 1;
		struct error err;

		if (!CHECK(!mode_change(rows[i], 0644, false, &got, &err)) || !CHECK(got == 1))
			printf("#   %s\n", rows[i]);
	}
}
