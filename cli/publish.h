/* SPDX-License-Identifier: MIT
 * Where a chute is reached, as docker's users write it.
 */
#ifndef CHUTES_CLI_PUBLISH_H
#define CHUTES_CLI_PUBLISH_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"

/* "[ADDRESS:]PORT[:CORDPORT]" → "127.0.0.1:9000", the caller's to free. CORDPORT says nothing that
 * is not known, the cords have one port: it must be `cord_port`. USAGE. */
must_use bool publish_parse(const char *text, int64_t cord_port, char **address, struct error *err);

#endif
