// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/cli/commands.h"
#include "app/cli/tensor_globs.h"

#include "core/base/text.h"
#include "core/checkpoint/open_checkpoint.h"
#include "core/export/export_tensors.h"
#include "core/export/load_python.h"

#include <fmt/format.h>

namespace weighbridge::cli {
namespace {

int exportCommandRun(const Arguments& arguments, JobContext& job)
{
    const std::string out = arguments.value("o");
    if (out.empty() && !arguments.has("python"))
        return fail(Error("usage", "`export` needs to know where to: -o FILE.npy, FILE.csv or FILE.safetensors.").fixedBy("Or print Python that loads the tensor: --python."), arguments);
    const auto opened = openCheckpoint(arguments.paths[0], job);
    if (!opened)
        return fail(opened.error(), arguments);
    const auto wanted = wantedTensors(**opened, arguments);
    if (!wanted)
        return fail(wanted.error(), arguments);
    if (arguments.has("python")) {
        for (const size_t index : *wanted)
            fmt::print("{}\n", pythonToLoad(**opened, (*opened)->tensors[index]));
        return 0;
    }
    if (const auto written = exportTensors(**opened, *wanted, out, job); !written)
        return fail(written.error(), arguments);
    if (arguments.has("json")) {
        Value::List names;
        for (const size_t index : *wanted)
            names.emplace_back((*opened)->tensors[index].name);
        printJson(Value::Map{{"path", out}, {"tensors", std::move(names)}});
    } else {
        fmt::print("{}: {} tensor{}\n", shown(out, 4096), wanted->size(), wanted->size() == 1 ? "" : "s");
    }
    return 0;
}

} // namespace

Command exportCommand()
{
    return {"export", "export PATH [--tensor GLOB]... (-o FILE.{npy,csv,safetensors} | --python) [--json]", {"json", "python"}, {"tensor", "o"}, 1, 1, &exportCommandRun};
}

} // namespace weighbridge::cli
