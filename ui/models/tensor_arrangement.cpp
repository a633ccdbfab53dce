// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/models/tensor_arrangement.h"

#include "ui/models/natural_order.h"

#include <algorithm>
#include <string_view>

namespace weighbridge {
namespace {

std::string_view sortText(const TensorTree& tree, int node, TensorOrder order)
{
    if (order == TensorOrder::Name)
        return tree.label(node);
    const TensorRow* row = tree.tensor(node);
    if (!row)
        return {};
    if (const TensorInfo* found = tree.rows().foundOf(*row))
        return found->dtypeName();
    return name(tree.rows().expectedOf(*row)->dtype);
}

double sortNumber(const TensorTree& tree, int node, const ArrangementRequest& request)
{
    const TensorNode& n = tree.node(node);
    const TensorRow* row = tree.tensor(node);
    switch (request.order) {
    case TensorOrder::Status: return double(n.worst);
    case TensorOrder::Expected: {
        const ExpectedTensor* expected = row ? tree.rows().expectedOf(*row) : nullptr;
        return expected ? double(numel(expected->shape).value_or(0)) : row ? -1 : double(n.parameters);
    }
    case TensorOrder::Found: return row && row->found < 0 ? -1 : double(n.parameters);
    case TensorOrder::Size: return double(n.nbytes);
    case TensorOrder::Spread: {
        const auto known = row ? request.deviations.find(row->found) : request.deviations.end();
        return known == request.deviations.end() ? -1 : known->second;
    }
    default: return double(n.parameters);
    }
}

std::vector<bool> shownNodes(const TensorTree& tree, const TensorFilter& filter, const FilterHits& hits)
{
    std::vector<bool> isShown(tree.size(), filter.isEmpty());
    for (size_t node = tree.size(); node-- > 1;) { // a parent's index is smaller
        const TensorNode& n = tree.node(int(node));
        if (!filter.isEmpty() && n.kind == TensorNode::Kind::Tensor)
            isShown[node] = hits.kept[static_cast<size_t>(n.tensorRow)];
        if (isShown[node])
            isShown[static_cast<size_t>(n.parent)] = true;
    }
    return isShown;
}

void placeChildren(const TensorTree& tree, const std::vector<bool>& isShown, TensorArrangement& out)
{
    out.first.resize(tree.size());
    out.count.resize(tree.size());
    for (size_t node = 0; node < tree.size(); ++node) {
        const TensorNode& n = tree.node(int(node));
        out.first[node] = int(out.children.size());
        if (!isShown[node])
            continue;
        for (int child = n.firstChild; child < n.firstChild + n.children; ++child)
            if (isShown[static_cast<size_t>(child)])
                out.children.push_back(child);
        out.count[node] = int(out.children.size()) - out.first[node];
    }
}

/// Equal ones stay in the model's order, whatever the direction.
void sortChildren(const TensorTree& tree, const ArrangementRequest& request, const JobContext& job, TensorArrangement& out)
{
    const bool isText = request.order == TensorOrder::Name || request.order == TensorOrder::DType;
    std::vector<double> numbers(isText ? 0 : tree.size());
    for (size_t node = 1; node < numbers.size(); ++node)
        numbers[node] = sortNumber(tree, int(node), request);
    const auto less = [&](int a, int b) {
        return isText ? naturallyLess(sortText(tree, a, request.order), sortText(tree, b, request.order)) : numbers[static_cast<size_t>(a)] < numbers[static_cast<size_t>(b)];
    };
    for (size_t node = 0; node < out.count.size() && !job.cancelled(); ++node) {
        if (out.count[node] < 2)
            continue;
        const auto first = out.children.begin() + out.first[node];
        if (request.isDescending)
            std::stable_sort(first, first + out.count[node], [&less](int a, int b) { return less(b, a); });
        else
            std::stable_sort(first, first + out.count[node], less);
    }
}

} // namespace

TensorArrangementPtr arrangeTensors(const TensorTree& tree, const ArrangementRequest& request, const TensorArrangement* before, const JobContext& job)
{
    auto out = std::make_shared<TensorArrangement>();
    out->filter = request.filter;
    if (!request.filter.isEmpty()) {
        const bool narrows = before && before->hits.count > 0 && request.filter.narrows(before->filter);
        auto hits = findTensors(request.filter, tree.rows(), request.origin, job, narrows ? &before->hits : nullptr);
        if (!hits)
            return nullptr;
        out->hits = std::move(*hits);
    }
    placeChildren(tree, shownNodes(tree, request.filter, out->hits), *out);
    if (request.order != TensorOrder::Model)
        sortChildren(tree, request, job, *out);
    out->row.resize(tree.size(), -1);
    for (size_t node = 0; node < tree.size(); ++node)
        for (int row = 0; row < out->count[node]; ++row)
            out->row[static_cast<size_t>(out->children[static_cast<size_t>(out->first[node] + row)])] = row;
    return job.cancelled() ? nullptr : out;
}

} // namespace weighbridge
