// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "credentials.h"

#include "core/base/byte_source.h"
#include "core/base/text.h"

#include <algorithm>
#include <cstdlib>

namespace weighbridge {
namespace {

constexpr uint64_t longestToken = 4096;

std::string environment(const char* name)
{
    const char* value = std::getenv(name);
    return value ? value : "";
}

bool isSet(const char* name)
{
    const std::string value = lowered(environment(name));
    return value == "1" || value == "on" || value == "yes" || value == "true";
}

std::string tokenPath()
{
    if (const std::string path = environment("HF_TOKEN_PATH"); !path.empty())
        return path;
    if (const std::string home = environment("HF_HOME"); !home.empty())
        return home + "/token";
    const std::string cache = environment("XDG_CACHE_HOME");
    return (cache.empty() ? environment("HOME") + "/.cache" : cache) + "/huggingface/token";
}

/// Nothing that could begin another header line.
std::string trimmed(const std::string& text)
{
    const auto isVisible = [](char c) { return c > ' ' && c < 0x7F; };
    const auto first = std::find_if(text.begin(), text.end(), isVisible);
    return {first, std::find_if_not(first, text.end(), isVisible)};
}

std::string tokenInFile(const std::string& path)
{
    const auto file = openFile(path);
    const auto bytes = file ? (*file)->readUpTo(0, longestToken) : Result<std::vector<std::byte>>();
    return bytes ? trimmed({reinterpret_cast<const char*>(bytes->data()), bytes->size()}) : "";
}

} // namespace

std::string hubToken()
{
    for (const char* name : {"HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"})
        if (const std::string token = trimmed(environment(name)); !token.empty())
            return token;
    return isSet("HF_HUB_DISABLE_IMPLICIT_TOKEN") ? "" : tokenInFile(tokenPath());
}

bool isHubOffline()
{
    return isSet("HF_HUB_OFFLINE");
}

} // namespace weighbridge
