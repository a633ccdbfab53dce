// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/models/numbers.h"

#include "core/base/text.h"

#include <QLocale>

namespace weighbridge {

QString localized(QString number)
{
    return number.replace(QLatin1Char('.'), QLocale().decimalPoint());
}

QString fixedText(double number, int decimals)
{
    return localized(QString::number(number, 'f', decimals).replace(QLatin1Char('-'), QChar(0x2212)));
}

QString shortText(double number, int digits)
{
    return localized(QString::number(number, 'g', digits).replace(QLatin1Char('-'), QChar(0x2212)));
}

QString nbytesText(uint64_t nbytes)
{
    return localized(QString::fromStdString(formatNbytes(nbytes)));
}

QString percentText(uint64_t part, uint64_t whole)
{
    return localized(QString::fromStdString(formatPercent(part, whole)));
}

} // namespace weighbridge
