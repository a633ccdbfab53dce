// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/diagnosis/rule.h"
#include "core/statistics/all_statistics.h"

#include <memory>
#include <string>

namespace weighbridge {

enum class Verdict : uint8_t { Usable, UsableAfterFix, NotUsable };
[[nodiscard]] constexpr const char* name(Verdict verdict)
{
    return verdict == Verdict::Usable ? "usable" : verdict == Verdict::UsableAfterFix ? "usable-after-fix" : "not-usable";
}

struct CheckOptions {
    std::string configPath;   ///< overrides the folder's own
    std::string className;    ///< overrides the config's architectures[0]
    std::string againstPath;  ///< a reference checkpoint instead of a config
    bool values = false;      ///< also rules that read values
    std::string environmentPath = {}; ///< a Python environment whose packages are compared with what the files need
    std::shared_ptr<AnalysisStore> analyses = {}; ///< where those of the values are kept and looked for; null: nowhere
};

/// The answer to "does it fit?": shared by the window, the command line and the report. Immutable once built.
struct CheckResult {
    CheckpointPtr checkpoint;
    std::shared_ptr<const Config> config;            ///< null if there is none
    std::shared_ptr<const ExpectedModel> expected;   ///< null if nothing is known to be expected
    std::shared_ptr<const Comparison> comparison;    ///< null without expected
    std::shared_ptr<const Comparison> afterFix;      ///< of the first finding with a fix of names; null if there is none
    std::vector<FoundTensor> foundAfterFix;          ///< names after that fix (index points into checkpoint->tensors)
    std::shared_ptr<const CheckpointStatistics> values; ///< null unless the options asked for values
    std::string modelSource;                         ///< "config" | "reference" | "inferred"
    Verdict verdict = Verdict::Usable;
    std::vector<Finding> findings;                   ///< root cause first
    std::string sentence;                            ///< "Usable after one fix: every tensor name starts with module."
    std::string subSentence;                         ///< what happens if it is used as it is
    std::string looksLike;                           ///< "bert: 12 layers, hidden size 768, ..."; empty if the names say nothing
};

/// Compares an open checkpoint with what is expected of it and runs the rules. Error only if options name files that cannot be read. Any thread.
Result<std::shared_ptr<const CheckResult>> checkCheckpoint(CheckpointPtr checkpoint, const CheckOptions& options, JobContext& job);

} // namespace weighbridge
