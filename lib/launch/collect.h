/* SPDX-License-Identifier: MIT
 * What a job left, handed over to whoever ran it. The files are foreign: links are never followed.
 */
#ifndef CHUTES_LAUNCH_COLLECT_H
#define CHUTES_LAUNCH_COLLECT_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"

enum { COLLECT_DEPTH_LIMIT = 64 };

/* Move the files, links and directories of `from` into the directory `to`, over what has the same
 * name there; they become ours, and nothing of them runs as somebody else. What is neither is left
 * behind, as is what fails, which keeps nothing else back. SPEC for more than COLLECT_DEPTH_LIMIT
 * levels. */
must_use bool collect(const char *from, const char *to, struct error *err);

#endif
