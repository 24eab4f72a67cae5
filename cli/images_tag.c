/* SPDX-License-Identifier: MIT
 * chutes images tag: another name for an image.
 */
#include "cli/images.h"
#include "cli/print.h"
#include "cli/project.h"
#include "lib/base/memory.h"

#include <string.h>

/* The new name with its tag: latest where none is given, as docker does it. */
static bool new_name(const char *given, char **out, struct error *err)
{
	auto_reference r = {0};

	if (!reference_parse(given, &r, err))
		return false;
	if (digest_is_set(&r.digest)) {
		fail(err, ERROR_USAGE, "'%s' has a digest; a name is NAME:TAG", given);
		return false;
	}
	*out = r.tag ? xstrdup(given) : xprintf("%s:latest", given);
	return true;
}

/* What has that name until now; an empty name when nothing has. */
static bool find_old(struct store *s, const char *name, struct store_image *out, struct error *err)
{
	auto_store_images list = {0};

	if (!store_images_list(s, &list, err))
		return false;
	for (size_t i = 0; i < list.n; i++) {
		if (strcmp(list.items[i].name, name) != 0)
			continue;
		*out = list.items[i];
		out->name = xstrdup(name);
		break;
	}
	return true;
}

static void report(const struct call *call, const char *name, const struct store_image *image,
		   const struct store_image *old)
{
	struct json_out *j = print_result();
	bool is_moved =
		old->name && !digest_is_equal(&old->manifest.digest, &image->manifest.digest);

	if (j) {
		json_out_text(j, "name", name);
		json_out_text(j, "digest", image->manifest.digest.text);
		json_out_text(j, "replaced", is_moved ? old->manifest.digest.text : NULL);
	} else if (call->globals.quiet) {
		print_line("%s", image->manifest.digest.text);
	} else {
		print_line("tagged %s  %s", name, image->manifest.digest.text);
	}
	if (is_moved)
		print_status("was", "%s", old->manifest.digest.text);
}

static bool run(struct call *call, struct error *err)
{
	auto_store struct store *s = NULL;
	auto_store_image image = {0};
	auto_store_image old = {0};
	auto_free char *name = NULL;

	if (!new_name(call->args.items[1], &name, err) || !project_store(call, &s, err) ||
	    !project_image(s, call->args.items[0], &image, err) || !find_old(s, name, &old, err) ||
	    !store_tag(s, name, &image.manifest, err))
		return false;
	report(call, name, &image, &old);
	return true;
}

const struct command images_tag = {
	.name = "tag",
	.arguments = "IMAGE NAME[:TAG]",
	.summary = "give an image another name",
	.about = "IMAGE is a name or digest of the local store; it keeps the names that it has.\n"
		 "Without TAG the new name ends in :latest. A name that is taken moves from the\n"
		 "image that had it.",
	.examples = {"chutes images tag hello:3f9c0a1b22de hello:stable",
		     "chutes images tag \"$(chutes build --quiet)\" me/hello:1.0"},
	.exits = {ERROR_AUTH, ERROR_NOT_FOUND, ERROR_CONFLICT},
	.see_also = {"images list", "images delete"},
	.run = run,
};
