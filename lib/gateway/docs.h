/* SPDX-License-Identifier: MIT
 * The page on which a person tries the cords: one file without anything from elsewhere, which makes
 * its forms from /openapi.json.
 */
#ifndef CHUTES_GATEWAY_DOCS_H
#define CHUTES_GATEWAY_DOCS_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"

struct reply;

must_use bool docs_answer(struct reply *reply, struct error *err);

#endif
