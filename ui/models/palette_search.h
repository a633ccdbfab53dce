// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/job_context.h"
#include "ui/models/tensor_tree.h"

#include <string_view>
#include <vector>

namespace weighbridge {

/// What a text finds in a layer tree: nodes, the first ones in the model's order.
struct PaletteHits {
    std::vector<int> modules;
    std::vector<int> tensors;
};

/// Modules whose full name has all words of the text, whatever the case; tensors that a TensorFilter of the text keeps. At most `most` of
/// each; nothing for a text without words. Any thread; stops early if cancelled.
[[nodiscard]] PaletteHits searchTree(const TensorTree& tree, std::string_view text, size_t most, const JobContext& job);

} // namespace weighbridge
