// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/architecture/expected_model.h"
#include "core/comparison/pattern.h"

#include <string>
#include <string_view>

namespace weighbridge {

/// The order in which the loader goes through a checkpoint's keys: part by part between dots, numbers as numbers.
[[nodiscard]] bool comesBefore(std::string_view a, std::string_view b);

/// A rename of the loader that is ready to be applied to keys.
class Renaming {
public:
    /// `source` outlives this. `base`: the model's base_model_prefix.
    Renaming(Pattern compiled, const LoaderRename& source, const std::string& base);

    /// Whether it changed the key.
    bool apply(std::string& key) const;
    [[nodiscard]] const std::string& rule() const { return m_rename->rule; }

private:
    bool replace(std::string& key) const;

    Pattern m_pattern;
    const LoaderRename* m_rename;
    std::string m_innerPrefix; ///< of a model inside: "base.scope.", which `scope.` alone may stand for
};

} // namespace weighbridge
