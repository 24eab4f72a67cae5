/* SPDX-License-Identifier: MIT
 * Identifiers, anchors, and what a reference leads to, within one document.
 */
#include "lib/base/memory.h"
#include "lib/data/json_schema_internal.h"

#include <stdlib.h>
#include <string.h>

/* --- addresses (RFC 3986, 5.2), as far as they name parts of one document */

/* Length of "scheme:"; 0: there is none. */
static size_t scheme_length(const char *uri)
{
	size_t n = strcspn(uri, ":/?#");

	return n > 0 && uri[n] == ':' ? n + 1 : 0;
}

/* Up to the path. */
static size_t authority_length(const char *uri)
{
	size_t n = scheme_length(uri);

	if (strncmp(uri + n, "//", 2) != 0)
		return n;
	return n + 2 + strcspn(uri + n + 2, "/?#");
}

/* Take "." and ".." out of the path that starts at `start`. */
static void remove_dots(struct text *uri, size_t start)
{
	auto_text clean = {0};
	const char *at = text_str(uri) + start;

	while (*at) {
		size_t n = strcspn(at + (*at == '/'), "/") + (*at == '/');
		bool is_last = at[n] == '\0';
		const char *name = at + (*at == '/');
		size_t name_len = n - (*at == '/');

		if (name_len == 1 && name[0] == '.') {
			if (is_last)
				text_add_char(&clean, '/');
		} else if (name_len == 2 && strncmp(name, "..", 2) == 0) {
			while (clean.len > 0 && clean.bytes[--clean.len] != '/')
				;
			if (is_last)
				text_add_char(&clean, '/');
		} else {
			text_add_bytes(&clean, at, n);
		}
		at += n;
	}
	char *head = xstrndup(text_str(uri), start);

	text_clear(uri);
	text_add(uri, head);
	text_add_bytes(uri, text_str(&clean), clean.len);
	free(head);
}

/* `reference` seen from `base`, without a fragment. */
static char *resolve(const char *base, const char *reference)
{
	auto_text uri = {0};
	size_t len = strcspn(reference, "#");
	size_t root = authority_length(base);

	if (len == 0) {
		text_add(&uri, base);
	} else if (scheme_length(reference) > 0) {
		text_add_bytes(&uri, reference, len);
	} else if (strncmp(reference, "//", 2) == 0) {
		text_add_bytes(&uri, base, scheme_length(base));
		text_add_bytes(&uri, reference, len);
	} else {
		const char *slash = strrchr(base + root, '/');
		size_t folder = root;

		if (*reference != '/' && slash)
			folder = (size_t)(slash - base) + 1;
		text_add_bytes(&uri, base, folder);
		if (folder == root && *reference != '/' && root > scheme_length(base))
			text_add_char(&uri, '/');
		text_add_bytes(&uri, reference, len);
		remove_dots(&uri, root);
	}
	return uri.len ? text_take(&uri) : xstrdup("");
}

/* --- what the document has */

static void add_anchor(struct schema_check *c, const struct json *schema, size_t resource,
		       const char *key)
{
	const char *name = json_text(json_member(schema, key));

	if (!name)
		return;
	c->anchors = list_grow(c->anchors, c->n_anchors, &c->anchors_capacity, sizeof(*c->anchors));
	c->anchors[c->n_anchors++] =
		(struct schema_anchor){name, schema, resource, strcmp(key, "$dynamicAnchor") == 0};
}

static size_t add_resource(struct schema_check *c, const struct json *schema, char *uri)
{
	c->resources = list_grow(c->resources, c->n_resources, &c->resources_capacity,
				 sizeof(*c->resources));
	c->resources[c->n_resources] = (struct schema_resource){schema, uri};
	return c->n_resources++;
}

static bool collect(struct schema_check *c, const struct json *schema, size_t resource);

/* The schemas in a keyword's value. */
/* NOLINTNEXTLINE(misc-no-recursion): the depth of documents is bounded */
static bool collect_keyword(struct schema_check *c, const struct schema_keyword *k,
			    const struct json *value, size_t resource)
{
	void *position = NULL;
	const char *key;
	const struct json *schema;

	if (k->forms & SCHEMA_IS_SCHEMA)
		return collect(c, value, resource);
	if (k->forms & SCHEMA_IS_MAP)
		while (json_next(value, &position, &key, &schema))
			if (!collect(c, schema, resource))
				return false;
	for (size_t i = 0; (k->forms & SCHEMA_IS_SCHEMAS) && i < json_count(value); i++)
		if (!collect(c, json_at(value, i), resource))
			return false;
	return true;
}

/* NOLINTNEXTLINE(misc-no-recursion): the depth of documents is bounded */
static bool collect(struct schema_check *c, const struct json *schema, size_t resource)
{
	if (json_kind(schema) == JSON_KIND_BOOL)
		return true;
	if (json_kind(schema) != JSON_KIND_OBJECT)
		return schema_broken(c, "a schema must be an object, true or false, not %s",
				     json_kind_name(json_kind(schema)));
	if (!schema_spend(c, 1 + json_count(schema)) || !schema_check_forms(c, schema))
		return false;
	const char *id = json_text(json_member(schema, "$id"));

	if (id && *id != '#')
		resource = add_resource(c, schema, resolve(c->resources[resource].uri, id));
	add_anchor(c, schema, resource, "$anchor");
	add_anchor(c, schema, resource, "$dynamicAnchor");
	if (json_member(schema, "unevaluatedItems") || json_member(schema, "unevaluatedProperties"))
		c->has_unevaluated = true;
	for (const struct schema_keyword *k = schema_keywords; k->name; k++) {
		const struct json *value = json_member(schema, k->name);

		if (value && !collect_keyword(c, k, value, resource))
			return false;
	}
	return true;
}

bool schema_collect(struct schema_check *c, const struct json *document)
{
	add_resource(c, document, xstrdup(""));
	return collect(c, document, 0);
}

ptrdiff_t schema_find_resource(const struct schema_check *c, const struct json *schema)
{
	for (size_t i = c->n_resources; i-- > 0;) /* the document is there twice if it has an $id */
		if (c->resources[i].schema == schema)
			return (ptrdiff_t)i;
	return -1;
}

/* --- what a reference leads to */

struct target {
	const struct json *schema; /* NULL: nothing */
	size_t resource;
	const struct schema_anchor *anchor; /* NULL: found in another way */
};

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* A fragment without its %XX. */
static char *decode(const char *fragment)
{
	auto_text out = {0};

	for (const char *at = fragment; *at; at++) {
		bool is_hex = *at == '%' && hex_value(at[1]) >= 0 && hex_value(at[2]) >= 0;

		if (!is_hex) {
			text_add_char(&out, *at);
			continue;
		}
		text_add_char(&out, (char)(hex_value(at[1]) * 16 + hex_value(at[2])));
		at += 2;
	}
	return out.len ? text_take(&out) : xstrdup("");
}

/* One step of a JSON pointer; "/" has been read. */
static const struct json *step_into(const struct json *value, const char *name, size_t len)
{
	auto_text key = {0};

	for (size_t i = 0; i < len; i++) {
		bool is_escape = name[i] == '~' && i + 1 < len;

		if (is_escape && (name[i + 1] == '0' || name[i + 1] == '1'))
			text_add_char(&key, name[++i] == '0' ? '~' : '/');
		else
			text_add_char(&key, name[i]);
	}
	if (json_kind(value) == JSON_KIND_OBJECT)
		return json_member(value, text_str(&key));
	if (json_kind(value) != JSON_KIND_LIST || key.len == 0 || key.len > 9 ||
	    strspn(text_str(&key), "0123456789") != key.len)
		return NULL;
	return json_at(value, strtoul(text_str(&key), NULL, 10));
}

static struct target follow_pointer(const struct schema_check *c, size_t resource,
				    const char *pointer)
{
	struct target t = {.schema = c->resources[resource].schema, .resource = resource};

	while (*pointer == '/' && t.schema) {
		size_t len = strcspn(pointer + 1, "/");

		t.schema = step_into(t.schema, pointer + 1, len);
		pointer += 1 + len;
		if (t.schema && json_member(t.schema, "$id") &&
		    schema_find_resource(c, t.schema) >= 0)
			t.resource = (size_t)schema_find_resource(c, t.schema);
	}
	return t;
}

static const struct schema_anchor *find_anchor(const struct schema_check *c, size_t resource,
					       const char *name)
{
	for (size_t i = 0; i < c->n_anchors; i++)
		if (c->anchors[i].resource == resource && strcmp(c->anchors[i].name, name) == 0)
			return &c->anchors[i];
	return NULL;
}

static ptrdiff_t find_uri(const struct schema_check *c, const char *uri)
{
	for (size_t i = 0; i < c->n_resources; i++)
		if (strcmp(c->resources[i].uri, uri) == 0)
			return (ptrdiff_t)i;
	return -1;
}

static struct target find_target(const struct schema_rule *r)
{
	const struct schema_check *c = r->c;
	const char *reference = json_text(r->value);
	auto_free char *uri = resolve(c->resources[r->scope->resource].uri, reference);
	auto_free char *fragment = decode(reference + strcspn(reference, "#"));
	/* without a name there may be several of the same; then the one that we are in is meant */
	ptrdiff_t resource =
		strcspn(reference, "#") == 0 ? (ptrdiff_t)r->scope->resource : find_uri(c, uri);
	const char *name = fragment + (*fragment == '#');

	if (resource < 0)
		return (struct target){0};
	if (*name == '\0' || *name == '/')
		return follow_pointer(c, (size_t)resource, name);
	const struct schema_anchor *anchor = find_anchor(c, (size_t)resource, name);

	return (struct target){anchor ? anchor->schema : NULL, (size_t)resource, anchor};
}

/* NOLINTNEXTLINE(misc-no-recursion): the walk has a depth */
static bool fits_target(const struct schema_rule *r, const struct target *t)
{
	const struct schema_scope scope = {r->scope, t->resource};
	struct schema_rule there = *r;

	if (!t->schema)
		return schema_broken(r->c, "the schema refers to '%.200s', which is not in it",
				     json_text(r->value));
	there.scope = &scope;
	return schema_spend(r->c, r->c->n_resources + r->c->n_anchors) &&
	       schema_fits_part(&there, t->schema, r->at);
}

/* NOLINTNEXTLINE(misc-no-recursion): the walk has a depth */
bool schema_fits_ref(const struct schema_rule *r)
{
	struct target t = find_target(r);

	return fits_target(r, &t);
}

/* NOLINTNEXTLINE(misc-no-recursion): the walk has a depth */
bool schema_fits_dynamic_ref(const struct schema_rule *r)
{
	struct target t = find_target(r);
	const char *name = t.anchor && t.anchor->is_dynamic ? t.anchor->name : NULL;

	/* the outermost resource on the way here that has an anchor of this name */
	for (const struct schema_scope *s = r->scope; name && s; s = s->outer) {
		const struct schema_anchor *anchor = find_anchor(r->c, s->resource, name);

		if (anchor && anchor->is_dynamic)
			t = (struct target){anchor->schema, anchor->resource, anchor};
	}
	return fits_target(r, &t);
}
