// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
#include "core/format/detail/npy_header.h"

#include "core/base/byte_reader.h"
#include "core/base/checked.h"
#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/diagnosis/new_finding.h"
#include "core/format/detail/numpy_dtype.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace weighbridge {
namespace {

constexpr uint64_t maximumHeader = limits::MiB;

/// The three fields of the header's dict, as written.
struct Fields {
    std::string descr;
    bool isStructured = false; ///< descr is a list of fields
    bool fortranOrder = false;
    Shape shape;
    std::vector<std::string> others;
};

/// Reads {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }: a dict of literals, nothing else.
class LiteralReader {
public:
    explicit LiteralReader(std::string_view text) : m_text(text) {}

    std::optional<Fields> read()
    {
        Fields fields;
        if (!accept('{'))
            return std::nullopt;
        while (!accept('}')) {
            const auto key = quoted();
            if (!key || !accept(':') || !readField(*key, fields))
                return std::nullopt;
            accept(',');
        }
        skipSpace();
        return m_at == m_text.size() ? std::optional(fields) : std::nullopt;
    }

private:
    void skipSpace()
    {
        while (m_at < m_text.size() && (m_text[m_at] == ' ' || m_text[m_at] == '\n' || m_text[m_at] == '\t' || m_text[m_at] == '\0'))
            ++m_at;
    }
    bool accept(char wanted)
    {
        skipSpace();
        const bool found = m_at < m_text.size() && m_text[m_at] == wanted;
        m_at += found ? 1 : 0;
        return found;
    }
    bool acceptWord(std::string_view word)
    {
        skipSpace();
        const bool found = m_text.substr(m_at, word.size()) == word;
        m_at += found ? word.size() : 0;
        return found;
    }
    std::optional<std::string> quoted()
    {
        skipSpace();
        if (m_at >= m_text.size() || (m_text[m_at] != '\'' && m_text[m_at] != '"'))
            return std::nullopt;
        const size_t end = m_text.find(m_text[m_at], m_at + 1);
        if (end == std::string_view::npos)
            return std::nullopt;
        std::string out(m_text.substr(m_at + 1, end - m_at - 1));
        m_at = end + 1;
        return out;
    }
    bool readField(const std::string& key, Fields& fields)
    {
        if (key == "shape")
            return readShape(fields.shape);
        if (key == "fortran_order") {
            fields.fortranOrder = acceptWord("True");
            return fields.fortranOrder || acceptWord("False");
        }
        if (key == "descr") {
            skipSpace();
            fields.isStructured = m_at < m_text.size() && m_text[m_at] == '[';
            if (fields.isStructured)
                return bracketed(fields.descr);
            const auto descr = quoted();
            fields.descr = descr.value_or("");
            return descr.has_value();
        }
        fields.others.push_back(key);
        return skipLiteral();
    }
    bool readShape(Shape& shape)
    {
        if (!accept('('))
            return false;
        while (!accept(')')) {
            skipSpace();
            int64_t size = 0;
            const char* begin = m_text.data() + m_at;
            const auto [end, failed] = std::from_chars(begin, m_text.data() + m_text.size(), size);
            if (failed != std::errc() || shape.size() >= limits::dimensions)
                return false;
            shape.push_back(size);
            m_at += static_cast<size_t>(end - begin);
            acceptWord("L"); // Python 2 wrote 3L
            if (!accept(',')) {
                if (!accept(')'))
                    return false;
                break;
            }
        }
        return true;
    }
    /// A bracketed list with everything in it, as text.
    bool bracketed(std::string& out)
    {
        const size_t start = m_at;
        size_t depth = 0;
        for (; m_at < m_text.size(); ++m_at) {
            if (m_text[m_at] == '[' || m_text[m_at] == '(')
                ++depth;
            else if ((m_text[m_at] == ']' || m_text[m_at] == ')') && --depth == 0) {
                out = m_text.substr(start, ++m_at - start);
                return true;
            }
        }
        return false;
    }
    bool skipLiteral()
    {
        if (quoted() || acceptWord("True") || acceptWord("False") || acceptWord("None"))
            return true;
        const size_t end = m_text.find_first_not_of("-+.eE0123456789", m_at);
        const bool isNumber = end != std::string_view::npos && end > m_at;
        m_at = isNumber ? end : m_at;
        return isNumber;
    }

    std::string_view m_text;
    size_t m_at = 0;
};

/// Bytes of one element of a code that is not in the table (V2, S5, U3), or nothing.
std::optional<uint64_t> opaqueNbytes(std::string_view code)
{
    uint64_t count = 0;
    const auto [end, failed] = std::from_chars(code.data() + 1, code.data() + code.size(), count);
    if (failed != std::errc() || end != code.data() + code.size())
        return std::nullopt;
    return checkedMul<uint64_t>(count, code[0] == 'U' ? 4 : 1);
}

class NpyReader {
public:
    NpyReader(const ByteSource& source, uint64_t nbytes, std::vector<Finding>& findings) : m_source(source), m_nbytes(nbytes), m_findings(findings) {}

    Result<NpyArray> read()
    {
        return readText().and_then([this](const std::string& text) -> Result<NpyArray> {
            const auto fields = LiteralReader(text).read();
            if (!fields)
                return failure(error("corrupt", fmt::format("The header is no dict of descr, fortran_order and shape: {}", shown(text, 120))));
            if (!fields->others.empty())
                m_findings.push_back(warning("corrupt", "The header has an unknown field", fmt::format("numpy refuses a header with {}.", shown(fields->others[0], 60))));
            return setDType(*fields).and_then([&] { return setShape(*fields); }).map([this] { return std::move(m_array); });
        });
    }

private:
    [[nodiscard]] Error error(std::string rule, std::string message) const { return Error(std::move(rule), std::move(message)).at(m_source.path()); }

    Result<std::string> readText()
    {
        const auto start = m_source.readUpTo(0, 12);
        if (!start)
            return tl::unexpected(start.error());
        ByteReader reader(*start);
        auto version = reader.skip(npyMagic.size()).and_then([&] { return reader.little<uint16_t>(); });
        if (!version)
            return tl::unexpected(version.error());
        const int major = *version & 0xFF;
        m_array.version = fmt::format("{}.{}", major, *version >> 8);
        if (major < 1 || major > 3)
            return failure(error("unsupported-version", fmt::format("This is .npy version {}; versions 1 to 3 are known.", m_array.version)).fixedBy("Save it again with a current numpy, or update Weighbridge."));
        const auto length = major == 1 ? reader.little<uint16_t>().map([](uint16_t n) { return uint32_t(n); }) : reader.little<uint32_t>();
        if (!length)
            return tl::unexpected(length.error());
        m_headerEnd = reader.position() + *length;
        if (*length > maximumHeader && m_headerEnd <= m_source.nbytes())
            return failure(error("resource-bomb", fmt::format("The header is announced with {} bytes, more than the limit of {}.", *length, maximumHeader)));
        return m_source.read(reader.position(), *length).map([](const std::vector<std::byte>& bytes) { return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()); });
    }

    Result<void> setDType(const Fields& fields)
    {
        TensorInfo& tensor = m_array.tensor;
        if (fields.isStructured) {
            tensor.writerDtype = "STRUCT";
            return {};
        }
        const NumpyCode known = numpyCode(fields.descr);
        tensor.storage.bigEndian = known.bigEndian;
        tensor.dtype = known.dtype;
        if (tensor.dtype != DType::Unknown)
            return {};
        const std::string_view code = known.code;
        if (code == "O") {
            tensor.writerDtype = "OBJECT";
            m_findings.push_back(warning("unsafe-pickle", "The array holds Python objects", "Its data are a pickle, which numpy.load(allow_pickle=True) would execute. Only the header was read."));
            return {};
        }
        const auto nbytes = code.empty() ? std::nullopt : opaqueNbytes(code);
        if (!nbytes)
            return failure(error("bad-dtype", fmt::format("The data type {} is not known.", shown(fields.descr, 60))).finding(shown(fields.descr, 60)));
        if (*nbytes == 0)
            m_findings.push_back(warning("bad-dtype", "The elements have no size", fmt::format("The data type {} takes no bytes.", shown(fields.descr, 60))));
        tensor.writerDtype = std::string(code);
        m_opaqueNbytes = nbytes;
        return {};
    }

    Result<void> setShape(const Fields& fields)
    {
        TensorInfo& tensor = m_array.tensor;
        const auto elements = numel(fields.shape);
        if (!elements)
            return failure(error("bad-shape", fmt::format("The shape {} has a negative size or overflows.", formatShape(fields.shape))));
        tensor.shape = fields.shape;
        m_array.fortranOrder = fields.fortranOrder;
        if (fields.fortranOrder) {
            tensor.strides.assign(fields.shape.size(), 1);
            for (size_t i = 1; i < fields.shape.size(); ++i)
                tensor.strides[i] = tensor.strides[i - 1] * std::max<int64_t>(fields.shape[i - 1], 1);
        }
        const auto nbytes = tensor.dtype != DType::Unknown ? nbytesOf(tensor.dtype, *elements) : checkedMul(*elements, m_opaqueNbytes.value_or(0));
        if (!nbytes)
            return failure(error("bad-shape", fmt::format("The size of the shape {} overflows.", formatShape(fields.shape))));
        if (!fits(m_headerEnd, *nbytes, m_nbytes))
            return failure(error("truncated", fmt::format("The file stops at byte {} of {} that the shape {} needs.", m_nbytes, m_headerEnd + *nbytes, formatShape(fields.shape)))
                               .atByte(m_nbytes).expecting(fmt::format("{} bytes", m_headerEnd + *nbytes)).finding(fmt::format("{} bytes", m_nbytes)).fixedBy("Download or copy it again."));
        const bool isOpaque = tensor.dtype == DType::Unknown;
        if (!isOpaque && m_headerEnd + *nbytes < m_nbytes)
            m_findings.push_back(warning("corrupt", "Bytes follow the data", fmt::format("The array ends at byte {}, the file at byte {}.", m_headerEnd + *nbytes, m_nbytes)));
        tensor.storage.kind = isOpaque ? StorageKind::Absent : StorageKind::Raw;
        tensor.storage.offset = m_headerEnd;
        tensor.storage.nbytes = *nbytes;
        return {};
    }

    const ByteSource& m_source;
    uint64_t m_nbytes;
    std::vector<Finding>& m_findings;
    NpyArray m_array;
    uint64_t m_headerEnd = 0;
    std::optional<uint64_t> m_opaqueNbytes;
};

} // namespace

Result<NpyArray> readNpyHeader(const ByteSource& source, uint64_t nbytes, std::vector<Finding>& findings)
{
    return NpyReader(source, nbytes, findings).read();
}

} // namespace weighbridge
