#!/bin/bash
# SPDX-License-Identifier: MIT
# cppcheck over the product and its tools.
set -u

# shellcheck disable=SC2046 # a list of files
cppcheck --quiet --error-exitcode=1 --std=c11 -j "$JOBS" --inline-suppr \
	--enable=warning,performance,portability --suppress=missingIncludeSystem \
	-Iinclude -I. -D_GNU_SOURCE '-DTP_VERSION="0"' \
	$(echo "$C_FILES" | tr ' ' '\n' | grep -E '^(engine|codecs|dsp|hal|cli|bench|examples)/.*\.c$') || exit 1
echo "$(cppcheck --version) found nothing"
