// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/job_context.h"
#include "core/report/tensor_rows.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

/// One word of the find field. Terms are separated by blanks and must all hold:
///
///     query           the name contains it, whatever the case
///     "h.1."          the name contains exactly this, blanks and case included
///     7               the name has this whole number in it: 7, but not 17 or 70
///     F16  Q4_K       dtype of either side; dtype:f16 is the same
///     768,768         shape of either side; 768x768 and 768 x 768 are the same, * is any size; shape:768 for one dimension
///     status:missing  any of matched renamed ignored missing unexpected shape dtype random nan zero undecidable lost present;
///                     mismatched is shape or dtype, deviating is all that is wrong; several with commas: any of them
///     origin:random   what the values say: random, trained, constant, undecidable
///     size>10M        bytes, K M G T in steps of 1024; also < >= <= =; params>1M: elements, in steps of 1000
///
/// What follows a known key and is not understood matches nothing, and `problem` says why.
struct FilterTerm {
    enum class Kind : uint8_t { Name, ExactName, Number, DType, Dimensions, Status, Origin, Size, Parameters };
    Kind kind = Kind::Name;
    std::string text;              ///< as typed, for chips and for the empty state
    std::string needle;            ///< what is looked for; lower case, but for ExactName
    std::vector<int64_t> shape;    ///< -1: any size
    uint32_t states = 0;           ///< a bit per RowState
    char comparison = '=';         ///< one of < > = and, with "or equal", l g
    uint64_t amount = 0;
    std::string problem;           ///< why nothing can match it; empty if it is fine
};

/// A word for what the values say of a found tensor ("random", "trained", "constant", "undecidable"); empty while not known.
using OriginOfTensor = std::function<std::string_view(int found)>;

/// What the find field asks for. Qt-free; any thread.
class TensorFilter {
public:
    TensorFilter() = default;
    explicit TensorFilter(std::string_view text);

    [[nodiscard]] bool isEmpty() const { return m_terms.empty(); }
    [[nodiscard]] const std::vector<FilterTerm>& terms() const { return m_terms; }
    /// Whether all that this filter keeps is kept by `other` too, as far as their words tell: "layer 3" narrows "lay".
    [[nodiscard]] bool narrows(const TensorFilter& other) const;
    [[nodiscard]] static bool accepts(const FilterTerm& term, const TensorRows& rows, const TensorRow& row, const OriginOfTensor& origin = {});

private:
    std::vector<FilterTerm> m_terms;
};

/// Which rows a filter keeps; if none, how many each term alone would: "layer: 6, 768,768: 0" of the empty state.
struct FilterHits {
    std::vector<bool> kept;            ///< per row of TensorRows
    size_t count = 0;
    std::vector<size_t> perTerm;       ///< parallel to TensorFilter::terms(); empty unless count is 0
};

/// Nothing if the job was cancelled. `within` (null: all rows): only these are looked at.
[[nodiscard]] std::optional<FilterHits> findTensors(const TensorFilter& filter, const TensorRows& rows, const OriginOfTensor& origin = {}, const JobContext& job = {},
                                                    const FilterHits* within = nullptr);

} // namespace weighbridge
