#!/bin/bash
# SPDX-License-Identifier: MIT
# clang-tidy with the checks of .clang-tidy over every C file, but for those that define functions of
# the C library again.
set -u

mapfile -t flags <"$BUILD/flags"
tidy() { # FLAG... -- FILE...
	local flags=()
	while [ "$1" != -- ]; do
		flags+=("$1")
		shift
	done
	shift
	# What it says on stderr is the number of warnings that it did not show.
	clang-tidy --quiet --warnings-as-errors='*' "$@" -- "${flags[@]}" 2>/dev/null
}
export -f tidy

files=$(echo "$C_FILES" | tr ' ' '\n' | grep '\.c$' | grep -v '/interpose_')
# shellcheck disable=SC2016 # $@ is the inner shell's
echo "$files" | xargs -P "$JOBS" -n 4 bash -c 'tidy "$@"' tidy "${flags[@]}" -- || exit 1
echo "$(echo "$files" | wc -w) files clean"
