# SPDX-FileCopyrightText: The Weighbridge authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What ./run and ./test share. Sourced from the top of the repository.

# install_packages LIST...: installs the Debian packages of the lists that are not installed yet.
install_packages() {
    local wanted missing installer=()
    wanted=$(cat -- "$@" | grep -v -e '^#' -e '^$' | sort)
    if ! command -v dpkg-query > /dev/null; then
        echo "This is not Debian: install what $* name yourself." >&2
        return 0
    fi
    missing=$(comm -23 <(echo "$wanted") <(dpkg-query -W -f '${db:Status-Abbrev}${Package}\n' $wanted 2> /dev/null | sed -n 's/^ii *//p' | sort))
    [ -z "$missing" ] && return 0
    echo "Installing:" $missing
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo > /dev/null || { echo "sudo is missing: run this as root: apt-get install --no-install-recommends" $missing >&2; return 1; }
        installer=(sudo)
    fi
    installer+=(env DEBIAN_FRONTEND=noninteractive apt-get)
    # The package lists may be absent (containers) or older than the mirror: fetch them only then.
    "${installer[@]}" install --yes --quiet --no-install-recommends $missing ||
        { "${installer[@]}" update --quiet && "${installer[@]}" install --yes --quiet --no-install-recommends $missing; }
}

# The `torch` folder of a Python environment, given as its folder or its python.
torch_folder() {
    local python=$1
    [ -d "$python" ] && python=$python/bin/python
    [ -x "$python" ] || { echo "There is no Python at $python." >&2; return 1; }
    "$python" -c 'import importlib.util as u, os; s = u.find_spec("torch"); print(os.path.dirname(s.origin) if s else "")'
}

# Builds weighbridge-inference against the libtorch of a Python environment, beside the first worker, with the version in its name.
build_second_worker() {
    local torch version folder
    torch=$(torch_folder "$1")
    [ -d "$torch/lib" ] || { echo "$1 has no PyTorch." >&2; return 1; }
    version=$(sed -n "s/^__version__ = '\([^']*\)'.*/\1/p" "$torch/version.py")
    folder=build/torch-$version
    # The prefix is the torch folder itself: with torch/share/cmake CMake takes the system's libc10.
    cmake --build --preset release --target weighbridge_core
    cmake -S . -B "$folder" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_PREFIX_PATH="$torch" -DWEIGHBRIDGE_CORE="$PWD/build/release/core/libweighbridge_core.a" \
        -DWEIGHBRIDGE_BUILD_UI=OFF -DWEIGHBRIDGE_BUILD_FETCH=OFF -DWEIGHBRIDGE_BUILD_HDF5=OFF -DWEIGHBRIDGE_BUILD_TESTS=OFF
    cmake --build "$folder" --target weighbridge-inference
    mkdir -p build/release/bin
    install -m 755 "$folder/bin/weighbridge-inference" "build/release/bin/weighbridge-inference-torch-$version"
    echo "weighbridge-inference-torch-$version is ready: weighbridge-cli devices lists what it can run on."
}
