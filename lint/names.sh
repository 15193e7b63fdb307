#!/bin/bash
# SPDX-License-Identifier: MIT
# Every source file has its licence line and a first sentence, and none is named after nothing.
set -u

bad=0 n=0
for file in $C_FILES Makefile ./*.sh .ci/run lint/*.sh tests/*.sh tests/fuzz/*.sh ./*.in ./*.map; do
	[ -e "$file" ] || continue
	n=$((n + 1))
	head -n 2 "$file" | grep -q 'SPDX-License-Identifier: MIT' || {
		echo "$file: no SPDX line at its top"
		bad=1
	}
	case $file in
	*.[ch])
		sed -n 2p "$file" | grep -qE '^/\* [^ ]' || {
			echo "$file: line 2 is not the comment that says what the file is"
			bad=1
		}
		;;
	esac
	case $(basename "$file") in
	util* | common* | misc* | helper* | stuff* | *_util.* | *_utils.* | *_helper.* | *_helpers.* | *_common.* | *_misc.*)
		echo "$file: named after nothing that it does"
		bad=1
		;;
	esac
done
# shellcheck disable=SC2086 # a list of files
if grep -nE '^[[:space:]]*#[[:space:]]*if.*(HAVE_|WITH_|ENABLE_|CONFIG_)' $C_FILES; then
	echo "optional features choose files, not #ifdef"
	bad=1
fi
[ $bad = 0 ] && echo "$n files named and licensed"
exit $bad
