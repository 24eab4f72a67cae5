/* SPDX-License-Identifier: MIT
 * Which modules come with what: Python's standard library, and the distributions that most chutes
 * install. Two tables, python_stdlib.txt and python_packages.txt, hold what is known.
 */
#ifndef CHUTES_SPEC_PACKAGES_H
#define CHUTES_SPEC_PACKAGES_H

#include "lib/base/compiler.h"
#include "lib/base/strings.h"

/* In the standard library of Python 3.10, 3.11, 3.12 or 3.13. */
bool python_is_stdlib(const char *module);
/* The name of a distribution as its index compares it: "My_Pkg.a==1" → "my-pkg-a". Caller
 * frees. NULL: what may bring more than its name says: a path, an address, an option, extras. */
must_use char *python_distribution_name(const char *requirement);
/* Add the modules that a distribution brings, those of what it needs included. false: it is not
 * among the known ones, and may bring anything. */
must_use bool python_add_modules(const char *distribution, struct strings *modules);
/* The distribution whose own module this is. Caller frees. NULL: unknown. */
must_use char *python_distribution_of(const char *module);

#endif
