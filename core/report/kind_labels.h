// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

/// What a tensor is in its module: "attention.self.query" and a weight or a bias.
struct TensorKind {
    std::string_view name;    ///< without ".weight" or ".bias", where that is how it ends
    bool isBias = false;
};

/// `rest` is a name without its module: "attention.self.query.bias".
[[nodiscard]] TensorKind tensorKind(std::string_view rest);

/// Short names for the kinds of tensor that layers repeat: "query" for "attention.self.query", "attn. out" for "attention.output.dense", else the
/// fewest last segments that no other of them has too. From the file, not yet made safe to show.
[[nodiscard]] std::vector<std::string> kindLabels(const std::vector<std::string>& kinds);

/// The last `count` segments of a name.
[[nodiscard]] std::string_view lastSegments(std::string_view name, int count);

} // namespace weighbridge
