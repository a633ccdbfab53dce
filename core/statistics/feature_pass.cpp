// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/statistics/feature_pass.h"

#include "core/statistics/distributions.h"
#include "core/statistics/generator_traces.h"
#include "core/statistics/kernels.h"

#include <algorithm>

namespace weighbridge {
namespace {

constexpr uint64_t wideRow = 65536;        ///< longer rows are looked at by the last dimension
constexpr uint64_t longestRow = 1 << 20;   ///< beyond, the tensor counts as a vector
constexpr size_t sampleValues = 65536;
constexpr size_t gramRows = 256, gramColumns = 1024;
constexpr size_t fullVectors = 64;         ///< rows or columns of full length that orthogonality is tested on
constexpr size_t fullValues = 8 << 20;
constexpr int64_t largestKernel = 7;       ///< of convolutions that are stored [height, width, in, out]

bool isZero(std::span<const float> row)
{
    return std::all_of(row.begin(), row.end(), [](float value) { return value == 0; });
}

/// The k-th of `count` positions spread evenly over [0, size).
uint64_t evenly(uint64_t k, uint64_t count, uint64_t size)
{
    return count < 2 ? 0 : k * (size - 1) / (count - 1);
}

/// Largest count of distinct values in a run of 32.
double largestLevels(const std::vector<float>& values)
{
    size_t most = 0;
    std::vector<float> run;
    for (size_t i = 0; i + 32 <= values.size(); i += 32) {
        run.assign(values.begin() + static_cast<ptrdiff_t>(i), values.begin() + static_cast<ptrdiff_t>(i + 32));
        std::sort(run.begin(), run.end());
        most = std::max(most, static_cast<size_t>(std::unique(run.begin(), run.end()) - run.begin()));
    }
    return most == 0 ? 32 : double(most);
}

} // namespace

FeaturePass::FeaturePass(const TensorInfo& tensor, std::vector<Shape> siblings, const ConfigHints& hints)
    : m_siblings(std::move(siblings)), m_hints(hints), m_elements(tensor.elements())
{
    m_out.shape = tensor.shape;
    m_out.dtype = tensor.dtype;
    m_out.elements = m_elements;
    m_out.isFloat = info(tensor.dtype).kind == DTypeKind::Float || info(tensor.dtype).kind == DTypeKind::Block;
    if (m_elements > 0)
        chooseView();
    m_stride = m_elements > sampleValues ? m_elements / sampleValues | 1 : 1; // odd: not the same columns again and again
}

void FeaturePass::chooseView()
{
    const Shape& shape = m_out.shape;
    m_columns = m_elements;
    if (shape.size() < 2)
        return;
    const auto last = static_cast<uint64_t>(shape.back());
    m_rows = static_cast<uint64_t>(shape[0]);
    m_columns = m_elements / m_rows;
    if (m_columns > wideRow || m_rows == 1) {
        m_columns = last;
        m_rows = m_elements / last;
    }
    m_isMatrix = m_rows > 1 && m_columns > 1 && m_columns <= longestRow;
    if (!m_isMatrix)
        return;
    m_columnSums.assign(m_columns, 0);
    m_columnSquares.assign(m_columns, 0);
    if (shape.size() == 4 && shape[0] <= largestKernel && shape[1] <= largestKernel) {
        const auto positions = static_cast<uint64_t>(shape[0] * shape[1]);
        m_positionRun = m_elements / positions;
        m_positionSums.assign(positions, 0);
        m_positionSquares.assign(positions, 0);
    }
    m_gramRows = std::min<uint64_t>(m_rows, gramRows);
    m_gram.columns = std::min<uint64_t>(m_columns, gramColumns);
    for (size_t k = 0; k < m_gram.columns; ++k)
        m_gramColumns.push_back(evenly(k, m_gram.columns, m_columns));
    m_firstRows.columns = m_columns;
    if (m_columns < m_rows)
        m_firstColumns.columns = std::min<uint64_t>({m_columns, fullVectors, fullValues / m_rows});
}

void FeaturePass::add(std::span<const float> values)
{
    if (!m_out.isFloat || m_columns == 0)
        return;
    if (m_prefix.size() < sampleValues)
        m_prefix.insert(m_prefix.end(), values.begin(), values.begin() + static_cast<ptrdiff_t>(std::min(values.size(), sampleValues - m_prefix.size())));
    if (!m_isMatrix) {
        addRow(values);
        return;
    }
    while (!values.empty()) {
        const size_t count = std::min<size_t>(values.size(), m_columns - m_row.size());
        if (m_row.empty() && count == m_columns) {
            addRow(values.first(count));
        } else {
            m_row.insert(m_row.end(), values.begin(), values.begin() + static_cast<ptrdiff_t>(count));
            if (m_row.size() == m_columns) {
                addRow(m_row);
                m_row.clear();
            }
        }
        values = values.subspan(count);
    }
}

/// A row of the matrix, or the next piece of a vector.
void FeaturePass::addRow(std::span<const float> row)
{
    const uint64_t start = m_seen;
    m_seen += row.size();
    if (m_isMatrix && isZero(row)) {
        ++m_out.zeroRows;
        ++m_rowIndex;
        return;
    }
    const kernels::RunSums sums = kernels::runSums(row.data(), row.size());
    m_s1 += sums.s1;
    m_s2 += sums.s2;
    m_s3 += sums.s3;
    m_s4 += sums.s4;
    m_neighbours += kernels::products(row.data(), row.data() + 1, row.size() - 1);
    if (!m_isMatrix && !m_previous.empty())
        m_neighbours += double(m_previous.back()) * double(row[0]);
    sampleShape(row);
    if (m_isMatrix) {
        m_rowMeans.add(sums.s1 / double(row.size()));
        m_rowSquares.add(sums.s2 / double(row.size()));
        kernels::addColumns(row.data(), row.size(), m_columnSums.data(), m_columnSquares.data());
        for (size_t i = 0; m_positionRun > 0 && i < row.size();) { // a row may span several positions
            const uint64_t position = (start + i) / m_positionRun;
            const size_t count = std::min<size_t>(row.size() - i, (position + 1) * m_positionRun - start - i);
            const kernels::RunSums part = count == row.size() ? sums : kernels::runSums(row.data() + i, count);
            m_positionSums[position] += part.s1;
            m_positionSquares[position] += part.s2;
            i += count;
        }
        if (m_kept > 0)
            m_neighbourRows += kernels::products(m_previous.data(), row.data(), row.size());
        sampleRow(row);
        ++m_rowIndex;
    }
    ++m_kept;
    m_previous.assign(row.begin(), row.end());
}

void FeaturePass::sampleRow(std::span<const float> row)
{
    if (m_kept == 0)
        m_first.assign(row.begin(), row.end());
    else
        m_rowsAreEqual = m_rowsAreEqual && std::equal(row.begin(), row.end(), m_first.begin());
    // row m_rowIndex is one of the evenly spread ones if a position k falls on it
    const uint64_t k = m_gramRows < 2 ? 0 : (m_rowIndex * (m_gramRows - 1) + m_rows - 2) / (m_rows - 1);
    if (k < m_gramRows && evenly(k, m_gramRows, m_rows) == m_rowIndex) {
        for (const size_t column : m_gramColumns)
            m_gram.values.push_back(row[column]);
        ++m_gram.rows;
    }
    if (m_firstRows.rows < fullVectors && (m_firstRows.rows + 1) * m_columns <= fullValues) {
        m_firstRows.values.insert(m_firstRows.values.end(), row.begin(), row.end());
        ++m_firstRows.rows;
    }
    if (m_firstColumns.columns > 0) {
        m_firstColumns.values.insert(m_firstColumns.values.end(), row.begin(), row.begin() + static_cast<ptrdiff_t>(m_firstColumns.columns));
        ++m_firstColumns.rows;
    }
}

void FeaturePass::sampleShape(std::span<const float> values)
{
    for (; m_untilNext < values.size() && m_sample.size() < sampleValues; m_untilNext += m_stride)
        m_sample.push_back(values[m_untilNext]);
    m_untilNext -= std::min<uint64_t>(m_untilNext, values.size());
}

TensorFeatures FeaturePass::finish(const TensorStatistics& statistics)
{
    m_out.isFinite = statistics.nan == 0 && statistics.inf == 0 && statistics.count > 0;
    m_out.min = statistics.min;
    m_out.max = statistics.max;
    m_out.isConstant = m_out.isFinite && statistics.min == statistics.max;
    m_out.constant = statistics.min;
    if (m_elements == 1 && !m_out.isFloat)
        m_out.integer = static_cast<int64_t>(std::clamp(statistics.min, -9e18, 9e18));
    m_out.rows = m_isMatrix ? m_kept : 1;
    m_out.columns = m_columns;
    if (!m_out.isFloat || !m_out.isFinite || m_out.isConstant || m_out.values() < 8)
        return m_out;
    finishMoments();
    if (!(m_variance > 0) || !std::isfinite(m_m4))
        return m_out;
    m_out.isTested = true;
    m_out.isMatrix = m_isMatrix && m_kept > 1;
    finishSpreads();
    finishShape();
    if (m_out.isMatrix)
        finishPairs();
    return m_out;
}

void FeaturePass::finishMoments()
{
    const double n = double(m_out.values());
    m_mean = m_s1 / n;
    const double square = m_s2 / n;
    m_variance = square - m_mean * m_mean;
    const double m3 = m_s3 / n - 3 * m_mean * square + 2 * m_mean * m_mean * m_mean;
    m_m4 = m_s4 / n - 4 * m_mean * m_s3 / n + 6 * m_mean * m_mean * square - 3 * m_mean * m_mean * m_mean * m_mean;
    const double sd = std::sqrt(m_variance);
    m_out.mean = m_mean;
    m_out.sd = sd;
    m_out.rms = std::sqrt(square);
    m_out.skewness = m3 / (m_variance * sd);
    m_out.kurtosis = m_m4 / (m_variance * m_variance) - 3;
    m_out.z[size_t(Structure::Mean)] = m_mean / sd * std::sqrt(n);
    m_out.z[size_t(Structure::Skewness)] = m_out.skewness * std::sqrt(n / 6);
}

/// Means and mean squares of groups of equal size scatter with the variance of the values and of their squares.
void FeaturePass::setSpread(Structure means, Structure squares, const Spread& ofMeans, const Spread& ofSquares, double perGroup)
{
    if (ofMeans.count() < 2)
        return;
    const double degrees = ofMeans.count() - 1;
    m_out.z[size_t(means)] = zOfChiSquared(ofMeans.squaresAround(m_mean) * perGroup / m_variance, degrees);
    const double ofOne = (m_m4 - m_variance * m_variance) / perGroup;
    m_out.z[size_t(squares)] = ofOne > 0 ? zOfChiSquared(ofSquares.squaresAround(ofSquares.mean()) / ofOne, degrees) : 0;
}

void FeaturePass::finishSpreads()
{
    const double n = double(m_out.values());
    const auto correlation = [&](double products, double pairs) { return (products / pairs - m_mean * m_mean) / m_variance * std::sqrt(pairs); };
    if (!m_out.isMatrix) {
        m_out.z[size_t(Structure::NeighboursInRow)] = correlation(m_neighbours, n - 1);
        return;
    }
    const double r = double(m_out.rows);
    const double c = double(m_out.columns);
    m_out.z[size_t(Structure::NeighboursInRow)] = correlation(m_neighbours, r * (c - 1));
    m_out.z[size_t(Structure::NeighbourRows)] = correlation(m_neighbourRows, (r - 1) * c);
    setSpread(Structure::RowMeans, Structure::RowSquares, m_rowMeans, m_rowSquares, c);
    Spread means;
    Spread squares;
    for (size_t i = 0; i < m_columns; ++i) {
        means.add(m_columnSums[i] / r);
        squares.add(m_columnSquares[i] / r);
    }
    setSpread(Structure::ColumnMeans, Structure::ColumnSquares, means, squares, r);
    if (m_out.zeroRows == 0)
        finishConvolution();
}

void FeaturePass::finishConvolution()
{
    const Shape& shape = m_out.shape;
    const auto spread = [](const std::vector<double>& sums, double perGroup) {
        Spread out;
        for (const double sum : sums)
            out.add(sum / perGroup);
        return out;
    };
    if (m_positionRun > 0)
        setSpread(Structure::SpatialMeans, Structure::SpatialSquares, spread(m_positionSums, double(m_positionRun)),
                  spread(m_positionSquares, double(m_positionRun)), double(m_positionRun));
    if (shape.size() < 3 || m_rows != static_cast<uint64_t>(shape[0]))
        return;
    const auto inputs = static_cast<size_t>(shape[1]);
    const size_t kernel = m_columns / inputs;
    if (kernel < 2)
        return;
    std::vector<double> kernelSums(kernel), kernelSquares(kernel), inputSums(inputs), inputSquares(inputs);
    for (size_t i = 0; i < m_columns; ++i) {
        kernelSums[i % kernel] += m_columnSums[i];
        kernelSquares[i % kernel] += m_columnSquares[i];
        inputSums[i / kernel] += m_columnSums[i];
        inputSquares[i / kernel] += m_columnSquares[i];
    }
    const double perPosition = double(m_rows) * double(inputs);
    const double perInput = double(m_rows) * double(kernel);
    setSpread(Structure::KernelMeans, Structure::KernelSquares, spread(kernelSums, perPosition), spread(kernelSquares, perPosition), perPosition);
    setSpread(Structure::InputMeans, Structure::InputSquares, spread(inputSums, perInput), spread(inputSquares, perInput), perInput);
}

void FeaturePass::finishShape()
{
    if (m_out.shape.back() % 32 == 0 && m_elements >= 256)
        m_out.levels = largestLevels(m_prefix);
    if (m_out.dtype == DType::F32 && m_out.values() >= 16) {
        const LatticeTrace lattice = uniformTrace(m_sample, m_out.absmax(), m_out.values(), torchBounds(m_out.shape, m_siblings));
        m_out.latticeTested = lattice.tested;
        m_out.latticeHits = lattice.hits;
        m_out.latticeBound = lattice.bound;
        const PairTrace pairs = normalTrace(m_prefix, normalScales(m_out, m_hints));
        m_out.pairsTested = pairs.tested;
        m_out.pairHits = pairs.hits;
        m_out.pairSd = pairs.sd;
    }
    std::sort(m_sample.begin(), m_sample.end());
    const KsDistances ks = ksDistances(m_sample, m_mean, m_out.sd, m_out.absmax());
    m_out.ksNormal = ks.normal;
    m_out.ksUniform = ks.uniform;
    m_out.ksCut2 = ks.cut2;
    m_out.ksCut3 = ks.cut3;
    m_out.distinct = ks.distinct;
}

void FeaturePass::finishPairs()
{
    m_out.rowsAreEqual = m_rowsAreEqual && m_kept > 2;
    if (m_gram.rows >= 2 && m_gram.columns >= 4) {
        const GramTests gram = gramTests(m_gram, m_mean, m_out.sd);
        m_out.z[size_t(Structure::GramTotal)] = gram.total;
        m_out.z[size_t(Structure::GramLargest)] = gram.largest;
        if (gram.hasSpectrum) {
            m_out.z[size_t(Structure::SpectrumEdge)] = gram.spectrum;
            m_out.largestEigenvalue = gram.largestEigenvalue;
            m_out.edge = gram.edge;
        }
    }
    if (m_kept < 4 || m_columns < 4)
        return;
    const bool isWide = m_columns >= m_kept;
    if (isWide || m_firstColumns.columns >= 4) {
        const Orthogonality whole = orthogonality(isWide ? m_firstRows : m_firstColumns.transposed());
        m_out.orthogonality = whole.cosines;
        m_out.normSpread = whole.normSpread;
    }
    // the gates of recurrent layers are stacked square matrices
    if (m_kept % m_columns == 0 && (m_kept / m_columns == 3 || m_kept / m_columns == 4)) {
        m_firstRows.rows = std::min<size_t>(m_firstRows.rows, m_columns);
        m_firstRows.values.resize(m_firstRows.rows * m_columns);
        const double stacked = orthogonality(m_firstRows).cosines;
        if (!(m_out.orthogonality <= stacked))
            m_out.orthogonality = stacked;
    }
}

} // namespace weighbridge
