/* SPDX-License-Identifier: MIT
 * What the documents of this room share: descriptors, string maps and members in canonical order.
 */
#ifndef CHUTES_OCI_OCI_INTERNAL_H
#define CHUTES_OCI_OCI_INTERNAL_H

#include "lib/data/json.h"
#include "lib/oci/oci.h"

/* The members mediaType, digest, size and urls. Media types of Docker become OCI's. */
must_use bool descriptor_parse(const struct json *value, struct arena *a, struct descriptor *out,
			       struct error *err);
/* The same members, without the braces, into an object that was begun. */
void descriptor_format(const struct descriptor *d, struct text *out);
/* Texts copied into the arena. */
struct descriptor descriptor_copy(const struct descriptor *d, struct arena *a);

/* Begin a member of the object at the end of `out`: a comma where one is needed, the key, a colon.
 */
void member_begin(struct text *out, const char *key);
/* `"key":"value"` unless value is NULL or empty. */
void member_text(struct text *out, const char *key, const char *value);
/* Members kept from elsewhere: what json_write_others() gave, or NULL. */
void member_others(struct text *out, const char *others);
/* `"key":{…}` from "name=value" lines, sorted by name, the last of equal names; nothing when empty.
 * For a set each line is a name and its value {}. */
void member_map(struct text *out, const char *key, const struct strings *lines, bool is_set);
/* "name=value" lines of an object of strings; a name with "=" cannot be kept and is an error. */
must_use bool member_map_parse(const struct json *object, const char *key, struct strings *out,
			       struct error *err);
/* The text, copied into the arena; NULL when absent. */
must_use bool member_text_parse(const struct json *object, const char *key, struct arena *a,
				const char **out, struct error *err);
/* json_write_others() into the arena; NULL when there are none. */
const char *others_parse(const struct json *object, const char *const *known, struct arena *a);
const char *arena_text_or_null(struct arena *a, const char *s);

#endif
