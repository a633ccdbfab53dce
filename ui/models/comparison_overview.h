// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/comparison/difference.h"
#include "core/report/change_table.h"
#include "core/report/strip_cells.h"

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace weighbridge {

/// All that the Compare page sums up over the pairs. Qt-free; built on any thread, in about a microsecond per pair.
struct ComparisonOverview {
    /// The pairs that are one kind of difference; a pair may be of several.
    struct Kind {
        size_t pairs = 0;
        std::vector<std::string> examples; ///< names, at most three; of Renamed the commonest rules
        bool hasMore = false;              ///< there are more names, or rules
    };
    static constexpr size_t kinds = 7;

    explicit ComparisonOverview(const Difference& difference);

    [[nodiscard]] const Kind& of(PairState state) const { return byState[static_cast<size_t>(state)]; }

    ChangeTable table;
    std::shared_ptr<const Strip> strip; ///< at most Strip::finest positions
    std::array<Kind, kinds> byState;
    std::array<uint64_t, 2> nbytes{}; ///< of A and B: of their files, or of their tensors where the files' sizes are not known
};

} // namespace weighbridge
