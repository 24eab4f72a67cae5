/* SPDX-License-Identifier: MIT
 * The commands that the steps of an image stand for. The build runs them and a rendered Dockerfile
 * shows them, so both do the same.
 */
#ifndef CHUTES_SPEC_STEP_COMMANDS_H
#define CHUTES_SPEC_STEP_COMMANDS_H

#include "lib/base/strings.h"
#include "lib/base/text.h"
#include "lib/spec/spec.h"

/* Where a pip step sees its requirements file. */
#define STEP_REQUIREMENTS_PATH "/run/chutes/requirements.txt"
/* Where `image.python` is installed. */
#define STEP_PYTHON_PREFIX "/opt/python"

/* Words as one line for a POSIX shell. */
void text_add_words(struct text *t, char *const *words, size_t n);

/* Scripts for /bin/sh -c, to be run as root. */
void step_apt_script(const struct spec_apt *apt, struct text *out);
void step_apt_remove_script(const struct field_texts *packages, struct text *out);
/* argv */
void step_pip_words(const struct spec_pip *pip, struct strings *out);
/* What compiling Python needs, and a script for /bin/sh -ec that does it; both as root. */
void step_python_packages_script(struct text *out);
void step_python_script(const char *version, struct text *out);

#endif
