/* SPDX-License-Identifier: MIT */
#include "lib/base/io.h"
#include "lib/local/supervise.h"
#include "tests/unit/tap.h"

#include <sys/socket.h>

TEST(the_word_of_a_starter)
{
	for (unsigned i = 0; i < 4; i++) {
		bool has_word = i & 1;
		bool is_behind = i & 2; /* he has not read all that was sent */
		int sockets[2];

		CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) == 0);
		CHECK(!is_behind || send(sockets[0], "output", 6, 0) == 6);
		CHECK(!has_word || send(sockets[1], "", 1, 0) == 1);
		fd_close(&sockets[1]);
		CHECK(starter_has_heard(sockets[0]) == has_word);
		fd_close(&sockets[0]);
	}
}
