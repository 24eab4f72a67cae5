/* SPDX-License-Identifier: MIT
 * What was left out of a layer: how often, and what first. One sentence per kind instead of one per
 * file.
 */
#ifndef CHUTES_BUILD_LAYER_NOTE_H
#define CHUTES_BUILD_LAYER_NOTE_H

#include "lib/base/strings.h"
#include "lib/base/text.h"

struct layer_note {
	uint64_t n;
	struct text first;
};

/* Count one more. `what` is a path, escaped when it is shown. */
void layer_note_add(struct layer_note *note, const char *what);
/* "sockets left out: 2 (first: 'run/a')", when there was any. */
void layer_note_report(const struct layer_note *note, const char *kind, struct strings *out);
void layer_note_release(struct layer_note *note);

#endif
