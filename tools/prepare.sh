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
