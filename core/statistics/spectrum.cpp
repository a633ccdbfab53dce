// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/statistics/spectrum.h"

#include "core/base/text.h"
#include "core/statistics/value_block.h"
#include "core/statistics/value_runs.h"

#include <Eigen/Eigenvalues>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace weighbridge {
namespace {

using Dense = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// The k-th of `count` positions spread evenly over `size`.
uint64_t evenly(uint64_t k, uint64_t count, uint64_t size)
{
    return k * size / count;
}

/// Evenly spread rows and columns of the tensor.
Result<Dense> sampleOf(const Checkpoint& checkpoint, const TensorInfo& tensor, const Spectrum& spectrum, JobContext& job)
{
    std::vector<ValueRun> runs;
    for (uint64_t k = 0; k < spectrum.sampledRows; ++k)
        runs.push_back({evenly(k, spectrum.sampledRows, spectrum.rows) * spectrum.columns, spectrum.columns});
    Dense out = Dense::Zero(static_cast<Eigen::Index>(spectrum.sampledRows), static_cast<Eigen::Index>(spectrum.sampledColumns));
    uint64_t seen = 0; // values of the runs, which follow each other without a gap
    uint64_t next = 0; // of the sample
    const auto place = [&spectrum](uint64_t k) {
        return k / spectrum.sampledColumns * spectrum.columns + evenly(k % spectrum.sampledColumns, spectrum.sampledColumns, spectrum.columns);
    };
    const auto read = readRuns(checkpoint, tensor, runs, job, [&](std::span<const double> values) {
        for (; next < static_cast<uint64_t>(out.size()) && place(next) < seen + values.size(); ++next)
            out.data()[next] = values[place(next) - seen];
        seen += values.size();
    });
    if (!read)
        return tl::unexpected(read.error());
    return out;
}

/// Mean and standard deviation of the finite values; all others become the mean.
void standardize(Dense& sample, Spectrum& spectrum)
{
    double sum = 0;
    double squares = 0;
    double finite = 0;
    const std::span<double> values(sample.data(), static_cast<size_t>(sample.size()));
    for (const double value : values) {
        if (std::isfinite(value)) {
            sum += value;
            ++finite;
        }
    }
    const double mean = finite > 0 ? sum / finite : 0;
    for (double& value : values) {
        if (std::isfinite(value))
            squares += (value - mean) * (value - mean);
        else
            value = mean;
    }
    spectrum.std = finite > 0 ? std::sqrt(squares / finite) : 0;
}

void setEdges(Spectrum& spectrum)
{
    const double rows = std::sqrt(double(spectrum.sampledRows));
    const double columns = std::sqrt(double(spectrum.sampledColumns));
    spectrum.upperEdge = spectrum.std * (rows + columns);
    spectrum.lowerEdge = spectrum.std * std::abs(rows - columns);
    // the square of the largest scatters around the square of the edge with the Tracy-Widom law (I. M. Johnstone, 2001)
    constexpr double lawMean = -1.2065;
    constexpr double lawDeviation = 1.268;
    const double width = (rows + columns) * std::cbrt(1 / rows + 1 / columns);
    const double limit = spectrum.std * std::sqrt((rows + columns) * (rows + columns) + (lawMean + 5 * lawDeviation) * width);
    spectrum.beyondEdge = static_cast<size_t>(std::count_if(spectrum.values.begin(), spectrum.values.end(), [limit](double value) { return value > limit; }));
}

} // namespace

Result<Spectrum> computeSpectrum(const Checkpoint& checkpoint, const TensorInfo& stored, JobContext& job, size_t side)
{
    const TensorInfo tensor = checkpoint.unpacked(stored);
    if (const auto decoder = decoderFor(checkpoint, tensor); !decoder)
        return tl::unexpected(decoder.error());
    const MatrixView view = matrixViewOf(tensor);
    if (view.rows < 2 || view.columns < 2 || valuesPerElement(tensor.dtype) != 1)
        return failure(Error("bad-shape", fmt::format("{} is no matrix of real numbers: it has no singular values.", shown(tensor.name))).at(checkpoint.path));
    Spectrum out;
    out.rows = view.rows;
    out.columns = view.columns;
    out.sampledRows = std::min<uint64_t>(view.rows, std::clamp<size_t>(side, 2, largestSpectrum));
    out.sampledColumns = std::min<uint64_t>(view.columns, std::clamp<size_t>(side, 2, largestSpectrum));
    auto sample = sampleOf(checkpoint, tensor, out, job);
    if (!sample)
        return tl::unexpected(sample.error());
    standardize(*sample, out);
    const double largest = sample->cwiseAbs().maxCoeff();
    if (largest > 0)
        *sample /= largest; // squares of the ends of F64 would overflow
    if (job.cancelled())
        return failure(cancelledError());
    // the singular values are the roots of the eigenvalues of the smaller Gram matrix: to 1e-8 of the largest one
    const Eigen::Index n = std::min(sample->rows(), sample->cols());
    Eigen::MatrixXd gram = Eigen::MatrixXd::Zero(n, n);
    if (sample->rows() <= sample->cols())
        gram.selfadjointView<Eigen::Lower>().rankUpdate(*sample);
    else
        gram.selfadjointView<Eigen::Lower>().rankUpdate(sample->transpose());
    if (job.cancelled())
        return failure(cancelledError());
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(gram, Eigen::EigenvaluesOnly);
    for (Eigen::Index i = n; i-- > 0;)
        out.values.push_back(largest * std::sqrt(std::max(0.0, solver.eigenvalues()[i])));
    setEdges(out);
    return out;
}

} // namespace weighbridge
