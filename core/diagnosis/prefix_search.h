// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/diagnosis/rule.h"

#include <optional>
#include <string>
#include <vector>

namespace weighbridge {

/// One edit of every name that makes more of the expected tensors match, by name and shape.
struct PrefixEdit {
    std::string strip;               ///< from the file's names: "_orig_mod.module."; empty: nothing
    std::string add;                 ///< in front of them
    bool insideNames = false;        ///< words of wrappers were also taken out of the middle of names
    size_t stripped = 0;             ///< tensors that had the prefix
    std::vector<FoundTensor> edited; ///< all tensors, under their new names
    size_t matchedBefore = 0;
    size_t matchedAfter = 0;
    std::vector<Trial> tried;        ///< the names as they are, this edit, and the best of those that were rejected
};

/// The best of the candidate edits; nothing if none is clearly better than leaving the names as they are.
[[nodiscard]] std::optional<PrefixEdit> bestPrefixEdit(const Facts& facts);

/// Python that makes the edit in `state_dict`.
[[nodiscard]] std::string prefixPython(const PrefixEdit& edit);

/// The wrappers' words at the start of every name: what can be said without knowing what is expected. Empty if there is none.
[[nodiscard]] std::string wrapperPrefix(const std::vector<FoundTensor>& tensors);

/// Whether a part of a name is a key under which training scripts keep the state dict ("model_state_dict").
[[nodiscard]] bool isContainerWord(std::string_view part);

} // namespace weighbridge
