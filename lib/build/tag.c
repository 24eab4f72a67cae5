/* SPDX-License-Identifier: MIT */
#include "lib/build/tag.h"

#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/build/context.h"
#include "lib/build/key.h"

#include <string.h>

/* What a step takes from the context; NULL: nothing. */
static const char *source_of(const struct spec_step *step)
{
	if (step->kind == STEP_PIP)
		return step->pip.requirements;
	if (step->kind == STEP_ADD && !strstr(step->add.source, "://"))
		return step->add.source;
	return NULL;
}

static bool add_source(struct key *k, struct context *c, const char *source,
		       const struct field_texts *exclude, struct error *err)
{
	auto_selection s = {0};

	if (!context_select(c, source, exclude->items, exclude->n, &s, err))
		return false;
	key_text(k, "source", source);
	key_text(k, "content", s.sha256);
	return true;
}

static bool add_context(struct key *k, const struct spec_image *image, struct context *c,
			struct error *err)
{
	static const struct field_texts nothing = {0};

	if (image->dockerfile)
		return add_source(k, c, ".", &nothing, err);
	for (size_t i = 0; i < image->steps.n; i++) {
		const struct spec_step *step = &image->steps.items[i];
		const char *source = source_of(step);
		const struct field_texts *exclude =
			step->kind == STEP_ADD ? &step->add.exclude : &nothing;

		if (source && !add_source(k, c, source, exclude, err))
			return false;
	}
	return true;
}

bool image_tag(const struct spec *spec, const struct text *dockerfile, char out[TAG_SIZE],
	       struct error *err)
{
	const struct spec_image *image = &spec->image;
	auto_free char *root = path_join(spec->directory, image->context.root);
	auto_free char *ignore = path_join(spec->directory, image->context.ignore);
	struct context_options o = {
		.root = root,
		.ignore_file = ignore,
		.include = (const char *const *)image->context.include.items,
		.n_include = image->context.include.n,
		.max_bytes = image->limits.context_bytes,
	};
	auto_context struct context *c = NULL;
	auto_key k = {0};
	char hex[KEY_HEX_SIZE];

	if (!context_open(&o, &c, err))
		return false;
	key_begin(&k, "hosted tag");
	key_bytes(&k, "dockerfile", text_str(dockerfile), dockerfile->len);
	if (!add_context(&k, image, c, err))
		return false;
	key_hex(&k, hex);
	memcpy(out, hex, TAG_DIGITS);
	out[TAG_DIGITS] = '\0';
	return true;
}
