// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/architecture/expected_model.h"
#include "core/checkpoint/checkpoint.h"
#include "core/comparison/comparison.h"
#include "core/diagnosis/finding.h"

#include <optional>
#include <span>
#include <string_view>
#include <vector>

/// To add a rule: write core/diagnosis/x.cpp that derives from Rule and defines `const Rule& xRule()`, and list `x` in
/// core/diagnosis/CMakeLists.txt. A bad and a clean sample of each rule are listed in tests/data/rules.json. docs/adding-a-rule.md.
namespace weighbridge {

/// Everything that rules may look at. Pointers are null where there is no such thing.
struct Facts {
    const Checkpoint* checkpoint = nullptr;
    const Config* config = nullptr;            ///< of the folder, or given by the user
    const Error* configError = nullptr;        ///< why the config could not be read
    const ExpectedModel* expected = nullptr;
    const Error* expectedError = nullptr;      ///< why nothing is expected (unknown-model-type, ...)
    const Comparison* comparison = nullptr;
    std::vector<FoundTensor> found;            ///< as compared
};

struct RuleInfo {
    std::string_view id;      ///< the main word of the vocabulary; a rule may emit related ones
    std::string_view title;   ///< what it looks for, for the list of what was checked
    int order = 100;          ///< lower is nearer to the root: decides which finding comes first
};

/// Stateless and const; one object per rule; any thread. Emits nothing, or findings; never throws.
class Rule {
public:
    virtual ~Rule() = default;
    [[nodiscard]] virtual RuleInfo info() const = 0;
    [[nodiscard]] virtual std::vector<Finding> check(const Facts& facts, JobContext& job) const = 0;
};

/// In the order of core/diagnosis/CMakeLists.txt (generated).
[[nodiscard]] std::span<const Rule* const> allRules();

} // namespace weighbridge
