// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/cli/commands.h"

#include "core/architecture/expected_model.h"
#include "core/architecture/file_architecture.h"
#include "core/architecture/gguf_config.h"
#include "core/base/files.h"
#include "core/base/interruptible_reads.h"
#include "core/base/text.h"
#include "core/checkpoint/open_checkpoint.h"
#include "core/remote/address.h"
#include "core/remote/remote_files.h"
#include "core/report/answers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

namespace weighbridge::cli {
namespace {

constexpr std::array ownArchitectures{".gguf", ".keras", ".h5", ".hdf5", ".onnx"};

/// Files of weights that say themselves what they should hold.
bool carriesArchitecture(const std::string& path)
{
    const std::string name = lowered(path);
    return std::any_of(ownArchitectures.begin(), ownArchitectures.end(), [&name](const char* extension) { return name.ends_with(extension); });
}

Result<ExpectedModel> expectedOf(const std::string& path, JobContext& job)
{
    const auto checkpoint = openCheckpoint(path, job);
    if (!checkpoint)
        return tl::unexpected(checkpoint.error());
    if (auto expected = expectedByItself(**checkpoint, job))
        return std::move(*expected);
    if (const auto keys = ggufConfig(**checkpoint)) // why it is not known
        return expectedByGguf(*keys, job);
    return failure(Error("config-missing", "The file does not say what it should hold, or not in a way that is known here.").at(path).fixedBy("Name a config, or compare with a reference checkpoint."));
}

/// The config of a folder, by the names that writers give it.
Result<std::string> configIn(const std::string& path)
{
    if (!isFolder(path))
        return path;
    for (const char* name : {"config.json", "bert_config.json", "config.yaml", "config.yml"})
        if (std::string config = (std::filesystem::path(path) / name).string(); isFile(config))
            return config;
    return failure(Error("config-missing", "This folder holds no config.json.").at(path).fixedBy("Name the config itself."));
}

void printText(const ExpectedModel& expected)
{
    size_t width = 4;
    for (const ExpectedTensor& tensor : expected.tensors)
        width = std::max(width, std::min<size_t>(tensor.name.size(), 80));
    std::string out = fmt::format("{} ({}), from {}\n{} tensors, {} parameters\n\n", shown(expected.className), shown(expected.modelType), shown(expected.sourcePath, 4096), expected.tensors.size(),
                                  groupDigits(expected.parameters()));
    for (const ExpectedTensor& tensor : expected.tensors)
        out += fmt::format("{:<{}}  {}{}\n", shown(tensor.name), width, formatShape(tensor), tensor.isBuffer ? "  buffer" : "");
    for (const auto& [target, source] : expected.tied)
        out += fmt::format("\ntied: {} = {}", shown(target), shown(source));
    out += expected.tied.empty() ? "" : "\n";
    std::fwrite(out.data(), 1, out.size(), stdout);
}

int expect(const Arguments& arguments, JobContext& job)
{
    const InterruptibleReads reads(job);
    const std::string& path = arguments.paths[0];
    const auto expected = (isAddress(path) ? resolveAddress(path, job) : Result<std::string>(path))
                              .and_then(&configIn)
                              .and_then([&](const std::string& config) {
                                  return carriesArchitecture(config) ? expectedOf(config, job) : loadConfig(config, job).and_then([&](const Config& read) {
                                      return expectedModel(read, arguments.value("class"), job, Purpose::Listing);
                                  });
                              });
    if (!expected)
        return fail(expected.error(), arguments);
    if (arguments.has("json"))
        printJson(expectAnswer(*expected));
    else
        printText(*expected);
    return 0;
}

} // namespace

Command expectCommand()
{
    return {"expect", "expect CONFIG [--class NAME] [--json]", {"json"}, {"class"}, 1, 1, &expect};
}

} // namespace weighbridge::cli
