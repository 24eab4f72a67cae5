/* SPDX-License-Identifier: MIT
 * Rules of jobs: what runs, names, ports, arguments.
 */
#include "lib/spec/spec_internal.h"

#include <string.h>

enum { FIRST_FREE_PORT = 8002 };

/* Where the function is, or that there is none. */
static void check_target(struct spec_checker *c, const struct spec_job *job)
{
	bool has_code = c->spec->mode == SPEC_PYTHON || yaml_find(c->spec->root, "handlers");
	const struct yaml_pair *command = yaml_find_pair(job->node, "command");

	if (!job->function)
		return;
	if (!command && !has_code)
		finding_hint(field_finding(&c->reader, "E201", job->place,
					   "the job '%s' is a function, and no 'handlers' says in "
					   "which file",
					   job->function),
			     "add 'handlers: {file: app.py}', or give the job a 'command'");
	if (command && c->spec->mode == SPEC_PYTHON)
		finding_hint(field_finding(&c->reader, "E210", command->key_place,
					   "'command' cannot be added to a module that is sent as "
					   "it is"),
			     "remove it");
}

static void check_port(struct spec_checker *c, const struct spec_job *job, size_t index)
{
	const struct spec_port *port = &job->ports.items[index];

	if (port->port > SPEC_SSH_PORT && port->port < FIRST_FREE_PORT)
		field_finding(&c->reader, "E113", port->place,
			      "'port' is %lld; it must be %d, or at least %d",
			      (long long)port->port, SPEC_SSH_PORT, FIRST_FREE_PORT);
	for (size_t i = 0; i < index; i++) {
		const struct spec_port *other = &job->ports.items[i];

		if (port->name && other->name && strcmp(port->name, other->name) == 0)
			field_finding(&c->reader, "E211", port->place, "a second port called '%s'",
				      port->name);
		if (port->port != 0 && port->port == other->port)
			field_finding(&c->reader, "E202", port->place,
				      "the ports '%s' and '%s' are both %lld", other->name,
				      port->name, (long long)port->port);
	}
	if (job->ssh && port->port == SPEC_SSH_PORT)
		finding_hint(field_finding(&c->reader, "E202", port->place,
					   "%d is the port of ssh, which 'ssh: true' adds",
					   SPEC_SSH_PORT),
			     "remove one of the two");
	else if (job->ssh && port->name && strcmp(port->name, "ssh") == 0)
		finding_hint(field_finding(&c->reader, "E211", port->place,
					   "'ssh: true' adds a port called 'ssh'"),
			     "choose another name");
}

static void check_job(struct spec_checker *c, size_t index)
{
	const struct spec_job *job = &c->spec->jobs.items[index];

	for (size_t i = 0; i < index; i++) {
		const struct spec_job *other = &c->spec->jobs.items[i];

		if (job->function && other->function && strcmp(job->function, other->function) == 0)
			field_finding(&c->reader, "E211", job->place,
				      "a second job called '%s'; the first is in line %zu",
				      job->function, other->place.line);
	}
	check_target(c, job);
	spec_check_whole_seconds(c, job->node, "timeout", job->timeout_ms);
	for (size_t i = 0; i < job->ports.n; i++)
		check_port(c, job, i);
	spec_check_schemas(c, &job->args);
}

/* `dev.job_args` is for whichever job is run: it is compared where only one has fields. */
static void check_job_args(struct spec_checker *c)
{
	const struct spec_jobs *jobs = &c->spec->jobs;
	const struct yaml_node *dev = yaml_find(c->spec->root, "dev");
	const struct yaml_pair *args = yaml_find_pair(dev, "job_args");
	const struct spec_job *with_fields = NULL;
	size_t n = 0;
	auto_text json = {0};

	if (!args)
		return;
	if (!yaml_find(c->spec->root, "jobs"))
		finding_hint(field_finding(&c->reader, "E210", args->key_place,
					   "'job_args' means nothing without 'jobs'"),
			     "remove it");
	for (size_t i = 0; i < jobs->n; i++) {
		if (jobs->items[i].args.n == 0)
			continue;
		with_fields = &jobs->items[i];
		n++;
	}
	const struct field_values *values = &c->spec->dev.job_args;

	/* an entry that could not be read has its own finding */
	if (n != 1 || args->value->kind != YAML_MAPPING || values->n != args->value->n)
		return;
	text_add_char(&json, '{');
	for (size_t i = 0; i < values->n; i++) {
		text_add(&json, i ? "," : "");
		text_add_json(&json, values->items[i].name);
		text_addf(&json, ":%s", values->items[i].value);
	}
	text_add_char(&json, '}');
	spec_check_value(c, &with_fields->args, text_str(&json), args->value->place, "job_args");
}

void spec_check_jobs(struct spec_checker *c)
{
	for (size_t i = 0; i < c->spec->jobs.n; i++)
		check_job(c, i);
	check_job_args(c);
}
