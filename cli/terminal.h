/* SPDX-License-Identifier: MIT
 * Our terminal joined to the pseudo terminal of a container: keys in, output out, size kept equal.
 */
#ifndef CHUTES_CLI_TERMINAL_H
#define CHUTES_CLI_TERMINAL_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"

#include <signal.h>
#include <termios.h>

struct terminal {
	int poll_fd;   /* epoll; readable when there is anything to carry */
	int resize_fd; /* signalfd */
	int master;    /* of the pseudo terminal; -1: not there yet, or ended */
	bool is_raw;
	struct termios saved;
	sigset_t saved_mask;
	char keys[4096]; /* typed and not taken yet */
	size_t n_keys;
};

/* Are standard input and output both terminals? */
bool terminal_is_ours(void);
/* Watch the window's size. terminal_close() puts everything back as it was. */
must_use bool terminal_open(struct terminal *t, struct error *err);
/* The master has come; it belongs to `t` now. From here on keys are raw. */
must_use bool terminal_join(struct terminal *t, int master, struct error *err);
/* Carry what is waiting, without waiting for more. */
must_use bool terminal_carry(struct terminal *t, struct error *err);
/* Print what the container left in its terminal, then restore ours. */
void terminal_close(struct terminal *t);

#endif
