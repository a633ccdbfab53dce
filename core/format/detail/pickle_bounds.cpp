// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/format/detail/pickle_bounds.h"

#include "core/base/limits.h"
#include "core/diagnosis/new_finding.h"

#include <fmt/format.h>

#include <algorithm>

namespace weighbridge {
namespace {

/// The children of any node, objects included, by number.
std::optional<PickleId> childAt(const Pickle& pickle, PickleId id, size_t index)
{
    if (pickle.kind(id) != PickleKind::Object) {
        const auto children = pickle.children(id);
        return index < children.size() ? std::optional(children[index]) : std::nullopt;
    }
    const PickleObject& object = pickle.object(id);
    constexpr size_t fixed = 4;
    if (index < fixed) {
        const std::optional<PickleId> parts[fixed] = {object.callee, object.arguments, object.keywords, object.state};
        return parts[index] ? parts[index] : object.callee; // a global costs nothing
    }
    index -= fixed;
    if (index < object.items.size())
        return object.items[index];
    index -= object.items.size();
    return index < object.pairs.size() ? std::optional(object.pairs[index]) : std::nullopt;
}

struct Measure {
    double unfolded = 1;
    uint32_t depth = 0;
    uint8_t state = 0; ///< 0 new, 1 being measured, 2 done
};

struct Frame {
    PickleId id;
    size_t next;
};

bool isKey(const Pickle& pickle, PickleId parent, size_t index)
{
    const PickleKind kind = pickle.kind(parent);
    return (kind == PickleKind::Dict && index % 2 == 0) || kind == PickleKind::Set || kind == PickleKind::FrozenSet;
}

} // namespace

bool PickleBounds::isHuge() const
{
    return unfolded > limits::pickleUnfolded;
}

bool PickleBounds::isMostlyRepeated() const
{
    constexpr double alwaysFollowed = 2e6;
    return unfolded > alwaysFollowed + 4.0 * static_cast<double>(objects);
}

PickleBounds measure(const Pickle& pickle)
{
    PickleBounds bounds;
    bounds.objects = pickle.size();
    if (pickle.size() == 0)
        return bounds;
    std::vector<Measure> measures(pickle.size());
    std::vector<Frame> stack{{pickle.root(), 0}};
    measures[pickle.root()].state = 1;
    while (!stack.empty()) {
        Frame& frame = stack.back();
        const PickleId id = frame.id;
        const size_t index = frame.next++;
        const auto child = childAt(pickle, id, index);
        if (!child) {
            measures[id].state = 2;
            stack.pop_back();
            continue;
        }
        Measure& below = measures[*child];
        if (below.state == 0) {
            below.state = 1;
            --frame.next; // comes back when it is measured
            stack.push_back({*child, 0});
        } else if (below.state == 2) {
            measures[id].unfolded += below.unfolded;
            measures[id].depth = std::max(measures[id].depth, below.depth + 1);
            bounds.keyUnfolds |= isKey(pickle, id, index) && (below.unfolded > limits::pickleUnfolded || below.depth > limits::pickleDepth);
        }
    }
    bounds.depth = measures[pickle.root()].depth;
    bounds.unfolded = measures[pickle.root()].unfolded;
    return bounds;
}

std::vector<Finding> boundsFindings(const PickleBounds& bounds)
{
    std::vector<Finding> out;
    const auto add = [&out](Severity severity, std::string title, std::string explanation) {
        out.push_back(newFinding(severity, "resource-bomb", std::move(title), std::move(explanation),
                                 "Do not load this file with other programs; no training program writes such values."));
    };
    if (bounds.depth > limits::pickleDepth)
        add(Severity::Error, fmt::format("The pickle nests values {} levels deep, beyond the limit of {}", bounds.depth, limits::pickleDepth),
            "Programs that follow such values level by level run out of stack. What is deeper than the limit is not shown.");
    if (bounds.keyUnfolds)
        add(Severity::Error, "The pickle uses a value as a key that is too large to hash: a bomb beyond the limit",
            "Few bytes refer to each other so often that a program which loads the file would hang.");
    else if (bounds.isHuge())
        add(Severity::Warning, fmt::format("The pickle unfolds to {:.1g} objects, beyond the limit of {:.1g}: a bomb", bounds.unfolded, limits::pickleUnfolded),
            "Few bytes refer to each other so often that a program which copies or prints the values would never end.");
    return out;
}

} // namespace weighbridge
