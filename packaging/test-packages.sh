#!/usr/bin/env bash
# SPDX-FileCopyrightText: The Weighbridge authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# packaging/test-packages.sh FOLDER-WITH-DEBS [ROOT]: installs the packages in a clean Debian 12 (made by debootstrap in ROOT, which is
# deleted afterwards unless it was given), starts all programs, opens a checkpoint by its type, looks at manual pages and completions, purges,
# and looks for what is left. Before that lintian and appstreamcli judge the packages, where they are installed.
# Needs root, debootstrap and the package mirror that apt uses.
set -euo pipefail
[ $# -ge 1 ] || { echo "usage: packaging/test-packages.sh FOLDER-WITH-DEBS [ROOT]" >&2; exit 2; }
debs=$(realpath -- "$1")
given=${2:-}
root=${given:-$(mktemp -d)}
repository=$(realpath -- "$(dirname "${BASH_SOURCE[0]}")/..")

if command -v lintian > /dev/null; then
    lintian --fail-on error --allow-root "$debs"/*.deb
fi
if [ ! -x "$root/usr/bin/apt-get" ]; then
    mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 'Suite: bookworm' 2> /dev/null | head -n 1)
    [ -n "$mirror" ] || mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | head -n 1)
    debootstrap --variant=minbase bookworm "$root" "$mirror"
    cp -r /etc/apt/apt.conf.d/. "$root/etc/apt/apt.conf.d/" 2> /dev/null || true
fi
inside() { chroot "$root" env DEBIAN_FRONTEND=noninteractive HOME=/root LANG=C.UTF-8 QT_QPA_PLATFORM=offscreen "$@"; }
mount --bind /proc "$root/proc"
cleanup() {
    umount "$root/proc" 2> /dev/null || true
    [ -n "$given" ] || rm -rf "$root"
}
trap cleanup EXIT

inside apt-get update -q > /dev/null
inside apt-get install -y -q --no-install-recommends shared-mime-info desktop-file-utils xdg-utils libfile-mimeinfo-perl procps > /dev/null
mkdir -p "$root/debs"
cp "$debs"/*.deb "$root/debs/"
before=$(mktemp)
after=$(mktemp)
listing() { (cd "$root" && find usr etc var -xdev -not -path 'var/cache/*' -not -path 'var/lib/*' -not -path 'var/log/*' | sort); }
# The packages alone are what is tested for leaving nothing: their dependencies come first.
inside sh -c 'apt-get install -y -q --no-install-recommends $(for deb in /debs/*.deb; do dpkg-deb -f $deb Depends; done | tr "," "\n" | sed "s/([^)]*)//; s/|.*//; s/ //g" | grep -v "^weighbridge" | sort -u)' > /dev/null
listing > "$before"
inside sh -c 'apt-get install -y -q --no-install-recommends /debs/*.deb' > /dev/null

inside weighbridge-cli --version
inside weighbridge --version
cp -r "$repository/resources/samples/prefix" "$root/tmp/sample"
inside weighbridge-cli check /tmp/sample && { echo "check found nothing in the broken sample" >&2; exit 1; } || [ $? -eq 1 ]
inside weighbridge-cli report /tmp/sample -o /tmp/sample.pdf
inside weighbridge-cli devices
inside xdg-mime query filetype /tmp/sample/pytorch_model.bin | grep -x application/vnd.pytorch.checkpoint
cp "$repository/resources/samples/trained/model.safetensors" "$root/tmp/"
inside xdg-mime query filetype /tmp/model.safetensors | grep -x application/vnd.safetensors
inside sh -c 'XDG_CURRENT_DESKTOP=X-Generic xdg-mime query default application/vnd.safetensors' | grep -x weighbridge.desktop
inside weighbridge-thumbnailer /tmp/model.safetensors /tmp/thumbnail.png
head -c 8 "$root/tmp/thumbnail.png" | grep -q PNG
cp -r "$repository/resources/samples/trained" "$root/tmp/trained"
inside weighbridge-cli run /tmp/trained --text "the cat sat on the mat" > /dev/null

inside desktop-file-validate /usr/share/applications/weighbridge.desktop
if command -v appstreamcli > /dev/null; then
    appstreamcli validate --no-net "$root"/usr/share/metainfo/org.weighbridge.weighbridge.metainfo.xml
fi
for page in weighbridge weighbridge-cli weighbridge-thumbnailer; do
    zcat "$root/usr/share/man/man1/$page.1.gz" | grep -q '^\.SH NAME'
    if command -v groff > /dev/null; then
        warnings=$(zcat "$root/usr/share/man/man1/$page.1.gz" | groff -man -Tutf8 -ww -z 2>&1)
        [ -z "$warnings" ] || { echo "$page(1): $warnings" >&2; exit 1; }
    fi
done
inside bash -c '. /usr/share/bash-completion/completions/weighbridge-cli && complete -p weighbridge-cli' > /dev/null
test -s "$root/usr/share/zsh/vendor-completions/_weighbridge-cli"
test -s "$root/usr/share/fish/vendor_completions.d/weighbridge-cli.fish"
# xdg-open starts the window; it stays until it is ended.
inside sh -c 'DISPLAY=:0 xdg-open /tmp/model.safetensors & for i in 1 2 3 4 5 6 7 8 9 10; do sleep 0.5; pgrep -x weighbridge > /dev/null && exit 0; done; exit 1' || { echo "xdg-open did not start the window" >&2; exit 1; }
inside pkill -x weighbridge || true

inside apt-get purge -y -q weighbridge weighbridge-cli weighbridge-inference > /dev/null
listing > "$after"
diff "$before" "$after" && echo "The packages install, start, open and run a checkpoint, and leave nothing behind."
