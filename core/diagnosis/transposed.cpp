// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/diagnosis/rule.h"

#include "core/base/json.h"
#include "core/base/text.h"
#include "core/diagnosis/fix.h"
#include "core/diagnosis/layer_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

namespace weighbridge {
namespace {

/// Rows by token, position or bucket: a kernel never is one of these, whatever the converter did. The output layer often is the embedding itself.
bool isLookupTable(std::string_view name)
{
    static constexpr std::array<std::string_view, 7> words{"embed", "wte.", "wpe.", "shared.", "lm_head", "decoder.weight", "attention_bias"};
    return std::any_of(words.begin(), words.end(), [name](std::string_view word) { return name.find(word) != std::string_view::npos; });
}

/// The matrices of linear layers, by what their shapes say.
struct Kernels {
    std::vector<std::string> reversed; ///< names, as expected
    std::vector<int> edits;            ///< indices of the reversed ones into the checkpoint's tensors
    std::vector<int> square;           ///< ... and of those whose shape cannot tell
    size_t asExpected = 0;             ///< not square, and right
};

Kernels kernelsOf(const Facts& facts)
{
    std::unordered_map<int, const FoundTensor*> found;
    for (const FoundTensor& tensor : facts.found)
        found.emplace(tensor.index, &tensor);
    Kernels kernels;
    for (const Match& match : facts.comparison->matches) {
        const auto entry = found.find(match.found);
        if (match.expected < 0 || entry == found.end())
            continue;
        const ExpectedTensor& wanted = facts.expected->tensors[static_cast<size_t>(match.expected)];
        const Shape& shape = entry->second->shape;
        if (wanted.shape.size() != 2 || shape.size() != 2)
            continue;
        const bool isSquare = wanted.shape[0] == wanted.shape[1];
        if (match.status == Status::ShapeDiffers && wanted.shape[0] == shape[1] && wanted.shape[1] == shape[0]) {
            kernels.reversed.push_back(wanted.name);
            kernels.edits.push_back(match.found);
        } else if (shape == wanted.shape && !isLookupTable(wanted.name)) {
            kernels.asExpected += isSquare ? 0 : 1;
            if (isSquare)
                kernels.square.push_back(match.found);
        }
    }
    return kernels;
}

/// A regular expression for the name with any layer's number, as a Python literal; of a name with other signs, the name itself.
std::string patternOf(const std::string& name)
{
    const auto isPlain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.'; };
    if (!std::all_of(name.begin(), name.end(), isPlain))
        return fmt::format("re.escape({})", toJson(Value(name)));
    const auto escaped = [](std::string_view text) { return fmt::format("{}", fmt::join(split(text, '.'), "\\.")); };
    const auto layer = layerOf(name);
    return layer ? fmt::format("r\"{}\\d+{}\"", escaped(layer->stem), escaped(layer->rest)) : fmt::format("r\"{}\"", escaped(name));
}

/// Layers share a pattern unless it fits a tensor that stays as it is.
std::string pythonOf(const Fix& fix)
{
    std::map<std::string, bool> patterns; // whether all that it fits are transposed
    for (const KeptTensor& kept : fix.keeps)
        patterns.try_emplace(patternOf(kept.name), true).first->second &= kept.transposed;
    std::set<std::string> lines;
    for (const KeptTensor& kept : fix.keeps)
        if (const std::string pattern = patternOf(kept.name); kept.transposed)
            lines.insert(patterns.at(pattern) ? pattern : fmt::format("re.escape({})", toJson(Value(kept.name))));
    return fmt::format(
        "import re\n\nkernels = [\n    {},\n]\nfor name in state_dict:\n    if any(re.fullmatch(kernel, name) for kernel in kernels):\n"
        "        state_dict[name] = state_dict[name].T.contiguous()\n",
        fmt::join(lines, ",\n    "));
}

class Transposed final : public Rule {
public:
    RuleInfo info() const override { return {"transposed", "Matrices lie the way PyTorch keeps them", order::sizes}; }

    std::vector<Finding> check(const Facts& facts, JobContext& job) const override
    {
        if (!facts.expected || !facts.comparison)
            return {};
        Kernels kernels = kernelsOf(facts);
        if (kernels.reversed.empty() || kernels.reversed.size() * 2 < facts.comparison->rows(Status::ShapeDiffers).size())
            return {};
        const size_t square = kernels.square.size();
        const bool squareToo = kernels.asExpected == 0 && square > 0;
        const std::vector<FoundTensor> reversed = edited(facts.found, kernels.edits);
        if (squareToo)
            kernels.edits.insert(kernels.edits.end(), kernels.square.begin(), kernels.square.end());
        Finding finding;
        finding.rule = "transposed";
        finding.severity = Severity::Error;
        finding.title = kernels.reversed.size() == 1 ? "One matrix is transposed" : fmt::format("{} matrices are transposed", kernels.reversed.size());
        finding.explanation = fmt::format("Their shapes are the expected ones in reverse, as TensorFlow and JAX keep kernels ([in, out] instead of [out, in]). {} square ones cannot be told by shape: "
                                          "if these were copied without transposing, those were too.", square);
        finding.evidence = {{"transposed", static_cast<uint64_t>(kernels.reversed.size())}, {"square", static_cast<uint64_t>(square)}};
        finding.fix.text = "Transpose the kernels of all linear layers when converting, the square ones too.";
        if (squareToo)
            finding.fix.assumption = fmt::format("The {} square matrices of linear layers lie as the others do and are transposed with them; their shapes cannot prove it", square);
        finding.tensors = std::move(kernels.reversed);
        if (squareToo) // by shape both fit; the one that is taken comes first
            takeBest(finding, facts, {{"transpose all of linear layers", edited(facts.found, kernels.edits), {}}, {"transpose those of reversed shape alone", reversed, {}}}, job);
        else
            takeBest(finding, facts, {{"transpose those of reversed shape", reversed, {}}}, job);
        finding.fix.python = pythonOf(finding.fix);
        return {finding};
    }

private:
    static std::vector<FoundTensor> edited(std::vector<FoundTensor> found, const std::vector<int>& indices)
    {
        const std::unordered_set<int> chosen(indices.begin(), indices.end());
        for (FoundTensor& tensor : found) {
            if (!chosen.contains(tensor.index))
                continue;
            std::reverse(tensor.shape.begin(), tensor.shape.end());
            tensor.transposed = !tensor.transposed;
        }
        return found;
    }
};

} // namespace

const Rule& transposedRule()
{
    static const Transposed rule;
    return rule;
}

} // namespace weighbridge
