// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/diagnosis/rule.h"

#include "core/diagnosis/fix.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

namespace weighbridge {
namespace {

class Transposed final : public Rule {
public:
    RuleInfo info() const override { return {"transposed", "Matrices lie the way PyTorch keeps them", order::sizes}; }

    std::vector<Finding> check(const Facts& facts, JobContext& job) const override
    {
        if (!facts.expected || !facts.comparison)
            return {};
        std::vector<FoundTensor> edited = facts.found;
        std::unordered_map<int, size_t> place;
        for (size_t i = 0; i < edited.size(); ++i)
            place.emplace(edited[i].index, i);
        std::vector<std::string> reversed;
        size_t square = 0;
        const auto mismatched = facts.comparison->rows(Status::ShapeDiffers);
        for (const Match& match : facts.comparison->matches) {
            if (match.expected < 0 || match.found < 0)
                continue;
            const Shape& wanted = facts.expected->tensors[static_cast<size_t>(match.expected)].shape;
            const Shape& shape = facts.checkpoint->tensors[static_cast<size_t>(match.found)].shape;
            const bool isMatrix = wanted.size() == 2 && shape.size() == 2;
            if (isMatrix && wanted[0] == wanted[1] && shape == wanted)
                ++square;
            if (!isMatrix || match.status != Status::ShapeDiffers || wanted[0] != shape[1] || wanted[1] != shape[0])
                continue;
            reversed.push_back(facts.expected->tensors[static_cast<size_t>(match.expected)].name);
            std::reverse(edited[place.at(match.found)].shape.begin(), edited[place.at(match.found)].shape.end());
        }
        if (reversed.empty() || reversed.size() * 2 < mismatched.size())
            return {};
        Finding finding;
        finding.rule = "transposed";
        finding.severity = Severity::Error;
        finding.title = reversed.size() == 1 ? "One matrix is transposed" : fmt::format("{} matrices are transposed", reversed.size());
        finding.explanation = fmt::format("Their shapes are the expected ones in reverse, as TensorFlow and JAX keep kernels ([in, out] instead of [out, in]). {} square ones cannot be told by shape: "
                                          "if these were copied without transposing, those were too.", square);
        finding.evidence = {{"transposed", static_cast<uint64_t>(reversed.size())}, {"square", static_cast<uint64_t>(square)}};
        finding.fix.text = "Transpose the kernels of all linear layers when converting, the square ones too.";
        finding.fix.python = "state_dict[name] = state_dict[name].T.contiguous()\n";
        finding.fix.keeps = keepsOf(edited, facts);
        finding.tensors = std::move(reversed);
        prove(finding.fix, facts, job);
        return {finding};
    }
};

} // namespace

const Rule& transposedRule()
{
    static const Transposed rule;
    return rule;
}

} // namespace weighbridge
