/* SPDX-License-Identifier: MIT */
#include "lib/lower/codegen.h"

#include "lib/lower/codegen_internal.h"
#include "lib/python/head.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

/* The author may have called a handler `list` or `str`, hence the import of builtins. */
static const char imports[] =
	"def _chutes_build(user):\n"
	"    import inspect\n"
	"    from builtins import bool, float, int, list, str\n"
	"    from typing import Annotated, Any, Dict, Literal, Optional\n"
	"\n"
	"    from chutes.chute import Chute, NodeSelector\n"
	"    from fastapi import HTTPException\n"
	"    from pydantic import BaseModel, ConfigDict, Field, ValidationError\n"
	"\n"
	"    if \"chute\" in user:\n"
	"        raise RuntimeError(\"'chute' is the name of the generated object: rename yours\")\n";

/* Only for cords with an `input` map. */
static const char helpers[] =
	"\n"
	"    def checked(function, model):\n"
	"        # an empty body means all defaults\n"
	"        def read(body):\n"
	"            try:\n"
	"                return model.model_validate(body or {})\n"
	"            except ValidationError:\n"
	"                raise HTTPException(400, \"Invalid input parameters\") from None\n"
	"\n"
	"        if inspect.isasyncgenfunction(function):\n"
	"            async def cord(self, body=None):\n"
	"                async for item in function(self, read(body)):\n"
	"                    yield item\n"
	"        elif inspect.isgeneratorfunction(function):\n"
	"            def cord(self, body=None):\n"
	"                yield from function(self, read(body))\n"
	"        elif inspect.iscoroutinefunction(function):\n"
	"            async def cord(self, body=None):\n"
	"                return await function(self, read(body))\n"
	"        else:\n"
	"            def cord(self, body=None):\n"
	"                return function(self, read(body))\n"
	"        cord.__name__ = function.__name__\n"
	"        return cord\n"
	"\n"
	"    def described(model):\n"
	"        # the form in which schemas of a body are listed\n"
	"        schema = model.model_json_schema(ref_template=\"#/definitions/{model}\")\n"
	"        definitions = {model.__name__: schema, **schema.pop(\"$defs\", {})}\n"
	"        return {\n"
	"            \"type\": \"object\",\n"
	"            \"properties\": {\"input_args\": {\"$ref\": \"#/definitions/\" + model.__name__}},\n"
	"            \"required\": [\"input_args\"],\n"
	"            \"definitions\": definitions,\n"
	"        }\n";

static void add_text(struct text *out, const char *indent, const char *key, const char *value)
{
	text_addf(out, "%s%s=", indent, key);
	text_add_python(out, value);
	text_add(out, ",\n");
}

static void add_bool(struct text *out, const char *indent, const char *key, bool value)
{
	text_addf(out, "%s%s=%s,\n", indent, key, value ? "True" : "False");
}

static void add_integer(struct text *out, const char *indent, const char *key, int64_t value)
{
	text_addf(out, "%s%s=%" PRId64 ",\n", indent, key, value);
}

static void add_list(struct text *out, const char *key, const struct field_texts *values)
{
	if (values->n == 0)
		return;
	text_addf(out, ", %s=[", key);
	for (size_t i = 0; i < values->n; i++) {
		text_add(out, i ? ", " : "");
		text_add_python(out, values->items[i]);
	}
	text_add_char(out, ']');
}

void codegen_add_selector(struct text *out, const struct spec_node_selector *selector)
{
	text_addf(out, "NodeSelector(gpu_count=%" PRId64 ", min_vram_gb_per_gpu=%" PRId64,
		  selector->gpu_count, selector->min_vram_gb_per_gpu);
	if (selector->max_hourly_price_micro_usd)
		text_addf(out, ", max_hourly_price_per_gpu=%" PRId64 ".%06" PRId64,
			  selector->max_hourly_price_micro_usd / 1000000,
			  selector->max_hourly_price_micro_usd % 1000000);
	add_list(out, "include", &selector->include);
	add_list(out, "exclude", &selector->exclude);
	text_add_char(out, ')');
}

/* The author's own arguments of FastAPI. */
static bool add_app(struct text *out, const char *indent, const struct field_values *app,
		    struct error *err)
{
	for (size_t i = 0; i < app->n; i++) {
		text_addf(out, "%s**{", indent);
		text_add_python(out, app->items[i].name);
		text_add(out, ": ");
		if (!python_add_json(out, app->items[i].value, app->items[i].name, err))
			return false;
		text_add(out, "},\n");
	}
	return true;
}

static bool add_chute(struct text *out, const struct spec *spec, const struct codegen_names *names,
		      struct error *err)
{
	static const char *const lock_modules[] = {[LOCK_MODULES_UNSET] = "None",
						   [LOCK_MODULES_NO] = "False",
						   [LOCK_MODULES_YES] = "True"};
	static const char indent[] = "        ";

	text_add(out, "\n    chute = Chute(\n");
	add_text(out, indent, "username", names->username);
	add_text(out, indent, "name", spec->name);
	add_text(out, indent, "image", names->image);
	add_text(out, indent, "tagline", spec->tagline);
	add_text(out, indent, "readme", spec->readme.text);
	/* CPU only: the platform's class does not know that */
	if (spec->node_selector.gpu_count) {
		text_addf(out, "%snode_selector=", indent);
		codegen_add_selector(out, &spec->node_selector);
		text_add(out, ",\n");
	}
	add_integer(out, indent, "concurrency", spec->scaling.concurrency);
	add_integer(out, indent, "max_instances", spec->scaling.max_instances);
	text_addf(out, "%sscaling_threshold=%g,\n", indent, spec->scaling.threshold);
	add_integer(out, indent, "shutdown_after_seconds",
		    (int64_t)(spec->scaling.shutdown_after_ms / 1000));
	add_bool(out, indent, "allow_external_egress", spec->security.allow_external_egress);
	add_bool(out, indent, "encrypted_fs", spec->security.encrypted_fs);
	add_bool(out, indent, "tee", spec->security.tee);
	text_addf(out, "%slock_modules=%s,\n", indent, lock_modules[spec->security.lock_modules]);
	if (!add_app(out, indent, &spec->handlers.app, err))
		return false;
	text_add(out, "    )\n");
	return true;
}

static void add_hooks(struct text *out, const char *event, const struct spec_hooks *hooks)
{
	for (size_t i = 0; i < hooks->n; i++) {
		text_addf(out, "    chute.%s(priority=%" PRId64 ")(user[", event,
			  hooks->items[i].priority);
		text_add_python(out, hooks->items[i].call);
		text_add(out, "])\n");
	}
}

/* "say_hello" and "Input" → "SayHelloInput". */
static void add_class_name(struct text *out, const char *function, const char *suffix)
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

/* The arguments that a cord of an upstream server has, in the form that takes any path. */
static void add_forward(struct text *out, const struct spec_cord *cord)
{
	if (!cord->forward.path)
		return;
	add_bool(out, "        ", "passthrough", true);
	add_text(out, "        ", "method", cord->forward.method);
	if (cord->port)
		add_integer(out, "        ", "passthrough_port", cord->port);
	if (cord->timeout_ms)
		text_addf(out, "        timeout=%" PRIu64 ".%03" PRIu64 ",\n",
			  cord->timeout_ms / 1000, cord->timeout_ms % 1000);
}

static bool add_input(struct text *out, struct text *arguments, const struct spec_cord *cord,
		      struct text *model, struct error *err)
{
	if (cord->input.kind == INPUT_FIELDS) {
		add_class_name(model, cord->function, "Input");
		text_addf(arguments, "        input_schema=described(%s),\n", text_str(model));
		if (!codegen_classes(out, text_str(model), &cord->input.fields, err))
			return false;
	}
	if (cord->minimal_input.kind == INPUT_FIELDS) {
		auto_text minimal = {0};

		add_class_name(&minimal, cord->function, "MinimalInput");
		text_addf(arguments, "        minimal_input_schema=described(%s),\n",
			  text_str(&minimal));
		if (!codegen_classes(out, text_str(&minimal), &cord->minimal_input.fields, err))
			return false;
	}
	return true;
}

static bool add_cord(struct text *out, const struct spec_cord *cord, struct error *err)
{
	auto_text arguments = {0};
	auto_text model = {0};

	add_text(&arguments, "        ", "path", cord->path);
	if (cord->public_route.path) {
		add_text(&arguments, "        ", "public_api_path", cord->public_route.path);
		add_text(&arguments, "        ", "public_api_method", cord->public_route.method);
	}
	add_bool(&arguments, "        ", "stream", cord->is_stream);
	add_forward(&arguments, cord);
	if (!add_input(out, &arguments, cord, &model, err))
		return fail_in(err, "cord '%s'", cord->function);
	if (cord->output.content_type)
		add_text(&arguments, "        ", "output_content_type", cord->output.content_type);
	text_addf(out, "\n    cord = chute.cord(\n%s    )\n", text_str(&arguments));
	if (cord->forward.path) {
		text_add(out, "    cord._passthrough_path = ");
		text_add_python(out, cord->forward.path);
		text_add_char(out, '\n');
	}
	text_add(out, model.len ? "    cord(checked(user[" : "    cord(user[");
	text_add_python(out, cord->function);
	if (model.len)
		text_addf(out, "], %s))\n", text_str(&model));
	else
		text_add(out, "])\n");
	return true;
}

void codegen_add_banner(struct text *out, const struct spec *spec,
			const struct codegen_names *names)
{
	text_addf(out,
		  "# ---- generated by chutes %s from chute.yaml sha256:%s ; do not edit ----\n",
		  names->version, spec->sha256);
}

void codegen_add_env(struct text *out, const struct field_pairs *env)
{
	text_add(out, "import os as _chutes_os; _chutes_os.environ.update({");
	for (size_t i = 0; i < env->n; i++) {
		text_add(out, i ? ", " : "");
		text_add_python(out, env->items[i].name);
		text_add(out, ": ");
		text_add_python(out, env->items[i].value);
	}
	text_add(out, "})  # generated from env in chute.yaml\n");
}

static void add_user_code(struct text *out, const struct spec *spec, const struct text *user_code)
{
	size_t head = spec->env.n ? python_head_length(text_str(user_code), user_code->len) : 0;

	text_add_bytes(out, text_str(user_code), head);
	if (head && head == user_code->len && user_code->bytes[head - 1] != '\n')
		text_add_char(out, '\n');
	if (spec->env.n)
		codegen_add_env(out, &spec->env);
	text_add_bytes(out, text_str(user_code) + head, user_code->len - head);
	if (out->len && out->bytes[out->len - 1] != '\n')
		text_add_char(out, '\n');
}

static bool has_fields(const struct spec *spec)
{
	for (size_t i = 0; i < spec->cords.n; i++)
		if (spec->cords.items[i].input.kind == INPUT_FIELDS ||
		    spec->cords.items[i].minimal_input.kind == INPUT_FIELDS)
			return true;
	return false;
}

bool codegen_module(const struct spec *spec, const struct text *user_code,
		    const struct codegen_names *names, struct text *out, struct error *err)
{
	auto_text module = {0};

	add_user_code(&module, spec, user_code);
	text_add(&module, "\n\n");
	codegen_add_banner(&module, spec, names);
	text_add(&module, imports);
	if (has_fields(spec))
		text_add(&module, helpers);
	if (!add_chute(&module, spec, names, err))
		return false;
	if (spec->handlers.configure) {
		text_add(&module, "    user[");
		text_add_python(&module, spec->handlers.configure);
		text_add(&module, "](chute)\n");
	}
	add_hooks(&module, "on_startup", &spec->handlers.startup);
	add_hooks(&module, "on_shutdown", &spec->handlers.shutdown);
	for (size_t i = 0; i < spec->cords.n; i++)
		if (!add_cord(&module, &spec->cords.items[i], err))
			return false;
	text_add(&module, "\n    return chute\n\n\nchute = _chutes_build(globals())\n");
	text_add_bytes(out, text_str(&module), module.len);
	return true;
}
