// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/statistics/structure_features.h"

#include "core/statistics/distributions.h"
#include "core/statistics/generator_traces.h"
#include "core/statistics/order_statistics.h"

#include <algorithm>
#include <numbers>

namespace weighbridge {
namespace {

constexpr double finestStep = 0x1p-8;    ///< relative: rounding to BF16 shifts shares by a thousandth at most, to 8-bit floats by a hundredth
constexpr double fewLevels = 0.2;        ///< of the values of a sample are distinct
constexpr double muchEqual = 1.0 / 128;  ///< have one value: 0 in blocks of 4 bits, a level of 8 bits; of BF16 near 1/500
constexpr double clearlyStructured = 10; ///< z; twice what refutes independent draws
constexpr size_t rowsForEvidence = 64;   ///< of the sample of products, where they decide nothing

/// Largest count of distinct values in a run of 32.
double largestLevels(const std::vector<float>& values)
{
    size_t most = 0;
    std::vector<float> run;
    for (size_t i = 0; i + 32 <= values.size(); i += 32) {
        run.assign(values.begin() + static_cast<ptrdiff_t>(i), values.begin() + static_cast<ptrdiff_t>(i + 32));
        std::sort(run.begin(), run.end());
        most = std::max(most, static_cast<size_t>(std::unique(run.begin(), run.end()) - run.begin()));
        if (most == 32)
            break;
    }
    return most == 0 ? 32 : double(most);
}

/// Every 16th value of the sample tells whether the values lie on few levels.
Ties tiesInSome(const std::vector<float>& sample)
{
    std::vector<float> some;
    for (size_t i = 0; i < sample.size(); i += 16)
        some.push_back(sample[i]);
    sortValues(some);
    return tiesIn(some);
}

Spread spreadOf(const std::vector<double>& sums, double perGroup)
{
    Spread out;
    for (const double sum : sums)
        out.add(sum / perGroup);
    return out;
}

/// Turns the sums of one tensor into its features.
class Features {
public:
    Features(const PassPlan& plan, StructureSums& sums, const ValueBins& bins, const ConfigHints& hints, TensorFeatures& out)
        : m_view(plan.view), m_sums(sums), m_bins(bins), m_hints(hints), m_out(out)
    {
        const Moments moments = Moments::of(sums.powers, double(plan.shift));
        const double n = double(moments.count);
        const double scale = double(plan.scale);
        m_mean = sums.powers.s1 / n * scale;
        m_variance = moments.variance() * scale * scale;
        m_m4 = moments.m4 / n * scale * scale * scale * scale;
        setMoments(moments);
    }
    [[nodiscard]] bool isTestable() const { return m_variance > 0 && std::isfinite(m_m4) && std::isfinite(m_out.kurtosis); }

    void test(const std::vector<Shape>& siblings)
    {
        m_out.isTested = true;
        m_out.isMatrix = m_view.isMatrix && m_sums.rows > 1;
        testSpreads();
        testShape(siblings);
        if (m_out.isMatrix)
            testPairs();
    }

private:
    void setMoments(const Moments& moments);
    void setSpread(Structure means, Structure squares, const Spread& ofMeans, const Spread& ofSquares, double perGroup);
    void setSpread(Structure means, Structure squares, const GroupSums& groups, double perGroup)
    {
        setSpread(means, squares, spreadOf(groups.sums, perGroup), spreadOf(groups.squares, perGroup), perGroup);
    }
    void testSpreads();
    void testConvolution();
    void testShape(const std::vector<Shape>& siblings);
    void testTraces(const std::vector<Shape>& siblings);
    [[nodiscard]] std::vector<EmpiricalPoint> empiricalPoints();
    void testPairs();
    [[nodiscard]] bool isClearlyStructured() const;
    [[nodiscard]] bool isCoarse() const { return info(m_out.dtype).kind != DTypeKind::Float || roundingStep(m_out.dtype) > finestStep; }
    void testOrthogonality();

    const RowView& m_view;
    StructureSums& m_sums;
    const ValueBins& m_bins;
    const ConfigHints& m_hints;
    TensorFeatures& m_out;
    double m_mean = 0, m_variance = 0, m_m4 = 0; ///< of u
};

void Features::setMoments(const Moments& moments)
{
    const double n = double(moments.count);
    m_out.mean = moments.mean;
    m_out.sd = std::sqrt(moments.variance());
    m_out.rms = std::sqrt(moments.variance() + moments.mean * moments.mean);
    m_out.skewness = moments.skewness();
    m_out.kurtosis = moments.kurtosis() - 3;
    m_out.z[size_t(Structure::Mean)] = m_out.mean / m_out.sd * std::sqrt(n);
    m_out.z[size_t(Structure::Skewness)] = m_out.skewness * std::sqrt(n / 6);
}

/// Means and mean squares of groups of equal size scatter with the variance of the values and of their squares.
void Features::setSpread(Structure means, Structure squares, const Spread& ofMeans, const Spread& ofSquares, double perGroup)
{
    if (ofMeans.count < 2)
        return;
    const double degrees = double(ofMeans.count - 1);
    m_out.z[size_t(means)] = zOfChiSquared(ofMeans.squaresAround(m_mean) * perGroup / m_variance, degrees);
    const double ofOne = (m_m4 - m_variance * m_variance) / perGroup;
    m_out.z[size_t(squares)] = ofOne > 0 ? zOfChiSquared(ofSquares.squaresAround(ofSquares.mean()) / ofOne, degrees) : 0;
}

void Features::testSpreads()
{
    const auto correlation = [this](double products, uint64_t pairs) {
        return pairs == 0 ? 0 : (products / double(pairs) - m_mean * m_mean) / m_variance * std::sqrt(double(pairs));
    };
    m_out.z[size_t(Structure::NeighboursInRow)] = correlation(m_sums.neighbours, m_sums.neighbourPairs);
    if (!m_out.isMatrix)
        return;
    m_out.z[size_t(Structure::NeighbourRows)] = correlation(m_sums.neighbourRows, m_sums.neighbourRowPairs);
    setSpread(Structure::RowMeans, Structure::RowSquares, m_sums.rowMeans, m_sums.rowSquares, double(m_out.columns));
    setSpread(Structure::ColumnMeans, Structure::ColumnSquares, m_sums.columns, double(m_out.rows));
    if (m_out.zeroRows == 0)
        testConvolution();
}

void Features::testConvolution()
{
    const Shape& shape = m_out.shape;
    if (m_view.positions > 0)
        setSpread(Structure::SpatialMeans, Structure::SpatialSquares, m_sums.positions, double(m_view.values / m_view.positions));
    if (shape.size() < 3 || m_view.rows != static_cast<uint64_t>(shape[0]))
        return;
    const auto inputs = static_cast<size_t>(shape[1]);
    const size_t kernel = m_view.columns / inputs;
    if (kernel < 2)
        return;
    GroupSums ofKernel, ofInput;
    ofKernel.resize(kernel);
    ofInput.resize(inputs);
    for (size_t i = 0; i < m_view.columns; ++i) {
        ofKernel.sums[i % kernel] += m_sums.columns.sums[i];
        ofKernel.squares[i % kernel] += m_sums.columns.squares[i];
        ofInput.sums[i / kernel] += m_sums.columns.sums[i];
        ofInput.squares[i / kernel] += m_sums.columns.squares[i];
    }
    setSpread(Structure::KernelMeans, Structure::KernelSquares, ofKernel, double(m_view.rows) * double(inputs));
    setSpread(Structure::InputMeans, Structure::InputSquares, ofInput, double(m_view.rows) * double(kernel));
}

void Features::testShape(const std::vector<Shape>& siblings)
{
    if (m_out.shape.back() % 32 == 0 && m_view.values >= 256)
        m_out.levels = largestLevels(m_sums.prefix);
    if (m_out.dtype == DType::F32 && m_out.values() >= 16)
        testTraces(siblings);
    const std::vector<EmpiricalPoint> points = empiricalPoints();
    // where the largest value is rounded by some percent, the spread of all tells better where a uniform distribution ends
    const double bound = isCoarse() ? std::numbers::sqrt3 * m_out.rms : m_out.absmax();
    const KsDistances ks = ksDistances(points, m_out.mean, m_out.sd, bound);
    const double root = std::sqrt(double(m_sums.sample.size()));
    m_out.ksNormal = ks.normal * root;
    m_out.ksUniform = ks.uniform * root;
    m_out.ksCut2 = ks.cut2 * root;
    m_out.ksCut3 = ks.cut3 * root;
}

void Features::testTraces(const std::vector<Shape>& siblings)
{
    const LatticeTrace lattice = uniformTrace(m_sums.sample, m_out.absmax(), m_out.values(), torchBounds(m_out.shape, siblings));
    m_out.latticeTested = lattice.tested;
    m_out.latticeHits = lattice.hits;
    m_out.latticeBound = lattice.bound;
    const PairTrace pairs = normalTrace(m_sums.prefix, normalScales(m_out, m_hints));
    m_out.pairsTested = pairs.tested;
    m_out.pairHits = pairs.hits;
    m_out.pairSd = pairs.sd;
}

/// The bins have counted all values already. Where those are rounded coarsely, the edges of bins lie between levels that many values have, and the
/// values themselves must be looked at: those of the sample.
std::vector<EmpiricalPoint> Features::empiricalPoints()
{
    std::vector<float>& sample = m_sums.sample;
    if (!m_bins.empty() && m_out.zeroRows == 0 && !isCoarse()) {
        const Ties ties = tiesInSome(sample);
        m_out.distinct = ties.distinct;
        if (ties.distinct >= fewLevels && ties.mostEqual <= muchEqual)
            return m_bins.empiricalPoints();
    }
    sortValues(sample);
    m_out.distinct = tiesIn(sample).distinct;
    return weighbridge::empiricalPoints(sample);
}

void Features::testPairs()
{
    m_out.rowsAreEqual = m_sums.rowsAreEqual && m_sums.rows > 2;
    if (isClearlyStructured() && m_sums.gram.rows > rowsForEvidence) {
        m_sums.gram.rows = rowsForEvidence;
        m_sums.gram.values.resize(rowsForEvidence * m_sums.gram.columns);
    }
    if (m_sums.gram.rows >= 2 && m_sums.gram.columns >= 4) {
        const GramTests gram = gramTests(m_sums.gram, m_out.mean, m_out.sd);
        m_out.z[size_t(Structure::GramTotal)] = gram.total;
        m_out.z[size_t(Structure::GramLargest)] = gram.largest;
        if (gram.hasSpectrum) {
            m_out.z[size_t(Structure::SpectrumEdge)] = gram.spectrum;
            m_out.largestEigenvalue = gram.largestEigenvalue;
            m_out.edge = gram.edge;
            m_out.spectrumRows = std::min(m_sums.gram.rows, m_sums.gram.columns);
            m_out.spectrumColumns = std::max(m_sums.gram.rows, m_sums.gram.columns);
        }
    }
    if (m_sums.rows >= 4 && m_view.columns >= 4)
        testOrthogonality();
}

/// The sums alone refute independent draws.
bool Features::isClearlyStructured() const
{
    return std::any_of(m_out.z.begin(), m_out.z.end(), [](double z) { return std::abs(z) > clearlyStructured; });
}

void Features::testOrthogonality()
{
    Matrix& rows = m_sums.firstRows;
    const bool isWide = m_view.columns >= m_sums.rows;
    if (isWide || m_sums.firstColumns.columns >= 4) {
        const Orthogonality whole = orthogonality(isWide ? rows : m_sums.firstColumns.transposed());
        m_out.orthogonality = whole.cosines;
        m_out.normSpread = whole.normSpread;
    }
    // the gates of recurrent layers are stacked square matrices
    if (m_sums.rows % m_view.columns == 0 && (m_sums.rows / m_view.columns == 3 || m_sums.rows / m_view.columns == 4)) {
        rows.rows = std::min<size_t>(rows.rows, m_view.columns);
        rows.values.resize(rows.rows * m_view.columns);
        const double stacked = orthogonality(rows).cosines;
        if (!(m_out.orthogonality <= stacked))
            m_out.orthogonality = stacked;
    }
}

} // namespace

TensorFeatures featuresOf(const TensorInfo& tensor, const PassPlan& plan, const TensorStatistics& statistics, TensorSums&& sums,
                          const std::vector<Shape>& siblings, const ConfigHints& hints)
{
    TensorFeatures out;
    out.shape = tensor.shape;
    out.dtype = tensor.dtype;
    out.elements = tensor.elements();
    out.isFloat = plan.view.isFloat;
    out.isFinite = sums.isFinite() && statistics.count > 0;
    out.min = statistics.min;
    out.max = statistics.max;
    out.isConstant = out.isFinite && statistics.min == statistics.max;
    out.constant = statistics.min;
    if (out.elements == 1 && !out.isFloat)
        out.integer = static_cast<int64_t>(std::clamp(statistics.min, -9e18, 9e18));
    out.zeroRows = sums.structure.zeroRows;
    out.rows = plan.view.isMatrix ? sums.structure.rows : 1;
    out.columns = plan.view.isMatrix ? plan.view.columns : plan.view.values;
    if (!out.isFloat || !out.isFinite || out.isConstant || out.values() < 8)
        return out;
    if (Features features(plan, sums.structure, sums.bins, hints, out); features.isTestable())
        features.test(siblings);
    return out;
}

} // namespace weighbridge
