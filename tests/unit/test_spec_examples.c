/* SPDX-License-Identifier: MIT
 * One whole document of each mode, as an author would write it: read without a complaint, except
 * for advice.
 */
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/text.h"
#include "lib/spec/spec.h"
#include "tests/unit/tap.h"

/* `advice`: the codes of all findings, "W301 W307". */
static void read_example(const char *name, struct spec *spec, const char *advice)
{
	const char *root = getenv("CHUTES_SHARE");
	auto_free char *path = xprintf("%s/tests/fuzz/corpus/spec/%s", root ? root : ".", name);
	auto_text text = {0};
	auto_text shown = {0};
	auto_findings f = {0};
	struct error err;

	CHECK_OK(file_read(path, YAML_MAX_BYTES, &text, &err), err);
	CHECK_OK(spec_parse(text_str(&text), text.len, &(struct spec_options){.file = name}, spec,
			    &f, &err),
		 err);
	for (size_t i = 0; i < f.n; i++)
		text_addf(&shown, "%s%s", i ? " " : "", f.items[i].row->code);
	CHECK_TEXT(text_str(&shown), advice);
}

TEST(template)
{
	auto_spec spec = {0};

	read_example("template", &spec, "");
	CHECK(spec.mode == SPEC_TEMPLATE && spec.template.kind == TEMPLATE_VLLM);
	CHECK(spec.template.engine_args.n == 3);
	CHECK_TEXT(spec.image.reference, "chutes/vllm:nightly-2025111700");
	CHECK(spec.secrets.n == 1 && spec.secrets.items[0].is_required);
}

TEST(diffusion_with_handlers)
{
	auto_spec spec = {0};

	read_example("diffusion", &spec, "W301 W307");
	CHECK(spec.mode == SPEC_HANDLERS);
	CHECK_OR_STOP(spec.cords.n == 2 && spec.models.n == 1);
	CHECK(spec.models.items[0].allow.n == 3);
	CHECK(spec.cords.items[1].input.kind == INPUT_MODEL);
	CHECK_TEXT(spec.cords.items[1].output.model, "UpscaleResult");
}

TEST(any_server)
{
	auto_spec spec = {0};

	read_example("passthrough", &spec, "W307 W307");
	CHECK(spec.mode == SPEC_SERVER);
	CHECK_OR_STOP(spec.cords.n == 3);
	CHECK_TEXT(spec.cords.items[0].input.schema_file, "schemas/rank.json");
	CHECK(spec.cords.items[1].is_stream && spec.cords.items[1].port == 9000);
}

TEST(job)
{
	auto_spec spec = {0};

	read_example("job", &spec, "W307");
	CHECK(spec.mode == SPEC_HANDLERS && spec.cords.n == 0 && spec.jobs.n == 2);
	CHECK(spec.dev.job_args.n == 2);
}

TEST(commands)
{
	auto_spec spec = {0};

	read_example("commands", &spec, "");
	CHECK(spec.mode == SPEC_COMMANDS && spec.jobs.n == 2);
	CHECK_TEXT(spec.image.reference, "me/tools:1.0");
}

TEST(module)
{
	auto_spec spec = {0};

	read_example("module", &spec, "");
	CHECK(spec.mode == SPEC_PYTHON && spec.cords.is_imported);
	CHECK_TEXT(spec.python.object, "chute");
}
