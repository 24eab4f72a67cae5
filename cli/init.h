/* SPDX-License-Identifier: MIT
 * A project on its way to being written: what was asked for, what was found, which files.
 */
#ifndef CHUTES_CLI_INIT_H
#define CHUTES_CLI_INIT_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"
#include "lib/base/strings.h"
#include "lib/base/text.h"

enum { INIT_FILES_MAX = 8 };

struct init_options {
	const char *template; /* NULL: by what is there, else handlers */
	const char *base;
	const char *model;
	const char *name;
	const char *ci;
	bool force;
};

/* One of templates/. */
struct init_template {
	const char *name;
	const char *files[4]; /* beside chute.yaml; NULL-terminated */
	const char *model;    /* the default, where there is one to choose; "": a choice without */
	bool is_language;     /* the chute has the model's name */
	bool is_built;        /* the image is made here */
};

/* What the directory had before. */
struct init_found {
	struct strings notes; /* sentences for people */
	bool has_requirements;
	struct strings packages; /* of pyproject.toml */
	char *dockerfile;        /* its name, or NULL */
	char *module;            /* "app.main:app": a FastAPI application, or NULL */
	/* Parts of the chute.yaml of a server, as YAML; empty: unknown. */
	struct text command;
	struct text steps;
	struct text cords;
	char *ready;
	int64_t port; /* 0: none */
};
#define auto_init_found __attribute__((cleanup(init_found_release))) struct init_found
void init_found_release(struct init_found *f);
/* Look at the files of a directory; nothing is executed. What cannot be read is as good as not
 * there. */
void init_detect(const char *directory, bool only_packages, struct init_found *out);
/* A FastAPI application in one of the directory's Python files; init_detect() calls it. */
void init_detect_app(const char *directory, struct init_found *out);

/* What happens to a file that exists. */
enum init_stay {
	STAY_NEVER,    /* it is an obstacle, unless with --force */
	STAY_UNFORCED, /* it stays, unless with --force */
	STAY_ALWAYS,
};
struct init_file {
	char *source; /* below templates/; NULL: the schema of chute.yaml */
	char *name;   /* in the project */
	enum init_stay stay;
	bool is_kept; /* it existed and stayed */
	struct text text;
};

struct init_project {
	const struct init_template *template; /* NULL: what was found is described */
	const struct init_found *found;
	const char *model; /* NULL: none */
	const char *base;  /* as given, or NULL */
	char *directory;   /* absolute */
	char *name;
	struct init_file files[INIT_FILES_MAX];
	size_t n_files;
};
#define auto_init_project __attribute__((cleanup(init_project_release))) struct init_project
void init_project_release(struct init_project *p);

/* The template of a name; NULL: there is none. */
const struct init_template *init_template_find(const char *name);
/* Choose name and model. USAGE: an option does not fit the template, or its value is wrong. */
must_use bool init_choose(struct init_project *p, const struct init_options *o, struct error *err);
/* Write all files, or none: CONFLICT when one would have to go and `force` is not set. */
must_use bool init_write(struct init_project *p, const char *ci, bool force, struct error *err);

#endif
