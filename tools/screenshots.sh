#!/bin/sh
# SPDX-FileCopyrightText: The Weighbridge authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Makes the pictures of docs/ from a build, on a screen of its own.
#   tools/screenshots.sh BUILD_DIR OK PREFIX TRUNCATED [OUT_DIR]
# OK, PREFIX and TRUNCATED are checkpoints: one that fits, one whose names have a prefix, one that stops early.
# Needs Xvfb, openbox, xdotool and ImageMagick. SIZE=1440x900 SCALE=1 by default.
set -eu

build=$1 ok=$2 prefix=$3 truncated=$4 out=${5:-docs/screenshots}
size=${SIZE:-1440x900}
display=:${DISPLAY_NUMBER:-78}
settings=$(mktemp -d)
mkdir -p "$out"

Xvfb "$display" -screen 0 "${size}x24" >/dev/null 2>&1 &
server=$!
trap 'kill $server; rm -rf "$settings"' EXIT
export DISPLAY=$display QT_QPA_PLATFORM=xcb QT_SCALE_FACTOR=${SCALE:-1} XDG_CONFIG_HOME="$settings"
sleep 1
openbox >/dev/null 2>&1 &

# picture NAME THEME [KEYS] [PATH...]: the window fills the screen, then KEYS are typed.
picture() {
    name=$1 theme=$2 keys=$3
    shift 3
    "$build/bin/weighbridge" --theme "$theme" "$@" &
    program=$!
    window=$(xdotool search --sync --onlyvisible --pid $program --name Weighbridge | head -1)
    xdotool windowmove "$window" 0 0 windowsize "$window" 100% 100%
    sleep "${PATIENCE:-4}"
    [ -z "$keys" ] || xdotool key --window "$window" "$keys"
    sleep 1
    import -window root "$out/$name.png"
    kill $program
    wait $program 2>/dev/null || true
}

for theme in light dark; do
    picture "ok-$theme" $theme "" "$ok"
    picture "prefix-$theme" $theme "F8" "$prefix"
    picture "truncated-$theme" $theme "" "$truncated"
    # NEVER_LOADED: a checkpoint with one layer that was never loaded, for docs/manual/images
    picture "weights-$theme" $theme "alt+2" "${NEVER_LOADED:-$ok}"
    picture "start-$theme" $theme ""
    # COMPARE="A B": two checkpoints
    [ -z "${COMPARE:-}" ] || picture "compare-$theme" $theme "" $COMPARE
done
