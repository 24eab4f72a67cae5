#!/bin/sh
# SPDX-License-Identifier: MIT
# Usage: sh tests/install.sh [--print] GROUP...
# Installs the Debian packages of some groups that are missing: as root directly, else through sudo.
# Where neither works it names them and ends with 15. With --print it only names them.
#   build   to build the program
#   run     to use it: what it runs as other programs
#   test    for tests/run.sh
#   check   for tests/run.sh --all
#   bench   for tests/bench/relay.py
set -u

packages()
{
	case $1 in
	build) echo "gcc libc6-dev meson ninja-build pkg-config libarchive-dev libcurl4-openssl-dev libjansson-dev" \
		"libsodium-dev libssl-dev libyaml-dev libzstd-dev nettle-dev zlib1g-dev" ;;
	run) echo "ca-certificates crun curl libcurl4 libisal2 libssl3 mmdebstrap passt python3 uidmap" ;;
	test) echo "clang-format codespell fish git man-db openssl python3 python3-dev python3-pip python3-pytest python3-venv" \
		"skopeo slirp4netns umoci zsh" ;;
	check) echo "chromium clang clang-tidy llvm nginx podman valgrind" ;;
	bench) echo "linux-perf nginx wrk" ;;
	*) echo "unknown group: $1" >&2; exit 2 ;;
	esac
}

print_only=no
missing=
for group in "$@"; do
	if [ "$group" = --print ]; then
		print_only=yes
		continue
	fi
	for package in $(packages "$group"); do
		status=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null)
		case "$status $missing " in
		*"ok installed"* | *" $package "*) ;;
		*) missing="$missing $package" ;;
		esac
	done
done
[ -n "$missing" ] || exit 0
echo "missing:$missing"
[ $print_only = no ] || exit 0

sudo=
if [ "$(id -u)" != 0 ]; then
	if ! command -v sudo >/dev/null || ! sudo -n true 2>/dev/null && [ ! -t 0 ]; then
		echo "install them as root: apt-get install$missing" >&2
		exit 15
	fi
	sudo=sudo
fi
apt="$sudo env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -qq"
# the lists are fetched only where the packages are not found in those that are there
# shellcheck disable=SC2086
$apt install --yes --no-install-recommends $missing >/dev/null 2>&1 ||
	{ $apt update && $apt install --yes --no-install-recommends $missing >/dev/null; } || {
	echo "cannot install:$missing" >&2
	exit 15
}
