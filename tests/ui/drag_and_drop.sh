#!/bin/sh
# SPDX-FileCopyrightText: The Weighbridge authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A real drag and drop between two X clients, on a screen of its own:
#   drag_and_drop.sh WEIGHBRIDGE DRAG_SOURCE FILE SECOND_FILE
# The first file is dropped on the start page and must be open afterwards; the second on the upper half, and must be compared with it.
# Needs Xvfb, openbox and xdotool.
set -eu

weighbridge=$1 drag_source=$2 file=$3 second=$4
work=$(mktemp -d)
mkfifo "$work/number"
Xvfb -displayfd 3 -screen 0 1600x900x24 3> "$work/number" > /dev/null 2>&1 &
pids=$!
trap 'kill $pids 2> /dev/null || true; rm -rf "$work"' EXIT
read -r number < "$work/number"
export DISPLAY=":$number" QT_QPA_PLATFORM=xcb XDG_CONFIG_HOME="$work" HOME="$work" LANG=C.UTF-8
openbox > /dev/null 2>&1 &
pids="$pids $!"
sleep 1

# window NAME: its number, as soon as it is there. Windows that come and go make a search fail, so it is tried again.
window() {
    for _ in $(seq 300); do
        found=$(xdotool search --onlyvisible --name "$1" 2> /dev/null | head -1) || true
        [ -z "$found" ] || { echo "$found"; return 0; }
        sleep 0.2
    done
    echo "FAIL: there is no window '$1'" >&2
    exit 1
}

"$weighbridge" --theme light &
pids="$pids $!"
target=$(window '^Weighbridge$')
xdotool windowsize --sync "$target" 1000 800
xdotool windowmove "$target" 0 0

# drag FILE Y: from a new window at the right to the middle of the window, at the height Y.
drag() {
    "$drag_source" "$1" &
    source=$!
    pids="$pids $source"
    from=$(window '^drag source$')
    xdotool windowmove "$from" 1300 300
    sleep 0.5
    xdotool mousemove --window "$from" 100 100 mousedown 1
    sleep 0.3
    xdotool mousemove --window "$from" 92 104
    sleep 0.3
    xdotool mousemove --window "$from" 80 108
    sleep 0.3
    for x in 940 820 700 600 500 490 500; do
        xdotool mousemove "$x" "$2"
        sleep 0.2
    done
    xdotool mouseup 1
    sleep 0.5
    kill $source
}

# shows TEXT: until the title says it, at most ten seconds.
shows() {
    for _ in $(seq 100); do
        case $(xdotool getwindowname "$target") in *"$1"*) return 0 ;; esac
        sleep 0.1
    done
    echo "FAIL: the title is '$(xdotool getwindowname "$target")' and does not say '$1'" >&2
    exit 1
}

shows Weighbridge
drag "$file" 500
shows "$(basename "$file") – Weighbridge"
drag "$second" 250
shows "$(basename "$file"), $(basename "$second")"
echo "PASS: dropped and opened, dropped and compared"
