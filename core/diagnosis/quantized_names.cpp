// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/diagnosis/quantized_names.h"

#include "core/diagnosis/name_tells.h"

#include <map>
#include <string>
#include <string_view>

namespace weighbridge {
namespace {

/// "h.0.mlp." of "h.0.mlp.qweight" and of "h.0.mlp.weight.absmax".
std::string_view layerNameOf(std::string_view name)
{
    const size_t weight = name.find(".weight.");
    return name.substr(0, weight != std::string_view::npos ? weight + 1 : name.rfind('.') + 1);
}

/// The tensors of each quantized layer, its packed weight with them.
std::map<std::string, std::vector<const FoundTensor*>, std::less<>> quantizedLayers(const std::vector<FoundTensor>& found)
{
    std::map<std::string, std::vector<const FoundTensor*>, std::less<>> layers;
    for (const FoundTensor& tensor : found)
        if (!quantizerOf(tensor.name).empty())
            layers[std::string(layerNameOf(tensor.name))].push_back(&tensor);
    for (const FoundTensor& tensor : found)
        if (tensor.name.ends_with(".weight"))
            if (const auto layer = layers.find(layerNameOf(tensor.name)); layer != layers.end())
                layer->second.push_back(&tensor);
    return layers;
}

} // namespace

void expectQuantized(ExpectedModel& expected, const Config& config, const std::vector<FoundTensor>& found)
{
    if (!config.root.find("quantization_config"))
        return;
    const auto layers = quantizedLayers(found);
    std::vector<ExpectedTensor> tensors;
    for (ExpectedTensor& tensor : expected.tensors) {
        const auto layer = tensor.name.ends_with(".weight") ? layers.find(layerNameOf(tensor.name)) : layers.end();
        if (layer == layers.end()) {
            tensors.push_back(std::move(tensor));
            continue;
        }
        for (const FoundTensor* there : layer->second)
            tensors.push_back({there->name, there->shape, there->dtype, false});
    }
    expected.tensors = std::move(tensors);
}

} // namespace weighbridge
