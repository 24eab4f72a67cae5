/* SPDX-License-Identifier: MIT
 * chutes lock: writes down what a spec leaves open, and tells when that has changed.
 */
#include "lib/spec/lock.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "cli/project.h"
#include "lib/base/diff.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"

#include <string.h>

struct lock_options {
	bool check;
	struct strings update;
};
static const struct option_row rows[] = {
	OPT(0, "check", FLAG, lock_options, check, NULL,
	    "write nothing; exit 10 and show the difference when the lock would change"),
	OPT(0, "update", LIST, lock_options, update, "sdk|gpus|base|model",
	    "renew only these facts (repeat); the others stay as they are in the file"),
	OPT_END};

/* The facts to renew: those of --update, else all. */
static bool parse_facts(const struct strings *words, unsigned *out, struct error *err)
{
	unsigned set = 0;

	for (size_t i = 0; i < words->n; i++) {
		unsigned fact = 0;

		while (fact < SPEC_LOCK_N_FACTS &&
		       strcmp(words->items[i], spec_lock_fact_name((enum spec_lock_fact)fact)) != 0)
			fact++;
		if (fact == SPEC_LOCK_N_FACTS)
			return fail(err, ERROR_USAGE,
				    "--update takes sdk, gpus, base and model, not '%s'",
				    words->items[i]);
		set |= 1U << fact;
	}
	*out = words->n ? set : SPEC_LOCK_ALL;
	return true;
}

/* What a local base is now: images are read into the store for that, as a build does it. */
static bool find_base(const struct call *call, const struct spec *spec, struct digest *out,
		      struct error *err)
{
	auto_store struct store *store = NULL;

	return !spec_lock_has_local_base(spec) ||
	       (project_store(call, &store, err) && build_base_digest(store, spec, out, err));
}

/* The facts as they are now, those that are not to be renewed as they were. */
static bool make_lock(const struct call *call, const struct spec *spec, unsigned set,
		      const struct spec_lock *old, struct spec_lock *out, struct error *err)
{
	auto_strings open = {0};
	struct digest base = {0};

	if (set & 1U << SPEC_LOCK_BASE && !find_base(call, spec, &base, err))
		return false;
	spec_lock_fill(out, spec, digest_is_set(&base) ? base.text : NULL, &open);
	spec_lock_copy(out, old, SPEC_LOCK_ALL & ~set);
	for (size_t i = 0; i < open.n; i++)
		print_warning("not locked: %s", open.items[i]);
	return true;
}

static void report_facts(struct json_out *j, const struct spec_lock *lock)
{
	json_out_object(j, "facts");
	json_out_text(j, "sdk", lock->sdk);
	json_out_object(j, "gpus");
	json_out_text(j, "date", lock->gpus.date);
	json_out_text(j, "sha256", lock->gpus.sha256);
	json_out_object_end(j);
	if (lock->base.from) {
		json_out_object(j, "base");
		json_out_text(j, "from", lock->base.from);
		json_out_text(j, "digest", lock->base.digest);
		json_out_object_end(j);
	} else {
		json_out_text(j, "base", NULL);
	}
	json_out_array(j, "models");
	for (size_t i = 0; i < lock->models.n; i++)
		json_out_text(j, NULL, lock->models.items[i]);
	json_out_array_end(j);
	json_out_object_end(j);
}

/* A foreign file may hold what a terminal should not see: line by line. */
static void print_diff(const char *diff)
{
	while (*diff) {
		int len = (int)strcspn(diff, "\n");

		print_line("%.*s", len, diff);
		diff += len + (diff[len] == '\n');
	}
}

static bool check(const struct spec *spec, const char *path, const struct text *before,
		  const struct text *after, struct error *err)
{
	auto_text diff = {0};

	text_add_diff(&diff, path, text_str(before), text_str(after));
	if (print_result())
		json_out_text(print_result(), "diff", text_str(&diff));
	else
		print_diff(text_str(&diff));
	if (diff.len == 0)
		return true;
	if (before->len == 0)
		fail(err, ERROR_DIFFERENT, "there is no '%s'", path);
	else
		fail(err, ERROR_DIFFERENT, "'%s' is out of date", path);
	return fail_hint(err, "run 'chutes lock%s%s'", spec->overlay ? " --overlay " : "",
			 spec->overlay ? spec->overlay : "");
}

/* A file that something else wrote is not replaced, whatever led to it. */
static bool write_lock(const char *path, const struct text *after, bool *is_changed,
		       struct error *err)
{
	auto_text before = {0};
	struct error why;
	bool exists = file_read(path, YAML_MAX_BYTES, &before, &why);

	if (!exists && why.code != ERROR_NOT_FOUND) {
		*err = why;
		return false;
	}
	if (exists && !spec_lock_is_ours(text_str(&before))) {
		fail(err, ERROR_CONFLICT, "'%s' was not written by 'chutes lock'", path);
		return fail_hint(err, "move it away");
	}
	*is_changed = !exists || strcmp(text_str(&before), text_str(after)) != 0;
	if (!*is_changed)
		return true;
	if (!file_rewrite(path, text_str(after), after->len, err))
		return false;
	print_changed();
	return true;
}

/* What the file says, where that counts. */
static bool load_old(const struct spec *spec, const char *path, bool is_needed,
		     struct spec_lock *old, struct text *before, struct error *err)
{
	auto_findings f = {0};
	int found = spec_lock_load(spec, old, &f, err);

	if (found < 0) {
		print_findings(&f);
		return false;
	}
	if (found > 0)
		spec_lock_format(old, before);
	else if (is_needed)
		return fail(err, ERROR_NOT_FOUND, "there is no '%s' to update", path) ||
		       fail_hint(err, "run 'chutes lock' without --update");
	return true;
}

static bool run(struct call *call, struct error *err)
{
	const struct lock_options *o = call->options;
	auto_spec spec = {0};
	auto_spec_lock old = {0};
	auto_spec_lock lock = {0};
	auto_text before = {0};
	auto_text after = {0};
	unsigned set = 0;

	if (!parse_facts(&o->update, &set, err) || !project_any_spec(call, &spec, err))
		return false;
	auto_free char *path = spec_lock_path(&spec);

	if (!path)
		return fail(err, ERROR_USAGE, "a spec from standard input has no lock");
	if ((o->check || o->update.n > 0) &&
	    !load_old(&spec, path, o->update.n > 0, &old, &before, err))
		return false;
	if (!make_lock(call, &spec, set, &old, &lock, err))
		return false;
	spec_lock_format(&lock, &after);
	bool is_changed = strcmp(text_str(&before), text_str(&after)) != 0;

	if (!o->check && !write_lock(path, &after, &is_changed, err))
		return false;
	if (print_result()) {
		json_out_text(print_result(), "file", path);
		json_out_bool(print_result(), "changed", is_changed);
		report_facts(print_result(), &lock);
	} else if (!o->check && is_changed) {
		print_line("%s", path);
	}
	return !o->check || check(&spec, path, &before, &after, err);
}

const struct command command_lock = {
	.name = "lock",
	.summary = "write down what a spec leaves open",
	.about = "Writes chute.lock beside chute.yaml: the version of the platform's SDK that is\n"
		 "followed, the table of GPUs, the digest of a base on this machine, the commits\n"
		 "of the models. Commit the file: a later 'chutes lock --check' fails when one\n"
		 "of them has changed. With --overlay NAME the file is chute.NAME.lock. Nothing\n"
		 "is fetched: of a base in a registry only a digest in its name can be locked,\n"
		 "of a Debian base its suite and recipe for this architecture, not what the\n"
		 "archive holds today. What cannot be locked is a warning. Prints the file's\n"
		 "name when it changes.",
	.options = rows,
	.options_size = sizeof(struct lock_options),
	.examples = {"chutes lock", "chutes lock --check", "chutes lock --update base,gpus"},
	.exits = {ERROR_SPEC, ERROR_AUTH, ERROR_NOT_FOUND, ERROR_CONFLICT, ERROR_DIFFERENT,
		  ERROR_BUILD},
	.see_also = {"validate", "build"},
	.group = GROUP_START,
	.run = run,
};
