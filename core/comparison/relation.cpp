// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What B is to A, in one sentence and the numbers that it rests on.
#include "core/architecture/config.h"
#include "core/base/text.h"
#include "core/comparison/difference.h"
#include "core/comparison/loader_names.h"
#include "core/comparison/low_rank.h"
#include "core/diagnosis/find_config.h"
#include "core/diagnosis/layer_names.h"
#include "core/statistics/all_statistics.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <map>
#include <set>

namespace weighbridge {
namespace {

/// Each module up to its layer's number, once: "encoder.layer.2" for what is below it; others as they are.
std::vector<std::string> layersOf(const std::vector<std::string>& modules)
{
    std::vector<std::string> out;
    for (const std::string& module : modules) {
        size_t end = module.size();
        for (size_t dot = module.find('.'); dot != std::string::npos; dot = module.find('.', dot + 1))
            if (const size_t after = module.find_first_not_of("0123456789", dot + 1); dot + 1 < module.size() && after != dot + 1 && (after == std::string::npos || module[after] == '.')) {
                end = std::min(after, module.size());
                break;
            }
        const std::string layer = module.substr(0, end);
        if (std::find(out.begin(), out.end(), layer) == out.end())
            out.push_back(layer);
    }
    return out;
}

constexpr double unrelated = 0.5;   ///< cosine of matrices; weights that were trained apart are nearly orthogonal
constexpr size_t fewTensors = 3;
constexpr size_t sampledMatrices = 8;

/// Parts of names that heads have; the first numbered part ends the search.
constexpr std::array headWords{"classifier", "score", "lm_head", "head", "heads", "qa_outputs", "cls", "fc", "logits", "predictions", "out_proj", "embed_out", "output_layer", "vocab_projector", "vocab_transform", "pre_classifier"};

bool isHead(const std::string& name)
{
    for (const std::string_view part : split(name, '.')) {
        if (std::find(headWords.begin(), headWords.end(), part) != headWords.end())
            return true;
        if (!part.empty() && part.find_first_not_of("0123456789") == std::string_view::npos)
            break;
    }
    return false;
}

std::string percent(double share)
{
    return share >= 0.1 ? fmt::format("{:.0f} %", share * 100) : share >= 1e-3 ? fmt::format("{:.2f} %", share * 100) : fmt::format("{:.1e} %", share * 100);
}

std::string counted(size_t count, std::string_view thing)
{
    return fmt::format("{} {}{}", count, thing, count == 1 ? "" : "s");
}

/// "layer 5" for "encoder.layer.5".
std::string shortLayer(const std::string& layer)
{
    return "layer " + layer.substr(layer.rfind('.') + 1);
}

/// What is added up over the pairs.
struct Totals {
    size_t foreignA = 0, foreignB = 0; ///< only on one side; positions and counters, which loaders make themselves, left out
    size_t pairs = 0, onlyA = 0, onlyB = 0, shape = 0, transposed = 0, dtype = 0, renamed = 0, unread = 0;
    double squaresA = 0, squaresD = 0;
    std::vector<size_t> changedRows;
    std::vector<size_t> farMatrices;  ///< changed, and no longer like A's
    std::vector<size_t> foreignMatrices; ///< only in B
    size_t matrices = 0;              ///< that were compared
};

struct LayerChange {
    double squaresA = 0, squaresD = 0;
    bool isSame = true;
    [[nodiscard]] double relative() const { return squaresA > 0 ? std::sqrt(squaresD / squaresA) : 0.0; }
};

class Relating {
public:
    Relating(Difference& difference, JobContext& job) : m_difference(difference), m_job(job)
    {
        for (size_t i = 0; i < difference.pairs.size(); ++i)
            count(i);
    }

    Relation run()
    {
        m_out.relativeChange = m_totals.squaresA > 0 ? std::sqrt(m_totals.squaresD / m_totals.squaresA) : 0.0;
        rankLayers();
        decide();
        return std::move(m_out);
    }

private:
    [[nodiscard]] const TensorInfo& a(const TensorPair& pair) const { return m_difference.a->tensors[static_cast<size_t>(pair.a)]; }
    [[nodiscard]] const TensorInfo& b(const TensorPair& pair) const { return m_difference.b->tensors[static_cast<size_t>(pair.b)]; }
    [[nodiscard]] const std::string& nameOf(const TensorPair& pair) const { return pair.b >= 0 ? b(pair).name : a(pair).name; }

    static bool isMatrix(const TensorInfo& tensor) { return tensor.shape.size() > 1 && tensor.elements() >= 64; }

    void count(size_t index)
    {
        const TensorPair& pair = m_difference.pairs[index];
        const PairState state = stateOf(pair);
        m_totals.pairs += pair.isPair() ? 1 : 0;
        m_totals.onlyA += state == PairState::OnlyInA ? 1 : 0;
        m_totals.onlyB += state == PairState::OnlyInB ? 1 : 0;
        m_totals.foreignA += state == PairState::OnlyInA && carriesWeights(a(pair)) ? 1 : 0;
        m_totals.foreignB += state == PairState::OnlyInB && carriesWeights(b(pair)) ? 1 : 0;
        m_totals.shape += state == PairState::ShapeDiffers && pair.axes.empty() ? 1 : 0;
        m_totals.transposed += pair.axes.empty() ? 0 : 1;
        m_totals.dtype += pair.dtypeDiffers ? 1 : 0;
        m_totals.renamed += pair.isRenamed() ? 1 : 0;
        m_totals.unread += pair.isPair() && !pair.values && (state != PairState::ShapeDiffers || !pair.axes.empty()) ? 1 : 0; // those of another shape are said already
        if (state == PairState::Changed)
            m_totals.changedRows.push_back(index);
        if (state == PairState::OnlyInB && carriesWeights(b(pair)) && isMatrix(b(pair)))
            m_totals.foreignMatrices.push_back(index);
        if (!pair.values)
            return;
        if (!carriesWeights(a(pair)))
            return;
        const ValueDifference& values = *pair.values;
        m_totals.squaresA += values.normA * values.normA;
        m_totals.squaresD += values.normDifference * values.normDifference;
        m_totals.matrices += isMatrix(a(pair)) ? 1 : 0;
        if (state == PairState::Changed && isMatrix(a(pair)) && values.cosine < unrelated)
            m_totals.farMatrices.push_back(index);
        if (const auto layer = layerOf(a(pair).name)) {
            LayerChange& change = m_layers[std::string(layer->stem) + std::to_string(layer->index)];
            change.squaresA += values.normA * values.normA;
            change.squaresD += values.normDifference * values.normDifference;
            change.isSame = change.isSame && values.isSame();
        }
    }

    void rankLayers()
    {
        std::vector<std::string> moved;
        for (const auto& [layer, change] : m_layers)
            (change.isSame ? m_out.frozen : moved).push_back(layer);
        if (moved.empty())
            m_out.frozen.clear();
        std::sort(m_out.frozen.begin(), m_out.frozen.end(), [](const auto& x, const auto& y) { return comesBefore(x, y); });
        std::stable_sort(moved.begin(), moved.end(), [this](const auto& x, const auto& y) { return m_layers.at(x).relative() > m_layers.at(y).relative(); });
        m_out.movedMost = std::move(moved);
    }

    void say(RelationKind kind, std::string sentence, std::string subSentence)
    {
        m_out.kind = kind;
        m_out.sentence = std::move(sentence);
        m_out.subSentence = std::move(subSentence);
    }

    void decide()
    {
        if (m_totals.pairs == 0)
            return say(RelationKind::OtherStructure, "A and B share no tensor", fmt::format("A has {}, B has {}, and neither names, shapes nor values bring two of them together.", counted(m_totals.onlyA, "tensor"), counted(m_totals.onlyB, "tensor")));
        if (!m_difference.hasValues)
            return decideByStructure();
        findRandom();
        if (!m_randomForeign.empty() && decideForeign())
            return;
        if (m_totals.changedRows.empty())
            return decideUnchanged();
        if (!m_totals.farMatrices.empty() && decideFar())
            return;
        decideChanged();
    }

    /// "26 tensors have another name, 2 are only in B": what a sub-sentence says of structure; empty if there is nothing.
    [[nodiscard]] std::string structure() const
    {
        std::vector<std::string> parts;
        if (m_totals.renamed > 0)
            parts.push_back(fmt::format("{} {} another name", counted(m_totals.renamed, "tensor"), m_totals.renamed == 1 ? "has" : "have"));
        if (m_totals.shape > 0)
            parts.push_back(fmt::format("{} another shape", m_totals.shape));
        if (m_totals.transposed > 0)
            parts.push_back(fmt::format("{} transposed", m_totals.transposed));
        if (m_totals.dtype > 0)
            parts.push_back(fmt::format("{} another dtype", m_totals.dtype));
        if (m_totals.onlyA > 0)
            parts.push_back(fmt::format("{} only in A", m_totals.onlyA));
        if (m_totals.onlyB > 0)
            parts.push_back(fmt::format("{} only in B", m_totals.onlyB));
        if (m_difference.hasValues && m_totals.unread > 0)
            parts.push_back(fmt::format("{} could not be compared", m_totals.unread));
        return parts.empty() ? std::string() : fmt::format("{}.", fmt::join(parts, ", "));
    }

    [[nodiscard]] std::string numbers(const std::string& first) const
    {
        const std::string rest = structure();
        return first + (rest.empty() ? "" : " " + rest) + m_headNote;
    }

    void decideByStructure()
    {
        const bool sameTensors = !m_difference.hasDifferences();
        const std::string sentence = sameTensors ? m_totals.renamed > 0 ? "B has A's tensors under other names" : "A and B have the same tensors" : "A and B differ in structure";
        const auto compared = std::count_if(m_difference.pairs.begin(), m_difference.pairs.end(), [](const TensorPair& pair) { return pair.values.has_value(); });
        say(RelationKind::Unknown, sentence, numbers(compared > 0 ? fmt::format("Values of {} of {} were compared.", compared, counted(m_totals.pairs, "pair")) : "Values were not compared."));
    }

    /// Tensors that only one side has, or in another shape, lie in the head.
    [[nodiscard]] bool onlyHeadIsForeign() const
    {
        return std::all_of(m_difference.pairs.begin(), m_difference.pairs.end(), [this](const TensorPair& pair) {
            const PairState state = stateOf(pair);
            const bool isOnOneSide = state == PairState::OnlyInA || state == PairState::OnlyInB;
            const bool isBuffer = isOnOneSide && !carriesWeights(pair.a >= 0 ? a(pair) : b(pair)); // loaders make it themselves
            return (!isOnOneSide && state != PairState::ShapeDiffers) || isBuffer || isHead(nameOf(pair));
        });
    }

    [[nodiscard]] std::string headName() const
    {
        std::set<std::string> names;
        for (const TensorPair& pair : m_difference.pairs)
            if (pair.a < 0 && isHead(b(pair).name))
                names.insert(b(pair).name.substr(0, b(pair).name.find('.')));
        return names.size() == 1 ? shown(*names.begin()) : "head";
    }

    void decideUnchanged()
    {
        const size_t shared = m_totals.pairs - m_totals.shape;
        const std::string same = fmt::format("The values of {} are the same{}.", counted(shared - m_totals.unread, "shared tensor"), m_totals.dtype > 0 ? ", rounding aside" : "");
        if (m_totals.foreignA + m_totals.foreignB + m_totals.shape > 0) {
            if (shared > 0 && onlyHeadIsForeign())
                return say(RelationKind::HeadOnly, "B is A but for the head", numbers(same));
            const bool isPart = m_totals.shape + m_totals.foreignB == 0;
            const bool isMore = m_totals.shape + m_totals.foreignA == 0;
            const std::string sentence = isPart ? fmt::format("B is a part of A: {} of {} tensors", m_totals.pairs, m_difference.a->tensors.size())
                                       : isMore ? fmt::format("B is A with {} more", counted(m_totals.foreignB, "tensor"))
                                                : "What A and B share is the same";
            return say(RelationKind::SameValues, sentence, numbers(same));
        }
        if (m_totals.unread > 0 && m_totals.unread == m_totals.pairs)
            return say(RelationKind::Unknown, "A and B have the same tensors, but no values could be compared", structure());
        if (m_totals.dtype > 0)
            return decideDtype(same);
        if (m_difference.unreadable())
            return say(RelationKind::Unknown, "What could be read is the same", numbers(same));
        if (m_totals.renamed > 0 || m_totals.transposed > 0)
            return say(RelationKind::SameValues, m_totals.renamed > 0 ? "B is A under other names" : "B is A with transposed matrices", numbers(same));
        if (m_totals.onlyA + m_totals.onlyB > 0)
            return say(RelationKind::SameValues, "B is A but for buffers that loaders make themselves", numbers(same));
        const bool isBitwise = std::all_of(m_difference.pairs.begin(), m_difference.pairs.end(), [](const TensorPair& pair) { return pair.values && pair.values->isBitwiseEqual; });
        const std::string hold = m_difference.metadata.differing.empty() ? "" : fmt::format(" {} of the metadata differ{}.", counted(m_difference.metadata.differing.size(), "field"), m_difference.metadata.differing.size() == 1 ? "s" : "");
        say(RelationKind::Identical, m_difference.atol + m_difference.rtol > 0 && !isBitwise ? "B is A within the tolerance" : "A and B are identical",
            fmt::format("{} compared{}.{}", counted(m_totals.pairs, "tensor"), isBitwise ? ", all the same bit for bit" : ", all with the same values", hold));
    }

    void decideDtype(const std::string& same)
    {
        std::map<Rounding, size_t> roundings;
        std::set<std::string> dtypesA, dtypesB;
        for (const TensorPair& pair : m_difference.pairs) {
            if (!pair.dtypeDiffers || !pair.values)
                continue;
            ++roundings[pair.values->rounding];
            dtypesA.emplace(a(pair).dtypeName());
            dtypesB.emplace(b(pair).dtypeName());
        }
        const std::string ofA = fmt::format("{}", fmt::join(dtypesA, ", "));
        const std::string ofB = fmt::format("{}", fmt::join(dtypesB, ", "));
        const std::string loss = fmt::format("That costs {} of the weights' size.", percent(m_out.relativeChange));
        if (roundings[Rounding::Quantized] > 0)
            return say(RelationKind::OtherDType, fmt::format("B looks like A quantized to {}", ofB), numbers(loss));
        if (roundings[Rounding::Rounded] > 0)
            return say(RelationKind::OtherDType, fmt::format("B is A in {}", ofB), numbers("Every value is A's, rounded. " + loss));
        if (roundings[Rounding::Narrower] > 0)
            return say(RelationKind::OtherDType, fmt::format("A is B in {}", ofA), numbers("Every value of A is B's, rounded: B is what A was made from. " + loss));
        say(RelationKind::OtherDType, fmt::format("B is A in {}", ofB), numbers(same));
    }

    /// Matrices that no longer resemble A's: drawn at random, or trained apart. False if there are too few to say so.
    bool decideFar()
    {
        const bool most = mostAreFar();
        const std::string far = fmt::format("{} of {} matrices do not resemble A's (cosine below {}).", m_totals.farMatrices.size(), m_totals.matrices, unrelated);
        if (m_randomFar > 0 && !most) {
            say(RelationKind::PartlyRandom, fmt::format("B has random weights where A is trained: {}", placesOf(layersOf(m_out.randomInB))), numbers(far));
            return true;
        }
        if (!m_randomInA.empty() && !most) {
            say(RelationKind::PartlyRandom, fmt::format("A has random weights where B is trained: {}", placesOf(layersOf(m_randomInA))), numbers(far));
            return true;
        }
        if (!most)
            return false;
        if (2 * m_randomFar > m_totals.farMatrices.size())
            say(RelationKind::PartlyRandom, "B has A's architecture, but its weights look random", numbers(far));
        else
            say(RelationKind::OtherWeights, "B has A's architecture, but unrelated weights", numbers(far));
        return true;
    }

    [[nodiscard]] bool mostAreFar() const { return 2 * m_totals.farMatrices.size() > m_totals.matrices; }

    [[nodiscard]] std::optional<ModelOrigin> originOf(const Checkpoint& checkpoint)
    {
        const std::string path = findConfig(checkpoint);
        const auto config = path.empty() ? Result<Config>(failure("config-missing", "")) : loadConfig(path, m_job);
        auto all = analyseCheckpoint(checkpoint, config ? hintsOf(config->root) : ConfigHints{}, 0, m_job);
        return all ? std::optional(std::move(all->origin)) : std::nullopt;
    }

    /// The first of some layers, in words.
    static std::string placesOf(const std::vector<std::string>& layers)
    {
        constexpr size_t most = 3;
        return fmt::format("{}{}", fmt::join(mergedNames({layers.begin(), layers.begin() + ptrdiff_t(std::min(most, layers.size()))}), ", "), layers.size() > most ? ", …" : "");
    }

    static void addModule(std::vector<std::string>& modules, const std::string& name)
    {
        if (std::string module = moduleOf(name); modules.empty() || modules.back() != module)
            modules.push_back(std::move(module));
    }

    /// Among the matrices that do not resemble each other, those that look random on one side; and those that only B has and that do.
    void findRandom()
    {
        if (m_totals.farMatrices.empty() && m_totals.foreignMatrices.empty())
            return;
        const auto ofB = originOf(*m_difference.b);
        const auto isRandom = [](const ModelOrigin& origin, int tensor) { return origin.tensors[static_cast<size_t>(tensor)].verdict == OriginVerdict::Random; };
        if (!ofB)
            return;
        if (ofB->verdict != ModelVerdict::Random) // else it says nothing of these
            for (const size_t row : m_totals.foreignMatrices)
                if (const TensorPair& pair = m_difference.pairs[row]; isRandom(*ofB, pair.b))
                    addModule(m_randomForeign, b(pair).name);
        const auto anyRandom = std::any_of(m_totals.farMatrices.begin(), m_totals.farMatrices.end(), [&](size_t row) { return isRandom(*ofB, m_difference.pairs[row].b); });
        const bool asksA = anyRandom || (!m_totals.farMatrices.empty() && !mostAreFar());
        const auto ofA = asksA ? originOf(*m_difference.a) : std::nullopt;
        if (!ofA)
            return;
        for (const size_t row : m_totals.farMatrices) {
            const TensorPair& pair = m_difference.pairs[row];
            const bool inA = isRandom(*ofA, pair.a);
            const bool inB = isRandom(*ofB, pair.b);
            if (inB && !inA) {
                ++m_randomFar;
                addModule(m_out.randomInB, b(pair).name);
            } else if (inA && !inB) {
                addModule(m_randomInA, a(pair).name);
            }
        }
    }

    /// B has layers that A has not, and they look random. A head that does is only noted.
    bool decideForeign()
    {
        std::vector<std::string> modules;
        std::copy_if(m_randomForeign.begin(), m_randomForeign.end(), std::back_inserter(modules), [](const std::string& module) { return !isHead(module); });
        if (modules.empty()) {
            m_headNote = fmt::format(" The new {} looks random.", headName());
            return false;
        }
        if (!m_totals.farMatrices.empty())
            return false;
        m_out.randomInB = modules;
        const auto& changed = m_totals.changedRows;
        const std::string shared = changed.empty() ? "What both have is the same." : fmt::format("{} shared tensors changed{}.", changed.size(), mostMoved());
        say(RelationKind::PartlyRandom, fmt::format("B is A{} with random layers that A has not: {}", changed.empty() ? "" : " fine-tuned,", placesOf(layersOf(modules))), numbers(shared));
        return true;
    }

    void decideChanged()
    {
        const auto& changed = m_totals.changedRows;
        const size_t compared = m_totals.pairs - m_totals.unread - m_totals.shape;
        std::string first = fmt::format("{} of {} shared tensors changed{}.", changed.size(), compared, mostMoved());
        const bool inHead = std::all_of(changed.begin(), changed.end(), [this](size_t row) { return isHead(nameOf(m_difference.pairs[row])); });
        if (inHead && changed.size() < compared && onlyHeadIsForeign())
            return say(RelationKind::HeadOnly, "B is A but for the head", numbers(first));
        if (changed.size() <= fewTensors && 10 * changed.size() <= compared) {
            const std::string& name = nameOf(m_difference.pairs[changed.front()]);
            return say(RelationKind::Edited, changed.size() == 1 ? fmt::format("B is A but for one tensor: {}", shown(name, 90)) : fmt::format("B is A but for {} tensors", changed.size()), numbers(first));
        }
        if (decideLowRank(first))
            return;
        std::string sentence = "B is A fine-tuned";
        const bool newHead = m_totals.onlyB + m_totals.shape > 0 && onlyHeadIsForeign();
        if (newHead)
            sentence += fmt::format(", with a new {} on top", headName());
        if (const std::string frozen = frozenLayers(); !frozen.empty())
            sentence += fmt::format(", {} frozen", frozen);
        say(RelationKind::FineTuned, std::move(sentence), numbers(first));
    }

    bool decideLowRank(const std::string& first)
    {
        std::vector<size_t> matrices;
        for (const size_t row : m_totals.changedRows)
            if (a(m_difference.pairs[row]).shape.size() > 1)
                matrices.push_back(row);
        size_t low = 0, told = 0;
        int rank = 0;
        const size_t samples = std::min(matrices.size(), sampledMatrices);
        for (size_t i = 0; i < samples && !m_job.cancelled(); ++i) {
            const auto found = lowRankOf(m_difference, m_difference.pairs[matrices[i * matrices.size() / samples]], m_job);
            ++told;
            low += found && *found > 0 ? 1 : 0;
            rank = std::max(rank, found.value_or(0));
        }
        if (told == 0 || 5 * low < 4 * told)
            return false;
        m_out.rank = rank;
        say(RelationKind::LowRank, fmt::format("B looks like A with a LoRA of rank {} merged", rank),
            numbers(fmt::format("{} {} looked at differ by a matrix of rank {} or less.", first, told == 1 ? std::string("The one matrix that was") : fmt::format("The {} matrices that were", told), rank)));
        return true;
    }

    /// ", most in layer 5 (4.1 %)".
    [[nodiscard]] std::string mostMoved() const
    {
        if (m_out.movedMost.empty())
            return {};
        const std::string& top = m_out.movedMost.front();
        return fmt::format(", most in {} ({})", shortLayer(top), percent(m_layers.at(top).relative()));
    }

    [[nodiscard]] std::string frozenLayers() const
    {
        std::map<std::string, std::vector<int64_t>> byStem;
        for (const std::string& layer : m_out.frozen)
            if (const auto parts = layerOf(layer))
                byStem[std::string(parts->stem)].push_back(parts->index);
        if (byStem.size() != 1)
            return byStem.empty() ? "" : "some layers";
        const auto& indices = byStem.begin()->second;
        return indices.size() == 1 ? fmt::format("layer {}", indices.front()) : "layers " + formatIndices(indices);
    }

    Difference& m_difference;
    JobContext& m_job;
    Totals m_totals;
    std::map<std::string, LayerChange> m_layers; ///< "encoder.layer.5"
    size_t m_randomFar = 0;
    std::vector<std::string> m_randomInA; ///< modules that are trained in B
    std::vector<std::string> m_randomForeign; ///< modules that only B has and that look random
    std::string m_headNote;
    Relation m_out;
};

} // namespace

const char* name(RelationKind kind)
{
    switch (kind) {
    case RelationKind::Identical: return "identical";
    case RelationKind::SameValues: return "same-values";
    case RelationKind::OtherDType: return "other-dtype";
    case RelationKind::Edited: return "edited";
    case RelationKind::FineTuned: return "fine-tuned";
    case RelationKind::HeadOnly: return "head-only";
    case RelationKind::LowRank: return "low-rank";
    case RelationKind::PartlyRandom: return "partly-random";
    case RelationKind::OtherWeights: return "other-weights";
    case RelationKind::OtherStructure: return "other-structure";
    case RelationKind::Unknown: return "unknown";
    }
    return "";
}

void relate(Difference& difference, JobContext& job)
{
    difference.relation = Relating(difference, job).run();
}

} // namespace weighbridge
