/* SPDX-License-Identifier: MIT */
#include "cli/project.h"

#include "cli/print.h"
#include "lib/base/memory.h"
#include "lib/base/time.h"
#include "lib/spec/lock.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { TITLE_WIDTH = 60, SHOWN_LINES = 20 };

/* A prebuilt image that 'images load' has brought here. */
static bool has_prebuilt(struct store *s, const struct spec *spec)
{
	auto_store_image image = {0};
	struct error ignored; /* then it is not there */

	return s && spec->image.reference &&
	       store_image_find(s, spec->image.reference, &image, &ignored) > 0;
}

/* What only the hosted platform minds is no news to who builds here, what cannot be built here is
 * more than news; the other way round for who sends it away. */
static bool load_spec(const struct call *call, bool is_hosted, struct store *s, struct spec *out,
		      struct error *err)
{
	static const char *const local[] = {"W305", "W307", "W309", NULL};
	static const char *const hosted[] = {"W307", NULL};
	auto_findings findings = {0};
	const struct spec_options o = {.file = call->globals.file,
				       .overlay = call->globals.overlay};
	bool ok = spec_load(&o, out, &findings, err);

	for (const char *const *code = is_hosted ? hosted : local; *code; code++)
		findings_allow(&findings, *code);
	if (ok && !is_hosted && !has_prebuilt(s, out))
		spec_check_buildable(out, &findings);
	if (call->globals.strict)
		findings_strict(&findings);
	findings_sort(&findings);
	ok = ok && findings_pass(&findings, err);
	print_findings(&findings);
	return ok;
}

bool project_spec(const struct call *call, struct spec *out, struct error *err)
{
	return load_spec(call, false, NULL, out, err);
}

bool project_spec_to_run(const struct call *call, struct store *s, struct spec *out,
			 struct error *err)
{
	return load_spec(call, false, s, out, err);
}

bool project_hosted_spec(const struct call *call, struct spec *out, struct error *err)
{
	return load_spec(call, true, NULL, out, err);
}

bool project_any_spec(const struct call *call, struct spec *out, struct error *err)
{
	auto_findings findings = {0};
	const struct spec_options o = {.file = call->globals.file,
				       .overlay = call->globals.overlay};

	bool ok = spec_load(&o, out, &findings, err);

	if (call->globals.strict)
		findings_strict(&findings);
	ok = ok && findings_pass(&findings, err);
	if (!ok)
		print_findings(&findings);
	return ok;
}

bool project_store(const struct call *call, struct store **out, struct error *err)
{
	return store_open(call->globals.store, out, err);
}

bool project_check_env(const struct strings *entries, struct error *err)
{
	for (size_t i = 0; i < entries->n; i++) {
		const char *value = strchr(entries->items[i], '=');

		if (value && value > entries->items[i])
			continue;
		fail(err, ERROR_USAGE, "--env '%s' is not NAME=VALUE", entries->items[i]);
		return fail_hint(err, "a value from here is passed by -e NAME=\"$NAME\"");
	}
	return true;
}

bool project_image(struct store *s, const char *name, struct store_image *out, struct error *err)
{
	int found = store_image_find(s, name, out, err);

	if (found > 0)
		return true;
	if (found == 0) {
		fail(err, ERROR_NOT_FOUND, "no image '%s' in the store", name);
		fail_hint(err, "'chutes images' lists what there is");
	}
	return false;
}

char *project_size(uint64_t bytes)
{
	auto_text t = {0};

	text_add_size(&t, bytes);
	return text_take(&t);
}

struct view {
	bool is_brief;
	const char *file; /* of the spec */
	uint64_t began_ms;
	char *line;   /* the running step's last one, or NULL */
	char *failed; /* last lines of the failed step */
	struct place place;
};

static void show_end(const struct view *v, const struct build_event *e)
{
	if (v->is_brief && (e->is_cached || e->ms < 500))
		return;
	if (e->is_config)
		print_status(e->label, "%s", e->title);
	else if (e->is_cached)
		print_status(e->label, "%-*s %9s", TITLE_WIDTH, e->title, "cached");
	else
		print_status(e->label, "%-*s %7.1f s", TITLE_WIDTH, e->title, (double)e->ms / 1000);
}

/* The step that runs now, and the last thing it said. */
static void show_running(const struct view *v, const struct build_event *e)
{
	uint64_t seconds = (clock_ms() - v->began_ms) / 1000;

	if (seconds == 0 && !v->line)
		print_live("%-6s %s", e->label, e->title);
	else
		print_live("%-6s %s  %" PRIu64 " s%s%s", e->label, e->title, seconds,
			   v->line ? " | " : "", v->line ? v->line : "");
}

static void set_line(struct view *v, const char *line)
{
	free(v->line);
	v->line = line ? xstrdup(line) : NULL;
}

static void on_event(void *context, const struct build_event *e)
{
	struct view *v = context;

	switch (e->kind) {
	case BUILD_EVENT_BEGIN:
		v->began_ms = clock_ms();
		set_line(v, NULL);
		show_running(v, e);
		break;
	case BUILD_EVENT_LINE:
		set_line(v, e->text);
		show_running(v, e);
		break;
	case BUILD_EVENT_TICK:
		show_running(v, e);
		break;
	case BUILD_EVENT_NOTE:
		print_warning("%s: %s", e->title, e->text ? e->text : "");
		break;
	case BUILD_EVENT_END:
		show_end(v, e);
		break;
	case BUILD_EVENT_FAILED:
		free(v->failed);
		v->failed = xstrdup(e->text ? e->text : "");
		v->place = e->place;
		break;
	}
}

/* The last lines of a failed step, and where all of them are. */
static void show_failure(const struct view *v, const char *log_path)
{
	const char *from = v->failed + strlen(v->failed);

	for (size_t n = 0; from > v->failed; from--)
		if (from[-1] == '\n' && n++ == SHOWN_LINES)
			break;
	while (*from) {
		size_t len = strcspn(from, "\n");

		print_log(from, len);
		from += len + (from[len] == '\n');
	}
	if (log_path)
		print_status("log", "%s", log_path);
	print_where(v->file, v->place.line, v->place.column);
}

static bool take_prebuilt(const struct build_options *o, struct build_result *out,
			  struct error *err)
{
	auto_store_image image = {0};

	if (!project_image(o->store, o->spec->image.reference, &image, err))
		return false;
	out->name = take(image.name);
	out->manifest = image.manifest;
	out->size_bytes = image.size_bytes;
	return true;
}

/* What the lock says of this very base; NULL: nothing. The lock's mistakes are told by validate. */
static const char *find_locked_base(const struct spec *spec, struct spec_lock *lock)
{
	auto_findings ignored = {0};
	struct error why;

	if (spec_lock_load(spec, lock, &ignored, &why) <= 0 || !lock->base.from ||
	    strcmp(lock->base.from, spec->image.base.text) != 0)
		return NULL;
	return lock->base.digest;
}

bool project_build(const struct build_options *o, bool is_brief, struct build_result *out,
		   struct error *err)
{
	struct view v = {.is_brief = is_brief, .file = o->spec->file};
	struct build_events events = {on_event, &v};

	if (o->spec->image.reference)
		return take_prebuilt(o, out, err);
	auto_spec_lock lock = {0};
	struct build_options locked = *o;

	locked.locked_base = find_locked_base(o->spec, &lock);
	bool ok = build_run(&locked, &events, out, err);

	print_live_end();
	if (!ok && v.failed)
		show_failure(&v, out->log_path);
	free(v.failed);
	free(v.line);
	return ok;
}
