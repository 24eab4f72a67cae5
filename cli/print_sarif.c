/* SPDX-License-Identifier: MIT
 * Findings as SARIF 2.1.0 (OASIS), which code hosts show beside the lines that they are about.
 */
#include "cli/print_internal.h"

#include "lib/base/memory.h"

#include <ctype.h>
#include <string.h>

#define SCHEMA                                                                                     \
	"https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/"                      \
	"sarif-schema-2.1.0.json"

static const char *level(enum severity severity)
{
	return severity == SEVERITY_ERROR ? "error" : "warning";
}

static void add_message(struct json_out *j, const char *key, const char *message)
{
	json_out_object(j, key);
	json_out_text(j, "text", message);
	json_out_object_end(j);
}

static void add_rules(struct json_out *j)
{
	json_out_array(j, "rules");
	for (size_t i = 0; finding_row_at(i); i++) {
		const struct finding_row *row = finding_row_at(i);

		json_out_object(j, NULL);
		json_out_text(j, "id", row->code);
		add_message(j, "shortDescription", row->title);
		add_message(j, "fullDescription", row->explain);
		add_message(j, "help", row->explain);
		json_out_object(j, "defaultConfiguration");
		json_out_text(j, "level", level(row->severity));
		json_out_object_end(j);
		json_out_object_end(j);
	}
	json_out_array_end(j);
}

/* A path as a URI reference (RFC 3986). */
static void add_uri(struct json_out *j, const char *path)
{
	auto_text uri = {0};

	text_add(&uri, path[0] == '/' ? "file://" : "");
	for (const char *c = path; *c; c++)
		if (isalnum((unsigned char)*c) || strchr("-._~/", *c))
			text_add_char(&uri, *c);
		else
			text_addf(&uri, "%%%02X", (unsigned char)*c);
	json_out_text(j, "uri", text_str(&uri));
}

static void add_location(struct json_out *j, const struct finding *f)
{
	json_out_array(j, "locations");
	if (f->file) {
		json_out_object(j, NULL);
		json_out_object(j, "physicalLocation");
		json_out_object(j, "artifactLocation");
		add_uri(j, f->file);
		json_out_object_end(j);
		if (f->line) {
			json_out_object(j, "region");
			json_out_number(j, "startLine", (int64_t)f->line);
			if (f->column)
				json_out_number(j, "startColumn", (int64_t)f->column);
			if (f->column && f->width)
				json_out_number(j, "endColumn", (int64_t)(f->column + f->width));
			json_out_object_end(j);
		}
		json_out_object_end(j);
		json_out_object_end(j);
	}
	json_out_array_end(j);
}

static void add_result(struct json_out *j, const struct finding *f)
{
	auto_text message = {0};
	int64_t index = 0;

	while (finding_row_at((size_t)index) != f->row)
		index++;
	text_add(&message, f->message);
	if (f->hint)
		text_addf(&message, "\n%s", f->hint);
	json_out_object(j, NULL);
	json_out_text(j, "ruleId", f->row->code);
	json_out_number(j, "ruleIndex", index);
	json_out_text(j, "level", level(f->severity));
	add_message(j, "message", text_str(&message));
	add_location(j, f);
	json_out_object_end(j);
}

void print_add_sarif(struct text *out, const struct findings *f)
{
	auto_json_out j = {0};

	json_out_object(&j, NULL);
	json_out_text(&j, "$schema", SCHEMA);
	json_out_text(&j, "version", "2.1.0");
	json_out_array(&j, "runs");
	json_out_object(&j, NULL);
	json_out_object(&j, "tool");
	json_out_object(&j, "driver");
	json_out_text(&j, "name", "chutes");
	json_out_text(&j, "version", CHUTES_VERSION);
	add_rules(&j);
	json_out_object_end(&j);
	json_out_object_end(&j);
	/* columns count characters, not UTF-16 units */
	json_out_text(&j, "columnKind", "unicodeCodePoints");
	json_out_array(&j, "results");
	for (size_t i = 0; i < f->n; i++)
		add_result(&j, &f->items[i]);
	json_out_array_end(&j);
	json_out_object_end(&j);
	json_out_array_end(&j);
	json_out_object_end(&j);
	text_addf(out, "%s\n", text_str(&j.text));
}
