/* SPDX-License-Identifier: MIT */
#include "lib/base/strings.h"

#include "lib/base/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void strings_release(struct strings *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->items[i]);
	free(s->items);
	*s = (struct strings){0};
}

void strings_add_taken(struct strings *s, char *item)
{
	s->items = list_grow(s->items, s->n + 1, &s->capacity, sizeof(*s->items));
	s->items[s->n++] = item;
	s->items[s->n] = NULL;
}

void strings_add(struct strings *s, const char *item) { strings_add_taken(s, xstrdup(item)); }

void strings_addf(struct strings *s, const char *fmt, ...)
{
	char *item = NULL;
	va_list args;

	va_start(args, fmt);
	if (vasprintf(&item, fmt, args) < 0)
		abort();
	va_end(args);
	strings_add_taken(s, item);
}

void strings_add_all(struct strings *s, const struct strings *more)
{
	for (size_t i = 0; i < more->n; i++)
		strings_add(s, more->items[i]);
}

bool strings_has(const struct strings *s, const char *item)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->items[i], item) == 0)
			return true;
	return false;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void strings_sort(struct strings *s)
{
	if (s->n > 1)
		qsort(s->items, s->n, sizeof(*s->items), compare);
}

static char **env_slot(const struct strings *s, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < s->n; i++)
		if (strncmp(s->items[i], name, len) == 0 && s->items[i][len] == '=')
			return &s->items[i];
	return NULL;
}

const char *strings_env_find(const struct strings *s, const char *name)
{
	char **slot = env_slot(s, name);

	return slot ? *slot + strlen(name) + 1 : NULL;
}

void strings_env_set(struct strings *s, const char *name, const char *value)
{
	char **slot = env_slot(s, name);
	char *entry = xprintf("%s=%s", name, value);

	if (!slot) {
		strings_add_taken(s, entry);
		return;
	}
	free(*slot);
	*slot = entry;
}

void strings_env_set_all(struct strings *s, const struct strings *entries)
{
	for (size_t i = 0; i < entries->n; i++) {
		auto_free char *name = xstrndup(entries->items[i], strcspn(entries->items[i], "="));

		strings_env_set(s, name, entries->items[i] + strlen(name) + 1);
	}
}

void strings_split(struct strings *s, const char *text, char separator)
{
	for (;;) {
		const char *end = strchrnul(text, separator);

		strings_add_taken(s, xstrndup(text, (size_t)(end - text)));
		if (!*end)
			return;
		text = end + 1;
	}
}

char *const *strings_argv(const struct strings *s)
{
	static char *const empty[] = {NULL};

	return s->items ? s->items : empty;
}
