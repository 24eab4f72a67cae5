/* SPDX-License-Identifier: MIT
 * Rules of cords and tests: names, routes, ports, examples.
 */
#include "lib/spec/spec_internal.h"

#include <string.h>

static bool is_same(const char *a, const char *b) { return a && b && strcmp(a, b) == 0; }

/* Ports of the runtime itself. */
static bool is_taken(int64_t port) { return (port >= 8000 && port <= 8002) || port == 2202; }

static void check_port(struct spec_checker *c, const char *key, int64_t port, struct place place)
{
	if (is_taken(port))
		finding_hint(field_finding(&c->reader, "E202", place,
					   "'%s' is %lld, which the runtime itself uses", key,
					   (long long)port),
			     "choose another port; 8000, 8001, 8002 and 2202 are taken");
}

static void check_ports(struct spec_checker *c)
{
	const struct spec *spec = c->spec;
	const struct yaml_node *server = yaml_find(spec->root, "server");
	const struct yaml_node *port = yaml_find(yaml_find(spec->root, "dev"), "port");

	if (server)
		check_port(c, "port", spec->server.port, spec_value_place(server, "port"));
	if (!server || !port || spec->dev.port == 0)
		return;
	if (spec->dev.port == spec->server.port)
		finding_hint(field_finding(&c->reader, "E202", port->place,
					   "dev.port and server.port are both %lld",
					   (long long)spec->dev.port),
			     "the chute answers at dev.port, its process at server.port");
}

/* Language models have pairs: one route that streams or not, as the request says. */
static bool is_stream_pair(const struct spec_cord *a, const struct spec_cord *b)
{
	return a->is_stream != b->is_stream;
}

/* One cord against those before it. */
static void check_unique(struct spec_checker *c, size_t index)
{
	const struct spec_cord *cord = &c->spec->cords.items[index];

	for (size_t i = 0; i < index; i++) {
		const struct spec_cord *other = &c->spec->cords.items[i];
		size_t line = other->place.line;

		if (is_same(cord->function, other->function))
			field_finding(&c->reader, "E203", cord->place,
				      "a second cord for '%s'; the first is in line %zu",
				      cord->function, line);
		else if (is_same(cord->path, other->path))
			field_finding(&c->reader, "E203", cord->place,
				      "a second cord at '%s'; the first is in line %zu", cord->path,
				      line);
		if (is_same(cord->public_route.path, other->public_route.path) &&
		    is_same(cord->public_route.method, other->public_route.method) &&
		    !is_stream_pair(cord, other))
			field_finding(&c->reader, "E203", cord->place,
				      "a second cord at '%s %s'; the first is in line %zu",
				      cord->public_route.method, cord->public_route.path, line);
	}
}

/* A key that says something about the process behind the cord. */
static void check_needs_forward(struct spec_checker *c, const struct spec_cord *cord,
				const char *key, bool is_set)
{
	if (is_set)
		finding_hint(field_finding(&c->reader, "E210", spec_value_place(cord->node, key),
					   "'%s' means nothing without 'forward'", key),
			     "remove it");
}

static void check_no_forward(struct spec_checker *c, const struct spec_cord *cord)
{
	if (c->spec->mode == SPEC_SERVER)
		finding_hint(field_finding(&c->reader, "E208", cord->place,
					   "a cord of a server needs 'forward'"),
			     "say where it goes: forward: POST /path");
	else
		check_needs_forward(c, cord, "port", cord->port != 0);
	check_needs_forward(c, cord, "timeout", cord->timeout_ms != 0);
	check_needs_forward(c, cord, "abort_on_disconnect", cord->abort_on_disconnect);
}

static void check_forward(struct spec_checker *c, const struct spec_cord *cord)
{
	if (!yaml_find(cord->node, "forward"))
		check_no_forward(c, cord);
	if (!cord->forward.path)
		return;
	if (c->spec->mode == SPEC_HANDLERS && !yaml_find(cord->node, "port"))
		finding_hint(field_finding(&c->reader, "E208", cord->place,
					   "'forward' needs 'port': no 'server' says where to"),
			     "add 'port', or remove 'forward'");
	if (yaml_find(cord->node, "port"))
		check_port(c, "port", cord->port, spec_value_place(cord->node, "port"));
	if (!field_matches(SPEC_PATTERN_ROUTE, cord->forward.path))
		field_finding(&c->reader, "W304", spec_value_place(cord->node, "forward"),
			      "the path '%s' is outside of what the SDK takes", cord->forward.path);
}

/* What aiohttp.ClientSession() takes and JSON can say. */
static void check_session(struct spec_checker *c, const struct spec_cord *cord)
{
	static const char *const known[] = {
		"auto_decompress",   "cookies",       "headers",
		"max_field_size",    "max_line_size", "proxy",
		"raise_for_status",  "read_bufsize",  "requote_redirect_url",
		"skip_auto_headers", "trust_env",     NULL};

	spec_check_known(c, &cord->session, "session", known,
			 "it must be an argument of aiohttp.ClientSession()");
}

static void check_output(struct spec_checker *c, const struct spec_cord *cord)
{
	const struct spec_output *output = &cord->output;
	const struct yaml_pair *model = yaml_find_pair(yaml_find(cord->node, "output"), "model");

	if (model && output->schema_file)
		finding_hint(field_finding(&c->reader, "E210", model->key_place,
					   "'model' stands beside 'schema'"),
			     "keep one of the two");
	if (model && c->spec->mode != SPEC_HANDLERS)
		finding_hint(
			field_finding(&c->reader, "E210", model->key_place,
				      "'model' is a class of handlers.file, and there is none"),
			"name a file with 'schema'");
}

static void check_cord(struct spec_checker *c, const struct spec_cord *cord)
{
	if (cord->path && !field_matches(SPEC_PATTERN_PATH, cord->path))
		finding_hint(field_finding(&c->reader, "E114", cord->place, "'%s' cannot be a path",
					   cord->path),
			     "add 'path', in lower-case letters, digits and '_'");
	check_forward(c, cord);
	check_session(c, cord);
	spec_check_whole_seconds(c, cord->node, "provision_timeout", cord->provision_timeout_ms);
	check_output(c, cord);
	spec_check_input(c, cord);
}

static const struct spec_cord *find_cord(const struct spec *spec, const char *function)
{
	for (size_t i = 0; i < spec->cords.n; i++)
		if (is_same(spec->cords.items[i].function, function))
			return &spec->cords.items[i];
	return NULL;
}

const struct spec_job *spec_find_job(const struct spec *spec, const char *function)
{
	for (size_t i = 0; i < spec->jobs.n; i++)
		if (is_same(spec->jobs.items[i].function, function))
			return &spec->jobs.items[i];
	return NULL;
}

static void check_test_input(struct spec_checker *c, const struct spec_test *test,
			     const struct field_schemas *fields)
{
	spec_check_value(c, fields, test->input_json ? test->input_json : "{}",
			 spec_value_place(test->node, "input"), "input");
}

static void check_test(struct spec_checker *c, size_t index)
{
	const struct spec_test *test = &c->spec->tests.items[index];
	const struct spec_cord *cord = find_cord(c->spec, test->cord);
	const struct spec_job *job = spec_find_job(c->spec, test->cord);

	for (size_t i = 0; i < index; i++)
		if (is_same(c->spec->tests.items[i].name, test->name))
			field_finding(&c->reader, "E211", test->place,
				      "a second test called '%s'; the first is in line %zu",
				      test->name, c->spec->tests.items[i].place.line);
	/* cords of a template and of a module are not in the spec */
	bool is_elsewhere = c->spec->mode == SPEC_TEMPLATE || c->spec->cords.is_imported;

	if (!cord && !job && test->cord && !is_elsewhere)
		field_finding(&c->reader, "E205", spec_value_place(test->node, "cord"),
			      "no %s is called '%s'", c->spec->jobs.n ? "job" : "cord", test->cord);
	/* a test of a refusal sends what does not fit */
	if (cord && cord->input.kind == INPUT_FIELDS && test->expect.status < 400)
		check_test_input(c, test, &cord->input.fields);
	if (job && job->args.n > 0)
		check_test_input(c, test, &job->args);
}

void spec_check_cords(struct spec_checker *c)
{
	check_ports(c);
	for (size_t i = 0; i < c->spec->cords.n; i++) {
		check_unique(c, i);
		check_cord(c, &c->spec->cords.items[i]);
	}
	for (size_t i = 0; i < c->spec->tests.n; i++)
		check_test(c, i);
}
