// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "tests/fuzz/fuzz_target.h"

#include "core/base/byte_reader.h"
#include "core/base/json.h"
#include "core/base/worker_channel.h"
#include "core/format/detail/hdf5_checkpoint.h"
#include "core/format/detail/hdf5_client.h"
#include "core/format/detail/keras_model.h"
#include "core/report/inspect_answer.h"

namespace weighbridge {
namespace {

/// What a worker could answer: frames, of which JSON documents build a checkpoint over a small file.
void parse(FuzzBytes bytes)
{
    ByteReader reader(bytes);
    Hdf5Listing listing;
    while (const auto raw = reader.take(frameHeaderNbytes)) {
        const auto header = decodeFrameHeader(raw->first<frameHeaderNbytes>());
        const auto payload = header ? reader.takeText(header->nbytes) : failure("worker", "");
        if (!payload)
            break;
        const auto document = parseJson(*payload);
        if (!document)
            break;
        if (const Value* error = document->value.find("error"))
            require(!errorFromValue(*error).rule.empty(), "an Error has a rule");
        addHdf5Answer(listing, document->value);
    }
    const auto source = memorySource(std::vector<std::byte>(4096), "fuzz.h5");
    const auto checkpoint = checkpointFromHdf5(source, listing, source->path(), "hdf5");
    require(checkpoint || !checkpoint.error().message.empty(), "an Error has a sentence");
    if (checkpoint)
        (void)inspectHeadAnswer(*checkpoint);
}

} // namespace

const FuzzTarget& hdf5AnswersFuzzTarget()
{
    static const FuzzTarget target{"hdf5_answers", parse, wholeFiles([](const std::string& path, FuzzBytes) { return path.ends_with(".frames"); })};
    return target;
}

} // namespace weighbridge
