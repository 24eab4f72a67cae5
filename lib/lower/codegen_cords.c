/* SPDX-License-Identifier: MIT
 * Cords: functions of the author, or routes that are handed on to a server.
 */
#include "lib/lower/codegen_internal.h"

#include <ctype.h>
#include <string.h>

void codegen_add_class_name(struct text *out, const char *function, const char *suffix)
{
	const char *c = function + strspn(function, "_");
	bool is_start = true;

	if (!isalpha((unsigned char)*c)) /* "_1" */
		text_add(out, "Cord");
	for (; *c; c++) {
		char letter = *c;

		if (is_start)
			letter = ascii_upper(letter);
		is_start = letter == '_';
		if (!is_start)
			text_add_char(out, letter);
	}
	text_add(out, suffix);
}

/* Does the SDK take it as an argument, and leave it as it is? */
static bool is_plain_path(const char *path)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_";

	if (*path != '/')
		return false;
	while (*path == '/') {
		path++;
		if (!*path || !strchr(letters, *path))
			return false;
		path += strspn(path, "abcdefghijklmnopqrstuvwxyz0123456789_-");
	}
	return !*path;
}

static void add_forward(struct text *out, const struct spec *spec, const struct spec_cord *cord)
{
	int64_t port = cord->port ? cord->port : spec->server.port;

	argument_bool(out, "passthrough", true);
	argument_text(out, "method", cord->forward.method);
	if (is_plain_path(cord->forward.path))
		argument_text(out, "passthrough_path", cord->forward.path);
	if (port)
		argument_integer(out, "passthrough_port", port);
	if (cord->abort_on_disconnect)
		argument_bool(out, "sglang_passthrough", true);
	if (cord->timeout_ms) {
		text_add(out, "        timeout=");
		python_add_real(out, (double)cord->timeout_ms / 1000);
		text_add(out, ",\n");
	}
}

/* What the platform's SDK does not take as arguments. */
static void add_attributes(struct text *out, const struct spec_cord *cord)
{
	if (!cord->forward.path)
		return;
	if (!is_plain_path(cord->forward.path)) {
		text_add(out, "    cord._passthrough_path = ");
		text_add_python(out, cord->forward.path);
		text_add_char(out, '\n');
	}
	if (cord->timeout_ms && !cord->abort_on_disconnect) {
		text_add(out, "    limit(cord, ");
		python_add_real(out, (double)cord->timeout_ms / 1000);
		text_add(out, ")\n");
	}
}

/* One of `input` and `minimal_input`, as argument `key`. The class that it needs goes to `out`,
 * an expression for it to `model`. */
static bool add_input(struct text *out, struct text *arguments, const struct spec_cord *cord,
		      const struct spec_input *input, bool is_minimal, struct text *model,
		      struct error *err)
{
	const char *key = is_minimal ? "minimal_input_schema" : "input_schema";

	switch (input->kind) {
	case INPUT_NONE:
		return true;
	case INPUT_FIELDS:
		codegen_add_class_name(model, cord->function,
				       is_minimal ? "MinimalInput" : "Input");
		if (!codegen_classes(out, text_str(model), &input->fields, err))
			return false;
		break;
	case INPUT_MODEL:
		text_add(model, "user[");
		text_add_python(model, input->model);
		text_add_char(model, ']');
		break;
	case INPUT_SCHEMA:
		if (!input->schema_json)
			return fail(err, ERROR_SPEC, "'%s' has not been read", input->schema_file);
		text_addf(arguments, "        %s=", key);
		if (!python_add_json(arguments, input->schema_json, input->schema_file, err))
			return false;
		text_add(arguments, ",\n");
		return true;
	}
	text_addf(arguments, "        %s=described(%s),\n", key, text_str(model));
	return true;
}

static bool add_output(struct text *arguments, const struct spec_output *output, struct error *err)
{
	if (output->content_type)
		argument_text(arguments, "output_content_type", output->content_type);
	if (output->model) {
		text_add(arguments, "        output_schema=user[");
		text_add_python(arguments, output->model);
		text_add(arguments, "],\n");
	} else if (output->schema_json) {
		text_add(arguments, "        output_schema=");
		if (!python_add_json(arguments, output->schema_json, output->schema_file, err))
			return false;
		text_add(arguments, ",\n");
	}
	return true;
}

static bool add_arguments(struct text *out, struct text *arguments, const struct spec *spec,
			  const struct spec_cord *cord, struct text *model, struct error *err)
{
	enum { DEFAULT_PROVISION_MS = 180000 };
	auto_text minimal = {0};

	argument_text(arguments, "path", cord->path);
	if (cord->public_route.path) {
		argument_text(arguments, "public_api_path", cord->public_route.path);
		argument_text(arguments, "public_api_method", cord->public_route.method);
	}
	argument_bool(arguments, "stream", cord->is_stream);
	if (cord->forward.path)
		add_forward(arguments, spec, cord);
	if (cord->provision_timeout_ms && cord->provision_timeout_ms != DEFAULT_PROVISION_MS)
		argument_integer(arguments, "provision_timeout",
				 (int64_t)(cord->provision_timeout_ms / 1000));
	return add_input(out, arguments, cord, &cord->input, false, model, err) &&
	       add_input(out, arguments, cord, &cord->minimal_input, true, &minimal, err) &&
	       add_output(arguments, &cord->output, err) &&
	       argument_values(arguments, &cord->session, err);
}

/* A forwarded cord may have a function of the author, whose annotations describe it. */
static void add_function(struct text *out, const struct spec *spec, const struct spec_cord *cord)
{
	bool is_forwarded = cord->forward.path != NULL;

	if (spec->mode != SPEC_SERVER) {
		text_add(out, is_forwarded ? "user.get(" : "user[");
		text_add_python(out, cord->function);
		text_add(out, is_forwarded ? ") or " : "]");
	}
	if (is_forwarded) {
		text_add(out, "forwarded(");
		text_add_python(out, cord->function);
		text_add_char(out, ')');
	}
}

bool codegen_add_cord(struct text *out, const struct spec *spec, const struct spec_cord *cord,
		      struct error *err)
{
	auto_text arguments = {0};
	auto_text model = {0};

	if (!add_arguments(out, &arguments, spec, cord, &model, err))
		return fail_in(err, "cord '%s'", cord->function);
	text_addf(out, "\n    cord = chute.cord(\n%s    )\n", text_str(&arguments));
	add_attributes(out, cord);
	text_add(out, "    cord(");
	if (cord_is_checked(cord))
		text_add(out, "checked(");
	add_function(out, spec, cord);
	if (cord_is_checked(cord))
		text_addf(out, ", %s)", text_str(&model));
	text_add(out, ")\n");
	return true;
}
