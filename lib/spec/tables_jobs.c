/* SPDX-License-Identifier: MIT
 * The rows of `jobs`.
 */
#include "lib/spec/spec_internal.h"

#include <string.h>

static const char *const protocols[] = {
	[PORT_TCP] = "tcp", [PORT_UDP] = "udp", [PORT_HTTP] = "http", NULL};

static const struct field port_rows[] = {
	{.key = "name",
	 .type = FIELD_TEXT,
	 .offset = offsetof(struct spec_port, name),
	 .min = 1,
	 .max = 64,
	 .pattern = "^[a-z]+[0-9]*$",
	 .form = "lower-case letters, then digits",
	 .is_required = true,
	 .help = "what it is called",
	 .example = "tensorboard"},
	{.key = "port",
	 .type = FIELD_INTEGER,
	 .offset = offsetof(struct spec_port, port),
	 .min = SPEC_SSH_PORT, /* the gap behind it is a rule of its own */
	 .max = 65535,
	 .is_required = true,
	 .help = "2202, or 8002 and above",
	 .example = "8265"},
	{.key = "proto",
	 .type = FIELD_CHOICE,
	 .offset = offsetof(struct spec_port, protocol),
	 .fallback = "tcp",
	 .choices = protocols,
	 .help = "what is spoken there",
	 .example = "http"},
};
static const struct field_table port_table = {
	.name = "a port",
	FIELD_ROWS(port_rows, struct spec_port),
	.place_member = FIELD_MEMBER(struct spec_port, place),
};

static const char *const no_timeout[] = {"none", NULL};
static const struct field timeout_forms[] = {
	{.key = "timeout", .type = FIELD_DURATION, .min = 30, .max = 86400},
	{.key = "timeout", .type = FIELD_CHOICE, .choices = no_timeout},
};

static bool read_timeout(struct field_reader *r, const struct field *row,
			 const struct yaml_node *node, void *slot)
{
	(void)row;
	if (node->kind == YAML_SCALAR && strcmp(node->text, no_timeout[0]) == 0)
		return true; /* the slot is 0 */
	if (field_read_value(r, &timeout_forms[0], node, slot))
		return true;
	finding_hint(&r->findings->items[r->findings->n - 1], "write none when it has no end");
	return false;
}

static const struct field job_rows[] = {
	{.key = "function",
	 .type = FIELD_TEXT,
	 .offset = offsetof(struct spec_job, function),
	 .min = 1,
	 .max = 128,
	 .pattern = SPEC_PATTERN_FUNCTION,
	 .form = SPEC_FORM_FUNCTION,
	 .is_required = true,
	 .help = "the function that runs; with 'command', the name of the job only",
	 .example = "train"},
	{.key = "command",
	 .type = FIELD_TEXTS,
	 .offset = offsetof(struct spec_job, command),
	 .min = 1,
	 .max = 1000,
	 .has_lines = true,
	 .help = "program and arguments that run instead of a function; no shell takes part. "
		 "JOB_ARGS has the arguments as JSON, OUTPUT_DIR names where files go",
	 .example = "[sleep, infinity]"},
	{.key = "timeout",
	 .type = FIELD_CUSTOM,
	 .offset = offsetof(struct spec_job, timeout_ms),
	 .read = read_timeout,
	 FIELD_FORMS(timeout_forms),
	 .help = "how long it may take, 30s to 24h, or none, which is the default",
	 .example = "12h"},
	{.key = "upload",
	 .type = FIELD_BOOL,
	 .offset = offsetof(struct spec_job, upload),
	 .fallback = "true",
	 .help = "are the files of its output directory kept",
	 .example = "false"},
	{.key = "ssh",
	 .type = FIELD_BOOL,
	 .offset = offsetof(struct spec_job, ssh),
	 .fallback = "false",
	 .help = "can one log in; adds the port 2202",
	 .example = "true"},
	{.key = "ports",
	 .type = FIELD_LIST,
	 .offset = offsetof(struct spec_job, ports),
	 .table = &port_table,
	 .max = 100,
	 .help = "ports that can be reached from outside",
	 .example = "[{name: tensorboard, port: 8265, proto: http}]"},
	{.key = "disk_gb",
	 .type = FIELD_INTEGER,
	 .offset = offsetof(struct spec_job, disk_gb),
	 .min = 11, /* the platform says 10 and refuses 10 */
	 .max = 999,
	 .help = "disk of one run in GB; the platform decides by default",
	 .example = "200"},
	{.key = "args",
	 .type = FIELD_MAP,
	 .offset = offsetof(struct spec_job, args),
	 .table = &spec_schema_table,
	 .max = 256,
	 .pattern = SPEC_PATTERN_VARIABLE,
	 .form = SPEC_FORM_VARIABLE,
	 .help = "the arguments of a run; anything by default",
	 .example = "{epochs: {type: integer, default: 3}}"},
};
const struct field_table spec_job_table = {
	.name = "a job",
	FIELD_ROWS(job_rows, struct spec_job),
	.node_member = FIELD_MEMBER(struct spec_job, node),
	.place_member = FIELD_MEMBER(struct spec_job, place),
};
