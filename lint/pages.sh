#!/bin/bash
# SPDX-License-Identifier: MIT
# Manual pages are well formed.
set -u

mandoc -T lint -W warning man/*.[1-9] || exit 1
echo "$(find man -name '*.[1-9]' | wc -l) manual pages well formed"
