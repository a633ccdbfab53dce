// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/diagnosis/rule.h"

#include "core/base/json.h"
#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/checkpoint/sniff.h"
#include "core/diagnosis/new_finding.h"
#include "core/diagnosis/tokenizer_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace weighbridge {
namespace {

/// What is wrong with one file; no title: nothing.
struct Fault {
    std::string title;
    std::string explanation;
    std::string fix = "Get the file again from where the model was published.";
};

/// What a download left in the file's place.
Fault substituteFault(const std::string& path, const std::string& file)
{
    const auto source = openFile(path);
    const auto sniffed = source ? sniffUnusable(**source) : Result<void>();
    if (sniffed)
        return {};
    const Error& error = sniffed.error();
    if (error.rule == "git-lfs-pointer")
        return {fmt::format("{} is a Git LFS pointer, not the file itself", file), error.message, error.fix};
    if (error.rule == "html-page")
        return {fmt::format("{} is a web page: a login, quota or error page was saved in its place", file),
                "The weights are not touched by this. Loaders of the tokenizer stop at its first line.", error.fix};
    if (error.rule == "empty")
        return {fmt::format("{} is empty (0 bytes): nothing was written or downloaded", file),
                "The weights are not touched by this. Loaders of the tokenizer stop.", error.fix};
    return {};
}

/// Both libraries read these files as UTF-8 only.
Fault encodingFault(const std::string& text, const std::string& file)
{
    if (isValidUtf8(text))
        return {};
    const auto lines = split(text, '\n');
    const auto broken = std::find_if_not(lines.begin(), lines.end(), [](std::string_view line) { return isValidUtf8(line); });
    return {fmt::format("{} is not UTF-8: line {} cannot be decoded", file, broken - lines.begin() + 1),
            fmt::format("Line {} is {}. Loaders stop with \"UnicodeDecodeError\" or \"stream did not contain valid UTF-8\". The file was saved in "
                        "another encoding, or damaged.",
                        broken - lines.begin() + 1, broken == lines.end() ? "" : shown(*broken, 60))};
}

/// A large one is parsed by other rules already, silently; what befalls it is to be cut.
Fault jsonFault(const std::string& text, const std::string& path, const std::string& file)
{
    constexpr size_t parsed = 4 * limits::MiB;
    const size_t last = text.find_last_not_of(" \t\r\n");
    if (text.size() > parsed)
        return last != std::string::npos && text[last] == '}' ? Fault{} : Fault{fmt::format("{} cannot be read", file), "The file ends before its JSON does."};
    const auto document = parseJson(text, path);
    return document ? Fault{} : Fault{fmt::format("{} cannot be read", file), document.error().message};
}

Fault faultOf(const std::string& path, const std::string& name)
{
    const std::string file = shown(name, 60);
    Fault fault = substituteFault(path, file);
    const bool isText = name.ends_with(".txt") || name.ends_with(".json");
    const auto text = fault.title.empty() && isText ? tokenizerText(path) : std::nullopt;
    if (!text)
        return fault;
    fault = encodingFault(*text, file);
    return fault.title.empty() && name.ends_with(".json") ? jsonFault(*text, path, file) : fault;
}

class TokenizerUnreadable final : public Rule {
public:
    RuleInfo info() const override { return {"tokenizer-unreadable", "The files of the tokenizer can be read", order::aside}; }

    std::vector<Finding> check(const Facts& facts, JobContext& job) const override
    {
        std::vector<Finding> findings;
        const auto& paths = facts.checkpoint->tokenizerPaths;
        const auto nameOf = [](const std::string& path) { return std::filesystem::path(path).filename().string(); };
        const bool hasJson = std::any_of(paths.begin(), paths.end(), [&nameOf](const std::string& path) { return nameOf(path) == "tokenizer.json"; });
        for (const std::string& path : paths) {
            if (job.cancelled())
                break;
            const std::string name = nameOf(path);
            const Fault fault = faultOf(path, name);
            if (fault.title.empty())
                continue;
            // Beside a tokenizer.json the other files are what older loaders read.
            const bool isNeeded = !hasJson || name == "tokenizer.json" || name == "tokenizer_config.json";
            findings.push_back(newFinding(isNeeded ? Severity::Error : Severity::Warning, "tokenizer-unreadable", fault.title, fault.explanation,
                                          fault.fix, {{"file", name}}));
        }
        return findings;
    }
};

} // namespace

const Rule& tokenizerUnreadableRule()
{
    static const TokenizerUnreadable rule;
    return rule;
}

} // namespace weighbridge
