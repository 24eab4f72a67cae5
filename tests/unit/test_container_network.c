/* SPDX-License-Identifier: MIT */
#include "lib/container/container_internal.h"
#include "tests/unit/container_fixture.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

TEST(resolvers_of_the_hosts_loopback_are_replaced)
{
	static const struct {
		const char *host;
		const char *seen;
	} cases[] = {
		{"", ""},
		{"nameserver 10.0.0.1\n", "nameserver 10.0.0.1\n"},
		{"nameserver 127.0.0.53\noptions edns0\nsearch lan", "nameserver R\noptions edns0\n"
								     "search lan\n"},
		{"nameserver\t127.0.0.1 \nnameserver ::1\nnameserver 9.9.9.9\n",
		 "nameserver R\nnameserver 9.9.9.9\n"},
		{"# nameserver 127.0.0.1\n nameserver 127.1.1.1\n",
		 "# nameserver 127.0.0.1\nnameserver R\n"},
		{"nameservers 127.0.0.1\n", "nameservers 127.0.0.1\n"},
	};

	for (size_t i = 0; i < array_len(cases); i++) {
		auto_text got = {0};

		resolv_conf_translate(cases[i].host, "R", &got);
		CHECK_TEXT(text_str(&got), cases[i].seen);
	}
}

TEST(default_routes)
{
	static const struct {
		const char *line;
		bool is_default;
	} cases[] = {
		{"Iface\tDestination\tGateway \tFlags", false},
		{"tap0\t00000000\t0202000A\t0003\t0\t0\t0\t00000000\t0\t0\t0", true},
		/* of the interface's own network: no gateway */
		{"tap0\t0002000A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0", false},
		{"00000000000000000000000000000000 00 00000000000000000000000000000000 00 "
		 "fe800000000000000000000000000001 00000400 00000001 00000000 00000003     eth0",
		 true},
		{"00000000000000000000000000000000 00 00000000000000000000000000000000 00 "
		 "00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo",
		 false},
		{"fe800000000000000000000000000000 40 00000000000000000000000000000000 00 "
		 "00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0",
		 false},
		{"", false},
	};

	for (size_t i = 0; i < array_len(cases); i++)
		CHECK(route_is_default(cases[i].line) == cases[i].is_default);
}

enum { MESSAGE_SEEN = 1 };
struct seen {
	bool host_is_unreachable;
	size_t n_before;
	size_t n_ports;
	uint16_t ports[2];
};

static int listen_somewhere(uint32_t address, uint16_t *port)
{
	struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(address)};
	socklen_t len = sizeof(name);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (bind(fd, (struct sockaddr *)&name, len) < 0 || listen(fd, 1) < 0 ||
	    getsockname(fd, (struct sockaddr *)&name, &len) < 0)
		return -1;
	*port = ntohs(name.sin_port);
	return fd;
}

/* In the new network: is the host's port there? Then listen twice ourselves. */
static bool use_network(void *context)
{
	struct seen *seen = context;
	struct sockaddr_in name = {.sin_family = AF_INET,
				   .sin_port = htons(seen->ports[0]),
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	auto_fd int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	uint16_t port;

	seen->host_is_unreachable = connect(fd, (struct sockaddr *)&name, sizeof(name)) < 0;
	return listen_somewhere(INADDR_ANY, &port) >= 0 &&
	       listen_somewhere(INADDR_LOOPBACK, &port) >= 0;
}

static bool look_around(struct sandbox *inside, void *arg, struct error *err)
{
	struct seen *seen = arg;
	struct network n;
	uint16_t none[1];

	if (!network_open(&(struct network_options){0}, &n, err))
		return false;
	seen->n_before = network_ports(&n, none, 1);
	if (!network_look(n.fd, use_network, seen))
		return fail(err, ERROR_FAILURE, "no use of the network");
	seen->n_ports = network_ports(&n, seen->ports, array_len(seen->ports));
	network_release(&n);
	return sandbox_send(inside, MESSAGE_SEEN, seen, sizeof(*seen), -1, err);
}

static bool on_seen(void *context, int type maybe_unused, const void *bytes, size_t len, int fd,
		    struct error *err maybe_unused)
{
	fd_close(&fd);
	if (len == sizeof(struct seen))
		memcpy(context, bytes, len);
	return true;
}

TEST(a_network_of_its_own)
{
	struct seen seen = {0};
	auto_fd int listener = listen_somewhere(INADDR_LOOPBACK, &seen.ports[0]);
	struct sandbox_options o = {.on_message = on_seen, .context = &seen};
	struct error err;

	CHECK_OR_STOP(listener >= 0);
	if (!test_ids(&o.ids))
		return;
	CHECK_OK(sandbox_run(&o, look_around, &seen, &err), err);
	CHECK(seen.host_is_unreachable && seen.n_before == 0);
	CHECK(seen.n_ports == 2 && seen.ports[0] < seen.ports[1]);
}
