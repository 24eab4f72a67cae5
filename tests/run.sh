#!/bin/sh
# SPDX-License-Identifier: MIT
# Usage: sh tests/run.sh [--all | --long] [--print]
# Installs what is missing, builds, and runs every test. Last line: "N passed, N failed".
#   --all     also sanitizers, valgrind, fuzz targets, clang, clang-tidy; what cannot run is a failure
#   --long    as --all with many more rounds, and the benchmarks: by hand, takes hours
#   --print   only say what would be installed and run
# The status is 0 when all passed, 1 when something failed, 15 when something cannot be installed.
set -u
cd "$(dirname "$0")/.." || exit 1

all=no long=no print_only=no
for argument in "$@"; do
	case $argument in
	--all) all=yes ;;
	--long) all=yes long=yes ;;
	--print) print_only=yes ;;
	*) sed -n '3,8s/^# //p' "$0"; [ "$argument" = --help ] && exit 0; exit 2 ;;
	esac
done

groups="build run test"
[ $all = no ] || groups="$groups check"
suites="unit style gateway sdk cli images examples fuzz"
[ $all = no ] || suites="$suites bootstrap"
if [ $print_only = yes ]; then
	# shellcheck disable=SC2086
	sh tests/install.sh --print $groups
	echo "suites: $suites"
	[ $all = no ] || echo "then: clang, asan, tsan, valgrind, fuzzing, tidy"
	[ $long = no ] || echo "then: bench"
	exit 0
fi

# How much of what is random: rounds of a crash test, seconds of a fuzz target.
CHUTES_TEST_ROUNDS=5 fuzz_seconds=5
[ $all = no ] || CHUTES_TEST_ROUNDS=20 CHUTES_TEST_SEED=1
[ $long = no ] || CHUTES_TEST_ROUNDS=300 fuzz_seconds=300
# What is slow to make and the same for all tests.
: "${CHUTES_TEST_CACHE:=$PWD/build/test-cache}"
export CHUTES_TEST_ROUNDS CHUTES_TEST_SEED CHUTES_TEST_CACHE
export PYTHONDONTWRITEBYTECODE=1

n_passed=0 n_failed=0 began=0
notes=$(mktemp) || exit 1
log=$(mktemp) || exit 1
trap 'rm -f "$notes" "$log"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

now() { date +%s; }

# line NAME PASSED FAILED SKIPPED: one suite's line, and its share of the sums
line()
{
	[ "$2$3$4" != 000 ] || return 0
	skipped=
	[ "$4" = 0 ] || skipped=", $4 skipped"
	printf '%-10s %5d passed, %d failed%s   %d s\n' "$1" "$2" "$3" "$skipped" $(($(now) - began))
	n_passed=$((n_passed + $2))
	n_failed=$((n_failed + $3))
	# under --all nothing is left out silently
	[ $all = no ] || n_failed=$((n_failed + $4))
}

# build FOLDER SETUP-ARGUMENT...: configure once, build; the log on failure
build()
{
	folder=$1
	shift
	{ [ -f "$folder/build.ninja" ] || meson setup "$folder" -Dwerror=true "$@"; } >"$log" 2>&1 &&
		ninja -C "$folder" >"$log" 2>&1 && return 0
	grep -v '^\[' "$log" | tail -n 40
	return 1
}

# meson_tests NAME FOLDER ARGUMENT...: run `meson test` and count what it ran
meson_tests()
{
	name=$1 folder=$2
	shift 2
	began=$(now)
	rm -f "$folder/meson-logs/run-$name"*
	meson test -C "$folder" --no-rebuild --print-errorlogs --logbase "run-$name" "$@" \
		>"$log" 2>&1
	status=$?
	/usr/bin/python3 tests/count.py "$folder/meson-logs/run-$name"*.json >"$notes"
	read -r passed failed skipped <"$notes"
	# a failure that nobody counted is one
	[ $status = 0 ] || [ "$failed" != 0 ] || failed=1
	line "$name" "$passed" "$failed" "$skipped"
	[ "$failed" = 0 ] || cat "$log"
	sed 1d "$notes" | sed 's/^/    /; /^ *$/d'
}

# step NAME COMMAND...: one thing that works or does not
step()
{
	name=$1
	shift
	began=$(now)
	if "$@" >"$log" 2>&1; then
		line "$name" 1 0 0
	else
		line "$name" 0 1 0
		tail -n 60 "$log"
	fi
}

second_compiler()
{
	if ! CC=clang build build-clang -Dbuildtype=release; then
		began=$(now)
		line clang 0 1 0
		return
	fi
	meson_tests clang build-clang --suite unit
}

sanitizers()
{
	export ASAN_OPTIONS=detect_stack_use_after_return=1
	export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
	if CC=clang build build-asan -Db_sanitize=address,undefined -Db_lundef=false; then
		meson_tests asan build-asan --suite unit --suite cli --suite fuzz --timeout-multiplier 4
	else
		began=$(now)
		line asan 0 1 0
	fi
	# the tests of what starts threads: for lib/ROOM/FIRST_more.c those that begin with ROOM_FIRST;
	# and of all that runs in those of lib/serve
	threaded=$({
		grep -rl pthread_create --include='*.c' lib | sed 's|^lib/||; s|\.c$||; s|_.*||; s|/|_|'
		echo serve_
		echo gateway_
	} | sort -u | while read -r prefix; do
		sed -n "s/^    '\(${prefix}[a-z0-9_]*\)',/\1/p" tests/unit/meson.build
	done | sort -u)
	if CC=clang build build-tsan -Db_sanitize=thread -Db_lundef=false; then
		# shellcheck disable=SC2086
		meson_tests tsan build-tsan --timeout-multiplier 4 $threaded
	else
		began=$(now)
		line tsan 0 1 0
	fi
}

under_valgrind()
{
	# not what is threads and compression: minutes, and nothing is parsed; nor what is about time
	parsers=$(sed -n "s/^    '\(\(crypto\|data\|archive\|oci\|python\|spec\|lower\|config\|wallet\|sign\)_[a-z0-9_]*\)',/\1/p" \
		tests/unit/meson.build | grep -v -e pipeline -e hostile)
	# shellcheck disable=SC2086
	meson_tests valgrind build --timeout-multiplier 20 \
		--wrapper 'valgrind -q --error-exitcode=9 --leak-check=full' $parsers
}

# fuzz_one NAME: its log and, if it found nothing, its mark
fuzz_one()
{
	mkdir -p "build-fuzz/found/$1"
	"build-fuzz/tests/fuzz/fuzz_$1" -seed=1 -max_total_time=$fuzz_seconds -timeout=20 \
		-rss_limit_mb=2048 "-artifact_prefix=build-fuzz/$1-" \
		"build-fuzz/found/$1" "tests/fuzz/corpus/$1" >"build-fuzz/$1.log" 2>&1 &&
		: >"build-fuzz/$1.ok"
}

# Every target looks for new paths for a while, from its corpus; as many at once as there are cores.
fuzzing()
{
	began=$(now)
	if ! CC=clang build build-fuzz -Dfuzz=true -Db_sanitize=address,undefined -Db_lundef=false; then
		line fuzzing 0 1 0
		return
	fi
	rm -f build-fuzz/*.ok
	running=0 passed=0 failed=0
	for target in build-fuzz/tests/fuzz/fuzz_*; do
		case $target in *.p) continue ;; esac
		fuzz_one "${target##*/fuzz_}" &
		running=$((running + 1))
		[ $((running % $(nproc))) != 0 ] || wait
	done
	wait
	for target in build-fuzz/tests/fuzz/fuzz_*; do
		case $target in *.p) continue ;; esac
		name=${target##*/fuzz_}
		if [ -f "build-fuzz/$name.ok" ]; then
			passed=$((passed + 1))
		else
			failed=$((failed + 1))
			echo "    failed: fuzz_$name"
			tail -n 60 "build-fuzz/$name.log"
		fi
	done
	line fuzzing $passed $failed 0
}

# What it says on stderr is how many warnings of foreign headers it kept to itself.
tidy()
{
	find lib cli -name '*.c' -print0 | xargs -0 -n 4 -P "$(nproc)" \
		clang-tidy -p build-clang --quiet 2>build-clang/tidy.log
}

# shellcheck disable=SC2086
sh tests/install.sh $groups || exit 15
began=$(now)
if ! CC=gcc build build; then
	line build 0 1 0
	echo "next:  read the errors above"
	echo "$n_passed passed, $n_failed failed"
	exit 1
fi
printf '%-10s %d s\n' build $(($(now) - began))
for suite in $suites; do
	meson_tests "$suite" build --suite "$suite"
done
if [ $all = yes ]; then
	second_compiler
	sanitizers
	under_valgrind
	fuzzing
	step tidy tidy
	step startup sh tests/bench/startup.sh
	step validate sh tests/bench/validate.sh
fi
[ $long = no ] || ROUNDS=5000 step bench sh tests/bench/startup.sh

if [ $n_failed != 0 ]; then
	echo "next:  read the failures above; one test alone: meson test -C build NAME -v"
elif [ $all = no ]; then
	echo "next:  build/cli/chutes help; the long checks: sh tests/run.sh --all"
else
	echo "next:  build/cli/chutes help"
fi
echo "$n_passed passed, $n_failed failed"
[ $n_failed = 0 ]
