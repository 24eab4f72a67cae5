/* SPDX-License-Identifier: MIT
 * The text under a YAML document: whether it is text, and where its lines are.
 */
#include "lib/data/yaml_internal.h"

#include <string.h>

/* A longer line is no help to anybody, and a thousand findings may stand on it. */
enum { SHOWN_LINE_MAX_BYTES = 1000 };

static size_t bom_length(const struct yaml_source *source)
{
	return source->len >= 3 && memcmp(source->text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

struct yaml_source yaml_source_new(const char *file, const char *text, size_t len,
				   struct arena *arena)
{
	struct yaml_source source = {
		.file = file ? arena_strdup(arena, file) : NULL,
		.text = arena_strndup(arena, text, len),
		.len = len,
		.n_lines = 1,
	};

	for (size_t i = 0; i < len; i++)
		source.n_lines += text[i] == '\n';
	size_t *lines = arena_alloc(arena, source.n_lines * sizeof(*lines));
	size_t n = 0;

	lines[n++] = bom_length(&source);
	for (size_t i = 0; i < len; i++)
		if (text[i] == '\n')
			lines[n++] = i + 1;
	source.lines = lines;
	return source;
}

bool yaml_line(const struct yaml_source *source, size_t line, const char **start, size_t *len)
{
	if (line == 0 || line > source->n_lines)
		return false;
	size_t from = source->lines[line - 1];
	size_t to = line < source->n_lines ? source->lines[line] - 1 : source->len;

	if (to > from && source->text[to - 1] == '\r')
		to--;
	*start = source->text + from;
	*len = to - from;
	return true;
}

struct place yaml_place_at(const struct yaml_source *source, size_t offset)
{
	size_t line = 1;

	while (line < source->n_lines && source->lines[line] <= offset)
		line++;
	size_t start = source->lines[line - 1];
	size_t before = offset > start ? offset - start : 0;

	return (struct place){line, utf8_count(source->text + start, before) + 1, 1};
}

void yaml_place(const struct yaml_source *source, struct finding *f, struct place place)
{
	const char *start = NULL;
	size_t len = 0;

	finding_place(f, source->file, place.line, place.column, place.width);
	finding_hide_source(f);
	if (place.line > 0 && yaml_line(source, place.line, &start, &len) &&
	    len <= SHOWN_LINE_MAX_BYTES) {
		auto_text line = {0};

		text_add_bytes(&line, start, len);
		f->source = text_take(&line);
	}
}

static void add(const struct yaml_source *source, struct findings *f, const char *message,
		const char *hint, struct place place)
{
	struct finding *added = findings_add(f, "E102", "%s", message);

	if (hint)
		finding_hint(added, "%s", hint);
	/* the line is shown only where a terminal can show it */
	yaml_place(source, added, place);
	finding_hide_source(added);
}

void yaml_add_too_large(const struct yaml_source *source, struct findings *f)
{
	struct finding *added = findings_add(
		f, "E104", "the file is larger than the limit of %d bytes", YAML_MAX_BYTES);

	finding_hint(added, "move data into files that the spec names");
	yaml_place(source, added, (struct place){0});
}

bool yaml_check_text(const struct yaml_source *source, struct findings *f)
{
	const unsigned char *bytes = (const unsigned char *)source->text;

	if (source->len > YAML_MAX_BYTES) {
		yaml_add_too_large(source, f);
		return false;
	}
	if (source->len >= 2 &&
	    ((bytes[0] == 0xff && bytes[1] == 0xfe) || (bytes[0] == 0xfe && bytes[1] == 0xff))) {
		add(source, f, "the file is UTF-16 text", "save it as UTF-8", (struct place){0});
		return false;
	}
	const char *nul = memchr(source->text, '\0', source->len);

	if (nul) {
		add(source, f, "the file is binary: it contains a NUL byte", NULL,
		    yaml_place_at(source, (size_t)(nul - source->text)));
		return false;
	}
	for (size_t i = 0; i < source->len;) {
		size_t step = utf8_length(source->text + i, source->len - i);

		if (step == 0) {
			add(source, f, "the file is not UTF-8 text", "save it as UTF-8",
			    yaml_place_at(source, i));
			return false;
		}
		i += step;
	}
	return true;
}
