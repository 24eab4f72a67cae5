/* SPDX-License-Identifier: MIT */
#include "lib/oci/oci.h"

#include "lib/base/memory.h"
#include "lib/oci/oci_internal.h"

#include <string.h>

void index_release(struct index *i)
{
	for (size_t k = 0; k < i->n_entries; k++)
		strings_release(&i->entries[k].annotations);
	free(i->entries);
	strings_release(&i->annotations);
	arena_release(&i->arena);
	*i = (struct index){0};
}

/* Empty, but in the list, so that index_release() finds what it owns. */
static struct index_entry *entry_new(struct index *i)
{
	i->entries = list_grow(i->entries, i->n_entries, &i->capacity, sizeof(*i->entries));
	i->entries[i->n_entries] = (struct index_entry){0};
	return &i->entries[i->n_entries++];
}

/* The name has a field of its own: take it out of the annotations. */
static void take_ref_name(struct index_entry *e, struct arena *a)
{
	struct strings others = {0};

	for (size_t i = 0; i < e->annotations.n; i++) {
		const char *line = e->annotations.items[i];

		if (text_starts_with(line, OCI_REF_NAME "="))
			e->ref_name = arena_strdup(a, line + strlen(OCI_REF_NAME "="));
		else
			strings_add(&others, line);
	}
	strings_release(&e->annotations);
	e->annotations = others;
}

static bool parse_entry(const struct json *j, struct index *i, struct error *err)
{
	static const char *const known[] = {"mediaType",   "digest",   "size", "urls",
					    "annotations", "platform", NULL};
	static const char *const known_platform[] = {"architecture", "os", "variant", NULL};
	struct index_entry *e = entry_new(i);
	const struct json *platform = NULL;

	if (!descriptor_parse(j, &i->arena, &e->descriptor, err) ||
	    !member_map_parse(j, "annotations", &e->annotations, err) ||
	    json_find_object(j, "platform", &platform, err) < 0)
		return false;
	if (platform &&
	    (!member_text_parse(platform, "architecture", &i->arena, &e->architecture, err) ||
	     !member_text_parse(platform, "os", &i->arena, &e->os, err) ||
	     !member_text_parse(platform, "variant", &i->arena, &e->variant, err)))
		return fail_in(err, "platform");
	if (platform)
		e->unknown_platform = others_parse(platform, known_platform, &i->arena);
	e->unknown = others_parse(j, known, &i->arena);
	take_ref_name(e, &i->arena);
	return true;
}

static bool parse(const struct json *j, struct index *i, struct error *err)
{
	const struct json *list = NULL;
	const char *type = NULL;
	int64_t version = 0;

	if (!json_expect(j, JSON_KIND_OBJECT, "index", err) ||
	    !json_get_integer(j, "schemaVersion", &version, err) ||
	    json_find_text(j, "mediaType", &type, err) < 0)
		return false;
	if (version != 2)
		return fail(err, ERROR_SPEC, "schema version %lld is not supported, only 2",
			    (long long)version);
	if (type && strcmp(type, OCI_TYPE_INDEX) != 0 && strcmp(type, DOCKER_TYPE_LIST) != 0)
		return fail(err, ERROR_SPEC, "'%s' is not an index", type);
	if (json_find(j, "layers") || json_find(j, "config"))
		return fail(err, ERROR_SPEC, "it is an image manifest, not an index");
	if (!json_get_list(j, "manifests", &list, err))
		return false;
	for (size_t k = 0; k < json_count(list); k++)
		if (!parse_entry(json_at(list, k), i, err))
			return fail_in(err, "entry %zu", k + 1);
	return member_map_parse(j, "annotations", &i->annotations, err);
}

bool index_parse(const void *bytes, size_t len, struct index *out, struct error *err)
{
	auto_json struct json *j = NULL;
	auto_index i = {0};

	if (!json_parse(bytes, len, OCI_MANIFEST_LIMIT, &j, err) || !parse(j, &i, err)) {
		err->code = ERROR_BUILD;
		return fail_in(err, "invalid image index");
	}
	*out = i;
	i = (struct index){0};
	return true;
}

static void format_entry(const struct index_entry *e, struct text *out)
{
	auto_strings annotations = {0};

	strings_add_all(&annotations, &e->annotations);
	if (e->ref_name)
		strings_env_set(&annotations, OCI_REF_NAME, e->ref_name);
	text_add_char(out, '{');
	descriptor_format(&e->descriptor, out);
	member_map(out, "annotations", &annotations, false);
	if (e->architecture || e->os || e->variant || e->unknown_platform) {
		member_begin(out, "platform");
		text_add_char(out, '{');
		member_text(out, "architecture", e->architecture);
		member_text(out, "os", e->os);
		member_text(out, "variant", e->variant);
		member_others(out, e->unknown_platform);
		text_add_char(out, '}');
	}
	member_others(out, e->unknown);
	text_add_char(out, '}');
}

void index_format(const struct index *i, struct text *out)
{
	text_add(out, "{\"schemaVersion\":2,\"mediaType\":\"" OCI_TYPE_INDEX "\",\"manifests\":[");
	for (size_t k = 0; k < i->n_entries; k++) {
		if (k > 0)
			text_add_char(out, ',');
		format_entry(&i->entries[k], out);
	}
	text_add_char(out, ']');
	member_map(out, "annotations", &i->annotations, false);
	text_add_char(out, '}');
}

void index_add(struct index *i, const struct index_entry *entry)
{
	struct index_entry *e = entry_new(i);

	e->descriptor = descriptor_copy(&entry->descriptor, &i->arena);
	e->ref_name = arena_text_or_null(&i->arena, entry->ref_name);
	strings_add_all(&e->annotations, &entry->annotations);
	e->architecture = arena_text_or_null(&i->arena, entry->architecture);
	e->os = arena_text_or_null(&i->arena, entry->os);
	e->variant = arena_text_or_null(&i->arena, entry->variant);
	e->unknown_platform = arena_text_or_null(&i->arena, entry->unknown_platform);
	e->unknown = arena_text_or_null(&i->arena, entry->unknown);
}

void index_remove(struct index *i, size_t position)
{
	strings_release(&i->entries[position].annotations);
	i->n_entries--;
	memmove(&i->entries[position], &i->entries[position + 1],
		(i->n_entries - position) * sizeof(*i->entries));
}

const char *platform_architecture(void)
{
#if defined(__x86_64__)
	return "amd64";
#elif defined(__aarch64__)
	return "arm64";
#elif defined(__riscv) && __riscv_xlen == 64
	return "riscv64";
#elif defined(__powerpc64__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return "ppc64le";
#elif defined(__s390x__)
	return "s390x";
#else
#error "which GOARCH is this?"
#endif
}

const struct index_entry *index_find_platform(const struct index *i, struct error *err)
{
	const char *architecture = platform_architecture();
	const struct index_entry *without = NULL;
	auto_text platforms = {0};

	for (size_t k = 0; k < i->n_entries; k++) {
		const struct index_entry *e = &i->entries[k];

		if (!e->os && !e->architecture) {
			without = i->n_entries == 1 ? e : NULL;
			continue;
		}
		if (e->os && e->architecture && strcmp(e->os, "linux") == 0 &&
		    strcmp(e->architecture, architecture) == 0)
			return e;
		text_addf(&platforms, "%s%s/%s", platforms.len ? ", " : "", e->os ? e->os : "",
			  e->architecture ? e->architecture : "");
	}
	if (!without)
		fail(err, ERROR_BUILD, "no image for linux/%s, only for %s", architecture,
		     platforms.len ? text_str(&platforms) : "nothing");
	return without;
}
