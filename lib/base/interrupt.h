/* SPDX-License-Identifier: MIT
 * Ctrl-C and TERM as a flag and a descriptor, so that blocking code can leave in order.
 */
#ifndef CHUTES_BASE_INTERRUPT_H
#define CHUTES_BASE_INTERRUPT_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"

/* From now on INT, TERM and HUP set the flag instead of ending the process; a second INT ends it at
 * once. SIGPIPE is left alone. */
void interrupt_catch(void);
/* Back to the default, for a forked child. */
void interrupt_reset(void);
/* The signal that asked us to stop; 0 when none did. */
int interrupt_signal(void);
/* Readable once a signal came; for poll(). -1 before interrupt_catch(). */
int interrupt_fd(void);
/* false and INTERRUPTED when a signal came. */
must_use bool interrupt_check(struct error *err);

#endif
