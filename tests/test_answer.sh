#!/bin/sh
# SPDX-License-Identifier: MIT
# A call that waits answers whom it accepts: both ends hear each other.
set -u

command=${TALKPATH:-build/talkpath}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
port=$((20000 + $$ % 10000 * 2))

echo 1..1
"$command" call --device null --local 127.0.0.1:$port --for 2.5 >"$folder/waits" 2>&1 &
sleep 0.3
"$command" call --device null --for 1.5 127.0.0.1:$port >"$folder/calls" 2>&1
wait $!
if grep -q '^received [1-9]' "$folder/calls" && grep -q '^received [1-9]' "$folder/waits"; then
	echo "ok 1 - who calls is answered"
else
	echo "not ok 1 - who calls is answered"
	sed 's/^/# /' "$folder/waits" "$folder/calls"
fi
