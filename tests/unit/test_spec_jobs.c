/* SPDX-License-Identifier: MIT
 * Jobs: limits, ports, what runs, and the arguments of a local run.
 */
#include "tests/unit/spec_cases.h"

#define JOB(rest)   "jobs: [{function: train, command: [a], " rest "}]"
#define PORT(port)  JOB("ports: [{name: a, port: " port "}]")
#define PORTS(list) JOB("ports: [" list "]")

TEST(limits)
{
	static const struct limit limits[] = {
		{JOB("timeout: 30"), JOB("timeout: 29"),
		 "E113 1:49 'timeout' is 29 seconds; it must be at least 30 (write none "
		 "when it has no end)"},
		{JOB("timeout: 24h"), JOB("timeout: 86401"),
		 "E113 1:49 'timeout' is 86401 seconds; it must be at most 86400 (write "
		 "none when it has no end)"},
		{JOB("timeout: none"), JOB("timeout: never"),
		 "E111 1:49 'timeout' must be a time such as 30s, 10m or 12h, not 'never' "
		 "(write none when it has no end)"},
		{NULL, JOB("timeout: 0"),
		 "E113 1:49 'timeout' is 0 seconds; it must be at least 30 (write none "
		 "when it has no end)"},
		{NULL, JOB("timeout: "),
		 "E111 1:49 'timeout' has no value (write none when it has no end)"},
		{JOB("disk_gb: 11"), JOB("disk_gb: 10"),
		 "E113 1:49 'disk_gb' is 10; it must be at least 11"},
		{JOB("disk_gb: 999"), JOB("disk_gb: 1000"),
		 "E113 1:49 'disk_gb' is 1000; it must be at most 999"},
		{PORT("2202"), PORT("2201"), "E113 1:64 'port' is 2201; it must be at least 2202"},
		{NULL, PORT("2203"), "E113 1:48 'port' is 2203; it must be 2202, or at least 8002"},
		{PORT("8002"), PORT("8001"),
		 "E113 1:48 'port' is 8001; it must be 2202, or at least 8002"},
		{PORT("65535"), PORT("65536"),
		 "E113 1:64 'port' is 65536; it must be at most 65535"},
		{PORTS("{name: a1, port: 9000}"), PORTS("{name: 1a, port: 9000}"),
		 "E114 1:55 '1a' is not allowed for 'name' (it must be lower-case "
		 "letters, then digits)"},
		{PORTS("{name: {{a*64}}, port: 9000}"), PORTS("{name: {{a*65}}, port: 9000}"),
		 "E113 1:55 'name' has 65 characters; it may have at most 64"},
		{NULL, PORTS("{name: a-b, port: 9000}"),
		 "E114 1:55 'a-b' is not allowed for 'name' (it must be lower-case "
		 "letters, then digits)"},
		{PORTS("{name: a, port: 9000, proto: tcp}"),
		 PORTS("{name: a, port: 9000, proto: sctp}"),
		 "E114 1:77 'proto' cannot be 'sctp' (it must be tcp, udp or http)"},
		{PORTS("{name: a, port: 9000, proto: udp}, {name: b, port: 9001, proto: http}"),
		 PORTS("{name: a}"),
		 "E112 1:48 'port' is missing in a port (add a line such as 'port: 8265')"},
		{NULL, PORTS("{port: 9000}"),
		 "E112 1:48 'name' is missing in a port (add a line such as 'name: "
		 "tensorboard')"},
		{JOB("upload: false, ssh: true"), JOB("upload: 0"),
		 "E111 1:48 'upload' must be true or false, not '0' (write false: only "
		 "true and false are booleans)"},
		{NULL, "jobs: [{command: [a]}]",
		 "E112 1:8 'function' is missing in a job (add a line such as 'function: "
		 "train')"},
		{NULL, "jobs: [{function: Train, command: [a]}]",
		 "E114 1:19 'Train' is not allowed for 'function' (it must be letters, "
		 "digits and '_', starting with a lower-case letter or '_')"},
		{NULL, "jobs: [{function: train, command: []}]",
		 "E113 1:35 'command' has 0 items; it needs at least 1"},
		{NULL, "jobs: [{function: train, command: sleep 1}]",
		 "E111 1:35 'command' must be a list, not 'sleep 1' (put it in brackets: "
		 "[sleep 1])"},
		{NULL, "jobs: []", "E113 1:7 'jobs' has 0 items; it needs at least 1"},
		{JOB("args: {epochs: {type: integer, default: 3, ge: 1, le: 50}}"),
		 JOB("args: {epochs: {type: integer, default: 0, ge: 1}}"),
		 "E206 1:47 default: 'epochs' must be at least 1"},
		{NULL, JOB("args: {1a: string}"),
		 "E114 1:47 '1a' is not allowed for 'args' (it must be letters, digits "
		 "and '_', not starting with a digit)"},
	};

	check_limits(limits, array_len(limits));
}

TEST(rules)
{
	static const struct rule rules[] = {
		{"jobs: [{function: a, command: [b]}, {function: a, command: [c]}]",
		 "E211 1:37 a second job called 'a'; the first is in line 1"},
		{"jobs: [{function: train}]",
		 "E201 1:8 the job 'train' is a function, and no 'handlers' says in which "
		 "file (add 'handlers: {file: app.py}', or give the job a 'command')"},
		{"handlers: {file: app.py}\njobs: [{function: train}, {function: shell, command: "
		 "[sh]}]",
		 ""},
		{"server: {command: [a], port: 9000}\njobs: [{function: train}]",
		 "E201 2:8 the job 'train' is a function, and no 'handlers' says in which "
		 "file (add 'handlers: {file: app.py}', or give the job a 'command')"},
		{"server: {command: [a], port: 9000}\njobs: [{function: train, command: [b]}]", ""},
		{"python: {file: chute.py}\njobs: [{function: train}]", ""},
		{"python: {file: chute.py}\njobs: [{function: train, command: [a]}]",
		 "E210 2:26 'command' cannot be added to a module that is sent as it is "
		 "(remove it)"},
		{"cords: [{function: a}]\njobs: [{function: b, command: [c]}]\nhandlers: {file: "
		 "app.py}",
		 "E214 2:1 'jobs' stands beside 'cords': a chute has one of them (make "
		 "two chutes of them)"},
		{PORTS("{name: a, port: 9000}, {name: a, port: 9001}"),
		 "E211 1:71 a second port called 'a'"},
		{PORTS("{name: a, port: 9000}, {name: b, port: 9000}"),
		 "E202 1:71 the ports 'a' and 'b' are both 9000"},
		{JOB("ssh: true, ports: [{name: a, port: 2202}]"),
		 "E202 1:59 2202 is the port of ssh, which 'ssh: true' adds (remove one "
		 "of the two)"},
		{JOB("ssh: true, ports: [{name: ssh, port: 9000}]"),
		 "E211 1:59 'ssh: true' adds a port called 'ssh' (choose another name)"},
		{JOB("ssh: true, ports: [{name: a, port: 9000}]"), ""},
		{JOB("x-a: b") "\ntests: [{name: a, cord: train}]", ""},
		{JOB("x-a: b") "\ntests: [{name: a, cord: other}]",
		 "E205 2:25 no job is called 'other'"},
		{JOB("args: {n: integer}") "\ntests: [{name: a, cord: train, input: {n: 1}}]", ""},
		{JOB("args: {n: integer}") "\ntests: [{name: a, cord: train, input: {n: x}}]",
		 "E206 2:39 input: 'n' must be a whole number, not a string"},
	};

	check_rules(rules, array_len(rules));
}

TEST(local_arguments)
{
	static const struct rule rules[] = {
		{"dev: {job_args: {a: 1}}",
		 "E210 1:7 'job_args' means nothing without 'jobs' (remove it)"},
		{JOB("x-a: b") "\ndev: {job_args: {a: 1}}", ""},
		{JOB("args: {a: integer}") "\ndev: {job_args: {a: 1}}", ""},
		{JOB("args: {a: integer}") "\ndev: {job_args: {a: one}}",
		 "E206 2:17 job_args: 'a' must be a whole number, not a string"},
		{JOB("args: {a: {type: integer, required: true}}") "\ndev: {job_args: {}}",
		 "E206 2:17 job_args: 'a' is missing"},
		{JOB("args: {a: integer}") "\ndev: {job_args: [a]}",
		 "E111 2:17 'job_args' must be a mapping, not a list"},
		{JOB("args: {a: integer}") "\ndev: {job_args: {b-c: 1}}",
		 "E114 2:18 'b-c' is not allowed for 'job_args' (it must be letters, "
		 "digits and '_', not starting with a digit)"},
		/* which of two is meant is only known when one is run */
		{"jobs: [{function: a, command: [b], args: {a: integer}}, {function: c, command: "
		 "[d], args: {b: integer}}]\ndev: {job_args: {a: one}}",
		 ""},
		{"dev: {platform: linux/amd64}", ""},
		{"dev: {platform: linux/arm/v7}", ""},
		{"dev: {platform: amd64}",
		 "E114 1:17 'amd64' is not allowed for 'platform' (it must be system and "
		 "processor, such as linux/amd64)"},
	};

	check_rules(rules, array_len(rules));
}

TEST(values)
{
	auto_spec spec = {0};
	auto_text shown = {0};

	CHECK_OR_STOP(
		fixture_read("handlers: {file: app.py}\n"
			     "jobs:\n"
			     "  - function: train\n"
			     "    timeout: 12h\n"
			     "    ssh: true\n"
			     "    disk_gb: 200\n"
			     "    ports: [{name: tensorboard, port: 8265, proto: http}]\n"
			     "    args: {epochs: {type: integer, default: 3}}\n"
			     "  - {function: shell, command: [sleep, infinity], upload: false}\n",
			     &spec, &shown));
	CHECK_OR_STOP(spec.jobs.n == 2);
	const struct spec_job *train = &spec.jobs.items[0];
	const struct spec_job *shell = &spec.jobs.items[1];

	CHECK(spec.mode == SPEC_HANDLERS);
	CHECK(train->timeout_ms == 43200000 && train->upload && train->ssh &&
	      train->disk_gb == 200);
	CHECK_OR_STOP(train->ports.n == 1 && train->args.n == 1);
	CHECK(train->ports.items[0].protocol == PORT_HTTP && train->ports.items[0].port == 8265);
	CHECK_TEXT(train->args.items[0].name, "epochs");
	CHECK(shell->timeout_ms == 0 && !shell->upload && !shell->ssh && shell->disk_gb == 0);
	CHECK_TEXT(shell->command.items[1], "infinity");
	auto_spec commands = {0};

	CHECK_OR_STOP(fixture_read("jobs: [{function: shell, command: [sh]}]", &commands, &shown));
	CHECK(commands.mode == SPEC_COMMANDS);
}
