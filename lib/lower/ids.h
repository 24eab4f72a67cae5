/* SPDX-License-Identifier: MIT
 * Identifiers that the platform makes from names (UUIDs of version 5), so that anybody can say them
 * before what they stand for exists.
 */
#ifndef CHUTES_LOWER_IDS_H
#define CHUTES_LOWER_IDS_H

#include "lib/base/compiler.h"
#include "lib/crypto/uuid5.h"

/* Of the image `name` ("hello:0.1") of a user. The platform writes the user's name in small letters
 * and leaves the rest; its Python client writes all of it in small letters, so it looks for another
 * image than there is where `name` has a capital. */
void id_of_image(const char *username, const char *name, char out[UUID_TEXT_SIZE]);
void id_of_image_for_client(const char *username, const char *name, char out[UUID_TEXT_SIZE]);

void id_of_chute(const char *username, const char *name, char out[UUID_TEXT_SIZE]);

/* What an image is patched to before the platform has done so. */
#define ID_FIRST_PATCH "initial"
/* Of a chute with this code on this image: another one for each change of either. `patch` is the
 * image's "patch_version"; NULL for a server of before 2026, which had none. */
void id_of_version(const char *image_id, const char *patch, const char *code,
		   char out[UUID_TEXT_SIZE]);

/* Of the secret `key` of a chute. */
void id_of_secret(const char *user_id, const char *chute_id, const char *key,
		  char out[UUID_TEXT_SIZE]);

#endif
