// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/diagnosis/class_judge.h"

#include <string>
#include <vector>

namespace weighbridge {

/// One field of a config with another value.
struct FieldStep {
    std::string path;
    Value value;
};

[[nodiscard]] Value withSteps(const Value& base, const std::vector<FieldStep>& steps);

/// Divisors of a size that may be a number of heads or of groups, the likeliest first.
[[nodiscard]] std::vector<int64_t> divisorsOf(int64_t size);

/// Values of a field that may answer a question: where a size is a field, the dimension is its value; where it is computed, the formula is solved
/// for it; where a tensor is there or not, what the condition compares with. `resolved`: the config now, with all defaults. Both must outlive it.
class FieldCandidates {
public:
    using Values = std::vector<Value>;

    FieldCandidates(const ClassJudge& judge, const Config& resolved)
        : m_judge(judge)
        , m_resolved(resolved)
    {
    }
    /// `base`: the config that the field is to be changed in, as given.
    [[nodiscard]] Values of(const Question& question, const std::string& path, const Value& base) const;

private:
    [[nodiscard]] Value at(const std::string& path) const;
    [[nodiscard]] Values sizesFor(const Question& question, const std::string& path, const Value& base) const;
    void addSides(const Question& question, const std::string& path, const Value& base, Values& out) const;
    [[nodiscard]] static Values switchesFor(const Question& question, const Value& current);
    [[nodiscard]] Value linearly(const Question& question, const std::string& path, const Value& base, double from) const;

    const ClassJudge& m_judge;
    const Config& m_resolved;
};

} // namespace weighbridge
