/* SPDX-License-Identifier: MIT */
#include "lib/build/inputs.h"

#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/base/text.h"
#include "lib/store/store.h"

bool inputs_open_context(struct store *s, const struct spec *spec, struct context **out,
			 struct error *err)
{
	const struct spec_context *c = &spec->image.context;
	auto_free char *root = path_join(spec->directory, c->root);
	auto_free char *ignore = path_join(spec->directory, c->ignore);
	auto_free char *stat_directory = s ? path_join(store_path(s), "stat") : NULL;
	struct context_options o = {
		.root = root,
		.ignore_file = ignore,
		.include = (const char *const *)c->include.items,
		.n_include = c->include.n,
		.max_bytes = spec->image.limits.context_bytes,
		.stat_directory = stat_directory,
	};

	return context_open(&o, out, err);
}

static void add_below(struct strings *out, const char *directory, const char *name)
{
	auto_free char *path = path_join(directory, name);

	strings_add_taken(out, path_clean(path));
}

static void add_selected(struct context *c, const char *root, const struct spec_add *add,
			 struct strings *out)
{
	auto_selection found = {0};
	struct error ignored; /* the build will say it */

	if (!context_select(c, add->source, add->exclude.items, add->exclude.n, &found, &ignored))
		return;
	for (size_t i = 0; i < found.n_entries; i++)
		add_below(out, root, found.entries[i].source);
}

static void add_steps(struct context *c, const char *root, const struct spec_steps *steps,
		      struct strings *out)
{
	for (size_t i = 0; i < steps->n; i++) {
		const struct spec_step *step = &steps->items[i];

		if (step->kind == STEP_ADD && !text_starts_with(step->add.source, "http:") &&
		    !text_starts_with(step->add.source, "https:"))
			add_selected(c, root, &step->add, out);
		else if (step->kind == STEP_PIP && step->pip.requirements)
			add_below(out, root, step->pip.requirements);
	}
}

void build_inputs(struct store *s, const struct spec *spec, struct strings *out)
{
	auto_context struct context *c = NULL;
	struct error ignored; /* the build will say it */
	auto_free char *root = NULL;

	if (spec->image.reference)
		return;
	root = path_join(spec->directory, spec->image.context.root);
	add_below(out, spec->directory, spec->image.context.ignore);
	if (spec->image.dockerfile)
		add_below(out, spec->directory, spec->image.dockerfile);
	if (inputs_open_context(s, spec, &c, &ignored))
		add_steps(c, root, &spec->image.steps, out);
}
