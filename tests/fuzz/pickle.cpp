// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "tests/fuzz/fuzz_target.h"

#include "core/format/detail/pickle_state.h"

namespace weighbridge {
namespace {

void parse(FuzzBytes bytes)
{
    JobContext job;
    std::vector<Finding> findings;
    const auto source = memorySource({bytes.begin(), bytes.end()}, "fuzz.pkl");
    const auto pickle = parseJudged(source, 0, source->nbytes(), PickleOrigin::Plain, job, findings);
    require(pickle || !pickle.error().message.empty(), "an Error has a sentence");
    if (pickle)
        for (PickleId id = 0; id < pickle->size(); ++id)
            (void)pickle->content(id, 4096);
}

} // namespace

const FuzzTarget& pickleFuzzTarget()
{
    static const FuzzTarget target{"pickle", parse, wholeFiles([](const std::string& path, FuzzBytes bytes) {
        return path.ends_with(".pkl") || path.ends_with(".metadata") || (bytes.size() > 2 && bytes[0] == std::byte{0x80} && bytes[1] < std::byte{6});
    })};
    return target;
}

} // namespace weighbridge
