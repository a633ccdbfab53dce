// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/export/load_python.h"

#include "core/base/json.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace weighbridge {
namespace {

/// @path, @name and @key become Python literals.
struct Recipe {
    std::string_view format;
    std::string_view python;
};

constexpr std::string_view walkState = R"(name = @name
while name not in state:  # nested dicts: the longest key that the name begins with
    key = max((k for k in state if name.startswith(f"{k}.")), key=lambda k: len(str(k)))
    state, name = state[key], name[len(str(key)) + 1:]
tensor = state[name]
)";

constexpr std::string_view hdf5 = R"(import h5py

with h5py.File(@path) as f:
    tensor = f[@key][()]
)";

constexpr std::array recipes{
    Recipe{"safetensors", R"(from safetensors import safe_open

with safe_open(@path, framework="pt") as f:
    tensor = f.get_tensor(@name)
)"},
    Recipe{"torch-zip", R"(import torch

state = torch.load(@path, map_location="cpu", mmap=True, weights_only=True)
@state)"},
    Recipe{"torch-legacy", R"(import torch

state = torch.load(@path, map_location="cpu", weights_only=True)
@state)"},
    Recipe{"torchscript", R"(import torch

tensor = torch.jit.load(@path, map_location="cpu").state_dict()[@name]
)"},
    Recipe{"gguf", R"(from gguf import GGUFReader
from gguf.quants import dequantize

found = next(t for t in GGUFReader(@path).tensors if t.name == @name)
tensor = dequantize(found.data, found.tensor_type)
)"},
    Recipe{"onnx", R"(import os
import onnx
from onnx import numpy_helper

path = @path
model = onnx.load(path, load_external_data=False)
found = next(t for t in model.graph.initializer if t.name == @name)
tensor = numpy_helper.to_array(found, base_dir=os.path.dirname(path))
)"},
    Recipe{"npz", R"(import numpy

tensor = numpy.load(@path)[@name]
)"},
    Recipe{"npy", R"(import numpy

tensor = numpy.load(@path, mmap_mode="r")
)"},
    Recipe{"hdf5", hdf5},
    Recipe{"keras-h5", hdf5},
    Recipe{"tf-checkpoint", R"(import tensorflow

tensor = tensorflow.train.load_checkpoint(@prefix).get_tensor(@name)
)"},
    Recipe{"flax-msgpack", R"(from flax.serialization import msgpack_restore

with open(@path, "rb") as f:
    state = msgpack_restore(f.read())
@state)"},
};

/// A JSON string is a Python string, whatever is in it.
std::string literal(std::string_view text)
{
    return toJson(Value(std::string(text)));
}

/// model.ckpt of model.ckpt.index and of model.ckpt.data-00000-of-00002.
std::string prefixOf(const std::string& path)
{
    const size_t data = path.rfind(".data-");
    const size_t index = path.rfind(".index");
    return path.substr(0, data != std::string::npos ? data : index);
}

} // namespace

std::string pythonToLoad(const Checkpoint& checkpoint, const TensorInfo& tensor)
{
    if (tensor.storage.shard >= checkpoint.shards.size() || tensor.storage.kind == StorageKind::Absent)
        return {};
    const Shard& shard = checkpoint.shards[tensor.storage.shard];
    const auto recipe = std::find_if(recipes.begin(), recipes.end(), [&shard](const Recipe& candidate) { return candidate.format == shard.format; });
    if (recipe == recipes.end())
        return {};
    std::string recipeText(recipe->python);
    if (const size_t walk = recipeText.find("@state"); walk != std::string::npos)
        recipeText.replace(walk, std::string_view("@state").size(), walkState);
    using Place = std::pair<std::string_view, std::string>;
    const std::array places{Place("@path", shard.path), Place("@name", tensor.name), Place("@key", tensor.storage.key.empty() ? tensor.name : tensor.storage.key),
                            Place("@prefix", prefixOf(shard.path))};
    // In one pass, so that nothing in a name is taken for a place to fill.
    std::string filled;
    for (size_t at = 0; at < recipeText.size();) {
        const std::string_view rest = std::string_view(recipeText).substr(at);
        const auto place = std::find_if(places.begin(), places.end(), [rest](const auto& candidate) { return rest.starts_with(candidate.first); });
        filled += place == places.end() ? std::string(1, recipeText[at]) : literal(place->second);
        at += place == places.end() ? 1 : place->first.size();
    }
    return filled;
}

} // namespace weighbridge
