#!/bin/bash
# SPDX-License-Identifier: MIT
# Runs every check of the house; each says in one line what it looked at, or what is wrong. Called by
# `make lint`, which passes BUILD, JOBS, C_FILES, LIB_OBJ and AUDIO_OBJ.
set -u

passed=0 failed=0
for check in format tidy cppcheck layers audio_side exports sizes names shell pages links; do
	if said=$("lint/$check.sh" 2>&1); then
		echo "ok   $check: $said"
		passed=$((passed + 1))
	else
		printf '%s\n' "$said" | sed 's/^/     | /'
		echo "FAIL $check"
		failed=$((failed + 1))
	fi
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
