// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/remote/ssh_hosts.h"

#include "core/base/byte_source.h"
#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/remote/ssh_address.h"

#include <algorithm>
#include <cstdlib>

namespace weighbridge {
namespace {

constexpr size_t mostHosts = 1000;
constexpr std::string_view spaces = " \t\r\"";

/// The word that `line` begins with; takes it off, with what separates it from the next.
std::string_view takeWord(std::string_view& line, std::string_view separators)
{
    line.remove_prefix(std::min(line.find_first_not_of(separators), line.size()));
    const std::string_view word = line.substr(0, line.find_first_of(separators));
    line.remove_prefix(word.size());
    return word;
}

} // namespace

std::vector<std::string> hostsOfSshConfig(std::string_view text)
{
    std::vector<std::string> out;
    for (std::string_view line : split(text, '\n')) {
        if (lowered(takeWord(line, " \t\r=")) != "host")
            continue;
        line.remove_prefix(std::min(line.find_first_not_of(" \t="), line.size()));
        while (out.size() < mostHosts) {
            const std::string word(takeWord(line, spaces));
            if (word.empty() || word.front() == '#')
                break;
            if (parseSshAddress("ssh://" + word + "/") && std::find(out.begin(), out.end(), word) == out.end()) // a pattern is no host
                out.push_back(word);
        }
    }
    return out;
}

std::vector<std::string> knownSshHosts()
{
    const char* home = std::getenv("HOME");
    const auto file = openFile(std::string(home ? home : "") + "/.ssh/config");
    const auto bytes = file && (*file)->nbytes() <= limits::MiB ? (*file)->read(0, (*file)->nbytes()) : failure("not-found", "");
    return bytes ? hostsOfSshConfig({reinterpret_cast<const char*>(bytes->data()), bytes->size()}) : std::vector<std::string>();
}

} // namespace weighbridge
