// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/report/tensor_rows.h"

#include <algorithm>
#include <unordered_map>

namespace weighbridge {
namespace {

RowState stateOf(const Match& match)
{
    if (match.tied)
        return RowState::Tied;
    if (match.ignored)
        return RowState::Ignored;
    switch (match.status) {
    case Status::Matched: return RowState::Matched;
    case Status::Missing: return RowState::Missing;
    case Status::Unexpected: return RowState::Unexpected;
    case Status::ShapeDiffers: return RowState::ShapeDiffers;
    case Status::DTypeDiffers: return RowState::DTypeDiffers;
    case Status::Renamed: return RowState::Renamed;
    }
    return RowState::Present;
}

/// What a finding says about the values or bytes of the tensors it names; Present for findings about anything else.
RowState stateOf(const Finding& finding)
{
    if (finding.rule == "never-loaded-layer") // a note too: harmless, but not trained
        return RowState::NeverTrained;
    if (finding.severity == Severity::Note)
        return RowState::Present;
    if (finding.rule == "nan-or-inf")
        return RowState::NonFinite;
    if (finding.rule == "all-zero")
        return RowState::AllZero;
    if (finding.rule == "whole-model-random")
        return RowState::NeverTrained;
    if (finding.rule == "truncated" || finding.rule == "missing-shard" || finding.rule == "missing-data-shard")
        return RowState::Lost;
    return RowState::Present;
}

/// What a tensor holds is no matter where its shape keeps it from being loaded.
void raise(RowState& state, RowState to)
{
    if (state != RowState::ShapeDiffers || (to != RowState::NeverTrained && to != RowState::AllZero))
        state = std::max(state, to);
}

} // namespace

TensorRowsPtr TensorRows::fromCheckpoint(CheckpointPtr checkpoint)
{
    auto out = std::make_shared<TensorRows>();
    out->m_checkpoint = std::move(checkpoint);
    out->addFound();
    out->worsen(out->m_checkpoint->findings);
    return out;
}

TensorRowsPtr TensorRows::fromExpected(std::shared_ptr<const ExpectedModel> expected)
{
    auto out = std::make_shared<TensorRows>();
    out->m_expected = std::move(expected);
    out->m_expectedCount = out->m_expected->tensors.size();
    out->m_rows.reserve(out->m_expectedCount);
    for (size_t i = 0; i < out->m_expectedCount; ++i)
        out->addRow(int(i), -1, RowState::Present);
    out->index();
    return out;
}

TensorRowsPtr TensorRows::fromCheck(std::shared_ptr<const CheckResult> check, View view, const ModelOrigin* origin)
{
    if (view == View::AfterFix)
        return fromFix(check, check->afterFix, origin);
    auto out = std::make_shared<TensorRows>();
    out->m_checkpoint = check->checkpoint;
    out->m_check = check;
    if (check->comparison) {
        out->m_expected = check->expected;
        out->addMatches(*check->comparison);
    } else {
        out->addFound();
    }
    out->worsen(check->findings);
    if (origin)
        out->worsen(*origin);
    return out;
}

TensorRowsPtr TensorRows::fromFix(std::shared_ptr<const CheckResult> check, std::shared_ptr<const AfterFix> fix, const ModelOrigin* origin)
{
    if (!fix)
        return nullptr;
    auto out = std::make_shared<TensorRows>();
    out->m_checkpoint = check->checkpoint;
    out->m_check = check;
    out->m_fix = fix;
    out->m_expected = fix->expected;
    out->addMatches(*fix->comparison);
    if (fix->expected != check->expected)
        out->nameAsBefore();
    out->renameFound();
    out->worsen(check->findings);
    if (origin)
        out->worsen(*origin);
    return out;
}

const TensorInfo* TensorRows::foundOf(const TensorRow& row) const
{
    return row.found >= 0 ? &m_checkpoint->tensors[static_cast<size_t>(row.found)] : nullptr;
}

const ExpectedTensor* TensorRows::expectedOf(const TensorRow& row) const
{
    return row.expected >= 0 ? &m_expected->tensors[static_cast<size_t>(row.expected)] : nullptr;
}

int TensorRows::rowOf(TensorId id) const
{
    const std::vector<int>& rows = id.side == TensorId::Side::Expected ? m_rowOfExpected : m_rowOfFound;
    return id.isValid() && id.index >= 0 && static_cast<size_t>(id.index) < rows.size() ? rows[static_cast<size_t>(id.index)] : -1;
}

int TensorRows::rowNamed(std::string_view name) const
{
    const auto row = std::find_if(m_rows.begin(), m_rows.end(), [&](const TensorRow& candidate) {
        const TensorInfo* found = foundOf(candidate);
        return candidate.name == name || (found && found->name == name);
    });
    return row == m_rows.end() ? -1 : int(row - m_rows.begin());
}

void TensorRows::addRow(int expected, int found, RowState state)
{
    TensorRow row;
    row.expected = expected;
    row.found = found;
    row.state = state;
    const ExpectedTensor* wanted = expectedOf(row);
    const TensorInfo* there = foundOf(row);
    row.name = wanted ? std::string_view(wanted->name) : std::string_view(there->name);
    row.elements = there ? there->elements() : numel(wanted->shape).value_or(0);
    row.nbytes = there ? there->nbytes() : nbytesOf(wanted->dtype, row.elements).value_or(0);
    row.id = expected >= 0 ? TensorId{TensorId::Side::Expected, expected} : TensorId{TensorId::Side::Found, found};
    m_rows.push_back(row);
}

void TensorRows::addFound()
{
    m_rows.reserve(m_checkpoint->tensors.size());
    for (size_t i = 0; i < m_checkpoint->tensors.size(); ++i)
        addRow(-1, int(i), RowState::Present);
    index();
}

void TensorRows::addMatches(const Comparison& comparison)
{
    m_rows.reserve(comparison.matches.size());
    for (const Match& match : comparison.matches) {
        addRow(match.expected, match.found, stateOf(match));
        m_expectedCount += match.expected >= 0 ? 1 : 0;
        m_tiedCount += match.tied ? 1 : 0;
    }
    index();
    if (m_tiedCount > 0)
        tie(comparison);
}

/// Of the tensors that share their values one is in the file.
void TensorRows::tie(const Comparison& comparison)
{
    std::unordered_map<std::string_view, std::string_view> sources;
    for (const auto& [target, source] : m_expected->tied)
        sources.emplace(target, source);
    const auto sourceOf = [&sources](std::string_view name) {
        const auto tied = sources.find(name);
        return tied == sources.end() ? name : tied->second;
    };
    std::unordered_map<std::string_view, int> stored; // by their source
    for (size_t i = 0; i < m_expectedCount; ++i)
        if (comparison.matches[i].status != Status::Missing)
            stored.emplace(sourceOf(m_rows[i].name), int(i));
    for (size_t i = 0; i < m_expectedCount; ++i)
        if (const auto other = stored.find(sourceOf(m_rows[i].name)); comparison.matches[i].tied && other != stored.end())
            m_rows[i].tiedTo = other->second;
}

/// A corrected config has a list of its own; a tensor keeps the id that it has as it loads.
void TensorRows::nameAsBefore()
{
    std::unordered_map<std::string_view, int> before;
    if (m_check->expected)
        for (const ExpectedTensor& tensor : m_check->expected->tensors)
            before.emplace(tensor.name, static_cast<int>(before.size()));
    for (TensorRow& row : m_rows) {
        const auto known = row.expected < 0 ? before.end() : before.find(row.name);
        row.id = known != before.end() ? TensorId{TensorId::Side::Expected, known->second} : row.found >= 0 ? TensorId{TensorId::Side::Found, row.found} : TensorId{};
    }
    index();
}

/// Gives tensors that are in the file only the names that they have after the fix.
void TensorRows::renameFound()
{
    for (const FoundTensor& tensor : m_fix->found) {
        const int row = rowOf({TensorId::Side::Found, tensor.index});
        if (row >= 0 && m_rows[static_cast<size_t>(row)].expected < 0)
            m_rows[static_cast<size_t>(row)].name = tensor.name;
    }
}

void TensorRows::index()
{
    const ExpectedModel* named = m_fix && m_check->expected ? m_check->expected.get() : m_expected.get();
    m_rowOfExpected.assign(named ? named->tensors.size() : 0, -1);
    m_rowOfFound.assign(m_checkpoint ? m_checkpoint->tensors.size() : 0, -1);
    for (size_t i = m_rows.size(); i-- > 0;) { // backwards: of several rows the first counts
        if (m_rows[i].id.side == TensorId::Side::Expected && static_cast<size_t>(m_rows[i].id.index) < m_rowOfExpected.size())
            m_rowOfExpected[static_cast<size_t>(m_rows[i].id.index)] = int(i);
        if (m_rows[i].found >= 0)
            m_rowOfFound[static_cast<size_t>(m_rows[i].found)] = int(i);
    }
}

void TensorRows::worsen(const std::vector<Finding>& findings)
{
    std::unordered_map<std::string_view, RowState> states;
    for (const Finding& finding : findings) {
        const RowState state = stateOf(finding);
        if (state == RowState::Present)
            continue;
        for (const std::string& tensor : finding.tensors)
            states[tensor] = std::max(states[tensor], state);
    }
    if (states.empty())
        return;
    for (TensorRow& row : m_rows) {
        const TensorInfo* found = foundOf(row);
        for (const std::string_view name : {row.name, found ? std::string_view(found->name) : row.name})
            if (const auto state = states.find(name); state != states.end())
                raise(row.state, state->second);
    }
}

/// In a module whose matrices are random, norms at 1 and biases at 0 were not loaded either.
void TensorRows::worsen(const ModelOrigin& origin)
{
    const auto worsenFound = [this](size_t found) {
        const int row = rowOf({TensorId::Side::Found, int(found)});
        if (row >= 0)
            raise(m_rows[static_cast<size_t>(row)].state, RowState::NeverTrained);
    };
    for (size_t i = 0; i < origin.tensors.size(); ++i)
        if (origin.tensors[i].verdict == OriginVerdict::Random)
            worsenFound(i);
    for (const ModuleOrigin& module : origin.modules)
        if (module.verdict == OriginVerdict::Random)
            for (const size_t tensor : module.tensors)
                worsenFound(tensor);
}

} // namespace weighbridge
