/* SPDX-License-Identifier: MIT
 * The image rules on what was built. Their findings are kept under the image's content, so that a
 * cached build shows them without mounting anything.
 */
#include "lib/build/builder.h"

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/build/image_rules.h"
#include "lib/data/json.h"

#include <fcntl.h>
#include <unistd.h>

enum { RECORD_LIMIT = 1 << 20 };

/* What the findings depend on; raise the number when a rule changes. */
static const char rules_format[] = "1";

struct rules {
	struct builder *builder;
	const struct layers *layers;
	char key[KEY_HEX_SIZE];
};

static bool wants_gpus(const struct builder *b)
{
	return b->options->spec->node_selector.gpu_count > 0;
}

static void make_key(struct rules *r)
{
	auto_key k = {0};
	auto_text config = {0};

	image_config_format(&r->builder->plan.config, &config);
	key_begin(&k, "rules");
	key_text(&k, "format", rules_format);
	key_text(&k, "config", text_str(&config));
	key_number(&k, "gpus", wants_gpus(r->builder));
	key_number(&k, "layers", (int64_t)r->layers->n);
	for (size_t i = 0; i < r->layers->n; i++)
		key_text(&k, "diff_id", r->layers->items[i].diff_id.text);
	key_hex(&k, r->key);
}

static bool save(const struct rules *r, const struct findings *f, struct error *err)
{
	auto_text bytes = {0};

	text_add(&bytes, "[");
	for (size_t i = 0; i < f->n; i++) {
		text_addf(&bytes, "%s{\"code\":\"%s\",\"is_error\":%s,\"message\":", i ? "," : "",
			  f->items[i].row->code,
			  f->items[i].severity == SEVERITY_ERROR ? "true" : "false");
		text_add_json(&bytes, f->items[i].message);
		text_add(&bytes, ",\"hint\":");
		text_add_json(&bytes, f->items[i].hint ? f->items[i].hint : "");
		text_add(&bytes, "}");
	}
	text_add(&bytes, "]");
	return store_record_put(r->builder->store, "rules", r->key, &bytes, err);
}

/* 1, 0 when they are not known, -1. */
static int load(const struct rules *r, struct findings *out, struct error *err)
{
	auto_text bytes = {0};
	auto_json struct json *j = NULL;
	struct error damaged; /* an unreadable record is a miss */
	int found = store_record_get(r->builder->store, "rules", r->key, &bytes, err);

	if (found <= 0)
		return found;
	if (!json_parse(text_str(&bytes), bytes.len, RECORD_LIMIT, &j, &damaged))
		return 0;
	for (size_t i = 0; i < json_count(j); i++) {
		const struct json *item = json_at(j, i);
		const char *code = json_text(json_find(item, "code"));
		const char *message = json_text(json_find(item, "message"));
		const char *hint = json_text(json_find(item, "hint"));

		if (!code || !finding_row_find(code) || !message)
			return 0;
		struct finding *f = findings_add(out, code, "%s", message);

		f->severity =
			json_bool(json_find(item, "is_error")) ? SEVERITY_ERROR : SEVERITY_WARNING;
		if (hint && *hint)
			finding_hint(f, "%s", hint);
	}
	return 1;
}

static bool check_root(void *context, const struct root *root, struct error *err)
{
	struct rules *r = context;
	auto_findings found = {0};
	auto_fd int fd = open(root->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct image_rules rules = {
		.root_fd = fd,
		.config = &r->builder->plan.config,
		.wants_gpus = wants_gpus(r->builder),
		.is_strict = true,
	};

	if (fd < 0)
		return fail_errno(err, "opening '%s'", root->path);
	return image_rules_check(&rules, &found, err) && save(r, &found, err);
}

static bool work(struct sandbox *inside, void *arg, struct error *err)
{
	struct rules *r = arg;
	struct workshop w = {
		.inside = inside, .store = r->builder->store, .note = workshop_log_note};
	auto_strings lowers = {0};
	auto_free char *scratch = NULL;
	struct error late; /* the first failure is the one that counts */

	if (!store_tmp(w.store, &w.scratch, err) ||
	    !trees_get(&w, r->layers, r->layers->n, &lowers, err) ||
	    !workshop_directory(&w, &scratch, err))
		return false;
	struct root_options ro = {.lowers = (const char *const *)strings_argv(&lowers),
				  .n_lowers = lowers.n,
				  .scratch = scratch,
				  .is_read_only = true};
	bool ok = root_use(inside, &ro, check_root, r, NULL, err);

	return workshop_clean(&w, scratch, ok ? err : &late) && ok;
}

static bool no_message(void *context maybe_unused, int type, const void *bytes maybe_unused,
		       size_t len maybe_unused, int fd, struct error *err)
{
	fd_close(&fd);
	return fail(err, ERROR_FAILURE, "the sandbox sent an unknown message %d", type);
}

bool builder_rules(struct builder *b, const struct layers *layers, struct findings *out,
		   struct error *err)
{
	struct rules r = {.builder = b, .layers = layers};
	struct sandbox_options so = {.ids = b->ids, .on_message = no_message, .context = &r};
	const char *scratch;

	make_key(&r);
	int known = load(&r, out, err);

	if (known != 0)
		return known > 0;
	findings_release(out);
	if (!store_tmp(b->store, &scratch, err) || !sandbox_run(&so, work, &r, err))
		return false;
	known = load(&r, out, err);
	return known > 0 ||
	       (known == 0 && fail(err, ERROR_CONFLICT, "the image rules' findings are lost"));
}
