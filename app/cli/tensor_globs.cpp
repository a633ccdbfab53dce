// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/cli/tensor_globs.h"

#include <algorithm>

#include <fnmatch.h>

namespace weighbridge::cli {

Result<std::vector<size_t>> wantedTensors(const Checkpoint& checkpoint, const Arguments& arguments)
{
    std::vector<std::string> globs;
    for (const auto& [name, value] : arguments.options)
        if (name == "tensor")
            globs.push_back(value);
    std::vector<size_t> out;
    for (size_t i = 0; i < checkpoint.tensors.size(); ++i) {
        const std::string& name = checkpoint.tensors[i].name;
        if (globs.empty() || std::any_of(globs.begin(), globs.end(), [&name](const std::string& glob) { return fnmatch(glob.c_str(), name.c_str(), 0) == 0; }))
            out.push_back(i);
    }
    if (out.empty() && !checkpoint.tensors.empty())
        return failure(Error("usage", "No tensor has a name of that form.").at(checkpoint.path).fixedBy("weighbridge-cli inspect lists the names."));
    return out;
}

} // namespace weighbridge::cli
