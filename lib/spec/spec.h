/* SPDX-License-Identifier: MIT
 * chute.yaml as structs: read, checked, ready for whoever builds, runs or sends it. Reading never
 * executes anything and never touches the network. Must not know images, containers or servers.
 *
 * After a successful spec_load() all values satisfy the limits of the field tables
 * (lib/spec/tables.c), defaults are filled in, and `char *` is NULL only where the field is
 * optional and absent. All memory is the spec's arena.
 */
#ifndef CHUTES_SPEC_SPEC_H
#define CHUTES_SPEC_SPEC_H

#include "lib/base/arena.h"
#include "lib/base/compiler.h"
#include "lib/base/error.h"
#include "lib/base/findings.h"
#include "lib/data/fields.h"
#include "lib/data/yaml.h"

enum { SPEC_SHA256_HEX_SIZE = 65 };

/* The version of the platform's SDK whose form a chute is lowered to, and whose rules are checked.
 * The tests load what is lowered under exactly this one. */
#define SPEC_SDK_VERSION "0.6.9"

enum spec_mode {
	SPEC_HANDLERS, /* plain Python functions from one file */
	SPEC_SERVER,   /* any process behind HTTP */
	SPEC_TEMPLATE, /* one of the platform's own: vllm, sglang, embedding, diffusion */
	SPEC_PYTHON,   /* a module written for the platform's SDK, sent as it is */
	SPEC_COMMANDS, /* none: the jobs are commands of the image */
};

/* Text written in place, or `{file: path}`, which is read. */
struct spec_document {
	struct place place;
	char *text; /* "" when absent */
	char *file; /* relative to the spec's directory; NULL: written in place */
};

struct spec_hook {
	struct place place;
	char *call;       /* a function in handlers.file */
	int64_t priority; /* 0..100, lower runs first */
};
struct spec_hooks {
	struct spec_hook *items; /* in the order to run them */
	size_t n;
};

struct spec_handlers {
	struct place place;
	char *file;      /* relative to the spec's directory; its name is [a-z][a-z0-9_]*.py */
	bool is_shipped; /* `file` comes with this program, and is absolute */
	struct spec_hooks startup;
	struct spec_hooks shutdown;
	char *configure;         /* function called with the application, or NULL */
	struct field_values app; /* arguments of FastAPI(): name and JSON text */
};

struct spec_ready {
	char *path;
	int64_t status;
	uint64_t timeout_ms;
	uint64_t interval_ms;
};
struct spec_stop {
	char *signal; /* "TERM" */
	uint64_t grace_ms;
};
enum spec_restart { SPEC_RESTART_NEVER, SPEC_RESTART_ON_FAILURE };

struct spec_server {
	struct place place;
	struct field_texts command; /* argv */
	int64_t port;               /* on 127.0.0.1 */
	char *workdir;
	struct field_pairs env;
	struct field_pairs headers; /* added to every forwarded request */
	struct spec_ready ready;
	struct spec_stop stop;
	enum spec_restart restart;
};

/* `audio` is ours: what it stands for is merged under the document when that is read, so that
 * the mode of an audio chute is SPEC_HANDLERS; `template` then only tells where it came from. */
enum spec_template_kind {
	TEMPLATE_VLLM,
	TEMPLATE_SGLANG,
	TEMPLATE_EMBEDDING,
	TEMPLATE_DIFFUSION,
	TEMPLATE_AUDIO,
};
extern const char *const spec_template_kinds[]; /* their names; NULL ends it */
enum spec_task { TASK_SPEAK, TASK_TRANSCRIBE };

struct spec_template {
	struct place place;
	enum spec_template_kind kind;
	char *model;                       /* Hugging Face id; diffusion: or a URL */
	char *revision;                    /* 40 hex digits, or NULL */
	struct field_texts engine_args;    /* words, whichever form they were written in */
	char *pooling_type;                /* embedding */
	int64_t max_embed_len;             /* embedding */
	bool enable_chunked_processing;    /* embedding */
	char *version;                     /* diffusion; NULL: the SDK's default */
	struct field_values pipeline_args; /* diffusion: name and JSON text */
	enum spec_task task;               /* audio */
	char *engine;                      /* audio */
};

/* A module written for the SDK. */
struct spec_python {
	struct place place;
	char *file;
	char *object; /* the variable that holds the Chute */
};

enum spec_model_kind { MODEL_HUGGING_FACE };

/* A model that a generated hook fetches before the author's own hooks. */
struct spec_model {
	struct place place;
	const struct yaml_node *node;
	enum spec_model_kind kind;
	char *repo;
	char *revision; /* 40 hex digits, or NULL */
	struct field_texts allow;
	struct field_texts ignore;
};
struct spec_models {
	struct spec_model *items;
	size_t n;
};

enum spec_base_kind {
	BASE_REGISTRY,       /* reference */
	BASE_OCI,            /* path, tag: an OCI layout directory */
	BASE_OCI_ARCHIVE,    /* path, tag: the same as a tar */
	BASE_DOCKER_ARCHIVE, /* path, tag: what `docker save` writes */
	BASE_ROOTFS,         /* path: a tar of a root file system */
	BASE_SCRATCH,        /* nothing at all */
	BASE_DEBIAN,         /* suite, packages, variant, mirror, components */
};
enum spec_debian_variant { DEBIAN_DEFAULT, DEBIAN_MINIMAL };

struct spec_base {
	struct place place;
	enum spec_base_kind kind;
	char *text;      /* as written; "debian:SUITE" for the map form */
	char *reference; /* NULL unless of that kind, as all below */
	char *path;      /* relative to the spec's directory, or absolute */
	char *tag;       /* which image of several, or NULL; docker-archive: a reference */
	char *suite;
	struct field_texts packages;   /* beside what the variant has */
	struct field_texts components; /* default: main */
	char *mirror;                  /* NULL: the host's own sources */
	enum spec_debian_variant variant;
};

enum spec_step_kind {
	STEP_APT,
	STEP_APT_REMOVE,
	STEP_PIP,
	STEP_RUN,
	STEP_ENV,
	STEP_USER,
	STEP_WORKDIR,
	STEP_ADD,
	STEP_RAW,
};

struct spec_apt {
	struct field_texts packages; /* names, "name=version" too */
	bool update;
	bool recommends;
};
struct spec_pip {
	char *requirements; /* relative to the context root, or NULL */
	struct field_texts packages;
	char *index;
	char *extra_index;
	struct field_texts args;
};
struct spec_run {
	char *script;
	bool is_exec_script;       /* several lines: run as ["/bin/sh", "-ec", script]; else -c */
	struct field_texts mounts; /* as a Dockerfile writes them: "type=cache,target=/x" */
};
struct spec_add {
	char *source;               /* glob inside the context root, or an http(s) URL */
	char *dest;                 /* absolute, or relative to the working directory so far */
	char *chown;                /* as written, or NULL */
	char *chmod;                /* octal digits, or NULL */
	char *checksum;             /* "sha256:HEX", of a URL only; or NULL */
	bool keep_git_dir;          /* of a URL only */
	struct field_texts exclude; /* gitignore patterns */
};
struct spec_step {
	enum spec_step_kind kind;
	struct place place;
	const struct yaml_node *node; /* its mapping, for the places of values */
	union {
		struct spec_apt apt;
		struct field_texts apt_remove;
		struct spec_pip pip;
		struct spec_run run;
		struct field_pairs env;
		char *user;
		char *workdir;
		struct spec_add add;
		char *raw; /* one instruction of a Dockerfile */
	};
};
struct spec_steps {
	struct spec_step *items;
	size_t n;
};

struct spec_context {
	char *root;   /* relative to the spec's directory */
	char *ignore; /* relative to the spec's directory */
	struct field_texts include;
};
struct spec_limits {
	uint64_t context_bytes;
};

struct spec_image {
	struct place place;
	char *reference;  /* a prebuilt image, "user/name:tag": nothing is built, the rest is empty
			   */
	char *dockerfile; /* relative to the spec's directory: stands for base and steps; or NULL */
	char *python;     /* a version to compile from source, "3.12.8"; or NULL */
	char *name;
	char *tag; /* "auto": from the content */
	struct spec_document readme;
	bool is_public;
	struct spec_base base;
	char *maintainer;
	struct field_texts entrypoint;
	struct spec_context context;
	struct spec_limits limits;
	struct spec_steps steps;
};

struct spec_node_selector {
	struct place place;
	int64_t gpu_count; /* 0: CPU only */
	int64_t min_vram_gb_per_gpu;
	int64_t max_hourly_price_micro_usd; /* per GPU; 0: no cap */
	struct field_texts include;         /* lower case */
	struct field_texts exclude;
};

struct spec_scaling {
	int64_t concurrency;
	int64_t max_instances;
	double threshold;
	uint64_t shutdown_after_ms;
	bool is_concurrency_imported; /* python mode does not say it: the module does, else 1 */
};

enum spec_lock_modules { LOCK_MODULES_UNSET, LOCK_MODULES_NO, LOCK_MODULES_YES };
struct spec_security {
	bool allow_external_egress;
	bool encrypted_fs;
	bool tee;
	enum spec_lock_modules lock_modules;
};

struct spec_secret {
	struct place place;
	char *name; /* the environment variable */
	bool is_required;
	char *description;
};
struct spec_secrets {
	struct spec_secret *items;
	size_t n;
};

enum schema_type {
	SCHEMA_STRING,
	SCHEMA_INTEGER,
	SCHEMA_NUMBER,
	SCHEMA_BOOLEAN,
	SCHEMA_ARRAY,
	SCHEMA_OBJECT,
	SCHEMA_ANY,
	SCHEMA_FILE,  /* bytes, base64 in JSON */
	SCHEMA_UNION, /* any of `any_of` */
};

struct field_schema;
struct field_schemas {
	struct field_schema *items; /* in file order */
	size_t n;
};
/* One typed input field. Absent limits are NULL or -1. */
struct field_schema {
	struct place place;
	const struct yaml_node *node; /* as written: a mapping, or the word of a type */
	char *name;                   /* NULL for the items of an array */
	enum schema_type type;
	bool is_required;
	bool is_nullable;
	char *default_json; /* NULL: none */
	char *description;
	struct field_texts enum_json; /* each allowed value as JSON, canonical */
	char *ge, *gt, *le, *lt;      /* JSON numbers */
	char *multiple_of;
	int64_t min_length, max_length; /* characters, items of an array, or bytes of a file */
	char *pattern;
	char *format;
	char *content_type;              /* of a file: a note */
	struct field_schema *items;      /* of an array, or NULL: any */
	struct field_schemas properties; /* of an object; none: any */
	struct field_schemas any_of;     /* of a union: two or more, without names */
};

enum spec_input_kind {
	INPUT_NONE,   /* nothing said: the function's annotations count */
	INPUT_FIELDS, /* a field map */
	INPUT_MODEL,  /* a pydantic class in handlers.file */
	INPUT_SCHEMA, /* a file with a JSON Schema */
};
struct spec_input {
	struct place place;
	enum spec_input_kind kind;
	struct field_schemas fields; /* INPUT_FIELDS */
	char *model;                 /* INPUT_MODEL: the name of the class */
	char *schema_file;           /* INPUT_SCHEMA: relative to the spec's directory */
	char *schema_json;           /* its text, once the project has been looked at; else NULL */
};
struct spec_output {
	struct place place;
	char *content_type; /* NULL: from the schema, or the handler */
	char *model;        /* a pydantic class, or NULL */
	char *schema_file;  /* a file with a JSON Schema, or NULL */
	char *schema_json;  /* its text, once the project has been looked at; else NULL */
};

struct spec_route {
	char *method; /* "GET", "POST"; NULL: no such route */
	char *path;
};
struct spec_cord {
	struct place place;
	const struct yaml_node *node; /* its mapping, for the places of values */
	char *function;
	struct spec_route public_route;
	char *path; /* internal path, "/function" by default */
	bool is_stream;
	struct spec_route forward;   /* server mode: always set */
	int64_t port;                /* of forward; 0: none */
	uint64_t timeout_ms;         /* 0: none */
	bool abort_on_disconnect;    /* sglang servers: passthrough of cancellation */
	struct field_values session; /* further arguments of the upstream client's session */
	uint64_t provision_timeout_ms;
	struct spec_input input;
	struct spec_input minimal_input;
	struct spec_output output;
	char *example_json; /* NULL: none */
};
struct spec_cords {
	struct spec_cord *items;
	size_t n;
	bool is_imported; /* `{import: true}` in python mode: the module registers its own */
};

enum spec_protocol { PORT_TCP, PORT_UDP, PORT_HTTP };
struct spec_port {
	struct place place;
	char *name;
	int64_t port;
	enum spec_protocol protocol;
};
struct spec_ports {
	struct spec_port *items;
	size_t n;
};
/* A long-running function, or a command of the image. */
struct spec_job {
	struct place place;
	const struct yaml_node *node;
	char *function;
	struct field_texts command; /* n 0: the function in handlers.file */
	uint64_t timeout_ms;        /* 0: none */
	bool upload;
	bool ssh;
	struct spec_ports ports;
	int64_t disk_gb; /* 0: the platform's default */
	struct field_schemas args;
};
struct spec_jobs {
	struct spec_job *items;
	size_t n;
};

struct spec_expect {
	int64_t status;
	char *content_type;
	char *json;   /* JSON that must be a subset of the reply */
	char *schema; /* file with a JSON Schema, relative to the spec's directory */
	char *contains;
	int64_t max_ms; /* 0: no limit */
};
struct spec_test {
	struct place place;
	const struct yaml_node *node;
	char *name;
	char *cord; /* a cord's function */
	char *input_json;
	struct spec_expect expect;
};
struct spec_tests {
	struct spec_test *items;
	size_t n;
};

/* For local runs only: never sent anywhere, never hashed. */
struct spec_dev {
	char *gpus; /* "all", "none", "0,1" */
	int64_t port;
	struct field_texts mounts; /* "HOST:CONTAINER[:ro]" */
	char *env_file;            /* relative to the spec's directory, or NULL */
	struct field_pairs env;
	struct field_values job_args;
	char *platform; /* "linux/amd64", or NULL */
};

/* A named change of the document. */
struct spec_environment {
	char *name;
	struct place place;
	const struct yaml_node *node;
};
struct spec_environments {
	struct spec_environment *items; /* in file order */
	size_t n;
};

struct spec {
	struct arena arena;
	char *file;      /* as the user named it or as it was found; "-" is standard input */
	char *directory; /* absolute; everything relative starts here */
	struct yaml_source source;
	/* Of the source's bytes, as sha256sum says it; with an overlay: of those, a NUL and its
	 * name. What stands in environment variables is no part of it. */
	char sha256[SPEC_SHA256_HEX_SIZE];
	const struct yaml_node *root; /* the document, the overlay laid over it */
	char *overlay;                /* its name, or NULL */
	struct spec_environments environments;

	int64_t version; /* of the format: 1 */
	char *name;
	char *tagline;
	struct spec_document readme;
	struct spec_document tool_description;
	char *logo; /* relative to the spec's directory, or NULL */
	bool is_public;
	char *profile;           /* or NULL */
	char *username;          /* or NULL: from the profile */
	char *standard_template; /* or NULL; beside handlers and server only */
	char *revision;          /* or NULL; likewise */
	struct field_pairs passthrough_headers;
	enum spec_mode mode;
	struct spec_template template;
	struct spec_handlers handlers; /* SPEC_HANDLERS only */
	struct spec_server server;     /* SPEC_SERVER only */
	struct spec_python python;     /* SPEC_PYTHON only */
	struct spec_models models;
	struct spec_jobs jobs; /* a chute has cords or jobs */
	struct spec_image image;
	struct spec_node_selector node_selector;
	struct spec_scaling scaling;
	struct spec_security security;
	struct field_pairs env;
	struct spec_secrets secrets;
	struct spec_cords cords;
	struct spec_tests tests;
	struct spec_dev dev;
};

#define auto_spec __attribute__((cleanup(spec_release))) struct spec

void spec_release(struct spec *spec);

struct gpu_table;
struct spec_options {
	/* NULL: chute.yaml in `directory` or the nearest directory above it; "-": standard input,
	 * which belongs to `directory`; a relative file is taken from `directory`. */
	const char *file;
	const char *directory;        /* NULL: the working directory */
	const char *overlay;          /* one of `environments`; NULL: none */
	bool checks_all_files;        /* those that only other overlays name, too */
	const struct gpu_table *gpus; /* NULL: the one built in */
};

/* The chute.yaml of a directory (NULL: the working one) or the nearest above it, as a path from the
 * working directory. NOT_FOUND. Caller frees. */
must_use bool spec_find(const char *directory, char **out, struct error *err);
/* Find, read and check a spec with everything it names. What is wrong with the document is in the
 * findings, sorted, warnings too; with an error among them the result is false and SPEC. NOT_FOUND
 * and the like for the file itself; USAGE when it has no such overlay.
 *
 * The overlays that are not chosen are laid over the document for a look, too: what is wrong only
 * with one of them is a finding that names it. */
must_use bool spec_load(const struct spec_options *o, struct spec *out, struct findings *f,
			struct error *err);
/* The same from memory, without the checks that look at files. */
must_use bool spec_parse(const char *text, size_t len, const struct spec_options *o,
			 struct spec *out, struct findings *f, struct error *err);

/* A finding's place in this spec: file, line, column, width, and the source line. */
void spec_place(const struct spec *spec, struct finding *f, struct place place);
/* Errors for what is right, but cannot be built on this machine: spec_load() warns of what no
 * machine can build yet. */
void spec_check_buildable(const struct spec *spec, struct findings *f);

/* Where a key of the top level stands in a formatted chute.yaml: lower ones first. Those that start
 * with x- come early, because of their anchors. */
size_t spec_key_rank(const char *key);
/* The job of a function; NULL: there is none. */
const struct spec_job *spec_find_job(const struct spec *spec, const char *function);
/* The platform's image that a template runs on where the spec names none; NULL for `audio`. */
const char *spec_template_image(enum spec_template_kind kind);
/* Every key of chute.yaml with its path, "image.steps[].pip", in the order of the tables; a table
 * that holds itself is gone through once. */
void spec_keys(void (*on_key)(void *context, const char *path, const struct field *row),
	       void *context);

#endif
