// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "tests/fuzz/fuzz_target.h"

#include "core/base/byte_reader.h"
#include "core/base/json.h"
#include "core/base/worker_channel.h"
#include "core/comparison/host_difference.h"
#include "core/remote/ahead_reader.h"
#include "core/remote/host_inference.h"
#include "core/remote/host_protocol.h"
#include "core/remote/remote_source.h"
#include "core/statistics/host_statistics.h"
#include "core/statistics/shared_analyses.h"

#include <map>

namespace weighbridge {
namespace {

/// Tensors of every number of dimensions from 0 to 4, as both sides of a comparison.
Checkpoint someCheckpoint()
{
    Checkpoint out;
    for (int64_t dimensions = 0; dimensions <= 4; ++dimensions) {
        TensorInfo tensor;
        tensor.shape.assign(static_cast<size_t>(dimensions), 3);
        out.tensors.push_back(std::move(tensor));
    }
    return out;
}

void takePair(const Value& document)
{
    static const Checkpoint checkpoint = someCheckpoint();
    const auto shared = pairFrom(document, checkpoint, checkpoint);
    if (!shared)
        return;
    const TensorPair& pair = shared->pair;
    const auto isThere = [](int tensor) { return tensor >= 0 && static_cast<size_t>(tensor) < checkpoint.tensors.size(); };
    require(isThere(pair.a) && isThere(pair.b), "a pair is of tensors that there are");
    require(!pair.values || pair.values->changed <= pair.values->count, "no more values changed than there are");
    require(pairFrom(toValue(shared->index, pair), checkpoint, checkpoint).has_value(), "a pair that was taken can be sent on");
}

void takeDevices(const Value& document)
{
    const Value devices = hostDevicesFrom(document, "box");
    const Value::List& list = *devices.find("devices")->list();
    require(list.size() <= 1000, "the number of devices is capped");
    for (const Value& device : list)
        require(host::textIn(device, "host") == "box", "a device is of the machine that was asked");
}

void takeDocument(const Value& document)
{
    const auto entry = host::entryFrom(document);
    require(!entry || entry->target.size() <= 65536, "a path has an end");
    for (const host::Name& name : host::namesFrom(document).value_or(std::vector<host::Name>{}))
        require(!name.name.empty() && name.name != ".." && name.name.find('/') == std::string::npos, "a name leads nowhere else");
    for (const SharedAnalysis& one : analysesFromValue(document, host::textIn(document, "key")).value_or(std::vector<SharedAnalysis>{}))
        require(numel(one.tensor.shape).has_value(), "a shape has a size");
    (void)hintsFromValue(document);
    takePair(document);
    takeDevices(document);
}

/// What opening a checkpoint there sends, kept as a client keeps it.
class Kept {
public:
    [[nodiscard]] SentAhead sent()
    {
        return {
            [] {},
            [this](const std::string& path, const host::Entry& entry) {
                m_files.insert_or_assign(path, remoteSource("ssh://box" + path, entry.state));
            },
            [](const std::string& folder, const std::vector<host::Name>&) { require(folder.starts_with('/'), "a folder is named from the root"); },
            [this](const std::string& path, uint64_t offset, const std::vector<std::byte>& bytes) -> Result<void> {
                const auto file = m_files.find(path);
                if (file == m_files.end() || !keepSentAhead(*file->second, offset, bytes))
                    return failure("worker", "");
                const auto read = file->second->read(offset, bytes.size());
                // not of the same bytes: a machine may send others for the same block later, and what came first is kept
                require(read && read->size() == bytes.size(), "what was sent can be read");
                return {};
            }};
    }

private:
    std::map<std::string, SourcePtr> m_files;
};

/// What a machine at an ssh address could answer, and what a client could ask it.
void parse(FuzzBytes bytes)
{
    Kept kept;
    const SentAhead sent = kept.sent();
    AheadReader ahead(sent);
    ByteReader reader(bytes);
    while (const auto raw = reader.take(frameHeaderNbytes)) {
        const auto header = decodeFrameHeader(raw->first<frameHeaderNbytes>());
        const auto payload = header ? reader.takeText(header->nbytes) : failure("worker", "");
        if (!payload)
            break;
        if (header->kind == FrameKind::Bytes) {
            const auto block = std::as_bytes(std::span(*payload));
            (void)ahead.take({nullptr, {block.begin(), block.end()}});
            continue;
        }
        const auto document = parseJson(*payload);
        if (!document)
            break;
        takeDocument(document->value);
        (void)ahead.take({&document->value, {}});
    }
}

} // namespace

const FuzzTarget& hostAnswersFuzzTarget()
{
    static const FuzzTarget target{"host_answers", parse, wholeFiles([](const std::string& path, FuzzBytes) { return path.ends_with(".host-frames"); })};
    return target;
}

} // namespace weighbridge
