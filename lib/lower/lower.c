/* SPDX-License-Identifier: MIT
 * The module of a chute with its names: what is uploaded, and what a server imports.
 */
#include "lib/lower/lower.h"

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/lower/codegen.h"
#include "lib/lower/lower_internal.h"

#include <string.h>

/* Where no file of the author gives a name. */
#define GENERATED_MODULE "chute"

void lowered_code_release(struct lowered_code *c)
{
	text_release(&c->code);
	free(c->filename);
	free(c->ref_str);
	*c = (struct lowered_code){0};
}

char *lower_image(const struct spec *spec, const struct lower_names *names)
{
	const struct spec_image *image = &spec->image;

	if (image->reference)
		return xstrdup(image->reference);
	return xprintf("%s/%s:%s", names->username, image->name,
		       strcmp(image->tag, "auto") == 0 ? names->tag : image->tag);
}

const char *lower_source_file(const struct spec *spec)
{
	switch (spec->mode) {
	case SPEC_HANDLERS:
		return spec->handlers.file;
	case SPEC_PYTHON:
		return spec->python.file;
	case SPEC_SERVER:
	case SPEC_TEMPLATE:
	case SPEC_COMMANDS:
		break;
	}
	return NULL;
}

/* "dir/app.py" → "app": the spec lets nothing pass that the platform would not import. */
static char *module_name(const char *file)
{
	const char *name = path_name(file);

	return xstrndup(name, strlen(name) - strlen(".py"));
}

static bool check_length(const struct text *code, const char *file, struct error *err)
{
	size_t n = utf8_count(text_str(code), code->len);

	if (n <= LOWER_CODE_MAX_CHARACTERS)
		return true;
	fail(err, ERROR_SPEC, "the code of the chute has %zu characters; the platform takes %d", n,
	     LOWER_CODE_MAX_CHARACTERS);
	return file ? fail_hint(err,
				"move parts of '%s' into modules that an 'add' step puts into "
				"the image",
				file)
		    : fail_hint(err, "shorten what the spec says at length, such as the readme");
}

bool lower_code(const struct spec *spec, const struct lower_names *names, struct lowered_code *out,
		struct error *err)
{
	const char *file = lower_source_file(spec);
	auto_free char *path = file ? path_join(spec->directory, file) : NULL;
	auto_free char *image = lower_image(spec, names);
	auto_free char *module = file ? module_name(file) : xstrdup(GENERATED_MODULE);
	const char *object = spec->mode == SPEC_PYTHON ? spec->python.object : "chute";
	struct codegen_names all = {names->version, names->username, image};
	auto_text user_code = {0};
	auto_text code = {0};

	if (path && !file_read(path, LOWER_FILE_MAX_BYTES, &user_code, err))
		return false;
	if (!codegen_module(spec, &user_code, &all, &code, err) || !check_length(&code, file, err))
		return false;
	*out = (struct lowered_code){.code = code,
				     .filename = xprintf("%s.py", module),
				     .ref_str = xprintf("%s:%s", module, object)};
	code = (struct text){0};
	return true;
}
