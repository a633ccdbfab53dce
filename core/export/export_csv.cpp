// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/export/export_tensors.h"

#include "core/base/new_file.h"
#include "core/statistics/value_block.h"
#include "core/statistics/value_runs.h"

#include <fmt/format.h>

#include <bit>
#include <cstring>
#include <iterator>

namespace weighbridge {
namespace {

/// Values become text as they come; a line ends after `columns` of them.
class CsvWriter {
public:
    CsvWriter(NewFile& file, uint64_t columns) : m_file(file), m_columns(columns) {}

    template <typename Number>
    void add(Number value)
    {
        if (m_column > 0)
            m_text.push_back(',');
        fmt::format_to(std::back_inserter(m_text), "{}", value);
        if (++m_column == m_columns) {
            m_text.push_back('\n');
            m_column = 0;
        }
    }
    Result<void> flush()
    {
        auto written = m_file.write(std::string_view(m_text.data(), m_text.size()));
        m_text.clear();
        return written;
    }

private:
    NewFile& m_file;
    uint64_t m_columns;
    uint64_t m_column = 0;
    fmt::memory_buffer m_text;
};

/// double has not enough digits for these.
template <typename Integer>
void addIntegers(CsvWriter& csv, std::span<const std::byte> block)
{
    for (size_t at = 0; at + sizeof(Integer) <= block.size(); at += sizeof(Integer)) {
        Integer value;
        std::memcpy(&value, block.data() + at, sizeof(Integer));
        csv.add(value);
    }
}

template <typename Number>
void addDecoded(CsvWriter& csv, const Decoder& decoder, std::span<const std::byte> block)
{
    std::vector<Number> values(decoder.values(block.size()));
    decode(decoder, block, std::span<Number>(values));
    for (const Number value : values)
        csv.add(value);
}

void addValues(CsvWriter& csv, DType dtype, const Decoder& decoder, std::span<const std::byte> block)
{
    static_assert(std::endian::native == std::endian::little);
    if (dtype == DType::I64)
        addIntegers<int64_t>(csv, block);
    else if (dtype == DType::U64)
        addIntegers<uint64_t>(csv, block);
    else if (decoder.exactAsFloat)
        addDecoded<float>(csv, decoder, block);
    else
        addDecoded<double>(csv, decoder, block);
}

} // namespace

Result<void> exportCsv(const Checkpoint& checkpoint, const TensorInfo& tensor, const std::string& path, JobContext& job)
{
    const auto decoder = decoderFor(checkpoint, tensor);
    if (!decoder)
        return tl::unexpected(decoder.error());
    if (auto vacant = expectNotSource(checkpoint, path); !vacant)
        return vacant;
    auto file = NewFile::create(path);
    if (!file)
        return tl::unexpected(file.error());
    CsvWriter csv(*file, matrixViewOf(tensor).columns);
    const auto written = writeBlocks(checkpoint, tensor, job, [&](std::span<const std::byte> block) {
        addValues(csv, tensor.dtype, **decoder, block);
        return csv.flush();
    });
    if (!written)
        return written;
    return file->finish();
}

} // namespace weighbridge
