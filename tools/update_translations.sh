#!/bin/sh
# SPDX-FileCopyrightText: The Weighbridge authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Brings resources/translations/*.ts up to date with the sources: new texts appear as unfinished, to be translated in Qt Linguist.
# Needs qt6-l10n-tools.
set -eu
cd "$(dirname "$0")/.."
lupdate=${LUPDATE:-/usr/lib/qt6/bin/lupdate}
common='-I . ui app/desktop -no-obsolete -locations none'
"$lupdate" $common -source-language en -target-language de -ts resources/translations/weighbridge_de.ts
"$lupdate" $common -source-language en -target-language en -pluralonly -ts resources/translations/weighbridge_en.ts
