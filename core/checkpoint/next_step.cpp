// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/checkpoint/next_step.h"

#include <algorithm>
#include <array>

namespace weighbridge {
namespace {

struct Step {
    std::string_view rule;
    std::string_view text;
};

constexpr std::string_view copyAgain =
    "Download or copy the file again. If nothing changes, it was written so: save it again with the program that made it.";
constexpr std::array steps{
    Step{"bad-dtype", copyAgain},
    Step{"bad-shape", copyAgain},
    Step{"checksum", copyAgain},
    Step{"corrupt", copyAgain},
    Step{"duplicate-key", copyAgain},
    Step{"inconsistent-index", copyAgain},
    Step{"overlapping-tensors", copyAgain},
    Step{"truncated", "Download or copy the file again."},
    Step{"missing-shard", "Copy the missing files into the same folder."},
    Step{"unreadable", "Check that the file can be read and its disk or connection is in order."},
    Step{"resource-bomb", "Do not load this file with other programs, unless you know who made it and why."},
    Step{"unsupported-version", "Update Weighbridge, or save the file in a version that is known."},
};

} // namespace

std::string_view nextStep(std::string_view rule)
{
    const auto found = std::find_if(steps.begin(), steps.end(), [rule](const Step& step) { return step.rule == rule; });
    return found == steps.end() ? std::string_view() : found->text;
}

} // namespace weighbridge
