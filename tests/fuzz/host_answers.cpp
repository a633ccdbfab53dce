// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "tests/fuzz/fuzz_target.h"

#include "core/base/byte_reader.h"
#include "core/base/json.h"
#include "core/base/worker_channel.h"
#include "core/remote/host_protocol.h"
#include "core/statistics/host_statistics.h"
#include "core/statistics/shared_analyses.h"

namespace weighbridge {
namespace {

/// What a machine at an ssh address could answer, and what a client could ask it.
void parse(FuzzBytes bytes)
{
    ByteReader reader(bytes);
    while (const auto raw = reader.take(frameHeaderNbytes)) {
        const auto header = decodeFrameHeader(raw->first<frameHeaderNbytes>());
        const auto payload = header ? reader.takeText(header->nbytes) : failure("worker", "");
        const auto document = payload ? parseJson(*payload) : failure("worker", "");
        if (!document)
            break;
        const auto entry = host::entryFrom(document->value);
        require(!entry || entry->target.size() <= 65536, "a path has an end");
        for (const host::Name& name : host::namesFrom(document->value).value_or(std::vector<host::Name>{}))
            require(!name.name.empty() && name.name != ".." && name.name.find('/') == std::string::npos, "a name leads nowhere else");
        for (const SharedAnalysis& one : analysesFromValue(document->value, host::textIn(document->value, "key")).value_or(std::vector<SharedAnalysis>{}))
            require(numel(one.tensor.shape).has_value(), "a shape has a size");
        (void)hintsFromValue(document->value);
    }
}

} // namespace

const FuzzTarget& hostAnswersFuzzTarget()
{
    static const FuzzTarget target{"host_answers", parse, wholeFiles([](const std::string& path, FuzzBytes) { return path.ends_with(".host-frames"); })};
    return target;
}

} // namespace weighbridge
