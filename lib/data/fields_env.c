/* SPDX-License-Identifier: MIT
 * References to the environment: ${env:NAME} and ${env:NAME:-default} in the texts of rows that
 * take them, $${env: for the characters themselves. What a variable holds is not looked at again.
 */
#include "lib/data/fields_internal.h"

#include "lib/base/env.h"

#include <ctype.h>
#include <string.h>

#define OPENING "${env:"

/* All values together: what the document itself may be large. */
enum { EXPANDED_MAX_BYTES = YAML_MAX_BYTES };

bool field_has_reference(const char *text) { return strstr(text, OPENING) != NULL; }

bool field_refuse_reference(struct field_reader *r, const struct field *row, struct place place)
{
	struct finding *f =
		field_finding(r, "E116", place, "'%s' cannot refer to the environment", row->key);

	if (r->env_places)
		finding_hint(f, "only %s can; write the value itself", r->env_places);
	else
		finding_hint(f, "write the value itself");
	return false;
}

/* Does a word between '_' end like the name of something secret? */
static bool is_secret_word(const char *word, size_t len)
{
	static const char *const ends[] = {"KEY",         "KEYS",    "TOKEN",      "TOKENS",
					   "SECRET",      "SECRETS", "PASSWORD",   "PASSWORDS",
					   "PASSWD",      "PASS",    "PASSPHRASE", "CREDENTIAL",
					   "CREDENTIALS", "AUTH",    "MNEMONIC"};

	for (size_t i = 0; i < array_len(ends); i++) {
		size_t n = strlen(ends[i]);

		if (len >= n && strncasecmp(word + len - n, ends[i], n) == 0)
			return true;
	}
	return false;
}

static bool is_secret_name(const char *name)
{
	while (*name) {
		size_t len = strcspn(name, "_");

		if (is_secret_word(name, len))
			return true;
		name += len + (name[len] == '_');
	}
	return false;
}

/* One reference, from its name on: "NAME}" or "NAME:-default}". */
struct reference {
	const char *name;
	const char *fallback; /* NULL: none */
	size_t len;           /* with the closing brace */
};

static bool parse_reference(struct field_reader *r, const char *s, struct reference *out)
{
	size_t name = 0;
	size_t end = strcspn(s, "}");

	while (s[name] == '_' || isalnum((unsigned char)s[name]))
		name++;
	bool has_fallback = strncmp(s + name, ":-", 2) == 0;

	if (name == 0 || isdigit((unsigned char)s[0]) || !s[end] || (name != end && !has_fallback))
		return false;
	*out = (struct reference){.name = arena_strndup(r->arena, s, name), .len = end + 1};
	if (has_fallback)
		out->fallback = arena_strndup(r->arena, s + name + 2, end - name - 2);
	return true;
}

/* What the reference stands for; NULL after a finding, or where an unset variable is none. */
static const char *find_value(struct field_reader *r, const struct reference *ref,
			      struct place place)
{
	if (is_secret_name(ref->name)) {
		finding_hint(field_finding(r, "E116", place, "'%s' looks like the name of a secret",
					   ref->name),
			     "name it under 'secrets' and set its value where the chute runs");
		return NULL;
	}
	const char *value = env_find(ref->name);

	if (ref->fallback && (!value || !*value))
		value = ref->fallback;
	if (!value) {
		if (!r->ignores_unset)
			finding_hint(field_finding(r, "E116", place, "the variable '%s' is not set",
						   ref->name),
				     "set it, or write ${env:%s:-default}", ref->name);
		return NULL;
	}
	if (!utf8_is_valid(value, strlen(value))) {
		field_finding(r, "E116", place, "the variable '%s' is not UTF-8 text", ref->name);
		return NULL;
	}
	r->n_expanded_bytes += strlen(value);
	if (r->n_expanded_bytes > EXPANDED_MAX_BYTES) {
		field_finding(r, "E116", place,
			      "all references together stand for more than %d bytes",
			      EXPANDED_MAX_BYTES);
		return NULL;
	}
	return value;
}

bool field_expand(struct field_reader *r, const struct yaml_node *node, struct yaml_node *out)
{
	auto_text expanded = {0};
	const char *text = node->text;

	while (*text) {
		struct reference ref = {0};

		if (text_starts_with(text, "$" OPENING)) {
			text_add(&expanded, OPENING);
			text += strlen("$" OPENING);
			continue;
		}
		if (!text_starts_with(text, OPENING)) {
			text_add_char(&expanded, *text++);
			continue;
		}
		text += strlen(OPENING);
		if (!parse_reference(r, text, &ref)) {
			finding_hint(
				field_finding(r, "E116", node->place,
					      "a reference to the environment is not complete"),
				"write ${env:NAME}, ${env:NAME:-default}, or $${env: for the "
				"characters themselves");
			return false;
		}
		const char *value = find_value(r, &ref, node->place);

		if (!value)
			return false;
		text_add(&expanded, value);
		text += ref.len;
	}
	*out = *node;
	out->text = arena_strdup(r->arena, text_str(&expanded));
	out->is_plain = node->is_plain && expanded.len > 0; /* an empty value is no null */
	return true;
}
