// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/diagnosis/fix_script.h"

#include "core/base/json.h"
#include "core/base/text.h"
#include "core/diagnosis/fix.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>

namespace weighbridge {
namespace {

/// How one library reads and writes a state dict; {} is the file's name as a Python literal.
struct Library {
    std::string_view format;
    std::string_view import;
    std::string_view load;
    std::string_view save;
};

constexpr std::string_view torchLoad = "torch.load({}, map_location=\"cpu\", weights_only=True)";
constexpr std::string_view torchSave = "torch.save(state_dict, \"repaired.bin\")\n";
constexpr std::array libraries{
    Library{"safetensors", "from safetensors.torch import load_file, save_file\n", "load_file({})",
            "save_file(state_dict, \"repaired.safetensors\", metadata={\"format\": \"pt\"})\n"},
    Library{"torch-zip", "import torch\n", torchLoad, torchSave},
    Library{"torch-legacy", "import torch\n", torchLoad, torchSave},
};

bool editsStateDict(std::string_view python)
{
    return python.starts_with("state_dict") || python.find(" in state_dict") != std::string_view::npos;
}

bool isImport(std::string_view line)
{
    return line.starts_with("import ") || line.starts_with("from ");
}

/// The import lines of all parts first, each once, then what is left of each part.
std::string joined(const std::vector<std::string>& parts)
{
    std::set<std::string> imports;
    std::string body;
    for (const std::string& part : parts) {
        for (const std::string_view line : split(part, '\n')) {
            if (isImport(line))
                imports.emplace(line);
            else if (!line.empty())
                body += fmt::format("{}\n", line);
        }
    }
    std::vector<std::string> lines(imports.begin(), imports.end());
    std::stable_partition(lines.begin(), lines.end(), [](const std::string& line) { return line.starts_with("import "); });
    return fmt::format("{}\n\n{}", fmt::join(lines, "\n"), body);
}

std::string fileName(const std::string& path)
{
    return toJson(Value(std::filesystem::path(path).filename().string()));
}

/// Empty where there is no index that names the shards.
std::string loadPart(const Library& library, const Checkpoint& checkpoint)
{
    if (checkpoint.shards.size() == 1)
        return fmt::format("{}state_dict = {}\n", library.import, fmt::format(fmt::runtime(library.load), fileName(checkpoint.shards.front().path)));
    const std::string& index = checkpoint.weightsPath.empty() ? checkpoint.path : checkpoint.weightsPath;
    if (!index.ends_with(".index.json"))
        return {};
    return fmt::format("import json\n{}with open({}) as file:\n    shards = sorted(set(json.load(file)[\"weight_map\"].values()))\nstate_dict = "
                       "{{}}\nfor shard in shards:\n"
                       "    state_dict.update({})\n",
                       library.import, fileName(index), fmt::format(fmt::runtime(library.load), "shard"));
}

} // namespace

void completeScript(Fix& fix, const Checkpoint& checkpoint)
{
    if (checkpoint.shards.empty())
        return;
    constexpr std::string_view anyPath = "torch.load(path";
    if (const size_t at = fix.python.find(anyPath); at != std::string::npos)
        fix.python.replace(at, anyPath.size(), fmt::format("torch.load({}", fileName(checkpoint.shards.front().path)));
    if (!editsStateDict(fix.python))
        return;
    const auto library = std::find_if(libraries.begin(), libraries.end(),
                                      [&checkpoint](const Library& candidate) { return candidate.format == checkpoint.shards.front().format; });
    const std::string load = library == libraries.end() ? std::string() : loadPart(*library, checkpoint);
    if (!load.empty())
        fix.python =
            joined({load, fix.python, std::string(library->save), fix.configChanges.empty() ? std::string() : configPython(fix.configChanges)});
}

} // namespace weighbridge
