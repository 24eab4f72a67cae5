/* SPDX-License-Identifier: MIT
 * The canonical look of a document: its lines are moved, its words are not. Levels are indented by
 * two, one blank stands behind '-' and ':', lines end without blanks, empty lines stand alone, the
 * keys of the top level have their order, with the comments above them. Quotes, lists in brackets
 * and what stands inside of | and > are left as they are.
 */
#ifndef CHUTES_DATA_YAML_FORMAT_H
#define CHUTES_DATA_YAML_FORMAT_H

#include "lib/base/error.h"
#include "lib/data/yaml.h"

/* Where a key of the top level belongs: lower ones first, equal ones in the order of the text. */
typedef size_t yaml_rank(const char *key);

/* Add the formatted text to `out`. What cannot be read is in the findings. SPEC; FAILURE when the
 * result would mean something else, which is looked at each time. */
must_use bool yaml_format(const struct yaml_source *source, yaml_rank *rank, struct text *out,
			  struct findings *f, struct error *err);

#endif
