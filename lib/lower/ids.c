/* SPDX-License-Identifier: MIT */
#include "lib/lower/ids.h"

#include "lib/base/memory.h"
#include "lib/base/text.h"

static void lower_case(char *s)
{
	for (; *s; s++)
		*s = ascii_lower(*s);
}

void id_of_image(const char *username, const char *name, char out[UUID_TEXT_SIZE])
{
	auto_free char *user = xstrdup(username);

	lower_case(user);
	auto_free char *whole = xprintf("%s/%s", user, name);

	uuid5_of_oid(whole, out);
}

void id_of_image_for_client(const char *username, const char *name, char out[UUID_TEXT_SIZE])
{
	auto_free char *whole = xprintf("%s/%s", username, name);

	lower_case(whole);
	uuid5_of_oid(whole, out);
}

void id_of_chute(const char *username, const char *name, char out[UUID_TEXT_SIZE])
{
	auto_free char *whole = xprintf("%s::chute::%s", username, name);

	uuid5_of_oid(whole, out);
}

void id_of_version(const char *image_id, const char *patch, const char *code,
		   char out[UUID_TEXT_SIZE])
{
	auto_free char *whole =
		xprintf("%s:%s%s%s", image_id, patch ? patch : "", patch ? ":" : "", code);

	uuid5_of_oid(whole, out);
}

void id_of_secret(const char *user_id, const char *chute_id, const char *key,
		  char out[UUID_TEXT_SIZE])
{
	auto_free char *whole = xprintf("%s:%s:%s", user_id, chute_id, key);

	uuid5_of_oid(whole, out);
}
