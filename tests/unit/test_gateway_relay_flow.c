/* SPDX-License-Identifier: MIT
 * Large bodies in both directions: all of it arrives, none of it stays in memory; answers that come
 * before the body has gone up.
 */
#include "tests/unit/relay_fixture.h"

enum {
	FLOW_BYTES = 64 << 20,
	FLOW_BYTES_SLOW = 8 << 20, /* with a sanitizer, and for slow readers */
	GROWTH_LIMIT = 12 << 20,
};
enum framing { WITH_LENGTH, CHUNKED, UNTIL_END };

static size_t flow_bytes(void) { return tap_slowness() > 1 ? FLOW_BYTES_SLOW : FLOW_BYTES; }

/* Resident bytes of this process. */
static size_t resident(void)
{
	FILE *f = fopen("/proc/self/statm", "re");
	char line[256] = "";
	char *second = line;

	if (f && fgets(line, sizeof(line), f))
		(void)strtoul(line, &second, 10);
	if (f)
		fclose(f);
	return line[0] ? strtoul(second, NULL, 10) * (size_t)sysconf(_SC_PAGESIZE) : 0;
}

/* Byte `at` of every body here. */
static char byte_at(size_t at) { return (char)(at * 31 + at / 251); }

static void fill(char *bytes, size_t from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		bytes[i] = byte_at(from + i);
}

static bool send_body(int fd, enum framing framing, size_t total)
{
	char piece[20000];
	char chunk_head[32];
	bool ok = true;

	for (size_t at = 0; ok && at < total;) {
		size_t n = total - at < sizeof(piece) ? total - at : sizeof(piece);
		fill(piece, at, n);
		if (framing == CHUNKED) {
			snprintf(chunk_head, sizeof(chunk_head), "%zx\r\n", n);
			ok = rig_say(fd, chunk_head);
		}
		ok = ok && rig_send(fd, piece, n) && (framing != CHUNKED || rig_say(fd, "\r\n"));
		at += n;
	}
	return ok && (framing != CHUNKED || rig_say(fd, "0\r\n\r\n"));
}

/* A reader of one body; `pause_ms` after each recv makes it a slow one. */
struct reader {
	int fd;
	unsigned pause_ms;
	size_t at, len;
	char bytes[16384];
};

static bool fill_reader(struct reader *r)
{
	if (r->pause_ms)
		sleep_ms(r->pause_ms);
	ssize_t n = recv(r->fd, r->bytes, sizeof(r->bytes), 0);
	r->at = 0;
	r->len = n > 0 ? (size_t)n : 0;
	return n > 0;
}

static bool read_line(struct reader *r, struct text *line)
{
	text_clear(line);
	while (!text_ends_with(text_str(line), "\r\n")) {
		if (r->at == r->len && !fill_reader(r))
			return false;
		text_add_char(line, r->bytes[r->at++]);
	}
	return true;
}

/* Payload from position `from` on; how much of it was right. */
static size_t read_payload(struct reader *r, size_t from, size_t n)
{
	for (size_t got = 0; got < n;) {
		if (r->at == r->len && !fill_reader(r))
			return got;
		for (; r->at < r->len && got < n; got++)
			if (r->bytes[r->at++] != byte_at(from + got))
				return got;
	}
	return n;
}

static size_t read_chunks(struct reader *r)
{
	auto_text line = {0};
	size_t total = 0;

	while (read_line(r, &line)) {
		size_t n = strtoul(text_str(&line), NULL, 16);
		size_t got = read_payload(r, total, n);
		total += got;
		if (n == 0 || got < n || !read_line(r, &line))
			break;
	}
	return total;
}

/* Skips the head; the length of the body as far as it is right. */
static size_t read_message(struct reader *r)
{
	auto_text line = {0};
	bool is_chunked = false;

	do {
		if (!read_line(r, &line))
			return 0;
		is_chunked |= strcasecmp(text_str(&line), "Transfer-Encoding: chunked\r\n") == 0;
	} while (line.len > 2);
	return is_chunked ? read_chunks(r) : read_payload(r, 0, flow_bytes());
}

struct flow {
	enum framing framing;
	size_t total;
	atomic_size_t n_received; /* by the chute */
};

static void receive_flow(struct rig *rig, int fd, int nth)
{
	struct flow *flow = rig->context;
	struct reader reader = {.fd = fd};

	(void)nth;
	flow->n_received = read_message(&reader);
	rig_say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
}

static void send_flow(struct rig *rig, int fd, int nth)
{
	struct flow *flow = rig->context;
	auto_text request = {0};
	auto_text head = {0};

	(void)nth;
	rig_hear_request(fd, &request);
	text_add(&head, "HTTP/1.1 200 OK\r\n");
	if (flow->framing == WITH_LENGTH)
		text_addf(&head, "Content-Length: %zu\r\n", flow->total);
	else if (flow->framing == CHUNKED)
		text_add(&head, "Transfer-Encoding: chunked\r\n");
	text_add(&head, "\r\n");
	CHECK(rig_say(fd, text_str(&head)) && send_body(fd, flow->framing, flow->total));
}

static void check_growth(size_t before)
{
	if (tap_slowness() > 1)
		return; /* the sanitizers have memory of their own */
	size_t after = resident();
	if (!CHECK(after < before + GROWTH_LIMIT))
		printf("# %zu -> %zu bytes\n", before, after);
}

static void check_up(enum framing framing)
{
	struct flow flow = {.framing = framing, .total = flow_bytes()};
	auto_rig rig = {.script = receive_flow, .context = &flow};
	auto_text text = {0};
	size_t before = resident();

	rig_start(&rig);
	auto_fd int fd = rig_client(&rig);
	text_add(&text, "POST / HTTP/1.1\r\nHost: h\r\n");
	if (framing == CHUNKED)
		text_add(&text, "Transfer-Encoding: chunked\r\n\r\n");
	else
		text_addf(&text, "Content-Length: %zu\r\n\r\n", flow.total);
	CHECK(rig_say(fd, text.bytes) && send_body(fd, framing, flow.total));
	text_clear(&text);
	CHECK(rig_hear_until(fd, &text, "\r\n\r\nok"));
	CHECK(flow.n_received == flow.total);
	check_growth(before);
}

TEST(large_bodies_go_up)
{
	if (tap_slowness() >= TAP_TOO_SLOW)
		SKIP("too slow here");
	check_up(WITH_LENGTH);
	check_up(CHUNKED);
}

static void check_down(enum framing framing, unsigned pause_ms, size_t total)
{
	struct flow flow = {.framing = framing, .total = total};
	auto_rig rig = {.script = send_flow, .context = &flow};
	size_t before = resident();

	rig_start(&rig);
	auto_fd int fd = rig_client(&rig);
	struct reader reader = {.fd = fd, .pause_ms = pause_ms};
	CHECK(rig_say(fd, "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
	size_t got = read_message(&reader);
	if (!CHECK(got == total))
		printf("# %zu of %zu\n", got, total);
	check_growth(before);
}

TEST(large_bodies_come_down)
{
	if (tap_slowness() >= TAP_TOO_SLOW)
		SKIP("too slow here");
	check_down(WITH_LENGTH, 0, flow_bytes());
	check_down(CHUNKED, 0, flow_bytes());
	check_down(UNTIL_END, 0, flow_bytes());
}

TEST(a_slow_reader_slows_the_chute)
{
	if (tap_slowness() >= TAP_TOO_SLOW)
		SKIP("too slow here");
	check_down(CHUNKED, 1, FLOW_BYTES_SLOW);
}

/* --- answers before the body has gone up */
static void refuse_at_once(struct rig *rig, int fd, int nth)
{
	auto_text head = {0};

	(void)nth;
	(void)rig;
	CHECK(rig_hear_until(fd, &head, "\r\n\r\n"));
	CHECK(rig_say(fd, "HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig"));
	CHECK(rig_hears_end(fd));
}

TEST(an_early_answer_ends_the_upload)
{
	auto_text reply = {0};

	for (int i = 0; i < 2; i++) {
		auto_rig rig = {.script = refuse_at_once};
		rig_start(&rig);
		auto_fd int fd = rig_client(&rig);
		/* one client sends nothing of it, one as much as it can */
		CHECK(rig_say(fd,
			      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000000\r\n\r\n"));
		if (i == 1)
			(void)send_body(fd, WITH_LENGTH, 65536);
		text_clear(&reply);
		CHECK(rig_hear_until(fd, &reply, "\r\n\r\nbig"));
		CHECK(rig_status(&reply) == 413);
		CHECK(strcasestr(text_str(&reply), "\r\nConnection: close\r\n") != NULL);
		CHECK(rig_hears_end(fd));
		CHECK(rig.last_code == -1);
	}
}

static void hint_then_receive(struct rig *rig, int fd, int nth)
{
	rig_say(fd, "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n");
	receive_flow(rig, fd, nth);
}

TEST(an_early_hint_does_not)
{
	struct flow flow = {.framing = WITH_LENGTH, .total = 8};
	auto_rig rig = {.script = hint_then_receive, .context = &flow};
	auto_text reply = {0};

	if (tap_slowness() >= TAP_TOO_SLOW)
		SKIP("too slow here");
	rig_start(&rig);
	auto_fd int fd = rig_client(&rig);
	CHECK(rig_say(fd, "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"));
	sleep_ms(120);
	CHECK(send_body(fd, CHUNKED, 100000));
	CHECK(rig_hear_until(fd, &reply, "\r\n\r\nok"));
	CHECK(rig_status(&reply) == 200);
	CHECK(flow.n_received == 100000);
}
