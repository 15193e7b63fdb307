#!/bin/bash
# SPDX-License-Identifier: MIT
# The undefined symbols of every audio-side object (AUDIO_SRC of the Makefile) are functions of other
# audio-side objects, or stand in audio_symbols.txt with a reason.
set -u

list=lint/audio_symbols.txt
own=$(mktemp) reasons=$(mktemp)
trap 'rm -f "$own" "$reasons"' EXIT
# shellcheck disable=SC2086 # a list of files
nm -g --defined-only $AUDIO_OBJ | awk 'NF == 3 { print $3 }' >"$own"
grep -vE '^(#|$)' "$list" | awk -F'\t+' 'NF < 2 || $2 == "" { exit 1 } { print $1 }' >"$reasons" || {
	echo "$list: a line without a reason"
	exit 1
}

bad=0
for object in $AUDIO_OBJ; do
	strangers=$(nm -u "$object" | awk '{ print $2 }' | grep -vxFf "$own" | grep -vxFf "$reasons")
	for symbol in $strangers; do
		echo "${object#"$BUILD"/}: $symbol is not allowed on the audio side ($list)"
		bad=1
	done
done
# shellcheck disable=SC2086
used=$(nm -u $AUDIO_OBJ | awk 'NF == 2 { print $2 }' | sort -u)
while read -r symbol; do
	echo "$used" | grep -qx "$symbol" || {
		echo "$list: nobody uses $symbol any more"
		bad=1
	}
done <"$reasons"
[ $bad = 0 ] && echo "$(echo "$AUDIO_OBJ" | wc -w) audio-side objects use $(wc -l <"$reasons") outer symbols"
exit $bad
