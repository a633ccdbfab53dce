// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/comparison/pattern.h"

#include <optional>
#include <string>
#include <string_view>

namespace weighbridge {

/// The order in which the loader goes through a checkpoint's keys: part by part between dots, numbers as numbers.
[[nodiscard]] bool comesBefore(std::string_view a, std::string_view b);

/// A pattern of the loader that is ready to be applied: of a rename, or of a conversion.
class Renaming {
public:
    /// `base`: the model's base_model_prefix.
    Renaming(Pattern compiled, std::string replacement, const std::optional<std::string>& scope, const std::string& base);

    /// Changes the key; the number of the pattern's alternative that was found, or nothing.
    std::optional<size_t> apply(std::string& key) const;

private:
    [[nodiscard]] std::optional<size_t> replace(std::string& key) const;

    Pattern m_pattern;
    std::string m_replacement;
    std::optional<std::string> m_scope;
    std::string m_innerPrefix; ///< of a model inside: "base.scope.", which `scope.` alone may stand for
};

} // namespace weighbridge
