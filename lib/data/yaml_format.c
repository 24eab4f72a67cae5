/* SPDX-License-Identifier: MIT */
#include "lib/data/yaml_format.h"

#include "lib/base/memory.h"
#include "lib/data/yaml_internal.h"
#include "lib/data/yaml_layout.h"

#include <string.h>

enum { INDENT = 2, LEVELS_MAX = 4 * YAML_MAX_DEPTH };

/* A collection of blocks that the current line stands in. */
struct level {
	size_t old; /* column, in blanks */
	size_t new;
	bool is_list;
	bool is_flush; /* a list at the column of its key */
};

struct line {
	enum yaml_line_kind kind;
	size_t indent;
	const char *text; /* without indentation and blanks at the end */
	size_t len;
	bool is_placed;      /* of a comment: its indentation is the new one */
	const char *top_key; /* of the document's mapping, when one starts here */
};

struct formatter {
	const struct yaml_source *source;
	const struct yaml_layout *layout;
	struct arena *arena;
	struct line *lines;
	struct level levels[LEVELS_MAX];
	size_t depth;
	size_t first_pending; /* comments that wait for the line below them; SIZE_MAX: none */
	bool is_odd;          /* something of YAML that this does not know */
};

static struct level *top(struct formatter *m) { return &m->levels[m->depth - 1]; }

static void push(struct formatter *m, size_t old, bool is_list, bool is_flush)
{
	size_t new = m->depth ? top(m)->new + INDENT : 0;

	if (m->depth == LEVELS_MAX) {
		m->is_odd = true;
		return;
	}
	m->levels[m->depth++] = (struct level){old, new, is_list, is_flush};
}

static size_t count_blanks(const char *line, size_t len)
{
	size_t n = 0;

	while (n < len && line[n] == ' ')
		n++;
	return n;
}

static size_t skip_blanks(const char *line, size_t len, size_t at)
{
	while (at < len && (line[at] == ' ' || line[at] == '\t'))
		at++;
	return at;
}

static size_t without_blanks_behind(const char *line, size_t len)
{
	while (len > 0 && (line[len - 1] == ' ' || line[len - 1] == '\t'))
		len--;
	return len;
}

static bool is_dash(const char *line, size_t len, size_t at)
{
	return at < len && line[at] == '-' &&
	       (at + 1 == len || line[at + 1] == ' ' || line[at + 1] == '\t');
}

/* A key in the form "? key", or its ": value". */
static bool is_odd(const char *line, size_t len, size_t at)
{
	return at < len && (line[at] == '?' || line[at] == ':') &&
	       (at + 1 == len || line[at + 1] == ' ' || line[at + 1] == '\t');
}

/* Comments deeper than the line below them belong to what stands above; the levels are those. The
 * others wait for that line. */
static void place_deep_comments(struct formatter *m, size_t below, size_t column)
{
	for (size_t i = m->first_pending; i < below; i++) {
		struct line *line = &m->lines[i];
		size_t depth = m->depth;

		if (line->kind != YAML_LINE_COMMENT || line->indent <= column || depth == 0)
			continue;
		while (depth > 1 && m->levels[depth - 1].old > line->indent)
			depth--;
		const struct level *level = &m->levels[depth - 1];

		line->is_placed = true;
		line->indent = level->new + (line->indent > level->old ? INDENT : 0);
	}
}

static void place_comments(struct formatter *m, size_t below, size_t indent)
{
	for (size_t i = m->first_pending; i < below; i++)
		if (m->lines[i].kind == YAML_LINE_COMMENT && !m->lines[i].is_placed)
			m->lines[i].indent = indent;
	m->first_pending = SIZE_MAX;
}

/* The levels of a line whose first character stands at `at`; `depth` is as before it. */
static void enter_levels(struct formatter *m, const char *s, size_t len, size_t at)
{
	bool has_dash = is_dash(s, len, at);

	while (m->depth > 0 &&
	       (top(m)->old > at || (top(m)->old == at && top(m)->is_flush && !has_dash)))
		m->depth--;
	if (m->depth == 0 || top(m)->old < at)
		push(m, at, has_dash, false);
	else if (has_dash && !top(m)->is_list)
		push(m, at, true, true);
}

/* The part behind a ':' or '-': one blank, then the rest; in front of a comment as many as before.
 */
static void add_rest(struct text *out, const char *s, size_t len, size_t at)
{
	size_t rest = skip_blanks(s, len, at);

	if (rest == len)
		return;
	if (s[rest] == '#')
		text_add_bytes(out, s + at, rest - at);
	else
		text_add_char(out, ' ');
	text_add_bytes(out, s + rest, len - rest);
}

/* Without its quotes; a key with escapes is nobody's. */
static const char *key_name(struct formatter *m, const char *s, size_t len)
{
	bool is_quoted = len >= 2 && (s[0] == '"' || s[0] == '\'');

	return arena_strndup(m->arena, s + is_quoted, is_quoted ? len - 2 : len);
}

static void format_code(struct formatter *m, size_t i, const char *s, size_t len)
{
	struct line *line = &m->lines[i];
	size_t at = count_blanks(s, len);
	auto_text out = {0};

	place_deep_comments(m, i, at);
	enter_levels(m, s, len, at);
	line->indent = top(m)->new;
	place_comments(m, i, line->indent);
	while (is_dash(s, len, at)) {
		size_t next = skip_blanks(s, len, at + 1);

		if (next == len || s[next] == '#')
			break;
		text_add(&out, "- ");
		at = next;
		if (is_dash(s, len, at) || yaml_layout_find(m->layout, i, at))
			push(m, at, is_dash(s, len, at), false);
	}
	const struct yaml_key_range *key = yaml_layout_find(m->layout, i, at);
	size_t colon = key ? skip_blanks(s, len, key->end) : 0;

	m->is_odd |= is_odd(s, len, at) || (key && (colon == len || s[colon] != ':'));
	if (key && !m->is_odd) {
		text_add_bytes(&out, s + at, key->end - at);
		text_add_char(&out, ':');
		add_rest(&out, s, len, colon + 1);
		if (m->depth == 1 && !top(m)->is_list)
			line->top_key = key_name(m, s + at, key->end - at);
	} else {
		text_add_bytes(&out, s + at, len - at);
	}
	line->len = out.len;
	line->text = arena_strndup(m->arena, text_str(&out), out.len);
}

/* What goes on from the line above moves as far as that did. */
static void format_inside(struct formatter *m, size_t i, const char *s, size_t len)
{
	struct line *line = &m->lines[i];
	size_t blanks = count_blanks(s, len);
	size_t old = m->depth ? top(m)->old : 0;
	size_t new = m->depth ? top(m)->new : 0;

	line->indent = blanks + new > old ? blanks + new - old : 0;
	if (line->kind == YAML_LINE_PLAIN && line->indent < new + INDENT)
		line->indent = new + INDENT;
	if (line->kind == YAML_LINE_FLOW || line->kind == YAML_LINE_PLAIN)
		len = without_blanks_behind(s, len);
	line->text = s + blanks;
	line->len = len > blanks ? len - blanks : 0;
	if (line->len == 0 && (line->kind != YAML_LINE_LITERAL || blanks == 0))
		line->indent = 0;
}

static void format_line(struct formatter *m, size_t i)
{
	struct line *line = &m->lines[i];
	const char *s = NULL;
	size_t len = 0;

	line->kind = m->layout->lines[i];
	if (!yaml_line(m->source, i + 1, &s, &len))
		return;
	switch (line->kind) {
	case YAML_LINE_BLANK:
		break;
	case YAML_LINE_COMMENT:
		line->indent = skip_blanks(s, len, 0);
		line->text = s + line->indent;
		line->len = without_blanks_behind(s, len) - line->indent;
		if (m->first_pending == SIZE_MAX)
			m->first_pending = i;
		break;
	case YAML_LINE_CODE:
		format_code(m, i, s, without_blanks_behind(s, len));
		break;
	case YAML_LINE_FLOW:
	case YAML_LINE_PLAIN:
	case YAML_LINE_QUOTED:
	case YAML_LINE_LITERAL:
		format_inside(m, i, s, len);
		break;
	case YAML_LINE_MARKER:
		m->is_odd |= without_blanks_behind(s, len) > strlen("---") && s[0] != '%';
		line->text = s;
		line->len = without_blanks_behind(s, len);
		break;
	}
}

/* --- the order of the top level */

/* A key of the top level with the comments above it; or what stands in front of all keys, and
 * behind them. */
struct chunk {
	size_t first;
	size_t end;
	size_t rank;
	bool has_blank; /* in front */
};

static bool is_text(const struct line *line) { return line->kind != YAML_LINE_BLANK; }

/* The first line of what belongs to a key: comments above it, as deep as it is. */
static size_t first_of_key(const struct line *lines, size_t key, size_t from)
{
	size_t first = key;

	for (size_t i = key; i > from; i--) {
		if (!is_text(&lines[i - 1]))
			continue;
		if (lines[i - 1].kind != YAML_LINE_COMMENT || lines[i - 1].indent > 0)
			break;
		first = i - 1;
	}
	return first;
}

/* The end of what always stays on top: markers, notes to tools, and comments with a blank line
 * below them. */
static size_t end_of_head(const struct line *lines, size_t n)
{
	size_t end = 0;

	for (size_t i = 0; i < n && lines[i].kind != YAML_LINE_CODE; i++) {
		bool is_note = lines[i].kind == YAML_LINE_COMMENT &&
			       memmem(lines[i].text, lines[i].len, "yaml-language-server", 20);

		if (lines[i].kind == YAML_LINE_MARKER || is_note ||
		    (i > 0 && lines[i].kind == YAML_LINE_BLANK))
			end = i + 1;
	}
	return end;
}

/* The first line of what stays at the bottom: comments of the top level, and the end's marker. */
static size_t start_of_foot(const struct line *lines, size_t n, size_t head)
{
	size_t start = n;

	for (size_t i = n; i > head; i--) {
		if (!is_text(&lines[i - 1]))
			continue;
		if (lines[i - 1].kind != YAML_LINE_MARKER &&
		    (lines[i - 1].kind != YAML_LINE_COMMENT || lines[i - 1].indent > 0))
			break;
		start = i - 1;
	}
	return start;
}

static bool has_blank_before(const struct line *lines, size_t i)
{
	return i > 0 && lines[i - 1].kind == YAML_LINE_BLANK;
}

/* Head, keys, foot. */
static size_t find_chunks(const struct formatter *m, size_t n, yaml_rank *rank, struct chunk *out)
{
	size_t head = end_of_head(m->lines, n);
	size_t foot = start_of_foot(m->lines, n, head);
	size_t n_chunks = 0;
	size_t behind = head; /* the line of the key before */

	out[n_chunks++] = (struct chunk){0, foot, 0, false};
	for (size_t i = head; i < foot; i++) {
		if (!m->lines[i].top_key)
			continue;
		size_t first = first_of_key(m->lines, i, behind);

		out[n_chunks - 1].end = first;
		out[n_chunks++] = (struct chunk){first, foot, rank ? rank(m->lines[i].top_key) : 0,
						 has_blank_before(m->lines, first)};
		behind = i + 1;
	}
	out[n_chunks++] = (struct chunk){foot, n, SIZE_MAX, has_blank_before(m->lines, foot)};
	return n_chunks;
}

static int compare_chunks(const void *a, const void *b)
{
	const struct chunk *x = a;
	const struct chunk *y = b;

	return x->rank != y->rank ? (x->rank < y->rank ? -1 : 1)
				  : (x->first > y->first) - (x->first < y->first);
}

/* Head and foot stay; the blank line below the head is the head's. */
static void sort_chunks(struct chunk *chunks, size_t n)
{
	enum { ENDS = 2 };

	if (n == ENDS)
		return;
	bool has_blank = chunks[1].has_blank;

	if (n > ENDS + 1)
		chunks[1].has_blank = chunks[2].has_blank;
	qsort(chunks + 1, n - ENDS, sizeof(*chunks), compare_chunks);
	chunks[1].has_blank = has_blank;
}

/* --- the text */

static void write_line(struct text *out, const struct line *line)
{
	for (size_t i = 0; i < line->indent; i++)
		text_add_char(out, ' ');
	text_add_bytes(out, line->text ? line->text : "", line->len);
	text_add_char(out, '\n');
}

static void write_chunk(const struct formatter *m, const struct chunk *c, struct text *out)
{
	bool wants_blank = c->has_blank && out->len > 0;

	for (size_t i = c->first; i < c->end; i++) {
		if (!is_text(&m->lines[i])) {
			wants_blank = i > c->first;
			continue;
		}
		if (wants_blank && out->len > 0)
			text_add_char(out, '\n');
		wants_blank = false;
		write_line(out, &m->lines[i]);
	}
}

/* NOLINTNEXTLINE(misc-no-recursion): at most YAML_MAX_DEPTH deep */
static bool is_same(const struct yaml_node *a, const struct yaml_node *b)
{
	bool is_good = a->kind == b->kind && a->n == b->n && a->is_plain == b->is_plain &&
		       a->is_block == b->is_block;

	if (is_good && a->kind == YAML_SCALAR)
		return strcmp(a->text, b->text) == 0;
	for (size_t i = 0; is_good && i < a->n; i++)
		is_good = a->kind == YAML_SEQUENCE
				  ? is_same(a->items[i], b->items[i])
				  : strcmp(a->pairs[i].key, b->pairs[i].key) == 0 &&
					    is_same(a->pairs[i].value, b->pairs[i].value);
	return is_good;
}

static int compare_pairs(const void *a, const void *b)
{
	return strcmp(((const struct yaml_pair *)a)->key, ((const struct yaml_pair *)b)->key);
}

/* The same, whatever the order of the top level. */
static bool is_same_document(const struct yaml_node *a, const struct yaml_node *b)
{
	if (a->kind != YAML_MAPPING || b->kind != YAML_MAPPING)
		return is_same(a, b);
	struct yaml_node x = *a;
	struct yaml_node y = *b;
	auto_free struct yaml_pair *pairs_x = xmemdup(a->pairs, (a->n + 1) * sizeof(*a->pairs));
	auto_free struct yaml_pair *pairs_y = xmemdup(b->pairs, (b->n + 1) * sizeof(*b->pairs));

	qsort(pairs_x, a->n, sizeof(*pairs_x), compare_pairs);
	qsort(pairs_y, b->n, sizeof(*pairs_y), compare_pairs);
	x.pairs = pairs_x;
	y.pairs = pairs_y;
	return is_same(&x, &y);
}

/* How often each byte stands there, blanks and line breaks aside: comments do not get lost, either.
 */
static void count_bytes(const char *s, size_t len, size_t counts[256])
{
	for (size_t i = 0; i < len; i++)
		if (!strchr(" \t\r\n", s[i]))
			counts[(unsigned char)s[i]]++;
}

static bool means_the_same(const struct yaml_source *source, const struct yaml_node *root,
			   const struct text *text)
{
	auto_arena arena = {0};
	auto_findings ignored = {0};
	size_t before[256] = {0};
	size_t after[256] = {0};
	struct yaml_source copy = yaml_source_new(NULL, text_str(text), text->len, &arena);
	const struct yaml_node *now = yaml_parse(&copy, &arena, &ignored);

	count_bytes(source->text + source->lines[0], source->len - source->lines[0], before);
	count_bytes(text_str(text), text->len, after);
	return now && ignored.n == 0 && is_same_document(root, now) &&
	       memcmp(before, after, sizeof(before)) == 0;
}

static void write_all(const struct formatter *m, size_t n, yaml_rank *rank, struct text *out)
{
	size_t n_keys = 0;

	for (size_t i = 0; i < n; i++)
		n_keys += m->lines[i].top_key != NULL;
	auto_free struct chunk *chunks = xcalloc(n_keys + 3, sizeof(*chunks));
	size_t n_chunks = find_chunks(m, n, rank, chunks);

	sort_chunks(chunks, n_chunks);
	for (size_t i = 0; i < n_chunks; i++)
		write_chunk(m, &chunks[i], out);
}

/* Line breaks that YAML knows beside those that a line of ours ends with; byte order marks inside.
 */
static bool has_odd_bytes(const struct yaml_source *source)
{
	static const char *const odd[] = {"\xc2\x85", "\xe2\x80\xa8", "\xe2\x80\xa9",
					  "\xef\xbb\xbf"};
	const char *text = source->text + source->lines[0];
	size_t len = source->len - source->lines[0];

	for (size_t i = 0; i < array_len(odd); i++)
		if (memmem(text, len, odd[i], strlen(odd[i])))
			return true;
	for (size_t i = 0; i < len; i++)
		if (text[i] == '\r' && (i + 1 == len || text[i + 1] != '\n'))
			return true;
	return false;
}

bool yaml_format(const struct yaml_source *source, yaml_rank *rank, struct text *out,
		 struct findings *f, struct error *err)
{
	auto_arena arena = {0};
	const struct yaml_node *root = yaml_parse(source, &arena, f);

	if (!root || f->n > 0)
		return findings_pass(f, err) &&
		       fail(err, ERROR_SPEC, "the document cannot be read");
	struct yaml_layout layout = yaml_layout_new(source, &arena);
	struct formatter m = {
		.source = source,
		.layout = &layout,
		.arena = &arena,
		.lines = arena_alloc(&arena, (source->n_lines + 1) * sizeof(*m.lines)),
		.first_pending = SIZE_MAX,
		.is_odd = has_odd_bytes(source),
	};

	for (size_t i = 0; i < source->n_lines; i++)
		format_line(&m, i);
	place_deep_comments(&m, source->n_lines, 0);
	place_comments(&m, source->n_lines, 0);
	/* an anchor must stay above its aliases, so that some documents keep their order */
	for (int keeps_order = 0; keeps_order <= 1 && !m.is_odd; keeps_order++) {
		auto_text text = {0};

		write_all(&m, source->n_lines, keeps_order ? NULL : rank, &text);
		for (int drops_end = 0; drops_end <= 1; drops_end++) {
			if (means_the_same(source, root, &text)) {
				text_add_bytes(out, text_str(&text), text.len);
				return true;
			}
			/* a text behind | that ends with the file may have no line break */
			if (text.len > 0)
				text.bytes[--text.len] = '\0';
		}
	}
	fail(err, ERROR_FAILURE, "the formatted text would not mean the same");
	return fail_hint(err,
			 "nothing was changed; write 'key: value' instead of '? key', and '---' on "
			 "a line of its own");
}
