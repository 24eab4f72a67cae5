/* SPDX-License-Identifier: MIT
 * chutes completion: scripts that make a shell ask `chutes __complete`.
 */
#include "cli/commands.h"
#include "cli/print.h"

#include <string.h>

/* bash splits words at "=" and ":"; what stands before the cursor's own piece is left alone. Where
 * nothing is answered it completes file names. */
static const char bash_script[] =
	"_chutes()\n"
	"{\n"
	"\tlocal IFS=$'\\n'\n"
	"\tCOMPREPLY=($(\"$1\" __complete -- \"${COMP_WORDS[@]:1:COMP_CWORD}\" 2>/dev/null))\n"
	"}\n"
	"complete -o bashdefault -o default -F _chutes chutes\n";

/* As a file of $fpath it is called by its name, else it is sourced. A colon parts a candidate from
 * its description. */
static const char zsh_script[] =
	"#compdef chutes\n"
	"_chutes()\n"
	"{\n"
	"\tlocal line\n"
	"\tlocal -a found\n"
	"\tfor line in \"${(@f)$(\"$words[1]\" __complete --describe -- "
	"\"${(@)words[2,CURRENT]}\" 2>/dev/null)}\"; do\n"
	"\t\tcase $line in\n"
	"\t\t:file) _files; return ;;\n"
	"\t\t:directory) _files -/; return ;;\n"
	"\t\t*$'\\t'*) found+=(\"${${line%%$'\\t'*}//:/\\\\:}:${line#*$'\\t'}\") ;;\n"
	"\t\t?*) found+=(\"${line//:/\\\\:}\") ;;\n"
	"\t\tesac\n"
	"\tdone\n"
	"\t_describe -V chutes found\n"
	"}\n"
	"if [ \"$funcstack[1]\" = _chutes ]; then\n"
	"\t_chutes \"$@\"\n"
	"else\n"
	"\tcompdef _chutes chutes\n"
	"fi\n";

static const char fish_script[] =
	"function __chutes_complete\n"
	"    set -l words (commandline -opc)\n"
	"    set -l word (commandline -ct)\n"
	"    set -l lines ($words[1] __complete --describe -- $words[2..-1] \"$word\" 2>/dev/null)\n"
	"    switch \"$lines[1]\"\n"
	"        case :file\n"
	"            __fish_complete_path \"$word\"\n"
	"        case :directory\n"
	"            __fish_complete_directories \"$word\"\n"
	"        case '*'\n"
	"            printf '%s\\n' $lines\n"
	"    end\n"
	"end\n"
	"complete -c chutes -f -a '(__chutes_complete)'\n";

static const struct {
	const char *shell;
	const char *script;
} scripts[] = {{"bash", bash_script}, {"zsh", zsh_script}, {"fish", fish_script}};

const char *completion_shell_at(size_t i)
{
	return i < array_len(scripts) ? scripts[i].shell : NULL;
}

static bool run(struct call *call, struct error *err)
{
	const char *shell = call->args.items[0];
	const char *script = NULL;

	for (size_t i = 0; i < array_len(scripts); i++)
		if (strcmp(shell, scripts[i].shell) == 0)
			script = scripts[i].script;
	if (!script) {
		fail(err, ERROR_USAGE, "there is no completion for '%s'", shell);
		return fail_hint(err, "write bash, zsh or fish");
	}
	if (print_result())
		json_out_text(print_result(), "script", script);
	else
		print_bytes(script, strlen(script));
	return true;
}

const struct command command_completion = {
	.name = "completion",
	.arguments = "SHELL",
	.summary = "print a completion script for bash, zsh or fish",
	.about = "Prints a script that completes commands, options and their values in bash, zsh\n"
		 "or fish. It asks this program, so it never is out of date. What is installed\n"
		 "with the program completes in all of them already.",
	.examples = {"source <(chutes completion bash)", "chutes completion zsh > ~/.zfunc/_chutes",
		     "chutes completion fish > ~/.config/fish/completions/chutes.fish"},
	.see_also = {"help"},
	.group = GROUP_TOOLS,
	.run = run,
};
