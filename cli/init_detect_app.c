/* SPDX-License-Identifier: MIT
 * A FastAPI application in the Python files of a directory, and its routes as cords. The files are
 * read, never run: what is made at run time is not seen.
 */
#include "cli/init.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/base/tree.h"
#include "lib/data/fields.h"
#include "lib/python/module.h"

#include <fcntl.h>
#include <string.h>

#define SERVER_PORT "9000"

enum { FILE_LIMIT = 1024 * 1024, FILES_MAX = 200 };

/* Where applications are kept, the likeliest first. */
static const char *const folders[] = {"", "app", "src", "api"};
static const char *const likely[] = {"main.py", "app.py", "server.py", "api.py"};

/* Routes that tell whether the application is up, the best first. */
static const char *const ready_paths[] = {"/healthz", "/health", "/ready", "/livez", "/status"};

struct route {
	const char *method; /* "GET" */
	const char *path;
	bool is_stream;
};

static bool is_named(const struct python_expr *e, const char *name)
{
	return e && (e->kind == EXPR_NAME || e->kind == EXPR_ATTRIBUTE) &&
	       strcmp(e->text, name) == 0;
}

/* The variable that holds FastAPI(…); NULL: there is none. */
static const struct python_assignment *find_app(const struct python_module *m)
{
	for (size_t i = 0; i < m->n_assignments; i++) {
		const struct python_expr *value = m->assignments[i].value;

		if (value && value->kind == EXPR_CALL && is_named(value->args[0], "FastAPI"))
			return &m->assignments[i];
	}
	return NULL;
}

static const struct python_expr *find_keyword(const struct python_expr *call, const char *name)
{
	for (size_t i = 0; i < call->n_keywords; i++)
		if (strcmp(call->keywords[i].name, name) == 0)
			return call->keywords[i].value;
	return NULL;
}

/* "@app.get("/path")". */
static bool read_route(const struct python_expr *e, const char *app, struct route *out)
{
	static const struct {
		const char *name;
		const char *method;
	} methods[] = {{"get", "GET"},       {"post", "POST"},   {"put", "PUT"},
		       {"delete", "DELETE"}, {"patch", "PATCH"}, {"websocket", "WEBSOCKET"}};

	if (e->kind != EXPR_CALL || e->args[0]->kind != EXPR_ATTRIBUTE ||
	    e->args[0]->args[0]->kind != EXPR_NAME || strcmp(e->args[0]->args[0]->text, app) != 0)
		return false;
	const struct python_expr *path = e->n_args > 1 ? e->args[1] : find_keyword(e, "path");

	for (size_t i = 0; i < array_len(methods); i++) {
		if (strcmp(e->args[0]->text, methods[i].name) != 0 || !path ||
		    path->kind != EXPR_STRING)
			continue;
		*out = (struct route){
			methods[i].method, path->text,
			is_named(find_keyword(e, "response_class"), "StreamingResponse")};
		return true;
	}
	return false;
}

static bool is_cord(const struct route *route, const struct python_function *function)
{
	return (strcmp(route->method, "GET") == 0 || strcmp(route->method, "POST") == 0) &&
	       field_matches("^(/[a-z][a-z0-9_-]*)+$", route->path) &&
	       field_matches("^[a-z_][a-z0-9_]*$", function->name);
}

static int ready_rank(const char *path)
{
	int rank = 0;

	for (; rank < (int)array_len(ready_paths); rank++)
		if (strcmp(ready_paths[rank], path) == 0)
			break;
	return rank;
}

/* What has been taken so far. */
struct routes {
	struct strings functions;
	struct strings publics;
	struct strings others; /* routes that cannot be cords */
	const char *ready;     /* NULL: no route tells */
	const char *get;       /* the first GET route without parameters; NULL: none */
};

static void add_cord(struct init_found *out, const struct route *route, const char *function)
{
	text_addf(&out->cords, "%s  - function: %s\n    public: %s %s\n    forward: %s %s",
		  out->cords.len ? "\n\n" : "", function, route->method, route->path, route->method,
		  route->path);
	if (route->is_stream)
		text_add(&out->cords, "\n    stream: true");
}

static void note_ready(struct routes *routes, const struct route *route)
{
	if (strcmp(route->method, "GET") != 0 || strchr(route->path, '{'))
		return;
	if (!routes->get)
		routes->get = route->path;
	if (ready_rank(route->path) < ready_rank(routes->ready ? routes->ready : ""))
		routes->ready = route->path;
}

static void read_function(const struct python_function *function, const char *app,
			  struct routes *routes, struct init_found *out)
{
	for (size_t i = 0; i < function->n_decorators; i++) {
		struct route route;

		if (!read_route(function->decorators[i], app, &route))
			continue;
		if (is_named(function->returns, "StreamingResponse"))
			route.is_stream = true;
		note_ready(routes, &route);
		auto_free char *public = xprintf("%s %s", route.method, route.path);

		if (ready_rank(route.path) < (int)array_len(ready_paths))
			continue;
		if (!is_cord(&route, function) || strings_has(&routes->publics, public) ||
		    strings_has(&routes->functions, function->name)) {
			strings_add(&routes->others, public);
			continue;
		}
		strings_add(&routes->publics, public);
		strings_add(&routes->functions, function->name);
		add_cord(out, &route, function->name);
	}
}

/* Packages of the project that the application imports go into the image with it. */
static void add_steps(const char *directory, const char *folder, const struct python_module *m,
		      struct init_found *out)
{
	auto_strings taken = {0};

	if (*folder)
		strings_add(&taken, folder);
	else
		text_add(&out->steps, "    - add: {source: \"*.py\", dest: /app/}\n");
	for (size_t i = 0; i < m->n_imports; i++) {
		const char *module = m->imports[i].module;
		auto_free char *top = xstrndup(module, strcspn(module, "."));
		auto_free char *path = path_join(directory, top);

		if (*top && field_matches("^[A-Za-z0-9_-]+$", top) && directory_exists(path) &&
		    !strings_has(&taken, top))
			strings_add(&taken, top);
	}
	for (size_t i = 0; i < taken.n; i++)
		text_addf(&out->steps, "    - add: {source: %s/, dest: /app/%s}\n", taken.items[i],
			  taken.items[i]);
}

static void choose_ready(const struct python_expr *call, const struct routes *routes,
			 struct init_found *out)
{
	const struct python_expr *openapi = find_keyword(call, "openapi_url");
	const char *ready = routes->ready;

	if (!ready && !openapi)
		ready = "/openapi.json";
	if (!ready && openapi->kind == EXPR_STRING)
		ready = openapi->text;
	if (!ready)
		ready = routes->get;
	out->ready = xstrdup(ready && field_matches("^/[A-Za-z0-9_./-]*$", ready) ? ready : "/");
}

static void note_routes(const struct routes *routes, const char *file, struct init_found *out)
{
	strings_addf(&out->notes, "%s: a FastAPI application, %zu of its routes as cords", file,
		     routes->functions.n);
	if (routes->others.n == 0)
		return;
	auto_text others = {0};

	for (size_t i = 0; i < routes->others.n; i++)
		text_addf(&others, "%s%s", i ? ", " : "", routes->others.items[i]);
	strings_addf(&out->notes, "%s: no cords can be made of %s", file, text_str(&others));
}

static bool detect_in(const char *directory, const char *folder, const char *name,
		      struct init_found *out)
{
	auto_free char *file = *folder ? xprintf("%s/%s", folder, name) : xstrdup(name);
	auto_free char *path = path_join(directory, file);
	auto_text code = {0};
	auto_python_module module = {0};
	struct routes routes = {0};
	struct error err;

	if (!file_exists(path) || directory_exists(path) ||
	    !file_read(path, FILE_LIMIT, &code, &err) ||
	    !python_module_read(text_str(&code), code.len, file, &module, &err))
		return false;
	const struct python_assignment *app = find_app(&module);

	if (!app)
		return false;
	out->module = xprintf("%s%s%.*s:%s", folder, *folder ? "." : "",
			      (int)(strlen(name) - strlen(".py")), name, app->name);
	text_addf(&out->command,
		  "[python, -m, uvicorn, \"%s\", --host, 127.0.0.1, --port, \"" SERVER_PORT "\"]",
		  out->module);
	for (size_t i = 0; i < module.n_functions; i++)
		read_function(&module.functions[i], app->name, &routes, out);
	choose_ready(app->value, &routes, out);
	add_steps(directory, folder, &module, out);
	note_routes(&routes, file, out);
	strings_release(&routes.functions);
	strings_release(&routes.publics);
	strings_release(&routes.others);
	return true;
}

/* Other Python files of a folder, by name. */
static bool detect_others(const char *directory, const char *folder, struct init_found *out)
{
	auto_free char *path = path_join(directory, folder);
	auto_fd int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_strings names = {0};
	struct error err;

	if (fd < 0 || !directory_list(fd, &names, &err))
		return false;
	strings_sort(&names);
	for (size_t i = 0, n = 0; i < names.n && n < FILES_MAX; i++) {
		if (!field_matches("^[A-Za-z_][A-Za-z0-9_]*[.]py$", names.items[i]))
			continue;
		n++;
		if (detect_in(directory, folder, names.items[i], out))
			return true;
	}
	return false;
}

void init_detect_app(const char *directory, struct init_found *out)
{
	for (size_t i = 0; i < array_len(folders); i++) {
		for (size_t k = 0; k < array_len(likely); k++)
			if (detect_in(directory, folders[i], likely[k], out))
				return;
		if (detect_others(directory, folders[i], out))
			return;
	}
}
