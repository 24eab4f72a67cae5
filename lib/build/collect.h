/* SPDX-License-Identifier: MIT
 * Cleaning the store as the owner of everything in it: trees and what killed builds left may belong
 * to sub-ids, which only a sandbox may remove.
 */
#ifndef CHUTES_BUILD_COLLECT_H
#define CHUTES_BUILD_COLLECT_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"
#include "lib/store/store.h"

/* store_gc(), and removal of store_garbage(). Where no sandbox can be had it does what it may. To
 * be called before any thread exists. */
must_use bool store_collect(struct store *s, struct store_gc_report *out, struct error *err);

#endif
