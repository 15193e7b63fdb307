#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs the packages that talkpath needs and this system lacks: deps.sh PURPOSE...
# Purposes: build, check, fuzz, lint. Prints nothing when nothing is missing.
set -eu

# PURPOSE PACKAGE PROBE; a probe is a command, a pkg-config module (pc:) or a file (/...).
needs() {
	cat <<-'END'
		build gcc              cc
		build libc6-dev        /usr/include/stdio.h
		build make             make
		build pkg-config       pkg-config
		build libopus-dev      pc:opus
		build libspeexdsp-dev  pc:speexdsp
		build libsrtp2-dev     pc:libsrtp2
		build libasound2-dev   pc:alsa
		check libcmocka-dev    pc:cmocka
		check ffmpeg           ffmpeg
		check gstreamer1.0-tools        gst-launch-1.0
		check gstreamer1.0-plugins-base dpkg
		check gstreamer1.0-plugins-good dpkg
		check gstreamer1.0-plugins-bad  dpkg
		check gstreamer1.0-libav        dpkg
		fuzz  clang            clang
		lint  binutils         nm
		lint  clang            clang
		lint  clang-format     clang-format
		lint  clang-tidy       clang-tidy
		lint  cppcheck         cppcheck
		lint  shellcheck       shellcheck
		lint  mandoc           mandoc
	END
}

installed() { # PACKAGE
	dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q '^install ok installed'
}

present() { # PACKAGE PROBE
	case $2 in
	pc:*) command -v pkg-config >/dev/null && pkg-config --exists "${2#pc:}" ;;
	/*) [ -e "$2" ] ;;
	dpkg) ! command -v dpkg-query >/dev/null || installed "$1" ;;
	*) command -v "$2" >/dev/null ;;
	esac
}

missing=$(needs | while read -r purpose package probe; do
	case " $* " in
	*" $purpose "*) present "$package" "$probe" || echo "$package" ;;
	esac
done)
[ -n "$missing" ] || exit 0
# One line for messages and for apt-get.
missing=$(echo "$missing" | sort -u | tr '\n' ' ')

if ! command -v apt-get >/dev/null; then
	echo "deps: this system has no apt-get; install what Debian calls: $missing" >&2
	exit 1
fi
as_root=
if [ "$(id -u)" != 0 ]; then
	if ! command -v sudo >/dev/null || ! sudo -n true 2>/dev/null; then
		echo "deps: not root, and no sudo without a password; as root: apt-get install $missing" >&2
		exit 1
	fi
	as_root='sudo -n'
fi

echo "deps: installing $missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() {
	$as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=600 "$@" \
		>"$log" 2>&1 </dev/null
}
# Lists may be absent (a bare system) or stale; refreshing them may fail without a network, and the
# install then says what is wrong.
apt update || true
# shellcheck disable=SC2086 # a list of packages
if ! apt install --no-install-recommends $missing; then
	tail -n 15 "$log" >&2
	echo "deps: apt-get could not install: $missing" >&2
	exit 1
fi
