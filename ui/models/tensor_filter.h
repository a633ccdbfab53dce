// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "ui/models/tensor_rows.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

/// What the find field asks for. Terms are separated by blanks and must all hold:
///   layer            name contains it, whatever the case      "layer.1"       name contains exactly this, case kept
///   layer 7          name has the number 7 as a segment       7 alone matches a whole number in the name, not the 7 of 17
///   F16 BF16 Q4_K    dtype (found or expected)                dtype:f16       the same
///   768,768  *,768  768x768   shape, found or expected        status:missing  state; also matched renamed unexpected shape dtype
///   origin:random    random, trained, constant, undecidable   size>10M size<4k size=0   bytes, IEC; params>1M: elements, thousands
/// Anything that is not understood after a known key matches nothing and is said in `problem`. Qt-free; any thread.
struct FilterTerm {
    enum class Kind : uint8_t { Name, ExactName, Number, DType, Dimensions, Status, Origin, Size, Parameters };
    Kind kind = Kind::Name;
    std::string text;                  ///< as typed, for the chips and the empty state
    std::string needle;                ///< lower case but for ExactName
    std::vector<int64_t> shape;        ///< -1: any size
    char comparison = '=';
    uint64_t number = 0;
    std::string problem;               ///< why nothing can match it; empty if it is fine
};

/// A word for what the values say of a found tensor ("random", "trained", "constant", "undecidable"); empty while not known.
using OriginOfTensor = std::function<std::string_view(int found)>;

class TensorFilter {
public:
    TensorFilter() = default;
    explicit TensorFilter(std::string_view text);

    [[nodiscard]] bool isEmpty() const { return m_terms.empty(); }
    [[nodiscard]] const std::vector<FilterTerm>& terms() const { return m_terms; }
    [[nodiscard]] bool accepts(const TensorRows& rows, const TensorRow& row, const OriginOfTensor& origin = {}) const;

private:
    std::vector<FilterTerm> m_terms;
};

/// Which rows a filter keeps, and how many each term alone would keep: "layer 7: 0, 768,768: 0" of the empty state.
struct FilterHits {
    std::vector<bool> kept;            ///< per row of TensorRows
    size_t count = 0;
    std::vector<size_t> perTerm;       ///< parallel to TensorFilter::terms()
};
[[nodiscard]] FilterHits findTensors(const TensorFilter& filter, const TensorRows& rows, const OriginOfTensor& origin = {});

} // namespace weighbridge
