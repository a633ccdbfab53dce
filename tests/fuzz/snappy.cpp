// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "tests/fuzz/fuzz_target.h"

#include "core/format/detail/snappy.h"

namespace weighbridge {
namespace {

constexpr uint64_t maximum = 1024 * 1024;

void parse(FuzzBytes bytes)
{
    const auto unpacked = unpackSnappy(bytes, maximum);
    require(!unpacked || unpacked->size() <= maximum, "a block is no larger than the limit");
}

} // namespace

const FuzzTarget& snappyFuzzTarget()
{
    static const FuzzTarget target{"snappy", parse, wholeFiles([](const std::string&, FuzzBytes) { return false; })};
    return target;
}

} // namespace weighbridge
