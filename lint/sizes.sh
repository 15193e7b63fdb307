#!/bin/bash
# SPDX-License-Identifier: MIT
# Functions have a median under 15 lines and none over 90; no file is over 600 lines. Files of tables
# (*_table.[ch], *_tables.[ch], *_vectors.[ch]) are exempt.
set -u

files=$(echo "$C_FILES" | tr ' ' '\n' | grep -vE '_(tables?|vectors)\.[ch]$')

# A function's body stands between a `{` and a `}` that begin a line and are alone on it: the format
# check sees to that. Its lines are those between.
# shellcheck disable=SC2086 # a list of files
lengths=$(awk '
	/^\{$/ { start = FNR }
	/^\}$/ && start { print FNR - start - 1, FILENAME ":" start; start = 0 }' $files | sort -n)
# shellcheck disable=SC2086
long_files=$(wc -l $files | awk '$2 != "total" && $1 > 600 { print $2 ": " $1 " lines" }')
long=$(echo "$lengths" | awk '$1 > 90 { print $2 ": a function of " $1 " lines" }')
median=$(echo "$lengths" | grep -vE ' tests/' | awk '{ n[NR] = $1 } END { print n[int((NR + 1) / 2)] + 0 }')

bad=0
if [ -n "$long_files$long" ]; then
	printf '%s\n%s\n' "$long_files" "$long" | grep .
	bad=1
fi
if [ "$median" -ge 15 ]; then
	echo "the median function has $median lines"
	bad=1
fi
[ $bad = 0 ] && echo "$(echo "$lengths" | wc -l) functions, median $median lines, longest $(echo "$lengths" | tail -n 1 | tr ' ' ',' | sed 's/,/ at /')"
exit $bad
