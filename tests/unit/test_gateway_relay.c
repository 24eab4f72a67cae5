/* SPDX-License-Identifier: MIT
 * What goes up and what comes down when all goes well: heads, framing, pieces.
 */
#include "lib/data/fields.h"
#include "tests/unit/relay_fixture.h"

#define OK_HELLO "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Type: text/plain\r\n\r\nhello"

static void check_seen(struct rig *rig, const char *want)
{
	pthread_mutex_lock(&rig->lock);
	CHECK_TEXT(text_str(&rig->seen), want);
	text_clear(&rig->seen);
	pthread_mutex_unlock(&rig->lock);
}

TEST(the_head_is_written_anew)
{
	auto_rig rig = {.script = rig_answer_all, .reply = OK_HELLO};
	auto_text reply = {0};

	rig_start(&rig);
	rig_talk(
		&rig,
		"GET /a%20b?c=d HTTP/1.1\r\nHost: here:8000\r\nConnection: close, X-Mine\r\n"
		"X-Mine: 1\r\nKeep-Alive: timeout=5\r\nProxy-Authorization: Basic x\r\nTE: gzip\r\n"
		"X-Forwarded-For: 1.2.3.4\r\nX-FORWARDED-Port: 5\r\nForwarded: for=1.2.3.4\r\n"
		"a_b: c\r\nAuthorization: Bearer t\r\nAccept: */*\r\n\r\n",
		&reply);
	CHECK(rig_status(&reply) == 200);
	CHECK_TEXT(rig_body(&reply), "hello");
	CHECK(strstr(text_str(&reply), "\r\nContent-Type: text/plain\r\n") != NULL);
	check_seen(&rig, "GET /a%20b?c=d HTTP/1.1\r\nHost: here:8000\r\n"
			 "Authorization: Bearer t\r\nAccept: */*\r\n"
			 "X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: http\r\n"
			 "X-Forwarded-Host: here:8000\r\n\r\n");
}

TEST(the_absolute_form_and_old_clients_get_an_ordinary_head)
{
	static const struct {
		const char *request, *line;
	} cases[] = {
		{"GET http://h/x?y HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
		 "GET /x?y HTTP/1.1\r\nHost: h\r\n"},
		{"GET http://h HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
		 "GET / HTTP/1.1\r\nHost: h\r\n"},
		{"GET http://h?q HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
		 "GET /?q HTTP/1.1\r\nHost: h\r\n"},
		{"GET /old HTTP/1.0\r\n\r\n", "GET /old HTTP/1.1\r\nHost: localhost\r\n"},
	};
	auto_rig rig = {.script = rig_answer_all, .reply = OK_HELLO};
	auto_text reply = {0};

	rig_start(&rig);
	for (size_t i = 0; i < array_len(cases); i++) {
		rig_talk(&rig, cases[i].request, &reply);
		CHECK_TEXT(rig_body(&reply), "hello");
		pthread_mutex_lock(&rig.lock);
		if (!CHECK(text_starts_with(text_str(&rig.seen), cases[i].line)))
			printf("# %s\n", text_str(&rig.seen));
		text_clear(&rig.seen);
		pthread_mutex_unlock(&rig.lock);
	}
}

TEST(options_replace_method_target_headers_and_body)
{
	struct field_pair pairs[] = {
		{.name = (char *)(uintptr_t) "X-Key", .value = (char *)(uintptr_t) "ours"},
		{.name = (char *)(uintptr_t) "Transfer-Encoding",
		 .value = (char *)(uintptr_t) "chunked"}};
	const struct field_pairs headers = {pairs, array_len(pairs)};
	auto_text body = {0};
	auto_rig rig = {.script = rig_answer_all, .reply = OK_HELLO};
	auto_text reply = {0};

	text_add(&body, "{\"a\": 1}");
	rig.relay = (struct relay_options){
		.method = "POST", .target = "/other?x=1", .headers = &headers, .body = &body};
	rig_start(&rig);
	rig_talk(&rig, "GET / HTTP/1.1\r\nHost: h\r\nx-key: theirs\r\nConnection: close\r\n\r\n",
		 &reply);
	CHECK_TEXT(rig_body(&reply), "hello");
	check_seen(&rig, "POST /other?x=1 HTTP/1.1\r\nHost: h\r\nX-Key: ours\r\n"
			 "X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: http\r\n"
			 "X-Forwarded-Host: h\r\nContent-Length: 8\r\n\r\n{\"a\": 1}");
	pthread_mutex_lock(&rig.lock);
	rig.relay.body = NULL;
	pthread_mutex_unlock(&rig.lock);
	rig_talk(&rig, "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", &reply);
	pthread_mutex_lock(&rig.lock);
	CHECK(strstr(text_str(&rig.seen), "\r\nContent-Length: 0\r\n") != NULL);
	pthread_mutex_unlock(&rig.lock);
}

TEST(fields_that_the_handler_sets_are_not_said_twice)
{
	static const char *const own[] = {"X-Mine", "content-type", NULL};
	auto_rig rig = {.script = rig_answer_all, .reply = OK_HELLO};
	auto_text reply = {0};

	rig.relay.own_fields = own;
	rig_start(&rig);
	rig_talk(&rig, "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", &reply);
	CHECK_TEXT(rig_body(&reply), "hello");
	CHECK(!strcasestr(text_str(&reply), "content-type"));
}

TEST(one_connection_serves_one_request_after_the_other)
{
	auto_rig rig = {.script = rig_answer_all, .reply = OK_HELLO};
	auto_text reply = {0};

	rig_start(&rig);
	auto_fd int fd = rig_client(&rig);
	for (int i = 0; i < 50; i++) {
		CHECK(rig_say(fd, "GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
		text_clear(&reply);
		CHECK_OR_STOP(rig_hear_until(fd, &reply, "\r\n\r\nhello"));
	}
	CHECK(rig.n_connections == 1);
}

TEST(answers_of_every_framing)
{
	static const struct {
		const char *reply;
		int status;
		const char *body;
	} cases[] = {
		{OK_HELLO, 200, "hello"},
		{"HTTP/1.1 201 Made\r\nContent-Length: 0\r\n\r\n", 201, ""},
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
		 "3;x=y\r\nabc\r\n1\r\n7\r\n0\r\nTrailer: 1\r\n\r\n",
		 200, "3\r\nabc\r\n1\r\n7\r\n0\r\n\r\n"},
		{"HTTP/1.0 200 OK\r\n\r\nuntil the end", 200, "d\r\nuntil the end\r\n0\r\n\r\n"},
		{"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nto the end", 200,
		 "a\r\nto the end\r\n0\r\n\r\n"},
		{"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" OK_HELLO,
		 200, "hello"},
		{"HTTP/1.1 204 No Content\r\n\r\n", 204, ""},
		{"HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\nContent-Length: 7\r\n\r\n", 304, ""},
		{"HTTP/1.1 500 Oh\r\nContent-Length: 2\r\n\r\nno", 500, "no"},
	};
	auto_text reply = {0};

	for (size_t i = 0; i < array_len(cases); i++) {
		auto_rig rig = {.script = rig_answer_once, .reply = cases[i].reply};
		rig_start(&rig);
		rig_talk(&rig, "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", &reply);
		CHECK(rig_status(&reply) == cases[i].status);
		CHECK_TEXT(rig_body(&reply), cases[i].body);
		CHECK(rig.last_code == -1);
	}
}

TEST(head_leaves_the_body_out)
{
	static const char request[] = "HEAD / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
	auto_rig rig = {.script = rig_answer_all,
			.reply = "HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n"};
	auto_text reply = {0};

	rig_start(&rig);
	rig_talk(&rig, request, &reply);
	CHECK(rig_status(&reply) == 200);
	CHECK(strcasestr(text_str(&reply), "\r\nContent-Length: 1234\r\n") != NULL);
	CHECK_TEXT(rig_body(&reply), "");
	pthread_mutex_lock(&rig.lock);
	rig.relay.method = "GET";
	rig.reply = OK_HELLO;
	pthread_mutex_unlock(&rig.lock);
	rig_talk(&rig, request, &reply);
	CHECK(strcasestr(text_str(&reply), "\r\nContent-Length: 5\r\n") != NULL);
	CHECK_TEXT(rig_body(&reply), "");
}

/* --- bodies that go up */

TEST(bodies_go_up_with_their_framing)
{
	auto_rig rig = {.script = rig_answer_once, .reply = OK_HELLO};
	auto_text reply = {0};

	rig_start(&rig);
	rig_talk(&rig,
		 "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc",
		 &reply);
	CHECK_TEXT(rig_body(&reply), "hello");
	check_seen(&rig, "POST / HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 127.0.0.1\r\n"
			 "X-Forwarded-Proto: http\r\nX-Forwarded-Host: h\r\n"
			 "Content-Length: 3\r\n\r\nabc");
}

static void answer_after_chunks(struct rig *rig, int fd, int nth)
{
	auto_text request = {0};

	(void)nth;
	if (rig_hear_until(fd, &request, "0\r\n\r\n")) {
		rig_see(rig, &request);
		rig_say(fd, OK_HELLO);
	}
}

TEST(chunks_go_up_as_chunks_without_extensions_and_trailers)
{
	auto_rig rig = {.script = answer_after_chunks};
	auto_text reply = {0};

	rig_start(&rig);
	rig_talk(
		&rig,
		"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
		"3;e=1\r\nabc\r\n0\r\nX: y\r\n\r\n",
		&reply);
	CHECK_TEXT(rig_body(&reply), "hello");
	pthread_mutex_lock(&rig.lock);
	CHECK(strstr(text_str(&rig.seen),
		     "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"));
	pthread_mutex_unlock(&rig.lock);
}

TEST(who_expects_100_gets_it_from_us)
{
	auto_rig rig = {.script = rig_answer_all,
			.reply = "HTTP/1.1 100 Continue\r\n\r\n" OK_HELLO};
	auto_text reply = {0};

	rig_start(&rig);
	auto_fd int fd = rig_client(&rig);
	CHECK(rig_say(fd, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n"
			  "Expect: 100-continue\r\nConnection: close\r\n\r\n"));
	CHECK(rig_hear_until(fd, &reply, "\r\n\r\n"));
	CHECK_TEXT(text_str(&reply), "HTTP/1.1 100 Continue\r\n\r\n");
	text_clear(&reply);
	CHECK(rig_say(fd, "abc"));
	CHECK(rig_hear_until(fd, &reply, "hello"));
	CHECK(rig_status(&reply) == 200);
	pthread_mutex_lock(&rig.lock);
	CHECK(!strcasestr(text_str(&rig.seen), "expect"));
	pthread_mutex_unlock(&rig.lock);
}

/* --- streams: the next piece is sent only when the client has the last one */

static atomic_int n_wanted;
static const char *const events[] = {"data: one\n\n", "data: two\r\n\r\n", ": \xff\x01\n", "x"};

static void stream_events(struct rig *rig, int fd, int nth)
{
	auto_text request = {0};
	auto_text chunk = {0};

	(void)nth;
	(void)rig;
	rig_hear_request(fd, &request);
	rig_say(fd, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
		    "Transfer-Encoding: chunked\r\n\r\n");
	for (int i = 0; i < (int)array_len(events); i++) {
		RIG_EVENTUALLY(n_wanted > i);
		text_clear(&chunk);
		text_addf(&chunk, "%zx\r\n%s\r\n", strlen(events[i]), events[i]);
		rig_say(fd, chunk.bytes);
	}
	RIG_EVENTUALLY(n_wanted > (int)array_len(events));
	rig_say(fd, "0\r\n\r\n");
}

static void expect_event(int fd, const char *event)
{
	auto_text chunk = {0};
	auto_text heard = {0};

	text_addf(&chunk, "%zx\r\n%s\r\n", strlen(event), event);
	n_wanted++;
	while (heard.len < chunk.len && rig_hear(fd, &heard))
		;
	CHECK_TEXT(text_str(&heard), chunk.bytes);
}

TEST(a_stream_comes_byte_for_byte_and_piece_by_piece)
{
	auto_rig rig = {.script = stream_events};
	auto_text reply = {0};

	rig_start(&rig);
	auto_fd int fd = rig_client(&rig);
	CHECK(rig_say(fd, "GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
	CHECK_OR_STOP(rig_hear_until(fd, &reply, "\r\n\r\n"));
	CHECK(rig_status(&reply) == 200);
	CHECK_TEXT(rig_body(&reply), "");
	for (size_t i = 0; i < array_len(events); i++)
		expect_event(fd, events[i]);
	text_clear(&reply);
	n_wanted++;
	CHECK(rig_hear_until(fd, &reply, "0\r\n\r\n"));
}
