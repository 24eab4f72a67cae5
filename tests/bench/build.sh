#!/bin/sh
# SPDX-License-Identifier: MIT
# Usage: sh tests/bench/build.sh [BUILD]
# Small builds on a Debian base that is there already: nothing changed (W0), nothing cached (W1), one
# file changed (W3). Beside ours buildah, where it is installed and we are root, with the same six
# steps on the same base. The base is bootstrapped the first time and kept in CHUTES_TEST_CACHE.
set -eu
cd "$(dirname "$0")/../.."
build=$(cd "${1:-build}" && pwd)
rounds=${ROUNDS:-5}
cache=${CHUTES_TEST_CACHE:-$build/test-cache}
mkdir -p "$cache"
work=$(mktemp -d "$cache/bench.XXXXXX")
trap 'umount "$work/buildah/overlay" 2>/dev/null || true; rm -rf "$work"' EXIT

chutes="$build/cli/chutes"
export CHUTES_STORE="$cache/bench-store"
cc -O2 -D_GNU_SOURCE -o "$work/spawn" tests/bench/spawn.c
ninja -C "$build" cli/chutes tests/bench/gen >/dev/null
# of each workload its own: what one changes is unchanged for the others
for name in w0 w1 w3; do
	mkdir "$work/$name"
	"$build/tests/bench/gen" "$work/$name/src" 200 800000 1
done
cat >"$work/chute.yaml" <<'EOF'
version: 1
name: bench
server: {command: [sleep, "60"], port: 9000}
node_selector: {gpu_count: 0}
image:
  name: bench
  tag: test
  base: {debian: bookworm}
  steps:
    - user: root
    - env: {APP: "1", MODE: prod}
    - run: mkdir -p /app && echo hello > /app/hello
    - add: {source: src, dest: /app/src}
    - run: find /app/src -type f | wc -l > /app/count
    - run: useradd -m worker
    - workdir: /app
cords: [{function: none, public: GET /none, forward: GET /none}]
EOF

# DIRECTORY COMMAND: a program for spawn
program()
{
	printf '#!/bin/sh\ncd "%s/%s" || exit\n%s >/dev/null 2>"%s/log"\n' "$work" "$1" "$3" "$work" \
		>"$work/$2-$1"
	chmod +x "$work/$2-$1"
}
# shellcheck disable=SC2016 # for the program to expand
change='echo "$$" >src/changed'
for name in w0 w1 w3; do
	cd "$work/$name"
	# and steps and a tag of its own, else what one executes would be new for the others
	sed "s/prod/$name/; s/tag: test/tag: $name/" "$work/chute.yaml" >chute.yaml
	"$chutes" build >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
done
program w0 ours "exec $chutes build"
program w1 ours "exec $chutes build --no-cache"
program w3 ours "$change; exec $chutes build"
set -- "$work/ours-w0" -- "$work/ours-w1" -- "$work/ours-w3"

if [ "$(id -u)" = 0 ] && command -v buildah >/dev/null; then
	# the same base, as an image of its own
	mkdir "$work/base"
	cd "$work/base"
	sed -e '/^  steps:/,/workdir/d' -e 's/tag: test/tag: base/' "$work/chute.yaml" >chute.yaml
	"$chutes" build >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
	buildah="buildah --root $work/buildah --runroot $work/buildah-run --storage-driver overlay"
	id=$($buildah pull -q "oci:$CHUTES_STORE/oci:bench:base")
	cat >"$work/Dockerfile" <<EOF
FROM $id
USER root
ENV APP=1 MODE=prod
RUN mkdir -p /app && echo hello > /app/hello
ADD src /app/src
RUN find /app/src -type f | wc -l > /app/count
RUN useradd -m worker
WORKDIR /app
EOF
	bud="$buildah build --isolation chroot --layers -t bench -f $work/Dockerfile"
	program w0 buildah "exec $bud ."
	program w1 buildah "exec $bud --no-cache ."
	program w3 buildah "$change; exec $bud ."
	"$work/buildah-w0" || { cat "$work/log"; exit 1; }
	set -- "$@" -- "$work/buildah-w0" -- "$work/buildah-w1" -- "$work/buildah-w3"
fi
"$work/spawn" "$rounds" "$@" | tr '\n' ' ' | awk '
	function row(name, ours, other, goal) {
		printf "%-24s %8.0f %8.0f %8.1f", name, ours / 1000, goal, ours / 1000 / goal
		if (other)
			printf " %10.0f %8.2f", other / 1000, ours / other
		printf "\n" }
	{ printf "%-24s %8s %8s %8s %10s %8s\n", "ms, median", "ours", "goal", "of it", "buildah",
		"ratio"
	  row("W0 nothing changed", $1, $4, 20)
	  row("W1 nothing cached", $2, $5, 300)
	  row("W3 one file changed", $3, $6, 200) }'
