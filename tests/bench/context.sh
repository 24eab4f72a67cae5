#!/bin/sh
# SPDX-License-Identifier: MIT
# Usage: sh tests/bench/context.sh [BUILD]
# What an unchanged context costs, as ratios to `find` looking at the same files: 200 files of 0.8 MB
# and 30,000 files of 500 MB; and what reading all of it costs, beside openssl's SHA-256 of each file.
set -eu
cd "$(dirname "$0")/../.."
build=${1:-build}
rounds=${ROUNDS:-9}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

ninja -C "$build" tests/bench/context tests/bench/gen >/dev/null
cc -O2 -D_GNU_SOURCE -o "$work/spawn" tests/bench/spawn.c
printf '#!/bin/sh\nfind "$1" -type f -print0 | xargs -0 openssl dgst -sha256 -r\n' >"$work/openssl"
chmod +x "$work/openssl"

# NAME FILES BYTES
measure()
{
	"$build/tests/bench/gen" "$work/$1" "$2" "$3" 1
	ours="$build/tests/bench/context"
	sleep 0.1 # the index does not trust files that were just written
	cold=$("$ours" "$work/$1" "$work/stat" .)
	warm=$("$ours" "$work/$1" "$work/stat" .)
	[ "$cold" = "$warm" ] || { echo "the digests differ"; exit 1; }
	"$work/spawn" "$rounds" "$ours" "$work/$1" "$work/stat" . -- \
		find "$work/$1" -printf '%p %s %T@ %C@ %i %m\n' -- \
		"$ours" "$work/$1" '' . -- \
		"$work/openssl" "$work/$1" | tr '\n' ' ' | awk -v name="$1" '{
		printf "%-14s %10.1f %10.1f %8.2f %12.1f %10.1f %8.2f\n", name,
			$1 / 1000, $2 / 1000, $1 / $2, $3 / 1000, $4 / 1000, $3 / $4 }'
}

printf '%-14s %10s %10s %8s %12s %10s %8s\n' "ms, median" unchanged find ratio "read all" openssl ratio
measure small 200 800000
measure big 30000 500000000
