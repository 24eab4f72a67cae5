/* SPDX-License-Identifier: MIT */
#include "lib/build/mode_change.h"

#include <string.h>

enum { READ = 0444, WRITE = 0222, EXECUTE = 0111, SET_IDS = 06000, STICKY = 01000, ALL = 07777 };

/* Bits of the classes that `who` names; setuid belongs to the user, setgid to the group. */
static mode_t class_mask(char who)
{
	switch (who) {
	case 'u':
		return 04700;
	case 'g':
		return 02070;
	case 'o':
		return 01007;
	case 'a':
		return ALL;
	default:
		return 0;
	}
}

/* The permissions of one class, for all three. */
static mode_t spread(mode_t bits) { return bits << 6 | bits << 3 | bits; }

/* Bits of one letter behind the sign, before the classes are cut out; 0 for none such. */
static mode_t letter_bits(char letter, mode_t mode, bool is_directory)
{
	switch (letter) {
	case 'r':
		return READ;
	case 'w':
		return WRITE;
	case 'x':
		return EXECUTE;
	case 's':
		return SET_IDS;
	case 't':
		return STICKY;
	case 'u':
		return spread(mode >> 6 & 7);
	case 'g':
		return spread(mode >> 3 & 7);
	case 'o':
		return spread(mode & 7);
	case 'X':
		return is_directory || mode & EXECUTE ? EXECUTE : 0;
	default:
		return 0;
	}
}

/* One clause up to ',' or the end; NULL when it is malformed. */
static const char *apply_clause(const char *p, bool is_directory, mode_t *mode)
{
	mode_t who = 0;
	mode_t bits;

	for (; class_mask(*p); p++)
		who |= class_mask(*p);
	who = who ? who : ALL;
	if (!*p || !strchr("-+=", *p))
		return NULL;
	while (*p && strchr("-+=", *p)) {
		char sign = *p++;
		mode_t of = *mode;

		for (bits = 0; *p && strchr("rwxXstugo", *p); p++)
			bits |= letter_bits(*p, of, is_directory);
		bits &= who;
		if (sign == '-')
			*mode &= ~bits;
		else if (sign == '+')
			*mode |= bits;
		else
			*mode = (*mode & ~who) | bits;
	}
	return *p == ',' || !*p ? p : NULL;
}

static bool parse_octal(const char *text, mode_t *out)
{
	mode_t mode = 0;

	for (const char *p = text; *p; p++) {
		if (*p < '0' || *p > '7' || mode > ALL)
			return false;
		mode = mode << 3 | (mode_t)(*p - '0');
	}
	if (!*text || mode > ALL)
		return false;
	*out = mode;
	return true;
}

bool mode_change(const char *text, mode_t mode, bool is_directory, mode_t *out, struct error *err)
{
	const char *p = text;

	if (parse_octal(text, out))
		return true;
	mode &= ALL;
	for (;; p++) {
		p = apply_clause(p, is_directory, &mode);
		if (!p) {
			fail(err, ERROR_SPEC, "'%s' is no mode", text);
			return fail_hint(err, "write it as chmod takes it: 0644, or u=rwX,go=rX");
		}
		if (!*p)
			break;
	}
	*out = mode;
	return true;
}
