/* SPDX-License-Identifier: MIT
 * Writes one JSON document from the outside in. Knows nothing of what it means.
 */
#ifndef CHUTES_DATA_JSON_OUT_H
#define CHUTES_DATA_JSON_OUT_H

#include "lib/base/compiler.h"
#include "lib/base/text.h"

struct json_out {
	struct text text;
	bool needs_comma;
};

/* `key` is NULL for an array's element and for the outermost value. */
void json_out_object(struct json_out *j, const char *key);
void json_out_object_end(struct json_out *j);
void json_out_array(struct json_out *j, const char *key);
void json_out_array_end(struct json_out *j);
/* NULL becomes null. */
void json_out_text(struct json_out *j, const char *key, const char *value);
void json_out_number(struct json_out *j, const char *key, int64_t value);
void json_out_bool(struct json_out *j, const char *key, bool value);
/* `document` is JSON already. */
void json_out_raw(struct json_out *j, const char *key, const char *document);
void json_out_release(struct json_out *j);

#define auto_json_out __attribute__((cleanup(json_out_release))) struct json_out

#endif
