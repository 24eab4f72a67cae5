#!/bin/sh
# SPDX-License-Identifier: MIT
# Usage: sh tests/bench/pipeline.sh [BUILD]
# A layer of 20,000 files and 1 GB, against the least that its parts need on this machine: hashing and
# compressing the same bytes, each alone in one thread, shared by all cores. Beside it, tar piped into
# the compressors that people have.
set -eu
cd "$(dirname "$0")/../.."
build=${1:-build}
rounds=${ROUNDS:-5}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

ninja -C "$build" tests/bench/pipeline tests/bench/gen >/dev/null
cc -O2 -D_GNU_SOURCE -o "$work/spawn" tests/bench/spawn.c
"$build/tests/bench/gen" "$work/tree" 20000 "${BYTES:-1000000000}" 1
tar -C "$work/tree" -cf "$work/tar" .
ours="$build/tests/bench/pipeline"
printf '#!/bin/sh\ntar -C "$1" -cf - . | pigz -1 | sha256sum\n' >"$work/pigz"
printf '#!/bin/sh\ntar -C "$1" -cf - . | zstd -1 -T0 -qc | sha256sum\n' >"$work/zstd"
chmod +x "$work/pigz" "$work/zstd"
command -v pigz >/dev/null || sed -i 's/pigz/gzip/' "$work/pigz"

"$work/spawn" "$rounds" "$ours" sha256 "$work/tar" -- \
	"$ours" alone gzip "$work/tar" -- "$ours" alone zstd "$work/tar" -- \
	"$ours" blob none "$work/tar" -- "$ours" blob gzip "$work/tar" -- \
	"$ours" blob zstd "$work/tar" -- \
	"$ours" layer none "$work/tree" -- "$ours" layer gzip "$work/tree" -- \
	"$ours" layer zstd "$work/tree" -- "$work/pigz" "$work/tree" -- "$work/zstd" "$work/tree" |
	tr '\n' ' ' | awk -v cores="$(nproc)" '
	function row(name, blob, layer, limit, other) {
		printf "%-8s %8.0f %8.0f %8.0f %8.2f %10s\n", name, limit / 1000, blob / 1000,
			layer / 1000, blob / limit, other ? sprintf("%.0f", other / 1000) : "" }
	{ printf "%-8s %8s %8s %8s %8s %10s\n", "ms", "limit", "blob", "layer", "ratio", "tar | ..."
	  row("none", $4, $7, $1, 0)
	  row("gzip", $5, $8, ($1 + $2) / cores > $1 ? ($1 + $2) / cores : $1, $10)
	  row("zstd", $6, $9, ($1 + $3) / cores > $1 ? ($1 + $3) / cores : $1, $11) }'
