/* SPDX-License-Identifier: MIT
 * What the files of the YAML reader share.
 */
#ifndef CHUTES_DATA_YAML_INTERNAL_H
#define CHUTES_DATA_YAML_INTERNAL_H

#include "lib/data/yaml.h"

/* Is this text at all: size, UTF-8, no NUL? false: a finding says what is wrong. */
must_use bool yaml_check_text(const struct yaml_source *source, struct findings *f);
/* Line and column of a byte of the text. */
struct place yaml_place_at(const struct yaml_source *source, size_t offset);
/* A line (1-based) without its line break; false behind the last one. */
must_use bool yaml_line(const struct yaml_source *source, size_t line, const char **start,
			size_t *len);

#endif
