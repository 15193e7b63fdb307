#!/bin/bash
# SPDX-License-Identifier: MIT
# The undefined symbols of every audio-side object (AUDIO_SRC of the Makefile) are functions of other
# audio-side objects, or stand in audio_symbols.txt for that file, with a reason.
set -u

list=lint/audio_symbols.txt
# shellcheck disable=SC2086 # a list of files
nm -A $AUDIO_OBJ | awk -v build="$BUILD/" -v list=$list '
	BEGIN {
		FS = "\t"
		while ((getline <list) > 0)
			if ($0 !~ /^(#|$)/) {
				if (NF != 3 || $3 == "") { print list ": no reason in: " $0; bad = 1 }
				files[$1] = " " $2 " "
				used[$1] = 0
			}
		FS = " "
	}
	{
		object = $1
		sub(/:.*/, "", object)
		sub(build, "", object)
		objects[object]
	}
	$(NF - 1) == "U" { wanted[object, $NF] }
	$(NF - 1) ~ /^[A-TV-Z]$/ { own[$NF] }
	END {
		for (pair in wanted) {
			split(pair, part, SUBSEP)
			file = part[1]; symbol = part[2]
			sub(/o$/, "c", file)
			if (symbol in own || symbol == "_GLOBAL_OFFSET_TABLE_")
				continue
			if (index(files[symbol], " " file " ") || files[symbol] == " * ") {
				used[symbol]++
				continue
			}
			print file ": " symbol " is not allowed on the audio side, see " list
			bad = 1
		}
		for (symbol in used) {
			if (!used[symbol] && files[symbol] != " * ") { print list ": nobody uses " symbol " any more"; bad = 1 }
			n++
		}
		if (!bad)
			print length(objects) " audio-side objects, " n " outer symbols with a reason each"
		exit bad
	}'
