// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "tests/fuzz/fuzz_target.h"

#include "core/format/detail/zip.h"

namespace weighbridge {
namespace {

constexpr uint64_t entryNbytes = 1024 * 1024;

void parse(FuzzBytes bytes)
{
    JobContext job;
    const auto source = memorySource({bytes.begin(), bytes.end()}, "fuzz.zip");
    (void)zipNames(source);
    (void)ZipArchive::salvage(source, job);
    const auto archive = ZipArchive::open(source, job);
    if (!archive)
        return require(!archive.error().message.empty(), "an Error has a sentence");
    for (const ZipEntry& entry : archive->entries()) {
        const auto read = archive->read(entry, job, entryNbytes);
        require(!read || read->size() == entry.nbytes, "an entry has the size that it declares");
    }
}

} // namespace

const FuzzTarget& zipFuzzTarget()
{
    static const FuzzTarget target{"zip", parse, wholeFiles([](const std::string&, FuzzBytes bytes) { return looksLikeZip(bytes); })};
    return target;
}

} // namespace weighbridge
