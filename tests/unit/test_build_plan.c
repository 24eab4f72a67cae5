/* SPDX-License-Identifier: MIT */
#include "lib/build/plan.h"

#include "tests/unit/tap.h"

static const char head[] = "version: 1\nname: xyz\n"
			   "server: {command: [x], port: 9000}\n"
			   "cords: [{function: f, public: GET /f, forward: GET /f}]\n"
			   "image:\n  name: xyz\n  base: {debian: bookworm}\n";

/* Plan these steps on a base with user chutes, PATH=/bin and working directory /app. */
static bool make(const char *steps, struct spec *spec, struct image_config *base, struct plan *plan)
{
	auto_text document = {0};
	auto_findings findings = {0};
	struct error err;

	text_addf(&document, "%s  steps:\n%s", head, steps);
	base->user = "chutes";
	base->working_dir = "/app";
	strings_add(&base->env, "PATH=/bin");
	if (!spec_parse(text_str(&document), document.len,
			&(struct spec_options){.file = "chute.yaml"}, spec, &findings, &err)) {
		for (size_t i = 0; i < findings.n; i++)
			printf("# %s\n", findings.items[i].message);
		return false;
	}
	plan_make(&spec->image, base, plan);
	return true;
}

TEST(apt_is_root_and_the_user_comes_back)
{
	auto_spec spec = {0};
	auto_plan plan = {0};
	struct image_config base = {0};

	CHECK_OR_STOP(make("    - apt: [git, libstdc++6]\n    - run: id\n", &spec, &base, &plan));
	CHECK(plan.n == 2 && plan.steps[0].kind == PLAN_RUN);
	CHECK_TEXT(plan.steps[0].user, "root");
	CHECK_TEXT(plan.steps[0].argv.items[2],
		   "apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y "
		   "--no-install-recommends git libstdc++6 && rm -rf /var/lib/apt/lists/*");
	CHECK_TEXT(plan.steps[1].user, "chutes");
	CHECK_TEXT(plan.config.user, "chutes");
	image_config_release(&base);
}

TEST(pip_needs_no_shell)
{
	auto_spec spec = {0};
	auto_plan plan = {0};
	struct image_config base = {0};

	CHECK_OR_STOP(make("    - pip: {packages: [\"a>=1,<2\"], requirements: r.txt, "
			   "args: [--no-deps]}\n",
			   &spec, &base, &plan));
	CHECK_TEXT(plan.steps[0].created_by, "RUN pip install --no-cache-dir --no-deps -r "
					     "/run/chutes/requirements.txt 'a>=1,<2'");
	CHECK_TEXT(plan.steps[0].argv.items[0], "pip");
	CHECK_TEXT(plan.steps[0].requirements, "r.txt");
	image_config_release(&base);
}

TEST(config_steps_reach_those_behind_them)
{
	auto_spec spec = {0};
	auto_plan plan = {0};
	struct image_config base = {0};

	CHECK_OR_STOP(make("    - run: one\n    - env: {A: \"1 2\", B: /x}\n    - user: root\n"
			   "    - workdir: /app/other\n    - run: |\n        two\n        three\n",
			   &spec, &base, &plan));
	CHECK(plan.n == 5);
	CHECK(!strings_env_find(&plan.steps[0].env, "A"));
	CHECK_TEXT(plan.steps[0].cwd, "/app");
	CHECK(plan.steps[1].kind == PLAN_META && plan.steps[2].kind == PLAN_META);
	CHECK_TEXT(plan.steps[1].created_by, "ENV A=\"1 2\" B=\"/x\"");
	CHECK(plan.steps[3].kind == PLAN_MKDIR);
	CHECK_TEXT(plan.steps[3].cwd, "/app/other");
	CHECK_TEXT(strings_env_find(&plan.steps[4].env, "A"), "1 2");
	CHECK_TEXT(plan.steps[4].user, "root");
	CHECK_TEXT(plan.steps[4].argv.items[1], "-ec");
	CHECK_TEXT(plan.steps[4].title, "run two...");
	CHECK_TEXT(plan.config.working_dir, "/app/other");
	CHECK_TEXT(strings_env_find(&plan.config.env, "B"), "/x");
	image_config_release(&base);
}

TEST(python_from_source)
{
	auto_spec spec = {0};
	auto_plan plan = {0};
	struct image_config base = {0};

	CHECK_OR_STOP(make("    - run: id\n  python: 3.12.8\n", &spec, &base, &plan));
	CHECK(plan.n == 4 && plan.steps[2].kind == PLAN_META);
	CHECK_TEXT(plan.steps[0].user, "root");
	CHECK(strstr(plan.steps[0].argv.items[2], " build-essential "));
	CHECK_TEXT(plan.steps[1].user, "root");
	CHECK_TEXT(plan.steps[1].title, "python 3.12.8");
	CHECK(strstr(plan.steps[1].argv.items[2], "/3.12.8/Python-3.12.8.tgz\n"));
	CHECK(plan.steps[1].place.line == 6);
	CHECK_TEXT(plan.steps[3].user, "chutes");
	CHECK_TEXT(strings_env_find(&plan.steps[3].env, "PATH"), "/opt/python/bin:/bin");
	CHECK_TEXT(strings_env_find(&plan.config.env, "PATH"), "/opt/python/bin:/bin");
	image_config_release(&base);
}

TEST(titles_fit_a_line)
{
	auto_spec spec = {0};
	auto_plan plan = {0};
	struct image_config base = {0};

	CHECK_OR_STOP(make("    - run: \"echo \\u00e9\\u00e9\\u00e9\\u00e9\\u00e9\\u00e9\\u00e9 "
			   "0123456789 0123456789 0123456789 0123456789 end\"\n",
			   &spec, &base, &plan));
	CHECK(strlen(plan.steps[0].title) <= 60);
	CHECK(utf8_is_valid(plan.steps[0].title, strlen(plan.steps[0].title)));
	CHECK(text_ends_with(plan.steps[0].title, "..."));
	image_config_release(&base);
}
