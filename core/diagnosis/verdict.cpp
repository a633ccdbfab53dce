// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/base/text.h"
#include "core/diagnosis/findings.h"
#include "core/diagnosis/fix.h"

#include <fmt/format.h>

#include <algorithm>

namespace weighbridge {
namespace {

constexpr size_t maximumNbytes = 140;

/// "Every tensor name starts with module." as a clause: its first letter small, unless the first word is a key or an abbreviation.
std::string asClause(const std::string& title)
{
    std::string out = title;
    const auto isUpper = [](char c) { return c >= 'A' && c <= 'Z'; };
    const auto isLower = [](char c) { return c >= 'a' && c <= 'z'; };
    const size_t word = std::min(out.find(' '), out.size());
    const bool plainWord = word > 0 && isUpper(out[0]) && std::all_of(out.begin() + 1, out.begin() + static_cast<ptrdiff_t>(word), [&](char c) { return isLower(c) || c == ',' || c == '\''; });
    if (plainWord)
        out[0] = static_cast<char>(out[0] - 'A' + 'a');
    return out;
}

std::string cut(std::string text)
{
    if (text.size() <= maximumNbytes)
        return text;
    size_t end = maximumNbytes - 3; // "…" has three bytes
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
        --end;
    return text.substr(0, end) + "…";
}

const Finding* firstOf(const std::vector<Finding>& findings, Severity severity)
{
    const auto found = std::find_if(findings.begin(), findings.end(), [severity](const Finding& finding) { return finding.severity == severity && finding.because.empty(); });
    return found == findings.end() ? nullptr : &*found;
}

std::string usableSentence(const CheckResult& result)
{
    if (const Finding* warning = firstOf(result.findings, Severity::Warning))
        return (result.comparison ? "Usable, with a warning: " : "Cannot tell whether it fits: ") + asClause(warning->title);
    if (!result.comparison)
        return fmt::format("Readable: {}; cannot tell whether it fits, there is no config", tensorCount(result.checkpoint->tensors.size()));
    const size_t expected = result.comparison->expectedTensors;
    if (result.comparison->matchedTensors == expected)
        return expected == 1 ? "Usable: its one tensor matches" : fmt::format("Usable: all {} tensors match", expected);
    return fmt::format("Usable: {} of {} tensors match", result.comparison->matchedTensors, expected);
}

/// Why there are more tensors in the sentence than in the file.
std::string tiedClause(const Comparison& comparison)
{
    const auto tied = std::count_if(comparison.matches.begin(), comparison.matches.end(), [](const Match& match) { return match.tied; });
    if (tied == 0)
        return {};
    return tied == 1 ? "; 1 tied tensor is stored once" : fmt::format("; {} tied tensors are stored once", tied);
}

} // namespace

Verdict verdictOf(const std::vector<Finding>& findings)
{
    bool anyError = false;
    for (const Finding& finding : findings) {
        if (finding.severity != Severity::Error || !finding.because.empty())
            continue;
        anyError = true;
        if (!finding.fix.coverageAfter || *finding.fix.coverageAfter < 1.0 || finding.fix.mayHideLoss)
            return Verdict::NotUsable;
    }
    return anyError ? Verdict::UsableAfterFix : Verdict::Usable;
}

std::string verdictSentence(const CheckResult& result)
{
    const Finding* root = firstOf(result.findings, Severity::Error);
    if (!root)
        return cut(usableSentence(result));
    const bool afterFix = result.verdict == Verdict::UsableAfterFix;
    return cut((afterFix ? "Usable after one fix: " : "Not usable: ") + asClause(root->title));
}

std::string consequenceSentence(const CheckResult& result)
{
    const Finding* root = firstOf(result.findings, Severity::Error);
    if (root && (root->rule == "never-loaded-layer" || root->rule == "whole-model-random"))
        return cut(fmt::format("{} {} The names and shapes are right, so no loader reports it", root->tensors.size(),
                               root->tensors.size() == 1 ? "matrix still holds its initial values." : "matrices still hold their initial values."));
    if (root && root->rule == "nested-state-dict" && result.comparison)
        return cut("A loader that takes the file for a state dict finds none of its names, fills the model with random values and warns at most");
    if (root && root->rule == "truncated" && result.comparison)
        return cut(fmt::format("Loaders refuse a file that is cut; {} of {} tensors can still be read", result.comparison->matchedTensors,
                               result.comparison->expectedTensors));
    if (root && root->rule == "missing-shard" && result.comparison)
        return cut(fmt::format("Loaders stop at the shard that is not there; {} of {} tensors can still be read", result.comparison->matchedTensors,
                               result.comparison->expectedTensors));
    if (!result.comparison)
        return cut(result.looksLike.empty() ? "Its names are of no model that is known here" : fmt::format("Its names look like {}", result.looksLike));
    const Comparison& comparison = *result.comparison;
    const bool shapes = !comparison.rows(Status::ShapeDiffers).empty();
    if (comparison.matchedTensors == comparison.expectedTensors && !shapes) {
        const size_t unused = comparison.rows(Status::Unexpected).size();
        return unused == 0
                   ? cut(fmt::format("Every parameter that {} asks for is there{}",
                                     result.modelSource == "reference"    ? "the reference"
                                     : result.config                      ? "the config"
                                     : result.expected->className.empty() ? "the file's own graph"
                                                                          : result.expected->className,
                                     tiedClause(comparison)))
                   : cut(fmt::format("As it is, everything loads and {} of the file {} left out", tensorCount(unused), unused == 1 ? "is" : "are"));
    }
    return cut(fmt::format("As it is, {} of {} tensors load; {}", comparison.matchedTensors, comparison.expectedTensors,
                           shapes                      ? "loaders stop at the first shape that differs"
                           : result.expected->isStrict ? "its loader stops at the first that is missing"
                                                       : "the rest is filled with random values and a warning at most"));
}

} // namespace weighbridge
