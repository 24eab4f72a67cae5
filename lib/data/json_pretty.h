/* SPDX-License-Identifier: MIT
 * JSON for people: a line for each member and element, in the order of the document.
 */
#ifndef CHUTES_DATA_JSON_PRETTY_H
#define CHUTES_DATA_JSON_PRETTY_H

#include "lib/data/json.h"

/* Without a newline at the end. */
void json_add_pretty(const struct json *value, struct text *out);

#endif
