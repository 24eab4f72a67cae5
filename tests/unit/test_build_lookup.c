/* SPDX-License-Identifier: MIT
 * What is in a step's key, and what is not.
 */
#include "lib/build/builder.h"
#include "tests/unit/tap.h"

#include <string.h>

/* One step with its state, which a test changes. */
struct scene {
	struct spec_step spec;
	struct plan_step step;
	struct step_state state;
	struct builder builder;
};

static char *argv[] = {(char[]){"/bin/sh"}, (char[]){"-c"}, (char[]){"true"}};
static char *other_argv[] = {(char[]){"/bin/sh"}, (char[]){"-c true"}};
static char *env[] = {(char[]){"A=1"}, (char[]){"B=2"}};
static char *env_reversed[] = {(char[]){"B=2"}, (char[]){"A=1"}};
static char *other_env[] = {(char[]){"A=1"}, (char[]){"B=3"}};

static struct strings list_of(char **items, size_t n)
{
	return (struct strings){.items = items, .n = n, .capacity = n};
}
#define LIST(items) list_of(items, array_len(items))

static char source[] = "src";
static char dest[] = "/app";
static char user[] = "worker";
static char cwd[] = "/app";

static struct scene scene_of(enum plan_kind kind)
{
	struct scene s = {
		.spec.add = {.source = source, .dest = dest},
		.step = {.kind = kind,
			 .user = user,
			 .cwd = cwd,
			 .argv = LIST(argv),
			 .env = LIST(env)},
		.builder = {.ids = SANDBOX_ROOT, .base.created = 5},
	};

	return s;
}

static void key_of(struct scene *s, const char *parent, char out[KEY_HEX_SIZE])
{
	s->step.spec = &s->spec;
	s->builder.plan = (struct plan){.steps = &s->step, .n = 1};
	s->builder.states = &s->state;
	step_key(&s->builder, 0, parent, out);
}

static bool is_same_key(struct scene a, struct scene b)
{
	char first[KEY_HEX_SIZE];
	char second[KEY_HEX_SIZE];

	key_of(&a, "parent", first);
	key_of(&b, "parent", second);
	return strcmp(first, second) == 0;
}

TEST(a_key_follows_from_its_parent)
{
	struct scene s = scene_of(PLAN_RUN);
	char first[KEY_HEX_SIZE];
	char second[KEY_HEX_SIZE];

	key_of(&s, "one", first);
	key_of(&s, "two", second);
	CHECK(strcmp(first, second) != 0);
}

TEST(what_is_in_the_key_of_a_run_step)
{
	const struct scene s = scene_of(PLAN_RUN);
	struct scene c = s;

	CHECK(is_same_key(s, c));
	c.step.argv = LIST(other_argv);
	CHECK(!is_same_key(s, c));
	c = s, c.step.env = LIST(other_env);
	CHECK(!is_same_key(s, c));
	c = s, c.step.user = (char[]){"root"};
	CHECK(!is_same_key(s, c));
	c = s, c.step.cwd = (char[]){"/"};
	CHECK(!is_same_key(s, c));
	c = s, c.builder.ids = SANDBOX_SINGLE;
	CHECK(!is_same_key(s, c));
	c = s, c.state.requirements[0] = 'a';
	CHECK(!is_same_key(s, c));
	/* tools see SOURCE_DATE_EPOCH, the base's, when one was given */
	c = s, c.builder.has_epoch = true;
	CHECK(!is_same_key(s, c));
}

TEST(what_is_in_no_key)
{
	const struct scene s = scene_of(PLAN_RUN);
	static const struct build_options options = {.runtime = "runc", .lends_nothing = true};
	struct scene c = s;

	c.step.env = LIST(env_reversed);
	CHECK(is_same_key(s, c));
	/* a user with sub-ids gets what root gets */
	c = s, c.builder.ids = SANDBOX_SUBIDS;
	CHECK(is_same_key(s, c));
	c = s, c.builder.options = &options;
	c.step.title = (char[]){"another"};
	CHECK(is_same_key(s, c));
	/* a new commit is no reason to run everything again */
	struct scene a = s;

	a.builder.has_epoch = c.builder.has_epoch = true;
	a.builder.epoch = 1;
	c.builder.epoch = 2;
	CHECK(is_same_key(a, c));
}

TEST(what_is_in_the_key_of_an_add_step)
{
	const struct scene s = scene_of(PLAN_ADD);
	struct scene c = s;

	c.state.selection.sha256[0] = 'a';
	CHECK(!is_same_key(s, c));
	c = s, c.spec.add.source = (char[]){"src/"};
	CHECK(!is_same_key(s, c));
	c = s, c.spec.add.dest = (char[]){"/app/"};
	CHECK(!is_same_key(s, c));
	c = s, c.spec.add.chown = (char[]){"worker"};
	CHECK(!is_same_key(s, c));
	c = s, c.spec.add.chmod = (char[]){"0600"};
	CHECK(!is_same_key(s, c));
	c = s, c.step.cwd = (char[]){"/"};
	CHECK(!is_same_key(s, c));
	c = s, c.builder.ids = SANDBOX_SINGLE;
	CHECK(!is_same_key(s, c));
	/* whose it is does not depend on the user before it */
	c = s, c.step.user = (char[]){"root"};
	CHECK(is_same_key(s, c));
}

TEST(what_is_in_the_key_of_a_workdir)
{
	const struct scene s = scene_of(PLAN_MKDIR);
	struct scene c = s;

	c.step.cwd = (char[]){"/srv"};
	CHECK(!is_same_key(s, c));
	c = s, c.step.user = (char[]){"root"};
	CHECK(!is_same_key(s, c));
	c = s, c.builder.ids = SANDBOX_SINGLE;
	CHECK(!is_same_key(s, c));
}
