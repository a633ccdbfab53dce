// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "inference/json_file.h"

#include "core/base/byte_source.h"
#include "core/base/files.h"
#include "core/base/json.h"

namespace weighbridge::inference {
namespace {

constexpr uint64_t maximumNbytes = 1024 * 1024;

} // namespace

Value readJsonFile(const std::string& path)
{
    if (!isFile(path))
        return {};
    const auto file = openFile(path);
    const auto bytes = file ? (*file)->readUpTo(0, maximumNbytes) : tl::unexpected(file.error());
    if (!bytes)
        return {};
    auto document = parseJson({reinterpret_cast<const char*>(bytes->data()), bytes->size()});
    return document ? std::move(document->value) : Value();
}

} // namespace weighbridge::inference
