/* SPDX-License-Identifier: MIT
 * tests/vectors/http: odd messages and what becomes of them, whole and in pieces.
 */
#include "lib/base/io.h"
#include "lib/base/strings.h"
#include "tests/unit/http1_message.h"
#include "tests/unit/tap.h"

struct shape {
	char name[80];
	enum message_kind kind;
	int want;
	struct text body;
	struct text bytes;
	size_t len; /* of the message; what stands behind it is not of it */
	bool has_rest;
};

/* Escapes of a line of the file. */
static void add_bytes(struct text *out, const char *line)
{
	for (const char *p = line; *p; p++) {
		char pair[3] = {0};

		if (*p != '\\') {
			text_add_char(out, *p);
			continue;
		}
		p++;
		switch (*p) {
		case 'r':
			text_add_char(out, '\r');
			break;
		case 'n':
			text_add_char(out, '\n');
			break;
		case 't':
			text_add_char(out, '\t');
			break;
		case 'x':
			memcpy(pair, p + 1, 2);
			text_add_char(out, (char)strtoul(pair, NULL, 16));
			p += 2;
			break;
		default:
			text_add_char(out, *p);
		}
	}
}

static void check_pieces(struct shape *s, const size_t *steps, size_t n_steps)
{
	auto_message got = {0};
	struct slice bytes = {s->bytes.bytes, s->bytes.len};
	size_t len = s->has_rest ? s->len : s->bytes.len;

	message_read(&got, s->kind, bytes, steps, n_steps);
	bool ok = CHECK(got.status == s->want) && CHECK((got.reason == NULL) == (s->want <= 200));

	if (s->want == 200)
		ok = CHECK(got.used == len) && CHECK(got.body.len == s->body.len) &&
		     CHECK(memcmp(text_str(&got.body), text_str(&s->body), s->body.len) == 0) && ok;
	if (!ok)
		printf("# '%s', pieces of %zu: %d %s, %zu bytes\n", s->name, steps[0], got.status,
		       got.reason ? got.reason : "", got.used);
}

static void check_shape(struct shape *s)
{
	static const size_t steps[] = {1, 2, 3, 7, 64, 1 << 20};
	static const size_t uneven[] = {5, 1, 30, 1, 1, 2};

	for (size_t i = 0; i < array_len(steps); i++)
		check_pieces(s, &steps[i], 1);
	check_pieces(s, uneven, array_len(uneven));
	text_release(&s->bytes);
	text_release(&s->body);
	*s = (struct shape){0};
}

static void add_line(struct shape *s, const char *line)
{
	if (strcmp(line, "to HEAD") == 0) {
		s->kind = MESSAGE_REPLY_TO_HEAD;
	} else if (text_starts_with(line, "want ")) {
		char *end = NULL;

		s->want = (int)strtol(line + 5, &end, 10);
		if (*end == ' ')
			add_bytes(&s->body, end + 1);
	} else if (strcmp(line, "behind") == 0) {
		s->len = s->bytes.len;
		s->has_rest = true;
	} else {
		add_bytes(&s->bytes, line);
	}
}

static size_t check_file(const char *name, enum message_kind kind)
{
	const char *root = getenv("CHUTES_SHARE");
	auto_free char *path = xprintf("%s/tests/vectors/http/%s", root ? root : ".", name);
	auto_text text = {0};
	struct error err = {0};
	struct shape shape = {0};
	auto_strings lines = {0};
	size_t n = 0;

	if (!CHECK(file_read(path, 1 << 20, &text, &err)))
		return 0;
	strings_split(&lines, text_str(&text), '\n');
	for (size_t i = 0; i < lines.n; i++) {
		const char *line = lines.items[i];

		if (*line == '#' || *line == '\0')
			continue;
		if (!text_starts_with(line, "== ")) {
			add_line(&shape, line);
			continue;
		}
		if (n++)
			check_shape(&shape);
		shape.kind = kind;
		snprintf(shape.name, sizeof(shape.name), "%s", line + 3);
	}
	check_shape(&shape);
	return n;
}

TEST(requests) { CHECK(check_file("request.txt", MESSAGE_REQUEST) > 70); }

TEST(framing) { CHECK(check_file("framing.txt", MESSAGE_REQUEST) > 30); }

TEST(chunked_bodies) { CHECK(check_file("chunked.txt", MESSAGE_REQUEST) > 40); }

TEST(replies) { CHECK(check_file("reply.txt", MESSAGE_REPLY) > 40); }
