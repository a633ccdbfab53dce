// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/report/output.h"

#include "core/base/new_file.h"
#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace weighbridge {

const Output* outputFor(std::string_view path)
{
    const std::string name = lowered(path);
    const auto outputs = allOutputs();
    const auto found = std::find_if(outputs.begin(), outputs.end(), [&name](const Output* output) { return name.ends_with("." + std::string(output->info().extension)); });
    return found == outputs.end() ? nullptr : *found;
}

Error unknownEnding(const std::string& path)
{
    std::string endings = ".pdf";
    for (const Output* known : allOutputs())
        endings += fmt::format(", .{}", known->info().extension);
    return Error("usage", "The ending of the name does not say what the report is to be.").at(path).fixedBy(fmt::format("End it with one of {}.", endings));
}

Result<void> writeReport(const Report& report, const std::string& path, JobContext& job)
{
    const Output* output = outputFor(path);
    if (!output)
        return failure(unknownEnding(path));
    auto file = NewFile::create(path);
    if (!file)
        return tl::unexpected(file.error());
    const auto written = output->write(report, job, [&file](std::string_view text) { return file->write(text); });
    return written ? file->finish() : written;
}

} // namespace weighbridge
