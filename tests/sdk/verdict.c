/* SPDX-License-Identifier: MIT
 * What the reader says to many specs: on standard input documents that each end with a NUL, on
 * standard output a line for each: the codes of its findings, a tab, and its first message. Only
 * text and structure count, and whether there is one mode: what a JSON Schema can also say. The
 * word "overlay" stands there when an overlay does not fit.
 */
#include "lib/base/memory.h"
#include "lib/base/text.h"
#include "lib/spec/spec_internal.h"

#include <stdio.h>
#include <string.h>

static void read_structure(const char *text, size_t len, struct findings *out)
{
	auto_arena arena = {0};
	struct spec spec = {0};
	struct yaml_source source = yaml_source_new("-", text, len, &arena);
	struct field_reader reader = {
		.source = &source, .arena = &arena, .findings = out, .ignores_unset = true};
	const struct yaml_node *root = yaml_parse(&source, &arena, out);

	if (root)
		fields_read(&reader, &spec_table, root, &spec);
	field_reader_release(&reader);
}

/* Has the spec one mode, and can its overlays be laid over it? Told by the whole reader, of which
 * nothing else counts. */
static void read_rest(const char *text, size_t len, struct findings *modes,
		      struct findings *overlays)
{
	auto_spec spec = {0};
	auto_findings all = {0};
	struct error ignored; /* the findings say it */

	if (spec_parse(text, len, &(struct spec_options){.file = "-"}, &spec, &all, &ignored))
		return;
	for (size_t i = 0; i < all.n; i++) {
		const struct finding *f = &all.items[i];

		if (text_starts_with(f->message, "overlay '"))
			findings_add(overlays, f->row->code, "%s", f->message);
		else if (strcmp(f->row->code, "E201") == 0)
			findings_add(modes, "E201", "%s", f->message);
	}
}

static void print_verdict(const char *text, size_t len)
{
	auto_findings findings = {0};
	auto_findings overlays = {0};
	auto_text message = {0};

	read_structure(text, len, &findings);
	read_rest(text, len, &findings, &overlays);
	for (size_t i = 0; i < findings.n; i++)
		printf("%s ", findings.items[i].row->code);
	if (overlays.n)
		printf("overlay ");
	if (findings.n)
		text_add_printable(&message, findings.items[0].message,
				   strlen(findings.items[0].message), false);
	printf("\t%s\n", text_str(&message));
}

int main(void)
{
	auto_free char *text = NULL;
	size_t size = 0;
	ssize_t len = 0;

	while ((len = getdelim(&text, &size, '\0', stdin)) > 0)
		print_verdict(text, (size_t)len - (text[len - 1] == '\0'));
	return 0;
}
