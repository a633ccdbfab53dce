// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/models/palette_search.h"

#include "core/base/text.h"
#include "ui/models/tensor_filter.h"

#include <algorithm>

namespace weighbridge {
namespace {

std::vector<std::string> wordsOf(std::string_view text)
{
    std::vector<std::string> out;
    for (const std::string_view word : split(text, ' '))
        if (!word.empty())
            out.push_back(lowered(word));
    return out;
}

bool hasAll(const std::string& name, const std::vector<std::string>& words)
{
    return std::all_of(words.begin(), words.end(), [&name](const std::string& word) { return name.find(word) != std::string::npos; });
}

} // namespace

PaletteHits searchTree(const TensorTree& tree, std::string_view text, size_t most, const JobContext& job)
{
    constexpr int nodesBetweenLooks = 4096;
    PaletteHits hits;
    const std::vector<std::string> words = wordsOf(text);
    const TensorFilter filter(text);
    if (words.empty() || filter.isEmpty())
        return hits;
    for (int node = 1; node < int(tree.size()) && hits.modules.size() < most && !(node % nodesBetweenLooks == 0 && job.cancelled()); ++node) {
        const TensorNode::Kind kind = tree.node(node).kind;
        if ((kind == TensorNode::Kind::Module || kind == TensorNode::Kind::Fold) && hasAll(lowered(tree.fullName(node)), words))
            hits.modules.push_back(node);
    }
    const auto& rows = tree.rows().rows();
    for (size_t row = 0; row < rows.size() && hits.tensors.size() < most && !(row % nodesBetweenLooks == 0 && job.cancelled()); ++row) {
        const bool fits = std::all_of(filter.terms().begin(), filter.terms().end(), [&](const FilterTerm& term) { return TensorFilter::accepts(term, tree.rows(), rows[row]); });
        if (fits)
            hits.tensors.push_back(tree.nodeOfRow(int(row)));
    }
    return hits;
}

} // namespace weighbridge
