/* SPDX-License-Identifier: MIT
 * chutes images export: an image for other tools.
 */
#include "cli/images.h"
#include "cli/print.h"
#include "cli/project.h"
#include "lib/base/interrupt.h"
#include "lib/base/memory.h"
#include "lib/store/export.h"

#include <string.h>
#include <unistd.h>

struct export_command {
	bool force;
};

static const struct option_row rows[] = {
	OPT(0, "force", FLAG, export_command, force, NULL,
	    "replace an archive, or the image of that name in a layout"),
	OPT_END};

static bool parse_location(const char *text, struct image_location *out, struct error *err)
{
	int found = image_location_parse(text, out, err);

	if (found == 0) {
		fail(err, ERROR_USAGE, "'%s' does not say what to write", text);
		fail_hint(err, "write oci:DIR, oci-archive:FILE or docker-archive:FILE, each with "
			       ":TAG where it shall have one");
	}
	return found > 0;
}

/* Names go into documents that other tools read. */
static bool check_tag(const struct image_location *to, struct error *err)
{
	auto_reference r = {0};
	auto_text shown = {0};

	if (!to->tag)
		return true;
	text_add_printable(&shown, to->tag, strlen(to->tag), false);
	if (to->kind != LOCATION_DOCKER_ARCHIVE && !strpbrk(to->tag, " \"\\") &&
	    strcmp(text_str(&shown), to->tag) == 0)
		return true;
	return reference_parse(to->tag, &r, err);
}

static bool write_stdout(maybe_unused void *context, const void *bytes, size_t len,
			 struct error *err)
{
	return print_stream(bytes, len, err);
}

/* An archive on standard output: nothing else may go there. */
static bool check_stream(const struct image_location *to, bool *is_stream, struct error *err)
{
	*is_stream = to->kind != LOCATION_OCI && strcmp(to->path, "-") == 0;
	if (!*is_stream)
		return true;
	if (print_is_json())
		return fail(err, ERROR_USAGE, "with '-' standard output is the archive, not JSON"),
		       fail_hint(err, "name a file");
	if (isatty(STDOUT_FILENO))
		return fail(err, ERROR_USAGE, "an archive is nothing for a terminal"),
		       fail_hint(err, "name a file, or redirect standard output");
	return true;
}

static void report(const struct call *call, const struct store_image *image,
		   const struct digest *digest)
{
	struct json_out *j = print_result();
	auto_free char *size = project_size(image->size_bytes);

	if (j) {
		json_out_text(j, "name",
			      text_starts_with(image->name, "sha256:") ? NULL : image->name);
		json_out_text(j, "digest", digest->text);
		json_out_text(j, "destination", call->args.items[1]);
	} else if (call->globals.quiet) {
		print_line("%s", digest->text);
	} else {
		print_line("exported %s  %s  %s", image->name, size, digest->text);
	}
}

static bool run(struct call *call, struct error *err)
{
	const struct export_command *o = call->options;
	auto_image_location to = {0};
	auto_store struct store *s = NULL;
	auto_store_image image = {0};
	struct digest digest;
	bool is_stream;

	if (!parse_location(call->args.items[1], &to, err) || !check_tag(&to, err) ||
	    !check_stream(&to, &is_stream, err) || !project_store(call, &s, err) ||
	    !project_image(s, call->args.items[0], &image, err))
		return false;
	struct export_options eo = {
		.to = &to,
		.name = text_starts_with(image.name, "sha256:") ? NULL : image.name,
		.replaces = o->force,
		.stream = {write_stdout, NULL},
	};

	interrupt_catch();
	if (!image_export(s, &image.manifest.digest, &eo, &digest, err))
		return fail_in(err, "exporting '%s'", image.name);
	if (!is_stream)
		report(call, &image, &digest);
	return true;
}

const struct command images_export = {
	.name = "export",
	.arguments = "IMAGE DESTINATION",
	.summary = "write an image to a file or directory for other tools",
	.about = "DESTINATION is oci:DIR[:TAG], an OCI layout, which may hold several images;\n"
		 "oci-archive:FILE[:TAG], the same as one tar; or docker-archive:FILE[:NAME:TAG],\n"
		 "what 'docker load' takes. Without TAG the image keeps its name. FILE can be '-'\n"
		 "for standard output. An OCI form keeps the digest; one image is always the same\n"
		 "bytes. What exists is replaced with --force only.",
	.options = rows,
	.options_size = sizeof(struct export_command),
	.examples = {"chutes images export hello oci-archive:hello.tar",
		     "chutes images export hello docker-archive:- | docker load"},
	.exits = {ERROR_AUTH, ERROR_NOT_FOUND, ERROR_CONFLICT, ERROR_BUILD, ERROR_INTERRUPTED},
	.see_also = {"images load", "images list"},
	.run = run,
};
