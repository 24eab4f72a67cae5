/* SPDX-License-Identifier: MIT
 * Passwords in the environment: base64 of the password, each byte of which is combined (xor) with
 * one of the variable's name. That hides it from a glance and from nobody else.
 */
#include "lib/base/env.h"
#include "lib/base/memory.h"
#include "lib/wallet/wallet.h"

#include <string.h>

static char *variable_of(const char *path)
{
	char *name = xprintf("BT_PW_%s", path);

	for (char *c = name; *c; c++)
		if (*c == '/' || *c == '.')
			*c = '_';
		else
			*c = ascii_upper(*c);
	return name;
}

int wallet_password_find(const char *path, struct secret *out, struct error *err)
{
	auto_free char *name = variable_of(path);
	const char *value = env_find(name);
	auto_secret password = {0};

	if (!value || *value == '\0')
		return 0;
	if (!secret_of_base64((struct slice){value, strlen(value)}, &password, err)) {
		fail_in(err, "environment variable '%s'", name);
		fail_hint(err, "unset it, and give the password in another way");
		return -1;
	}
	for (size_t i = 0; i < password.len; i++)
		password.bytes[i] ^= (unsigned char)name[i % strlen(name)];
	secret_move(&password, out);
	return 1;
}
