// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/comparison/loader_names.h"

#include <algorithm>
#include <utility>

namespace weighbridge {
namespace {

/// Compares digits as numbers of any length.
int compareDigits(std::string_view a, std::string_view b)
{
    a.remove_prefix(std::min(a.find_first_not_of('0'), a.size()));
    b.remove_prefix(std::min(b.find_first_not_of('0'), b.size()));
    return a.size() != b.size() ? (a.size() < b.size() ? -1 : 1) : a.compare(b);
}

size_t trailingDigits(std::string_view part)
{
    const size_t last = part.find_last_not_of("0123456789");
    return part.size() - (last == std::string_view::npos ? 0 : last + 1);
}

/// One part of a name between dots: numbers before texts, digits at the end of a text compared as a number.
int comparePart(std::string_view a, std::string_view b)
{
    const size_t digitsA = trailingDigits(a);
    const size_t digitsB = trailingDigits(b);
    const bool numberA = !a.empty() && digitsA == a.size();
    const bool numberB = !b.empty() && digitsB == b.size();
    if (numberA != numberB)
        return numberA ? -1 : 1;
    if (numberA)
        return compareDigits(a, b);
    if (const int order = a.substr(0, a.size() - digitsA).compare(b.substr(0, b.size() - digitsB)); order != 0)
        return order;
    if ((digitsA == 0) != (digitsB == 0))
        return digitsA == 0 ? -1 : 1;
    return digitsA == 0 ? 0 : compareDigits(a.substr(a.size() - digitsA), b.substr(b.size() - digitsB));
}

} // namespace

bool comesBefore(std::string_view a, std::string_view b)
{
    for (;;) {
        const size_t endA = a.find('.');
        const size_t endB = b.find('.');
        if (const int order = comparePart(a.substr(0, endA), b.substr(0, endB)); order != 0)
            return order < 0;
        if (endA == std::string_view::npos || endB == std::string_view::npos)
            return endA == std::string_view::npos && endB != std::string_view::npos;
        a.remove_prefix(endA + 1);
        b.remove_prefix(endB + 1);
    }
}

Renaming::Renaming(Pattern compiled, std::string replacement, const std::optional<std::string>& scope, const std::string& base)
    : m_pattern(std::move(compiled)), m_replacement(std::move(replacement)), m_scope(scope)
    , m_innerPrefix((base.empty() ? std::string() : base + ".") + (scope && !scope->empty() ? *scope + "." : std::string()))
{
}

std::optional<size_t> Renaming::apply(std::string& key) const
{
    if (!m_scope)
        return replace(key);
    const std::string scope = m_scope->empty() ? std::string() : *m_scope + ".";
    const size_t length = key.starts_with(m_innerPrefix) ? m_innerPrefix.size() : key.starts_with(scope) ? scope.size() : std::string::npos;
    if (length == std::string::npos)
        return std::nullopt;
    std::string inner = key.substr(length);
    const auto alternative = replace(inner);
    if (alternative)
        key.replace(length, std::string::npos, inner);
    return alternative;
}

/// Replaces the first occurrence of the text that was found, as the loader does (not necessarily the place that was found).
std::optional<size_t> Renaming::replace(std::string& key) const
{
    const auto found = m_pattern.search(key);
    if (!found)
        return std::nullopt;
    std::string replacement = m_replacement;
    const size_t group = m_pattern.alternative(*found) + 1;
    const std::string captured(group < found->groups.size() ? found->groups[group].value_or("") : "");
    for (size_t place = replacement.find("\\1"); place != std::string::npos; place = replacement.find("\\1", place + captured.size()))
        replacement.replace(place, 2, captured);
    const std::string whole(found->whole);
    key.replace(key.find(whole), whole.size(), replacement);
    return m_pattern.alternativeIndex(*found);
}

} // namespace weighbridge
