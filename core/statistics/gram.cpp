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

/// All products of rows with rows, of a buffer of rows * columns values; symmetric.
Matrix products(AlignedBuffer<float>& values, size_t rows, size_t columns)
{
    Matrix out{rows, rows, std::vector<float>(rows * rows)};
    kernels::gramOfRows(values.values().data(), rows, columns, out.values.data());
    for (size_t i = 0; i < rows; ++i)
        for (size_t j = 0; j < i; ++j)
            out.values[j * rows + i] = out.values[i * rows + j];
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

/// The products of standardized rows; the shorter side becomes the rows.
Matrix standardizedProducts(const Matrix& sample, double mean, double sd)
{
    const bool isTall = sample.rows > sample.columns;
    const Matrix turned = isTall ? sample.transposed() : Matrix{};
    const Matrix& m = isTall ? turned : sample;
    const auto centre = static_cast<float>(mean);
    const auto scale = static_cast<float>(1 / sd);
    AlignedBuffer<float> buffer(m.values.size());
    const bool inRange = std::isfinite(scale) && scale > 0;
    std::transform(m.values.begin(), m.values.end(), buffer.values().begin(),
                   [=](float value) { return inRange ? (value - centre) * scale : static_cast<float>((double(value) - mean) / sd); });
    return products(buffer, m.rows, m.columns);
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
    Matrix gram = standardizedProducts(sample, mean, sd);
    const size_t rows = gram.rows;
    const double r = double(rows);
    const double c = double(std::max(sample.rows, sample.columns));
    const double pairs = r * (r - 1) / 2;
    std::vector<double> inverse; // of the norms
    double trace = 0;
    for (size_t i = 0; i < rows; ++i) {
        const double square = double(gram.values[i * rows + i]);
        trace += square;
        inverse.push_back(square > 0 ? 1 / std::sqrt(square) : 0);
    }
    GramTests out;
    double squares = 0;
    double largest = 0;
    for (size_t i = 0; i < rows; ++i)
        for (size_t j = 0; j < i; ++j) {
            const double cosine = double(gram.values[i * rows + j]) * inverse[i] * inverse[j];
            squares += cosine * cosine;
            largest = std::max(largest, std::abs(cosine));
        }
    out.total = (squares * c - pairs) / std::sqrt(pairs * 2 * (1 - 3 / (c + 2)));
    out.largest = zOfP(std::min(0.5, pairs * std::erfc(largest * std::sqrt(c) / std::numbers::sqrt2)));
    if (rows < 4)
        return out;
    const double scale = r / std::max(1e-24, trace); // the mean square of the values becomes 1, and the products a mean over columns
    for (float& value : gram.values)
        value = static_cast<float>(double(value) * scale);
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
    AlignedBuffer<float> buffer(rows.values.size());
    std::copy(rows.values.begin(), rows.values.end(), buffer.values().begin());
    const Matrix gram = products(buffer, rows.rows, rows.columns);
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
