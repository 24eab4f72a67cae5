/* SPDX-License-Identifier: MIT
 * A network namespace that belongs to the sandbox. It is entered by threads that do nothing else:
 * the process itself stays in the host's network, from which the way outside starts.
 */
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/container/container_internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* --- threads in it */

struct look {
	int fd; /* -1: a new one */
	bool (*look)(void *context);
	void *context;
	bool ok;
	int number; /* errno of what failed */
};

static void *look_in(void *arg)
{
	struct look *l = arg;

	if (l->fd >= 0 ? setns(l->fd, CLONE_NEWNET) == 0 : unshare(CLONE_NEWNET) == 0)
		l->ok = l->look(l->context);
	l->number = errno;
	return NULL;
}

static bool look(struct look *l)
{
	pthread_t thread;

	errno = pthread_create(&thread, NULL, look_in, l);
	if (errno != 0)
		return false;
	pthread_join(thread, NULL);
	errno = l->number;
	return l->ok;
}

bool network_look(int fd, bool (*function)(void *context), void *context)
{
	return look(&(struct look){.fd = fd, .look = function, .context = context});
}

/* --- made */

/* In a new namespace: loopback up, and a name for the runtime. */
static bool furnish(void *context)
{
	int *out = context;
	struct ifreq loopback = {.ifr_name = "lo", .ifr_flags = IFF_UP};
	auto_fd int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	auto_fd int file = open(NETWORK_PATH, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0 || file < 0 || ioctl(fd, SIOCSIFFLAGS, &loopback) < 0 ||
	    mount("/proc/thread-self/ns/net", NETWORK_PATH, NULL, MS_BIND, NULL) < 0)
		return false;
	*out = open(NETWORK_PATH, O_RDONLY | O_CLOEXEC);
	return *out >= 0;
}

bool network_open(const struct network_options *o, struct network *out, struct error *err)
{
	struct network n = {.fd = -1, .way_out = -1};

	if (!look(&(struct look){.fd = -1, .look = furnish, .context = &n.fd}))
		return fail_errno(err, "making a network");
	if (o->has_outside && !network_connect(o, &n, err)) {
		network_release(&n);
		return false;
	}
	*out = n;
	return true;
}

void network_release(struct network *n)
{
	if (n->way_out >= 0)
		syscall(SYS_pidfd_send_signal, n->way_out, SIGKILL, NULL, 0);
	fd_close(&n->way_out);
	fd_close(&n->fd);
	text_release(&n->resolv_conf);
	/* it fails when the namespace was never named */
	umount2(NETWORK_PATH, MNT_DETACH);
}

/* --- who listens */

struct listeners {
	uint16_t *ports;
	size_t n;
	size_t max;
};

static void add_port(struct listeners *l, uint16_t port)
{
	size_t at = 0;

	while (at < l->n && l->ports[at] < port)
		at++;
	if ((at < l->n && l->ports[at] == port) || l->n == l->max)
		return;
	memmove(&l->ports[at + 1], &l->ports[at], (l->n - at) * sizeof(*l->ports));
	l->ports[at] = port;
	l->n++;
}

/* A line of proc_net_tcp(5), "  0: 0100007F:2328 00000000:0000 0A …"; 0A listens. */
static void read_line(struct listeners *l, const char *line)
{
	enum { LISTENS = 0x0A };
	const char *parts[3] = {0}; /* behind each of the first colons */
	const char *at = line;

	for (size_t i = 0; i < array_len(parts); i++) {
		at = strchr(at, ':');
		if (!at)
			return;
		parts[i] = ++at;
	}
	const char *blank = strchr(parts[2], ' ');

	if (blank && strtoul(blank, NULL, 16) == LISTENS)
		add_port(l, (uint16_t)strtoul(parts[1], NULL, 16));
}

static void read_table(struct listeners *l, const char *path)
{
	enum { TABLE_LIMIT = 4 << 20 };
	auto_text table = {0};
	auto_strings lines = {0};
	struct error ignored; /* without IPv6 there is no such table */

	if (!file_read(path, TABLE_LIMIT, &table, &ignored))
		return;
	strings_split(&lines, text_str(&table), '\n');
	for (size_t i = 1; i < lines.n; i++)
		read_line(l, lines.items[i]);
}

static bool read_tables(void *context)
{
	read_table(context, "/proc/thread-self/net/tcp");
	read_table(context, "/proc/thread-self/net/tcp6");
	return true;
}

size_t network_ports(const struct network *n, uint16_t *ports, size_t max)
{
	struct listeners l = {ports, 0, max};

	return network_look(n->fd, read_tables, &l) ? l.n : 0;
}
