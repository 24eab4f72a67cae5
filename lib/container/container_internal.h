/* SPDX-License-Identifier: MIT
 * What the files of this room share and nobody else sees.
 */
#ifndef CHUTES_CONTAINER_CONTAINER_INTERNAL_H
#define CHUTES_CONTAINER_CONTAINER_INTERNAL_H

#include "lib/container/container.h"

#include <time.h>

/* Inside: ours alone, on a tmpfs that vanishes with the sandbox. */
#define SANDBOX_DIRECTORY "/run/chutes-sandbox"
#define NETWORK_PATH      SANDBOX_DIRECTORY "/network" /* the namespace of network_open() */

struct sandbox {
	enum sandbox_ids ids;
	int socket; /* SOCK_SEQPACKET; one packet is one message */
	/* Inside: the kernel lets root do less (trusted.* attributes, sysfs). Also for
	 * SANDBOX_ROOT, when that root is the one of a container around us. */
	bool is_user_namespace;
};

/* --- messages: sandbox_message.c */
enum { SANDBOX_MESSAGE_FAILURE = -1 }; /* struct error, the last one of a sandbox that failed */
struct sandbox_message {
	int type;
	int fd; /* -1: none; the receiver's */
	size_t len;
	unsigned char bytes[SANDBOX_MESSAGE_LIMIT];
};
/* 1, 0 when none is waiting or the sender is gone, -1. */
must_use int sandbox_receive(int socket, struct sandbox_message *out, struct error *err);

/* One descriptor from a stream socket, as runtimes send a terminal (with its name as bytes). */
must_use bool descriptor_receive(int socket, int *fd, struct error *err);

/* --- ids: sandbox_ids.c */
/* Outside: map the ids of the new user namespace of `pid`. */
must_use bool sandbox_map_ids(pid_t pid, enum sandbox_ids ids, struct error *err);
/* Are we in a user namespace other than the first one? */
bool in_user_namespace(void);
/* Why the kernel refused namespaces (errno in `number`): MISSING, names the switch. */
bool fail_namespaces(struct error *err, enum sandbox_ids ids, int number);
/* Capabilities (bit n: capability n) that we hold and may pass on: permitted and bounding. */
uint64_t capabilities_held(void);

/* --- inside, before anything else: sandbox_mounts.c */
must_use bool sandbox_mounts(struct sandbox *inside, struct error *err);

/* --- the way outside of a network: network_outside.c */
/* Start pasta, else slirp4netns, for NETWORK_PATH; `n->fd` is open. MISSING with why neither. */
must_use bool network_connect(const struct network_options *o, struct network *n,
			      struct error *err);
/* Call `look` in the network, by a thread of its own; its result, false without a thread. */
bool network_look(int fd, bool (*look)(void *context), void *context);
/* Is this line of /proc/net/route or ipv6_route the way to everywhere? */
bool route_is_default(const char *line);
/* The host's resolv.conf(5) for who cannot reach its loopback: such name servers become
 * `instead`, once. */
void resolv_conf_translate(const char *text, const char *instead, struct text *out);

/* --- asking a container to end: stop.c */
/* To its first process `first` (0: not known) through the runtime. False when nobody is left who
 * would do anything about it. */
must_use bool stop_signal_send(pid_t runtime, pid_t first, int number);

/* --- why a runtime could not start it: runtime_failure.c */
/* The first error in the runtime's log; nothing when it did not fail itself. */
void runtime_read_failure(const char *log_path, struct text *out);
/* Is it the program that could not be executed? Then 126 or 127, as a shell says it. */
bool runtime_explain(const char *message, struct run_result *out);

/* --- targets of mounts: targets.c */
struct target {
	char *path;               /* clean and absolute in the root; links are followed */
	size_t first_missing;     /* length of its shortest part that does not exist */
	struct timespec times[2]; /* of the directory that this part would be in */
};
struct targets {
	int root_fd;          /* of the root file system */
	struct target *items; /* only those that are missing */
	size_t n;
	size_t capacity;
};
void targets_release(struct targets *t); /* closes root_fd */
#define auto_targets __attribute__((cleanup(targets_release))) struct targets
/* Before the run: is anything of `target` missing? */
void targets_add(struct targets *t, const char *target);
/* After the run: remove what was created for the mounts. */
void targets_clean(const struct targets *t);

/* --- the OCI bundle: bundle.c */
/* Files of ours that are mounted over the ones in /etc. */
extern const char *const bundle_files[];
struct bundle {
	const struct run_options *run;
	const struct sandbox *inside;
	const char *directory; /* holds resolv.conf, hosts, hostname; gets config.json */
};
/* The config.json of a bundle. */
void bundle_format(const struct bundle *b, struct text *out);
/* The value of "seccomp": what no step needs, and in SANDBOX_SINGLE the answered calls. */
void seccomp_format(enum sandbox_ids ids, struct text *out);

#endif
