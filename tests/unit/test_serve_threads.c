/* SPDX-License-Identifier: MIT */
#include "lib/base/process.h"
#include "tests/unit/serve_fixture.h"

#include <sched.h>
#include <sys/resource.h>

/* Connections that this process may have, both ends of each. */
static size_t connections_here(size_t wanted)
{
	struct rlimit files;

	getrlimit(RLIMIT_NOFILE, &files);
	size_t possible = files.rlim_cur > 200 ? (size_t)(files.rlim_cur - 100) / 2 : 50;

	return wanted < possible ? wanted : possible;
}

TEST(slow_heads_hold_no_thread)
{
	struct fixture f;
	size_t n = connections_here(512);
	auto_free int *fds = xcalloc(n, sizeof(*fds));
	auto_text rest = {0};
	auto_text got = {0};

	CHECK_OR_STOP(fixture_start(&f, (struct server_options){.threads_max = 2}));
	for (size_t i = 0; i < n; i++) {
		fds[i] = client_open(&f);
		CHECK(client_send(fds[i], "GET /hello HTTP/1.1\r\nHo"));
	}
	CHECK(client_exchange(&f, HELLO_CLOSE, &got));
	CHECK(reply_status(&got) == 200);
	CHECK(n_handled == 1);
	/* all of them are served once they are complete */
	for (size_t i = 0; i < n; i++)
		CHECK(client_send(fds[i], "st: a\r\n\r\n"));
	for (size_t i = 0; i < n; i++) {
		text_clear(&rest);
		CHECK(client_next(fds[i], &rest, &got));
		CHECK_TEXT(reply_body(&got), "hello\n");
		close(fds[i]);
	}
	CHECK(n_handled == n + 1);
	fixture_stop(&f, 1000);
}

TEST(incomplete_heads_have_a_limit_in_all)
{
	enum { CLIENTS = 8, HEAD = 4096 };
	struct fixture f;
	int fds[CLIENTS];
	char filler[HEAD];
	auto_text rest = {0};
	auto_text got = {0};

	CHECK_OR_STOP(
		fixture_start(&f, (struct server_options){.saved_heads_max_bytes = 4 * HEAD}));
	memset(filler, 'x', sizeof(filler));
	for (size_t i = 0; i < CLIENTS; i++) {
		fds[i] = client_open(&f);
		CHECK(client_send(fds[i], "GET /hello HTTP/1.1\r\nHost: a\r\nX: "));
		CHECK(send(fds[i], filler, HEAD - 40, MSG_NOSIGNAL) == HEAD - 40);
		sleep_ms(50); /* so that each is older than the next */
	}
	for (size_t i = 0; i < CLIENTS - 4; i++) {
		struct pollfd end = {.fd = fds[i], .events = POLLIN};

		CHECK(poll(&end, 1, PATIENCE_S * 1000) == 1);
	}
	for (size_t i = 0; i < CLIENTS; i++) {
		text_clear(&rest);
		client_send(fds[i], "\r\n\r\n");
		/* the oldest are dropped, without an answer */
		CHECK(client_next(fds[i], &rest, &got) == (i >= CLIENTS - 4));
		close(fds[i]);
	}
	CHECK(n_handled == 4);
	fixture_stop(&f, 1000);
}

TEST(idle_connections_stay_while_others_are_busy)
{
	struct fixture f;
	size_t n = connections_here(3000 / (size_t)tap_slowness());
	auto_free int *fds = xcalloc(n, sizeof(*fds));
	auto_text rest = {0};
	auto_text got = {0};

	CHECK_OR_STOP(fixture_start(&f, (struct server_options){0}));
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < n; i++) {
			if (round == 0)
				fds[i] = client_open(&f);
			text_clear(&rest);
			CHECK(client_send(fds[i], HELLO));
			if (!CHECK(client_next(fds[i], &rest, &got)))
				break;
		}
		auto_fd int busy = client_open(&f);

		text_clear(&rest);
		for (int i = 0; i < 1000; i++) {
			CHECK(client_send(busy, HELLO));
			CHECK(client_next(busy, &rest, &got));
		}
	}
	CHECK(n_handled == 2 * (n + 1000));
	for (size_t i = 0; i < n; i++)
		close(fds[i]);
	fixture_stop(&f, 1000);
}

TEST(streams_beside_each_other_each_have_a_thread)
{
	enum { STREAMS = 40 };
	struct fixture f;
	int fds[STREAMS];
	auto_text got = {0};

	CHECK_OR_STOP(fixture_start(&f, (struct server_options){0}));
	for (size_t i = 0; i < STREAMS; i++) {
		fds[i] = client_open(&f);
		CHECK(client_send(fds[i], "GET /events HTTP/1.1\r\nHost: a\r\n\r\n"));
	}
	CHECK(comes_to(&n_running, STREAMS));
	CHECK(client_exchange(&f, HELLO_CLOSE, &got));
	CHECK(reply_status(&got) == 200);
	/* a hang-up in a stream ends its handler */
	for (size_t i = 0; i < STREAMS; i++)
		close(fds[i]);
	CHECK(comes_to(&n_gone, STREAMS));
	fixture_stop(&f, PATIENCE_S * 1000);
	CHECK(last_logged_status == 499);
}

struct hammer {
	const struct fixture *f;
	size_t n_answered;
};

static void *hammer(void *arg)
{
	struct hammer *h = arg;
	auto_text rest = {0};
	auto_text got = {0};
	auto_fd int fd = client_open(h->f);

	for (int i = 0; i < 200; i++) {
		if (i % 50 == 49) {
			close(fd);
			fd = client_open(h->f);
			text_clear(&rest);
		}
		if (client_send(fd, HELLO) && client_next(fd, &rest, &got))
			h->n_answered++;
	}
	return NULL;
}

TEST(many_clients_share_few_threads)
{
	struct fixture f;
	struct hammer hammers[24];
	pthread_t threads[array_len(hammers)];
	size_t n_answered = 0;

	CHECK_OR_STOP(fixture_start(&f, (struct server_options){.threads_max = 3}));
	for (size_t i = 0; i < array_len(hammers); i++) {
		hammers[i] = (struct hammer){&f, 0};
		CHECK(pthread_create(&threads[i], NULL, hammer, &hammers[i]) == 0);
	}
	for (size_t i = 0; i < array_len(hammers); i++) {
		pthread_join(threads[i], NULL);
		n_answered += hammers[i].n_answered;
	}
	CHECK(n_answered == array_len(hammers) * 200);
	fixture_stop(&f, 1000);
}

static bool say_policies(struct request *req, struct reply *reply, struct error *err)
{
	auto_strings command = {0};
	auto_text stat = {0};
	auto_text out = {0};

	(void)req;
	strings_add(&command, "cat");
	strings_add(&command, "/proc/self/stat");
	if (!process_capture(strings_argv(&command), NULL, 4096, &stat, NULL, err))
		return false;
	const char *field = strrchr(text_str(&stat), ')');

	/* behind the name, which is the second: the 41st is the policy */
	for (int i = 2; i < 41 && field; i++)
		field = strchr(field + 1, ' ');
	text_addf(&out, "%d %.1s", sched_getscheduler(0), field ? field + 1 : "?");
	return reply_send(reply, 200, NULL, text_str(&out), out.len, err);
}

TEST(threads_are_no_hurry_but_what_they_start_is_ordinary)
{
	static const struct route routes[] = {{"GET", "/policies", .handle = say_policies}};
	struct fixture f;
	auto_text got = {0};

	CHECK_OR_STOP(fixture_start(&f, (struct server_options){.routes = routes, .n_routes = 1}));
	CHECK(client_exchange(&f, "GET /policies HTTP/1.0\r\n\r\n", &got));
	auto_free char *batch = xprintf("%d %d", SCHED_BATCH, SCHED_OTHER);
	auto_free char *refused = xprintf("%d %d", SCHED_OTHER, SCHED_OTHER);

	CHECK(strcmp(reply_body(&got), batch) == 0 || strcmp(reply_body(&got), refused) == 0);
	fixture_stop(&f, 1000);
}
