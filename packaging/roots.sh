# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
# Root folders of Debian systems, for the scripts that source this: packaging/wiresharks, packaging/check-packages.
# Run by root, for chroot and mounts.
roots=${TLSFP_ROOTS:-/var/tmp/tlsfp-roots}
top=$(readlink -f "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/..")

# Starts the script anew where its mounts are its own, and gone when it ends.
mounts_apart() {
    [ -z "${TLSFP_MOUNTS_APART:-}" ] || return 0
    TLSFP_MOUNTS_APART=1 exec unshare --mount --propagation private -- "$0" "$@"
}

# make_root ROOT SUITE: unless it is there. No daemon starts in it, its mirror may be one that stands still, and dpkg does not
# wait for the disk.
make_root() {
    [ ! -e "$1" ] || return 0
    mkdir -p "$(dirname "$1")" &&
        rm -rf "$1.unfinished" &&
        debootstrap --variant=minbase --include=ca-certificates "$2" "$1.unfinished" &&
        printf '#!/bin/sh\nexit 101\n' >"$1.unfinished/usr/sbin/policy-rc.d" &&
        chmod 755 "$1.unfinished/usr/sbin/policy-rc.d" &&
        echo 'Acquire::Check-Valid-Until "false";' >"$1.unfinished/etc/apt/apt.conf.d/90mirror" &&
        echo force-unsafe-io >"$1.unfinished/etc/dpkg/dpkg.cfg.d/90root" &&
        mv "$1.unfinished" "$1"
}

mount_into() {
    mount -t proc proc "$1/proc" &&
        mount --rbind /dev "$1/dev" &&
        mount -t tmpfs -o mode=1777 tmpfs "$1/tmp" &&
        cp -L /etc/resolv.conf "$1/etc/resolv.conf"
}

# The files that git knows, as they are here; and the conformance captures, to the place where their test looks.
copy_into() {
    rm -rf "$1/srv/tlsfp" "$1/srv/shared"
    mkdir -p "$1/srv/tlsfp" "$1/srv/shared"
    git -C "$top" -c safe.directory="$top" ls-files -z |
        tar -C "$top" --null -T - -cf - | tar -C "$1/srv/tlsfp" -xf - --no-same-owner || return
    local conformance=${TLSFP_CONFORMANCE:-$top/../shared/conformance}
    [ ! -d "$conformance" ] || cp -r "$conformance" "$1/srv/shared/conformance"
}

# inside ROOT SHELL-TEXT: in the source's copy; it ends with the first command that fails. What was compiled before, in
# whatever folder below /tmp, comes from the cache that ROOT keeps.
inside() {
    chroot "$1" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
        SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-}" CCACHE_BASEDIR=/tmp sh -ec "cd /srv/tlsfp
            ! command -v ccache >/dev/null || export CMAKE_C_COMPILER_LAUNCHER=ccache
            $2"
}

# booted ROOT SHELL-TEXT: starts the systemd of ROOT, with processes and a network of its own, and runs the text in there.
booted() {
    unshare --mount --pid --ipc --uts --net --cgroup --fork --kill-child bash -ec '
        mount --bind "$1" "$1"
        cd "$1"
        mount -t proc proc proc
        mount -t sysfs sysfs sys
        mount -t tmpfs tmpfs sys/fs/cgroup
        mount -t cgroup2 cgroup2 sys/fs/cgroup
        mount -t tmpfs tmpfs run
        mount -t tmpfs -o mode=1777 tmpfs tmp
        mount -t tmpfs -o mode=755 tmpfs dev
        for device in null zero full random urandom tty; do
            touch "dev/$device"
            mount --bind "/dev/$device" "dev/$device"
        done
        mkdir dev/pts dev/shm run/before
        mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
        ln -s pts/ptmx dev/ptmx
        pivot_root . run/before
        umount -l run/before
        exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin container=lxc /lib/systemd/systemd --show-status=0
    ' bash "$1" &
    local outside=$! inside status=1 n
    for ((n = 0; n < 60; n++)); do
        sleep 1
        inside=$(pgrep -P "$outside") || continue
        enter=(nsenter --target "$inside" --root --wd --mount --pid --net --ipc --uts --cgroup --)
        case $("${enter[@]}" systemctl is-system-running 2>&1) in
        running | degraded)
            "${enter[@]}" sh -ec "ip link set lo up; $2" && status=0
            break
            ;;
        esac
    done
    kill -KILL "$outside"
    wait "$outside"
    return $status
}
