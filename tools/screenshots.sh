#!/bin/sh
# SPDX-FileCopyrightText: The Weighbridge authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Makes the pictures of docs/ from a build, on a screen of its own, of the bundled samples.
#   tools/screenshots.sh BUILD_DIR [DOCS_DIR]
# Needs Xvfb, openbox, xdotool and ImageMagick. SIZE=1440x900 SCALE=1 by default; PATIENCE is how long a checkpoint may take to be checked.
set -eu

build=$1 docs=${2:-docs}
size=${SIZE:-1440x900}
display=:${DISPLAY_NUMBER:-78}
work=$(mktemp -d)
samples=$work/models # the start page shows paths: those below the home folder are nobody's
mkdir -p "$docs/screenshots" "$docs/manual/images"
cp -r "$(dirname "$0")/../resources/samples" "$samples"
cp -r "$samples/trained" "$samples/truncated"

Xvfb "$display" -screen 0 "${size}x24" >/dev/null 2>&1 &
server=$!
trap 'kill $server; rm -rf "$work"' EXIT
export DISPLAY=$display QT_QPA_PLATFORM=xcb QT_SCALE_FACTOR=${SCALE:-1} HOME="$work" XDG_CONFIG_HOME="$work/settings" XDG_CACHE_HOME="$work/cache"
sleep 1
openbox >/dev/null 2>&1 &

# The trained sample, two thirds of it.
weights=$samples/truncated/model.safetensors
truncate -s $(($(stat -c %s "$weights") * 2 / 3)) "$weights"

# picture FILE THEME [KEYS] [PATH...]: the window fills the screen, then KEYS are typed one after the other.
picture() {
    file=$1 theme=$2 keys=$3
    shift 3
    "$build/bin/weighbridge" --theme "$theme" "$@" &
    program=$!
    sleep 2 # a search while the window is being made fails
    window=$(xdotool search --sync --onlyvisible --pid $program --name Weighbridge | head -1)
    xdotool windowmove "$window" 0 0 windowsize "$window" 100% 100% mousemove --window "$window" 2 2
    sleep "${PATIENCE:-4}"
    for key in $keys; do
        xdotool key --window "$window" "$key"
        sleep 1
    done
    sleep "${wait:-1}"
    import -window root "$docs/$file.png"
    kill $program
    wait $program 2>/dev/null || true
}

picture screenshots/prefix-light light "F8" "$samples/prefix"
picture screenshots/prefix-dark dark "F8" "$samples/prefix"
picture screenshots/truncated dark "" "$samples/truncated"
picture manual/images/structure-light light "" "$samples/prefix"
for theme in light dark; do
    picture manual/images/weights-$theme $theme "alt+2" "$samples/never-loaded"
    picture manual/images/compare-$theme $theme "" "$samples/trained" "$samples/never-loaded"
done
wait=${RUN_PATIENCE:-15} picture manual/images/run-light light "alt+4 ctrl+r" "$samples/trained"
picture screenshots/start light "" # last: it shows what was open
