#!/bin/sh
# From a fresh Debian 12 to a chute that answers: installs what is missing, builds chutes, builds the
# image of examples/hello, starts it, and holds its answers to what its spec expects. With --print it
# only shows what it would install.
set -eu

here=$(CDPATH="" cd -- "$(dirname -- "$0")" && pwd)
top=$(dirname -- "$here")
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
"$chutes" test

# shellcheck disable=SC2016 # the user's shell expands it
echo 'next:  export PATH="'"$top"'/build/cli:$PATH"; mkdir ~/demo; cd ~/demo; chutes init'
