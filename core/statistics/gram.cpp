// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/statistics/gram.h"

#include "core/statistics/aligned_buffer.h"
#include "core/statistics/distributions.h"
#include "core/statistics/kernels.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

namespace weighbridge {
namespace {

using kernels::dot;

/// All products of rows with rows; symmetric.
Matrix products(const Matrix& m)
{
    Matrix out{m.rows, m.rows, std::vector<float>(m.rows * m.rows)};
    AlignedBuffer<float> aligned(m.values.size());
    std::copy(m.values.begin(), m.values.end(), aligned.values().begin());
    kernels::gramOfRows(aligned.values().data(), m.rows, m.columns, out.values.data());
    for (size_t i = 0; i < m.rows; ++i)
        for (size_t j = 0; j < i; ++j)
            out.values[j * m.rows + i] = out.values[i * m.rows + j];
    return out;
}

/// Largest eigenvalue of a symmetric tridiagonal matrix, by bisection with Sturm counts.
double largestOfTridiagonal(const std::vector<double>& diagonal, const std::vector<double>& beside)
{
    const size_t n = diagonal.size();
    double low = -std::numeric_limits<double>::infinity();
    double high = low;
    for (size_t i = 0; i < n; ++i) {
        const double radius = (i > 0 ? std::abs(beside[i - 1]) : 0) + (i + 1 < n ? std::abs(beside[i]) : 0);
        low = std::max(low, diagonal[i]);
        high = std::max(high, diagonal[i] + radius);
    }
    const auto isAboveAll = [&](double x) {
        double q = 1;
        for (size_t i = 0; i < n; ++i) {
            const double off = i > 0 ? beside[i - 1] * beside[i - 1] : 0;
            q = diagonal[i] - x - (i > 0 ? off / q : 0);
            if (q >= 0)
                return false;
        }
        return true;
    };
    for (int step = 0; step < 60 && high - low > 1e-12 * std::abs(high); ++step) {
        const double middle = (low + high) / 2;
        (isAboveAll(middle) ? high : low) = middle;
    }
    return high;
}

/// Largest eigenvalue of a symmetric matrix by Lanczos steps; enough of them for an edge without a gap.
double largestEigenvalue(const Matrix& m)
{
    const size_t n = m.rows;
    const size_t steps = std::min<size_t>(n, 80);
    std::vector<float> v(n), previous(n, 0.0f), w(n);
    for (size_t i = 0; i < n; ++i) // any start that no structure is likely to be orthogonal to
        v[i] = static_cast<float>(1 + 0.5 * std::sin(double(i) * 1.7 + 0.3) + (i * 7919 % 13) / 26.0);
    std::vector<double> diagonal, beside;
    double norm = std::sqrt(double(dot(v.data(), v.data(), n)));
    for (size_t k = 0; k < steps && norm > 1e-6; ++k) {
        for (float& x : v)
            x = static_cast<float>(double(x) / norm);
        for (size_t i = 0; i < n; ++i)
            w[i] = dot(m.row(i), v.data(), n);
        const double alpha = double(dot(w.data(), v.data(), n));
        const double beta = k == 0 ? 0 : norm;
        for (size_t i = 0; i < n; ++i)
            w[i] -= static_cast<float>(alpha * double(v[i]) + beta * double(previous[i]));
        diagonal.push_back(alpha);
        norm = std::sqrt(double(dot(w.data(), w.data(), n)));
        beside.push_back(norm);
        previous = v;
        v = w;
    }
    return diagonal.empty() ? 0 : largestOfTridiagonal(diagonal, beside);
}

Matrix standardized(const Matrix& sample, double mean, double sd)
{
    Matrix out = sample.rows > sample.columns ? sample.transposed() : sample;
    double squares = 0;
    for (float& value : out.values) {
        value = static_cast<float>((double(value) - mean) / sd);
        squares += double(value) * double(value);
    }
    const auto scale = static_cast<float>(1 / std::max(1e-12, std::sqrt(squares / double(out.values.size()))));
    for (float& value : out.values)
        value *= scale;
    return out;
}

} // namespace

Matrix Matrix::transposed() const
{
    Matrix out{columns, rows, std::vector<float>(values.size())};
    for (size_t i = 0; i < rows; ++i)
        for (size_t j = 0; j < columns; ++j)
            out.values[j * rows + i] = values[i * columns + j];
    return out;
}

GramTests gramTests(const Matrix& sample, double mean, double sd)
{
    const Matrix m = standardized(sample, mean, sd);
    Matrix gram = products(m);
    const double r = double(m.rows);
    const double c = double(m.columns);
    const double pairs = r * (r - 1) / 2;
    GramTests out;
    double squares = 0;
    double largest = 0;
    for (size_t i = 0; i < m.rows; ++i) {
        for (size_t j = 0; j < i; ++j) {
            const double norms = double(gram.values[i * m.rows + i]) * double(gram.values[j * m.rows + j]);
            const double g = norms > 0 ? double(gram.values[i * m.rows + j]) / std::sqrt(norms) * std::sqrt(c) : 0;
            squares += g * g;
            largest = std::max(largest, std::abs(g));
        }
    }
    out.total = (squares - pairs) / std::sqrt(pairs * 2 * (1 - 3 / (c + 2)));
    out.largest = zOfP(std::min(0.5, pairs * std::erfc(largest / std::numbers::sqrt2)));
    if (m.rows < 4)
        return out;
    for (float& value : gram.values)
        value = static_cast<float>(double(value) / c);
    out.hasSpectrum = true;
    out.largestEigenvalue = largestEigenvalue(gram);
    const double root = std::sqrt(c - 1) + std::sqrt(r);
    out.edge = root * root / c;
    const double width = root * std::cbrt(1 / std::sqrt(c - 1) + 1 / std::sqrt(r)) / c;
    out.spectrum = ((out.largestEigenvalue - out.edge) / width + 1.2065) / 1.268; // mean and sd of the Tracy-Widom law
    return out;
}

Orthogonality orthogonality(const Matrix& rows)
{
    const Matrix gram = products(rows);
    std::vector<double> norms;
    for (size_t i = 0; i < rows.rows; ++i)
        norms.push_back(std::sqrt(double(gram.values[i * rows.rows + i])));
    constexpr double absent = std::numeric_limits<double>::quiet_NaN();
    if (norms.size() < 2 || *std::min_element(norms.begin(), norms.end()) <= 0)
        return {absent, absent};
    double squares = 0;
    for (size_t i = 0; i < rows.rows; ++i)
        for (size_t j = 0; j < i; ++j) {
            const double cosine = double(gram.values[i * rows.rows + j]) / (norms[i] * norms[j]);
            squares += cosine * cosine;
        }
    const double count = double(norms.size());
    const double mean = std::accumulate(norms.begin(), norms.end(), 0.0) / count;
    double spread = 0;
    for (const double norm : norms)
        spread += (norm - mean) * (norm - mean);
    return {std::sqrt(squares / (count * (count - 1) / 2) * double(rows.columns)), std::sqrt(spread / count) / mean};
}

} // namespace weighbridge
