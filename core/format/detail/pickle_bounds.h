// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/diagnosis/finding.h"
#include "core/format/detail/pickle.h"

#include <vector>

namespace weighbridge {

/// How large a pickle's values would become for a program that walks them as a tree.
struct PickleBounds {
    size_t depth = 0;         ///< of nested containers
    double unfolded = 0;      ///< objects, if every reference were a copy: "billion laughs" have 10^40
    bool keyUnfolds = false;  ///< a dict's key or a set's member is such a value: hashing it would not end
    size_t objects = 0;       ///< there are
    [[nodiscard]] bool isHuge() const;
    /// References lead to the same objects so often that following each of them would cost far more than reading the file did.
    [[nodiscard]] bool isMostlyRepeated() const;
};

/// Measures without recursion, each node once; cycles are not followed.
PickleBounds measure(const Pickle& pickle);
/// resource-bomb findings for values beyond limits::pickleDepth and limits::pickleUnfolded; empty for honest files.
std::vector<Finding> boundsFindings(const PickleBounds& bounds);

} // namespace weighbridge
