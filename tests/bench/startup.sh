#!/bin/sh
# SPDX-License-Identifier: MIT
# Usage: sh tests/bench/startup.sh [PROGRAM]
# What it costs to start: `chutes --version` beside `git --version` and a static hello, in
# microseconds and in instructions. The goal is at most git's.
set -eu
cd "$(dirname "$0")/../.."
chutes=${1:-build/cli/chutes}
rounds=${ROUNDS:-400}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

printf '#include <stdio.h>\nint main(void) { return puts("hello") < 0; }\n' >"$work/hello.c"
cc -O2 -static -o "$work/hello" "$work/hello.c"
cc -O2 -D_GNU_SOURCE -o "$work/spawn" tests/bench/spawn.c

. tests/bench/instructions.sh

"$work/spawn" "$rounds" "$work/hello" -- git --version -- "$chutes" --version >"$work/times"
{
	read -r hello
	read -r git
	read -r ours
} <"$work/times"
i_hello=$(instructions "$work/hello")
i_git=$(instructions git --version)
i_ours=$(instructions "$chutes" --version)

awk -v h="$hello" -v g="$git" -v o="$ours" -v ih="${i_hello:-0}" -v ig="${i_git:-0}" \
	-v io="${i_ours:-0}" -v rounds="$rounds" '
function row(name, time, count)
{
	printf "%-18s %9.0f %12s %10.2f %10s\n", name, time, count ? count : "-", time / g,
		ig ? sprintf("%.2f", count / ig) : "-"
}
BEGIN {
	printf "%-18s %9s %12s %10s %10s\n", "median of " rounds, "us", "instructions",
		"us/git", "instr/git"
	row("hello, static", h, ih)
	row("git --version", g, ig)
	row("chutes --version", o, io)
	exit ig && io > 1.1 * ig # a count holds on a busy machine, too
}'
