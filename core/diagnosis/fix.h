// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/diagnosis/rule.h"

/// What rules share to propose a fix and to prove it: apply it, match again, count.
namespace weighbridge {

/// The found tensors as they are after the fix; as they were if it is none of names.
[[nodiscard]] std::vector<FoundTensor> applied(const Fix& fix, const std::vector<FoundTensor>& found);
/// The facts as they are after a fix of names, of the config, or of both; owns what they point at.
struct FactsAfter {
    Config config;
    ExpectedModel expected;
    Comparison comparison;
    Facts facts;
};
/// False if the fix is none of these, or if what the corrected config expects is not known. `after` must not move afterwards.
bool makeFactsAfter(FactsAfter& after, const Fix& fix, const Facts& facts, JobContext& job);

/// Applies the fix and fills in its coverageAfter. False, and nothing filled in, if that cannot be done.
bool prove(Fix& fix, const Facts& facts, JobContext& job);
/// One edit among several that a rule tries: of the names, of the config, or of both.
struct Edit {
    std::string text;                 ///< "take state_dict, strip module."
    std::vector<FoundTensor> tensors; ///< as they are after it; empty: as they were
    Value::Map configChanges;
    std::string python{}; ///< of the fix, if it is the one that is made
};
/// Tries each, makes the one after which the most tensors match the finding's fix (keeps, configChanges, coverageAfter), and writes down in
/// `tried` how much fits as it is and after each. Returns how many tensors match after the one that was taken; 0, and nothing filled in, if none could be tried.
size_t takeBest(Finding& finding, const Facts& facts, const std::vector<Edit>& edits, JobContext& job);
/// The names as they are and the finding's proved fix, as two trials: for rules with one way only.
void addTrials(Finding& finding, const Facts& facts, const std::string& text, JobContext& job);

/// Turns edited names and shapes into the tensors that a fix keeps.
[[nodiscard]] std::vector<KeptTensor> keepsOf(const std::vector<FoundTensor>& edited);

/// The config with the fields set; a dot leads into a nested map ("text_config.hidden_size").
[[nodiscard]] Config withChanges(const Config& config, const Value::Map& changes);
/// The first of the fields that the config has, also in text_config, vision_config, ...; else the first of the list.
[[nodiscard]] std::string configField(const Config& config, const std::vector<std::string_view>& names);
/// Whether the config says how many layers there are or how large the vocabulary is: every saved one does.
[[nodiscard]] bool namesSizes(const Config& config);
/// The value under a path with dots; null if there is none.
[[nodiscard]] const Value* configValue(const Config& config, const std::string& path);
/// Python that writes the changes into config.json.
[[nodiscard]] std::string configPython(const Value::Map& changes);

/// Names of the rows of a status that the loader reports.
[[nodiscard]] std::vector<std::string> missingNames(const Facts& facts);
[[nodiscard]] std::vector<std::string> unexpectedNames(const Facts& facts);
[[nodiscard]] std::vector<std::string> mismatchedNames(const Facts& facts);

/// "1 tensor", "39 tensors".
[[nodiscard]] std::string tensorCount(size_t count);

} // namespace weighbridge
