// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What a Keras file says of its own layers. The HDF5 worker is not started here, so that no format's target comes to it.
#include "tests/fuzz/fuzz_target.h"

#include "core/architecture/file_architecture.h"
#include "core/base/json.h"

namespace weighbridge {
namespace {

/// The first byte says which of the two formats names the weights.
void parse(FuzzBytes bytes)
{
    if (bytes.empty())
        return;
    const auto document = parseJson(textOf(bytes.subspan(1)));
    if (!document)
        return;
    Checkpoint checkpoint;
    checkpoint.format = std::to_integer<int>(bytes[0]) % 2 == 0 ? "keras-h5" : "keras-v3";
    checkpoint.metadata = Value::Map{{"model_config", document->value}};
    JobContext job;
    (void)expectedByItself(checkpoint, job);
}

/// The attribute stands in an .h5 file as text.
std::vector<std::string> seedsOf(const std::string& path, FuzzBytes bytes)
{
    const std::string text = textOf(bytes);
    const size_t begin = path.ends_with(".h5") ? text.find("{\"class_name\": \"") : std::string::npos;
    if (begin == std::string::npos)
        return {};
    const std::string config = text.substr(begin, text.find('\0', begin) - begin);
    return {'\0' + config, '\1' + config};
}

} // namespace

const FuzzTarget& kerasConfigFuzzTarget()
{
    static const FuzzTarget target{"keras_config", parse, seedsOf};
    return target;
}

} // namespace weighbridge
