// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/cli/host_session.h"

#include "core/checkpoint/checksums.h"
#include "core/format/integrity.h"
#include "core/remote/host_protocol.h"
#include "core/statistics/host_statistics.h"
#include "core/statistics/shared_analyses.h"

#include <algorithm>

namespace weighbridge::cli {
namespace {

constexpr size_t digestsAtOnce = 10'000;

Result<CheckpointPtr> checkpointIn(const Value& request, HostSession& session)
{
    return pathIn(request).and_then([&](const std::string& path) { return session.kept.get(path, host::textIn(request, "checkpoint"), session.job); });
}

/// Collects analyses, so that small tensors do not cost a frame each.
class AnalysisSender {
public:
    AnalysisSender(const Checkpoint& checkpoint, std::string key, HostOutlet& outlet) : m_checkpoint(checkpoint), m_key(std::move(key)), m_outlet(outlet) {}

    void add(size_t index, Result<TensorAnalysis> analysis)
    {
        m_tensors.push_back(index);
        m_analyses.push_back(std::move(analysis));
        if (m_pace.isDue(m_tensors.size()))
            send();
    }

    void send()
    {
        if (!m_tensors.empty())
            m_outlet.send(analysesToValue(m_checkpoint, m_key, m_tensors, m_analyses));
        m_tensors.clear();
        m_analyses.clear();
    }

private:
    const Checkpoint& m_checkpoint;
    std::string m_key;
    HostOutlet& m_outlet;
    std::vector<size_t> m_tensors;
    std::vector<Result<TensorAnalysis>> m_analyses;
    SendingPace m_pace;
};

/// Each once, and only such as there are.
std::vector<size_t> tensorsIn(const Value& request, const Checkpoint& checkpoint)
{
    std::vector<bool> isListed(checkpoint.tensors.size(), false);
    std::vector<size_t> out;
    const Value* list = request.find("tensors");
    for (const Value& entry : list && list->list() ? *list->list() : Value::List{}) {
        const auto index = entry.integer() && *entry.integer() >= 0 ? static_cast<size_t>(*entry.integer()) : isListed.size();
        if (index >= isListed.size() || isListed[index])
            continue;
        isListed[index] = true;
        out.push_back(index);
    }
    return out;
}

} // namespace

HostAnswer hostStatistics(const Value& request, HostSession& session)
{
    const auto checkpoint = checkpointIn(request, session);
    if (!checkpoint)
        return tl::unexpected(checkpoint.error());
    const Value* hints = request.find("hints");
    AnalysisSender sender(**checkpoint, host::textIn(request, "checkpoint"), session.outlet);
    const std::vector<size_t> tensors = tensorsIn(request, **checkpoint);
    const auto done = computeStatisticsOf(**checkpoint, hints ? hintsFromValue(*hints) : ConfigHints{}, tensors, 0, session.job,
                                          [&sender](size_t index, Result<TensorAnalysis> analysis) { sender.add(index, std::move(analysis)); });
    sender.send();
    return done.map([] { return Value::Map{}; });
}

HostAnswer hostSha256(const Value& request, HostSession& session)
{
    const auto checkpoint = checkpointIn(request, session);
    const auto digests = checkpoint ? sha256OfTensors(**checkpoint, session.job) : tl::unexpected(checkpoint.error());
    if (!digests)
        return tl::unexpected(digests.error());
    for (size_t from = 0; from < digests->size(); from += digestsAtOnce) {
        const auto first = digests->begin() + static_cast<ptrdiff_t>(from);
        Value::Map document{{"sha256", Value::List(first, first + static_cast<ptrdiff_t>(std::min(digestsAtOnce, digests->size() - from)))}};
        if (from == 0)
            document.emplace_back("begins", true);
        session.outlet.send(document);
    }
    return Value::Map{};
}

HostAnswer hostChecksums(const Value& request, HostSession& session)
{
    return checkpointIn(request, session).and_then([&session](const CheckpointPtr& checkpoint) { return compareChecksums(*checkpoint, session.job); }).map([](uint64_t nbytes) {
        return Value::Map{{"nbytes", nbytes}};
    });
}

HostAnswer hostFileSha256(const Value& request, HostSession& session)
{
    return pathIn(request).and_then([&session](const std::string& path) { return compareFile(path, {}, session.job); }).map([](const ComparedFile& file) {
        return Value::Map{{"sha256", file.sha256}};
    });
}

} // namespace weighbridge::cli
