// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/comparison/conversion.h"

#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace weighbridge {
namespace {

using Step = LoaderConversion::Step;

/// Counted from the end if negative; nothing if the shape has no such dimension.
std::optional<size_t> dimensionOf(int64_t dimension, size_t rank)
{
    const int64_t place = dimension < 0 ? dimension + static_cast<int64_t>(rank) : dimension;
    return place >= 0 && place < static_cast<int64_t>(rank) ? std::optional(static_cast<size_t>(place)) : std::nullopt;
}

Error doesNotFit(const std::string& what)
{
    return Error("bad-shape", what);
}

class Conversion {
public:
    Conversion(const LoaderConversion& conversion, const Shape& expected) : m_conversion(conversion), m_expected(expected) {}

    Result<Collected> apply(const Step& step, Collected in) const
    {
        if (in.empty() || in.front().second.empty())
            return failure(doesNotFit("nothing is there to be converted"));
        switch (step.kind) {
        case Step::Kind::Stack: return stacked(step, std::move(in));
        case Step::Kind::Concatenate: return concatenated(step, in);
        case Step::Kind::Chunk: return chunked(step, in);
        case Step::Kind::Transpose: return transposed(step, in);
        case Step::Kind::Permute: return permuted(std::move(in));
        }
        return in;
    }

private:
    /// One tensor per expert becomes one tensor of all experts.
    Result<Collected> stacked(const Step& step, Collected in) const
    {
        const bool isOnly = in.size() == 1;
        if (isOnly && m_conversion.targets.size() != 1)
            return failure(doesNotFit("some of the parts are absent"));
        for (auto& [name, shapes] : in) {
            Shape out = shapes.front();
            for (const Shape& shape : shapes)
                if (shape != out)
                    return failure(doesNotFit(fmt::format("parts of the shapes {} and {} cannot be stacked", formatShape(out), formatShape(shape))));
            const auto place = dimensionOf(step.dimension, out.size() + 1);
            if (!place)
                return failure(doesNotFit("the parts have too few dimensions"));
            out.insert(out.begin() + static_cast<std::ptrdiff_t>(*place), static_cast<int64_t>(shapes.size()));
            shapes = {std::move(out)};
            if (isOnly)
                name = m_conversion.targets.front();
        }
        return in;
    }

    Result<Collected> concatenated(const Step& step, const Collected& in) const
    {
        std::optional<Shape> sum;
        for (size_t number = 0; number < m_conversion.sources; ++number)
            for (const auto& [name, shapes] : in)
                if (name == sourceName(number))
                    for (const Shape& shape : shapes)
                        if (!add(sum, shape, step.dimension))
                            return failure(doesNotFit(fmt::format("parts of the shapes {} and {} cannot be put one behind the other", formatShape(*sum), formatShape(shape))));
        if (!sum || m_conversion.targets.size() != 1)
            return failure(doesNotFit("some of the parts are absent"));
        return Collected{{m_conversion.targets.front(), {*sum}}};
    }

    static bool add(std::optional<Shape>& sum, const Shape& shape, int64_t dimension)
    {
        if (!sum) {
            sum = shape;
            return true;
        }
        const auto place = dimensionOf(dimension, sum->size());
        if (!place || shape.size() != sum->size())
            return false;
        Shape same = shape;
        same[*place] = (*sum)[*place];
        return same == *sum && !__builtin_add_overflow((*sum)[*place], shape[*place], &(*sum)[*place]);
    }

    /// As torch.chunk: the last part may be smaller, or absent.
    Result<Collected> chunked(const Step& step, const Collected& in) const
    {
        const Shape& whole = in.front().second.front();
        const auto place = dimensionOf(step.dimension, whole.size());
        const auto parts = static_cast<int64_t>(m_conversion.targets.size());
        if (in.size() != 1 || !place || parts == 0)
            return failure(doesNotFit("it cannot be cut into parts"));
        int64_t left = whole[*place];
        const int64_t each = left / parts + (left % parts != 0 ? 1 : 0);
        Collected out;
        for (const std::string& target : m_conversion.targets) {
            if (left <= 0)
                break;
            Shape part = whole;
            part[*place] = std::min(each, left);
            left -= each;
            out.emplace_back(target, std::vector<Shape>{std::move(part)});
        }
        return out;
    }

    Result<Collected> transposed(const Step& step, const Collected& in) const
    {
        Shape out = in.front().second.front();
        const auto first = dimensionOf(step.dimension, out.size());
        const auto second = dimensionOf(step.otherDimension, out.size());
        if (!first || !second)
            return failure(doesNotFit(fmt::format("a tensor of shape {} cannot be transposed so", formatShape(out))));
        if (!step.isOnlyIfNeeded || out != m_expected)
            std::swap(out[*first], out[*second]);
        return Collected{{m_conversion.targets.size() > 1 ? sourceName(0) : m_conversion.targets.front(), {std::move(out)}}};
    }

    /// Reorders elements: shapes stay.
    Result<Collected> permuted(Collected in) const
    {
        if ((m_conversion.targets.size() > 1) == (m_conversion.sources > 1))
            in.front().first = m_conversion.targets.front();
        return in;
    }

    const LoaderConversion& m_conversion;
    const Shape& m_expected;
};

} // namespace

std::string sourceName(size_t number)
{
    return fmt::format("\n{}", number); // no tensor is called so
}

Result<std::vector<std::pair<std::string, Shape>>> convertedShapes(const LoaderConversion& conversion, Collected collected, const Shape& expected)
{
    const Conversion steps(conversion, expected);
    for (const Step& step : conversion.steps) {
        auto next = steps.apply(step, std::move(collected));
        if (!next)
            return tl::unexpected(next.error());
        collected = std::move(*next);
    }
    std::vector<std::pair<std::string, Shape>> out;
    for (auto& [name, shapes] : collected)
        if (!shapes.empty())
            out.emplace_back(std::move(name), std::move(shapes.front()));
    return out;
}

} // namespace weighbridge
