/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/time.h"
#include "lib/gateway/gateway_internal.h"
#include "tests/unit/tap.h"

/* Connections are socket pairs; the other ends stay here. */
struct far_side {
	int ends[64];
	size_t n;
	enum error_code refuses_with; /* 0: it does not */
};

static bool connect_pair(void *context, int *fd, struct error *err)
{
	struct far_side *far = context;
	int ends[2];

	if (far->refuses_with)
		return fail(err, far->refuses_with, "no such socket");
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) < 0)
		return fail_errno(err, "socketpair");
	far->ends[far->n++] = ends[1];
	*fd = ends[0];
	return true;
}

static void close_far(struct far_side *far)
{
	for (size_t i = 0; i < far->n; i++)
		fd_close(&far->ends[i]);
}
#define auto_far __attribute__((cleanup(close_far))) struct far_side

static void free_upstream(struct upstream **u) { upstream_free(*u); }
#define auto_upstream __attribute__((cleanup(free_upstream))) struct upstream

static struct upstream *new_upstream(struct far_side *far)
{
	struct upstream *u = NULL;
	struct error err = {0};

	CHECK_OK(upstream_new(&u, connect_pair, far, &err), err);
	return u;
}

static struct upstream_connection *open_one(struct upstream *u, bool is_new)
{
	struct upstream_connection *c = NULL;
	struct error err = {0};

	CHECK_OK(upstream_open(u, is_new, &c, &err), err);
	return c;
}

static bool has_ended(int fd)
{
	char byte;

	ssize_t n = recv(fd, &byte, 1, MSG_DONTWAIT);

	return n == 0 || (n < 0 && errno == ECONNRESET);
}

TEST(the_last_one_used_is_used_first)
{
	auto_far far = {0};
	auto_upstream *u = new_upstream(&far);
	struct upstream_connection *a = open_one(u, false), *b = open_one(u, false);
	int b_fd = b->fd;

	CHECK(!a->is_reused && !b->is_reused && far.n == 2);
	upstream_keep(u, a);
	upstream_keep(u, b);
	struct upstream_connection *again = open_one(u, false);
	CHECK(again->fd == b_fd && again->is_reused);
	struct upstream_connection *fresh = open_one(u, true);
	CHECK(!fresh->is_reused && far.n == 3);
	upstream_close(again);
	upstream_close(fresh);
}

TEST(a_connection_gives_up_reading_after_a_pause)
{
	auto_far far = {0};
	auto_upstream *u = new_upstream(&far);
	struct upstream_connection *c = open_one(u, false);
	uint64_t start_ms = clock_ms();
	char byte;

	/* it was not blocking when it came */
	CHECK(recv(c->fd, &byte, 1, 0) < 0);
	CHECK(clock_ms() - start_ms >= UPSTREAM_PAUSE_MS - 10);
	upstream_close(c);
}

TEST(one_that_ended_or_spoke_while_idle_is_not_used)
{
	auto_far far = {0};
	auto_upstream *u = new_upstream(&far);
	struct upstream_connection *a = open_one(u, true), *b = open_one(u, true),
				   *c = open_one(u, true);
	int a_fd = a->fd;

	upstream_keep(u, a);
	upstream_keep(u, b);
	upstream_keep(u, c);
	CHECK(send(far.ends[1], "HTTP", 4, 0) == 4);
	fd_close(&far.ends[2]);
	sleep_ms(UPSTREAM_TRUST_MS + 1);
	struct upstream_connection *alive = open_one(u, false);
	CHECK(alive->fd == a_fd && alive->is_reused);
	CHECK(has_ended(far.ends[1]));
	struct upstream_connection *fresh = open_one(u, false);
	CHECK(!fresh->is_reused);
	upstream_close(alive);
	upstream_close(fresh);
}

TEST(dropped_ones_are_closed_and_those_in_use_when_they_come_back)
{
	auto_far far = {0};
	auto_upstream *u = new_upstream(&far);
	struct upstream_connection *idle = open_one(u, true), *used = open_one(u, true);

	upstream_keep(u, idle);
	upstream_drop_idle(u);
	CHECK(has_ended(far.ends[0]) && !has_ended(far.ends[1]));
	upstream_keep(u, used);
	CHECK(has_ended(far.ends[1]));
}

TEST(the_old_ones_of_a_burst_are_closed)
{
	auto_far far = {0};
	auto_upstream *u = new_upstream(&far);
	struct upstream_connection *many[20];

	for (size_t i = 0; i < array_len(many); i++)
		many[i] = open_one(u, false);
	for (size_t i = 0; i + 1 < array_len(many); i++)
		upstream_keep(u, many[i]);
	sleep_ms(UPSTREAM_IDLE_MS - 500);
	CHECK(!has_ended(far.ends[0]));
	sleep_ms(550);
	upstream_keep(u, many[array_len(many) - 1]);
	for (size_t i = 0; i + 1 < array_len(many); i++)
		CHECK(has_ended(far.ends[i]));
	CHECK(!has_ended(far.ends[array_len(many) - 1]));
}

TEST(who_does_not_connect_is_a_bad_gateway)
{
	auto_far far = {.refuses_with = ERROR_NOT_FOUND};
	auto_upstream *u = new_upstream(&far);
	struct upstream_connection *c = NULL;
	struct error err = {0};

	CHECK(!upstream_open(u, false, &c, &err));
	CHECK(err.code == ERROR_NETWORK && error_row(err.code)->http_status == 502);
	CHECK_TEXT(err.message, "connecting to the chute: no such socket");
}
