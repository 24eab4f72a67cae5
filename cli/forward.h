/* SPDX-License-Identifier: MIT
 * A TCP port of 127.0.0.1 whose connections lead to a chute, in a process that dies with us.
 */
#ifndef CHUTES_CLI_FORWARD_H
#define CHUTES_CLI_FORWARD_H

#include "lib/launch/launch.h"

/* CONFLICT when the port is in use. Call it before any thread exists. */
must_use bool forward_start(int64_t port, struct launch_door *door, struct error *err);

#endif
