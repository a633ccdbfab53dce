// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/byte_source.h"
#include "core/base/job_context.h"
#include "core/base/value.h"

#include <optional>

namespace weighbridge {

/// Where the strings of a tensor lie in a data file.
struct TfStringsPlace {
    uint64_t offset = 0;
    uint64_t nbytes = 0;
    uint64_t count = 0;
};

/// The first strings of a tensor for people, capped in number and length; what is no text is given by its size.
class ShownStrings {
public:
    static constexpr size_t most = 100;

    /// Errors: those of reading.
    Result<void> add(const ByteSource& source, uint64_t offset, uint64_t nbytes);
    [[nodiscard]] bool isFull() const { return m_strings.size() == most; }
    /// With how many of `count` are left out.
    [[nodiscard]] Value take(uint64_t count);

private:
    Value::List m_strings;
};

/// The strings of a tensor as the data file of a TensorFlow checkpoint holds them: their lengths as varints, a checksum over the lengths,
/// then the strings without anything between them.
/// https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/util/tensor_bundle/tensor_bundle.cc (WriteStringTensor)
class TfStrings {
public:
    /// Reads the lengths. Nothing if they and the strings do not fill the place, or their own checksum differs. Errors: those of reading, cancelled.
    static Result<std::optional<TfStrings>> read(const ByteSource& source, TfStringsPlace place, JobContext& job);

    [[nodiscard]] Result<Value> shownValues(const ByteSource& source) const;
    /// The masked CRC-32C over lengths, their checksum and the strings, which the index holds. Errors: those of reading, cancelled.
    [[nodiscard]] Result<uint32_t> checksum(const ByteSource& source, JobContext& job) const;

private:
    TfStrings() = default;

    TfStringsPlace m_place;
    uint64_t m_start = 0;            ///< of the first string
    uint32_t m_crc = 0;              ///< of lengths and their checksum
    std::vector<uint64_t> m_lengths; ///< of the first strings, as many as are shown
};

} // namespace weighbridge
