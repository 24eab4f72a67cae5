/* SPDX-License-Identifier: MIT */
#include "lib/oci/oci.h"

#include "lib/oci/oci_internal.h"

#include <string.h>

void manifest_release(struct manifest *m)
{
	strings_release(&m->annotations);
	arena_release(&m->arena);
	*m = (struct manifest){0};
}

/* What kind of document it says it is. */
static bool check_type(const struct json *j, struct error *err)
{
	const char *type = NULL;
	int64_t version = 0;

	if (!json_expect(j, JSON_KIND_OBJECT, "manifest", err) ||
	    !json_get_integer(j, "schemaVersion", &version, err) ||
	    json_find_text(j, "mediaType", &type, err) < 0)
		return false;
	if (version != 2)
		return fail(err, ERROR_SPEC, "schema version %lld is not supported, only 2",
			    (long long)version);
	if (type && strcmp(type, OCI_TYPE_MANIFEST) != 0 && strcmp(type, DOCKER_TYPE_MANIFEST) != 0)
		return fail(err, ERROR_SPEC, "'%s' is not an image manifest", type);
	/* a document that could be read in two ways is refused, as the specification advises */
	if (json_find(j, "manifests"))
		return fail(err, ERROR_SPEC, "it is an index, not an image manifest");
	return true;
}

static bool parse(const struct json *j, struct manifest *m, struct error *err)
{
	const struct json *config = NULL;
	const struct json *layers = NULL;

	if (!check_type(j, err) || !json_get_object(j, "config", &config, err) ||
	    !json_get_list(j, "layers", &layers, err))
		return false;
	if (!descriptor_parse(config, &m->arena, &m->config, err))
		return fail_in(err, "config");
	if (json_count(layers) > OCI_LAYERS_LIMIT)
		return fail(err, ERROR_SPEC, "%zu layers are more than the limit of %d",
			    json_count(layers), OCI_LAYERS_LIMIT);
	m->layers = arena_alloc(&m->arena, json_count(layers) * sizeof(*m->layers));
	for (; m->n_layers < json_count(layers); m->n_layers++)
		if (!descriptor_parse(json_at(layers, m->n_layers), &m->arena,
				      &m->layers[m->n_layers], err))
			return fail_in(err, "layer %zu", m->n_layers + 1);
	return member_map_parse(j, "annotations", &m->annotations, err);
}

bool manifest_parse(const void *bytes, size_t len, struct manifest *out, struct error *err)
{
	auto_json struct json *j = NULL;
	auto_manifest m = {0};

	if (!json_parse(bytes, len, OCI_MANIFEST_LIMIT, &j, err) || !parse(j, &m, err)) {
		err->code = ERROR_BUILD;
		return fail_in(err, "invalid image manifest");
	}
	*out = m;
	m = (struct manifest){0};
	return true;
}

void manifest_format(const struct manifest *m, struct text *out)
{
	text_add(out, "{\"schemaVersion\":2,\"mediaType\":\"" OCI_TYPE_MANIFEST "\",\"config\":{");
	descriptor_format(&m->config, out);
	text_add(out, "},\"layers\":[");
	for (size_t i = 0; i < m->n_layers; i++) {
		text_add(out, i ? ",{" : "{");
		descriptor_format(&m->layers[i], out);
		text_add_char(out, '}');
	}
	text_add_char(out, ']');
	member_map(out, "annotations", &m->annotations, false);
	text_add_char(out, '}');
}

void manifest_add_layer(struct manifest *m, const struct descriptor *layer)
{
	struct descriptor *more = arena_alloc(&m->arena, (m->n_layers + 1) * sizeof(*more));

	if (m->n_layers)
		memcpy(more, m->layers, m->n_layers * sizeof(*more));
	more[m->n_layers++] = descriptor_copy(layer, &m->arena);
	m->layers = more;
}
