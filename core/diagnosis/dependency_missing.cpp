// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/diagnosis/rule.h"

#include "core/base/text.h"
#include "core/diagnosis/environment.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace weighbridge {
namespace {

struct Need {
    std::string package;
    std::string minimum; ///< empty: any version
    std::string why;
};

void add(std::vector<Need>& needs, std::string package, std::string minimum, std::string why)
{
    if (std::none_of(needs.begin(), needs.end(), [&package](const Need& need) { return need.package == package; }))
        needs.push_back({std::move(package), std::move(minimum), std::move(why)});
}

/// What reads the weights. A PyTorch zip needs 1.6 (the zip format's first release), .keras needs Keras 3.
void addReaders(std::vector<Need>& needs, const Checkpoint& checkpoint)
{
    for (const Shard& shard : checkpoint.shards) {
        const std::string& format = shard.format.empty() ? checkpoint.format : shard.format;
        if (format == "safetensors")
            add(needs, "safetensors", "", "the weights are safetensors");
        else if (format == "torch-zip" || format == "torchscript")
            add(needs, "torch", "1.6", "the weights are in PyTorch's zip format");
        else if (format == "torch-legacy")
            add(needs, "torch", "", "the weights are a PyTorch pickle");
        else if (format == "keras-v3")
            add(needs, "keras", "3", "the model is a .keras archive");
        else if (format == "keras-h5" || format == "hdf5")
            add(needs, "h5py", "", "the weights are HDF5");
        else if (format == "gguf")
            add(needs, "gguf", "", "the weights are GGUF");
        else if (format == "onnx")
            add(needs, "onnxruntime", "", "the model is ONNX");
        else if (format.starts_with("tf-"))
            add(needs, "tensorflow", "", "the weights are a TensorFlow checkpoint");
        else if (format == "flax-msgpack")
            add(needs, "flax", "", "the weights are Flax msgpack");
    }
}

void addTokenizer(std::vector<Need>& needs, const Checkpoint& checkpoint)
{
    for (const std::string& path : checkpoint.tokenizerPaths) {
        const std::string name = std::filesystem::path(path).filename().string();
        if (name == "tokenizer.json")
            add(needs, "tokenizers", "", "the tokenizer is a tokenizer.json");
        else if (name.ends_with(".model"))
            add(needs, "sentencepiece", "", fmt::format("the tokenizer is {}", shown(name, 60)));
    }
}

/// The libraries that a quantization needs: huggingface.co/docs/transformers/quantization/overview.
void addQuantization(std::vector<Need>& needs, const Value& config)
{
    const Value* quantization = config.find("quantization_config");
    const std::string method = quantization && quantization->find("quant_method") ? quantization->find("quant_method")->stringOr("") : "";
    if (method.empty())
        return;
    const std::string why = fmt::format("the weights are quantized with {}", shown(method, 40));
    add(needs, "accelerate", "", why);
    if (method == "bitsandbytes")
        add(needs, "bitsandbytes", "", why);
    else if (method == "gptq" || method == "awq")
        add(needs, "gptqmodel", "", why);
    else if (method == "compressed-tensors")
        add(needs, "compressed-tensors", "", why);
}

std::vector<Need> needsOf(const Facts& facts)
{
    std::vector<Need> needs;
    addReaders(needs, *facts.checkpoint);
    addTokenizer(needs, *facts.checkpoint);
    const bool isAdapter = std::any_of(facts.found.begin(), facts.found.end(), [](const FoundTensor& tensor) { return tensor.name.find(".lora_A.") != std::string::npos; });
    if (isAdapter)
        add(needs, "peft", "", "the file is a LoRA adapter");
    if (facts.config) {
        addQuantization(needs, facts.config->root);
        const Value* version = facts.config->root.find("transformers_version");
        if (!facts.config->modelType().empty())
            add(needs, "transformers", version ? std::string(version->stringOr("").substr(0, 30)) : "", version ? "the config was written by that version" : "the config is one of transformers");
    }
    return needs;
}

class DependencyMissing final : public Rule {
public:
    RuleInfo info() const override { return {"dependency-missing", "The Python environment has what the files need", order::aside}; }

    std::vector<Finding> check(const Facts& facts, JobContext&) const override
    {
        if (!facts.environment)
            return {};
        std::vector<std::string> lacks;
        std::string install;
        bool anyMissing = false;
        Value::Map evidence;
        for (const Need& need : needsOf(facts)) {
            const std::string version = facts.environment->version(need.package);
            const bool isTooOld = !version.empty() && !need.minimum.empty() && compareVersions(version, need.minimum) < 0;
            if (!version.empty() && !isTooOld)
                continue;
            anyMissing = anyMissing || version.empty();
            lacks.push_back(version.empty() ? fmt::format("{} is not installed ({})", need.package, need.why)
                                            : fmt::format("{} {} is older than {} ({})", need.package, shown(version, 30), shown(need.minimum, 30), need.why));
            install += need.minimum.empty() ? " " + need.package : fmt::format(" \"{}>={}\"", need.package, shown(need.minimum, 30));
            evidence.emplace_back(need.package, version.empty() ? Value("not installed") : Value(version));
        }
        if (lacks.empty())
            return {};
        Finding finding;
        finding.rule = "dependency-missing";
        finding.severity = anyMissing && !facts.environment->isActive ? Severity::Warning : Severity::Note;
        finding.title = lacks.size() == 1 ? fmt::format("The Python environment: {}", lacks[0]) : fmt::format("The Python environment lacks {} packages that the files need", lacks.size());
        finding.explanation = fmt::format("Looked at {}, without running anything. {}.", shown(facts.environment->path, 200), fmt::join(lacks, "; "));
        finding.evidence = std::move(evidence);
        finding.fix.text = fmt::format("Install it into that environment: pip install{}", install);
        finding.fix.python = fmt::format("# pip install{}\n", install);
        return {finding};
    }
};

} // namespace

const Rule& dependencyMissingRule()
{
    static const DependencyMissing rule;
    return rule;
}

} // namespace weighbridge
