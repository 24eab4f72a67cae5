/* SPDX-License-Identifier: MIT
 * Which network a chute gets: its own, with a way to the outside for as long as it starts, or the
 * host's where no program can make one.
 */
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/launch/launch_internal.h"
#include "lib/launch/proxies.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { LOCK_MS = 5000, PROXIES_LIMIT = 8 };

/* Nobody sees where the start of a job that the runner runs ends. */
static bool is_lock_late(const struct launch *l) { return l->job && l->is_run_by_us; }

static bool is_locked(const struct launch *l)
{
	return !l->options->allows_egress && !l->options->spec->security.allow_external_egress;
}

/* In the host's network somebody else may have the server's port. */
static bool check_port(int64_t port, struct error *err)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_port = htons((uint16_t)port),
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	auto_fd int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int on = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0)
		return fail_errno(err, "making a socket");
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0 || errno != EADDRINUSE)
		return true; /* the server itself says what else is wrong */
	fail(err, ERROR_CONFLICT, "port %d of 127.0.0.1, 'server.port', is in use", (int)port);
	return fail_hint(err, "stop what listens there, or install passt: then the chute has a "
			      "network of its own");
}

static bool tell_unlocked(const struct launch *l, struct sandbox *inside, const char *why,
			  struct error *err)
{
	auto_free char *note = xprintf("egress not locked: %s", why);

	return !is_locked(l) || sandbox_send(inside, MESSAGE_NOTE, note, strlen(note), -1, err);
}

static bool use_host(struct launch *l, struct sandbox *inside, const char *why, struct error *err)
{
	const struct spec *spec = l->options->spec;

	if (!tell_unlocked(l, inside, why, err))
		return false;
	return l->job || spec->mode != SPEC_SERVER || check_port(spec->server.port, err);
}

/* More is open than the proxy, which somebody should know. */
static bool tell_open(const struct launch *l, const struct network *n, struct sandbox *inside,
		      struct error *err)
{
	bool is_for_ever = !is_locked(l) || is_lock_late(l);
	auto_free char *note =
		xprintf("for its proxy the chute reaches all ports of this machine's 127.0.0.1%s: "
			"%s cannot open just one (install passt for that)",
			is_for_ever ? "" : " until it is ready", n->program);

	return !n->has_all_host_ports ||
	       sandbox_send(inside, MESSAGE_NOTE, note, strlen(note), -1, err);
}

bool launch_network(struct launch *l, struct sandbox *inside, struct network **out,
		    struct error *err)
{
	uint16_t ports[PROXIES_LIMIT];
	struct network_options o = {
		/* a command has no start of its own */
		.has_outside = !l->job || l->is_run_by_us || !is_locked(l),
		.host_ports = ports,
		.n_host_ports = proxies_local_ports(&l->env, ports, array_len(ports)),
	};
	struct network *n = xcalloc(1, sizeof(*n));

	if (!network_open(&o, n, err)) {
		free(n);
		*out = NULL;
		return use_host(l, inside, err->message, err);
	}
	if (n->host)
		proxies_translate(&l->env, n->host);
	*out = n;
	if (!tell_open(l, n, inside, err))
		return false;
	if (is_lock_late(l))
		return tell_unlocked(l, inside, "the hooks and the job are one process", err);
	return !is_locked(l) || n->way_out < 0 ||
	       sandbox_send(inside, MESSAGE_WAY_OUT, NULL, 0, n->way_out, err);
}

bool launch_lock(struct launch *l, struct error *err)
{
	struct pollfd ended = {.fd = l->way_out, .events = POLLIN};

	if (l->way_out < 0)
		return true;
	/* ESRCH: it has ended by itself */
	if (syscall(SYS_pidfd_send_signal, l->way_out, SIGKILL, NULL, 0) < 0 && errno != ESRCH)
		return fail_errno(err, "locking egress");
	/* its end takes the interface along */
	if (poll(&ended, 1, LOCK_MS) < 1)
		return fail(err, ERROR_FAILURE, "egress could not be locked in %d s",
			    LOCK_MS / 1000);
	fd_close(&l->way_out);
	return true;
}
