/* SPDX-License-Identifier: MIT
 * A gateway alone, for tests that talk to it.
 *
 * Usage: gateway SPEC [upstream=PATH|PORT] [stub] [explain] [any-host] [cors=ORIGIN]
 *        [listen=ADDRESS] [quiet]
 * Prints its address; without `upstream` it stays in its first state. Reads commands from standard
 * input, one a line, and prints "ok" or what failed: "ready", "starting TEXT", "down TEXT",
 * "cords JSON". Ends with standard input. What is logged goes to standard error, unless `quiet`.
 */
#include "lib/gateway/gateway.h"

#include "lib/base/io.h"
#include "lib/base/memory.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static const char *upstream_path;

static bool connect_upstream(void *context, int *fd, struct error *err)
{
	unsigned long port = strtoul(upstream_path, NULL, 10);
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct sockaddr_in local = {.sin_family = AF_INET,
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
				    .sin_port = htons((uint16_t)port)};
	auto_fd int s = socket(port ? AF_INET : AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)context;
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", upstream_path);
	if (s < 0 || connect(s, port ? (struct sockaddr *)&local : (struct sockaddr *)&address,
			     port ? sizeof(local) : sizeof(address)) < 0)
		return fail_errno(err, "connecting to the chute");
	*fd = fd_take(&s);
	return true;
}

static void log_request(void *context, const struct gateway_request *r)
{
	(void)context;
	fprintf(stderr, "%s %s %d %llu\n", r->method, r->target, r->status,
		(unsigned long long)r->bytes);
}

static void *run(void *gateway)
{
	struct error err;

	if (!gateway_run(gateway, &err))
		fprintf(stderr, "failed: %s\n", err.message);
	return NULL;
}

static bool obey(struct gateway *g, const char *line, struct error *err)
{
	if (strcmp(line, "ready") == 0)
		gateway_set_state(g, GATEWAY_READY, NULL);
	else if (text_starts_with(line, "starting "))
		gateway_set_state(g, GATEWAY_STARTING, strchr(line, ' ') + 1);
	else if (text_starts_with(line, "down "))
		gateway_set_state(g, GATEWAY_DOWN, strchr(line, ' ') + 1);
	else if (text_starts_with(line, "cords "))
		return gateway_set_cords(g, strchr(line, ' ') + 1, err);
	else
		return fail(err, ERROR_USAGE, "unknown command");
	return true;
}

static void obey_all(struct gateway *g)
{
	auto_free char *line = NULL;
	size_t size = 0;
	ssize_t len;

	while ((len = getline(&line, &size, stdin)) > 0) {
		struct error err;

		line[strcspn(line, "\n")] = '\0';
		bool is_good = obey(g, line, &err);

		printf("%s\n", is_good ? "ok" : err.message);
		fflush(stdout);
	}
}

static const char *read_options(char **words, struct gateway_options *o)
{
	const char *listen = "127.0.0.1:0";

	for (; *words; words++) {
		const char *value = strchr(*words, '=') ? strchr(*words, '=') + 1 : NULL;

		if (text_starts_with(*words, "upstream="))
			upstream_path = value;
		else if (text_starts_with(*words, "cors="))
			o->cors_origin = value;
		else if (text_starts_with(*words, "listen="))
			listen = value;
		else if (strcmp(*words, "quiet") == 0)
			o->log = NULL;
		o->is_stub |= strcmp(*words, "stub") == 0;
		o->explains_errors |= strcmp(*words, "explain") == 0;
		o->allows_any_host |= strcmp(*words, "any-host") == 0;
	}
	return listen;
}

static int refuse(const struct findings *f, const struct error *err)
{
	for (size_t i = 0; i < f->n; i++)
		fprintf(stderr, "%zu: %s\n", f->items[i].line, f->items[i].message);
	fprintf(stderr, "gateway: %s\n", err->message);
	return error_row(err->code)->exit_status;
}

int main(int argc, char **argv)
{
	auto_spec spec = {0};
	auto_findings findings = {0};
	struct gateway_options o = {.spec = &spec, .connect = connect_upstream, .log = log_request};
	struct gateway *g = NULL;
	struct error err;
	pthread_t thread;

	if (argc < 2)
		return 2;
	const char *listen = read_options(argv + 2, &o);

	if (!spec_load(&(struct spec_options){.file = argv[1]}, &spec, &findings, &err) ||
	    !gateway_new(&g, &o, &err))
		return refuse(&findings, &err);
	if (!gateway_listen(g, listen, &err)) {
		gateway_free(g);
		return refuse(&findings, &err);
	}
	if (upstream_path)
		gateway_set_state(g, GATEWAY_READY, NULL);
	printf("%s\n", gateway_address(g));
	fflush(stdout);
	if (pthread_create(&thread, NULL, run, g) != 0)
		return 1;
	obey_all(g);
	gateway_stop(g, 1000);
	pthread_join(thread, NULL);
	gateway_free(g);
	return 0;
}
