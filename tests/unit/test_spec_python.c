/* SPDX-License-Identifier: MIT
 * Rules about the author's Python file.
 */
#include "tests/unit/project_fixture.h"

/* The findings of a spec with these lines around this code. */
static void check(const char *code, const char *lines, const char *wanted)
{
	auto_folder f = folder_new();

	folder_put(&f, "app.py", code, 1);
	folder_check(&f, lines, wanted);
}

TEST(functions)
{
	check("async def hello(self): ...\n", "", "");
	check("def hello(self, params): ...\n", "", "");
	check("def hello(self, params=None, *, more=1, **rest): ...\n", "", "");
	check("def hello(*args): ...\n", "", "");
	check("def helo(self): ...\n", "",
	      "E223 6:20 'app.py' has no function 'hello' (did you mean 'helo'?)");
	check("x = 1\n", "",
	      "E223 6:20 'app.py' has no function 'hello' (define it: 'async def hello(…):')");
	check("\nclass hello: ...\n", "",
	      "E228 6:20 'hello' is a class, not a function (line 2 of 'app.py') (name a function: "
	      "'async def hello(…):')");
	check("hello = [1]\n", "",
	      "E228 6:20 'hello' is a value, not a function (line 1 of 'app.py') (name a function: "
	      "'async def hello(…):')");
	check("def hello(self): ...\nhello = None\n", "",
	      "E228 6:20 'hello' is a value, not a function (line 2 of 'app.py') (name a function: "
	      "'async def hello(…):')");
	check("hello = None\ndef hello(self): ...\n", "", "");
}

/* What may be anything is not judged. */
TEST(not_judged)
{
	static const char *const codes[] = {
		"from queue import hello\n",
		"from queue import *\n",
		"import queue as hello\n",
		"hello = make()\n",
		"hello = other\n",
		"hello = lambda self: 1\n",
		"a, hello = 1, 2\n",
		"for hello in x: pass\n",
		"@wrapped\ndef hello(): ...\n",
		"@wrapped\nclass hello: ...\n",
		"if x:\n    def hello(): ...\nelse:\n    def hello(self): ...\n",
		"try:\n    from queue import hello\nexcept ImportError:\n    hello = None\n",
		"def hello(): ...\nhello = wrap(hello)\n",
		"globals()['hello'] = x\n",
		"def init():\n    global hello\n    hello = 1\n",
	};

	for (size_t i = 0; i < array_len(codes); i++)
		check(codes[i], "", "");
	check("hello: int\n", "",
	      "E223 6:20 'app.py' has no function 'hello' (define it: 'async def hello(…):')");
}

TEST(parameters)
{
	static const char input[] = "cords: [{function: hello, input: {a: string}}]";

	check("\nasync def hello(): ...\n", "",
	      "E227 6:20 'hello' has no parameter for the chute, which it is called with (line 2 of "
	      "'app.py') (write 'async def hello(self, params):')");
	check("def hello(**all): ...\n", "",
	      "E227 6:20 'hello' has no parameter for the chute, which it is called with (line 1 of "
	      "'app.py') (write 'def hello(self, params):')");
	check("def hello(self, a, b=1): ...\n", "", "");
	check("def hello(self, a, b): ...\n", "",
	      "E227 6:20 'hello' needs 3 arguments (line 1 of 'app.py'), but a cord passes two at "
	      "most: the chute and the body (give the others a default)");
	check("def hello(self, a, /, *, k): ...\n", "",
	      "E227 6:20 'hello' needs the argument 'k' by name (line 1 of 'app.py'), but a cord "
	      "passes two at most: the chute and the body (give it a default)");
	check("def hello(self, a): ...\n", input, "");
	check("def hello(self, *args): ...\n", input, "");
	check("def hello(self): ...\n", input,
	      "E227 1:20 'hello' has no parameter for the body, but the cord has an input (line 1 "
	      "of 'app.py') (write 'def hello(self, params):')");
	check("x = 1\n", "cords: [{function: hello, forward: GET /a, port: 9000}]", "");
}

TEST(streams)
{
	static const char stream[] = "cords: [{function: hello, stream: true}]";

	check("async def hello(self):\n    yield 1\n", stream, "");
	check("def hello(self):\n    x = [(yield)]\n", stream, "");
	check("def hello(self):\n    return iter(x)\n", stream, ""); /* may be one */
	check("async def hello(self):\n    def inner(): yield 1\n    return 1\n", stream,
	      "E226 1:35 'hello' is no generator, but 'stream' is true (line 1 of 'app.py') "
	      "('yield' each piece, or remove 'stream')");
	check("def hello(self):\n    x = lambda: (yield)\n    return\n", stream,
	      "E226 1:35 'hello' is no generator, but 'stream' is true (line 1 of 'app.py') "
	      "('yield' each piece, or remove 'stream')");
	check("def hello(self):\n    yield from x\n", "",
	      "E226 6:20 'hello' is a generator, but 'stream' is not true (line 1 of 'app.py') (add "
	      "'stream: true', or 'return' one value)");
	check("def hello(self):\n    yield 1\n", "cords: [{function: hello, stream: false}]",
	      "E226 1:35 'hello' is a generator, but 'stream' is not true (line 1 of 'app.py') (add "
	      "'stream: true', or 'return' one value)");
}

TEST(hooks)
{
	static const char lines[] = "handlers: {file: app.py, startup: [load], configure: setup}";

	check("def hello(self): ...\nasync def load(self): ...\ndef setup(chute): ...\n", lines,
	      "");
	check("def hello(self): ...\nasync def load(self, x=1): ...\ndef setup(*a): ...\n", lines,
	      "");
	check("def hello(self): ...\nasync def load(): ...\ndef setup(chute, x): ...\n", lines,
	      "E227 1:36 'load' has no parameter for the chute, which it is called with (line 2 of "
	      "'app.py') (write 'async def load(self):')\n"
	      "E227 1:54 'setup' needs 2 arguments (line 3 of 'app.py'), but only the chute is "
	      "passed (give the others a default)");
	check("def hello(self): ...\nasync def load(self): yield\nsetup = 1\n", lines,
	      "E226 1:36 'load' is a generator, and nobody takes what it yields (line 2 of "
	      "'app.py') (remove the 'yield')\n"
	      "E228 1:54 'setup' is a value, not a function (line 3 of 'app.py') (name a function: "
	      "'async def setup(…):')");
}

TEST(jobs)
{
	static const char job[] =
		"handlers: {file: app.py}\njobs: [{function: train, args: {lr: number}}]";
	static const char any[] = "handlers: {file: app.py}\njobs: [{function: train}]";

	check("async def train(self, **job_data): ...\n", job, "");
	check("async def train(self, output_dir, lr=1): ...\n", job, "");
	check("def train(self, *, lr, output_dir): ...\n", job, "");
	check("def train(self, lr, **rest): ...\n", any, "");
	check("async def train(self, lr): ...\n", job,
	      "E227 2:19 'train' takes no 'output_dir' (line 1 of 'app.py'), but is called with it "
	      "(add '**job_data' to its parameters)");
	check("async def train(self, output_dir): ...\n", job,
	      "E227 2:19 'train' takes no 'lr' (line 1 of 'app.py'), but is called with it (add "
	      "'**job_data' to its parameters)");
	check("async def train(self, epochs, **job_data): ...\n", job,
	      "E227 2:19 'train' needs 'epochs' (line 1 of 'app.py'), which is no argument of the "
	      "job (declare it under 'args', or give it a default)");
	check("async def train(**job_data): ...\n", job,
	      "E227 2:19 'train' has no parameter for the chute, which it is called with (line 1 of "
	      "'app.py') (write 'async def train(self, **job_data):')");
	check("async def train(self, **job_data): yield\n", job,
	      "E226 2:19 'train' is a generator, and nobody takes what it yields (line 1 of "
	      "'app.py') (remove the 'yield')");
	check("", "handlers: {file: app.py}\njobs: [{function: train, command: [sleep, '1']}]", "");
}

#define PYDANTIC                                                                                   \
	"image: {name: abc, base: {debian: bookworm}, steps: [pip: [pydantic]]}\n"                 \
	"cords: [{function: hello, input: {model: Input}}]"
#define HELLO "def hello(self, a): ...\n"

TEST(models)
{
	static const char *const rest = "from pydantic import BaseModel\n" HELLO;
	static const struct {
		const char *code, *wanted;
	} rows[] = {
		{"class Input(BaseModel): a: int\n", ""},
		{"class Base(BaseModel): ...\nclass Input(Base): ...\n", ""},
		{"class Input(make()): ...\n", ""},
		{"@wrapped\nclass Input: ...\n", ""},
		{"class Input(metaclass=M): ...\n", ""},
		{"Input = create_model('Input')\n", ""},
		{"class Inputs(BaseModel): ...\n",
		 "E223 2:34 'app.py' has no class 'Input' (did you mean 'Inputs'?)"},
		{"class Other(BaseModel): ...\n",
		 "E223 2:34 'app.py' has no class 'Input' (define it: 'class Input(BaseModel):')"},
		{"def Input(): ...\n",
		 "E228 2:34 'Input' is a function, not a pydantic class (line 1 of 'app.py')"},
		{"class Input: ...\n",
		 "E228 2:34 'Input' is no pydantic class (line 1 of 'app.py') "
		 "(derive it from pydantic's BaseModel)"},
		{"class Base(dict): ...\nclass Input(Base, object): ...\n",
		 "E228 2:34 'Input' is no pydantic class (line 2 of 'app.py') (derive it from "
		 "pydantic's BaseModel)"},
		{"class Input(Input, Input): ...\n", ""}, /* no end of it */
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		auto_free char *code = xprintf("%s%s", rows[i].code, rest);

		check(code, PYDANTIC, rows[i].wanted);
	}
}

TEST(reserved_names)
{
	check(HELLO "import x as chute\n", "image: someone/image:1.0",
	      "E229 2:1 'chute' is a name of the generated code (rename it, or describe a module "
	      "that makes its own chute with 'python' instead of 'handlers')");
	check(HELLO "_chutes_build = 1\ndef _chutes_x(): chute = 1\n", "",
	      "E229 2:1 '_chutes_build' is a name of the generated code (rename it)\n"
	      "E229 3:1 '_chutes_x' is a name of the generated code (rename it)");
}

TEST(not_python)
{
	check("def hello(self):\n    return (1\n", "", "E225 2:12 '(' is never closed");
	check("x = '\n", "", "E225 1:5 unterminated string");
	check("\xef\xbb\xbf" HELLO, "", "");
	check("# coding: latin-1\nx = '\xc3\xa9'\n", "",
	      "E225 1:1 the file says that it is in 'latin-1', but code is stored as UTF-8 (save "
	      "it as UTF-8 and remove the line)");
}

/* A finding about the file itself has its place there, and its line. */
TEST(place)
{
	auto_folder f = folder_new();
	auto_free char *text = fixture_spec("handlers: {file: src/app.py}");
	auto_free char *full = path_join(f.path, "chute.yaml");
	auto_free char *shown = path_join(f.path, "src/app.py");
	const struct {
		struct spec_options options;
		const char *file;
	} rows[] = {
		{{.file = "chute.yaml", .directory = f.path}, "src/app.py"},
		{{.file = full}, shown},
	};

	folder_put(&f, "src/app.py", "x = 1\ny = ]\n", 1);
	folder_put(&f, "chute.yaml", text, 1);
	for (size_t i = 0; i < array_len(rows); i++) {
		auto_findings findings = {0};
		auto_spec spec = {0};
		struct error err;

		CHECK(!spec_load(&rows[i].options, &spec, &findings, &err));
		CHECK_OR_STOP(findings.n == 1);
		CHECK_TEXT(findings.items[0].file, rows[i].file);
		CHECK(findings.items[0].line == 2 && findings.items[0].column == 5);
		CHECK_TEXT(findings.items[0].source, "y = ]");
	}
}

TEST(size)
{
	auto_folder f = folder_new();
	auto_text line = {0};

	text_add(&line, HELLO);
	while (line.len < 149999)
		text_add_char(&line, '#');
	text_add_char(&line, '\n');
	folder_put(&f, "app.py", text_str(&line), 1);
	folder_check(&f, "", "");
	text_add_char(&line, '\n');
	folder_put(&f, "app.py", text_str(&line), 1);
	folder_check(&f, "", "E222 4:18 'app.py' has more than 150000 characters");
	folder_put(&f, "app.py", "#", 1048576);
	folder_check(&f, "", "E222 4:18 'app.py' has more than 150000 characters");
}

#define STEPS(steps) "image: {name: abc, base: {debian: bookworm}, steps: [" steps "]}"

/* Modules that lie beside the file. */
TEST(modules_beside)
{
	static const char missing[] =
		"E237 1:8 'helper.py' lies beside 'app.py', but no step brings it into the image "
		"(add the step '- add: {source: helper.py, dest: /app/helper.py}')";
	static const struct {
		const char *lines, *wanted;
	} rows[] = {
		{"", missing},
		{STEPS("add: {source: helper.py, dest: /app/}"), ""},
		{STEPS("add: {source: ./helper.py, dest: /app/}"), ""},
		{STEPS("add: {source: \"*.py\", dest: /app/}"), ""},
		{STEPS("add: {source: ., dest: /app/}"), ""},
		{STEPS("add: {source: app.py, dest: /app/}"), missing},
		{STEPS("run: ls"), missing},
		{STEPS("raw: COPY . /app"), ""},
		{"image: {name: abc, base: \"oci:layout\"}", missing},
		{"image: someone/image:1.0", ""},
	};
	auto_folder f = folder_new();

	folder_put(&f, "app.py", "import helper\n" HELLO, 1);
	folder_put(&f, "helper.py", "x = 1\n", 1);
	folder_put(&f, "layout/oci-layout", "{}", 1);
	for (size_t i = 0; i < array_len(rows); i++)
		folder_check(&f, rows[i].lines, rows[i].wanted);
	folder_put(&f, "app.py",
		   "try:\n    import helper\nexcept ImportError:\n    pass\nimport app\n" HELLO, 1);
	folder_check(&f, "", "");
	folder_put(&f, "app.py", "from helper import a, b\nimport helper.c\n" HELLO, 1);
	folder_check(&f, "",
		     "E237 1:6 'helper.py' lies beside 'app.py', but no step brings it into the "
		     "image (add the step '- add: {source: helper.py, dest: /app/helper.py}')");
	folder_put(&f, "app.py", "def hello(self):\n    import helper\n", 1);
	folder_check(&f, "",
		     "E237 2:12 'helper.py' lies beside 'app.py', but no step brings it into the "
		     "image (add the step '- add: {source: helper.py, dest: /app/helper.py}')");
}

TEST(packages_beside)
{
	auto_folder f = folder_new();
	static const char lines[] = "handlers: {file: src/app.py}\n";

	folder_put(&f, "src/app.py", "import helper.part as part\n" HELLO, 1);
	folder_put(&f, "src/helper/__init__.py", "", 1);
	folder_check(&f, lines,
		     "E237 1:8 'helper/' lies beside 'src/app.py', but no step brings it into the "
		     "image (add the step '- add: {source: src/helper/, dest: /app/helper/}')");
	auto_free char *folder =
		xprintf("%s%s", lines, STEPS("add: {source: src/helper/, dest: /app/helper}"));
	auto_free char *above = xprintf("%s%s", lines, STEPS("add: {source: src, dest: /app}"));
	auto_free char *outside = xprintf(
		"%simage: {name: abc, base: {debian: bookworm}, context: {root: src/data}}", lines);

	folder_check(&f, folder, "");
	folder_check(&f, above, "");
	folder_put(&f, "src/data/x", "", 1);
	folder_check(&f, outside,
		     "E237 1:8 'helper/' lies beside 'src/app.py', but no step brings it into the "
		     "image (move it into the build context, and add it with a step)");
}

TEST(relative_imports)
{
	check(HELLO "from . import a\nfrom ..b import c\n", "",
	      "E238 2:6 a relative import fails: the file belongs to no package (import the module "
	      "by its name)\n"
	      "E238 3:6 a relative import fails: the file belongs to no package (import the module "
	      "by its name)");
	check(HELLO "try:\n    from . import a\nexcept ImportError:\n    a = None\n", "", "");
}

TEST(packages)
{
	static const char missing[] =
		"W315 1:8 nothing installs 'numpy' (add it to a step: '- pip: [numpy]')";
	static const struct {
		const char *lines, *wanted;
	} rows[] = {
		{"", missing},
		{STEPS("pip: [numpy]"), ""},
		{STEPS("pip: [\"NumPy>=1,<3\"]"), ""},
		{STEPS("pip: [scipy]"), ""},
		{STEPS("pip: [requests]"), missing},
		{STEPS("pip: [\"uvicorn[standard]\"]"), ""},
		{STEPS("pip: [something-unknown]"), ""},
		{STEPS("pip: {requirements: good.txt}"), ""},
		{STEPS("pip: {requirements: other.txt}"), missing},
		{STEPS("pip: {requirements: open.txt}"), ""},
		{STEPS("apt: [git]"), missing},
		{STEPS("apt: [python3-numpy]"), ""},
		{STEPS("run: pip install numpy"), ""},
		{STEPS("env: {A: b}"), missing},
		{STEPS("add: {source: lib, dest: /app/}"), ""},
		{STEPS("add: {source: app.py, dest: /app/app.py}"), missing},
		{STEPS("add: {source: app.py, dest: /app/numpy.py}"), ""},
		{"image: {name: abc, base: {debian: bookworm, packages: [python3-numpy]}}", ""},
		{"image: {name: abc, base: \"oci:layout\"}", ""},
	};
	auto_folder f = folder_new();

	folder_put(&f, "good.txt", "# a comment\n\nnumpy==1.26 ; python_version > '3'\n", 1);
	folder_put(&f, "other.txt", "requests # not numpy\n", 1);
	folder_put(&f, "open.txt", "-r good.txt\n", 1);
	folder_put(&f, "lib/x.py", "", 1);
	folder_put(&f, "layout/oci-layout", "{}", 1);
	folder_put(&f, "app.py", "import numpy as np\nimport os, sys, chutes\n" HELLO, 1);
	for (size_t i = 0; i < array_len(rows); i++)
		folder_check(&f, rows[i].lines, rows[i].wanted);
	check("import PIL.Image\nfrom frobnicate import x\n" HELLO, "",
	      "W315 1:8 nothing installs 'PIL' (add it to a step: '- pip: [pillow]')\n"
	      "W315 2:6 nothing installs 'frobnicate' (add a 'pip' or 'apt' step that does)");
	check("def hello(self):\n    import numpy\n", "", "");
	check("if x:\n    import numpy\n" HELLO, "", "");
}

/* A module that is sent as it is. */
TEST(python_mode)
{
	auto_folder f = folder_new();
	static const char lines[] = "python: {file: chute.py}\nimage: {name: abc, base: "
				    "{debian: bookworm}}\ncords: {import: true}";

	folder_put(&f, "chute.py", "chute = Chute(name='hello')\n", 1);
	folder_check(&f, lines, "");
	folder_put(&f, "chute.py", "import helper\nchute = Chute(name='hello'\n", 1);
	folder_check(&f, lines, "E225 2:14 '(' is never closed");
	folder_put(&f, "chute.py", "import helper\nchute = Chute(name='hello')\n", 1);
	folder_put(&f, "helper.py", "", 1);
	folder_check(&f, lines,
		     "E237 1:8 'helper.py' lies beside 'chute.py', but no step brings it into the "
		     "image (add the step '- add: {source: helper.py, dest: /app/helper.py}')");
	folder_put(&f, "chute.py", "def make(): ...\n", 1);
	folder_check(&f, lines,
		     "E223 1:9 'chute.py' does not define 'chute' (name the variable that holds "
		     "the chute with 'object')\n"
		     "W314 5:7 the name 'hello' does not stand in 'chute.py' (it must be the name "
		     "that the module gives its chute)");
}
