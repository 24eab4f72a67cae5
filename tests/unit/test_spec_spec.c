/* SPDX-License-Identifier: MIT */
#include "lib/spec/spec.h"

#include "tests/unit/tap.h"

static const char hello[] = "version: 1\n"
			    "name: hello\n"
			    "handlers:\n"
			    "  file: app.py\n"
			    "  startup: [{call: late, priority: 60}, prepare]\n"
			    "image:\n"
			    "  name: hello\n"
			    "  tag: 1.10\n"
			    "  base: {debian: bookworm}\n"
			    "  steps:\n"
			    "    - pip: [fastapi]\n"
			    "    - run: |\n"
			    "        set -e\n"
			    "        true\n"
			    "    - run: [a, b]\n"
			    "    - add: {source: app.py, dest: /app/, chmod: 755}\n"
			    "node_selector: {max_hourly_price_per_gpu: 1.5}\n"
			    "cords:\n"
			    "  - function: hello\n"
			    "    public: POST /hello\n"
			    "    input: {name: {type: string, max_length: 64}, n: integer?}\n";

TEST(hello)
{
	auto_spec spec = {0};
	auto_findings f = {0};
	struct error err;

	CHECK_OK(spec_parse(hello, strlen(hello), &(struct spec_options){.file = "chute.yaml"},
			    &spec, &f, &err),
		 err);
	CHECK_OR_STOP(f.n == 0);
	CHECK(spec.mode == SPEC_HANDLERS);
	CHECK_TEXT(spec.image.tag, "1.10");
	CHECK_TEXT(spec.image.base.text, "debian:bookworm");
	CHECK(spec.image.base.kind == BASE_DEBIAN);
	CHECK_TEXT(spec.image.base.components.items[0], "main");
	CHECK_TEXT(spec.image.readme.text, "hello");
	CHECK(spec.image.limits.context_bytes == 512 << 20);
	CHECK_TEXT(spec.handlers.startup.items[0].call, "prepare");
	CHECK(spec.handlers.startup.items[0].priority == 50);
	CHECK_OR_STOP(spec.image.steps.n == 4);
	CHECK(spec.image.steps.items[0].kind == STEP_PIP);
	CHECK(spec.image.steps.items[1].run.is_exec_script);
	CHECK_TEXT(spec.image.steps.items[1].run.script, "set -e\ntrue\n");
	CHECK(spec.image.steps.items[1].place.line == 12);
	CHECK_TEXT(spec.image.steps.items[2].run.script, "a && b");
	CHECK(!spec.image.steps.items[2].run.is_exec_script);
	CHECK_TEXT(spec.image.steps.items[3].add.chmod, "755");
	CHECK(spec.node_selector.gpu_count == 1);
	CHECK(spec.node_selector.max_hourly_price_micro_usd == 1500000);
	CHECK(spec.scaling.shutdown_after_ms == 300000);
	CHECK_OR_STOP(spec.cords.n == 1 && spec.cords.items[0].input.fields.n == 2);
	CHECK_TEXT(spec.cords.items[0].path, "/hello");
	CHECK_TEXT(spec.cords.items[0].public_route.method, "POST");
	CHECK_TEXT(spec.cords.items[0].public_route.path, "/hello");
	CHECK(spec.cords.items[0].input.fields.items[1].is_nullable);
	CHECK(spec.cords.items[0].input.fields.items[1].type == SCHEMA_INTEGER);
	CHECK(spec.cords.items[0].input.fields.items[0].max_length == 64);
	CHECK(spec.cords.items[0].input.fields.items[0].min_length == -1);
	CHECK_TEXT(spec.dev.gpus, "all");
}
