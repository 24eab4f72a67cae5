/* SPDX-License-Identifier: MIT
 * A Python file and an expression, read from any bytes.
 */
#include "lib/base/memory.h"
#include "lib/python/head.h"
#include "lib/python/module.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is kept is a tree that a walk may call itself on. */
static void check_expr(const struct python_expr *e, size_t limit)
{
	assert(limit > 0 && e->height <= limit);
	for (size_t i = 0; i < e->n_args; i++)
		check_expr(e->args[i], limit - 1);
	for (size_t i = 0; i < e->n_keywords; i++)
		check_expr(e->keywords[i].value, limit - 1);
}

static void check_module(const char *code, size_t size)
{
	auto_python_module m = {0};
	struct python_fault fault = {0};

	if (!python_module_parse(code, size, &m, &fault))
		assert(*fault.message);
	for (size_t i = 0; i < m.n_assignments; i++)
		if (m.assignments[i].value)
			check_expr(m.assignments[i].value, 100);
}

static void check_expression(const char *code, size_t size)
{
	auto_arena arena = {0};
	auto_free char *text = xstrndup(code, size);

	check_expr(python_expression_read(text, &arena), 100);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_module((const char *)data, size);
	check_expression((const char *)data, size);
	assert(python_head_length((const char *)data, size) <= size);
	return 0;
}
