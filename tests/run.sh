#!/bin/bash
# SPDX-License-Identifier: MIT
# Runs test programs that speak TAP, two at a time, and counts their tests: run.sh PROGRAM...
# Every test is named in the output; what a failing program said stands below its tests. The last
# line is "N passed, N failed, N skipped"; the exit code is 1 if one failed.
#
# TEST_JOBS: programs at a time (2). TEST_TIMEOUT: seconds for one program (110).
set -u

jobs=${TEST_JOBS:-2}
export TEST_TIMEOUT=${TEST_TIMEOUT:-110}
export CMOCKA_MESSAGE_OUTPUT=TAP
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}
export TSAN_OPTIONS=${TSAN_OPTIONS:-halt_on_error=1:second_deadlock_stack=1}
# No test needs a sound device: alsa-lib knows of none but those that a test makes.
export ALSA_CONFIG_PATH=/dev/null
# ThreadSanitizer wants its own address-space layout, which newer kernels randomise too widely.
layout=
case ${TALKPATH_SANITIZE:-} in
*thread*) setarch -R true 2>/dev/null && layout='setarch -R' ;;
esac
export layout

out=$(mktemp -d)
export out
trap 'rm -rf "$out"' EXIT
trap 'exit 130' INT TERM

# Reads a program's TAP: prints a line for each test, writes "passed failed skipped" to `totals`.
read -r -d '' report <<'AWK'
/^1\.\.[0-9]+$/ { planned += substr($0, 4); next }
/^not ok [0-9]+ # SKIP / || /^ok [0-9]+ .*# (SKIP|skip)/ {
	sub(/^(not )?ok [0-9]+ (- )?(# SKIP )?/, ""); skipped++; show("SKIP"); next
}
/^ok [0-9]+/     { sub(/^ok [0-9]+ (- )?/, ""); passed++; show("ok"); next }
/^not ok [0-9]+/ { sub(/^not ok [0-9]+ (- )?/, ""); failed++; show("FAIL"); next }
# cmocka's verdict on a whole group; its tests have been counted.
/^# (not )?ok - / { next }
{ said[++lines] = $0 }
function show(verdict) { printf "%-4s %s: %s\n", verdict, name, $0 }
function fail(why) { failed++; printf "FAIL %s: %s\n", name, why }
END {
	missing = planned - passed - failed - skipped
	if (code == 124 || code == 137)
		fail("stopped after " limit " s")
	else if (missing > 0)
		fail("ended with code " code ", " missing " of its tests not run")
	else if (code != 0 && !failed)
		fail("all tests done, but ended with code " code)
	else if (!planned)
		fail("has no tests")
	if (failed || skipped)
		for (i = lines > 200 ? lines - 199 : 1; i <= lines; i++)
			print "     | " said[i]
	printf "     %s: %d tests in %.1f s\n", name, passed + failed + skipped, seconds
	print passed + 0, failed + 0, skipped + 0 > totals
}
AWK
export report

run_one() {
	local program=$1 name files start code
	name=$(basename "$program" .sh)
	name=${name#test_}
	files=$out/${program//\//_}
	start=$(date +%s%N)
	# The outer 2> takes the shell's own word on a program that was killed.
	# shellcheck disable=SC2086 # "setarch -R" or nothing
	{ timeout -k 5 "$TEST_TIMEOUT" $layout "$program" >"$files.log" 2>&1 </dev/null; } 2>/dev/null
	code=$?
	awk -v name="$name" -v code=$code -v limit="$TEST_TIMEOUT" -v totals="$files.totals" \
		-v seconds="$(($(date +%s%N) - start))e-9" "$report" "$files.log" \
		>"$files.report"
	# Two programs never print at once.
	flock "$out" cat "$files.report"
}
export -f run_one

start=$(date +%s)
# shellcheck disable=SC2016 # $1 is the inner shell's
printf '%s\0' "$@" | xargs -0 -r -n 1 -P "$jobs" bash -c 'run_one "$1"' run_one
echo
grep -h '^FAIL' "$out"/*.report 2>/dev/null
skips=$(grep -h '^SKIP' "$out"/*.report 2>/dev/null)
[ -z "$skips" ] || printf '%s\n' '******** NOT TESTED HERE ********' "$skips" '*********************************'
echo "$# programs in $(($(date +%s) - start)) s"
cat "$out"/*.totals 2>/dev/null | awk -v programs=$# '
	{ passed += $1; failed += $2; skipped += $3 }
	END {
		failed += programs - NR # a program without totals was not even run
		printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
		exit failed > 0 || passed == 0
	}'
