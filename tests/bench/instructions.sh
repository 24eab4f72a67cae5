# SPDX-License-Identifier: MIT
# Sourced by benchmarks, which set $work, a folder for what is in between.

# Instructions of the program itself, dynamic loader included; empty where neither tool works.
instructions()
{
	if perf stat -x, -e instructions:u -o "$work/perf" "$@" >/dev/null 2>&1 &&
		grep -q '^[0-9]' "$work/perf"; then
		grep '^[0-9]' "$work/perf" | cut -d, -f1
	elif command -v valgrind >/dev/null; then
		valgrind --tool=none --log-file="$work/none" true 2>/dev/null || return 0
		valgrind --tool=callgrind --callgrind-out-file=/dev/null "$@" 2>&1 >/dev/null |
			sed -n 's/.*Collected : //p'
	fi
}
