// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/diagnosis/infer_config.h"
#include "core/diagnosis/memory_need.h"
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

/// What a loader would see after a fix of names, of the config, or of both. Immutable once made.
struct AfterFix {
    std::shared_ptr<const ExpectedModel> expected;   ///< by the corrected config; the check's own if the fix leaves that alone
    std::shared_ptr<const Comparison> comparison;
    std::vector<FoundTensor> found;                  ///< names after the fix (index points into checkpoint->tensors)
};

/// The answer to "does it fit?": shared by the window, the command line and the report. Immutable once built.
struct CheckResult {
    CheckpointPtr checkpoint;
    std::shared_ptr<const Config> config;            ///< null if there is none
    std::shared_ptr<const ExpectedModel> expected;   ///< null if nothing is known to be expected
    std::shared_ptr<const Comparison> comparison;    ///< null without expected
    std::shared_ptr<const InferredConfig> inferred;  ///< by names and shapes; null if there is a config, or if they say nothing
    std::shared_ptr<const AfterFix> afterFix;        ///< of the first error or warning that has one; null if none has
    int fixedFinding = -1;                           ///< index of that finding; -1 if there is none
    std::shared_ptr<const CheckpointStatistics> values; ///< null unless the options asked for values
    std::string modelSource;                         ///< "config" | "reference" | "inferred"
    Verdict verdict = Verdict::Usable;
    std::vector<Finding> findings;                   ///< root cause first
    std::string sentence;                            ///< "Usable after one fix: every tensor name starts with module."
    std::string subSentence;                         ///< what happens if it is used as it is
    MemoryNeed memory;                               ///< what loading, running and training it takes
    uint64_t availableMemory = 0;                    ///< bytes of this machine that can be had without swapping; 0: not known
    std::vector<Device> cudaDevices;                 ///< of this machine; empty: none, or their driver does not answer
    std::string looksLike;                           ///< "bert: 12 layers, hidden size 768, ..."; empty if the names say nothing
};

/// Compares an open checkpoint with what is expected of it and runs the rules. Error only if options name files that cannot be read. Any thread.
Result<std::shared_ptr<const CheckResult>> checkCheckpoint(CheckpointPtr checkpoint, const CheckOptions& options, JobContext& job);

/// Applies one finding's fix to the names and the config, and compares again. Null if it changes neither, or if nothing is expected. Any thread.
[[nodiscard]] std::shared_ptr<const AfterFix> applyFix(const CheckResult& check, const Finding& finding, JobContext& job);

} // namespace weighbridge
