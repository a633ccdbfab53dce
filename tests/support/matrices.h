// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "tests/support/files.h"

#include <QString>

#include <algorithm>
#include <functional>
#include <random>
#include <vector>

namespace weighbridge::test {

/// A safetensors file of `count` matrices 1024 x 1024 of float32, "layer.N.weight", from normal(0, 0.02); 4 MiB each. `change` may alter the values.
inline QByteArray matrices(int count, const std::function<void(std::vector<float>&)>& change = {})
{
    constexpr int each = 1 << 20;
    QByteArray header;
    for (int i = 0; i < count; ++i)
        header += QStringLiteral("%1\"layer.%2.weight\":{\"dtype\":\"F32\",\"shape\":[1024,1024],\"data_offsets\":[%3,%4]}")
                      .arg(i ? "," : "{")
                      .arg(i)
                      .arg(i * each * 4)
                      .arg((i + 1) * each * 4)
                      .toUtf8();
    std::mt19937 random(1);
    std::normal_distribution<float> normal(0, 0.02F);
    std::vector<float> values(static_cast<size_t>(count) * each);
    std::generate(values.begin(), values.end(), [&] { return normal(random); });
    if (change)
        change(values);
    return safetensors(header + "}", QByteArray(reinterpret_cast<const char*>(values.data()), qsizetype(values.size() * sizeof(float))));
}

} // namespace weighbridge::test
