/* SPDX-License-Identifier: MIT
 * The way from a network namespace to the outside: a program in user space that stays in the host's
 * network. It runs in the sandbox, so it dies with that whatever ids it takes on.
 *
 * pasta of 2023 and slirp4netns 1.2 take these options. Nothing of the host's loopback is reachable
 * but the ports that were asked for; slirp4netns knows no single ones: with it the first that is
 * asked for opens them all.
 */
#include "lib/base/io.h"
#include "lib/base/loopback.h"
#include "lib/base/memory.h"
#include "lib/base/process.h"
#include "lib/base/strings.h"
#include "lib/base/time.h"
#include "lib/container/container_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* An address that a network of ours never has: pasta gives it to the host's resolver. */
#define PASTA_RESOLVER "169.254.1.1"
#define SLIRP_RESOLVER "10.0.2.3"
#define SLIRP_HOST     "10.0.2.2"

enum { START_MS = 5000, LOOK_MS = 5, RESOLV_LIMIT = 64 * 1024, SAID_LIMIT = 64 * 1024 };

void resolv_conf_translate(const char *text, const char *instead, struct text *out)
{
	auto_strings lines = {0};
	bool is_said = false;

	strings_split(&lines, text, '\n');
	for (size_t i = 0; i < lines.n; i++) {
		const char *line = lines.items[i];
		const char *rest = line + strspn(line, " \t");
		size_t len = strcspn(rest, " \t");
		const char *address = rest + len + strspn(rest + len, " \t");
		auto_free char *word = xstrndup(address, strcspn(address, " \t"));

		if (len != 10 || strncmp(rest, "nameserver", len) != 0 ||
		    !host_is_loopback(word, strlen(word))) {
			if (*line || i + 1 < lines.n)
				text_addf(out, "%s\n", line);
		} else if (!is_said) {
			text_addf(out, "nameserver %s\n", instead);
			is_said = true;
		}
	}
}

static void add_ports(struct strings *argv, const struct network_options *o)
{
	auto_text ports = {0};

	for (size_t i = 0; i < o->n_host_ports; i++)
		text_addf(&ports, "%s%u", i ? "," : "", (unsigned)o->host_ports[i]);
	strings_add(argv, ports.len ? text_str(&ports) : "none");
}

static void pasta_words(struct strings *argv, const struct network_options *o)
{
	static const char *const words[] = {
		"pasta", "--foreground", "--quiet", "--stderr", "--config-net", "--no-map-gw", "-t",
		"none", "-u", "none", "-U", "none",
		/* its own user namespace and another user would bring nothing here */
		"--netns-only", "--runas", "0:0", "--dns-forward", PASTA_RESOLVER, "-T"};

	for (size_t i = 0; i < array_len(words); i++)
		strings_add(argv, words[i]);
	add_ports(argv, o);
	strings_add(argv, "--netns");
	strings_add(argv, NETWORK_PATH);
}

static void slirp_words(struct strings *argv, const struct network_options *o)
{
	static const char *const words[] = {"slirp4netns", "--configure", "--mtu=65520",
					    "--netns-type=path"};

	for (size_t i = 0; i < array_len(words); i++)
		strings_add(argv, words[i]);
	if (o->n_host_ports == 0)
		strings_add(argv, "--disable-host-loopback");
	strings_add(argv, NETWORK_PATH);
	strings_add(argv, "tap0");
}

static const struct provider {
	const char *program;
	void (*words)(struct strings *argv, const struct network_options *o);
	const char *resolver;
	bool is_resolver_alone; /* it stands for all of the host's */
	const char *host;
	bool opens_all_ports; /* of the host's loopback, where one is asked for */
} providers[] = {
	{"pasta", pasta_words, PASTA_RESOLVER, false, "127.0.0.1", false},
	{"slirp4netns", slirp_words, SLIRP_RESOLVER, true, SLIRP_HOST, true},
};

bool route_is_default(const char *line)
{
	const char *tab = strchr(line, '\t');

	/* an interface, then where to; in IPv6 first where to and the length of that, and at the
	 * end the interface: the kernel's own "unreachable" belongs to lo */
	return tab ? text_starts_with(tab, "\t00000000\t")
		   : text_starts_with(line, "00000000000000000000000000000000 00 ") &&
			       !text_ends_with(line, " lo");
}

/* Is there a default route? */
static bool has_route(void *context maybe_unused)
{
	static const char *const tables[] = {"/proc/thread-self/net/route",
					     "/proc/thread-self/net/ipv6_route"};
	struct error ignored; /* no such family */

	for (size_t i = 0; i < array_len(tables); i++) {
		auto_text table = {0};
		auto_strings lines = {0};

		if (!file_read(tables[i], RESOLV_LIMIT, &table, &ignored))
			continue;
		strings_split(&lines, text_str(&table), '\n');
		for (size_t j = 0; j < lines.n; j++)
			if (route_is_default(lines.items[j]))
				return true;
	}
	return false;
}

/* What it said last, in one line. */
static void read_said(int fd, struct text *out)
{
	auto_text said = {0};
	auto_strings lines = {0};
	struct error ignored; /* then it said nothing */

	lseek(fd, 0, SEEK_SET);
	if (!fd_read_all(fd, SAID_LIMIT, &said, &ignored))
		return;
	strings_split(&lines, text_str(&said), '\n');
	for (size_t i = lines.n; i > 0 && out->len == 0; i--)
		text_add_printable(out, lines.items[i - 1], strlen(lines.items[i - 1]), false);
}

static bool wait_for_route(const struct provider *p, pid_t pid, int network, int said_fd,
			   struct error *err)
{
	uint64_t deadline = clock_ms() + START_MS;
	auto_text said = {.max = 200};
	int status;

	while (!network_look(network, has_route, NULL)) {
		int ended = process_poll(pid, &status, err);

		if (ended < 0)
			return false;
		if (ended > 0) {
			read_said(said_fd, &said);
			return fail(err, ERROR_MISSING, "%s ended with status %d%s%s", p->program,
				    status, said.len ? ": " : "", text_str(&said));
		}
		if (clock_ms() > deadline) {
			kill(pid, SIGKILL);
			return process_wait(pid, &status, err) &&
			       fail(err, ERROR_MISSING, "%s made no route in %d s", p->program,
				    START_MS / 1000);
		}
		sleep_ms(LOOK_MS);
	}
	return true;
}

static bool start(const struct provider *p, const struct network_options *o, struct network *n,
		  struct error *err)
{
	auto_fd int said = memfd_create(p->program, MFD_CLOEXEC);
	auto_strings argv = {0};
	pid_t pid;

	p->words(&argv, o);
	struct process_options po = {
		.argv = strings_argv(&argv), .fd_in = -1, .fd_out = said, .fd_err = said};

	if (!process_start(&po, &pid, err) || !wait_for_route(p, pid, n->fd, said, err))
		return false;
	n->way_out = (int)syscall(SYS_pidfd_open, pid, 0);
	n->program = p->program;
	n->host = o->n_host_ports ? p->host : NULL;
	n->has_all_host_ports = n->host && p->opens_all_ports;
	return n->way_out >= 0 || fail_errno(err, "watching %s", p->program);
}

static void write_resolv_conf(const struct provider *p, struct text *out)
{
	auto_text host = {0};
	struct error ignored; /* then nothing says which names there are */

	if (!file_read("/etc/resolv.conf", RESOLV_LIMIT, &host, &ignored))
		text_clear(&host);
	if (p->is_resolver_alone || host.len == 0)
		text_addf(out, "nameserver %s\n", p->resolver);
	else
		resolv_conf_translate(text_str(&host), p->resolver, out);
}

bool network_connect(const struct network_options *o, struct network *n, struct error *err)
{
	auto_text why = {.max = 400};

	for (size_t i = 0; i < array_len(providers); i++) {
		if (start(&providers[i], o, n, err)) {
			write_resolv_conf(&providers[i], &n->resolv_conf);
			return true;
		}
		text_addf(&why, "%s%s", i ? "; " : "", err->message);
	}
	fail(err, ERROR_MISSING, "%s", text_str(&why));
	return fail_hint(err, "install one: apt-get install passt");
}
