// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/diagnosis/find_config.h"

#include "core/base/files.h"
#include "core/base/text.h"

#include <algorithm>
#include <array>
#include <filesystem>

namespace weighbridge {
namespace {

namespace fs = std::filesystem;

constexpr std::array configNames{"config.json", "bert_config.json", "config.yaml", "config.yml", "hparams.yaml", "model.yaml", "model.yml"};
constexpr std::array modelSections{"model", "model_config", "config", "architecture", "network", "hparams", "model_args"};
constexpr std::array sizeFields{"model_type", "vocab_size", "hidden_size", "num_hidden_layers", "n_embd", "n_layer", "d_model", "dim"};

bool describesModel(const Value& value)
{
    return std::count_if(sizeFields.begin(), sizeFields.end(), [&value](const char* field) { return value.find(field) != nullptr; }) >= 2;
}

/// The only YAML file of a folder, under whatever name.
std::string onlyYaml(const Checkpoint& checkpoint)
{
    std::string out;
    for (const FileEntry& file : checkpoint.files) {
        const std::string name = lowered(file.path);
        if (!name.ends_with(".yaml") && !name.ends_with(".yml"))
            continue;
        if (!out.empty())
            return {};
        out = file.path;
    }
    return out;
}

} // namespace

std::string findConfig(const Checkpoint& checkpoint)
{
    if (!checkpoint.configPath.empty())
        return checkpoint.configPath;
    if (checkpoint.format == "tokenizer")
        return {}; // a config beside it asks for tensors, of which it has none
    const bool isFolder = checkpoint.format == "model-folder";
    const fs::path folder = isFolder ? fs::path(checkpoint.path) : fs::path(checkpoint.path).parent_path();
    std::vector<std::string> candidates;
    for (const char* name : configNames)
        candidates.push_back((folder / name).string());
    for (const char* extension : {".json", ".yaml", ".yml"})
        if (std::string beside = fs::path(checkpoint.path).replace_extension(extension).string(); !isFolder && beside != checkpoint.path)
            candidates.push_back(std::move(beside));
    const std::vector<std::string> there = filesAmong(std::move(candidates));
    if (!there.empty())
        return there.front();
    return isFolder ? onlyYaml(checkpoint) : std::string();
}

Config modelSection(Config config)
{
    if (describesModel(config.root))
        return config;
    for (const char* section : modelSections) {
        const Value* inner = config.root.find(section);
        if (inner && describesModel(*inner)) {
            Value root = *inner;
            config.root = std::move(root);
            break;
        }
    }
    return config;
}

} // namespace weighbridge
