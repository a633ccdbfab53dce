// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/models/natural_order.h"

#include <algorithm>

namespace weighbridge {
namespace {

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

size_t digitsFrom(std::string_view text, size_t at)
{
    size_t end = at;
    while (end < text.size() && isDigit(text[end]))
        ++end;
    return end - at;
}

} // namespace

bool naturallyLess(std::string_view a, std::string_view b)
{
    size_t i = 0;
    size_t k = 0;
    while (i < a.size() && k < b.size()) {
        const size_t digitsA = digitsFrom(a, i);
        const size_t digitsB = digitsFrom(b, k);
        const size_t lengthA = std::max<size_t>(digitsA, 1);
        const size_t lengthB = std::max<size_t>(digitsB, 1);
        if (digitsA > 0 && digitsB > 0 && digitsA != digitsB)
            return digitsA < digitsB;
        if (const int order = a.compare(i, lengthA, b, k, lengthB); order != 0)
            return order < 0;
        i += lengthA;
        k += lengthB;
    }
    return a.size() - i < b.size() - k;
}

} // namespace weighbridge
