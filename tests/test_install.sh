#!/bin/bash
# SPDX-License-Identifier: MIT
# What `make install` leaves is enough to build against, shared and static; uninstall leaves nothing.
set -u

build=${TALKPATH_BUILD:-build}
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
export PKG_CONFIG_SYSROOT_DIR=$root PKG_CONFIG_PATH=$root/opt/phone/lib/pkgconfig
number=0

ok() { # NAME COMMAND...
	local name=$1
	shift
	number=$((number + 1))
	if "$@" >"$root/log" 2>&1; then
		echo "ok $number - $name"
	else
		echo "not ok $number - $name"
		cat "$root/log"
	fi
}

installs() {
	env -u MAKEFLAGS make -s install BUILD="$build" DESTDIR="$root" PREFIX=/opt/phone
}

# Return ends a call; there is no sound card and nobody at the other end.
calls() { # PROGRAM
	"$1" 127.0.0.1:9 null </dev/null
}

shared_program() {
	# shellcheck disable=SC2046 # flags
	cc -o "$root/embed" examples/embed.c $(pkg-config --cflags --libs talkpath) &&
		LD_LIBRARY_PATH=$root/opt/phone/lib calls "$root/embed"
}

static_program() {
	# shellcheck disable=SC2046 # flags
	cc -o "$root/embed" examples/embed.c $(pkg-config --cflags talkpath) \
		"$root/opt/phone/lib/libtalkpath.a" $(PKG_CONFIG_SYSROOT_DIR='' pkg-config --static --libs-only-l talkpath |
			sed 's/-ltalkpath//') && calls "$root/embed"
}

cxx_includes() {
	echo '#include <talkpath/talkpath.h>' >"$root/phone.cc"
	"${CXX:-c++}" -Wall -Werror -fsyntax-only "-I$root/opt/phone/include" "$root/phone.cc"
}

uninstalls() {
	env -u MAKEFLAGS make -s uninstall BUILD="$build" DESTDIR="$root" PREFIX=/opt/phone
	[ -z "$(find "$root/opt" ! -type d)" ] && [ ! -e "$root/opt/phone/include/talkpath" ]
}

echo 1..5
if [ -n "${TALKPATH_SANITIZE:-}" ]; then
	for number in 1 2 3 4 5; do
		echo "ok $number - install # SKIP sanitized libraries are not installed"
	done
	exit 0
fi
ok 'it installs below DESTDIR and PREFIX' installs
ok 'a program is built with the shared library by pkg-config, and runs' shared_program
ok 'a program is built with the static library, and runs' static_program
if command -v "${CXX:-c++}" >/dev/null; then
	ok 'the headers are C++ as well' cxx_includes
else
	number=4
	echo 'ok 4 - the headers are C++ as well # SKIP no C++ compiler'
fi
ok 'uninstall leaves nothing' uninstalls
