#!/bin/bash
# SPDX-License-Identifier: MIT
# C files stand as .clang-format would write them (`make format` does).
set -u

# shellcheck disable=SC2086 # a list of files
clang-format --dry-run -Werror --ferror-limit=1 $C_FILES || exit 1
echo "$(echo "$C_FILES" | wc -w) files in the project's style"
