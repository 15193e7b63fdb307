#!/bin/bash
# SPDX-License-Identifier: MIT
# Proves the two commands of the README on a system that has nothing: bare_system.sh [COMMAND...]
# A fresh Debian 12 with make, git and ca-certificates, a clone of this tree, `make demo`, `make check`
# (or the commands given). Wants root, debootstrap and git; takes its mirror from the apt sources of
# this system. Leaves the last lines of both, their times, and nothing else.
set -u
cd "$(dirname "$0")/.." || exit 1

suite=bookworm
packages=make,git,ca-certificates

die() {
	echo "bare_system: $*" >&2
	exit 1
}

[ "$(id -u)" = 0 ] || die "wants root, for chroot and mounts"
command -v debootstrap >/dev/null || die "wants debootstrap; on Debian: apt-get install debootstrap"
# shellcheck disable=SC2016 # the variables are apt's
mirror=$(apt-get indextargets --format '$(ORIGIN) $(CODENAME) $(COMPONENT) $(REPO_URI)' |
	awk -v suite=$suite '$1 == "Debian" && $2 == suite && $3 == "main" { print $4; exit }')
[ -n "$mirror" ] || die "no apt source of Debian $suite main on this system"
[ $# -gt 0 ] || set -- 'make demo' 'make check'

root=$(mktemp -d "${TMPDIR:-/var/tmp}/talkpath-bare.XXXXXX")
mounts='proc sys dev/shm dev'
# shellcheck disable=SC2317 # called by the trap
finish() {
	local mount
	for mount in $mounts; do
		mountpoint -q "$root/$mount" && { umount "$root/$mount" || umount -l "$root/$mount"; }
	done
	# Never through a mount that would not go away.
	rm -rf --one-file-system "$root"
}
trap finish EXIT
trap 'exit 130' INT TERM

start=$SECONDS
debootstrap --variant=minbase --include=$packages $suite "$root" "$mirror" >"$root.log" 2>&1 || {
	tail -n 5 "$root.log" >&2
	die "debootstrap failed, see $root.log"
}
rm -f "$root.log"
echo "a bare Debian 12 after $((SECONDS - start)) s"

# Devices and shared memory of its own: no sound card can be there.
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sys "$root/sys"
mount -t tmpfs -o mode=755 dev "$root/dev"
mkdir -p "$root/dev/shm" "$root/dev/pts"
mount -t tmpfs -o mode=1777 shm "$root/dev/shm"
for node in null:1:3 zero:1:5 full:1:7 random:1:8 urandom:1:9 tty:5:0; do
	IFS=: read -r name major minor <<<"$node"
	mknod -m 666 "$root/dev/$name" c "$major" "$minor"
done
ln -s /proc/self/fd "$root/dev/fd"
cp /etc/resolv.conf "$root/etc/resolv.conf"
git clone -q --no-hardlinks . "$root/root/talkpath" || die "cannot clone this tree"

failed=0
for command in "$@"; do
	start=$SECONDS
	echo "=== $command"
	chroot "$root" env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
		sh -c "cd /root/talkpath && $command" </dev/null >"$root/log" 2>&1
	code=$?
	tail -n 25 "$root/log"
	echo "=== $command: code $code after $((SECONDS - start)) s"
	[ $code = 0 ] || failed=1
done
exit $failed
