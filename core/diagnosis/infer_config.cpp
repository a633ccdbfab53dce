// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/diagnosis/infer_config.h"

#include "core/architecture/architecture_spec.h"
#include "core/base/text.h"
#include "core/comparison/loader_names.h"
#include "core/diagnosis/config_solver.h"
#include "core/diagnosis/fix.h"
#include "core/diagnosis/name_tells.h"
#include "core/diagnosis/prefix_search.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <set>
#include <span>
#include <unordered_set>

namespace weighbridge {
namespace {

/// What most checkpoints are, in the order in which a tie is decided: many types have the names and shapes of another.
constexpr std::array commonTypes{"bert",
                                 "roberta",
                                 "distilbert",
                                 "xlm-roberta",
                                 "albert",
                                 "electra",
                                 "deberta-v2",
                                 "deberta",
                                 "mpnet",
                                 "modernbert",
                                 "gpt2",
                                 "gpt_neo",
                                 "gpt_neox",
                                 "gptj",
                                 "opt",
                                 "bloom",
                                 "falcon",
                                 "llama",
                                 "mistral",
                                 "qwen2",
                                 "qwen3",
                                 "gemma",
                                 "gemma2",
                                 "gemma3_text",
                                 "phi",
                                 "phi3",
                                 "mixtral",
                                 "qwen2_moe",
                                 "qwen3_moe",
                                 "t5",
                                 "mt5",
                                 "bart",
                                 "mbart",
                                 "pegasus",
                                 "marian",
                                 "vit",
                                 "deit",
                                 "swin",
                                 "beit",
                                 "dinov2",
                                 "convnext",
                                 "resnet",
                                 "clip",
                                 "siglip",
                                 "clip_text_model",
                                 "clip_vision_model",
                                 "whisper",
                                 "wav2vec2",
                                 "hubert"};
constexpr size_t likelyTypes = 60; ///< of all, by a look at their files' text
constexpr size_t alikeTypes = 250; ///< of which one may fit as well as the best
constexpr size_t maximumWords = 200;
constexpr size_t solvedOthers = 6;     ///< of those that are not common
constexpr size_t solvedAlike = 2;      ///< of those that may fit as well as the best
constexpr size_t solvedTypes = 12;     ///< of the best ranked ones
constexpr double leastExplained = 0.5; ///< of the file's names, for a type to be tried at all
constexpr double perhapsExplained = 0.7;
constexpr double sameRank = 2.0; ///< ranks that differ less are of classes that explain as much

struct Candidate {
    std::shared_ptr<const ArchitectureSpec> spec;
    std::string className;
    double rank = 0; ///< by names alone
};

/// What a name becomes under the loader's renames.
class Renames {
public:
    Renames(const ArchitectureSpec& spec, const std::string& className, const std::string& base)
    {
        for (const LoaderRename& rename : loaderRenames(spec, className))
            if (auto pattern = Pattern::compile(rename.pattern))
                m_all.emplace_back(std::move(*pattern), rename.replacement, rename.scope, base);
    }
    [[nodiscard]] std::string apply(std::string name) const
    {
        for (const Renaming& renaming : m_all)
            renaming.apply(name);
        return name;
    }

private:
    std::vector<Renaming> m_all;
};

/// The folded names of a class, with those of the models inside as they are by default.
class ClassNames {
public:
    ClassNames(ArchitectureLibrary& library, const ArchitectureSpec& spec, const std::string& className)
    {
        add(spec.foldedNames(className), "");
        for (const DefaultModel& model : spec.defaultModels(className)) {
            const auto inner = library.find(model.modelType);
            if (inner)
                add((*inner)->foldedNames(model.as.empty() ? model.className : (*inner)->classFor(model.as)), model.prefix);
        }
    }
    /// 1 for a name that the class has, less for one that it may have if the config chooses another model for its place, else 0.
    [[nodiscard]] double explain(const std::string& name) const
    {
        if (m_lines.contains(name))
            return 1.0;
        return std::any_of(m_inner.begin(), m_inner.end(), [&name](const std::string& prefix) { return name.starts_with(prefix); }) ? perhapsExplained
                                                                                                                                    : 0.0;
    }
    [[nodiscard]] size_t size() const { return m_lines.size(); }

private:
    void add(std::vector<std::string> names, const std::string& prefix)
    {
        for (std::string& name : names) {
            name.insert(0, prefix);
            if (name.ends_with('.'))
                m_inner.push_back(std::move(name));
            else
                m_lines.insert(std::move(name));
        }
    }
    std::unordered_set<std::string> m_lines;
    std::vector<std::string> m_inner; ///< prefixes
};

/// One found name for each folded one.
class Folds {
public:
    explicit Folds(const std::vector<FoundTensor>& tensors)
    {
        for (const FoundTensor& tensor : tensors)
            if (m_known.insert(foldedName(tensor.name)).second)
                m_examples.push_back(tensor.name);
    }
    /// What stands between the dots, numbers left out: "self_attn", "q_proj".
    [[nodiscard]] std::vector<std::string> words() const
    {
        return wordsOf([](const auto& parts) { return std::span(parts); });
    }
    /// What names begin with: "vision_tower", "lm_head". Models that are put together of others have no more of the names in their own files.
    [[nodiscard]] std::vector<std::string> beginnings() const
    {
        return wordsOf([](const auto& parts) { return std::span(parts).subspan(parts[0] == "model" && parts.size() > 1 ? 1 : 0, 1); });
    }

    /// How many names the class explains less those that it does not, and a little less for what it has besides.
    [[nodiscard]] double rank(ArchitectureLibrary& library, const ArchitectureSpec& spec, const std::string& className) const
    {
        const ClassNames names(library, spec, className);
        const auto known = static_cast<double>(m_known.size());
        double explained =
            std::accumulate(m_known.begin(), m_known.end(), 0.0, [&names](double sum, const std::string& name) { return sum + names.explain(name); });
        if (explained * 3 > known && explained < known) {
            const Renames renames(spec, className, "");
            explained = std::accumulate(m_examples.begin(), m_examples.end(), 0.0, [&](double sum, const std::string& name) {
                return sum + std::max(names.explain(foldedName(name)), names.explain(foldedName(renames.apply(name))));
            });
        }
        return explained < leastExplained * known ? 0 : 3.0 * explained - 2.0 * known - 0.1 * static_cast<double>(names.size());
    }

private:
    template <typename Choice>
    [[nodiscard]] std::vector<std::string> wordsOf(Choice choose) const
    {
        std::set<std::string> out;
        for (const std::string& name : m_known) {
            const auto parts = split(name, '.');
            for (const std::string_view word : choose(parts))
                if (word.size() > 2 && out.size() < maximumWords)
                    out.emplace(word.substr(0, word.find('#')));
        }
        return {out.begin(), out.end()};
    }

    std::set<std::string> m_known;
    std::vector<std::string> m_examples;
};

/// Names as the class has them: renamed where that gives one that it has.
std::vector<FoundTensor> asClassHasThem(const std::vector<FoundTensor>& found, const Candidate& candidate)
{
    const auto list = candidate.spec->foldedNames(candidate.className);
    const std::unordered_set<std::string> lines(list.begin(), list.end());
    const Renames renames(*candidate.spec, candidate.className, "");
    std::vector<FoundTensor> out = found;
    for (FoundTensor& tensor : out)
        if (!lines.contains(foldedName(tensor.name)))
            tensor.name = renames.apply(tensor.name);
    return out;
}

class Inference {
public:
    Inference(const std::vector<FoundTensor>& found, JobContext& job)
        : m_found(found)
        , m_folds(found)
        , m_job(job)
        , m_library("")
    {
    }

    std::optional<InferredConfig> run()
    {
        tryTypes({commonTypes.begin(), commonTypes.end()}, solvedTypes);
        if (!m_best || !m_best->isExact)
            tryTypes(otherTypes(likelyTypes), solvedOthers);
        if (m_best && m_best->isExact) {
            addOthersThatFit();
            std::erase(m_exact, m_best->modelType);
            m_best->alternatives = m_exact;
        }
        return std::move(m_best);
    }

private:
    /// Those that are not common and whose files have the words of the found names.
    [[nodiscard]] std::vector<std::string> otherTypes(size_t most) const
    {
        auto out = m_library.modelTypesWith(m_folds.words(), most);
        for (std::string& type : m_library.modelTypesWith(m_folds.beginnings(), alikeTypes))
            if (std::find(out.begin(), out.end(), type) == out.end())
                out.push_back(std::move(type));
        std::erase_if(out, [](const std::string& type) {
            return type.starts_with("gguf-") || std::find(commonTypes.begin(), commonTypes.end(), type) != commonTypes.end();
        });
        return out;
    }

    /// Other types that ask for the same tensors: no shape tells them from the best one.
    void addOthersThatFit()
    {
        for (const Candidate& candidate : ranked(otherTypes(alikeTypes)))
            if (candidate.rank >= m_bestRank - sameRank && !m_job.cancelled() && !isAmongExact(candidate.spec->modelType()) && fits(candidate))
                m_exact.push_back(candidate.spec->modelType());
    }
    /// With the same fields, or with fields of its own.
    bool fits(const Candidate& candidate)
    {
        InferredConfig other;
        other.modelType = candidate.spec->modelType();
        other.className = candidate.className;
        Config fields; // with what the best one leaves to its own defaults
        fields.root = m_best->config;
        Value::Map values = m_best->told;
        values.insert(values.end(), m_best->untold.begin(), m_best->untold.end());
        other.config = withChanges(fields, values).root;
        other.config.set("model_type", other.modelType);
        other.config.set("architectures", Value::List{other.className});
        if (prove(other) && other.isExact)
            return true;
        const auto solved = m_solvedAlike++ < solvedAlike ? solve(candidate) : std::nullopt;
        return solved && solved->isExact;
    }
    [[nodiscard]] bool isAmongExact(const std::string& modelType) const
    {
        return std::find(m_exact.begin(), m_exact.end(), modelType) != m_exact.end();
    }

    /// The classes of each type that explain the most, the best first.
    std::vector<Candidate> ranked(const std::vector<std::string>& types)
    {
        std::vector<Candidate> out;
        for (const std::string& type : types) {
            const auto spec = m_library.find(type);
            if (!spec || m_job.cancelled())
                continue;
            double best = 0;
            std::vector<Candidate> equals;
            for (const std::string& className : (*spec)->classNames()) {
                const double rank = m_folds.rank(m_library, **spec, className);
                if (rank > best)
                    equals.clear();
                best = std::max(best, rank);
                if (rank > 0 && rank == best)
                    equals.push_back({*spec, className, rank});
            }
            // A masked language model and a causal one of the same type have the same tensors; encoders are published as the former.
            const std::string masked = (*spec)->classFor("AutoModelForMaskedLM");
            std::stable_partition(equals.begin(), equals.end(), [&masked](const Candidate& candidate) { return candidate.className == masked; });
            out.insert(out.end(), equals.begin(), equals.end());
        }
        std::stable_sort(out.begin(), out.end(), [](const Candidate& a, const Candidate& b) { return a.rank > b.rank; });
        return out;
    }

    /// Solves the best of them; of those that fit exactly, the one that is most like a published model counts.
    void tryTypes(const std::vector<std::string>& types, size_t most)
    {
        const std::vector<Candidate> all = ranked(types);
        for (size_t i = 0; i < std::min(all.size(), most) && !m_job.cancelled(); ++i) {
            if (i > 0 && all[i].rank < all[0].rank - sameRank && m_best && m_best->isExact)
                break;
            auto solved = solve(all[i]);
            if (!solved)
                continue;
            if (solved->isExact && !isAmongExact(solved->modelType))
                m_exact.push_back(solved->modelType);
            const size_t usual = asUsual(*solved, *all[i].spec);
            if (m_best && !isBetter(*solved, usual))
                continue;
            m_usual = usual;
            m_bestMerit = m_merit;
            m_bestRank = all[i].rank;
            m_best = std::move(solved);
        }
    }
    [[nodiscard]] bool isBetter(const InferredConfig& other, size_t usual) const
    {
        if (other.isExact != m_best->isExact)
            return other.isExact;
        return other.isExact ? usual > m_usual : m_merit > m_bestMerit;
    }

    /// How many of the fields have the value that the type is published with.
    [[nodiscard]] static size_t asUsual(const InferredConfig& inferred, const ArchitectureSpec& spec)
    {
        const Value* fields = spec.config("")->find("fields");
        return static_cast<size_t>(std::count_if(inferred.told.begin(), inferred.told.end(), [fields](const auto& entry) {
            const Value* fallback = fields ? fields->find(entry.first) : nullptr;
            return fallback && *fallback == entry.second;
        }));
    }

    std::optional<InferredConfig> solve(const Candidate& candidate)
    {
        const std::vector<FoundTensor> named = asClassHasThem(m_found, candidate);
        const FoundNames names(named);
        const auto judge = ClassJudge::make(m_library, candidate.spec, candidate.className, names);
        if (!judge)
            return std::nullopt;
        const SolvedConfig solved = ConfigSolver(*judge, m_job).solve();
        InferredConfig out;
        out.modelType = candidate.spec->modelType();
        out.className = candidate.className;
        for (const auto& [path, value] : solved.values)
            (std::find(solved.told.begin(), solved.told.end(), path) != solved.told.end() ? out.told : out.untold).emplace_back(path, value);
        out.config = written(candidate, solved, out.told);
        return prove(out) ? std::optional(std::move(out)) : std::nullopt;
    }

    /// Whether the field is one of a sub-config that is made of outer fields as long as no config has it.
    static bool isMadeOfOuterFields(const ArchitectureSpec& spec, const std::string& path)
    {
        const Value* sub = spec.config("")->find("sub");
        const Value* rules = sub ? sub->find(split(path, '.')[0]) : nullptr;
        return rules && rules->find("fill");
    }

    /// What goes into a config.json.
    static Value written(const Candidate& candidate, const SolvedConfig& solved, const Value::Map& told)
    {
        Config config;
        config.root = Value::Map{{"architectures", Value::List{candidate.className}}, {"model_type", candidate.spec->modelType()}};
        for (const auto& [field, value] : *solved.config.map())
            config.root.set(field, value);
        Value::Map sizes;
        for (const auto& [path, value] : told)
            if (value.isNumber() && !isMadeOfOuterFields(*candidate.spec, path))
                sizes.emplace_back(path, value);
        return withChanges(config, sizes).root;
    }

    bool prove(InferredConfig& inferred)
    {
        Config config;
        config.root = inferred.config;
        const auto expected = expectedModel(m_library, config, inferred.className, m_job, Purpose::Listing);
        if (!expected)
            return false;
        const Comparison comparison = compareToExpected(*expected, m_found, m_job);
        inferred.matched = comparison.matchedTensors;
        inferred.expected = comparison.expectedTensors;
        const size_t unexpected = comparison.rows(Status::Unexpected).size();
        const size_t wrong = comparison.rows(Status::Missing).size() + comparison.rows(Status::ShapeDiffers).size() + unexpected;
        inferred.isExact = wrong == 0;
        m_merit = static_cast<double>(inferred.matched) - static_cast<double>(wrong);
        return inferred.matched * 2 >= inferred.expected && unexpected * 2 <= m_found.size();
    }

    const std::vector<FoundTensor>& m_found;
    Folds m_folds;
    JobContext& m_job;
    ArchitectureLibrary m_library;
    std::optional<InferredConfig> m_best;
    size_t m_usual = 0;
    double m_merit = 0; ///< of what was proved last
    double m_bestMerit = 0;
    double m_bestRank = 0;
    size_t m_solvedAlike = 0;
    std::vector<std::string> m_exact; ///< model types
};

/// Without an optimizer's moments and a wrapper's prefix.
std::vector<FoundTensor> modelOnly(const std::vector<FoundTensor>& found)
{
    const std::string prefix = wrapperPrefix(found);
    std::vector<FoundTensor> out;
    for (const FoundTensor& tensor : found) {
        if (isOptimizerName(tensor.name))
            continue;
        out.push_back(tensor);
        if (tensor.name.starts_with(prefix))
            out.back().name.erase(0, prefix.size());
    }
    return out;
}

} // namespace

std::string InferredConfig::untoldFields() const
{
    std::vector<std::string_view> names;
    for (const auto& [path, value] : untold)
        names.push_back(path);
    return fmt::format("{}", fmt::join(names, ", "));
}

std::optional<InferredConfig> inferConfig(const std::vector<FoundTensor>& found, JobContext& job)
{
    const std::vector<FoundTensor> model = modelOnly(found);
    return model.empty() ? std::nullopt : Inference(model, job).run();
}

} // namespace weighbridge
