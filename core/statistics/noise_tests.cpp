// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/statistics/noise_tests.h"

#include "core/statistics/distributions.h"
#include "core/tensor/decode.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace weighbridge {
namespace {

// Thresholds. Measured on 1916 random tensors (17 shapes, 6 initialisers, 5 dtypes): none is rejected.
constexpr double zLimit = 5.0;
constexpr double tracyWidomLimit = 5.2;
constexpr double extremeLimit = 4.7;
constexpr double ksOfKnown = 2.5;      ///< parameters do not come from the sample itself
constexpr double ksOfFitted = 1.75;    ///< of a normal whose mean and sd come from the same values
constexpr double ksOfCut = 2.0;
constexpr double orthogonalLimit = 0.25;
constexpr double sampleValues = 65536;
constexpr double coarseStep = 0x1p-5;  ///< relative; 8-bit floats have 2^-4 and 2^-3
constexpr double ksOfSteps = 0.3;
constexpr double ksOfFewLevels = 0.035;

struct StructureRow {
    Structure test;
    const char* name;
    double limit;
    bool twoSided;
};

constexpr std::array structureRows{
    StructureRow{Structure::RowMeans, "means of rows", zLimit, true},
    StructureRow{Structure::RowSquares, "norms of rows", zLimit, true},
    StructureRow{Structure::ColumnMeans, "means of columns", zLimit, true},
    StructureRow{Structure::ColumnSquares, "norms of columns", zLimit, true},
    StructureRow{Structure::KernelMeans, "means of kernel positions", zLimit, true},
    StructureRow{Structure::KernelSquares, "norms of kernel positions", zLimit, true},
    StructureRow{Structure::InputMeans, "means of input channels", zLimit, true},
    StructureRow{Structure::InputSquares, "norms of input channels", zLimit, true},
    StructureRow{Structure::SpatialMeans, "means of kernel positions", zLimit, true},
    StructureRow{Structure::SpatialSquares, "norms of kernel positions", zLimit, true},
    StructureRow{Structure::NeighboursInRow, "correlation of neighbours", zLimit, true},
    StructureRow{Structure::NeighbourRows, "correlation of neighbouring rows", zLimit, true},
    StructureRow{Structure::GramTotal, "correlation between rows", zLimit, true},
    StructureRow{Structure::GramLargest, "correlation of two rows", extremeLimit, false},
    StructureRow{Structure::SpectrumEdge, "largest singular value", tracyWidomLimit, false},
    StructureRow{Structure::Mean, "mean", zLimit, true},
    StructureRow{Structure::Skewness, "skewness", zLimit, true},
};
static_assert(structureRows.size() == size_t(Structure::Count));

void consider(WorstTest& worst, double ratio, const char* name)
{
    if (ratio > worst.ratio)
        worst = {ratio, name};
}

/// What rounding to few levels adds to the tolerances.
struct Coarseness {
    double edge = 0; ///< relative, of the largest value
    double kurtosis = 0;
    double ks = 0;           ///< of distances times the root of the sample
    double grid = 0;         ///< of values on one grid (8 bits for the whole tensor)
    double step = 0;         ///< of blocks: half a step over a block's largest value
    bool hidesShape = false; ///< below 4 bits a block has too few levels for any shape
};

/// Half a step over the largest value of a block, 2^-bits. At least half a bit for each value goes into scales and minima.
double blockStep(const DTypeInfo& row)
{
    return std::exp2(-std::floor(double(row.bitsPerElement) / double(row.blockElements) - 0.5));
}

/// How far a quantiser moves the statistics of blocks of `step`: its rounding error has a variance of about 1.6 step^2 of that of the values, what it
/// cuts off or adds at the ends is half a step at most, and scales that are rounded themselves are errors that a block's values share. The factors
/// are 1.2 to 3 times what was found at 2 to 6 bits, where the powers of the step hold (docs/statistics.md).
Coarseness coarsenessOfBlocks(const DTypeInfo& row)
{
    const double step = blockStep(row);
    Coarseness out;
    out.step = step;
    out.edge = 1.5 * step;
    out.kurtosis = 12 * step * step;
    out.ks = std::min(step, ksOfFewLevels) * std::sqrt(sampleValues);
    out.hidesShape = row.bitsPerElement < 4 * row.blockElements;
    return out;
}

/// Of 8-bit floats. Values at the edge of two binades stand for an interval that is wider on one side; below the smallest normal one all lie on one
/// grid, which moves shares by step^2 / 8 times the slope of the density (0.242 at most), and the kurtosis of a uniform as W. F. Sheppard corrected
/// it in 1898.
void addRoundingOfFloats(const TensorFeatures& features, double step, Coarseness& out)
{
    const Decoder* decoder = decoderOf(features.dtype);
    const double gap = decoder ? decoder->minimumNormal() * decoder->ulp() : 0;
    const double relative = gap / features.sd;
    out.ks = std::max(out.ks, (ksOfSteps * step + 0.242 / 8 * relative * relative) * std::sqrt(sampleValues));
    out.kurtosis += 0.2 * relative * relative;
    out.edge += gap / 2 / features.absmax();
}

Coarseness coarseness(const TensorFeatures& features)
{
    const double n = std::min(double(features.values()), sampleValues);
    const DTypeInfo& row = info(features.dtype);
    Coarseness out = row.kind == DTypeKind::Block ? coarsenessOfBlocks(row) : Coarseness{};
    const double step = roundingStep(features.dtype);
    out.edge = std::max(out.edge, step);
    if (features.levels <= 16) { // blocks of 4 bits that were made floats again, too
        out.edge = std::max(out.edge, 1.5 / 16);
        out.kurtosis = std::max(out.kurtosis, 0.05);
        out.ks = std::max(out.ks, ksOfFewLevels * std::sqrt(sampleValues));
    }
    if (step >= coarseStep)
        addRoundingOfFloats(features, step, out);
    if (features.distinct < 0.2)
        out.grid = std::min(0.5 / std::max(2.0, features.distinct * n), 0.02);
    return out;
}

/// What the errors that blocks share add to the limit of a test.
double addedLimit(Structure test, const TensorFeatures& features, double step)
{
    const double n = double(features.values());
    switch (test) {
    case Structure::RowSquares:
        return 7 * step * step * std::sqrt(double(features.rows) / 2); // a chi-squared of so many degrees, scaled
    case Structure::NeighboursInRow:
        return std::pow(step, 4) * std::sqrt(n);
    case Structure::Mean:
        return 0.015 * step * std::sqrt(n);
    case Structure::Skewness:
        return 0.15 * step * std::sqrt(n / 6); // blocks with a minimum: one end is searched, the other follows
    default:
        return 0;
    }
}

WorstTest structure(const TensorFeatures& features, const Coarseness& coarse)
{
    WorstTest worst;
    for (const StructureRow& row : structureRows) {
        const double z = features.of(row.test);
        if (!std::isnan(z))
            consider(worst, (row.twoSided ? std::abs(z) : z) / (row.limit + addedLimit(row.test, features, coarse.step)), row.name);
    }
    return worst;
}

/// Sampling variance of the kurtosis times n, from the standardized moments.
double kurtosisVariance(double m4, double m6, double m8)
{
    return m8 - 4 * m4 * m6 + 4 * m4 * m4 * m4 - m4 * m4;
}

WorstTest shapeOf(const TensorFeatures& f, Family family, const Coarseness& coarse)
{
    const double n = double(f.values());
    const double step = roundingStep(f.dtype);
    const bool isSample = n > 2 * sampleValues; // else the parameters were fitted on the very values
    const CutNormal& cut = cutNormal(family == Family::Cut2 ? 2 : 3);
    double kurtosis = cut.m4 - 3;
    double variance = kurtosisVariance(cut.m4, cut.m6, cut.m8);
    if (family == Family::Normal) {
        kurtosis = 0;
        variance = 24;
    } else if (family == Family::Uniform) {
        kurtosis = -1.2;
        variance = kurtosisVariance(1.8, 27.0 / 7, 9);
    }
    WorstTest worst;
    consider(worst, std::abs(f.kurtosis - kurtosis) / (zLimit * std::sqrt(variance / n) + 2 * step + coarse.grid + coarse.kurtosis), "kurtosis");
    if (family == Family::Normal) {
        consider(worst, f.ksNormal / ((isSample ? ksOfKnown : ksOfFitted) + coarse.ks), "distribution");
        // values expected beyond the largest one, which may have been rounded up or down
        const auto beyond = [&](double largest) { return n * std::erfc(largest / f.sd / std::numbers::sqrt2); };
        consider(worst, zOfP(1 - std::exp(-beyond(f.absmax() / (1 + coarse.edge)))) / extremeLimit, "largest value");
        consider(worst, zOfP(std::exp(-beyond(f.absmax() * (1 + coarse.edge)))) / extremeLimit, "largest value");
    } else if (family == Family::Uniform) {
        consider(worst, f.ksUniform / (ksOfKnown + coarse.ks), "distribution");
        const double tolerance = zLimit * std::sqrt(0.2 / n) + 12 / n + coarse.edge + coarse.grid;
        consider(worst, std::abs(f.absmax() / (std::numbers::sqrt3 * f.rms) - 1) / tolerance, "largest value");
    } else {
        const double ks = family == Family::Cut2 ? f.ksCut2 : f.ksCut3;
        consider(worst, ks / ((isSample ? ksOfKnown : ksOfCut) + coarse.ks), "distribution");
        const double tolerance = zLimit * std::sqrt((cut.m4 - 1) / 4 / n) + coarse.edge + coarse.grid;
        const double gap = 12 / (2 * n * cut.densityAtCut) / cut.cut; // the largest value may stay that far below the cut
        const double beyond = f.absmax() / (f.sd / std::sqrt(cut.variance)) / cut.cut - 1;
        consider(worst, beyond > 0 ? beyond / tolerance : -beyond / (tolerance + gap), "largest value");
    }
    return worst;
}

bool isOrthogonal(const TensorFeatures& f)
{
    return f.isMatrix && f.orthogonality < orthogonalLimit && std::min(f.rows, f.columns) >= 8 && (f.normSpread < 0.02 || f.rows != f.columns);
}

/// sin and cos of positions: rms 1/sqrt(2), all rows of one norm.
bool isSinusoidalTable(const TensorFeatures& f)
{
    return f.isMatrix && std::abs(f.rms - std::numbers::sqrt2 / 2) < 2e-3 && f.absmax() >= 0.995 && f.absmax() <= 1.0001 && f.of(Structure::RowSquares) < -5;
}

} // namespace

NoiseResult noiseTests(const TensorFeatures& features)
{
    NoiseResult out;
    if (!features.isFloat || !features.isFinite)
        return out;
    if (features.isConstant) {
        out.noise = Noise::Constant;
        return out;
    }
    if (!features.isTested)
        return out;
    out.isExactNormal = !features.isLattice() && features.isBoxMuller();
    out.isSinusoidal = isSinusoidalTable(features);
    if (features.isLattice() || features.isBoxMuller()) {
        out.noise = Noise::Exact;
        out.family = out.isExactNormal ? Family::Normal : Family::Uniform;
    } else if (features.rowsAreEqual || (out.isSinusoidal && !isOrthogonal(features))) {
        out.noise = Noise::Derived;
    } else if (isOrthogonal(features)) {
        out.noise = Noise::Orthogonal;
    }
    if (out.noise != Noise::NotTested)
        return out;
    const Coarseness coarse = coarseness(features);
    WorstTest shape{1e300, {}};
    for (const Family family : {Family::Normal, Family::Uniform, Family::Cut2, Family::Cut3}) {
        const WorstTest tested = shapeOf(features, family, coarse);
        if (tested.ratio < shape.ratio) {
            shape = tested;
            out.family = family;
        }
    }
    out.shape = shape.ratio;
    out.worst = structure(features, coarse);
    if (!coarse.hidesShape && shape.ratio > out.worst.ratio)
        out.worst = shape;
    if (out.worst.ratio > 1)
        out.noise = Noise::Structured;
    else
        out.noise = features.isMatrix && features.values() >= decidableValues ? Noise::NoiseLike : Noise::Undecidable;
    return out;
}

} // namespace weighbridge
