#!/bin/bash
# SPDX-License-Identifier: MIT
# clang-tidy with the checks of .clang-tidy over every C file, but for those that define functions of
# the C library again.
set -u

mapfile -t flags <"$BUILD/flags"
mkdir -p "$BUILD/tidy"

# One file for each run: in company, clang-tidy 14 calls every va_list uninitialised. A file that was
# clean and has not changed since, nor its headers, is not looked at again.
tidy() { # FILE FLAG...
	local file=$1 stamp="$BUILD/tidy/${1//\//_}" sum
	shift
	[ "$file" = engine/error.c ] || set -- "$@" -include lint/tidy.h
	sum=$(cat .clang-tidy "$(dirname "$file")/.clang-tidy" <(clang -E "$@" "$file") 2>/dev/null | cksum)
	[ "$(cat "$stamp" 2>/dev/null)" = "$sum" ] && return
	# What it says on stderr is the number of warnings that it did not show.
	clang-tidy --quiet --warnings-as-errors='*' "$file" -- "$@" 2>/dev/null || return
	echo "$sum" >"$stamp"
}
export -f tidy

files=$(echo "$C_FILES" | tr ' ' '\n' | grep '\.c$' | grep -v '/interpose_')
# shellcheck disable=SC2016 # $@ is the inner shell's
echo "$files" | xargs -P "$JOBS" -I FILE bash -c 'tidy "$@"' tidy FILE "${flags[@]}" || exit 1
echo "$(echo "$files" | wc -w) files clean"
