/* SPDX-License-Identifier: MIT
 * The image config. One table of fields drives reading, writing, copying and releasing.
 */
#include "lib/oci/oci.h"

#include "lib/oci/oci_internal.h"

#include <string.h>

enum field_kind {
	FIELD_TEXT, /* const char * */
	FIELD_JSON, /* const char *, canonical JSON of an object */
	FIELD_LIST, /* struct strings from here on */
	FIELD_MAP,
	FIELD_SET
};

struct field {
	const char *key;
	enum field_kind kind;
	size_t offset;
};

#define FIELD(key, kind, name)                                                                     \
	{                                                                                          \
		key, FIELD_##kind, offsetof(struct image_config, name)                             \
	}

/* In the order in which they are written. */
static const struct field outer_fields[] = {
	FIELD("created", TEXT, created),
	FIELD("author", TEXT, author),
	FIELD("architecture", TEXT, architecture),
	FIELD("variant", TEXT, variant),
	FIELD("os", TEXT, os),
	FIELD("os.version", TEXT, os_version),
	FIELD("os.features", LIST, os_features),
};
static const struct field inner_fields[] = {
	FIELD("User", TEXT, user),
	FIELD("ExposedPorts", SET, exposed_ports),
	FIELD("Env", LIST, env),
	FIELD("Entrypoint", LIST, entrypoint),
	FIELD("Cmd", LIST, cmd),
	FIELD("Volumes", SET, volumes),
	FIELD("WorkingDir", TEXT, working_dir),
	FIELD("Labels", MAP, labels),
	FIELD("StopSignal", TEXT, stop_signal),
	FIELD("Shell", LIST, shell),
	FIELD("Healthcheck", JSON, healthcheck),
	FIELD("OnBuild", LIST, on_build),
};
static const char *const outer_known[] = {
	"created",     "author", "architecture", "variant", "os", "os.version",
	"os.features", "config", "rootfs",       "history", NULL,
};
static const char *const inner_known[] = {
	"User",   "ExposedPorts", "Env",   "Entrypoint",  "Cmd",     "Volumes", "WorkingDir",
	"Labels", "StopSignal",   "Shell", "Healthcheck", "OnBuild", NULL,
};

static const char **text_of(struct image_config *c, const struct field *f)
{
	return (const char **)(void *)((char *)c + f->offset);
}

static struct strings *list_of(struct image_config *c, const struct field *f)
{
	return (struct strings *)(void *)((char *)c + f->offset);
}

static const char *text_in(const struct image_config *c, const struct field *f)
{
	return *(const char *const *)(const void *)((const char *)c + f->offset);
}

static const struct strings *list_in(const struct image_config *c, const struct field *f)
{
	return (const struct strings *)(const void *)((const char *)c + f->offset);
}

/* All fields of both tables: i from 0 until NULL. */
static const struct field *field_at(size_t i)
{
	if (i < array_len(outer_fields))
		return &outer_fields[i];
	i -= array_len(outer_fields);
	return i < array_len(inner_fields) ? &inner_fields[i] : NULL;
}

void image_config_release(struct image_config *c)
{
	for (size_t i = 0; field_at(i); i++)
		if (field_at(i)->kind >= FIELD_LIST)
			strings_release(list_of(c, field_at(i)));
	arena_release(&c->arena);
	*c = (struct image_config){0};
}

void image_config_copy(const struct image_config *from, struct image_config *to)
{
	*to = (struct image_config){0};
	for (size_t i = 0; field_at(i); i++) {
		const struct field *f = field_at(i);

		if (f->kind >= FIELD_LIST)
			strings_add_all(list_of(to, f), list_in(from, f));
		else
			*text_of(to, f) = arena_text_or_null(&to->arena, text_in(from, f));
	}
	for (size_t i = 0; i < from->n_diff_ids; i++)
		image_config_add_diff_id(to, &from->diff_ids[i]);
	for (size_t i = 0; i < from->n_history; i++)
		image_config_add_history(to, &from->history[i]);
	to->unknown = arena_text_or_null(&to->arena, from->unknown);
	to->unknown_config = arena_text_or_null(&to->arena, from->unknown_config);
}

void image_config_add_diff_id(struct image_config *c, const struct digest *diff_id)
{
	struct digest *more = arena_alloc(&c->arena, (c->n_diff_ids + 1) * sizeof(*more));

	if (c->n_diff_ids)
		memcpy(more, c->diff_ids, c->n_diff_ids * sizeof(*more));
	more[c->n_diff_ids++] = *diff_id;
	c->diff_ids = more;
}

void image_config_add_history(struct image_config *c, const struct history *h)
{
	struct history *more = arena_alloc(&c->arena, (c->n_history + 1) * sizeof(*more));

	if (c->n_history)
		memcpy(more, c->history, c->n_history * sizeof(*more));
	more[c->n_history++] = (struct history){
		.created = arena_text_or_null(&c->arena, h->created),
		.created_by = arena_text_or_null(&c->arena, h->created_by),
		.comment = arena_text_or_null(&c->arena, h->comment),
		.author = arena_text_or_null(&c->arena, h->author),
		.is_empty_layer = h->is_empty_layer,
	};
	c->history = more;
}

static bool parse_list(const struct json *object, const char *key, struct strings *out,
		       struct error *err)
{
	const struct json *list = NULL;

	if (json_find_list(object, key, &list, err) < 0)
		return false;
	for (size_t i = 0; i < json_count(list); i++) {
		if (!json_expect(json_at(list, i), JSON_KIND_TEXT, key, err))
			return fail_in(err, "element %zu", i + 1);
		strings_add(out, json_text(json_at(list, i)));
	}
	return true;
}

static bool parse_set(const struct json *object, const char *key, struct strings *out,
		      struct error *err)
{
	const struct json *set = NULL;
	const struct json *value;
	void *position = NULL;
	const char *name;

	if (json_find_object(object, key, &set, err) < 0)
		return false;
	while (json_next(set, &position, &name, &value))
		strings_add(out, name);
	return true;
}

static bool parse_object(const struct json *object, const char *key, struct arena *a,
			 const char **out, struct error *err)
{
	const struct json *value = NULL;
	auto_text canonical = {0};

	if (json_find_object(object, key, &value, err) < 0)
		return false;
	if (value) {
		json_write(value, &canonical);
		*out = arena_strdup(a, text_str(&canonical));
	}
	return true;
}

static bool parse_field(const struct json *object, const struct field *f, struct image_config *c,
			struct error *err)
{
	switch (f->kind) {
	case FIELD_TEXT:
		return member_text_parse(object, f->key, &c->arena, text_of(c, f), err);
	case FIELD_JSON:
		return parse_object(object, f->key, &c->arena, text_of(c, f), err);
	case FIELD_LIST:
		return parse_list(object, f->key, list_of(c, f), err);
	case FIELD_MAP:
		return member_map_parse(object, f->key, list_of(c, f), err);
	case FIELD_SET:
		return parse_set(object, f->key, list_of(c, f), err);
	}
	return true;
}

static bool parse_rootfs(const struct json *j, struct image_config *c, struct error *err)
{
	const struct json *rootfs = NULL;
	const struct json *list = NULL;
	const char *type = NULL;

	if (!json_get_object(j, "rootfs", &rootfs, err) ||
	    json_find_text(rootfs, "type", &type, err) < 0 ||
	    json_find_list(rootfs, "diff_ids", &list, err) < 0)
		return false;
	if (type && strcmp(type, "layers") != 0)
		return fail(err, ERROR_SPEC, "rootfs type '%s' is not 'layers'", type);
	if (json_count(list) > OCI_LAYERS_LIMIT)
		return fail(err, ERROR_SPEC, "%zu layers are more than the limit of %d",
			    json_count(list), OCI_LAYERS_LIMIT);
	c->diff_ids = arena_alloc(&c->arena, json_count(list) * sizeof(*c->diff_ids));
	for (; c->n_diff_ids < json_count(list); c->n_diff_ids++) {
		const struct json *diff_id = json_at(list, c->n_diff_ids);

		if (!json_expect(diff_id, JSON_KIND_TEXT, "diff_ids", err) ||
		    !digest_parse(json_text(diff_id), &c->diff_ids[c->n_diff_ids], err))
			return fail_in(err, "diff_id %zu", c->n_diff_ids + 1);
	}
	return true;
}

static bool parse_history(const struct json *j, struct image_config *c, struct error *err)
{
	const struct json *list = NULL;

	if (json_find_list(j, "history", &list, err) < 0)
		return false;
	c->history = arena_alloc(&c->arena, json_count(list) * sizeof(*c->history));
	for (size_t i = 0; i < json_count(list); i++) {
		const struct json *line = json_at(list, i);
		struct history *h = &c->history[c->n_history++];

		if (!json_expect(line, JSON_KIND_OBJECT, "history", err) ||
		    !member_text_parse(line, "created", &c->arena, &h->created, err) ||
		    !member_text_parse(line, "created_by", &c->arena, &h->created_by, err) ||
		    !member_text_parse(line, "author", &c->arena, &h->author, err) ||
		    !member_text_parse(line, "comment", &c->arena, &h->comment, err) ||
		    json_find_bool(line, "empty_layer", &h->is_empty_layer, err) < 0)
			return fail_in(err, "history %zu", i + 1);
	}
	return true;
}

static bool parse(const struct json *j, struct image_config *c, struct error *err)
{
	const struct json *config = NULL;

	if (!json_expect(j, JSON_KIND_OBJECT, "config", err) ||
	    json_find_object(j, "config", &config, err) < 0)
		return false;
	for (size_t i = 0; i < array_len(outer_fields); i++)
		if (!parse_field(j, &outer_fields[i], c, err))
			return false;
	for (size_t i = 0; config && i < array_len(inner_fields); i++)
		if (!parse_field(config, &inner_fields[i], c, err))
			return fail_in(err, "config");
	if (!parse_rootfs(j, c, err) || !parse_history(j, c, err))
		return false;
	c->unknown = others_parse(j, outer_known, &c->arena);
	if (config)
		c->unknown_config = others_parse(config, inner_known, &c->arena);
	return true;
}

bool image_config_parse(const void *bytes, size_t len, struct image_config *out, struct error *err)
{
	auto_json struct json *j = NULL;
	auto_image_config c = {0};

	if (!json_parse(bytes, len, OCI_CONFIG_LIMIT, &j, err) || !parse(j, &c, err)) {
		err->code = ERROR_BUILD;
		return fail_in(err, "invalid image config");
	}
	*out = c;
	c = (struct image_config){0};
	return true;
}

static void format_list(struct text *out, const char *key, const struct strings *list)
{
	if (list->n == 0)
		return;
	member_begin(out, key);
	for (size_t i = 0; i < list->n; i++) {
		text_add_char(out, i ? ',' : '[');
		text_add_json(out, list->items[i]);
	}
	text_add_char(out, ']');
}

static void format_field(struct text *out, const struct image_config *c, const struct field *f)
{
	switch (f->kind) {
	case FIELD_TEXT:
		member_text(out, f->key, text_in(c, f));
		break;
	case FIELD_JSON:
		if (text_in(c, f)) {
			member_begin(out, f->key);
			text_add(out, text_in(c, f));
		}
		break;
	case FIELD_LIST:
		format_list(out, f->key, list_in(c, f));
		break;
	case FIELD_MAP:
	case FIELD_SET:
		member_map(out, f->key, list_in(c, f), f->kind == FIELD_SET);
		break;
	}
}

static void format_history(struct text *out, const struct image_config *c)
{
	if (c->n_history == 0)
		return;
	member_begin(out, "history");
	for (size_t i = 0; i < c->n_history; i++) {
		const struct history *h = &c->history[i];

		text_add(out, i ? ",{" : "[{");
		member_text(out, "created", h->created);
		member_text(out, "created_by", h->created_by);
		member_text(out, "author", h->author);
		member_text(out, "comment", h->comment);
		if (h->is_empty_layer) {
			member_begin(out, "empty_layer");
			text_add(out, "true");
		}
		text_add_char(out, '}');
	}
	text_add_char(out, ']');
}

void image_config_format(const struct image_config *c, struct text *out)
{
	auto_text inner = {0};

	text_add_char(out, '{');
	for (size_t i = 0; i < array_len(outer_fields); i++)
		format_field(out, c, &outer_fields[i]);
	text_add_char(&inner, '{');
	for (size_t i = 0; i < array_len(inner_fields); i++)
		format_field(&inner, c, &inner_fields[i]);
	member_others(&inner, c->unknown_config);
	if (inner.len > 1) {
		member_begin(out, "config");
		text_addf(out, "%s}", text_str(&inner));
	}
	member_begin(out, "rootfs");
	text_add(out, "{\"type\":\"layers\",\"diff_ids\":[");
	for (size_t i = 0; i < c->n_diff_ids; i++)
		text_addf(out, "%s\"%s\"", i ? "," : "", c->diff_ids[i].text);
	text_add(out, "]}");
	format_history(out, c);
	member_others(out, c->unknown);
	text_add_char(out, '}');
}
