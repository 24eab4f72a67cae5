/* SPDX-License-Identifier: MIT
 * Hooks, cords and jobs of a Chute as `handlers`, `cords` and `jobs`.
 */
#include "lib/import/import_internal.h"

#include "lib/base/memory.h"

#include <string.h>

/* NULL when it is absent. */
static const char *text_of(const struct json *object, const char *key)
{
	const struct json *value = json_find(object, key);

	return value ? json_text(value) : NULL;
}

static bool is_true(const struct json *object, const char *key)
{
	const struct json *value = json_find(object, key);

	return value && json_kind(value) == JSON_KIND_BOOL && json_bool(value);
}

/* Arguments that the SDK hands on. A cord's timeout has a key of its own here. */
static void out_others(struct importer *m, int indent, const char *key, const struct json *others)
{
	const char *name;
	const struct json *value;
	void *position = NULL;
	bool has_key = false;

	while (json_next(others, &position, &name, &value)) {
		if (json_kind(value) == JSON_KIND_NULL || strcmp(name, "timeout") == 0)
			continue;
		if (!has_key)
			import_out_key(m, indent, key);
		has_key = true;
		import_out_value(m, indent + 2, name, value);
	}
}

/* --- hooks */

static void out_hooks(struct importer *m, const char *when)
{
	const struct json *hooks = json_find(m->chute, "hooks");
	struct text *out = &m->result->yaml;
	bool has_key = false;

	for (size_t i = 0; i < json_count(hooks); i++) {
		const struct json *hook = json_at(hooks, i);
		const struct json *priority = json_find(json_find(hook, "arguments"), "priority");
		const char *on = text_of(hook, "on");
		const char *function = text_of(hook, "function");

		if (!on || !function || strcmp(on, when) != 0)
			continue;
		if (!has_key)
			import_out_key(m, 2, when);
		has_key = true;
		text_add(out, "    - {call: ");
		import_flow_text(out, function);
		if (priority) {
			text_add(out, ", priority: ");
			json_write(priority, out);
		}
		text_add(out, "}\n");
	}
}

void import_out_handlers(struct importer *m)
{
	import_out_key(m, 0, "handlers");
	import_out_text(m, 2, "file", m->result->module_name);
	out_hooks(m, "startup");
	out_hooks(m, "shutdown");
	out_others(m, 2, "app", json_find(m->chute, "others"));
}

/* --- schemas */

/* "schemas/generate_input.json"; the name of a function is what the module says it is. */
static char *schema_file(const char *function, const char *key)
{
	char *name = xprintf("schemas/%s_%s.json", *function ? function : "cord", key);

	for (char *c = name + strlen("schemas/"); *c; c++)
		if (!(*c == '.' && strcmp(c, ".json") == 0) && *c != '_' &&
		    !((*c >= '0' && *c <= '9') ||
		      (ascii_lower(*c) >= 'a' && ascii_lower(*c) <= 'z')))
			*c = '_';
	return name;
}

/* A JSON Schema goes into a file of its own. */
static void out_schema_file(struct importer *m, int indent, const char *key, const char *function,
			    const struct json *schema)
{
	auto_free char *name = schema_file(function, key);
	auto_text text = {0};

	json_write(schema, &text);
	text_add_char(&text, '\n');
	import_add_file(m->result, name, text_str(&text));
	text_addf(&m->result->yaml, "%*s%s: {schema: ", indent, "", key);
	import_flow_text(&m->result->yaml, name);
	text_add(&m->result->yaml, "}\n");
}

static void out_model(struct importer *m, int indent, const char *key, const char *model)
{
	text_addf(&m->result->yaml, "%*s%s: {model: ", indent, "", key);
	import_flow_text(&m->result->yaml, model);
	text_add(&m->result->yaml, "}\n");
}

static void out_input(struct importer *m, const struct json *cord, const char *argument,
		      const char *key)
{
	const struct json *value = json_find(json_find(cord, "arguments"), argument);
	const char *model;

	if (!value)
		return;
	import_out_notes(m, 4);
	if (import_is_model(value, &model))
		out_model(m, 4, key, model);
	else if (json_kind(value) == JSON_KIND_OBJECT)
		out_schema_file(m, 4, key, import_text(cord, "function"), value);
}

static void out_output(struct importer *m, const struct json *cord)
{
	const struct json *arguments = json_find(cord, "arguments");
	const struct json *schema = json_find(arguments, "output_schema");
	const char *type = text_of(arguments, "output_content_type");
	const char *model;

	if (!schema && !type)
		return;
	import_out_key(m, 4, "output");
	if (type)
		import_out_text(m, 6, "content_type", type);
	if (schema && import_is_model(schema, &model)) {
		import_out_text(m, 6, "model", model);
	} else if (schema && json_kind(schema) == JSON_KIND_OBJECT) {
		auto_free char *name = schema_file(import_text(cord, "function"), "output");
		auto_text text = {0};

		json_write(schema, &text);
		text_add_char(&text, '\n');
		import_add_file(m->result, name, text_str(&text));
		import_out_text(m, 6, "schema", name);
	}
}

/* --- cords */

static void out_route(struct importer *m, const char *key, const char *method, const char *path)
{
	auto_free char *route = xprintf("%s %s%s", method, *path == '/' ? "" : "/", path);

	for (char *c = route; *c && *c != ' '; c++)
		*c = ascii_upper(*c);
	import_out_text(m, 4, key, route);
}

static void out_forward(struct importer *m, const struct json *cord)
{
	const struct json *arguments = json_find(cord, "arguments");
	const char *method = text_of(arguments, "method");
	const char *path = text_of(arguments, "passthrough_path");
	const struct json *port = json_find(arguments, "passthrough_port");

	if (!is_true(arguments, "passthrough")) {
		if (method)
			import_note(m, "W318", import_line(cord),
				    "'method=%s' of '%s' had no effect: it is for cords that pass "
				    "on",
				    method, import_text(cord, "function"));
		return;
	}
	out_route(m, "forward", method ? method : "POST",
		  path ? path : import_text(cord, "function"));
	if (port)
		import_out_value(m, 4, "port", port);
	else
		text_add(&m->result->yaml, "    port: 8000\n");
	import_out_value(m, 4, "timeout", json_find(arguments, "timeout"));
	if (is_true(arguments, "sglang_passthrough"))
		text_add(&m->result->yaml, "    abort_on_disconnect: true\n");
}

static void out_path(struct importer *m, const char *path)
{
	auto_free char *internal = xprintf("%s%s", *path == '/' ? "" : "/", path);

	import_out_text(m, 4, "path", internal);
}

static void out_cord(struct importer *m, const struct json *cord)
{
	const struct json *arguments = json_find(cord, "arguments");
	const char *function = import_text(cord, "function");
	const char *public = text_of(arguments, "public_api_path");
	const char *method = text_of(arguments, "public_api_method");
	const char *path = text_of(arguments, "path");

	import_out_notes(m, 2);
	text_add(&m->result->yaml, "  - function: ");
	import_flow_text(&m->result->yaml, function);
	text_add_char(&m->result->yaml, '\n');
	if (public)
		out_route(m, "public", method ? method : "POST", public);
	else
		import_note(m, "W318", import_line(cord),
			    "'%s' has no public_api_path: only the platform can call it", function);
	if (path && strcmp(path + (*path == '/'), function) != 0)
		out_path(m, path);
	if (is_true(arguments, "stream"))
		text_add(&m->result->yaml, "    stream: true\n");
	out_forward(m, cord);
	out_input(m, cord, "input_schema", "input");
	out_input(m, cord, "minimal_input_schema", "minimal_input");
	out_output(m, cord);
	import_out_value(m, 4, "provision_timeout", json_find(arguments, "provision_timeout"));
	out_others(m, 4, "session", json_find(cord, "others"));
}

void import_out_cords(struct importer *m)
{
	const struct json *cords = json_find(m->chute, "cords");

	if (json_count(cords) == 0)
		return;
	import_out_key(m, 0, "cords");
	for (size_t i = 0; i < json_count(cords); i++)
		out_cord(m, json_at(cords, i));
}

/* --- jobs */

static void out_ports(struct importer *m, const struct json *ports)
{
	if (json_count(ports) == 0)
		return;
	import_out_key(m, 4, "ports");
	for (size_t i = 0; i < json_count(ports); i++) {
		const struct json *port = json_at(ports, i);
		const struct json *made = json_find(port, "arguments"); /* Port(…), or a dict */

		text_add(&m->result->yaml, "      - ");
		import_flow(&m->result->yaml, made ? made : port);
		text_add_char(&m->result->yaml, '\n');
	}
}

void import_out_jobs(struct importer *m)
{
	const struct json *jobs = json_find(m->chute, "jobs");

	if (json_count(jobs) == 0)
		return;
	import_out_key(m, 0, "jobs");
	for (size_t i = 0; i < json_count(jobs); i++) {
		const struct json *job = json_at(jobs, i);
		const struct json *arguments = json_find(job, "arguments");

		import_out_notes(m, 2);
		text_add(&m->result->yaml, "  - function: ");
		import_flow_text(&m->result->yaml, import_text(job, "function"));
		text_add_char(&m->result->yaml, '\n');
		import_out_value(m, 4, "timeout", json_find(arguments, "timeout"));
		import_out_value(m, 4, "upload", json_find(arguments, "upload"));
		import_out_value(m, 4, "ssh", json_find(arguments, "ssh"));
		out_ports(m, json_find(arguments, "ports"));
	}
}
