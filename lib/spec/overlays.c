/* SPDX-License-Identifier: MIT
 * `environments`: named changes of the document. One of them may be laid over it before it is read;
 * the others are checked as if they were, so that a mistake in one is found before its day comes.
 */
#include "lib/spec/spec_internal.h"

#include "lib/base/memory.h"
#include "lib/data/yaml_merge.h"

#include <string.h>

bool spec_read_environments(struct field_reader *r, const struct field *row,
			    const struct yaml_node *node, void *slot)
{
	const struct field *names = row->forms;
	struct spec_environments *out = slot;
	bool is_good = true;

	if (node->kind != YAML_MAPPING)
		return field_wrong_type(r, row, node, "a mapping");
	if (!field_check_range(r, names, (double)node->n, "item", node->place))
		return false;
	out->items = arena_alloc(r->arena, (node->n + 1) * sizeof(*out->items));
	for (size_t i = 0; i < node->n; i++) {
		const struct yaml_pair *pair = &node->pairs[i];
		const struct field value_row = {.key = pair->key};

		if (text_starts_with(pair->key, "x-"))
			continue;
		if (!field_check_text(r, names, pair->key, pair->key_place))
			is_good = false;
		else if (pair->value->kind != YAML_MAPPING)
			is_good = field_wrong_type(r, &value_row, pair->value, "a mapping");
		else
			out->items[out->n++] =
				(struct spec_environment){pair->key, pair->key_place, pair->value};
	}
	return is_good;
}

/* Why an overlay may not say this; NULL: it may. */
static const char *find_problem(const struct yaml_node *document, const struct yaml_pair *pair)
{
	if (strcmp(pair->key, "version") == 0 || strcmp(pair->key, "environments") == 0)
		return "cannot be changed by an overlay";
	if (spec_is_mode_key(pair->key) && yaml_is_null(pair->value))
		return "cannot be deleted by an overlay: it is the mode of the chute";
	if (spec_is_mode_key(pair->key) && !yaml_find(document, pair->key))
		return "would be another mode of the chute";
	return NULL;
}

static bool may_be_laid(const struct yaml_node *document, const struct yaml_node *overlay)
{
	if (!overlay || document->kind != YAML_MAPPING || overlay->kind != YAML_MAPPING)
		return false;
	for (size_t i = 0; i < overlay->n; i++)
		if (find_problem(document, &overlay->pairs[i]))
			return false;
	return true;
}

static bool fail_unknown(const struct yaml_node *all, const char *file, const char *name,
			 struct error *err)
{
	auto_text names = {0};
	size_t n = 0;

	for (size_t i = 0; all && all->kind == YAML_MAPPING && i < all->n; i++) {
		if (text_starts_with(all->pairs[i].key, "x-"))
			continue;
		text_add(&names, n++ ? ", " : "");
		text_add_printable(&names, all->pairs[i].key, strlen(all->pairs[i].key), false);
	}
	fail(err, ERROR_USAGE, "'%s' has no overlay '%s'", file, name);
	return n ? fail_hint(err, "it has: %s", text_str(&names))
		 : fail_hint(err, "its key 'environments' would hold overlays; there is none");
}

bool spec_lay_over(struct spec_checker *c, const char *name, struct error *err)
{
	struct spec *spec = c->spec;
	const struct yaml_node *all = yaml_find(spec->root, "environments");
	const struct yaml_node *overlay = yaml_find(all, name);

	if (!overlay || text_starts_with(name, "x-"))
		return fail_unknown(all, spec->file, name, err);
	spec->overlay = arena_strdup(&spec->arena, name);
	/* an overlay that cannot be laid is a finding once the document is read */
	if (may_be_laid(spec->root, overlay))
		spec->root = yaml_merge(spec->root, overlay, &spec->arena);
	return true;
}

static bool is_known(const struct findings *all, const struct finding *f)
{
	for (size_t i = 0; i < all->n; i++) {
		const struct finding *other = &all->items[i];

		if (other->line == f->line && other->column == f->column && other->row == f->row &&
		    strcmp(other->message, f->message) == 0)
			return true;
	}
	return false;
}

/* What is wrong with the overlay, and was not found without it. */
static void add_new(struct findings *all, struct findings *f, const char *overlay)
{
	struct findings fresh = {0};

	for (size_t i = 0; i < f->n; i++) {
		if (is_known(all, &f->items[i]))
			continue;
		struct finding *added =
			findings_add(&fresh, f->items[i].row->code, "overlay '%s': %s", overlay,
				     f->items[i].message);

		finding_place(added, f->items[i].file, f->items[i].line, f->items[i].column,
			      f->items[i].width);
		added->severity = f->items[i].severity;
		added->hint = take(f->items[i].hint);
		added->source = take(f->items[i].source);
		added->topic = take(f->items[i].topic);
	}
	findings_move(all, &fresh);
}

static void add_idle_null(void *context, const struct yaml_pair *pair)
{
	struct spec_checker *c = context;

	finding_hint(field_finding(&c->reader, "E118", pair->key_place,
				   "null deletes %s, which is not there",
				   field_quoted(&c->reader, pair->key)),
		     "correct the name, or remove the line");
}

static void check_laid(struct spec_checker *c, const struct yaml_node *document, const char *name,
		       const struct yaml_node *overlay, bool with_files)
{
	auto_spec laid = {
		.file = c->spec->file, .directory = c->spec->directory, .source = c->spec->source};
	auto_findings f = {0};
	struct spec_checker other = spec_checker_new(&laid, &f, c->gpus);
	const struct yaml_merge_watch watch = {add_idle_null, &other};
	bool is_chosen = c->spec->overlay && strcmp(c->spec->overlay, name) == 0;

	/* whoever chooses it has its variables set */
	other.reader.ignores_unset = true;
	for (size_t i = 0; i < overlay->n; i++) {
		const struct yaml_pair *pair = &overlay->pairs[i];
		const char *problem = find_problem(document, pair);

		if (problem)
			finding_hint(field_finding(&other.reader, "E118", pair->key_place,
						   "'%s' %s", pair->key, problem),
				     "remove it from the overlay");
	}
	if (f.n == 0)
		laid.root = yaml_merge_watched(document, overlay, &laid.arena, &watch);
	if (laid.root && !is_chosen) {
		spec_read_document(&other);
		if (with_files)
			spec_check_project(&other);
	}
	add_new(c->reader.findings, &f, name);
}

void spec_check_overlays(struct spec_checker *c, const struct yaml_node *document, bool with_files)
{
	const struct spec_environments *all = &c->spec->environments;

	/* nobody wants to hear twenty times more than a thousand mistakes */
	for (size_t i = 0; i < all->n && c->reader.findings->n_dropped == 0; i++) {
		const char *name = all->items[i].name;
		/* as it was written: what lies under the spec's root may have been merged already
		 */
		const struct yaml_node *overlay =
			yaml_find(yaml_find(document, "environments"), name);

		if (overlay)
			check_laid(c, document, name, overlay, with_files);
	}
}
