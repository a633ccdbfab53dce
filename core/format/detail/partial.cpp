// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/format/detail/partial.h"

#include "core/base/checked.h"

#include <memory>

namespace weighbridge {
namespace {

bool isCut(const Checkpoint& checkpoint, const TensorInfo& tensor)
{
    const Storage& storage = tensor.storage;
    const bool liesInFile = storage.kind == StorageKind::Raw || storage.kind == StorageKind::Deflated;
    if (!liesInFile || storage.shard >= checkpoint.shards.size() || !checkpoint.shards[storage.shard].source)
        return false;
    const uint64_t nbytes = storage.kind == StorageKind::Raw ? storage.nbytes : storage.packedNbytes;
    return nbytes > 0 && !fits(storage.offset, nbytes, checkpoint.shards[storage.shard].source->nbytes());
}

/// "The file stops at byte 9 of 20: 1 of 2 tensors are complete." in a title and the rest.
void split(const std::string& message, Finding& finding)
{
    const size_t colon = message.find(": ");
    finding.title = message.substr(0, colon);
    if (colon == std::string::npos) {
        finding.title.resize(finding.title.find_last_not_of('.') + 1);
        return;
    }
    finding.explanation = message.substr(colon + 2);
    if (const char first = finding.explanation[0]; first >= 'a' && first <= 'z')
        finding.explanation[0] = static_cast<char>(first - 'a' + 'A');
}

} // namespace

Error withPartial(Error error, Checkpoint checkpoint)
{
    if (checkpoint.tensors.empty())
        return error;
    Finding finding;
    finding.rule = error.rule;
    finding.severity = Severity::Error;
    split(error.message, finding);
    finding.fix.text = error.fix;
    for (TensorInfo& tensor : checkpoint.tensors) {
        tensor.isLost = isCut(checkpoint, tensor);
        if (tensor.isLost)
            finding.tensors.push_back(tensor.name);
    }
    finding.evidence = {{"tensors", static_cast<uint64_t>(checkpoint.tensors.size())}, {"lost", static_cast<uint64_t>(finding.tensors.size())}};
    if (error.offset)
        finding.evidence.emplace_back("offset", *error.offset);
    checkpoint.findings.insert(checkpoint.findings.begin(), std::move(finding));
    error.partial = std::make_shared<const Checkpoint>(std::move(checkpoint));
    return error;
}

} // namespace weighbridge
