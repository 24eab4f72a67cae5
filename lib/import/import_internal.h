/* SPDX-License-Identifier: MIT
 * What the files of this room share: the documents that Python writes about a module
 * (lib/sdk/chutes_import), and the YAML that is made of them.
 */
#ifndef CHUTES_IMPORT_IMPORT_INTERNAL_H
#define CHUTES_IMPORT_IMPORT_INTERNAL_H

#include "lib/data/json.h"
#include "lib/import/import.h"
#include "lib/spec/spec.h"

/* --- the passes: passes.c */
/* Read the file: nothing of it runs. `out` is the caller's. */
must_use bool import_read(const struct import_options *o, const char *file, struct json **out,
			  struct error *err);
/* Run it in a sandbox without network, on a file system that cannot be written, with 60 s and
 * 4 GiB. MISSING where there can be none. */
must_use bool import_record(const struct import_options *o, struct json **out, struct error *err);

/* What the documents say as a spec: import_chute() without Python. `recorded` is NULL, or what
 * import_record() gave. */
must_use bool import_convert(const struct import_options *o, const struct json *read,
			     const struct json *recorded, struct import_result *out,
			     struct error *err);

/* --- what is being made */
struct importer {
	const struct import_options *o;
	const struct json *read;      /* the document of the first pass */
	const struct json *chute;     /* the record that counts, of either pass */
	const struct json *arguments; /* of the chute's constructor */
	struct import_result *result;
	struct text notes; /* comment lines for the key that comes next */
};
/* A repair ("W317") or a loss ("W318") at a line of the Python file: a finding, and a comment above
 * the next key that is written. */
void import_note(struct importer *m, const char *code, int64_t line, const char *fmt, ...)
	printf_like(4, 5);

/* Copies both. */
void import_add_file(struct import_result *r, const char *name, const char *text);

/* --- values of the documents: values.c */
/* Anything in it that cannot be known by reading: its first source text, or NULL. */
const char *import_unknown(const struct json *value);
bool import_is_model(const struct json *value, const char **name);
/* An image constant of the platform, which a template takes anyway. */
bool import_is_standard_image(const struct json *value);
/* A text member: "" when it is absent or of another kind. What a module that was run says of
 * itself is not to be trusted. */
const char *import_text(const struct json *object, const char *key);
/* Member `name` of the arguments; NULL when absent or None. */
const struct json *import_argument(const struct json *arguments, const char *name);
int64_t import_line(const struct json *record);

/* --- YAML: yaml_out.c. `indent` in blanks. */
/* The notes that wait, as comments. */
void import_out_notes(struct importer *m, int indent);
/* "key: value" on a line of its own; several lines of text become a block. */
void import_out_value(struct importer *m, int indent, const char *key, const struct json *value);
void import_out_text(struct importer *m, int indent, const char *key, const char *value);
void import_out_key(struct importer *m, int indent, const char *key); /* "key:" */
/* In flow style, on the line that stands. */
void import_flow(struct text *out, const struct json *value);
void import_flow_text(struct text *out, const char *value);

/* --- parts of the document */
void import_out_image(struct importer *m); /* image.c */
/* Is it one of `steps`, rather than the base, the maintainer …? */
bool import_is_step(const struct json *step);
/* Of the template that made the record; NULL for any other record. template.c */
const enum spec_template_kind *import_template_kind(const struct json *chute);
void import_out_template(struct importer *m);
void import_out_handlers(struct importer *m); /* cords.c */
void import_out_cords(struct importer *m);    /* cords.c */
void import_out_jobs(struct importer *m);     /* cords.c */
void import_out_identity(struct importer *m); /* settings.c: name, readme … */
void import_out_settings(struct importer *m); /* settings.c: selector, scaling … */
void import_out_env(struct importer *m);      /* settings.c */
must_use bool import_round_trip(struct importer *m, struct error *err); /* round_trip.c */

#endif
