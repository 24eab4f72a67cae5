/* SPDX-License-Identifier: MIT
 * What a directory has before `chutes init`: packages, a Dockerfile, an application.
 */
#include "cli/init.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/data/fields.h"
#include "lib/data/json.h"
#include "lib/spec/dockerfile.h"

#include <ctype.h>
#include <string.h>

enum { FILE_LIMIT = 1024 * 1024 };

void init_found_release(struct init_found *f)
{
	strings_release(&f->notes);
	strings_release(&f->packages);
	free(f->dockerfile);
	free(f->module);
	free(f->ready);
	text_release(&f->command);
	text_release(&f->steps);
	text_release(&f->cords);
}

static bool read_in(const char *directory, const char *name, struct text *out)
{
	auto_free char *path = path_join(directory, name);
	struct error err;

	return file_exists(path) && !directory_exists(path) &&
	       file_read(path, FILE_LIMIT, out, &err);
}

/* --- pyproject.toml */

static const char *skip_line(const char *c)
{
	c += strcspn(c, "\n");
	return *c ? c + 1 : c;
}

/* The value of `dependencies` in the table [project]; NULL: there is none. */
static const char *find_dependencies(const char *c)
{
	static const char key[] = "dependencies";
	bool is_project = false;

	for (; *c; c = skip_line(c)) {
		const char *word = c + strspn(c, " \t");

		if (*word == '[')
			is_project = text_starts_with(word, "[project]");
		if (!is_project || !text_starts_with(word, key))
			continue;
		word += strlen(key);
		word += strspn(word, " \t");
		if (*word == '=')
			return word + 1;
	}
	return NULL;
}

/* The strings of a list, as far as it is one. */
static void read_list(const char *c, struct strings *out)
{
	c += strspn(c, " \t\n\r");
	if (*c++ != '[')
		return;
	while (*c && *c != ']') {
		char quote = *c;

		if (quote == '#') {
			c = skip_line(c);
		} else if (quote == '"' || quote == '\'') {
			auto_text text = {0};

			for (c++; *c && *c != quote; c++) {
				if (*c == '\\' && quote == '"' && c[1])
					c++;
				text_add_char(&text, *c);
			}
			strings_add(out, text_str(&text));
			c += *c == quote;
		} else {
			c++;
		}
	}
}

static void detect_packages(const char *directory, struct init_found *out)
{
	auto_free char *requirements = path_join(directory, "requirements.txt");
	auto_text project = {0};

	out->has_requirements = file_exists(requirements);
	if (out->has_requirements) {
		strings_add(&out->notes, "requirements.txt: the pip step installs what it lists");
		return;
	}
	if (!read_in(directory, "pyproject.toml", &project))
		return;
	const char *list = find_dependencies(text_str(&project));

	if (list)
		read_list(list, &out->packages);
	if (out->packages.n)
		strings_addf(&out->notes, "pyproject.toml: the pip step installs its %zu %s",
			     out->packages.n, out->packages.n == 1 ? "dependency" : "dependencies");
}

/* --- Dockerfile */

static bool is_free_port(int64_t port)
{
	static const int64_t taken[] = {2202, 8000, 8001, 8002}; /* the runtime's */

	for (size_t i = 0; i < array_len(taken); i++)
		if (port == taken[i])
			return false;
	return port >= 1024 && port <= 65535;
}

/* The words of CMD or ENTRYPOINT, each as JSON and with a comma behind it. */
static void add_words(struct text *out, const char *arguments)
{
	auto_json struct json *list = NULL;
	struct error err;

	if (json_parse(arguments, strlen(arguments), FILE_LIMIT, &list, &err) &&
	    json_kind(list) == JSON_KIND_LIST) {
		for (size_t i = 0; i < json_count(list); i++) {
			text_add_json(out, json_text(json_at(list, i)) ? json_text(json_at(list, i))
								       : "");
			text_add(out, ", ");
		}
		return;
	}
	text_add(out, "/bin/sh, -c, ");
	text_add_json(out, arguments);
	text_add(out, ", ");
}

static void read_stage(const struct dockerfile *d, struct text *command, int64_t *port)
{
	const char *start[2] = {NULL, NULL}; /* ENTRYPOINT, CMD of the last stage */

	for (size_t i = 0; i < d->n; i++) {
		const struct dockerfile_instruction *one = &d->items[i];

		if (strcmp(one->word, "FROM") == 0) {
			start[0] = start[1] = NULL;
			*port = 0;
		} else if (strcmp(one->word, "ENTRYPOINT") == 0) {
			start[0] = one->arguments;
			start[1] = NULL;
		} else if (strcmp(one->word, "CMD") == 0) {
			start[1] = one->arguments;
		} else if (strcmp(one->word, "EXPOSE") == 0) {
			*port = strtol(one->arguments, NULL, 10);
		}
	}
	for (size_t i = 0; i < array_len(start); i++)
		if (start[i])
			add_words(command, start[i]);
}

static void detect_dockerfile(const char *directory, struct init_found *out)
{
	auto_text text = {0};
	auto_text command = {0};
	auto_dockerfile d = {0};
	int64_t port = 0;
	struct error err;

	if (!read_in(directory, "Dockerfile", &text))
		return;
	out->dockerfile = xstrdup("Dockerfile");
	strings_add(&out->notes, "Dockerfile: it makes the image");
	if (out->module || !dockerfile_parse(text_str(&text), text.len, &d, &err))
		return;
	read_stage(&d, &command, &port);
	if (command.len) {
		text_addf(&out->command, "[%.*s]", (int)(command.len - strlen(", ")),
			  text_str(&command));
		strings_add(&out->notes, "Dockerfile: what it starts is the server");
	}
	if (is_free_port(port))
		out->port = port;
	else if (port)
		strings_addf(&out->notes,
			     "Dockerfile: port %lld cannot be used; the server must listen on 9000",
			     (long long)port);
}

void init_detect(const char *directory, bool only_packages, struct init_found *out)
{
	detect_packages(directory, out);
	if (only_packages)
		return;
	init_detect_app(directory, out);
	detect_dockerfile(directory, out);
	if (!out->dockerfile && !out->module)
		return;
	if (out->command.len == 0)
		text_add(&out->command, "[python, -m, http.server, \"9000\", --bind, 127.0.0.1] "
					"# what starts your server");
	if (out->cords.len == 0)
		text_add(&out->cords, "  - function: home\n    public: GET /home\n"
				      "    forward: GET /");
}
