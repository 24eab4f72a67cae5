/* SPDX-License-Identifier: MIT
 * JSON values compared by what they mean.
 */
#ifndef CHUTES_DATA_JSON_NUMBER_H
#define CHUTES_DATA_JSON_NUMBER_H

#include "lib/data/json.h"

bool json_is_number(const struct json *value);
bool json_is_whole(const struct json *value); /* 1 and 1.0 */
/* Less than 0, 0, more than 0, as exact as both are. Numbers only. */
int json_compare_numbers(const struct json *a, const struct json *b);
/* By the shortest decimals that say the two numbers: 0.3 is a multiple of 0.1. Of 0 only 0 is. */
bool json_is_multiple(const struct json *value, const struct json *of);
/* The same value, whatever the order of members; 1 equals 1.0. Adds what it looked at to `work`. */
bool json_is_equal(const struct json *a, const struct json *b, size_t *work);
/* Equal values have equal ones. */
uint64_t json_hash(const struct json *value, size_t *work);
/* For people: reals as short as they can be, what is longer than `room` bytes cut. */
void json_add_shown(const struct json *value, size_t room, struct text *out);

#endif
