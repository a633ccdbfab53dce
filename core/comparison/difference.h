// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/job_context.h"
#include "core/base/value.h"
#include "core/checkpoint/checkpoint.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

/// Checkpoint A against checkpoint B. In stages, the cheap one first: alignCheckpoints() reads headers (and a few values where names and
/// shapes leave a choice), compareValues() reads everything, relate() says in one sentence what B is. differenceOf() is all of them.
namespace weighbridge {

/// How the two tensors of a pair were found to belong together.
enum class PairReason : uint8_t { Exact, Prefix, Rename, Structure };
[[nodiscard]] const char* name(PairReason reason); ///< "exact", "prefix", "rename", "structure"

/// How a tensor of B follows from the one of A, if it does.
enum class Rounding : uint8_t {
    None,
    Widened,  ///< another dtype, the same values
    Rounded,  ///< every value of B is that of A, rounded to B's dtype
    Narrower, ///< every value of A is that of B, rounded to A's dtype
    Quantized, ///< B's dtype has blocks or 8-bit floats, and the distance is what these cost
};

/// What comparing all values of a pair gives. NaN and infinities are left out of the sums; where only one side has one, or they differ, it counts as changed.
struct ValueDifference {
    uint64_t count = 0;          ///< values compared (two for a complex element)
    uint64_t changed = 0;        ///< values that differ (beyond the tolerance, if there is one)
    uint64_t notFinite = 0;      ///< places where a side is NaN or infinite
    bool isBitwiseEqual = false; ///< dtypes and all bytes are the same
    Rounding rounding = Rounding::None;
    double maxAbs = 0, meanAbs = 0, rmse = 0; ///< of B - A
    double cosine = 1;           ///< 1 if both are zero, 0 if one is
    double relativeL2 = 0;       ///< |B - A| / |A|; infinite if A alone is zero
    double normA = 0, normB = 0, normDifference = 0; ///< L2
    std::vector<int64_t> firstChanged; ///< index in A; empty if none is changed (and for a scalar)

    [[nodiscard]] double changedFraction() const { return count ? double(changed) / double(count) : 0.0; }
    [[nodiscard]] bool isSame() const { return changed == 0; }
};

/// One row of the comparison. At least one side is there.
struct TensorPair {
    int a = -1;                  ///< index into Difference::a->tensors; -1: only in B
    int b = -1;                  ///< index into Difference::b->tensors; -1: only in A
    PairReason reason = PairReason::Exact;
    std::string rule;            ///< in words, for all but Exact: "prefix bert. added"
    std::vector<int> axes;       ///< B's axes in A's order if B is A transposed: {1, 0}; empty if not
    bool shapeDiffers = false;   ///< a loader would refuse it: a transposed one too, unless the names tell of two frameworks
    bool dtypeDiffers = false;
    std::optional<ValueDifference> values; ///< nothing: not compared
    std::string valuesError;     ///< why the values could not be compared; empty otherwise
    bool isUnreadable = false;   ///< because a side could not be read; false where its dtype is what stands in the way

    [[nodiscard]] bool isPair() const { return a >= 0 && b >= 0; }
    [[nodiscard]] bool isRenamed() const { return isPair() && reason != PairReason::Exact; }
    [[nodiscard]] bool valuesDiffer() const { return values && !values->isSame(); }
};

/// What a row is called where one word must do: the gravest that applies, in this order.
enum class PairState : uint8_t { OnlyInA, OnlyInB, ShapeDiffers, Changed, DTypeDiffers, Renamed, Same };
[[nodiscard]] PairState stateOf(const TensorPair& pair);
[[nodiscard]] const char* name(PairState state); ///< "only in A", "values", ...
[[nodiscard]] char sign(PairState state);        ///< - + ! ~ =

/// A field of the metadata or of the config that differs. A side that lacks it has nothing.
struct FieldDifference {
    std::string field;           ///< nested maps joined with '.'
    std::optional<Value> a;
    std::optional<Value> b;
};

/// What differs between two maps.
struct FieldsDifference {
    std::vector<FieldDifference> differing; ///< in A's order, then B's own
    size_t fields = 0;           ///< on either side
    bool hasA = false, hasB = false; ///< whether that side has a map at all (a config is beside it)
};

struct TokenDifference {
    std::string token;
    int64_t a = -1;              ///< id; -1: not there
    int64_t b = -1;
};

struct TokenizerDifference {
    size_t tokensA = 0, tokensB = 0; ///< 0: no tokenizer is there, or none that can be read
    size_t added = 0, removed = 0, moved = 0;
    std::vector<TokenDifference> tokens; ///< the first ones (at most 1000) of them, by id
    [[nodiscard]] bool isSame() const { return added + removed + moved == 0; }
};

/// What B is to A.
enum class RelationKind : uint8_t {
    Identical,     ///< values and names
    SameValues,    ///< under other names, in another order, or transposed
    OtherDType,    ///< A in another dtype
    Edited,        ///< all but a few tensors are the same
    FineTuned,
    HeadOnly,      ///< only the head differs
    LowRank,       ///< the differences are of low rank: a LoRA was merged
    PartlyRandom,  ///< one has random layers where the other has trained ones
    OtherWeights,  ///< the same architecture, trained apart
    OtherStructure, ///< sizes or tensors differ so far that the values say nothing
    Unknown,       ///< values were not compared
};
[[nodiscard]] const char* name(RelationKind kind); ///< "identical", "same-values", "other-dtype", "fine-tuned", ...

struct Relation {
    RelationKind kind = RelationKind::Unknown;
    std::string sentence;        ///< without a final stop
    std::string subSentence;     ///< the numbers it rests on
    double relativeChange = 0;   ///< |B - A| / |A| over all pairs with values
    std::vector<std::string> movedMost;    ///< layers, the one that moved most first: "encoder.layer.5"
    std::vector<std::string> frozen;       ///< layers that are the same to the last bit while others changed
    std::vector<std::string> randomInB;    ///< modules that look random in B and do not in A
    int rank = 0;                ///< LowRank: of the sampled differences
};

/// A against B; immutable once built.
struct Difference {
    CheckpointPtr a;
    CheckpointPtr b;
    std::vector<TensorPair> pairs; ///< A's order; what only B has stands behind its neighbour of the same module
    FieldsDifference metadata;
    FieldsDifference config;
    TokenizerDifference tokenizer;
    bool hasValues = false;      ///< compareValues() went through to the end
    double atol = 0, rtol = 0;   ///< a value is changed if |A - B| > atol + rtol * |B| (as numpy.isclose(A, B))
    Relation relation;

    [[nodiscard]] std::vector<size_t> rows(PairState state) const; ///< indices into pairs
    /// Whether anything but names and order differs: tensors, shapes, dtypes or values.
    [[nodiscard]] bool hasDifferences() const;
    /// The first pair whose values could not be read; null if there is none.
    [[nodiscard]] const TensorPair* unreadable() const;
};

struct DifferenceOptions {
    bool values = false;
    double atol = 0;
    double rtol = 0;
    unsigned threads = 0;        ///< 0: as many as the machine has
};

/// Whether the values are parameters: floats, blocks, quantized integers. Positions and counters are not, and are far larger than these.
[[nodiscard]] bool carriesWeights(const TensorInfo& tensor);

/// Pairs the tensors and compares everything but the values. Never an Error but `cancelled`. Any thread.
Result<Difference> alignCheckpoints(const CheckpointPtr& a, const CheckpointPtr& b, JobContext& job);

/// Takes what comparing the values of pairs[index] gave. Called on the threads of the pool, one call at a time.
using PairSink = std::function<void(size_t index, const TensorPair& pair)>;

/// Compares the values of these pairs (indices into pairs), as they are aligned; block by block on all cores, or on the machine where both
/// checkpoints lie. Error only if it was stopped or the connection was lost for good.
Result<void> comparePairs(Difference& difference, const DifferenceOptions& options, const std::vector<size_t>& pairs, JobContext& job,
                          const PairSink& sink);

/// Compares the values of all pairs of the same shape, block by block on all cores; memory is bounded unless a tensor is transposed or a
/// permuted view. What cannot be read gets a valuesError. Error only if it was stopped.
Result<void> compareValues(Difference& difference, const DifferenceOptions& options, JobContext& job, const PairSink& sink = {});

/// Fills `relation` from what is known. Reads values again only to tell random layers and merged adapters.
void relate(Difference& difference, JobContext& job);

/// All of it in one.
Result<Difference> differenceOf(const CheckpointPtr& a, const CheckpointPtr& b, const DifferenceOptions& options, JobContext& job);

} // namespace weighbridge
