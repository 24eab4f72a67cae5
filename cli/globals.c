/* SPDX-License-Identifier: MIT
 * The flags that every command takes.
 */
#include "cli/command.h"

const struct option_row global_rows[] = {
	OPT('f', "file", TEXT, globals, file, "FILE", "the spec; '-' is standard input"),
	OPT_ENV(0, "overlay", TEXT, globals, overlay, "NAME",
		"lay this one of the spec's 'environments' over it", ENV_CHUTES_OVERLAY),
	OPT('C', "directory", TEXT, globals, directory, "DIR", "change to DIR first"),
	OPT_ENV(0, "profile", TEXT, globals, profile, "PROFILE",
		"use this profile of the configuration", ENV_CHUTES_PROFILE),
	OPT_ENV(0, "api-url", TEXT, globals, api_url, "URL", "address of the API",
		ENV_CHUTES_API_URL),
	OPT_ENV(0, "config-path", TEXT, globals, config_path, "FILE",
		"the configuration, instead of the usual files", ENV_CHUTES_CONFIG_PATH),
	OPT_ENV(0, "format", TEXT, globals, format, "text|json", "form of the result",
		ENV_CHUTES_FORMAT),
	OPT(0, "json", FLAG, globals, json, NULL, "the same as --format json"),
	OPT(0, "plain", FLAG, globals, plain, NULL, "tables with one tab between cells"),
	OPT(0, "no-header", FLAG, globals, no_header, NULL, "tables without their first line"),
	OPT('q', "quiet", FLAG, globals, quiet, NULL, "only errors, and the essential value"),
	OPT('v', "debug", FLAG, globals, debug, NULL, "say on stderr what is done"),
	OPT(0, "timeout", DURATION, globals, timeout_ms, "DURATION", "give up after 30s, 10m, 2h"),
	OPT(0, "color", CHOICE, globals, color, "auto|always|never", "when to use colour"),
	OPT_ENV(0, "progress", CHOICE, globals, progress, "auto|tty|plain|none",
		"how to show progress", ENV_CHUTES_PROGRESS),
	OPT_ENV(0, "store", TEXT, globals, store, "DIR", "where images are kept", ENV_CHUTES_STORE),
	OPT_ENV(0, "strict", FLAG, globals, strict, NULL, "warnings are errors", ENV_CHUTES_STRICT),
	OPT_ENV(0, "no-input", FLAG, globals, no_input, NULL,
		"ask nothing: a question is an error that names the flag", ENV_CHUTES_NO_INPUT),
	OPT_ENV(0, "github", FLAG, globals, github, NULL,
		"findings and failures also as annotations", ENV_GITHUB_ACTIONS),
	OPT('h', "help", FLAG, globals, help, NULL, "show help"),
	OPT(0, "version", FLAG, globals, version, NULL, "show the version"),
	OPT_END,
};
