// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/format/detail/folder_difference.h"

#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/checkpoint/tensor_reader.h"

#include <fmt/format.h>

#include <unordered_map>

namespace weighbridge {
namespace {

std::string tensors(size_t count)
{
    return count == 1 ? "1 tensor" : fmt::format("{} tensors", count);
}

bool hasOtherValues(const Checkpoint& first, const TensorInfo& a, const Checkpoint& second, const TensorInfo& b, JobContext& job)
{
    const auto hash = sha256OfTensor(first, a, job);
    const auto other = hash ? sha256OfTensor(second, b, job) : hash;
    return hash && other && *hash != *other;
}

} // namespace

FolderDifference differenceOf(const Checkpoint& first, const Checkpoint& second, JobContext& job)
{
    FolderDifference out;
    out.valuesCompared = first.nbytes() <= limits::checkedAtOnceNbytes && second.nbytes() <= limits::checkedAtOnceNbytes;
    std::unordered_map<std::string_view, const TensorInfo*> byName;
    for (const TensorInfo& tensor : first.tensors)
        byName.emplace(tensor.name, &tensor);
    for (const TensorInfo& tensor : second.tensors) {
        const auto found = byName.find(tensor.name);
        if (found == byName.end()) {
            ++out.onlySecond;
            continue;
        }
        const TensorInfo& other = *found->second;
        ++out.common;
        const bool isOtherShape = other.shape != tensor.shape;
        const bool isOtherDtype = !isOtherShape && other.dtypeName() != tensor.dtypeName();
        const bool hasOthers = out.valuesCompared && !isOtherShape && !isOtherDtype && hasOtherValues(first, other, second, tensor, job);
        out.shapes += isOtherShape;
        out.dtypes += isOtherDtype;
        out.values += hasOthers;
        if (out.example.empty() && (isOtherShape || hasOthers))
            out.example = tensor.name;
    }
    out.onlyFirst = byName.size() - std::min(byName.size(), out.common);
    return out;
}

std::string FolderDifference::sentence() const
{
    if (common == 0)
        return fmt::format("names its {} differently, as files of another framework do.", tensors(onlySecond));
    if (!isOther() && dtypes == 0)
        return valuesCompared ? fmt::format("holds the same {} with the same values.", tensors(common)) : fmt::format("holds the same {} in the same shapes; the values were not compared.", tensors(common));
    std::string parts;
    const auto add = [&parts](size_t count, std::string_view what) {
        if (count > 0)
            parts += fmt::format("{}{} {}", parts.empty() ? "" : ", ", tensors(count), what);
    };
    add(onlyFirst, "missing");
    add(onlySecond, "that the first has not");
    add(shapes, "of another shape");
    add(dtypes, "of another dtype");
    add(values, "with other values");
    return fmt::format("differs: {}{}.", parts, example.empty() ? "" : fmt::format(" (the first is {})", shown(example, 120)));
}

Value FolderDifference::evidence() const
{
    Value::Map out{{"common", uint64_t{common}}, {"only_first", uint64_t{onlyFirst}}, {"only_second", uint64_t{onlySecond}}, {"shape", uint64_t{shapes}}, {"dtype", uint64_t{dtypes}}};
    if (valuesCompared)
        out.emplace_back("values", uint64_t{values});
    return out;
}

} // namespace weighbridge
