// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/statistics/noise_tests.h"

#include "core/statistics/distributions.h"

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

WorstTest structure(const TensorFeatures& features)
{
    WorstTest worst;
    for (const StructureRow& row : structureRows) {
        const double z = features.of(row.test);
        if (!std::isnan(z))
            consider(worst, (row.twoSided ? std::abs(z) : z) / row.limit, row.name);
    }
    return worst;
}

/// What rounding to few levels adds to the tolerances.
struct Coarseness {
    double relative = 0;  ///< of edges and, times 2.5, of the kurtosis
    double ks = 0;
    double grid = 0;      ///< of values on one grid (8 bits for the whole tensor)
    bool hidesShape = false; ///< below 4 bits a block has too few levels for any shape
};

/// Blocks of so many bits for a value, their scales included: 5 bits (Q5_0, Q5_1, Q5_K), 6 bits (Q6_K). From what tools/monte_carlo_origin.py found.
struct BlockTolerance {
    double bits, relative, ks;
};
constexpr std::array blockTolerances{BlockTolerance{6, 0.03, 0.03}, BlockTolerance{6.6, 0.01, 0.012}};

Coarseness coarseness(const TensorFeatures& features)
{
    const double n = std::min(double(features.values()), sampleValues);
    const DTypeInfo& row = info(features.dtype);
    Coarseness out;
    if (features.levels <= 16) {
        out.relative = 0.02;
        out.ks = 0.035 * std::sqrt(sampleValues);
    }
    // values at the edge of two binades stand for an interval that is wider on one side
    if (const double step = roundingStep(features.dtype); step >= coarseStep)
        out.ks = std::max(out.ks, ksOfSteps * step * std::sqrt(sampleValues));
    if (features.distinct < 0.2)
        out.grid = std::min(0.5 / std::max(2.0, features.distinct * n), 0.02);
    if (row.kind == DTypeKind::Block)
        for (const BlockTolerance& tolerance : blockTolerances)
            if (row.bitsPerElement <= tolerance.bits * row.blockElements) {
                out.relative = std::max(out.relative, tolerance.relative);
                out.ks = std::max(out.ks, tolerance.ks * std::sqrt(sampleValues));
            }
    out.hidesShape = row.kind == DTypeKind::Block && row.bitsPerElement < 4 * row.blockElements;
    return out;
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
    consider(worst, std::abs(f.kurtosis - kurtosis) / (zLimit * std::sqrt(variance / n) + 2 * step + coarse.grid + 2.5 * coarse.relative), "kurtosis");
    if (family == Family::Normal) {
        consider(worst, f.ksNormal / ((isSample ? ksOfKnown : ksOfFitted) + coarse.ks), "distribution");
        const double beyond = n * std::erfc(f.absmax() / f.sd / std::numbers::sqrt2); // values expected beyond the largest one
        consider(worst, zOfP(1 - std::exp(-beyond)) / extremeLimit, "largest value");
        consider(worst, zOfP(std::exp(-beyond)) / extremeLimit, "largest value");
    } else if (family == Family::Uniform) {
        consider(worst, f.ksUniform / (ksOfKnown + coarse.ks), "distribution");
        const double tolerance = zLimit * std::sqrt(0.2 / n) + 12 / n + step + coarse.grid + coarse.relative;
        consider(worst, std::abs(f.absmax() / (std::numbers::sqrt3 * f.rms) - 1) / tolerance, "largest value");
    } else {
        const double ks = family == Family::Cut2 ? f.ksCut2 : f.ksCut3;
        consider(worst, ks / ((isSample ? ksOfKnown : ksOfCut) + coarse.ks), "distribution");
        const double tolerance = zLimit * std::sqrt((cut.m4 - 1) / 4 / n) + step + coarse.grid + coarse.relative;
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
    out.worst = structure(features);
    if (!coarse.hidesShape && shape.ratio > out.worst.ratio)
        out.worst = shape;
    if (out.worst.ratio > 1)
        out.noise = Noise::Structured;
    else
        out.noise = features.isMatrix && features.values() >= decidableValues ? Noise::NoiseLike : Noise::Undecidable;
    return out;
}

} // namespace weighbridge
