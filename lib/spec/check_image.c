/* SPDX-License-Identifier: MIT
 * Rules of the image that can be seen without building it.
 */
#include "lib/base/memory.h"
#include "lib/oci/oci.h"
#include "lib/spec/spec_internal.h"

#include <string.h>

static bool is_url(const char *text)
{
	return text_starts_with(text, "http://") || text_starts_with(text, "https://");
}

/* "https://user:word@host/": an address that carries a password. */
static bool has_credentials(const char *text)
{
	const char *scheme = strstr(text, "://");

	if (!scheme)
		return false;
	const char *host = scheme + 3;

	return host[strcspn(host, "@/? ")] == '@';
}

/* The line would show the password. */
static void add_credentials(struct spec_checker *c, struct place place, const char *what)
{
	struct finding *f = field_finding(&c->reader, "E209", place,
					  "the address in '%s' carries a password", what);

	finding_hide_source(f);
	finding_hint(f, "remove it and use a secret of the build machine, such as pip's own "
			"configuration");
}

static void check_pip(struct spec_checker *c, const struct spec_step *step)
{
	const struct spec_pip *pip = &step->pip;
	const struct yaml_node *node = yaml_find(step->node, "pip");
	const struct yaml_node *packages =
		node && node->kind == YAML_MAPPING ? yaml_find(node, "packages") : node;

	/* what could not be read has its own finding */
	if (!yaml_find(node, "requirements") &&
	    (!packages || (packages->kind == YAML_SEQUENCE && packages->n == 0)))
		finding_hint(field_finding(&c->reader, "E112", step->place,
					   "'pip' has neither 'packages' nor 'requirements'"),
			     "write pip: [fastapi], or pip: {requirements: requirements.txt}");
	if (pip->index && has_credentials(pip->index))
		add_credentials(c, spec_value_place(node, "index"), "index");
	if (pip->extra_index && has_credentials(pip->extra_index))
		add_credentials(c, spec_value_place(node, "extra_index"), "extra_index");
	for (size_t i = 0; i < pip->packages.n; i++)
		if (has_credentials(pip->packages.items[i]))
			add_credentials(c, pip->packages.places[i], "packages");
	for (size_t i = 0; i < pip->args.n; i++)
		if (has_credentials(pip->args.items[i]))
			add_credentials(c, pip->args.places[i], "args");
}

/* Does a cleaned pattern of the context stay inside of it? */
static bool is_inside(const char *path)
{
	if (path[0] == '/')
		return false;
	for (const char *at = path; at; at = strchr(at, '/')) {
		at += *at == '/';
		if (strncmp(at, "..", 2) == 0 && (at[2] == '/' || at[2] == '\0'))
			return false;
	}
	return true;
}

static void check_inside(struct spec_checker *c, const char *path, struct place place)
{
	if (path && !is_inside(path))
		finding_hint(field_finding(&c->reader, "E221", place,
					   "'%s' is not inside the context", path),
			     "name it from image.context.root, without '..'");
}

static void add_for_addresses(struct spec_checker *c, const struct yaml_node *node, const char *key,
			      const char *source)
{
	finding_hint(field_finding(&c->reader, "E210", spec_value_place(node, key),
				   "'%s' is for addresses, and '%s' is a file", key, source),
		     "remove it");
}

static void check_add(struct spec_checker *c, const struct spec_step *step)
{
	const struct spec_add *add = &step->add;
	const struct yaml_node *node = yaml_find(step->node, "add");
	struct place place = spec_value_place(node, "source");

	if (!add->source)
		return;
	if (!is_url(add->source)) {
		check_inside(c, add->source, place);
		if (add->checksum)
			add_for_addresses(c, node, "checksum", add->source);
		if (add->keep_git_dir)
			add_for_addresses(c, node, "keep_git_dir", add->source);
		return;
	}
	if (has_credentials(add->source))
		add_credentials(c, place, "source");
	else if (strpbrk(add->source, " \"<>\\^`{|}"))
		field_finding(&c->reader, "E114", place, "'%s' is no address", add->source);
	else
		finding_hint(
			field_finding(&c->reader, "W307", place,
				      "this version of chutes cannot fetch '%s' when it builds",
				      add->source),
			"to build here, put the file into the context");
}

static void check_step(struct spec_checker *c, const struct spec_step *step)
{
	if (step->kind == STEP_PIP) {
		check_pip(c, step);
		check_inside(c, step->pip.requirements,
			     spec_value_place(yaml_find(step->node, "pip"), "requirements"));
	} else if (step->kind == STEP_ADD) {
		check_add(c, step);
	} else if (step->kind == STEP_RAW) {
		spec_check_raw(c, step);
	}
}

bool spec_is_platform_base(const char *reference)
{
	static const char host[] = "docker.io/";

	if (text_starts_with(reference, host))
		reference += strlen(host);
	return text_starts_with(reference, "parachutes/");
}

bool spec_is_root(const char *user)
{
	return strncmp(user, "root", 4) == 0
		       ? user[4] == '\0' || user[4] == ':'
		       : user[0] == '0' && (user[1] == '\0' || user[1] == ':');
}

/* Bases of which we know that nothing has set a user or a directory. */
static bool is_bare(const struct spec_base *base)
{
	return base->kind == BASE_SCRATCH || base->kind == BASE_ROOTFS ||
	       (base->kind == BASE_DEBIAN && base->variant == DEBIAN_MINIMAL);
}

/* What the image will say about user and directory, as far as the steps show it. */
static void check_final(struct spec_checker *c)
{
	const struct spec_image *image = &c->spec->image;
	const struct spec_step *user = NULL;
	const struct spec_step *workdir = NULL;

	for (size_t i = 0; i < image->steps.n; i++) {
		const struct spec_step *step = &image->steps.items[i];

		if (step->kind == STEP_USER)
			user = step;
		else if (step->kind == STEP_WORKDIR)
			workdir = step;
	}
	struct place place = image->base.place.line ? image->base.place : image->place;

	if ((user && user->user && spec_is_root(user->user)) || (!user && is_bare(&image->base)))
		finding_hint(field_finding(&c->reader, "I122", user ? user->place : place,
					   "the image's final user is root"),
			     "end the steps with '- user: chutes'");
	if ((workdir && workdir->workdir && strcmp(workdir->workdir, "/app") != 0) ||
	    (!workdir && is_bare(&image->base)))
		finding_hint(field_finding(&c->reader, "I123", workdir ? workdir->place : place,
					   "the image's final working directory is not /app"),
			     "end the steps with '- workdir: /app'");
}

/* A Dockerfile says all of that itself. */
static void check_beside_dockerfile(struct spec_checker *c, const struct yaml_node *node)
{
	static const char *const keys[] = {"base", "steps", "python", "maintainer", "entrypoint"};

	for (size_t i = 0; i < array_len(keys); i++) {
		const struct yaml_pair *pair = yaml_find_pair(node, keys[i]);

		if (pair)
			finding_hint(field_finding(&c->reader, "E210", pair->key_place,
						   "'%s' stands beside 'dockerfile'", keys[i]),
				     "say it in the Dockerfile, or remove 'dockerfile'");
	}
}

static void check_base(struct spec_checker *c, const struct yaml_node *node)
{
	const struct spec_base *base = &c->spec->image.base;
	struct place place = base->place.line ? base->place : node->place;

	if (base->mirror && has_credentials(base->mirror))
		add_credentials(c, base->place, "mirror");
	if (base->kind != BASE_REGISTRY || !base->reference)
		return;
	if (!spec_is_platform_base(base->reference))
		finding_hint(field_finding(&c->reader, "W309", place,
					   "the hosted platform does not build on '%s'",
					   base->reference),
			     SPEC_HINT_PLATFORM_BASE);
	finding_hint(field_finding(&c->reader, "W307", place,
				   "this version of chutes cannot pull '%s' when it builds",
				   base->reference),
		     "to build here, use {debian: bookworm}, oci:DIRECTORY or another local base");
}

void spec_check_image(struct spec_checker *c)
{
	const struct spec_image *image = &c->spec->image;
	const struct yaml_node *node = yaml_find(c->spec->root, "image");

	if (!node || node->kind != YAML_MAPPING)
		return;
	for (size_t i = 0; i < image->context.include.n; i++)
		check_inside(c, image->context.include.items[i], image->context.include.places[i]);
	if (image->dockerfile) {
		check_beside_dockerfile(c, node);
		return;
	}
	check_base(c, node);
	if (image->python)
		finding_hint(field_finding(&c->reader, "W302", spec_value_place(node, "python"),
					   "Python %s is compiled from source, which takes "
					   "minutes",
					   image->python),
			     "choose a base that has the right Python");
	if (image->entrypoint.n > 0)
		field_finding(&c->reader, "W303", spec_value_place(node, "entrypoint"),
			      "the hosted platform clears the entrypoint of an image");
	for (size_t i = 0; i < image->steps.n; i++)
		check_step(c, &image->steps.items[i]);
	check_final(c);
}

/* --- what cannot be built on this machine */

static void add_unbuildable(const struct spec *spec, struct findings *f, struct place place,
			    const char *hint, const char *message)
{
	struct finding *added = findings_add(f, "E240", "%s", message);

	finding_hint(added, "%s", hint);
	spec_place(spec, added, place);
}

static void check_step_buildable(const struct spec *spec, const struct spec_step *step,
				 struct findings *f)
{
	if (step->kind == STEP_ADD && is_url(step->add.source)) {
		auto_free char *message =
			xprintf("'%s' would have to be fetched, which is not supported yet",
				step->add.source);

		add_unbuildable(spec, f, step->place, "put the file into the context", message);
	} else if (step->kind == STEP_RUN && step->run.mounts.n) {
		add_unbuildable(spec, f, step->run.mounts.places[0],
				"remove 'mounts', or render a Dockerfile for another builder",
				"a 'run' step with mounts cannot be run here yet");
	} else if (step->kind == STEP_RAW) {
		add_unbuildable(spec, f, step->place,
				"say it with another step, or render a Dockerfile for another "
				"builder",
				"a 'raw' step cannot be done here yet");
	}
}

/* "linux/amd64", also with a variant behind it, where that is what this machine is. */
static bool is_this_platform(const char *platform)
{
	auto_free char *ours = xprintf("linux/%s", platform_architecture());

	if (!text_starts_with(platform, ours))
		return false;
	char next = platform[strlen(ours)];

	return next == '\0' || next == '/';
}

static void check_platform_buildable(const struct spec *spec, struct findings *f)
{
	if (!spec->dev.platform || is_this_platform(spec->dev.platform))
		return;
	auto_free char *message = xprintf("an image for '%s' cannot be built on linux/%s",
					  spec->dev.platform, platform_architecture());

	add_unbuildable(spec, f, spec_value_place(yaml_find(spec->root, "dev"), "platform"),
			"remove 'platform', or build on such a machine", message);
}

void spec_check_buildable(const struct spec *spec, struct findings *f)
{
	const struct spec_image *image = &spec->image;

	if (image->reference) {
		auto_free char *message = xprintf(
			"there is nothing to build: the image '%s' is prebuilt, and pulling it is "
			"not supported yet",
			image->reference);

		add_unbuildable(spec, f, image->place,
				"pull it with another tool and take it with 'chutes images load'; "
				"an image to build is {name: …, base: …, steps: …}",
				message);
		return;
	}
	if (image->dockerfile) {
		auto_free char *message =
			xprintf("building from '%s' is not supported yet", image->dockerfile);

		add_unbuildable(spec, f, image->place,
				"write 'base' and 'steps', or build it with another tool, load it "
				"with 'chutes images load' and write image: USER/NAME:TAG",
				message);
		return;
	}
	check_platform_buildable(spec, f);
	if (image->base.kind == BASE_REGISTRY) {
		auto_free char *message =
			xprintf("the base '%s' would have to be pulled, which is not supported yet",
				image->base.reference);

		add_unbuildable(spec, f, image->base.place,
				"use {debian: bookworm}, or a local base such as oci:DIRECTORY",
				message);
	}
	for (size_t i = 0; i < image->steps.n; i++)
		check_step_buildable(spec, &image->steps.items[i], f);
}
