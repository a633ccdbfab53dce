// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "tests/support/files.h"

#include <cstdint>
#include <string>
#include <vector>

namespace weighbridge::test {

/// The head of a safetensors file with a U8 tensor of `nbytesEach` for each name; its values, which follow, are left out.
inline QByteArray byteTensorsHead(const std::vector<std::string>& names, uint64_t nbytesEach)
{
    std::string text = "{";
    for (size_t i = 0; i < names.size(); ++i)
        text += (i ? ",\"" : "\"") + names[i] + "\":{\"dtype\":\"U8\",\"shape\":[" + std::to_string(nbytesEach) + "],\"data_offsets\":[" +
                std::to_string(i * nbytesEach) + "," + std::to_string((i + 1) * nbytesEach) + "]}";
    return safetensors(QByteArray::fromStdString(text + "}"), {});
}

} // namespace weighbridge::test
