// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/architecture/expected_model.h"
#include "core/checkpoint/checkpoint.h"
#include "core/comparison/comparison.h"
#include "core/diagnosis/finding.h"
#include "core/diagnosis/fingerprint.h"

#include <optional>
#include <span>
#include <string_view>
#include <vector>

/// To add a rule: write core/diagnosis/x.cpp that derives from Rule and defines `const Rule& xRule()`, and list `x` in
/// core/diagnosis/CMakeLists.txt. A bad and a clean sample of each rule are listed in tests/data/rules.json. docs/adding-a-rule.md, docs/rules.md.
namespace weighbridge {

struct Environment;
struct InferredConfig;

/// Everything that rules may look at. Pointers are null where there is no such thing.
struct Facts {
    const Checkpoint* checkpoint = nullptr;
    const Config* config = nullptr;            ///< of the folder, or given by the user
    const Error* configError = nullptr;        ///< why the config could not be read
    const ExpectedModel* expected = nullptr;
    const Error* expectedError = nullptr;      ///< why nothing is expected (unknown-model-type, ...)
    const Comparison* comparison = nullptr;
    const InferredConfig* inferred = nullptr;  ///< where there is no config, or one without sizes
    const Environment* environment = nullptr;  ///< the Python environment that is to load it
    uint64_t availableMemory = 0;              ///< bytes of this machine that can be had without swapping; 0: not asked
    std::vector<FoundTensor> found;            ///< as compared
    Fingerprint fingerprint;                   ///< what the found names look like
    ModelSizes expectedSizes;                  ///< the same sizes on the expected side; empty without expected

    [[nodiscard]] double coverage() const { return comparison ? comparison->coverage() : 0.0; }
    /// Another checkpoint or the file's own keys are what is expected: there is no config that a fix could change.
    [[nodiscard]] bool isReference() const { return expected && (expected->source == "reference" || expected->isStrict); }
    /// What to call the side that expects, in a sentence.
    [[nodiscard]] const char* expectingSide() const { return !isReference() ? "config" : expected->isStrict ? "metadata" : "reference"; }
};

/// Fills `found`, `fingerprint` and `expectedSizes` from the pointers; the comparison is the caller's.
void complete(Facts& facts, std::vector<FoundTensor> found);

/// How near to the root a rule's findings are. Within one level the list in core/diagnosis/CMakeLists.txt decides.
namespace order {
inline constexpr int file = 10;         ///< the file is not what its name or its index says (readers' findings)
inline constexpr int otherContent = 100; ///< it holds something other than a model's state dict: an optimizer, an adapter, placeholders
inline constexpr int names = 150;       ///< every name is off in the same way
inline constexpr int config = 200;      ///< the config is absent, unreadable or of another model
inline constexpr int sizes = 300;       ///< single sizes or parts differ
inline constexpr int aside = 400;       ///< true whatever the comparison says: tokenizer, versions, dtype
} // namespace order

struct RuleInfo {
    std::string_view id;      ///< the main word of the vocabulary; a rule may emit related ones
    std::string_view title;   ///< what it looks for, for the list of what was checked
    int order = order::sizes; ///< lower is nearer to the root: decides which finding comes first
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
