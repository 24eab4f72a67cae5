/* SPDX-License-Identifier: MIT
 * Every limit of the rows: what just fits is taken, what just does not is one finding at its place.
 */
#include "tests/unit/spec_cases.h"

#define IMAGE(rest) "image: {name: hello, base: {debian: bookworm}, " rest "}"
#define CORD(rest)  "cords: [{function: hello, " rest "}]"
#define SERVER(rest)                                                                               \
	"server: {command: [a], port: 9000" rest "}\n"                                             \
	"cords: [{function: hello, forward: GET /a}]"

TEST(top)
{
	static const struct limit limits[] = {
		{"version: 1", "version: 2", "E113 1:10 'version' is 2; it must be at most 1"},
		{NULL, "version: 0", "E113 1:10 'version' is 0; it must be at least 1"},
		{"name: abc", "name: ab", "E113 1:7 'name' has 2 characters; it needs at least 3"},
		{"name: {{a*127}}", "name: {{a*128}}",
		 "E113 1:7 'name' has 128 characters; it may have at most 127"},
		{"name: a/B_c.d-e", "name: a b c",
		 "E114 1:7 'a b c' is not allowed for 'name' (it must be letters, digits, '_', "
		 "'.', '-' and '/')"},
		{"tagline: {{a*1024}}", "tagline: {{a*1025}}",
		 "E113 1:10 'tagline' has 1025 characters; it may have at most 1024"},
		{"tagline: \"{{\xc3\xa9*1024}}\"", NULL, NULL},
		{"readme: {{a*16384}}", "readme: {{a*16385}}",
		 "E113 1:9 'the text' has 16385 characters; it may have at most 16384"},
		{"tool_description: {{a*16384}}", "tool_description: {{a*16385}}",
		 "E113 1:19 'the text' has 16385 characters; it may have at most 16384"},
		{"logo: a.png", "logo: a.bmp",
		 "E114 1:7 'a.bmp' is not allowed for 'logo' (it must be a png, jpeg, webp, gif or "
		 "svg file)"},
		{"tagline: \"\"",
		 "tagline:", "E111 1:9 'tagline' has no value (give it a value or remove the key)"},
		{"secrets: [{{A,*1}}B]", "secrets: [1A]",
		 "E114 1:11 '1A' is not allowed for 'name' (it must be letters, digits and '_', "
		 "not starting with a digit)"},
		{"env: {_a1: b}", "env: {a-1: b}",
		 "E114 1:7 'a-1' is not allowed for 'env' (it must be letters, digits and '_', not "
		 "starting with a digit)"},
	};

	check_limits(limits, array_len(limits));
}

TEST(handlers)
{
	static const struct limit limits[] = {
		{"handlers: {file: src/a_1.py}", "handlers: {file: App.py}",
		 "E114 1:18 'App.py' is not allowed for 'file' (it must be a Python file in lower "
		 "case, such as app.py)"},
		{"handlers: {file: a.py, startup: [{call: a, priority: 0}]}",
		 "handlers: {file: a.py, startup: [{call: a, priority: -1}]}",
		 "E113 1:54 'priority' is -1; it must be at least 0"},
		{"handlers: {file: a.py, startup: [{call: a, priority: 100}]}",
		 "handlers: {file: a.py, startup: [{call: a, priority: 101}]}",
		 "E113 1:54 'priority' is 101; it must be at most 100"},
		{"handlers: {file: a.py, app: {title: x}}",
		 "handlers: {file: a.py, app: {docsurl: x}}",
		 "E110 1:30 unknown key 'docsurl' in app (did you mean 'docs_url'?)"},
	};

	check_limits(limits, array_len(limits));
}

TEST(server)
{
	static const struct limit limits[] = {
		{SERVER(", ready: {timeout: 1}"), SERVER(", ready: {timeout: 999ms}"),
		 "E113 1:53 'timeout' is 0.999 seconds; it must be at least 1"},
		{SERVER(", ready: {timeout: 1h}"), SERVER(", ready: {timeout: 3601}"),
		 "E113 1:53 'timeout' is 3601 seconds; it must be at most 3600"},
		{SERVER(", ready: {interval: 0.1}"), SERVER(", ready: {interval: 0}"),
		 "E113 1:54 'interval' is 0 seconds; it must be at least 0.1"},
		{SERVER(", ready: {interval: 60}"), SERVER(", ready: {interval: 61}"),
		 "E113 1:54 'interval' is 61 seconds; it must be at most 60"},
		{SERVER(", ready: {status: 100}"), SERVER(", ready: {status: 99}"),
		 "E113 1:52 'status' is 99; it must be at least 100"},
		{SERVER(", ready: {status: 599}"), SERVER(", ready: {status: 600}"),
		 "E113 1:52 'status' is 600; it must be at most 599"},
		{SERVER(", ready: {path: /a}"), SERVER(", ready: {path: a}"),
		 "E114 1:50 'a' is not allowed for 'path' (it must be a path that starts with "
		 "'/')"},
		{SERVER(", stop: {grace: 25}"), SERVER(", stop: {grace: 26}"),
		 "E113 1:50 'grace' is 26 seconds; it must be at most 25"},
		{SERVER(", stop: {signal: INT}"), SERVER(", stop: {signal: SIGINT}"),
		 "E114 1:51 'SIGINT' is not allowed for 'signal' (it must be TERM, INT, QUIT, HUP, "
		 "KILL, USR1 or USR2)"},
		{SERVER(", restart: on-failure"), SERVER(", restart: always"),
		 "E114 1:45 'restart' cannot be 'always' (it must be never or on-failure)"},
		{SERVER(", headers: {X-a!: b}"), SERVER(", headers: {\"X a\": b}"),
		 "E114 1:46 'X a' is not allowed for 'headers' (it must be a header name)"},
		{NULL, SERVER(", headers: {A: \"b\\nc\"}"),
		 "E114 1:49 'A' contains a control character: 'b\\x0ac'"},
		{"server: {command: [a], port: 1024}\ncords: [{function: a, forward: GET /a}]",
		 "server: {command: [a], port: 1023}\ncords: [{function: a, forward: GET /a}]",
		 "E113 1:30 'port' is 1023; it must be at least 1024"},
		{"server: {command: [a], port: 65535}\ncords: [{function: a, forward: GET /a}]",
		 "server: {command: [a], port: 65536}\ncords: [{function: a, forward: GET /a}]",
		 "E113 1:30 'port' is 65536; it must be at most 65535"},
		{NULL, "server: {command: [], port: 9000}\ncords: [{function: a, forward: GET /a}]",
		 "E113 1:19 'command' has 0 items; it needs at least 1"},
		{NULL,
		 "server: {command: a b, port: 9000}\ncords: [{function: a, forward: GET /a}]",
		 "E111 1:19 'command' must be a list, not 'a b' (put it in brackets: [a b])"},
	};

	check_limits(limits, array_len(limits));
}

TEST(image)
{
	static const struct limit limits[] = {
		{"image: {name: abc, base: {debian: bookworm}}",
		 "image: {name: ab, base: {debian: bookworm}}",
		 "E113 1:15 'name' has 2 characters; it needs at least 3"},
		{"image: {name: {{a*65}}, base: {debian: bookworm}}",
		 "image: {name: {{a*66}}, base: {debian: bookworm}}",
		 "E113 1:15 'name' has 66 characters; it may have at most 65"},
		{NULL, "image: {name: Hello, base: {debian: bookworm}}",
		 "E114 1:15 'Hello' is not allowed for 'name' (it must be lower-case letters, "
		 "digits, '_', '.' and '-')"},
		{IMAGE("tag: 10"), IMAGE("tag: 1"),
		 "E113 1:53 'tag' has 1 character; it needs at least 2"},
		{IMAGE("tag: {{a*33}}"), IMAGE("tag: {{a*34}}"),
		 "E113 1:53 'tag' has 34 characters; it may have at most 33"},
		{IMAGE("limits: {context: 1}"), IMAGE("limits: {context: 0}"),
		 "E113 1:66 'context' is 0 bytes; it must be at least 1"},
		{IMAGE("limits: {context: 1024GiB}"), IMAGE("limits: {context: 1025GiB}"),
		 "E113 1:66 'context' is 1100585369600 bytes; it must be at most 1099511627776"},
		{NULL, IMAGE("limits: {context: big}"),
		 "E111 1:66 'context' must be a size such as 512MiB, not 'big'"},
		{IMAGE("steps: [apt: [libstdc++6, a1=1:2~b+c, a1:amd64]]"),
		 IMAGE("steps: [apt: [--allow]]"),
		 "E114 1:62 '--allow' is not allowed for 'packages' (it must be a Debian package, "
		 "such as git or git=1:2.39.5-0+deb12u2)"},
		{IMAGE("steps: [pip: [\"a[b]>=1,<2\", ./x.whl]]"), IMAGE("steps: [pip: [-e.]]"),
		 "E114 1:62 '-e.' is not allowed for 'packages' (it must be a requirement, such as "
		 "fastapi==0.115.0)"},
		{IMAGE("steps: [add: {source: a, dest: b, chmod: 0755}]"),
		 IMAGE("steps: [add: {source: a, dest: b, chmod: 8}]"),
		 "E114 1:89 '8' is not allowed for 'chmod' (it must be three or four octal "
		 "digits)"},
		{IMAGE("steps: [workdir: /app]"), IMAGE("steps: [workdir: app]"),
		 "E114 1:65 'app' is not allowed for 'workdir' (it must be an absolute path)"},
		{IMAGE("steps: [run: {{a*65536}}]"), IMAGE("steps: [run: {{a*65537}}]"),
		 "E113 1:61 'run' has 65537 characters; it may have at most 65536"},
		{NULL, IMAGE("steps: [run: \" \"]"),
		 "E114 1:61 ' ' is not allowed for 'run' (it must be a command)"},
	};

	check_limits(limits, array_len(limits));
}

TEST(selector_and_scaling)
{
	static const struct limit limits[] = {
		{"node_selector: {gpu_count: 8}", "node_selector: {gpu_count: 9}",
		 "E113 1:28 'gpu_count' is 9; it must be at most 8"},
		{NULL, "node_selector: {gpu_count: -1}",
		 "E113 1:28 'gpu_count' is -1; it must be at least 0"},
		{"node_selector: {min_vram_gb_per_gpu: 16}",
		 "node_selector: {min_vram_gb_per_gpu: 15}",
		 "E113 1:38 'min_vram_gb_per_gpu' is 15; it must be at least 16"},
		{"node_selector: {min_vram_gb_per_gpu: 140}",
		 "node_selector: {min_vram_gb_per_gpu: 141}",
		 "E113 1:38 'min_vram_gb_per_gpu' is 141; it must be at most 140"},
		{"node_selector: {max_hourly_price_per_gpu: 9.999999}",
		 "node_selector: {max_hourly_price_per_gpu: 10}",
		 "E113 1:43 'max_hourly_price_per_gpu' is 10; it must be at most 9.999999"},
		{NULL, "node_selector: {max_hourly_price_per_gpu: 0}",
		 "E113 1:43 'max_hourly_price_per_gpu' is 0; it must be more than 0"},
		{NULL, "node_selector: {max_hourly_price_per_gpu: 1.0000001}",
		 "E113 1:43 'max_hourly_price_per_gpu' has more than 6 digits behind the point"},
		{"node_selector: {exclude: [a10, a40, l4, l40, h20]}",
		 "node_selector: {exclude: [a10, a40, l4, l40, h20, h100]}",
		 "E113 1:26 'exclude' has 6 items; it may have at most 5"},
		{"scaling: {concurrency: 1}", "scaling: {concurrency: 0}",
		 "E113 1:24 'concurrency' is 0; it must be at least 1"},
		{"scaling: {concurrency: 256}", "scaling: {concurrency: 257}",
		 "E113 1:24 'concurrency' is 257; it must be at most 256"},
		{"scaling: {max_instances: 1}", "scaling: {max_instances: 0}",
		 "E113 1:26 'max_instances' is 0; it must be at least 1"},
		{"scaling: {max_instances: 100}", "scaling: {max_instances: 101}",
		 "E113 1:26 'max_instances' is 101; it must be at most 100"},
		{"scaling: {scaling_threshold: 0.01}", "scaling: {scaling_threshold: 0}",
		 "E113 1:30 'scaling_threshold' is 0; it must be more than 0"},
		{"scaling: {scaling_threshold: 1}", "scaling: {scaling_threshold: 1.01}",
		 "E113 1:30 'scaling_threshold' is 1.01; it must be at most 1"},
		{"scaling: {shutdown_after_seconds: 60}", "scaling: {shutdown_after_seconds: 59}",
		 "E113 1:35 'shutdown_after_seconds' is 59 seconds; it must be at least 60"},
		{"scaling: {shutdown_after_seconds: 604800}",
		 "scaling: {shutdown_after_seconds: 604801}",
		 "E113 1:35 'shutdown_after_seconds' is 604801 seconds; it must be at most 604800"},
	};

	check_limits(limits, array_len(limits));
}

TEST(cords)
{
	static const struct limit limits[] = {
		{CORD("public: GET /a/b-c_1"), CORD("public: PUT /a"),
		 "E114 1:35 'PUT /a' is not allowed for 'public' (it must be GET or POST and a "
		 "path of lower-case letters, digits, '_' and '-')"},
		{CORD("path: /a/b_1"), CORD("path: /a-b"),
		 "E114 1:33 '/a-b' is not allowed for 'path' (it must be a path of lower-case "
		 "letters, digits and '_')"},
		{CORD("port: 1024, forward: GET /a"), CORD("port: 1023, forward: GET /a"),
		 "E113 1:33 'port' is 1023; it must be at least 1024"},
		{CORD("port: 9000, forward: GET /a, timeout: 30m"),
		 CORD("port: 9000, forward: GET /a, timeout: 1801"),
		 "E113 1:65 'timeout' is 1801 seconds; it must be at most 1800"},
		{CORD("output: {content_type: image/jpeg}"), CORD("output: {content_type: jpeg}"),
		 "E114 1:50 'jpeg' is not allowed for 'content_type' (it must be a type such as "
		 "image/jpeg)"},
		{CORD("input: {a: {type: string, min_length: 0, max_length: 0}}"),
		 CORD("input: {a: {type: str}}"),
		 "E114 1:45 'type' cannot be 'str' (it must be string, integer, number, boolean, "
		 "array, object, any or file)"},
		{NULL, CORD("input: {_a: string}"),
		 "E114 1:35 '_a' is not allowed for 'input' (it must be letters, digits and '_', "
		 "starting with a letter)"},
		{"tests: [{name: a, cord: hello, expect: {status: 100, max_ms: 1}}]",
		 "tests: [{name: a, cord: hello, expect: {status: 99}}]",
		 "E113 1:49 'status' is 99; it must be at least 100"},
		{"tests: [{name: a, cord: hello, expect: {status: 599, max_ms: 3600000}}]",
		 "tests: [{name: a, cord: hello, expect: {max_ms: 3600001}}]",
		 "E113 1:49 'max_ms' is 3600001; it must be at most 3600000"},
		{"dev: {port: 1}", "dev: {port: 0}",
		 "E113 1:13 'port' is 0; it must be at least 1"},
		{"dev: {port: 65535}", "dev: {port: 65536}",
		 "E113 1:13 'port' is 65536; it must be at most 65535"},
		{"dev: {gpus: \"0,1\"}", "dev: {gpus: some}",
		 "E114 1:13 'some' is not allowed for 'gpus' (it must be all, none, or numbers "
		 "such as \"0,1\")"},
		{"dev: {mounts: [\"~/a:/b:ro\"]}", "dev: {mounts: [a]}",
		 "E114 1:16 'a' is not allowed for 'mounts' (it must be HOST:CONTAINER or "
		 "HOST:CONTAINER:ro)"},
	};

	check_limits(limits, array_len(limits));
}
