/* SPDX-License-Identifier: MIT
 * What the relay makes of a chute that dies, lies or is silent, and of clients that go.
 */
#include "tests/unit/relay_fixture.h"

#define OK_HELLO "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
#define CHUNKED  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
#define GET      "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
#define POST     "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc"

static void change(struct rig *rig, rig_script *script, const char *reply)
{
	pthread_mutex_lock(&rig->lock);
	rig->script = script;
	rig->reply = reply;
	pthread_mutex_unlock(&rig->lock);
}

static void check_dies_at_each_byte(const char *answer, bool over_tcp)
{
	const size_t head = (size_t)(strstr(answer, "\r\n\r\n") + 4 - answer);
	/* the head of an answer with a length waits for the first bytes of its body */
	const size_t begins_at = strstr(answer, "Content-Length") ? head + 1 : head;
	auto_rig rig = {.script = rig_answer_cut, .reply = answer, .over_tcp = over_tcp};
	auto_text reply = {0};

	rig_start(&rig);
	for (size_t cut = 0; cut <= strlen(answer); cut++) {
		pthread_mutex_lock(&rig.lock);
		rig.cut = cut;
		pthread_mutex_unlock(&rig.lock);
		rig_talk(&rig, GET, &reply);
		CHECK(rig_status(&reply) == (cut < begins_at ? 502 : 200));
		CHECK((rig.last_code == -1) == (cut == strlen(answer)));
		if (cut >= begins_at && cut < strlen(answer)) /* the client sees that it is cut */
			CHECK(strlen(rig_body(&reply)) < strlen(answer + head));
	}
}

TEST(a_chute_that_dies_at_each_byte_of_its_answer)
{
	check_dies_at_each_byte(OK_HELLO, false);
	check_dies_at_each_byte(CHUNKED, false);
	check_dies_at_each_byte(OK_HELLO, true);
}

static void reset_in_body(struct rig *rig, int fd, int nth)
{
	const struct linger hard = {.l_onoff = 1};

	(void)nth;
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	(void)rig_answer(rig, fd, SIZE_MAX);
	sleep_ms(100);
}

TEST(a_body_until_the_end_that_ends_by_a_reset_is_cut)
{
	auto_rig rig = {
		.script = reset_in_body, .reply = "HTTP/1.0 200 OK\r\n\r\nhalf", .over_tcp = true};
	auto_text reply = {0};

	rig_start(&rig);
	rig_talk(&rig, GET, &reply);
	CHECK(rig_status(&reply) == 200);
	CHECK(rig.last_code == ERROR_NETWORK);
	CHECK(!strstr(text_str(&reply), "0\r\n\r\n"));
}

TEST(answers_that_are_none)
{
	static const char *const cases[] = {
		"hello\r\n\r\n",
		"HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
		"HTTP/2 200 OK\r\n\r\n",
		"HTTP/1.1 20 OK\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\nok",
		"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok",
		"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nok",
		"HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\nok",
		"HTTP/1.1 200 OK\r\nA: b\r\n c\r\nContent-Length: 2\r\n\r\nok",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n",
		"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n",
		/* bytes behind the end */
		(OK_HELLO "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"),
		(CHUNKED "x"),
		"HTTP/1.1 204 No Content\r\n\r\nx",
	};
	auto_rig rig = {.script = rig_answer_all};
	auto_text reply = {0};

	rig_start(&rig);
	for (size_t i = 0; i < array_len(cases); i++) {
		change(&rig, rig_answer_all, cases[i]);
		rig_talk(&rig, GET, &reply);
		if (!CHECK(rig_status(&reply) == 502))
			printf("# case %zu: %s\n", i, text_str(&reply));
		CHECK(strstr(rig_body(&reply), "the chute's answer is not HTTP/1.1") != NULL);
		/* nothing of it is left for the next one */
		change(&rig, rig_answer_all, OK_HELLO);
		rig_talk(&rig, GET, &reply);
		CHECK_TEXT(rig_body(&reply), "hello");
		upstream_drop_idle(rig.relay.upstream);
	}
}

TEST(nobody_there)
{
	auto_rig rig = {.script = rig_answer_all, .refuses = true};
	auto_text reply = {0};

	rig_start(&rig);
	rig_talk(&rig, GET, &reply);
	CHECK(rig_status(&reply) == 502);
	CHECK(strstr(rig_body(&reply), "connecting to the chute: nobody listens") != NULL);
}

/* --- time */
static void say_and_wait(struct rig *rig, int fd, int nth)
{
	(void)nth;
	(void)rig_answer(rig, fd, SIZE_MAX);
	CHECK(rig_hears_end(fd));
}

TEST(silence_beyond_the_limit)
{
	auto_rig rig = {.script = say_and_wait, .reply = "", .relay = {.limit_ms = 200}};
	auto_text reply = {0};

	rig_start(&rig);
	rig_talk(&rig, GET, &reply);
	CHECK(rig_status(&reply) == 504);
	change(&rig, say_and_wait, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe");
	rig_talk(&rig, GET, &reply);
	CHECK(rig_status(&reply) == 200);
	CHECK_TEXT(rig_body(&reply), "he");
	CHECK(rig.last_code == ERROR_TIMEOUT);
}

static void hear_to_the_end(struct rig *rig, int fd, int nth)
{
	(void)rig;
	(void)nth;
	CHECK(rig_hears_end(fd));
}

TEST(a_body_that_stops_or_is_wrong_is_the_clients_fault)
{
	static const struct {
		const char *request;
		int status;
	} cases[] = {
		{"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc", 408},
		{"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n",
		 400},
	};
	auto_text reply = {0};

	for (size_t i = 0; i < array_len(cases); i++) {
		auto_rig rig = {.script = hear_to_the_end, .stall_ms = 100};
		rig_start(&rig);
		rig_talk(&rig, cases[i].request, &reply);
		CHECK(rig_status(&reply) == cases[i].status);
	}
}

static void stream_on(struct rig *rig, int fd, int nth)
{
	(void)nth;
	if (rig_answer(rig, fd, SIZE_MAX))
		while (rig_say(fd, "1\r\nx\r\n"))
			sleep_ms(5);
}

TEST(a_stream_beyond_the_limit)
{
	auto_rig rig = {.script = stream_on,
			.reply = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
			.relay = {.limit_ms = 200}};
	auto_text reply = {0};

	rig_start(&rig);
	rig_talk(&rig, GET, &reply);
	CHECK(rig_status(&reply) == 200);
	CHECK(rig.last_code == ERROR_TIMEOUT);
	CHECK(!strstr(text_str(&reply), "0\r\n\r\n"));
}

/* --- connections that died in the pool */
enum { STALE = 64 };

struct gate {
	atomic_int n_waiting;
	atomic_bool is_open;
	atomic_int n_ended;
};

/* The first STALE connections answer once, all at the same time, and end; later ones serve on. */
static void answer_together(struct rig *rig, int fd, int nth)
{
	struct gate *gate = rig->context;

	if (nth >= STALE) {
		rig_answer_all(rig, fd, nth);
		return;
	}
	auto_text request = {0};
	CHECK(rig_hear_request(fd, &request));
	gate->n_waiting++;
	RIG_EVENTUALLY(gate->is_open);
	CHECK(rig_say(fd, OK_HELLO));
	RIG_EVENTUALLY(gate->n_waiting == 0);
	shutdown(fd, SHUT_RDWR);
	gate->n_ended++;
}

static void check_stale_pool(const char *request, bool over_tcp, unsigned rest_ms)
{
	struct gate gate = {0};
	auto_rig rig = {.script = answer_together,
			.reply = OK_HELLO,
			.over_tcp = over_tcp,
			.context = &gate};
	int clients[STALE];
	auto_text reply = {0};

	rig_start(&rig);
	for (int i = 0; i < STALE; i++) {
		clients[i] = rig_client(&rig);
		CHECK(rig_say(clients[i], GET));
	}
	RIG_EVENTUALLY(gate.n_waiting == STALE);
	gate.is_open = true;
	for (int i = 0; i < STALE; i++) {
		text_clear(&reply);
		CHECK(rig_hear_until(clients[i], &reply, "hello") && rig_hears_end(clients[i]));
		fd_close(&clients[i]);
	}
	gate.n_waiting = 0;
	RIG_EVENTUALLY(gate.n_ended == STALE);
	sleep_ms(rest_ms);
	for (int i = 0; i < STALE + 1; i++) {
		rig_talk(&rig, request, &reply);
		CHECK(rig_status(&reply) == 200);
	}
}

TEST(a_pool_of_dead_connections_is_not_noticed)
{
	check_stale_pool(GET, false, 0);
	check_stale_pool(GET, true, 0);
	check_stale_pool(POST, false, 0); /* nothing of it was sent */
	check_stale_pool(POST, false, UPSTREAM_TRUST_MS + 1);
	check_stale_pool(POST, true, UPSTREAM_TRUST_MS + 1); /* looked at first */
}

/* The first connection answers once and reads the second request without answering. */
static void answer_once_then_die(struct rig *rig, int fd, int nth)
{
	auto_text request = {0};

	if (nth > 0) {
		rig_answer_all(rig, fd, nth);
		return;
	}
	(void)rig_answer(rig, fd, SIZE_MAX);
	CHECK(rig_hear_request(fd, &request));
}

TEST(only_what_may_run_twice_is_sent_twice)
{
	auto_text reply = {0};

	for (int i = 0; i < 2; i++) {
		auto_rig rig = {.script = answer_once_then_die, .reply = OK_HELLO};
		rig_start(&rig);
		rig_talk(&rig, GET, &reply);
		CHECK(rig_status(&reply) == 200);
		rig_talk(&rig, i == 0 ? GET : POST, &reply);
		CHECK(rig_status(&reply) == (i == 0 ? 200 : 502));
		CHECK(rig.n_connections == (i == 0 ? 2 : 1));
		if (i == 1)
			CHECK(strstr(rig_body(&reply), "closed the connection before it answered"));
	}
}

/* --- clients that go */
struct watched {
	atomic_bool is_asked;
	atomic_bool is_cancelled;
	struct text abort; /* what the second connection heard */
	atomic_bool is_aborted;
};

static void wait_for_cancel(struct rig *rig, int fd, int nth)
{
	struct watched *w = rig->context;
	auto_text request = {0};

	if (nth > 0) {
		CHECK(rig_hear_request(fd, &w->abort));
		rig_say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
		w->is_aborted = true;
		return;
	}
	CHECK(rig_hear_request(fd, &request));
	if (rig->reply)
		rig_say(fd, rig->reply);
	w->is_asked = true;
	CHECK(rig_hears_end(fd));
	w->is_cancelled = true;
}

static void check_aborted(struct watched *w)
{
	CHECK(w->is_aborted);
	CHECK_TEXT(text_str(&w->abort), "POST /abort_request HTTP/1.1\r\nHost: localhost\r\n"
					"Content-Type: application/json\r\nContent-Length: 19\r\n"
					"Connection: close\r\n\r\n{\"abort_all\": true}");
	text_release(&w->abort);
}

static void check_cancelled(const char *answer, bool aborts)
{
	struct watched w = {0};
	auto_rig rig = {.script = wait_for_cancel, .reply = answer, .context = &w};
	auto_text reply = {0};

	if (aborts) {
		rig.relay.abort_target = "/abort_request";
		rig.relay.abort_body = "{\"abort_all\": true}";
	}
	rig_start(&rig);
	int fd = rig_client(&rig);
	CHECK(rig_say(fd, "GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
	if (answer)
		CHECK(rig_hear_until(fd, &reply, "\r\n\r\n"));
	RIG_EVENTUALLY(w.is_asked);
	fd_close(&fd);
	RIG_EVENTUALLY(w.is_cancelled);
	RIG_EVENTUALLY(rig.last_code == ERROR_INTERRUPTED);
	if (aborts)
		check_aborted(&w);
}

TEST(a_client_that_goes_cancels_the_call)
{
	check_cancelled(NULL, false);
	check_cancelled("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n", false);
	check_cancelled("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nx", false);
	check_cancelled("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", true);
}

TEST(a_client_that_goes_while_it_sends_cancels_the_call)
{
	auto_rig rig = {.script = hear_to_the_end};

	rig_start(&rig);
	int fd = rig_client(&rig);
	CHECK(rig_say(fd, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc"));
	RIG_EVENTUALLY(rig.n_connections == 1);
	fd_close(&fd);
	RIG_EVENTUALLY(rig.last_code == ERROR_INTERRUPTED);
}

TEST(a_client_that_goes_in_a_stream_ends_it)
{
	auto_rig rig = {.script = stream_on,
			.reply = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"};
	auto_text reply = {0};

	rig_start(&rig);
	int fd = rig_client(&rig);
	CHECK(rig_say(fd, "GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
	CHECK(rig_hear_until(fd, &reply, "x\r\n"));
	fd_close(&fd);
	RIG_EVENTUALLY(rig.last_code == ERROR_INTERRUPTED);
}

/* --- what must not reach the chute */
TEST(upgrades_are_refused_here)
{
	auto_rig rig = {.script = rig_answer_all, .reply = OK_HELLO};
	auto_text reply = {0};

	rig_start(&rig);
	rig_talk(&rig,
		 "GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
		 &reply);
	CHECK(rig_status(&reply) == 426);
	CHECK(rig.n_connections == 0);
}
