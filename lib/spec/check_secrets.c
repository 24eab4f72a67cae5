/* SPDX-License-Identifier: MIT
 * Secrets that somebody wrote into the spec. A finding about one never shows its line.
 */
#include "lib/spec/spec_internal.h"

#include <string.h>

#define ALNUM "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

/* Shapes of well-known tokens: long enough that prose does not match. */
static const struct {
	const char *prefix;
	const char *characters; /* behind it */
	size_t least;           /* that many of them */
	const char *what;
} shapes[] = {
	{"hf_", ALNUM, 30, "a Hugging Face token"},
	{"ghp_", ALNUM, 36, "a GitHub token"},
	{"gho_", ALNUM, 36, "a GitHub token"},
	{"ghs_", ALNUM, 36, "a GitHub token"},
	{"github_pat_", ALNUM "_", 36, "a GitHub token"},
	{"cpk_", ALNUM ".", 30, "a Chutes API key"},
	{"sk-", ALNUM "_-", 32, "an API key"},
	{"AKIA", "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", 16, "an AWS access key"},
	{"-----BEGIN ", "ABCDEFGHIJKLMNOPQRSTUVWXYZ ", 11, "a private key"},
};

static void add_secret(struct spec_checker *c, struct place place, const char *what)
{
	struct finding *f = field_finding(&c->reader, "W308", place, "this looks like %s", what);

	finding_hint(f, "name it under 'secrets' and remove it here");
	finding_hide_source(f);
}

/* What a text holds that has the shape of a secret; NULL: nothing. */
static const char *find_secret(const char *text)
{
	for (size_t i = 0; i < array_len(shapes); i++) {
		const char *at = text;

		while ((at = strstr(at, shapes[i].prefix))) {
			bool is_start = at == text || !strchr(ALNUM "_", at[-1]);

			at += strlen(shapes[i].prefix);
			if (is_start && strspn(at, shapes[i].characters) >= shapes[i].least)
				return shapes[i].what;
		}
	}
	return NULL;
}

/* NOLINTNEXTLINE(misc-no-recursion): the document's depth is bounded */
static void check_node(struct spec_checker *c, const struct yaml_node *node)
{
	for (size_t i = 0; i < node->n; i++)
		check_node(c, node->kind == YAML_MAPPING ? node->pairs[i].value : node->items[i]);
	const char *what = node->kind == YAML_SCALAR ? find_secret(node->text) : NULL;

	if (what)
		add_secret(c, node->place, what);
}

/* A variable whose name says what it holds. */
static void check_pairs(struct spec_checker *c, const struct field_pairs *env)
{
	static const char *const ends[] = {"_TOKEN", "_KEY", "_SECRET", "_PASSWORD", "_PASSWD"};

	for (size_t i = 0; i < env->n; i++)
		for (size_t k = 0; k < array_len(ends); k++)
			if (text_ends_with(env->items[i].name, ends[k]) && *env->items[i].value &&
			    !find_secret(env->items[i].value))
				add_secret(c, env->items[i].place, "a secret by its name");
}

/* What a reference to the environment stands for, which the document does not show. */
static void check_expanded(struct spec_checker *c, const struct yaml_node *node, const char *value)
{
	if (!node || node->kind != YAML_SCALAR || !value || strcmp(node->text, value) == 0)
		return;
	const char *what = find_secret(value);

	if (what)
		add_secret(c, node->place, what);
}

static void check_references(struct spec_checker *c)
{
	const struct yaml_node *root = c->spec->root;
	const struct field_pairs *env = &c->spec->env;

	check_expanded(c, yaml_find(root, "name"), c->spec->name);
	check_expanded(c, yaml_find(root, "tagline"), c->spec->tagline);
	for (size_t i = 0; i < env->n; i++)
		check_expanded(c, yaml_find(yaml_find(root, "env"), env->items[i].name),
			       env->items[i].value);
}

void spec_check_secrets(struct spec_checker *c)
{
	check_references(c);
	check_node(c, c->spec->root);
	check_pairs(c, &c->spec->env);
	check_pairs(c, &c->spec->server.env);
	for (size_t i = 0; i < c->spec->image.steps.n; i++)
		if (c->spec->image.steps.items[i].kind == STEP_ENV)
			check_pairs(c, &c->spec->image.steps.items[i].env);
}
