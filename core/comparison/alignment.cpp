// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/comparison/alignment.h"

#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <unordered_map>

namespace weighbridge {
namespace {

using Keys = std::vector<std::string>;

Keys namesOf(const Checkpoint& checkpoint)
{
    Keys out;
    out.reserve(checkpoint.tensors.size());
    for (const TensorInfo& tensor : checkpoint.tensors)
        out.push_back(tensor.name);
    return out;
}

Keys renamed(Keys keys, const Alignment::Rename& rename)
{
    for (std::string& key : keys)
        key = rename(key);
    return keys;
}

bool sameSizes(const Shape& a, const Shape& b)
{
    return a == b || !transposingAxes(a, b).empty();
}

using Parts = std::vector<std::string_view>;

/// The parts of one name in front of the first part of the other: what was put before it. 0 if that does not occur.
size_t partsBefore(const Parts& parts, std::string_view first)
{
    const auto found = std::find(parts.begin(), parts.end(), first);
    return found == parts.end() ? 0 : static_cast<size_t>(found - parts.begin());
}

/// How A's name became B's: "prefix bert. added, gamma -> weight".
std::string differingParts(std::string_view a, std::string_view b)
{
    const auto joined = [](Parts::const_iterator from, Parts::const_iterator to) { return shown(fmt::format("{}", fmt::join(from, to, "."))); };
    Parts partsA = split(a, '.');
    Parts partsB = split(b, '.');
    std::string out;
    if (const size_t added = partsBefore(partsB, partsA.front()); added > 0) {
        out = fmt::format("prefix {}. added", joined(partsB.begin(), partsB.begin() + ptrdiff_t(added)));
        partsB.erase(partsB.begin(), partsB.begin() + ptrdiff_t(added));
    } else if (const size_t taken = partsBefore(partsA, partsB.front()); taken > 0) {
        out = fmt::format("prefix {}. taken off", joined(partsA.begin(), partsA.begin() + ptrdiff_t(taken)));
        partsA.erase(partsA.begin(), partsA.begin() + ptrdiff_t(taken));
    }
    const auto front = std::mismatch(partsA.begin(), partsA.end(), partsB.begin(), partsB.end());
    auto endA = partsA.end();
    auto endB = partsB.end();
    while (endA != front.first && endB != front.second && *std::prev(endA) == *std::prev(endB)) {
        --endA;
        --endB;
    }
    const std::string from = joined(front.first, endA);
    const std::string to = joined(front.second, endB);
    if (from.empty() && to.empty())
        return out;
    const std::string change = from.empty() ? fmt::format("{} added", to) : to.empty() ? fmt::format("{} taken off", from) : fmt::format("{} -> {}", from, to);
    return out.empty() ? change : out + ", " + change;
}

/// One prefix taken off, another put in its place.
using PrefixEdit = std::pair<std::string, std::string>;

std::string ruleOf(const PrefixEdit& edit)
{
    if (edit.first.empty())
        return fmt::format("prefix {} added", shown(edit.second));
    return edit.second.empty() ? fmt::format("prefix {} taken off", shown(edit.first)) : fmt::format("prefix {} -> {}", shown(edit.first), shown(edit.second));
}

using Places = std::unordered_map<std::string_view, size_t>;

/// The places of keys; those that several tensors have are left out.
Places placesOf(const Keys& keys, const std::vector<size_t>& open)
{
    Places out;
    std::vector<std::string_view> doubled;
    for (const size_t i : open)
        if (!out.emplace(keys[i], i).second)
            doubled.push_back(keys[i]);
    for (const std::string_view key : doubled)
        out.erase(key);
    return out;
}

constexpr size_t deepestPrefix = 4; ///< parts of a prefix
constexpr size_t mostPrefixes = 16; ///< one after the other; a file could hold one for each tensor

} // namespace

Alignment::Alignment(const Checkpoint& a, const Checkpoint& b) : m_a(a), m_b(b), m_partners(a.tensors.size()), m_isTaken(b.tensors.size(), false) {}

std::vector<size_t> Alignment::openA() const
{
    std::vector<size_t> out;
    for (size_t i = 0; i < m_partners.size(); ++i)
        if (m_partners[i].b < 0)
            out.push_back(i);
    return out;
}

std::vector<size_t> Alignment::openB() const
{
    std::vector<size_t> out;
    for (size_t i = 0; i < m_isTaken.size(); ++i)
        if (!m_isTaken[i])
            out.push_back(i);
    return out;
}

void Alignment::pair(size_t a, size_t b, PairReason reason, std::string rule)
{
    const Shape& shapeA = m_a.tensors[a].shape;
    const Shape& shapeB = m_b.tensors[b].shape;
    Partner partner{static_cast<int>(b), reason, std::move(rule), transposingAxes(shapeA, shapeB)};
    // Dense layers of TensorFlow and Flax hold the transposed matrix; of a square one the shape does not say so.
    const auto isKernel = [](const std::string& name) { return name.ends_with("kernel") || name.ends_with("kernel:0"); };
    if (shapeA == shapeB && shapeA.size() == 2 && isKernel(m_a.tensors[a].name) != isKernel(m_b.tensors[b].name))
        partner.axes = {1, 0};
    m_partners[a] = std::move(partner);
    m_isTaken[b] = true;
}

void Alignment::byName()
{
    byKeys(namesOf(m_a), namesOf(m_b), false);
}

void Alignment::byRenamed(const Rename& ofA, const Rename& ofB)
{
    if (!openA().empty() && !openB().empty())
        byKeys(renamed(namesOf(m_a), ofA), renamed(namesOf(m_b), ofB), true);
}

void Alignment::byKeys(const Keys& keysA, const Keys& keysB, bool areRenamed)
{
    const Places places = placesOf(keysB, openB());
    const Places own = placesOf(keysA, openA());
    for (const auto& [key, a] : own)
        if (const auto found = places.find(key); found != places.end())
            pair(a, found->second, areRenamed ? PairReason::Rename : PairReason::Exact, areRenamed ? differingParts(m_a.tensors[a].name, m_b.tensors[found->second].name) : std::string());
    for (size_t prefixes = 0; prefixes < mostPrefixes && byPrefix(keysA, keysB, areRenamed); ++prefixes) {
    }
}

bool Alignment::byPrefix(const Keys& keysA, const Keys& keysB, bool areRenamed)
{
    const auto left = openA();
    const auto right = openB();
    if (left.empty() || right.empty())
        return false;
    const Places placesA = placesOf(keysA, left);
    const Places placesB = placesOf(keysB, right);
    std::map<PrefixEdit, size_t> votes;
    const auto vote = [&](const Keys& keys, const std::vector<size_t>& open, const Places& others, bool isTakenOff) {
        for (const size_t i : open) {
            const std::string_view key = keys[i];
            size_t end = 0;
            for (size_t depth = 0; depth < deepestPrefix && (end = key.find('.', end)) != std::string_view::npos; ++depth) {
                ++end;
                const auto found = others.find(key.substr(end));
                if (found == others.end())
                    continue;
                const std::string prefix(key.substr(0, end));
                const bool fits = isTakenOff ? sameSizes(m_a.tensors[i].shape, m_b.tensors[found->second].shape) : sameSizes(m_a.tensors[found->second].shape, m_b.tensors[i].shape);
                if (fits)
                    ++votes[isTakenOff ? PrefixEdit{prefix, ""} : PrefixEdit{"", prefix}];
            }
        }
    };
    vote(keysA, left, placesB, true);
    vote(keysB, right, placesA, false);
    // one first part for another: "model." -> "bert."
    const auto headless = [](const std::string& key) { return std::string_view(key).substr(key.find('.') == std::string::npos ? key.size() : key.find('.') + 1); };
    Places tails;
    for (const size_t i : right)
        tails.emplace(headless(keysB[i]), i);
    std::map<PrefixEdit, size_t> swaps;
    for (const size_t i : left)
        if (const auto found = tails.find(headless(keysA[i])); found != tails.end() && !found->first.empty() && sameSizes(m_a.tensors[i].shape, m_b.tensors[found->second].shape))
            ++swaps[{keysA[i].substr(0, keysA[i].size() - found->first.size()), keysB[found->second].substr(0, keysB[found->second].size() - found->first.size())}];
    for (const auto& [edit, count] : swaps)
        if (2 * count > std::min(left.size(), right.size()))
            votes.emplace(edit, count);
    const auto best = std::max_element(votes.begin(), votes.end(), [](const auto& x, const auto& y) { return x.second < y.second; });
    if (best == votes.end())
        return false;
    bool isPaired = false;
    for (const size_t i : left) {
        if (!keysA[i].starts_with(best->first.first))
            continue;
        const auto found = placesB.find(best->first.second + keysA[i].substr(best->first.first.size()));
        if (found == placesB.end() || m_isTaken[found->second])
            continue;
        const bool isOnlyPrefix = !areRenamed || best->first.second + m_a.tensors[i].name.substr(std::min(best->first.first.size(), m_a.tensors[i].name.size())) == m_b.tensors[found->second].name;
        pair(i, found->second, isOnlyPrefix ? PairReason::Prefix : PairReason::Rename,
             isOnlyPrefix ? ruleOf(best->first) : differingParts(m_a.tensors[i].name, m_b.tensors[found->second].name));
        isPaired = true;
    }
    return isPaired;
}

} // namespace weighbridge
