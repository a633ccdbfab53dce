// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/statistics/companions.h"

#include "core/statistics/initialisers.h"
#include "core/statistics/origin.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

namespace weighbridge {
namespace {

constexpr size_t none = static_cast<size_t>(-1);
constexpr double ksOfBias = 2.2;

/// Statistics that a norm layer gathers, no parameters.
bool isRunningStatistic(const std::string& name)
{
    return name.ends_with("running_mean") || name.ends_with("running_var") || name.find("moving_") != std::string::npos
        || name.find("num_batches") != std::string::npos;
}

/// Uniform within 1/sqrt(fan in) of the matrix beside it: torch's default for biases.
bool isPlausibleBias(const TensorFeatures& bias, const Shape& matrix)
{
    if (matrix.size() < 2)
        return false;
    double kernel = 1;
    for (size_t i = 2; i < matrix.size(); ++i)
        kernel *= double(matrix[i]);
    const double a = double(matrix[0]);
    const double fans[] = {double(matrix[1]) * kernel, a * kernel, a, std::floor(a / 4), std::floor(a / 3)};
    return std::any_of(std::begin(fans), std::end(fans), [&bias](double fan) {
        const double bound = 1 / std::sqrt(fan);
        return fan >= 1 && bias.absmax() <= bound * (1 + roundingStep(bias.dtype)) && bias.absmax() >= bound * (1 - 14 / double(bias.elements))
            && bias.ksUniform < ksOfBias;
    });
}

} // namespace

Companions::Companions(std::span<const std::string> names, std::span<const TensorFeatures> features)
    : m_moduleOf(names.size()), m_states(names.size(), Companion::None)
{
    std::unordered_map<std::string, size_t> byPrefix;
    for (size_t i = 0; i < names.size(); ++i) {
        const auto [entry, isNew] = byPrefix.emplace(moduleOf(names[i]), m_modules.size());
        if (isNew) {
            m_modules.emplace_back();
            m_matrices.push_back(none);
        }
        m_moduleOf[i] = entry->second;
        m_modules[entry->second].push_back(i);
        if (features[i].isMatrix && m_matrices[entry->second] == none)
            m_matrices[entry->second] = i;
    }
    for (size_t i = 0; i < names.size(); ++i)
        m_states[i] = stateOf(i, names, features);
}

Companion Companions::stateOf(size_t index, std::span<const std::string> names, std::span<const TensorFeatures> features) const
{
    const TensorFeatures& vector = features[index];
    if (vector.isMatrix || vector.shape.size() != 1 || !vector.isFloat || isRunningStatistic(names[index]))
        return Companion::None;
    if (vector.isConstant)
        return vector.constant == 0 || vector.constant == 1 ? Companion::Initial : Companion::Moved;
    if (!vector.isTested)
        return Companion::Unknown;
    if (vector.isLattice())
        return Companion::Exact;
    const size_t matrix = m_matrices[m_moduleOf[index]];
    return matrix != none && isPlausibleBias(vector, features[matrix].shape) ? Companion::Plausible : Companion::Moved;
}

Companion Companions::ofModule(size_t index) const
{
    Companion worst = Companion::None;
    for (const size_t other : m_modules[m_moduleOf[index]])
        worst = std::max(worst, m_states[other]);
    return worst;
}

size_t Companions::matrixBeside(size_t index) const
{
    const size_t matrix = m_matrices[m_moduleOf[index]];
    return matrix == none ? index : matrix;
}

double Companions::movedShare() const
{
    const auto known = m_states.size() - static_cast<size_t>(std::count(m_states.begin(), m_states.end(), Companion::None))
        - static_cast<size_t>(std::count(m_states.begin(), m_states.end(), Companion::Unknown));
    return double(moved()) / double(std::max<size_t>(1, known));
}

size_t Companions::moved() const
{
    return static_cast<size_t>(std::count(m_states.begin(), m_states.end(), Companion::Moved));
}

} // namespace weighbridge
