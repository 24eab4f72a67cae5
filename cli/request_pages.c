/* SPDX-License-Identifier: MIT
 * All pages of one of the platform's lists: {"total", "page", "limit", "items"}, page 0 first.
 */
#include "cli/print.h"
#include "cli/request.h"
#include "cli/show.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"

#include <inttypes.h>
#include <string.h>

enum { PAGES_MAX = 100000, ALL_MAX = 512 * 1024 * 1024, ANSWER_MODE = 0644 };

struct pages {
	int64_t page;
	int64_t total;
	int64_t n_items;
	bool is_last;
	struct text items;
	struct text references; /* members of "cord_refs" */
	struct strings names;   /* theirs */
	bool has_first;
	struct text others; /* of the first page */
};
static void pages_release(struct pages *p)
{
	text_release(&p->items);
	text_release(&p->references);
	text_release(&p->others);
	strings_release(&p->names);
}
#define auto_pages __attribute__((cleanup(pages_release))) struct pages

/* The number behind "page=" in a query; its place is cut out of the target. */
static int64_t take_page(const char *target, struct text *rest)
{
	const char *query = strchr(target, '?');
	auto_strings parts = {0};
	int64_t page = 0;

	text_add_bytes(rest, target, query ? (size_t)(query - target) : strlen(target));
	if (query)
		strings_split(&parts, query + 1, '&');
	text_add_char(rest, '?');
	for (size_t i = 0; i < parts.n; i++) {
		const char *part = parts.items[i];

		if (text_starts_with(part, "page="))
			page = strtoll(part + strlen("page="), NULL, 10);
		else if (*part)
			text_addf(rest, "%s&", part);
	}
	return page < 0 ? 0 : page;
}

static void add_items(struct pages *p, const struct json *items)
{
	for (size_t i = 0; i < json_count(items); i++) {
		text_add(&p->items, p->items.len ? "," : "");
		json_write(json_at(items, i), &p->items);
	}
	p->n_items += (int64_t)json_count(items);
}

/* Items refer to them by name; the same name is the same on every page. */
static void add_references(struct pages *p, const struct json *references)
{
	void *position = NULL;
	const char *name;
	const struct json *value;

	while (json_next(references, &position, &name, &value)) {
		if (strings_has(&p->names, name))
			continue;
		strings_add(&p->names, name);
		text_add(&p->references, p->references.len ? "," : "");
		text_add_json(&p->references, name);
		text_add_char(&p->references, ':');
		json_write(value, &p->references);
	}
}

static bool read_page(const struct json *json, struct pages *p, struct error *err)
{
	static const char *const known[] = {"total", "page", "limit", "items", "cord_refs", NULL};
	const struct json *items = NULL;
	const struct json *references = json_find(json, "cord_refs");
	int64_t limit = 0;

	if (!json_get_integer(json, "total", &p->total, err) ||
	    !json_get_list(json, "items", &items, err) ||
	    json_find_integer(json, "limit", &limit, err) < 0)
		return false;
	if (!p->has_first)
		json_write_others(json, known, &p->others);
	p->has_first = true;
	add_items(p, items);
	add_references(p, references);
	int64_t n = (int64_t)json_count(items);

	/* who asks for less than there is gets no more than that, whatever the total says */
	p->is_last = n == 0 || (limit > 0 && n < limit) || p->n_items >= p->total;
	return p->items.len <= ALL_MAX ||
	       fail(err, ERROR_SERVER, "the list is longer than the limit of %d bytes", ALL_MAX);
}

static bool ask_page(struct asking *a, struct pages *p, struct error *err)
{
	auto_platform_answer answer = {0};
	auto_json struct json *json = NULL;

	if (!platform_send(&a->platform, &a->request, &answer, err))
		return false;
	if (answer.http.status / 100 != 2)
		return request_fail(a, &answer, err);
	if (!platform_json(&a->request, &answer, &json, err))
		return false;
	if (read_page(json, p, err))
		return true;
	err->code = ERROR_SERVER;
	fail_in(err, "%.*s is no list with pages", (int)strcspn(a->request.target, "?"),
		a->request.target);
	return fail_hint(err, "ask without --paginate");
}

static void write_all(const struct pages *p, struct text *out)
{
	text_addf(out, "{\"total\":%" PRId64 ",\"items\":[", p->total);
	text_add_bytes(out, text_str(&p->items), p->items.len);
	text_addf(out, "]");
	if (p->references.len)
		text_addf(out, ",\"cord_refs\":{%s}", text_str(&p->references));
	text_addf(out, "%s}", text_str(&p->others));
}

static bool show_all(const struct asking *a, const struct pages *p, struct error *err)
{
	char type[] = "application/json";
	const struct http_answer answer = {.status = 200, .content_type = type};
	bool is_saved = a->o->output && strcmp(a->o->output, "-") != 0;
	auto_text all = {0};

	write_all(p, &all);
	if (is_saved)
		return file_save(a->o->output, text_str(&all), all.len, ANSWER_MODE, err);
	return request_show(a, &answer, &all, err);
}

bool request_pages(struct asking *a, struct error *err)
{
	auto_pages p = {0};
	auto_text rest = {0};

	p.page = take_page(a->request.target, &rest);
	for (int n = 0; !p.is_last; n++, p.page++) {
		auto_free char *target = xprintf("%spage=%" PRId64, text_str(&rest), p.page);

		if (n == PAGES_MAX)
			return fail(err, ERROR_SERVER, "the list has more than %d pages",
				    PAGES_MAX);
		a->request.target = target;
		if (!ask_page(a, &p, err))
			return false;
	}
	return show_all(a, &p, err);
}
