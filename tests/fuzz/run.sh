#!/bin/bash
# SPDX-License-Identifier: MIT
# Lets libFuzzer targets run, two at a time: run.sh SECONDS FOLDER TARGET...
# What they find new is kept in FOLDER/corpus, inputs that crash in FOLDER/crashes.
set -u

export seconds=$1 folder=$2
shift 2
export UBSAN_OPTIONS=print_stacktrace=1
mkdir -p "$folder/crashes"

fuzz_one() {
	local target=$1 name new seeds log figures
	name=$(basename "$target")
	name=${name#fuzz_}
	seeds=tests/fuzz/corpus/$name
	new=$folder/corpus/$name
	log=$folder/$name.log
	mkdir -p "$new"
	if "$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
		-artifact_prefix="$folder/crashes/$name-" "$new" "$seeds" >"$log" 2>&1; then
		figures=$(awk '/cov: / { for (i = 1; i < NF; i++) if ($i == "cov:") c = $(i + 1) }
			/number_of_executed_units/ { n = $2 } END { print n " runs, coverage " c }' "$log")
		echo "ok   fuzz $name: $seconds s, $figures"
	else
		tail -n 40 "$log" | sed 's/^/     | /'
		echo "FAIL fuzz $name: see $log and $folder/crashes"
		return 1
	fi
}
export -f fuzz_one

# shellcheck disable=SC2016 # $1 is the inner shell's
printf '%s\0' "$@" | xargs -0 -r -n 1 -P "${TEST_JOBS:-2}" bash -c 'fuzz_one "$1"' fuzz_one
