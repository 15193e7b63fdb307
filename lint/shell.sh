#!/bin/bash
# SPDX-License-Identifier: MIT
# Every script passes shellcheck.
set -u

scripts=$(ls ./*.sh .ci/run lint/*.sh tests/*.sh tests/*/*.sh 2>/dev/null)
# shellcheck disable=SC2086 # a list of files
shellcheck $scripts || exit 1
echo "$(echo "$scripts" | wc -w) scripts clean"
