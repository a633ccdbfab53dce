// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/repair/repair_plan.h"

#include "core/base/json.h"
#include "core/base/text.h"
#include "core/diagnosis/find_config.h"
#include "core/diagnosis/findings.h"
#include "core/diagnosis/fix.h"
#include "core/diagnosis/name_tells.h"
#include "core/format/format.h"
#include "core/repair/mended_config.h"
#include "core/repair/safetensors_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <list>
#include <numeric>
#include <unordered_map>
#include <unordered_set>

namespace weighbridge {
namespace {

namespace fs = std::filesystem;

constexpr int maximumRounds = 8; ///< of fixes on top of one another

/// What a copy would hide or pretend to be, since a new file is sound whatever its values are.
constexpr std::array obstacles{std::string_view("truncated"), std::string_view("corrupt"), std::string_view("checksum"), std::string_view("overlapping-tensors"),
                               std::string_view("shard-revision"), std::string_view("duplicate-key"), std::string_view("missing-shard"), std::string_view("missing-data-shard"),
                               std::string_view("path-traversal"), std::string_view("resource-bomb"), std::string_view("adapter"), std::string_view("optimizer-state"),
                               std::string_view("deepspeed-zero3"), std::string_view("quantization-config-missing")};

bool isObstacle(const Finding& finding)
{
    return finding.severity == Severity::Error && std::find(obstacles.begin(), obstacles.end(), finding.rule) != obstacles.end();
}

using NamesByIndex = std::unordered_map<int, const FoundTensor*>;

NamesByIndex byIndex(const std::vector<FoundTensor>& found)
{
    NamesByIndex out;
    for (const FoundTensor& tensor : found)
        out.emplace(tensor.index, &tensor);
    return out;
}

std::optional<Fit> fitOf(const Facts& facts)
{
    if (!facts.comparison)
        return std::nullopt;
    const NamesByIndex found = byIndex(facts.found);
    Fit fit{facts.comparison->coverage(), facts.comparison->matchedTensors, facts.comparison->expectedTensors, {}, {}, {}};
    for (const Match& match : facts.comparison->matches) {
        if (match.ignored)
            continue;
        if (match.status == Status::Unexpected)
            fit.unexpected.push_back(found.at(match.found)->name);
        else if (match.status == Status::Missing || match.status == Status::ShapeDiffers)
            (match.status == Status::Missing ? fit.missing : fit.mismatched).push_back(facts.expected->tensors[static_cast<size_t>(match.expected)].name);
    }
    return fit;
}

size_t deviations(const Facts& facts)
{
    return missingNames(facts).size() + unexpectedNames(facts).size() + mismatchedNames(facts).size();
}

/// "39 tensors are renamed (module.a.weight becomes a.weight), 2 are left out, 4 are transposed; num_labels becomes 3 in the config."
std::string describeFix(const Fix& fix, const std::vector<FoundTensor>& before, const std::vector<FoundTensor>& after)
{
    const NamesByIndex old = byIndex(before);
    size_t renamed = 0;
    size_t transposed = 0;
    std::string example;
    for (const FoundTensor& tensor : after) {
        const FoundTensor& was = *old.at(tensor.index);
        transposed += was.transposed != tensor.transposed ? 1 : 0;
        if (was.name != tensor.name && renamed++ == 0)
            example = fmt::format("{} becomes {}", shown(was.name, 120), shown(tensor.name, 120));
    }
    std::vector<std::string> parts;
    const auto add = [&parts](size_t count, const char* what) {
        if (count > 0)
            parts.push_back(fmt::format("{} {} {}", tensorCount(count), count == 1 ? "is" : "are", what));
    };
    add(renamed, "renamed");
    if (renamed > 0)
        parts.back() += fmt::format(" ({})", example);
    add(before.size() - after.size(), "left out");
    add(transposed, "transposed");
    for (const auto& [field, value] : fix.configChanges) {
        const std::string text = value.isMap() ? fmt::format("{} entries", value.map()->size()) : shown(toJson(value), 60);
        parts.push_back(fmt::format("{} becomes {} in the config", shown(field, 60), text));
    }
    return fmt::format("{}.", fmt::join(parts, ", "));
}

class Planner {
public:
    Planner(const CheckResult& check, JobContext& job) : m_check(check), m_job(job) { m_plan.checkpoint = check.checkpoint; }

    Result<RepairPlan> run()
    {
        begin();
        m_plan.before = m_check.comparison ? fitOf(facts()) : std::nullopt;
        applyFixes();
        leaveOutOptimizer();
        giveTodaysNames();
        leaveOutTied();
        planWeights();
        planConfig();
        planOtherFiles();
        if (m_job.cancelled())
            return failure(cancelledError());
        m_plan.after = fitOf(facts());
        if (facts().expected)
            m_plan.expected = std::make_shared<const ExpectedModel>(*facts().expected);
        keepFound();
        if (auto fine = expectRepair().and_then([this] { return expectWritable(); }); !fine)
            return tl::unexpected(fine.error());
        return std::move(m_plan);
    }

private:
    [[nodiscard]] const Facts& facts() const { return m_stages.back().facts; }
    [[nodiscard]] const Checkpoint& checkpoint() const { return *m_plan.checkpoint; }
    void step(std::string rule, std::string text) { m_plan.steps.push_back({std::move(rule), std::move(text)}); }

    void begin()
    {
        FactsAfter& first = m_stages.emplace_back();
        first.facts.checkpoint = &checkpoint();
        if (m_check.config)
            first.config = *m_check.config;
        else if (!m_check.expected)
            mend(first);
        if (m_check.expected)
            first.expected = *m_check.expected;
        first.facts.config = m_check.config || m_isMended ? &first.config : nullptr;
        first.facts.expected = m_check.expected || !first.expected.tensors.empty() ? &first.expected : nullptr;
        complete(first.facts, foundTensors(checkpoint()));
        compare(first);
    }
    void compare(FactsAfter& stage)
    {
        if (!stage.facts.expected)
            return;
        stage.comparison = compareToExpected(*stage.facts.expected, stage.facts.found, m_job);
        stage.facts.comparison = &stage.comparison;
    }
    /// A config that the check could not read.
    void mend(FactsAfter& first)
    {
        const std::string path = findConfig(checkpoint());
        if (path.empty())
            return;
        auto mended = mendConfig(path);
        if (!mended) {
            m_configError = mended.error();
            first.facts.configError = &*m_configError;
            return;
        }
        first.config = modelSection(std::move(mended->config));
        m_isMended = true;
        m_fixes += 1;
        step("config-syntax", fmt::format("The config is written without {}.", mended->what));
        if (auto expected = expectedModel(first.config, "", m_job))
            first.expected = std::move(*expected);
    }

    void applyFixes()
    {
        for (int round = 0; round < maximumRounds && !m_job.cancelled(); ++round) {
            const std::vector<Finding> findings = findAll(facts(), m_job);
            if (std::none_of(findings.begin(), findings.end(), [this](const Finding& finding) { return apply(finding); }))
                return;
        }
    }
    /// False, and nothing changed, if the fix does not make more fit.
    bool apply(const Finding& finding)
    {
        const Fix& fix = finding.fix;
        if (finding.severity == Severity::Note || (fix.keeps.empty() && fix.configChanges.empty()))
            return false;
        const Facts& before = facts();
        FactsAfter& next = m_stages.emplace_back();
        bool isBetter = false;
        if (before.expected) {
            isBetter = makeFactsAfter(next, fix, before, m_job) && deviations(next.facts) < deviations(before);
        } else if (!fix.keeps.empty()) {
            // Nothing is expected, so nothing proves it; the rules then name only what nothing but a wrapper writes.
            next.facts = before;
            complete(next.facts, applied(fix, before.found));
            isBetter = std::none_of(m_plan.steps.begin(), m_plan.steps.end(), [&finding](const RepairStep& done) { return done.rule == finding.rule; });
        }
        if (!isBetter) {
            m_stages.pop_back();
            return false;
        }
        step(finding.rule, describeFix(fix, before.found, next.facts.found));
        if (!fix.assumption.empty())
            m_plan.assumptions.push_back(fix.assumption);
        m_plan.mayHideLoss = m_plan.mayHideLoss || fix.mayHideLoss;
        m_isConfigChanged = m_isConfigChanged || !fix.configChanges.empty();
        m_fixes += 1;
        return true;
    }

    /// Takes another list of tensors for the last one.
    void continueWith(std::vector<FoundTensor> found)
    {
        FactsAfter& next = m_stages.emplace_back();
        next.facts = std::prev(m_stages.end(), 2)->facts;
        complete(next.facts, std::move(found));
        compare(next);
    }
    void leaveOutOptimizer()
    {
        std::unordered_set<int> wanted;
        if (facts().comparison)
            for (const Match& match : facts().comparison->matches)
                if (match.expected >= 0)
                    wanted.insert(match.found);
        std::vector<FoundTensor> model;
        for (const FoundTensor& tensor : facts().found)
            if (wanted.contains(tensor.index) || !isOptimizerName(tensor.name))
                model.push_back(tensor);
        const size_t moments = facts().found.size() - model.size();
        if (moments == 0 || model.empty())
            return;
        step("optimizer-state", fmt::format("{} of an optimizer {} left out.", tensorCount(moments), moments == 1 ? "is" : "are"));
        continueWith(std::move(model));
    }

    /// What the loader renames is written as the model has it, so that a plain load_state_dict takes it too.
    void giveTodaysNames()
    {
        if (!facts().comparison)
            return;
        std::unordered_map<int, const std::string*> names;
        for (const Match& match : facts().comparison->matches)
            if (!match.rule.empty() && match.expected >= 0 && match.found >= 0)
                names.emplace(match.found, &facts().expected->tensors[static_cast<size_t>(match.expected)].name);
        std::vector<FoundTensor> renamed = facts().found;
        for (FoundTensor& tensor : renamed)
            if (const auto entry = names.find(tensor.index); entry != names.end())
                tensor.name = *entry->second;
        std::unordered_set<std::string_view> all;
        const bool collides = std::any_of(renamed.begin(), renamed.end(), [&all](const FoundTensor& tensor) { return !all.insert(tensor.name).second; });
        if (names.empty() || collides)
            return;
        step("renamed-keys", describeFix({}, facts().found, renamed));
        continueWith(std::move(renamed));
    }

    /// Two names of one storage: the tied one is made by the loader. Without a tie both are written.
    void leaveOutTied()
    {
        if (!facts().expected)
            return;
        std::unordered_map<std::string_view, const FoundTensor*> byName;
        for (const FoundTensor& tensor : facts().found)
            byName.emplace(tensor.name, &tensor);
        std::unordered_set<int> dropped;
        for (const auto& [target, source] : facts().expected->tied) {
            const auto a = byName.find(target);
            const auto b = byName.find(source);
            if (a != byName.end() && b != byName.end() && shareElements(*a->second, *b->second))
                dropped.insert(a->second->index);
        }
        std::vector<FoundTensor> left = facts().found;
        std::erase_if(left, [&dropped](const FoundTensor& tensor) { return dropped.contains(tensor.index); });
        if (dropped.empty() || m_plan.steps.empty())
            return;
        step("tied", fmt::format("{} that share{} the values of another and {} tied to it {} written once.", tensorCount(dropped.size()), dropped.size() == 1 ? "s" : "",
                                 dropped.size() == 1 ? "is" : "are", dropped.size() == 1 ? "is" : "are"));
        continueWith(std::move(left));
    }
    [[nodiscard]] bool shareElements(const FoundTensor& a, const FoundTensor& b) const
    {
        const TensorInfo& first = checkpoint().tensors[static_cast<size_t>(a.index)];
        const TensorInfo& second = checkpoint().tensors[static_cast<size_t>(b.index)];
        return a.index != b.index && first.storage == second.storage && first.elementOffset == second.elementOffset && first.shape == second.shape && first.strides == second.strides
            && first.dtype == second.dtype && a.transposed == b.transposed;
    }

    [[nodiscard]] bool readerSays(std::string_view rule) const
    {
        return std::any_of(checkpoint().findings.begin(), checkpoint().findings.end(), [rule](const Finding& finding) { return finding.rule == rule; });
    }
    void planWeights()
    {
        const std::string file = fs::path(checkpoint().weightsPath.empty() ? checkpoint().path : checkpoint().weightsPath).filename().string();
        const auto other = std::find_if(checkpoint().shards.begin(), checkpoint().shards.end(), [](const Shard& shard) { return shard.format != "safetensors"; });
        const bool isFound = checkpoint().format != "model-folder" || file == "model.safetensors" || file == "model.safetensors.index.json";
        if (other != checkpoint().shards.end()) {
            const Format* format = formatById(other->format);
            for (const std::string_view rule : {"wrong-format-for-extension", "whole-module-pickle", "unsafe-pickle"})
                if (readerSays(rule)) {
                    m_fixes += 1;
                    return step(std::string(rule), fmt::format("The weights are written as safetensors; {} was {}.", shown(file, 120), format ? format->info().title : other->format));
                }
            step("convert", fmt::format("The weights are written as safetensors; {} was {}.", shown(file, 120), format ? format->info().title : other->format));
        } else if (readerSays("wrong-format-for-extension")) {
            m_fixes += 1;
            step("wrong-format-for-extension", fmt::format("The weights of {} are written as model.safetensors.", shown(file, 120)));
        } else if (readerSays("inconsistent-index")) {
            m_fixes += 1;
            step("inconsistent-index", "The weights are written anew, with an index and offsets that agree with them.");
        } else if (!isFound) {
            step("convert", fmt::format("The weights of {} are written as model.safetensors, where loaders look for them.", shown(file, 120)));
        }
    }

    void planConfig()
    {
        const Config* config = facts().config;
        if (!config)
            return;
        const auto inFile = loadConfig(config->path, m_job);
        const bool isNamed = fs::path(config->path).filename() == "config.json";
        const bool isAsInFile = inFile && inFile->format == "json" && inFile->root == config->root
            && std::none_of(inFile->findings.begin(), inFile->findings.end(), [](const Finding& finding) { return finding.rule == "config-syntax" || finding.rule == "duplicate-key"; });
        if (isNamed && isAsInFile) {
            m_plan.copied.push_back(config->path);
            return;
        }
        m_plan.config = config->root;
        if (!m_isConfigChanged && !m_isMended)
            step(isNamed ? "config-syntax" : "config-format", fmt::format("The config of {} is written as config.json.", shown(fs::path(config->path).filename().string(), 120)));
    }

    void planOtherFiles()
    {
        const bool isFolder = checkpoint().format == "model-folder";
        std::vector<FileEntry> files = checkpoint().files;
        if (!isFolder) {
            // A file that lies beside its config in a model folder: the tokenizer goes along, nothing else.
            files.clear();
            const std::string folder = fs::path(checkpoint().path).parent_path().string();
            const bool isBesides = facts().config && fs::path(facts().config->path).parent_path() == folder;
            const auto opened = isBesides ? formatById("model-folder")->open({folder, true, {}, 0, nullptr}, m_job) : failure("not-a-checkpoint", "");
            if (opened)
                for (const FileEntry& file : opened->files)
                    if (file.format == "tokenizer")
                        files.push_back(file);
        }
        for (const FileEntry& file : files) {
            const std::string name = fs::path(file.path).filename().string();
            const bool isConfig = facts().config && file.path == facts().config->path;
            if (!isConfig && name != "config.json" && (file.format == "tokenizer" || file.format == "other" || file.format == "config") && !name.ends_with(".index.json"))
                m_plan.copied.push_back(file.path);
        }
    }

    void keepFound()
    {
        m_plan.keeps = keepsOf(facts().found);
        std::unordered_set<int> kept;
        for (const KeptTensor& tensor : m_plan.keeps)
            kept.insert(tensor.index);
        for (size_t i = 0; i < checkpoint().tensors.size(); ++i)
            if (!kept.contains(static_cast<int>(i)))
                m_plan.leftOut.push_back(checkpoint().tensors[i].name);
    }

    /// Compared under TensorFlow's names, it would be written under them.
    [[nodiscard]] bool hasTensorFlowNames() const
    {
        const ExpectedModel* expected = facts().expected;
        return expected && facts().config && std::any_of(expected->tensors.begin(), expected->tensors.end(), [](const ExpectedTensor& tensor) { return tensor.name.ends_with("/kernel"); });
    }

    /// Error if the copy would be no better than the file, or would hide what is wrong with it.
    Result<void> expectRepair()
    {
        if (hasTensorFlowNames())
            return failure(Error("no-repair", "No copy would be better than the file: its tensors have TensorFlow's names and layout, and no loader of safetensors looks for those (wrong-framework).").at(checkpoint().path)
                               .fixedBy("Convert it with transformers 4.x (from_tf=True), or download the PyTorch weights."));
        std::vector<Finding> findings = findAll(facts(), m_job);
        foldConsequences(findings, facts(), m_job);
        static constexpr std::array<std::string_view, 3> ofTheFile{"wrong-format-for-extension", "wrong-format",
                                                                   "whole-module-pickle"}; // the copy is another
        for (Finding& finding : findings)
            if (finding.severity == Severity::Error && finding.because.empty() &&
                std::find(ofTheFile.begin(), ofTheFile.end(), finding.rule) == ofTheFile.end())
                m_plan.remaining.push_back(std::move(finding));
        const auto obstacle = std::find_if(m_plan.remaining.begin(), m_plan.remaining.end(), isObstacle);
        if (obstacle != m_plan.remaining.end())
            return failure(noRepair(*obstacle));
        if (m_plan.after && m_plan.after->matched == 0 && m_plan.after->expected > 0)
            return failure(m_plan.remaining.empty() ? Error("no-repair", "No copy would be better than the file: nothing that is expected is in it.").at(checkpoint().path)
                                                    : noRepair(m_plan.remaining.front()));
        const auto other = std::find_if(m_plan.remaining.begin(), m_plan.remaining.end(), [](const Finding& finding) { return finding.rule != "config-missing"; });
        if (m_fixes == 0 && other != m_plan.remaining.end())
            return failure(noRepair(*other));
        if (m_plan.steps.empty() && !m_plan.remaining.empty())
            return failure(noRepair(m_plan.remaining.front()));
        return {};
    }
    [[nodiscard]] Error noRepair(const Finding& finding) const
    {
        return Error("no-repair", fmt::format("No copy would be better than the file: {} ({}).", finding.title, finding.rule)).at(checkpoint().path).fixedBy(finding.fix.text);
    }

    Result<void> expectWritable() const
    {
        if (m_plan.steps.empty())
            return {};
        std::unordered_set<std::string_view> names;
        for (const KeptTensor& kept : m_plan.keeps) {
            const TensorInfo& tensor = checkpoint().tensors[static_cast<size_t>(kept.index)];
            if (!isSafetensorsDType(tensor.dtype) || !tensor.layout.empty())
                return failure(Error("bad-dtype", fmt::format("{} is {}{}{}, and safetensors cannot hold that.", shown(tensor.name, 120), shown(tensor.layout, 40), tensor.layout.empty() ? "" : " of ",
                                                              tensor.dtypeName())).at(checkpoint().path).fixedBy("Convert it with the tools of its own format first."));
            if (!names.insert(kept.name).second)
                return failure(Error("duplicate-key", fmt::format("After the repair two tensors would be called {}.", shown(kept.name, 120))).at(checkpoint().path)
                                   .fixedBy("Remove one of them from the file first."));
        }
        return {};
    }

    const CheckResult& m_check;
    JobContext& m_job;
    RepairPlan m_plan;
    std::list<FactsAfter> m_stages; ///< each may point into those before it
    std::optional<Error> m_configError;
    bool m_isMended = false;
    bool m_isConfigChanged = false;
    size_t m_fixes = 0;             ///< steps that mend something, not only convert it
};

} // namespace

uint64_t RepairPlan::nbytes() const
{
    return std::accumulate(keeps.begin(), keeps.end(), uint64_t(0), [this](uint64_t sum, const KeptTensor& kept) { return sum + checkpoint->tensors[static_cast<size_t>(kept.index)].nbytes(); });
}

bool mayRepair(const CheckResult& check)
{
    static constexpr std::array mendable{std::string_view("wrong-format-for-extension"), std::string_view("inconsistent-index"), std::string_view("config-format")};
    const auto isMendable = [](const Finding& finding) {
        const bool hasFix = !finding.fix.keeps.empty() || !finding.fix.configChanges.empty();
        return finding.severity != Severity::Note && (hasFix || std::find(mendable.begin(), mendable.end(), finding.rule) != mendable.end());
    };
    return std::any_of(check.findings.begin(), check.findings.end(), isMendable) && std::none_of(check.findings.begin(), check.findings.end(), isObstacle);
}

Result<RepairPlan> planRepair(const CheckResult& check, JobContext& job)
{
    return Planner(check, job).run();
}

} // namespace weighbridge
