// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/repair/mended_config.h"

#include "core/base/byte_source.h"
#include "core/base/limits.h"

#include <fmt/format.h>

#include <string_view>

namespace weighbridge {
namespace {

/// A copy of the text without what JSON does not allow between its values.
class Mender {
public:
    explicit Mender(std::string_view text) : m_text(text) {}

    std::string run()
    {
        while (m_at < m_text.size()) {
            if (m_text[m_at] == '"')
                copyString();
            else if (m_text[m_at] == '/')
                skipComment();
            else
                copyCharacter();
        }
        return std::move(m_out);
    }
    [[nodiscard]] std::string what() const
    {
        std::string out = m_commas > 0 ? fmt::format("{} comma{} before a closing bracket", m_commas, m_commas == 1 ? "" : "s") : "";
        if (m_comments > 0)
            out += fmt::format("{}{} comment{}", out.empty() ? "" : ", ", m_comments, m_comments == 1 ? "" : "s");
        return out;
    }

private:
    void copyString()
    {
        const size_t start = m_at++;
        while (m_at < m_text.size() && m_text[m_at] != '"')
            m_at += m_text[m_at] == '\\' ? 2 : 1;
        m_at = std::min(m_at + 1, m_text.size());
        m_out += m_text.substr(start, m_at - start);
        m_comma = std::string::npos;
    }
    void skipComment()
    {
        const std::string_view rest = m_text.substr(m_at);
        const std::string_view end = rest.starts_with("//") ? "\n" : rest.starts_with("/*") ? "*/" : "";
        if (end.empty())
            return copyCharacter();
        const size_t stop = rest.find(end, 2);
        m_at = stop == std::string_view::npos ? m_text.size() : m_at + stop + (end == "\n" ? 0 : end.size());
        ++m_comments;
    }
    void copyCharacter()
    {
        const char c = m_text[m_at++];
        if ((c == '}' || c == ']') && m_comma != std::string::npos) {
            m_out.erase(m_comma, 1);
            ++m_commas;
        }
        if (c == ',')
            m_comma = m_out.size();
        else if (c != ' ' && c != '\t' && c != '\r' && c != '\n')
            m_comma = std::string::npos;
        m_out += c;
    }

    std::string_view m_text;
    std::string m_out;
    size_t m_at = 0;
    size_t m_comma = std::string::npos; ///< in m_out, if nothing but space has followed it
    size_t m_commas = 0;
    size_t m_comments = 0;
};

} // namespace

Result<MendedConfig> mendConfig(const std::string& path)
{
    const auto source = openFile(path);
    if (!source)
        return tl::unexpected(source.error());
    auto asItIs = loadConfig(**source);
    if (asItIs)
        return MendedConfig{std::move(*asItIs), ""};
    if ((*source)->nbytes() > limits::yamlNbytes || asItIs.error().rule != "config-syntax")
        return tl::unexpected(asItIs.error());
    const auto bytes = (*source)->read(0, (*source)->nbytes());
    if (!bytes)
        return tl::unexpected(bytes.error());
    Mender mender({reinterpret_cast<const char*>(bytes->data()), bytes->size()});
    const std::string mended = mender.run();
    const auto begin = reinterpret_cast<const std::byte*>(mended.data());
    auto config = loadConfig(*memorySource({begin, begin + mended.size()}, path));
    if (!config)
        return tl::unexpected(asItIs.error());
    return MendedConfig{std::move(*config), mender.what()};
}

} // namespace weighbridge
