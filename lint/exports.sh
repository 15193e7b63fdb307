#!/bin/bash
# SPDX-License-Identifier: MIT
# libtalkpath.map names exactly the TP_API functions of the public headers, the shared library exports
# exactly those, and all other symbols between files begin with tp_ as well.
set -u

sorted() {
	LC_ALL=C sort -u
}
# talkpath.h includes all the others.
declared=$(echo '#include <talkpath/talkpath.h>' | cc -E -P -Iinclude - | tr '\n;' ' \n' |
	grep -F 'visibility("default")' | grep -oE 'tp_[a-z0-9_]+ *\(' | tr -d '( ' | sorted)
named=$(sed -n '/^global:/,/^local:/p' libtalkpath.map | grep -oE 'tp_[a-z0-9_]+' | sorted)
exported=$(nm -D --defined-only "$BUILD"/libtalkpath.so | awk '$2 ~ /[TDRB]/ { sub(/@.*/, "", $3); print $3 }' | sorted)
# shellcheck disable=SC2086 # a list of files
unprefixed=$(nm -A -g --defined-only $LIB_OBJ | awk 'NF && $NF !~ /^tp_/ { print $1 " " $NF }')

bad=0
differ() { # LEFT RIGHT WORDS
	local odd
	odd=$(LC_ALL=C comm -3 <(echo "$1") <(echo "$2"))
	[ -z "$odd" ] && return
	printf '%s\n%s\n' "$3" "$odd"
	bad=1
}
differ "$declared" "$named" 'only in the headers | only in libtalkpath.map:'
differ "$declared" "$exported" 'only in the headers | only in the shared library:'
if [ -n "$unprefixed" ]; then
	printf 'symbols without tp_:\n%s\n' "$unprefixed"
	bad=1
fi
[ $bad = 0 ] && echo "$(echo "$declared" | wc -l) functions declared, named and exported"
exit $bad
