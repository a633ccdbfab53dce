#!/usr/bin/env bash
# SPDX-FileCopyrightText: The Weighbridge authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# packaging/appimage/build.sh FOLDER [BUILD]: installs the release build, or the one in BUILD, into FOLDER/AppDir with every library that Debian 12 puts outside its
# base system, and packs it as FOLDER/Weighbridge-VERSION-ARCHITECTURE.AppImage behind our own start (runtime.cpp). Without libtorch: the
# window of an AppImage inspects, compares and reports; running a model needs an installation (docs/building.md).
# Needs libsquashfuse-dev liblz4-dev liblzma-dev liblzo2-dev libzstd-dev zlib1g-dev squashfs-tools besides what the build needs.
set -euo pipefail
[ $# -eq 1 ] || [ $# -eq 2 ] || { echo "usage: packaging/appimage/build.sh FOLDER [BUILD]" >&2; exit 2; }
mkdir -p "$1"
target=$(realpath -- "$1")
build=$(realpath -- "${2:-.}")
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
appdir=$target/AppDir
rm -rf "$appdir"

if [ $# -eq 1 ]; then
    build=build/release
    [ -f $build/build.ninja ] || cmake --preset release -DWEIGHBRIDGE_BUILD_TESTS=OFF
    cmake --build --preset release
fi
for component in cli desktop; do
    DESTDIR=$appdir cmake --install "$build" --prefix /usr --component $component --strip > /dev/null
done

# Plugins that Qt loads by name, then all libraries of programs and plugins but those that belong to the system it runs on.
plugins=$(qmake6 -query QT_INSTALL_PLUGINS)
mkdir -p "$appdir/usr/plugins" "$appdir/usr/lib"
for plugin in platforms/libqxcb.so platforms/libqoffscreen.so platforms/libqwayland-generic.so wayland-shell-integration/libxdg-shell.so xcbglintegrations imageformats/libqsvg.so iconengines/libqsvgicon.so; do
    [ -e "$plugins/$plugin" ] || continue
    mkdir -p "$appdir/usr/plugins/$(dirname "$plugin")"
    cp -r "$plugins/$plugin" "$appdir/usr/plugins/$(dirname "$plugin")/"
done
system='/(ld-linux[^/]*|lib(c|m|dl|rt|pthread|resolv|gcc_s|stdc\+\+|GL|EGL|GLX|GLdispatch|drm|gbm|X11|X11-xcb|xcb|fontconfig|freetype|z|expat|asound))\.so'
find "$appdir/usr/bin" "$appdir/usr/libexec" "$appdir/usr/plugins" -type f -exec ldd {} \; 2> /dev/null | sed -n 's/.* => \(\/[^ ]*\) .*/\1/p' | sort -u | grep -vE "$system" |
    while read -r library; do cp -L "$library" "$appdir/usr/lib/"; done

printf '[Paths]\nPrefix = ..\nPlugins = plugins\n' | tee "$appdir/usr/bin/qt.conf" > "$appdir/usr/libexec/weighbridge/qt.conf"
sed -i 's/^Prefix = ..$/Prefix = ..\/../' "$appdir/usr/libexec/weighbridge/qt.conf"
cat > "$appdir/AppRun" << 'END'
#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
export LD_LIBRARY_PATH="$here/usr/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
case "${1:-}" in
inspect | expect | infer | check | diff | stats | run | report | devices | repair) exec "$here/usr/bin/weighbridge-cli" "$@" ;;
esac
exec "$here/usr/bin/weighbridge" "$@"
END
chmod +x "$appdir/AppRun"
cp packaging/linux/weighbridge.desktop resources/icons/weighbridge.svg "$appdir/"

version=$(sed -n 's/^project(weighbridge VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
image=$target/Weighbridge-$version-$(uname -m).AppImage
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
g++ -std=c++20 -O2 -static -s -o "$work/runtime" packaging/appimage/runtime.cpp -lsquashfuse -lz -llzma -llzo2 -llz4 -lzstd
printf 'AI\002' | dd of="$work/runtime" bs=1 seek=8 conv=notrunc status=none # the mark of an AppImage of type 2
mksquashfs "$appdir" "$work/image" -root-owned -noappend -comp zstd -Xcompression-level 15 -quiet > /dev/null
cat "$work/runtime" "$work/image" > "$image.part"
chmod +x "$image.part"
mv "$image.part" "$image"
echo "$image"
