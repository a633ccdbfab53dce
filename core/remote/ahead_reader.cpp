// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/remote/ahead_reader.h"

#include "core/remote/percent.h"

#include <utility>

namespace weighbridge {
namespace {

/// Ends the connection; askHost()'s Error has the words.
auto noSense()
{
    return failure("worker", "");
}

} // namespace

Result<void> AheadReader::take(HostFrame frame)
{
    if (!frame.document)
        return takeBytes(std::move(frame.bytes));
    const Value& document = *frame.document;
    m_path = percentDecoded(host::textIn(document, "path"));
    if (m_offset || m_path.empty() || m_path.front() != '/' || m_path.find('\0') != std::string::npos)
        return noSense();
    if ((m_offset = host::numberIn(document, "bytes")))
        return {};
    if (document.find("names"))
        return takeNames(document);
    if (document.find("kind"))
        return takeEntry(document);
    m_opened = m_path;
    return {};
}

Result<void> AheadReader::takeBytes(std::vector<std::byte> bytes)
{
    const auto offset = std::exchange(m_offset, std::nullopt);
    if (!offset || bytes.size() > host::sentAheadNbytes - m_nbytes)
        return noSense();
    m_nbytes += bytes.size();
    return m_sent.bytes(m_path, *offset, std::move(bytes));
}

Result<void> AheadReader::takeNames(const Value& document)
{
    auto names = host::namesFrom(document);
    if (!names || names->size() > host::namesMaximum - m_names)
        return noSense();
    m_names += names->size();
    m_sent.names(m_path, std::move(*names));
    return {};
}

Result<void> AheadReader::takeEntry(const Value& document)
{
    auto entry = host::entryFrom(document);
    if (!entry || ++m_entries > host::namesMaximum)
        return noSense();
    m_sent.entry(m_path, std::move(*entry));
    return {};
}

} // namespace weighbridge
