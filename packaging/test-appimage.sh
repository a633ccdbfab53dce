#!/usr/bin/env bash
# SPDX-FileCopyrightText: The Weighbridge authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# packaging/test-appimage.sh APPIMAGE [ROOT]: starts it as an ordinary user in a clean Debian 12 (in ROOT, which is deleted afterwards unless
# it was given) that has the libraries of a bare desktop and no Qt,
# opens the samples with both programs, and looks for what is left in the temporary folder. Needs root, debootstrap and apt's mirror.
set -euo pipefail
[ $# -ge 1 ] || { echo "usage: packaging/test-appimage.sh APPIMAGE [ROOT]" >&2; exit 2; }
image=$(realpath -- "$1")
repository=$(realpath -- "$(dirname "${BASH_SOURCE[0]}")/..")
given=${2:-}
root=${given:-$(mktemp -d)}
cleanup() {
    umount "$root/proc" 2> /dev/null || true
    [ -n "$given" ] || rm -rf "$root"
}
trap cleanup EXIT

if [ ! -x "$root/usr/bin/apt-get" ]; then
    mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | head -n 1)
    debootstrap --variant=minbase --include=libgl1,libegl1,libfontconfig1,libfreetype6,libx11-6,libx11-xcb1,libxcb1,fonts-dejavu-core,procps bookworm "$root" "$mirror" > /dev/null
fi
chmod 755 "$root" # mktemp keeps others out
mount --bind /proc "$root/proc"
chroot "$root" useradd -m visitor 2> /dev/null || true
chmod 700 "$root/home/visitor" # it serves as XDG_RUNTIME_DIR too
cp "$image" "$root/home/visitor/Weighbridge.AppImage"
cp -r "$repository/resources/samples" "$root/home/visitor/samples"
inside() { chroot --userspec=visitor:visitor "$root" env -i PATH=/usr/bin:/bin HOME=/home/visitor LANG=C.UTF-8 XDG_RUNTIME_DIR=/home/visitor QT_QPA_PLATFORM=offscreen "$@"; }
program=/home/visitor/Weighbridge.AppImage

inside $program --version
inside $program inspect /home/visitor/samples/trained > /dev/null
inside $program check /home/visitor/samples/prefix && { echo "check found nothing in the broken sample" >&2; exit 1; } || [ $? -eq 1 ]
inside $program report /home/visitor/samples/prefix -o /home/visitor/report.pdf
head -c 5 "$root/home/visitor/report.pdf" | grep -q '%PDF-'
inside sh -c "$program /home/visitor/samples/trained & window=\$!; sleep 5; kill -0 \$window && kill \$window && wait \$window" || [ $? -eq 143 ] || { echo "the window did not stay" >&2; exit 1; }
left=$(find "$root/tmp" -mindepth 1)
[ -z "$left" ] || { echo "left behind: $left" >&2; exit 1; }
echo "The AppImage starts where no Qt is, opens, checks and reports, and leaves nothing behind."
