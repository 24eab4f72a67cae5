/* SPDX-License-Identifier: MIT */
#include "lib/build/message.h"

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/build/output.h"

#include <string.h>

enum { MESSAGE_TYPE = 1, TEXT_MAX = 32768 };

bool message_send(struct sandbox *inside, const struct message *m, const char *text,
		  struct error *err)
{
	auto_text bytes = {.max = sizeof(*m) + TEXT_MAX};

	text_add_bytes(&bytes, m, sizeof(*m));
	text_add(&bytes, text ? text : "");
	return sandbox_send(inside, MESSAGE_TYPE, text_str(&bytes), bytes.len, -1, err);
}

static char *base_title(const struct base *base)
{
	if (base->spec->kind == BASE_DEBIAN)
		return xprintf("debian %s", base->spec->suite);
	return xstrdup(base->spec->text);
}

static char *title_of(const struct builder *b, int step)
{
	return step == MESSAGE_BASE ? base_title(&b->base) : xstrdup(b->plan.steps[step].title);
}

void message_deliver(const struct builder *b, const struct message *m, const char *text)
{
	bool is_base = m->step == MESSAGE_BASE;
	const struct plan_step *step = is_base ? NULL : &b->plan.steps[m->step];
	auto_free char *title = title_of(b, m->step);
	struct build_event event = {
		.kind = m->kind,
		.label = is_base ? "base" : "step",
		.title = title,
		.text = text && *text ? text : NULL,
		.is_cached = m->is_cached,
		.is_config = step && step->kind == PLAN_META,
		.ms = m->ms,
		.place = is_base ? b->base.spec->place : step->place,
	};

	if (b->events && b->events->on_event)
		b->events->on_event(b->events->context, &event);
}

static void keep_line(struct builder *b, const char *line)
{
	if (b->lines.n == OUTPUT_TAIL_LINES) {
		free(b->lines.items[0]);
		memmove(b->lines.items, b->lines.items + 1,
			b->lines.n * sizeof(*b->lines.items)); /* the NULL at the end too */
		b->lines.n--;
	}
	strings_add(&b->lines, line);
}

/* What would be lost if the sandbox were ended now. */
static void follow(struct builder *b, const struct message *m, const char *text)
{
	switch (m->kind) {
	case BUILD_EVENT_BEGIN:
		b->running = m->step;
		strings_release(&b->lines);
		break;
	case BUILD_EVENT_LINE:
		keep_line(b, text);
		break;
	case BUILD_EVENT_END:
		b->n_executed += !m->is_cached && m->step != MESSAGE_BASE;
		b->running = MESSAGE_NONE;
		break;
	case BUILD_EVENT_TICK:
	case BUILD_EVENT_NOTE:
	case BUILD_EVENT_FAILED:
		break;
	}
}

bool builder_on_tick(void *context, struct sandbox *outside maybe_unused,
		     struct error *err maybe_unused)
{
	const struct builder *b = context;
	struct message m = {.kind = BUILD_EVENT_TICK, .step = b->running};

	if (b->running != MESSAGE_NONE)
		message_deliver(b, &m, NULL);
	return true;
}

void message_unfinished(struct builder *b, struct error *err)
{
	struct message m = {.kind = BUILD_EVENT_FAILED, .step = b->running};
	auto_text tail = {0};

	if (b->running == MESSAGE_NONE)
		return;
	for (size_t i = 0; i < b->lines.n; i++)
		text_addf(&tail, "%s\n", b->lines.items[i]);
	message_deliver(b, &m, text_str(&tail));
	auto_free char *title = title_of(b, b->running);

	fail_in(err, "%s '%s'", b->running == MESSAGE_BASE ? "base" : "step", title);
}

bool builder_on_message(void *context, int type, const void *bytes, size_t len, int fd,
			struct error *err)
{
	struct builder *b = context;
	struct message m;

	fd_close(&fd);
	if (type != MESSAGE_TYPE || len < sizeof(m))
		return fail(err, ERROR_FAILURE, "the sandbox sent an unknown message %d", type);
	memcpy(&m, bytes, sizeof(m));
	auto_free char *text = xstrndup((const char *)bytes + sizeof(m), len - sizeof(m));

	if (m.step != MESSAGE_BASE && (m.step < 0 || (size_t)m.step >= b->plan.n))
		return fail(err, ERROR_FAILURE, "the sandbox spoke of step %d", m.step);
	follow(b, &m, text);
	message_deliver(b, &m, text);
	return true;
}
