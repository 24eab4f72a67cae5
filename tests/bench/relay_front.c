/* SPDX-License-Identifier: MIT
 * Usage: relay_front PORT|PATH
 * Our gateway, as `chutes run` has it, before a server on 127.0.0.1 or a unix socket; prints its
 * address. No container, so that nothing but the relay is measured.
 */
#include "lib/base/io.h"
#include "lib/gateway/gateway.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

static const char text[] =
	"version: 1\n"
	"name: bench\n"
	"tagline: Behind a relay\n"
	"server: {command: [server], port: 9000}\n"
	"image: {name: bench, base: {debian: bookworm}}\n"
	"node_selector: {gpu_count: 0}\n"
	"scaling: {concurrency: 256}\n"
	"cords:\n"
	"  - {function: hello, public: GET /hello, forward: GET /hello}\n"
	"  - {function: megabyte, public: GET /megabyte, forward: GET /megabyte}\n"
	"  - {function: events, public: GET /events, forward: GET /events, stream: true}\n"
	"  - {function: upload, public: POST /upload, forward: POST /upload}\n";

static bool connect_to(void *context, int *fd, struct error *err)
{
	const char *where = context;
	struct sockaddr_un local = {.sun_family = AF_UNIX};
	struct sockaddr_in port = {.sin_family = AF_INET,
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
				   .sin_port = htons((uint16_t)strtoul(where, NULL, 10))};
	bool is_local = where[0] == '/';
	auto_fd int made = socket(is_local ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(local.sun_path, sizeof(local.sun_path), "%s", where);
	if (made < 0 ||
	    connect(made, is_local ? (struct sockaddr *)&local : (struct sockaddr *)&port,
		    is_local ? sizeof(local) : sizeof(port)) < 0)
		return fail_errno(err, "connecting to '%s'", where);
	*fd = fd_take(&made);
	return true;
}

static struct gateway *gateway;

static void stop(int number)
{
	(void)number;
	gateway_stop(gateway, 0);
}

static bool serve(char *where, struct error *err)
{
	auto_spec spec = {0};
	auto_findings findings = {0};

	if (!spec_parse(text, strlen(text), &(struct spec_options){.file = "-"}, &spec, &findings,
			err))
		return false;
	const struct gateway_options options = {
		.spec = &spec, .connect = connect_to, .context = where};

	if (!gateway_new(&gateway, &options, err))
		return false;
	gateway_set_state(gateway, GATEWAY_READY, NULL);
	bool ok = gateway_listen(gateway, "127.0.0.1:0", err);

	if (ok) {
		signal(SIGTERM, stop);
		printf("%s\n", gateway_address(gateway));
		fflush(stdout);
		ok = gateway_run(gateway, err);
	}
	gateway_free(gateway);
	return ok;
}

int main(int argc, char **argv)
{
	struct error err = {0};

	if (argc == 2 && serve(argv[1], &err))
		return 0;
	fprintf(stderr, "relay_front: %s\n", err.message);
	return 1;
}
