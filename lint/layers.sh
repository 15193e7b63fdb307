#!/bin/bash
# SPDX-License-Identifier: MIT
# Who may include what: the layers of docs/ARCHITECTURE.md, and each header of a library in one to
# three .c files.
set -u

# What a folder may include besides system headers and its own files; talkpath: the public headers.
allowed() {
	case $1 in
	include) echo talkpath ;;
	codecs | dsp | hal) echo talkpath ;;
	engine) echo talkpath codecs dsp hal ;;
	cli) echo talkpath codecs dsp hal engine bench ;;
	bench) echo talkpath codecs dsp hal engine cli ;;
	examples) echo talkpath ;;
	tests) echo talkpath codecs dsp hal engine cli bench ;;
	esac
}

# The folder that an include of a file belongs to; nothing for a system header.
target() { # FILE INCLUDE
	case $2 in
	'<talkpath/'*) echo talkpath ;;
	'"'*)
		local path=${2//\"/}
		if [ -e "$(dirname "$1")/$path" ]; then
			echo "${1%%/*}"
		elif [ -e "include/$path" ]; then
			echo talkpath
		else
			echo "${path%%/*}"
		fi
		;;
	esac
}

bad=0 includes=0
while IFS=: read -r file include; do
	folder=${file%%/*}
	to=$(target "$file" "$include")
	includes=$((includes + 1))
	case " $(allowed "$folder") $folder " in
	*" $to "*) ;;
	*)
		[ -z "$to" ] && continue
		echo "$file: $folder/ may not include $include"
		bad=1
		;;
	esac
done < <(
	# shellcheck disable=SC2086 # a list of files
	grep -HE '^[[:space:]]*#[[:space:]]*include' $C_FILES |
		sed -E 's/:[[:space:]]*#[[:space:]]*include[[:space:]]*/:/; s/([">]).*\/\*.*/\1/'
)

for header in 'opus(/[a-z_]+)?\.h' speex/speex_echo.h speex/speex_preprocess.h speex/speex_resampler.h \
	srtp2/srtp.h 'alsa/[a-z_]+\.h'; do
	users=$(grep -lE "#[[:space:]]*include[[:space:]]*<$header>" engine/* codecs/* dsp/* hal/* cli/* \
		bench/* include/talkpath/* 2>/dev/null)
	if echo "$users" | grep '\.h$'; then
		echo "a header includes <$header>"
		bad=1
	fi
	if [ "$(echo "$users" | wc -w)" -gt 3 ]; then
		printf '<%s> stands in more than three files:\n%s\n' "$header" "$users"
		bad=1
	fi
done
[ $bad = 0 ] && echo "$includes includes keep to their layers"
exit $bad
