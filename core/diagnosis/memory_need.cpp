// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/diagnosis/memory_need.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>
#include <tuple>

namespace weighbridge {
namespace {

constexpr double maximumSize = 1e9; ///< of one field of a config: beyond it the estimate would mean nothing

/// The first of the names that the config has, as a size; 0 if it has none.
double sizeOf(const Value& root, std::initializer_list<std::string_view> names)
{
    for (const std::string_view name : names)
        if (const Value* value = root.find(name); value && value->isNumber())
            return std::clamp(value->number(), 0.0, maximumSize);
    return 0;
}

bool isOptimizerState(std::string_view name)
{
    for (const std::string_view part : {"exp_avg", "adam_m", "adam_v", "momentum_buffer", "optimizer."})
        if (name.find(part) != std::string_view::npos)
            return true;
    return false;
}

/// Tensors of one forward pass that live together: a layer's input, queries, keys, values, output and two of the wide layer between,
/// its attention weights, and the scores over the vocabulary.
void addForwardPass(MemoryNeed& need, const Value& root)
{
    const double hidden = sizeOf(root, {"hidden_size", "n_embd", "d_model", "dim"});
    const double heads = sizeOf(root, {"num_attention_heads", "n_head", "num_heads", "n_heads"});
    const double layers = sizeOf(root, {"num_hidden_layers", "n_layer", "num_layers", "n_layers"});
    if (hidden == 0 || heads == 0)
        return;
    const double positions = sizeOf(root, {"max_position_embeddings", "n_positions"});
    if (positions > 0)
        need.length = std::min(need.length, static_cast<uint64_t>(positions));
    const double tokens = double(need.batch) * double(need.length);
    const double between = std::max(sizeOf(root, {"intermediate_size", "n_inner", "d_ff", "hidden_dim"}), 4 * hidden);
    const double numbers = tokens * (5 * hidden + 2 * between) + double(need.batch) * heads * double(need.length) * double(need.length) + tokens * sizeOf(root, {"vocab_size"});
    need.activations = static_cast<uint64_t>(std::min(4 * numbers, 1e18));
    const Value* type = root.find("use_cache");
    const bool isDecoder = type && type->boolean() && *type->boolean() && !(root.find("type_vocab_size"));
    if (!isDecoder)
        return;
    const double keyHeads = std::max(1.0, sizeOf(root, {"num_key_value_heads", "num_attention_heads", "n_head", "num_heads"}));
    const double headSize = std::max(sizeOf(root, {"head_dim"}), root.find("head_dim") ? 1.0 : hidden / heads);
    need.keysAndValues = static_cast<uint64_t>(std::min(2 * layers * keyHeads * headSize * tokens * 2, 1e18));
}

} // namespace

MemoryNeed memoryNeed(const Checkpoint& checkpoint, const Config* config)
{
    MemoryNeed need;
    std::set<std::tuple<StorageKind, uint32_t, uint64_t>> seen; // storages that several tensors share; of some kinds the offset is an index
    for (const TensorInfo& tensor : checkpoint.tensors) {
        const uint64_t elements = numel(tensor.shape).value_or(0);
        if (elements > 0 && !seen.emplace(tensor.storage.kind, tensor.storage.shard, tensor.storage.offset).second)
            continue;
        if (isOptimizerState(tensor.name)) {
            need.optimizerState += tensor.nbytes();
            continue;
        }
        need.parameters += elements;
        need.asStored += tensor.nbytes();
        need.int8 += elements + (tensor.shape.size() > 1 ? static_cast<uint64_t>(tensor.shape[0]) * 4 : 3 * elements);
    }
    need.float32 = 4 * need.parameters;
    need.float16 = 2 * need.parameters;
    need.int4 = need.parameters / 2 + need.parameters / 16;
    need.trainingAdam = 16 * need.parameters;
    if (config && config->root.isMap())
        addForwardPass(need, config->root);
    return need;
}

std::vector<MemoryLine> memoryLines(const MemoryNeed& need, uint64_t available)
{
    std::vector<MemoryLine> lines;
    const auto add = [&](std::string use, uint64_t nbytes) { lines.push_back({std::move(use), nbytes, available == 0 || nbytes <= available}); };
    add("as stored", need.asStored + need.optimizerState);
    if (need.optimizerState > 0)
        add("without the optimizer", need.asStored);
    add("float32", need.float32);
    add("bfloat16", need.float16);
    add("int8", need.int8);
    add("int4", need.int4);
    const std::string input = fmt::format("{} x {} tokens", need.batch, need.length);
    if (need.activations > 0)
        add("run " + input + " in float32", need.float32 + need.activations + 2 * need.keysAndValues);
    if (need.keysAndValues > 0)
        add("its keys and values in bfloat16", need.keysAndValues);
    add("train with Adam", need.trainingAdam + need.activations);
    return lines;
}

DeviceRoom deviceRoom(const MemoryNeed& need, const Device& device)
{
    DeviceRoom room;
    room.isFree = device.memoryFree.has_value();
    room.nbytes = device.memoryFree.value_or(device.memoryTotal.value_or(0));
    const auto lines = memoryLines(need, room.nbytes);
    for (const MemoryLine& line : lines)
        if (!line.fits)
            room.tooLarge.push_back(line.use);
    room.holdsAny = room.tooLarge.size() < lines.size();
    return room;
}

} // namespace weighbridge
