/* SPDX-License-Identifier: MIT */
#include "lib/build/plan.h"

#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/base/text.h"
#include "lib/spec/step_commands.h"

#include <string.h>

enum { TITLE_MAX = 60 };

static void step_release(struct plan_step *s)
{
	free(s->title);
	free(s->created_by);
	strings_release(&s->argv);
	strings_release(&s->env);
	free(s->user);
	free(s->cwd);
}

void plan_release(struct plan *p)
{
	for (size_t i = 0; i < p->n; i++)
		step_release(&p->steps[i]);
	free(p->steps);
	image_config_release(&p->config);
	*p = (struct plan){0};
}

/* The state that steps hand on. */
struct cursor {
	struct plan *plan;
	const struct spec_image *image;
	struct strings env;
	char *user;
	char *cwd;
};

static struct plan_step *add_step(struct cursor *c, enum plan_kind kind,
				  const struct spec_step *spec)
{
	struct plan *p = c->plan;

	p->steps = list_grow(p->steps, p->n, &p->capacity, sizeof(*p->steps));
	struct plan_step *s = &p->steps[p->n++];

	*s = (struct plan_step){
		.kind = kind, .spec = spec, .place = spec ? spec->place : c->image->place};
	s->user = xstrdup(c->user);
	s->cwd = xstrdup(c->cwd);
	strings_add_all(&s->env, &c->env);
	return s;
}

/* "word rest" cut to one line of TITLE_MAX characters. */
static char *title_of(const char *word, const char *rest)
{
	auto_text t = {0};
	const char *end = strchrnul(rest, '\n');

	text_addf(&t, "%s ", word);
	text_add_printable(&t, rest, (size_t)(end - rest), false);
	if (t.len > TITLE_MAX || *end) {
		size_t at = t.len > TITLE_MAX - 3 ? TITLE_MAX - 3 : t.len;

		while (at > 0 && ((unsigned char)t.bytes[at] & 0xc0) == 0x80)
			at--;
		t.len = at;
		t.bytes[at] = '\0';
		text_add(&t, "...");
	}
	return text_take(&t);
}

static void set_shell(struct plan_step *s, const char *flags, const char *script)
{
	strings_add(&s->argv, "/bin/sh");
	strings_add(&s->argv, flags);
	strings_add(&s->argv, script);
	s->created_by = strcmp(flags, "-c") == 0 ? xprintf("RUN %s", script)
						 : xprintf("RUN set -e; %s", script);
}

static void plan_apt(struct cursor *c, const struct spec_step *spec)
{
	auto_text words = {0};
	auto_text script = {0};
	struct plan_step *s = add_step(c, PLAN_RUN, spec);

	text_add_words(&words, spec->apt.packages.items, spec->apt.packages.n);
	step_apt_script(&spec->apt, &script);
	s->title = title_of("apt", text_str(&words));
	set_shell(s, "-c", text_str(&script));
}

static void plan_apt_remove(struct cursor *c, const struct spec_step *spec)
{
	auto_text words = {0};
	auto_text script = {0};
	struct plan_step *s = add_step(c, PLAN_RUN, spec);

	text_add_words(&words, spec->apt_remove.items, spec->apt_remove.n);
	step_apt_remove_script(&spec->apt_remove, &script);
	s->title = title_of("apt_remove", text_str(&words));
	set_shell(s, "-c", text_str(&script));
}

/* Some steps work as root only; the user before them comes back behind them. */
static void plan_as_root(struct cursor *c, const struct spec_step *spec,
			 void (*plan_step)(struct cursor *, const struct spec_step *))
{
	char *user = c->user;

	c->user = xstrdup("root");
	plan_step(c, spec);
	free(c->user);
	c->user = user;
}

static void plan_pip(struct cursor *c, const struct spec_step *spec)
{
	const struct spec_pip *pip = &spec->pip;
	struct plan_step *s = add_step(c, PLAN_RUN, spec);
	auto_text shown = {0};
	auto_text command = {0};

	step_pip_words(pip, &s->argv);
	s->requirements = pip->requirements;
	if (pip->requirements)
		text_addf(&shown, "-r %s", pip->requirements);
	text_add_words(&shown, pip->packages.items, pip->packages.n);
	s->title = title_of("pip", text_str(&shown));
	text_add_words(&command, s->argv.items, s->argv.n);
	s->created_by = xprintf("RUN %s", text_str(&command));
}

static void plan_run(struct cursor *c, const struct spec_step *spec)
{
	struct plan_step *s = add_step(c, PLAN_RUN, spec);

	s->title = title_of("run", spec->run.script);
	set_shell(s, spec->run.is_exec_script ? "-ec" : "-c", spec->run.script);
}

static void set_env(struct cursor *c, const char *name, const char *value)
{
	strings_env_set(&c->env, name, value);
	strings_env_set(&c->plan->config.env, name, value);
}

static void plan_env(struct cursor *c, const struct spec_step *spec)
{
	auto_text shown = {0};

	for (size_t i = 0; i < spec->env.n; i++) {
		const struct field_pair *pair = &spec->env.items[i];

		set_env(c, pair->name, pair->value);
		text_addf(&shown, "%s%s=", i ? " " : "", pair->name);
		text_add_json(&shown, pair->value);
	}
	struct plan_step *s = add_step(c, PLAN_META, spec);

	s->title = title_of("env", text_str(&shown));
	s->created_by = xprintf("ENV %s", text_str(&shown));
}

static void plan_user(struct cursor *c, const struct spec_step *spec)
{
	free(c->user);
	c->user = xstrdup(spec->user);
	c->plan->config.user = arena_strdup(&c->plan->config.arena, spec->user);
	struct plan_step *s = add_step(c, PLAN_META, spec);

	s->title = title_of("user", spec->user);
	s->created_by = xprintf("USER %s", spec->user);
}

static void plan_workdir(struct cursor *c, const struct spec_step *spec)
{
	auto_free char *joined = path_join(c->cwd, spec->workdir);

	free(c->cwd);
	c->cwd = path_clean(joined);
	c->plan->config.working_dir = arena_strdup(&c->plan->config.arena, c->cwd);
	struct plan_step *s = add_step(c, PLAN_MKDIR, spec);

	s->title = title_of("workdir", spec->workdir);
	s->created_by = xprintf("WORKDIR %s", c->cwd);
}

static void plan_add(struct cursor *c, const struct spec_step *spec)
{
	const struct spec_add *add = &spec->add;
	struct plan_step *s = add_step(c, PLAN_ADD, spec);
	auto_free char *shown = xprintf("%s -> %s", add->source, add->dest);
	auto_text command = {0};

	s->title = title_of("add", shown);
	text_add(&command, "ADD ");
	if (add->chown)
		text_addf(&command, "--chown=%s ", add->chown);
	if (add->chmod)
		text_addf(&command, "--chmod=%s ", add->chmod);
	text_add_shell(&command, add->source);
	text_add_char(&command, ' ');
	text_add_shell(&command, add->dest);
	s->created_by = text_take(&command);
}

/* Two steps and a variable; all of them stand for `image.python`. */
static void plan_python(struct cursor *c, const struct spec_step *spec)
{
	const char *version = c->image->python;
	const char *path = strings_env_find(&c->env, "PATH");
	auto_free char *longer =
		xprintf(STEP_PYTHON_PREFIX "/bin:%s", path ? path : PLAN_DEFAULT_PATH);
	auto_text packages = {0};
	auto_text script = {0};
	struct plan_step *s = add_step(c, PLAN_RUN, spec);

	step_python_packages_script(&packages);
	s->title = title_of("python", "packages to compile it");
	set_shell(s, "-c", text_str(&packages));
	s = add_step(c, PLAN_RUN, spec);
	step_python_script(version, &script);
	s->title = title_of("python", version);
	set_shell(s, "-ec", text_str(&script));
	set_env(c, "PATH", longer);
	s = add_step(c, PLAN_META, spec);
	s->title = title_of("python", "first on PATH");
	s->created_by = xprintf("ENV PATH=\"%s\"", longer);
}

static void plan_one(struct cursor *c, const struct spec_step *spec)
{
	switch (spec->kind) {
	case STEP_APT:
		plan_as_root(c, spec, plan_apt);
		break;
	case STEP_APT_REMOVE:
		plan_as_root(c, spec, plan_apt_remove);
		break;
	case STEP_PIP:
		plan_pip(c, spec);
		break;
	case STEP_RUN:
		plan_run(c, spec);
		break;
	case STEP_ENV:
		plan_env(c, spec);
		break;
	case STEP_USER:
		plan_user(c, spec);
		break;
	case STEP_WORKDIR:
		plan_workdir(c, spec);
		break;
	case STEP_ADD:
		plan_add(c, spec);
		break;
	case STEP_RAW: /* spec_check_buildable() refuses it */
		break;
	}
}

void plan_make(const struct spec_image *image, const struct image_config *base, struct plan *out)
{
	*out = (struct plan){0};
	image_config_copy(base, &out->config);
	struct cursor c = {
		.plan = out,
		.image = image,
		.user = xstrdup(base->user ? base->user : ""),
		.cwd = xstrdup(base->working_dir && *base->working_dir ? base->working_dir : "/"),
	};

	strings_add_all(&c.env, &base->env);
	if (image->maintainer)
		out->config.author = arena_strdup(&out->config.arena, image->maintainer);
	if (image->python)
		plan_as_root(&c, NULL, plan_python);
	for (size_t i = 0; i < image->steps.n; i++)
		plan_one(&c, &image->steps.items[i]);
	if (image->entrypoint.n) {
		strings_release(&out->config.entrypoint);
		strings_release(&out->config.cmd);
		for (size_t i = 0; i < image->entrypoint.n; i++)
			strings_add(&out->config.entrypoint, image->entrypoint.items[i]);
	}
	strings_release(&c.env);
	free(c.user);
	free(c.cwd);
}
