/* SPDX-License-Identifier: MIT
 * Starts a project: a spec, code that answers, an ignore file and a README; or a spec for the
 * program that is there already.
 */
#include "cli/init.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

static const struct init_options defaults = {0};

static const struct option_row rows[] = {
	OPT('t', "template", CHOICE, init_options, template,
	    "handlers|server|job|audio|vllm|sglang|embedding|diffusion",
	    "default: handlers, unless there is a program already"),
	OPT(0, "base", TEXT, init_options, base, "REF",
	    "image to start from, default Debian bookworm"),
	OPT(0, "model", TEXT, init_options, model, "ID", "of the templates that run models"),
	OPT(0, "name", TEXT, init_options, name, "NAME",
	    "default: the directory's name, or the language model's"),
	OPT(0, "ci", CHOICE, init_options, ci, "github|gitlab", "add a workflow that checks it"),
	OPT(0, "force", FLAG, init_options, force, NULL, "replace files that exist"),
	OPT_END,
};

/* The directory, made if it is new, as an absolute path. */
static bool choose_directory(struct init_project *p, const char *given, struct error *err)
{
	char resolved[PATH_MAX];

	if (given && !directory_make(given, 0777, err))
		return false;
	if (!realpath(given ? given : ".", resolved))
		return fail_errno(err, "opening '%s'", given ? given : ".");
	p->directory = xstrdup(resolved);
	return true;
}

/* A program that is there already is described. */
static void choose_template(struct init_project *p, const char *name)
{
	if (!p->found->dockerfile && !p->found->module)
		p->template = init_template_find(name ? name : "handlers");
}

static const char *template_word(const struct init_project *p)
{
	return p->template ? p->template->name : "server";
}

static const char *base_word(const struct init_project *p)
{
	if (p->template ? !p->template->is_built : p->found->dockerfile != NULL)
		return NULL;
	return p->base ? p->base : "debian";
}

static void report_json(const struct init_project *p, struct json_out *j)
{
	json_out_text(j, "directory", p->directory);
	json_out_text(j, "name", p->name);
	json_out_text(j, "template", template_word(p));
	json_out_text(j, "base", base_word(p));
	json_out_text(j, "model", p->model);
	json_out_bool(j, "requirements", p->found->has_requirements);
	json_out_array(j, "found");
	for (size_t i = 0; i < p->found->notes.n; i++)
		json_out_text(j, NULL, p->found->notes.items[i]);
	json_out_array_end(j);
	for (int is_kept = 0; is_kept < 2; is_kept++) {
		json_out_array(j, is_kept ? "kept" : "files");
		for (size_t i = 0; i < p->n_files; i++)
			if (p->files[i].is_kept == is_kept)
				json_out_text(j, NULL, p->files[i].name);
		json_out_array_end(j);
	}
}

static void report(const struct init_project *p, const char *given_directory)
{
	struct json_out *j = print_result();
	auto_text files = {0};

	if (j) {
		report_json(p, j);
		return;
	}
	for (size_t i = 0; i < p->n_files; i++)
		if (!p->files[i].is_kept)
			text_addf(&files, "%s ", p->files[i].name);
	if (base_word(p))
		print_line("created %s  (template %s, base %s)", text_str(&files), template_word(p),
			   base_word(p));
	else
		print_line("created %s  (template %s)", text_str(&files), template_word(p));
	for (size_t i = 0; i < p->found->notes.n; i++)
		print_status("found", "%s", p->found->notes.items[i]);
	for (size_t i = 0; i < p->n_files; i++)
		if (p->files[i].is_kept)
			print_status("kept", "%s", p->files[i].name);

	const char *command =
		base_word(p) && strcmp(template_word(p), "job") != 0 ? "run" : "validate";

	if (given_directory)
		print_next("cd %s && chutes %s", given_directory, command);
	else
		print_next("chutes %s", command);
}

static bool run(struct call *call, struct error *err)
{
	const struct init_options *o = call->options;
	const char *given = call->args.n ? call->args.items[0] : NULL;
	auto_init_found found = {0};
	auto_init_project p = {.found = &found};

	if (!choose_directory(&p, given, err))
		return false;
	init_detect(p.directory, o->template != NULL, &found);
	choose_template(&p, o->template);
	if (!init_choose(&p, o, err) || !init_write(&p, o->ci, o->force, err))
		return false;
	report(&p, given);
	return true;
}

const struct command command_init = {
	.name = "init",
	.arguments = "[DIR]",
	.summary = "start a project",
	.about = "Writes chute.yaml, code that answers two routes, .chutesignore and README.md\n"
		 "into DIR or the working directory, and a schema of chute.yaml for editors.\n"
		 "\n"
		 "A directory with a FastAPI application or a Dockerfile gets a chute.yaml for\n"
		 "what is there: the application behind uvicorn, its routes as cords. A\n"
		 "requirements.txt, or what pyproject.toml depends on, becomes part of the\n"
		 "image. With --template nothing but that is looked for.\n"
		 "\n"
		 "With --ci a workflow is added that validates and builds with every change.\n"
		 "Nothing is written when one of the files exists, unless with --force; a\n"
		 "workflow and an ignore file that exist always stay as they are.",
	.options = rows,
	.options_size = sizeof(struct init_options),
	.defaults = &defaults,
	.examples = {"chutes init", "chutes init --template server --name ranker ranker/",
		     "chutes init --template vllm --model org/model --ci github"},
	.exits = {ERROR_CONFLICT, ERROR_MISSING},
	.see_also = {"validate", "build", "run"},
	.group = GROUP_START,
	.run = run,
};
