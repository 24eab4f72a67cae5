#!/bin/sh
# From a fresh Debian 12 to a chute that answers: installs what is missing, builds chutes, builds the
# image of examples/hello, serves it, calls it. With --print it only shows what it would install.
set -eu

here=$(CDPATH="" cd -- "$(dirname -- "$0")" && pwd)
top=$(dirname -- "$here")
port=${PORT:-8000}
cd "$top"

if [ "${1-}" = --print ]; then
	exec sh tests/install.sh --print build run
fi
sh tests/install.sh build run

begin=$(date +%s)
if [ ! -f build/build.ninja ]; then
	meson setup build --buildtype=release >build-setup.log 2>&1 || { cat build-setup.log; exit 1; }
	rm -f build-setup.log
fi
ninja -C build cli/chutes >build/ninja.log 2>&1 || { tail -n 40 build/ninja.log; exit 1; }
chutes=$top/build/cli/chutes
echo "building  $("$chutes" --version) … $(($(date +%s) - begin)) s"

cd "$top/examples/hello"
"$chutes" build

"$chutes" run --port "$port" &
pid=$!
trap 'kill "$pid" 2>/dev/null; wait "$pid" 2>/dev/null || true' EXIT
trap 'exit 130' INT TERM

tries=0
until curl -fsS -o /dev/null "http://127.0.0.1:$port/_ping" 2>/dev/null; do
	kill -0 "$pid" 2>/dev/null || { wait "$pid"; exit 1; }
	tries=$((tries + 1))
	[ "$tries" -lt 300 ] || { echo "the chute did not answer in 60 s" >&2; exit 1; }
	sleep 0.2
done

call() { # NAME ROUTE BODY EXPECTED
	reply=$(curl -fsS -X POST -H 'Content-Type: application/json' -d "$3" \
		"http://127.0.0.1:$port$2")
	if [ "$reply" != "$4" ]; then
		printf 'test      %s failed: got %s\n' "$1" "$reply" >&2
		exit 1
	fi
	printf 'test      %s  %s\n' "$1" "$(printf '%s' "$reply" | tr '\n' ' ')"
}
call hello /hello '{"name": "Ada"}' '{"message":"hello, Ada"}'
call count /count '{"n": 2, "delay_ms": 10}' "$(printf 'data: 1\n\ndata: 2\n')"

trap - EXIT
kill -TERM "$pid"
wait "$pid" || true
# shellcheck disable=SC2016 # the user's shell expands it
echo 'next:  export PATH="'"$top"'/build/cli:$PATH"; mkdir ~/demo; cd ~/demo; chutes init'
