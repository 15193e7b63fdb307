#!/bin/bash
# SPDX-License-Identifier: MIT
# Every relative link of the documentation, and every file that it names in `code`, exists.
set -u

pages=$(ls ./*.md docs/*.md tests/*.md tests/*/*.md 2>/dev/null)
bad=0 links=0
exists() { # PAGE PATH
	links=$((links + 1))
	[ -e "$2" ] && return
	echo "$1: $2 does not exist"
	bad=1
}
for page in $pages; do
	while read -r link; do
		exists "$page" "$(dirname "$page")/$link"
	done < <(grep -oE '\]\([^)]+\)' "$page" | sed -E 's/^\]\(//; s/\)$//; s/#.*//' |
		grep -vE '^(https?:|mailto:|$)')
	# shellcheck disable=SC2016 # the quotes are Markdown's
	while read -r name; do
		exists "$page" "$name"
	done < <(grep -oE '`(include|engine|codecs|dsp|hal|cli|bench|tests|examples|docs|man|lint|\.ci)/[A-Za-z0-9_./-]+`' \
		"$page" | tr -d '`')
done
[ $bad = 0 ] && echo "$links links of $(echo "$pages" | wc -w) pages lead somewhere"
exit $bad
