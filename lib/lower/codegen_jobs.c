/* SPDX-License-Identifier: MIT
 * Jobs: functions of the author, or commands (python/commands.py).
 */
#include "lib/lower/codegen_internal.h"

#include <inttypes.h>

const char *codegen_protocol(enum spec_protocol protocol)
{
	static const char *const words[] = {
		[PORT_TCP] = "tcp", [PORT_UDP] = "udp", [PORT_HTTP] = "http"};

	return words[protocol];
}

static void add_ports(struct text *out, const struct spec_ports *ports)
{
	if (ports->n == 0)
		return;
	text_add(out, "        ports=[\n");
	for (size_t i = 0; i < ports->n; i++) {
		const struct spec_port *port = &ports->items[i];

		text_add(out, "            {\"name\": ");
		text_add_python(out, port->name);
		text_addf(out, ", \"port\": %" PRId64 ", \"proto\": \"%s\"},\n", port->port,
			  codegen_protocol(port->protocol));
	}
	text_add(out, "        ],\n");
}

void codegen_add_job(struct text *out, const struct spec_job *job)
{
	text_add(out, "\n    job = chute.job(\n");
	add_ports(out, &job->ports);
	if (job->timeout_ms)
		argument_integer(out, "timeout", (int64_t)(job->timeout_ms / 1000));
	argument_bool(out, "upload", job->upload);
	argument_bool(out, "ssh", job->ssh);
	text_add(out, "    )\n    job(");
	text_add(out, job->command.n ? "command(" : "awaitable(user[");
	text_add_python(out, job->function);
	if (job->command.n) {
		text_add(out, ", ");
		python_add_list(out, &job->command);
		text_add(out, "))\n");
	} else {
		text_add(out, "]))\n");
	}
}
