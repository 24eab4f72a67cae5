/* SPDX-License-Identifier: MIT
 * Who owns what is deployed, and what else a deployment says beside the spec.
 */
#ifndef CHUTES_CLI_OWNER_H
#define CHUTES_CLI_OWNER_H

#include "cli/command.h"
#include "lib/build/tag.h"
#include "lib/lower/lower.h"
#include "lib/spec/spec.h"

/* The user: `option`, 'username' of `spec` (NULL: there is none), auth.username of the
 * configuration. SPEC when none of them says one, USAGE for what no user is called. Caller frees.
 */
must_use bool owner_find(const struct call *call, const char *option, const struct spec *spec,
			 char **out, struct error *err);

struct owner {
	char *username;
	char tag[TAG_SIZE]; /* of the image, where the spec says auto */
};
void owner_release(struct owner *o);
#define auto_owner __attribute__((cleanup(owner_release))) struct owner
/* The same with the tag, for which all files of the image are read. */
must_use bool owner_of_spec(const struct call *call, const char *option, const struct spec *spec,
			    struct owner *out, struct error *err);
/* What lowering takes of it; borrowed. */
struct lower_names owner_names(const struct owner *o);

#endif
