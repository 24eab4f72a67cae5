/* SPDX-License-Identifier: MIT */
#include "cli/owner.h"

#include "cli/settings.h"
#include "lib/base/memory.h"

#include <string.h>

#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"

enum { NAME_MIN = 3, NAME_MAX = 15 };

void owner_release(struct owner *o)
{
	free(o->username);
	*o = (struct owner){0};
}

/* `where` said it. */
static bool check_name(const char *name, const char *where, struct error *err)
{
	size_t len = strlen(name);

	if (len >= NAME_MIN && len <= NAME_MAX && strspn(name, NAME_CHARACTERS) == len)
		return true;
	return fail(err, ERROR_USAGE, "%s '%s' is not %d to %d letters, digits, '_' and '-'", where,
		    name, NAME_MIN, NAME_MAX);
}

static bool find_configured(const struct call *call, char **out, struct error *err)
{
	auto_config c = {0};

	if (!settings_load(call, &c, err))
		return false;
	char **name = &c.values[CONFIG_USERNAME].text;

	if (!*name) {
		fail(err, ERROR_SPEC, "whose it is, is part of it, and nothing says a username");
		return fail_hint(err, "pass --username NAME, write 'username: NAME' into the spec, "
				      "or run 'chutes config set auth.username NAME'");
	}
	if (!check_name(*name, "auth.username", err))
		return false;
	*out = take(*name);
	return true;
}

bool owner_find(const struct call *call, const char *option, const struct spec *spec, char **out,
		struct error *err)
{
	const char *name = option ? option : spec ? spec->username : NULL;

	if (!name)
		return find_configured(call, out, err);
	if (option && !check_name(name, "--username", err))
		return false;
	*out = xstrdup(name);
	return true;
}

static bool find_tag(const struct spec *spec, char out[TAG_SIZE], struct error *err)
{
	auto_text dockerfile = {0};

	if (spec->image.reference || strcmp(spec->image.tag, "auto") != 0)
		return true;
	return (lower_dockerfile(spec, &dockerfile, err) &&
		image_tag(spec, &dockerfile, out, err)) ||
	       fail_in(err, "finding the image's tag");
}

bool owner_of_spec(const struct call *call, const char *option, const struct spec *spec,
		   struct owner *out, struct error *err)
{
	auto_owner o = {0};

	if (!owner_find(call, option, spec, &o.username, err) || !find_tag(spec, o.tag, err))
		return false;
	*out = o;
	o = (struct owner){0};
	return true;
}

struct lower_names owner_names(const struct owner *o)
{
	return (struct lower_names){CHUTES_VERSION, o->username, o->tag};
}
