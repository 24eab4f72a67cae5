/* SPDX-License-Identifier: MIT
 * Rules between fields, and how values are typed.
 */
#include "lib/spec/spec_internal.h"
#include "tests/unit/spec_cases.h"

#define IMAGE(rest) "image: {name: hello, base: {debian: bookworm}, " rest "}"
#define BASE(base)  "image: {name: hello, base: " base ", steps: [user: chutes, workdir: /app]}"
#define CORD(rest)  "cords: [{function: hello, " rest "}]"

TEST(types)
{
	static const struct rule rules[] = {
		{"public: true", ""},
		{"public: False", ""},
		{"public: TRUE", ""},
		{"public: tRUE",
		 "E111 1:9 'public' must be true or false, not 'tRUE' (write true: only true and "
		 "false are booleans)"},
		{"public: yes",
		 "E111 1:9 'public' must be true or false, not 'yes' (write true: only true and "
		 "false are booleans)"},
		{"public: \"true\"",
		 "E111 1:9 'public' must be true or false, not 'true' (remove the quotes)"},
		{"public: [true]", "E111 1:9 'public' must be true or false, not a list"},
		{"scaling: {concurrency: \"8\"}",
		 "E111 1:24 'concurrency' must be a whole number, not '8' (remove the quotes)"},
		{"scaling: {concurrency: 0x10}",
		 "E111 1:24 'concurrency' must be a whole number, not '0x10'"},
		{"scaling: {concurrency: 007}",
		 "E111 1:24 'concurrency' must be a whole number, not '007'"},
		{"scaling: {concurrency: 1.0}",
		 "E111 1:24 'concurrency' must be a whole number, not '1.0'"},
		{"scaling: {concurrency: 99999999999999999999}",
		 "E113 1:24 'concurrency' is 1e+20; it must be at most 256"},
		{"scaling: {scaling_threshold: 5e-1}",
		 "E111 1:30 'scaling_threshold' must be a decimal number, not '5e-1'"},
		{"scaling: {shutdown_after_seconds: soon}",
		 "E111 1:35 'shutdown_after_seconds' must be a time such as 30s, 10m or 12h, "
		 "not 'soon'"},
		{"scaling: 5", "E111 1:10 scaling must be a mapping, not '5'"},
		{"scaling:", "E111 1:9 'scaling' has no value (give it a value or remove the key)"},
		{"name: [a]", "E111 1:7 'name' must be text, not a list"},
		{"name: {a: b}", "E111 1:7 'name' must be text, not a mapping"},
		{"name: ~", "E111 1:7 'name' has no value (give it a value or remove the key)"},
		{"name: \"~/a/b\"",
		 "E114 1:7 '~/a/b' is not allowed for 'name' (it must be letters, digits, '_', "
		 "'.', '-' and '/')"},
		{"name: 1.10", ""},
		{"name: yes", ""},
		{"env: {A: 1.10, B: no, C: \"\", D: 0x1F}", ""},
		{"env: {A: }", "E111 1:10 'A' has no value (give it a value or remove the key)"},
		{"env: {A: [b]}", "E111 1:10 'A' must be text, not a list"},
		{"env: [A]", "E111 1:6 'env' must be a mapping, not a list"},
		{"env: {A: \"\\e[1m\"}", "E114 1:10 'A' contains a control character: '\\x1b[1m'"},
		{"tagline: \"a\\nb\"",
		 "E114 1:10 'tagline' contains a control character: 'a\\x0ab'"},
		{"tagline: \"a\\u0085b\"",
		 "E114 1:10 'tagline' contains a control character: 'a\\xc2\\x85b'"},
		{"readme: \"a\\nb\\tc\"", ""},
		{CORD("example: {a: 0x1F}"),
		 "E111 1:40 '0x1F' is a number that JSON cannot hold (write a plain decimal "
		 "number, or quotes around it for text)"},
		{CORD("example: {a: 007}"),
		 "E111 1:40 '007' is a number that JSON cannot hold (write a plain decimal "
		 "number, or quotes around it for text)"},
		{CORD("example: [.inf]"),
		 "E111 1:37 '.inf' is a number that JSON cannot hold (write a plain decimal "
		 "number, or quotes around it for text)"},
		{CORD("example: [1e999]"),
		 "E111 1:37 '1e999' is a number that JSON cannot hold (write a plain decimal "
		 "number, or quotes around it for text)"},
		{CORD("example: [1, -2.5e3, .5x, '1', null, ~, yes, true]"), ""},
	};

	check_rules(rules, array_len(rules));
}

TEST(keys)
{
	static const struct rule rules[] = {
		{"x-note: {any: [thing]}\nscaling: {x-a: 1, concurrency: 2}", ""},
		{"env: {x-a: b, A: c}", ""},
		{"scalling: {}",
		 "E110 1:1 unknown key 'scalling' in the spec (did you mean 'scaling'?)"},
		{"node_selector: {num_gpus: 1}",
		 "E110 1:17 unknown key 'num_gpus' in node_selector "
		 "(did you mean 'gpu_count'?)"},
		{"node_selector: {gpus: 1}",
		 "E110 1:17 unknown key 'gpus' in node_selector (did you mean 'gpu_count'?)"},
		{"node_selector: {min_vram_gpu_per_gpu: 24}",
		 "E110 1:17 unknown key 'min_vram_gpu_per_gpu' in node_selector (did you mean "
		 "'min_vram_gb_per_gpu'?)"},
		{"node_selector: {num: 1}",
		 "E110 1:17 unknown key 'num' in node_selector (known here: gpu_count, "
		 "min_vram_gb_per_gpu, max_hourly_price_per_gpu, include, exclude)"},
		{CORD("public_api_path: /hello"),
		 "E110 1:27 unknown key 'public_api_path' in a cord (did you mean 'public'?)"},
		{"something: 1",
		 "E110 1:1 unknown key 'something' in the spec (known here: version, profile, "
		 "username, name, tagline, readme, tool_description, logo, public, template, "
		 "handlers, server, python, image, node_selector, scaling, security, env, "
		 "secrets, models, standard_template, revision, passthrough_headers, cords, "
		 "jobs, tests, dev, environments)"},
		{"image: {base: {debian: bookworm}}",
		 "E112 1:8 'name' is missing in image (add a line such as 'name: my-chute')"},
		{"handlers: {startup: []}",
		 "E112 1:11 'file' is missing in handlers (add a line such as 'file: app.py')"},
		{"tests: [{cord: hello}]",
		 "E112 1:9 'name' is missing in a test (add a line such as 'name: greets by "
		 "name')"},
		{"handlers: {file: a.py, app: {middleware: []}}",
		 "E110 1:30 unknown key 'middleware' in app (it must be an argument of FastAPI())"},
		{IMAGE("steps: [{run: a, env: {A: b}}]"),
		 "E117 1:65 'env' stands beside 'run'; a step has one key (make it an entry of "
		 "its own: put a '-' in front)"},
		{IMAGE("steps: [{}]"), "E112 1:56 a step needs one key"},
		{IMAGE("steps: [a]"), "E111 1:56 a step must be a mapping, not 'a'"},
		{IMAGE("steps: [{x-note: a, run: b}]"), ""},
		{CORD("input: {model: UpscaleInput}"), ""},
		{CORD("input: {model: UpscaleInput, x-note: a}"), ""},
		{CORD("input: {schema: a.json}"),
		 "W312 1:34 the runtime does not check requests against 'a.json' (check them in "
		 "'hello', or list the fields here)"},
		{CORD("input: {schema: a.json}, port: 9000, forward: POST /a"), ""},
		{CORD("minimal_input: {schema: a.json}"), ""},
		{CORD("input: {model: string, schema: string}"), ""},
		{CORD("input: {model: string}"), ""},
	};

	check_rules(rules, array_len(rules));
}

TEST(mode)
{
	static const struct rule rules[] = {
		{"handlers: {file: a.py}\nserver: {command: [a], port: 9000}\n"
		 "cords: [{function: a, forward: GET /a}]",
		 "E201 2:1 'server' stands beside 'handlers': a chute has one mode (keep one of "
		 "the two)"},
		{"name: TEE-chute",
		 "E212 1:7 the name 'TEE-chute' is for chutes with security.tee (choose another "
		 "name, or set 'security: {tee: true}')"},
		{"name: my-tee",
		 "E212 1:7 the name 'my-tee' is for chutes with security.tee (choose another "
		 "name, or set 'security: {tee: true}')"},
		{"name: my-tee\nsecurity: {tee: true, lock_modules: false}", ""},
		{"public: true\nimage: {name: abc, base: {debian: bookworm}, public: false}",
		 "E213 2:54 a public chute needs a public image (remove the key: the image "
		 "follows the chute)"},
		{"public: true", ""},
		{"handlers: {file: a.py, shutdown: [close]}",
		 "W301 1:35 the hosted platform never calls 'close' at shutdown"},
	};

	check_rules(rules, array_len(rules));
	auto_spec spec = {0};
	auto_findings f = {0};
	struct error err;
	const char *text = "version: 1\nname: abc\nimage: {name: abc, base: {debian: bookworm}}\n"
			   "cords: [{function: a}]\n";

	CHECK(!spec_parse(text, strlen(text), &(struct spec_options){.file = "c.yaml"}, &spec, &f,
			  &err));
	CHECK_OR_STOP(f.n == 1);
	CHECK_TEXT(f.items[0].row->code, "E201");
	CHECK_TEXT(err.message, "'c.yaml': 1 error found");
	CHECK(err.code == ERROR_SPEC);
	CHECK(spec.name == NULL);
}

TEST(variables)
{
	static const struct rule rules[] = {
		{"env: {CHUTES_X: a}",
		 "E204 1:7 the variable 'CHUTES_X' belongs to the platform (use another name)"},
		{"env: {LD_PRELOAD: a}",
		 "E204 1:7 the variable 'LD_PRELOAD' belongs to the platform (use another name)"},
		{"env: {https_proxy: a, PYTHONPATH: b}",
		 "E204 1:7 the variable 'https_proxy' belongs to the platform (use another "
		 "name)\n"
		 "E204 1:23 the variable 'PYTHONPATH' belongs to the platform (use another name)"},
		{"env: {NO_PROXY: a}", ""},
		{"env: {HF_HOME: a}",
		 "W306 1:7 the variable 'HF_HOME' changes what the platform has set"},
		{"env: {CUDA_VISIBLE_DEVICES: a}",
		 "W306 1:7 the variable 'CUDA_VISIBLE_DEVICES' changes what the platform has set"},
		{"secrets: [A, {name: A}]", "E211 1:14 the secret 'A' is named twice"},
		{"secrets: [A]\nenv: {A: b}",
		 "E211 1:11 'A' is a secret and stands in 'env' (remove it from 'env')"},
		{"secrets: [LD_PRELOAD]",
		 "E204 1:11 the variable 'LD_PRELOAD' belongs to the platform"},
		{"secrets: [{name: A, required: true, description: b}]", ""},
	};

	check_rules(rules, array_len(rules));
}

TEST(secrets)
{
	static const struct rule rules[] = {
		{"env: {A: hf_{{a*30}}}",
		 "W308 1:10 this looks like a Hugging Face token (name it under 'secrets' and "
		 "remove it here)"},
		{"env: {A: hf_{{a*29}}}", ""},
		{"env: {A: xhf_{{a*30}}}", ""},
		{"env: {A: sk-{{b*32}}}",
		 "W308 1:10 this looks like an API key (name it under 'secrets' and remove it "
		 "here)"},
		{"env: {A: AKIA{{B*16}}}",
		 "W308 1:10 this looks like an AWS access key (name it under 'secrets' and "
		 "remove it here)"},
		{"env: {A: ghp_{{c*36}}}",
		 "W308 1:10 this looks like a GitHub token (name it under 'secrets' and remove "
		 "it here)"},
		{"env: {A: \"-----BEGIN RSA PRIVATE KEY-----\"}",
		 "W308 1:10 this looks like a private key (name it under 'secrets' and remove "
		 "it here)"},
		{"env: {DB_PASSWORD: a}",
		 "W308 1:7 this looks like a secret by its name (name it under 'secrets' and "
		 "remove it here)"},
		{"env: {DB_PASSWORD: \"\"}", ""},
		{IMAGE("steps: [pip: {packages: [a], index: \"https://u:p@host/simple\"}]"),
		 "E209 1:84 the address in 'index' carries a password (remove it and use a "
		 "secret of the build machine, such as pip's own configuration)"},
		{IMAGE("steps: [pip: {packages: [a], extra_index: \"http://t@host/\"}]"),
		 "E209 1:90 the address in 'extra_index' carries a password (remove it and use "
		 "a secret of the build machine, such as pip's own configuration)"},
		{IMAGE("steps: [pip: [\"git+https://t@host/a\"]]"),
		 "E209 1:62 the address in 'packages' carries a password (remove it and use a "
		 "secret of the build machine, such as pip's own configuration)"},
		{IMAGE("steps: [pip: {packages: [a], args: [--index-url=https://a:b@c/]}]"),
		 "E209 1:84 the address in 'args' carries a password (remove it and use a "
		 "secret of the build machine, such as pip's own configuration)"},
		{IMAGE("steps: [pip: [\"git+https://host/a@v1\"]]"), ""},
	};

	check_rules(rules, array_len(rules));
}

TEST(selector)
{
	static const struct rule rules[] = {
		{"node_selector: {gpu_count: 0}",
		 "W305 1:28 the hosted platform refuses chutes without a GPU (fine for local "
		 "runs and for a server of your own)"},
		{"node_selector: {gpu_count: 0, min_vram_gb_per_gpu: 24, x-a: 1}",
		 "W305 1:28 the hosted platform refuses chutes without a GPU (fine for local "
		 "runs and for a server of your own)\n"
		 "E236 1:31 'min_vram_gb_per_gpu' says something about GPUs, but gpu_count is 0 "
		 "(remove it, or set gpu_count)"},
	};

	check_rules(rules, array_len(rules));
}

TEST(image)
{
	static const struct rule rules[] = {
		{"image: {name: abc}",
		 "W307 1:8 this version of chutes cannot pull 'parachutes/python:3.12' when it "
		 "builds (to build here, use {debian: bookworm}, oci:DIRECTORY or another local "
		 "base)"},
		{BASE("\"docker.io/library/python:3.12\""),
		 "W309 1:28 the hosted platform does not build on 'docker.io/library/python:3.12' "
		 "(it takes images of parachutes/ only, such as parachutes/python:3.12)\n"
		 "W307 1:28 this version of chutes cannot pull 'docker.io/library/python:3.12' "
		 "when it builds (to build here, use {debian: bookworm}, oci:DIRECTORY or "
		 "another local base)"},
		{BASE("\"a b\""),
		 "E114 1:28 'a b' is no image reference (write NAME:TAG, or {debian: bookworm}, "
		 "or oci:DIRECTORY)"},
		{BASE("\"oci:dir:tag\""), ""},
		{BASE("\"oci:\""), "E114 1:28 the base 'oci:' lacks its path"},
		{BASE("\"oci-archive:a.tar:\""),
		 "E114 1:28 the base 'oci-archive:a.tar:' lacks its tag"},
		{BASE("\"rootfs:a.tar\""), ""},
		{BASE("scratch"), ""},
		{BASE("{debian: bookworm, packages: [git], variant: minimal, components: [main]}"),
		 ""},
		{BASE("{debian: bookworm, mirror: \"http://u:p@host/debian\"}"),
		 "E209 1:28 the address in 'mirror' carries a password (remove it and use a "
		 "secret of the build machine, such as pip's own configuration)"},
		{BASE("{debian: bookworm, mirror: host}"),
		 "E114 1:55 'host' is not allowed for 'mirror' (it must be an address without "
		 "blanks)"},
		{"image: {name: abc, base: scratch}",
		 "I122 1:26 the image's final user is root (end the steps with '- user: "
		 "chutes')\n"
		 "I123 1:26 the image's final working directory is not /app (end the steps with "
		 "'- workdir: /app')"},
		{"image: {name: abc, base: {debian: bookworm, variant: minimal}}",
		 "I122 1:26 the image's final user is root (end the steps with '- user: "
		 "chutes')\n"
		 "I123 1:26 the image's final working directory is not /app (end the steps with "
		 "'- workdir: /app')"},
		{IMAGE("steps: [user: root]"),
		 "I122 1:56 the image's final user is root (end the steps with '- user: chutes')"},
		{IMAGE("steps: [user: \"0:0\", user: chutes]"), ""},
		{IMAGE("steps: [workdir: /srv]"),
		 "I123 1:56 the image's final working directory is not /app (end the steps with "
		 "'- workdir: /app')"},
		{IMAGE("entrypoint: [/a, b]"),
		 "W303 1:60 the hosted platform clears the entrypoint of an image"},
		{IMAGE("steps: [pip: []]"),
		 "E112 1:56 'pip' has neither 'packages' nor 'requirements' (write pip: "
		 "[fastapi], or pip: {requirements: requirements.txt})"},
		{IMAGE("steps: [pip: {args: [-q]}]"),
		 "E112 1:56 'pip' has neither 'packages' nor 'requirements' (write pip: "
		 "[fastapi], or pip: {requirements: requirements.txt})"},
		{IMAGE("steps: [pip: {requirements: ../r.txt}]"),
		 "E221 1:76 '../r.txt' is not inside the context (name it from "
		 "image.context.root, without '..')"},
		{IMAGE("steps: [add: {source: /etc/passwd, dest: /a}]"),
		 "E221 1:70 '/etc/passwd' is not inside the context (name it from "
		 "image.context.root, without '..')"},
		{IMAGE("steps: [add: {source: a/../../b, dest: /a}]"),
		 "E221 1:70 'a/../../b' is not inside the context (name it from "
		 "image.context.root, without '..')"},
		{IMAGE("steps: [add: {source: a/..b, dest: /a}]"), ""},
		{IMAGE("steps: [add: {source: a, dest: /a, checksum: \"sha256:{{0*64}}\"}]"),
		 "E210 1:93 'checksum' is for addresses, and 'a' is a file (remove it)"},
		{IMAGE("steps: [add: {source: \"https://h/a\", dest: /a, checksum: "
		       "\"sha256:{{0*64}}\"}]"),
		 "W307 1:70 this version of chutes cannot fetch 'https://h/a' when it builds "
		 "(to build here, put the file into the context)"},
		{IMAGE("steps: [add: {source: \"https://u:p@h/a\", dest: /a}]"),
		 "E209 1:70 the address in 'source' carries a password (remove it and use a "
		 "secret of the build machine, such as pip's own configuration)"},
		{IMAGE("steps: [add: {source: \"https://h/a b\", dest: /a}]"),
		 "E114 1:70 'https://h/a b' is no address"},
		{IMAGE("context: {include: [../a]}"),
		 "E221 1:68 '../a' is not inside the context (name it from image.context.root, "
		 "without '..')"},
	};

	check_rules(rules, array_len(rules));
}

TEST(cords)
{
	static const struct rule rules[] = {
		{"cords: [{function: a}, {function: a}]",
		 "E203 1:24 a second cord for 'a'; the first is in line 1"},
		{"cords: [{function: a}, {function: b, path: /a}]",
		 "E203 1:24 a second cord at '/a'; the first is in line 1"},
		{"cords: [{function: a, public: GET /x}, {function: b, public: GET /x}]",
		 "E203 1:40 a second cord at 'GET /x'; the first is in line 1"},
		{"cords: [{function: a, public: GET /x}, {function: b, public: POST /x}]", ""},
		{"cords: [{function: aB}]",
		 "E114 1:9 '/aB' cannot be a path (add 'path', in lower-case letters, digits "
		 "and '_')"},
		{"cords: [{function: aB, path: /ab}]", ""},
		{CORD("forward: GET /a"),
		 "E208 1:9 'forward' needs 'port': no 'server' says where to (add 'port', or "
		 "remove 'forward')"},
		{CORD("port: 9000"),
		 "E210 1:33 'port' means nothing without 'forward' (remove it)"},
		{CORD("timeout: 5"),
		 "E210 1:36 'timeout' means nothing without 'forward' (remove it)"},
		{CORD("forward: GET /a, port: 8001"),
		 "E202 1:50 'port' is 8001, which the runtime itself uses (choose another port; "
		 "8000, 8001, 8002 and 2202 are taken)"},
		{CORD("forward: GET /v1.0/a, port: 9000"),
		 "W304 1:36 the path '/v1.0/a' is outside of what the SDK takes"},
		{"server: {command: [a], port: 8000}\ncords: [{function: a, forward: GET /a}]",
		 "E202 1:30 'port' is 8000, which the runtime itself uses (choose another port; "
		 "8000, 8001, 8002 and 2202 are taken)"},
		{"server: {command: [a], port: 2202}\ncords: [{function: a, forward: GET /a}]",
		 "E202 1:30 'port' is 2202, which the runtime itself uses (choose another port; "
		 "8000, 8001, 8002 and 2202 are taken)"},
		{"server: {command: [a], port: 9000}\ncords: [{function: a}]",
		 "E208 2:9 a cord of a server needs 'forward' (say where it goes: forward: POST "
		 "/path)"},
		{"server: {command: [a], port: 9000}\ncords: [{function: a, forward: GET /a}]\n"
		 "dev: {port: 9000}",
		 "E202 3:13 dev.port and server.port are both 9000 (the chute answers at "
		 "dev.port, its process at server.port)"},
		{"tests: [{name: a, cord: nothing}]", "E205 1:25 no cord is called 'nothing'"},
		{"tests: [{name: a, cord: hello}, {name: a, cord: hello}]",
		 "E211 1:33 a second test called 'a'; the first is in line 1"},
		{CORD("input: {a: string}, minimal_input: {b: string}"),
		 "E205 1:63 'b' is not a field of the input"},
		{CORD("input: {a: string}, minimal_input: {a: string}"), ""},
	};

	check_rules(rules, array_len(rules));
}

#define INPUT(fields, example)                                                                     \
	"cords: [{function: hello, input: {" fields "}, example: " example "}]"

TEST(examples)
{
	static const struct rule rules[] = {
		{INPUT("a: {type: string, required: true}", "{a: b}"), ""},
		{INPUT("a: {type: string, required: true}", "{}"),
		 "E206 1:80 example: 'a' is missing"},
		{INPUT("a: string", "{a: 1}"),
		 "E206 1:56 example: 'a' must be text, not an integer"},
		{INPUT("a: string", "{a: \"1\"}"), ""},
		{INPUT("a: string", "{a: ~}"), "E206 1:56 example: 'a' must not be null"},
		{INPUT("a: string?", "{a: ~}"), ""},
		{INPUT("a: string", "{b: c}"),
		 "E206 1:56 example: 'b' is not a field of the input"},
		{INPUT("a: string", "[a]"),
		 "E206 1:56 example: the input must be a mapping, not a list"},
		{INPUT("a: integer", "{a: 1.0}"),
		 "E206 1:57 example: 'a' must be a whole number, not a decimal number"},
		{INPUT("a: number", "{a: 1}"), ""},
		{INPUT("a: boolean", "{a: true}"), ""},
		{INPUT("a: boolean", "{a: yes}"),
		 "E206 1:57 example: 'a' must be true or false, not a string"},
		{INPUT("a: any", "{a: [1, {b: ~}]}"), ""},
		{INPUT("a: {type: integer, ge: 1, le: 3}", "{a: 0}"),
		 "E206 1:79 example: 'a' must be at least 1"},
		{INPUT("a: {type: integer, ge: 1, le: 3}", "{a: 1}"), ""},
		{INPUT("a: {type: integer, ge: 1, le: 3}", "{a: 3}"), ""},
		{INPUT("a: {type: integer, ge: 1, le: 3}", "{a: 4}"),
		 "E206 1:79 example: 'a' must be at most 3"},
		{INPUT("a: {type: number, gt: 0, lt: 1}", "{a: 0}"),
		 "E206 1:78 example: 'a' must be more than 0"},
		{INPUT("a: {type: number, gt: 0, lt: 1}", "{a: 1}"),
		 "E206 1:78 example: 'a' must be less than 1"},
		{INPUT("a: {type: number, multiple_of: 0.1}", "{a: 0.3}"), ""},
		{INPUT("a: {type: number, multiple_of: 0.1}", "{a: 0.35}"),
		 "E206 1:82 example: 'a' must be a multiple of 0.1"},
		{INPUT("a: {type: string, max_length: 2}", "{a: \"\xc3\xa9\xc3\xa9\"}"), ""},
		{INPUT("a: {type: string, max_length: 2}", "{a: abc}"),
		 "E206 1:79 example: 'a' has 3 characters, more than 2"},
		{INPUT("a: {type: string, min_length: 2}", "{a: b}"),
		 "E206 1:79 example: 'a' has 1 character, fewer than 2"},
		{INPUT("a: {type: string, enum: [b, c]}", "{a: c}"), ""},
		{INPUT("a: {type: string, enum: [b, c]}", "{a: d}"),
		 "E206 1:78 example: 'a' is not among the allowed values"},
		{INPUT("a: {type: array, items: integer, max_length: 2}", "{a: [1, x, 3]}"),
		 "E206 1:94 example: 'a' has 3 items, more than 2\n"
		 "E206 1:94 example: 'a' must be a whole number, not a string"},
		{INPUT("a: {type: object, properties: {b: {type: integer, required: true}}}",
		       "{a: {c: 1}}"),
		 "E206 1:114 example: 'c' is not a field of the input\n"
		 "E206 1:114 example: 'b' is missing"},
		{INPUT("a: {type: object}", "{a: {c: 1}}"), ""},
		{CORD("input: {a: {type: integer, default: x}}"),
		 "E206 1:35 default: 'a' must be a whole number, not a string"},
		{CORD("input: {a: {type: integer, default: 5, required: true}}"),
		 "E207 1:35 a required field has no use for a default (remove one of the two)"},
		{CORD("input: {x-a: 1, a: {type: integer, le: 5, lt: 6}}"),
		 "E207 1:43 'le' stands beside 'lt'"},
		{CORD("input: {a: {type: [string]}}"),
		 "E111 1:45 'type' must be string, integer, number, boolean, array, object, any or "
		 "file, not a list"},
		{CORD("input: {a: {type: integer, ge: 5, le: 4}}"),
		 "E207 1:35 the limits leave no value"},
		{CORD("input: {a: {type: integer, ge: 5, le: 5}}"), ""},
		{CORD("input: {a: {type: number, gt: 5, lt: 5}}"),
		 "E207 1:35 the limits leave no value"},
		{CORD("input: {a: {type: integer, ge: 5, gt: 4}}"),
		 "E207 1:35 'ge' stands beside 'gt'"},
		{CORD("input: {a: {type: string, min_length: 5, max_length: 4}}"),
		 "E207 1:35 'min_length' is more than 'max_length'"},
		{CORD("input: {a: {type: string, ge: 5}}"),
		 "E207 1:35 'ge' means nothing for a field of this type"},
		{CORD("input: {a: {type: integer, pattern: a}}"),
		 "E207 1:35 'pattern' means nothing for a field of this type"},
		{CORD("input: {a: {type: number, multiple_of: 0}}"),
		 "E207 1:35 'multiple_of' must be more than 0"},
		{CORD("input: {a: {type: string, enum: []}}"),
		 "E111 1:59 'enum' must be a list of 1 to 1000 values"},
		{CORD("input: {a: {required: true}}"),
		 "E112 1:38 'type' is missing in a field (add a line such as 'type: string')"},
		{CORD("input: {a: {type: array, items: {type: array, items: strin}}}"),
		 "E114 1:80 'type' cannot be 'strin' (did you mean 'string'?)"},
		{"cords: [{function: hello, input: {a: integer}}]\n"
		 "tests: [{name: a, cord: hello, input: {a: x}}]",
		 "E206 2:39 input: 'a' must be a whole number, not a string"},
		{"cords: [{function: hello, input: {a: integer}}]\n"
		 "tests: [{name: a, cord: hello, input: {a: x}, expect: {status: 422}}]",
		 ""},
	};

	check_rules(rules, array_len(rules));
}

TEST(buildable)
{
	auto_spec spec = {0};
	auto_text shown = {0};
	auto_findings f = {0};

	CHECK(fixture_read("image:\n  name: abc\n  base: parachutes/python:3.12\n  steps:\n"
			   "    - add: {source: \"https://h/a\", dest: /a}\n",
			   &spec, &shown));
	spec_check_buildable(&spec, &f);
	CHECK_OR_STOP(f.n == 2);
	CHECK_TEXT(f.items[0].row->code, "E240");
	CHECK(f.items[0].line == 3 && f.items[0].column == 9);
	CHECK_TEXT(f.items[0].source, "  base: parachutes/python:3.12");
	CHECK(f.items[1].line == 5);
}

TEST(rules_of_fields)
{
	static const struct rule rules[] = {
		{CORD("input: {a: file}"), ""},
		{INPUT("a: {type: file, max_length: 3, content_type: image/png}", "{a: QUJD}"), ""},
		{INPUT("a: {type: file, max_length: 3}", "{a: QUJDRA==}"),
		 "E206 1:77 example: 'a' has 4 bytes, more than 3"},
		{INPUT("a: {type: file, min_length: 2}", "{a: QQ==}"),
		 "E206 1:77 example: 'a' has 1 byte, fewer than 2"},
		{INPUT("a: file", "{a: QUJ}"), "E206 1:54 example: 'a' must be base64"},
		{INPUT("a: file", "{a: \"QU D\"}"), "E206 1:54 example: 'a' must be base64"},
		{INPUT("a: file", "{a: Q===}"), "E206 1:54 example: 'a' must be base64"},
		{INPUT("a: file", "{a: \"\"}"), ""},
		{CORD("input: {a: {type: string, content_type: image/png}}"),
		 "E207 1:35 'content_type' means nothing for a field of this type"},
		{CORD("input: {a: {type: file, enum: [QQ==]}}"),
		 "E207 1:35 'enum' means nothing for a field of this type"},
		{INPUT("a: {any_of: [string, {type: array, items: string}]}", "{a: b}"), ""},
		{INPUT("a: {any_of: [string, {type: array, items: string}]}", "{a: [b]}"), ""},
		{INPUT("a: {any_of: [string, {type: array, items: string}]}", "{a: [1]}"),
		 "E206 1:98 example: 'a' is none of what 'any_of' allows"},
		{INPUT("a: {any_of: [string, integer], nullable: true}", "{a: ~}"), ""},
		{INPUT("a: {any_of: [string, integer]}", "{a: ~}"),
		 "E206 1:77 example: 'a' must not be null"},
		{CORD("input: {a: {any_of: [string]}}"),
		 "E113 1:47 'any_of' has 1 item; it needs at least 2"},
		{CORD("input: {a: {any_of: [string, any]}}"),
		 "E207 1:56 'any' in 'any_of' makes the rest of it meaningless"},
		{CORD("input: {a: {any_of: [string, file]}}"),
		 "E207 1:56 text and files look alike in JSON: 'any_of' may have one of them"},
		{CORD("input: {a: {any_of: [string, integer?]}}"),
		 "E207 1:56 'nullable' stands inside of 'any_of' (write 'nullable: true' beside "
		 "'any_of')"},
		{CORD("input: {a: {any_of: [string, {any_of: [integer, boolean]}]}}"),
		 "E207 1:56 'any_of' stands directly inside of 'any_of' (write one list)"},
		{CORD("input: {a: {type: string, any_of: [string, integer]}}"),
		 "E207 1:35 'type' stands beside 'any_of'"},
		{CORD("input: {a: {any_of: [string, integer], ge: 1}}"),
		 "E207 1:35 'ge' stands beside 'any_of'"},
		{CORD("input: {a: {type: array, items: {type: string, default: b}}}"),
		 "E207 1:59 'default' means nothing without a name (it belongs to the field that "
		 "this one is in)"},
		{CORD("input: {a: {type: integer, ge: 0.5}}"),
		 "E207 1:35 'ge' of an integer must be an integer (write it without fraction and "
		 "exponent, or use 'type: number')"},
		{CORD("input: {a: {type: integer, enum: [1, b]}}"),
		 "E206 1:35 enum: 'a' must be a whole number, not a string"},
		{CORD("input: {a: {type: integer, enum: [1, 2], le: 1}}"),
		 "E206 1:35 enum: 'a' must be at most 1"},
		{INPUT("a: {type: string, pattern: '^[a-z]+$'}", "{a: b}"), ""},
		{INPUT("a: {type: string, pattern: '^[a-z]+$'}", "{a: B}"),
		 "E206 1:85 example: 'a' does not match the pattern"},
		{INPUT("a: {type: string, pattern: '^\\d{2,3}?(?:x|\\.)$'}", "{a: \"12.\"}"), ""},
		{INPUT("a: {type: string, pattern: '^\\d{2,3}?(?:x|\\.)$'}", "{a: 1x}"),
		 "E206 1:95 example: 'a' does not match the pattern"},
		{INPUT("a: {type: string, pattern: '\\p{L}'}", "{a: \"1\"}"), ""},
	};

	check_rules(rules, array_len(rules));
}

TEST(patterns)
{
	static const struct {
		const char *pattern, *problem;
	} cases[] = {
		{"^a|b$", ""},
		{"(?i)[^]a-z]{1,}?", ""},
		{"(?P<x>a++)\\-\\p{L}\\x41[[:alpha:]]", ""},
		{"(?=a)", "looks around, which the runtime does not do"},
		{"(?<!a)", "looks around, which the runtime does not do"},
		{"(a)\\1", "refers back to a group, which the runtime does not do"},
		{"\\Z", "has an escape that the runtime does not know"},
		{"a\\", "ends with a backslash"},
		{"*a", "repeats what is not there"},
		{"a|*", "repeats what is not there"},
		{"a{2", "has a '{' that is no repetition: write '\\{' for a brace"},
		{"x{,3}", "has a '{' that is no repetition: write '\\{' for a brace"},
		{"{", "has a '{' that is no repetition: write '\\{' for a brace"},
		{"a{3,2}", "has a repetition whose end is before its start"},
		{"[a", "has a '[' that is never closed"},
		{"[[a]", "has a '[' that is never closed"},
		{"[z-a]", "has a range that runs backwards"},
		{"(a", "has a '(' that is never closed"},
		{"a)", "has a ')' without its '('"},
	};

	for (size_t i = 0; i < array_len(cases); i++) {
		const char *problem = spec_pattern_problem(cases[i].pattern);

		CHECK_TEXT(problem ? problem : "", cases[i].problem);
	}
}
