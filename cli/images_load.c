/* SPDX-License-Identifier: MIT
 * chutes images load: an image of other tools into the store.
 */
#include "cli/images.h"
#include "cli/print.h"
#include "cli/project.h"
#include "lib/base/interrupt.h"
#include "lib/base/memory.h"
#include "lib/store/import.h"

#include <string.h>
#include <unistd.h>

struct load_command {
	const char *name;
};

static const struct option_row rows[] = {
	OPT('t', "tag", TEXT, load_command, name, "NAME:TAG", "name the image so"), OPT_END};

static bool parse_location(const char *text, struct image_location *out, struct error *err)
{
	int found = image_location_parse(text, out, err);

	if (found < 0)
		return false;
	if (found == 0) {
		fail(err, ERROR_USAGE, "'%s' does not say what it is", text);
		return fail_hint(err, "write oci:DIR, oci-archive:FILE or docker-archive:FILE, "
				      "each with :TAG where it has several images");
	}
	if (out->kind != LOCATION_OCI && strcmp(out->path, "-") == 0 && isatty(STDIN_FILENO))
		return fail(err, ERROR_USAGE, "standard input is a terminal, not an archive"),
		       fail_hint(err, "name a file, or pipe an archive in");
	return true;
}

/* What --tag says, or what the source does. */
static bool choose_name(const struct load_command *o, const struct image_location *from,
			const char *found, char **out, struct error *err)
{
	*out = o->name ? xstrdup(o->name) : image_location_name(from, found);
	if (*out)
		return true;
	if (found)
		fail(err, ERROR_USAGE, "'%s' is no name for an image of the store", found);
	else
		fail(err, ERROR_USAGE, "the image in '%s' has no name", from->path);
	return fail_hint(err, "name it with --tag NAME:TAG");
}

static bool check_name(const char *name, struct error *err)
{
	auto_reference r = {0};

	if (!name)
		return true;
	if (!reference_parse(name, &r, err))
		return fail_in(err, "--tag");
	return (r.tag && !digest_is_set(&r.digest)) ||
	       fail(err, ERROR_USAGE, "--tag '%s' is not NAME:TAG", name);
}

static bool report(const struct call *call, struct store *s, const char *name,
		   const struct digest *digest, struct error *err)
{
	struct json_out *j = print_result();
	auto_store_image image = {0};

	if (!project_image(s, name, &image, err))
		return false;
	auto_free char *size = project_size(image.size_bytes);

	if (j)
		images_add_json(j, &image);
	else if (call->globals.quiet)
		print_line("%s", digest->text);
	else
		print_line("loaded %s  %s  %s", name, size, digest->text);
	return true;
}

static bool run(struct call *call, struct error *err)
{
	const struct load_command *o = call->options;
	auto_image_location from = {0};
	auto_store struct store *s = NULL;
	auto_free char *found = NULL;
	auto_free char *name = NULL;
	struct descriptor manifest;

	if (!check_name(o->name, err) || !parse_location(call->args.items[0], &from, err) ||
	    !project_store(call, &s, err))
		return false;
	interrupt_catch();
	return image_import(s, &from, &manifest, &found, err) &&
	       choose_name(o, &from, found, &name, err) && store_tag(s, name, &manifest, err) &&
	       report(call, s, name, &manifest.digest, err);
}

const struct command images_load = {
	.name = "load",
	.arguments = "SOURCE",
	.summary = "take an image of another tool into the local store",
	.about = "SOURCE is oci:DIR[:TAG], an OCI layout; oci-archive:FILE[:TAG], the same as a\n"
		 "tar; or docker-archive:FILE[:NAME:TAG], what 'docker save' writes. FILE can be\n"
		 "'-' for standard input, and compressed by gzip or zstd. The image keeps its\n"
		 "name, and in OCI forms its digest; a mere TAG goes with the name of the file.",
	.options = rows,
	.options_size = sizeof(struct load_command),
	.examples = {"chutes images load oci:layout:hello:1.0",
		     "docker save hello:1.0 | chutes images load docker-archive:- --quiet"},
	.exits = {ERROR_AUTH, ERROR_NOT_FOUND, ERROR_CONFLICT, ERROR_BUILD, ERROR_INTERRUPTED},
	.see_also = {"images export", "images list"},
	.run = run,
};
