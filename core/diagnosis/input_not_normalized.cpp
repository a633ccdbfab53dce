// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What an image processor does, in this order: x * rescale_factor, then (x - image_mean[c]) / image_std[c]:
// huggingface.co/docs/transformers/main_classes/image_processor.
#include "core/diagnosis/rule.h"

#include "core/base/json.h"
#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/checkpoint/open_checkpoint.h"
#include "core/statistics/tensor_statistics.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>

namespace weighbridge {
namespace {

constexpr uint64_t maximumConfigNbytes = limits::MiB;
constexpr uint64_t maximumInputNbytes = 64 * limits::MiB;
constexpr size_t maximumInputs = 16;

/// What preprocessor_config.json asks for.
struct Preprocessing {
    bool rescales = false;
    double factor = 1;
    std::vector<double> mean; ///< empty: not normalised
    std::vector<double> std;

    /// The values that 0 and 255 become in the channel where they go farthest.
    [[nodiscard]] double low() const
    {
        double least = 0;
        for (size_t c = 0; c < mean.size(); ++c)
            least = std::min(least, -mean[c] / std[c]);
        return least;
    }
    [[nodiscard]] double high() const
    {
        const double white = rescales ? 255 * factor : 255;
        double most = mean.empty() ? white : -1e300;
        for (size_t c = 0; c < mean.size(); ++c)
            most = std::max(most, (white - mean[c]) / std[c]);
        return most;
    }
};

std::vector<double> numbersOf(const Value* value)
{
    std::vector<double> out;
    if (const Value::List* list = value ? value->list() : nullptr)
        for (const Value& entry : *list)
            out.push_back(entry.number());
    else if (value && value->isNumber())
        out.push_back(value->number());
    return out;
}

bool isSet(const Value& root, std::string_view key)
{
    const Value* value = root.find(key);
    return value && value->boolean() && *value->boolean();
}

std::optional<Preprocessing> readPreprocessing(const std::string& path)
{
    const auto source = openFile(path);
    if (!source || (*source)->nbytes() > maximumConfigNbytes)
        return std::nullopt;
    const auto bytes = (*source)->readUpTo(0, maximumConfigNbytes);
    if (!bytes)
        return std::nullopt;
    const auto document = parseJson({reinterpret_cast<const char*>(bytes->data()), bytes->size()}, path);
    if (!document || !document->value.isMap())
        return std::nullopt;
    const Value& root = document->value;
    Preprocessing wanted;
    const Value* factor = root.find("rescale_factor");
    wanted.rescales = isSet(root, "do_rescale");
    wanted.factor = factor ? factor->number(1.0 / 255) : 1.0 / 255;
    if (isSet(root, "do_normalize")) {
        wanted.mean = numbersOf(root.find("image_mean"));
        wanted.std = numbersOf(root.find("image_std"));
    }
    const bool isUsable = wanted.mean.size() == wanted.std.size() && std::all_of(wanted.std.begin(), wanted.std.end(), [](double x) { return x > 0; });
    return isUsable && (wanted.rescales || !wanted.mean.empty()) ? std::optional(wanted) : std::nullopt;
}

/// Which step was left out; empty if the values may well be what the model is to see.
std::string missingStep(const Preprocessing& wanted, double min, double max)
{
    const double margin = 0.02 * (wanted.high() - wanted.low());
    const bool isByteRange = min >= 0 && max <= 255 && max > 32;
    if (isByteRange && wanted.high() < 32)
        return wanted.mean.empty() ? "divide by 255" : "divide by 255 and normalise";
    if (!wanted.mean.empty() && min >= 0 && max <= 1 && wanted.low() < -0.1)
        return "normalise";
    return min < wanted.low() - margin || max > wanted.high() + margin ? "rescale and normalise" : "";
}

std::string bracketed(const std::vector<double>& numbers)
{
    return fmt::format("[{:.4g}]", fmt::join(numbers, ", "));
}

Finding findingFor(const Preprocessing& wanted, const std::string& name, const TensorStatistics& values, const std::string& step)
{
    Finding finding;
    finding.rule = "input-not-normalized";
    finding.severity = Severity::Error;
    finding.title = fmt::format("The input {} is not prepared as the model wants it: {}", shown(name, 60), step);
    finding.explanation = fmt::format("Its values run from {:.4g} to {:.4g}; after preprocessor_config.json they run from {:.3f} to {:.3f} at most. The model runs without a message and "
                                      "answers as to a picture that it has never seen.", values.min, values.max, wanted.low(), wanted.high());
    finding.evidence = {{"min", values.min}, {"max", values.max}, {"mean", values.mean}, {"std", values.std}, {"expected_low", wanted.low()}, {"expected_high", wanted.high()}};
    finding.tensors = {name};
    finding.fix.text = fmt::format("{}{} before the model sees it.", static_cast<char>(step[0] - 'a' + 'A'), step.substr(1));
    const std::string scaled = step == "normalise" ? "x" : fmt::format("x * {:.10g}", wanted.factor);
    finding.fix.python = wanted.mean.empty() ? fmt::format("x = {}\n", scaled)
                                             : fmt::format("mean = numpy.array({}).reshape(-1, 1, 1)  # channels first\nstd = numpy.array({}).reshape(-1, 1, 1)\nx = ({} - mean) / std\n",
                                                           bracketed(wanted.mean), bracketed(wanted.std), scaled);
    return finding;
}

class InputNotNormalized final : public Rule {
public:
    RuleInfo info() const override { return {"input-not-normalized", "A sample input has the values that preprocessor_config.json asks for", order::otherContent}; }

    std::vector<Finding> check(const Facts& facts, JobContext& job) const override
    {
        std::optional<Preprocessing> wanted;
        std::vector<std::string> inputs;
        for (const FileEntry& file : facts.checkpoint->files) {
            const std::string name = std::filesystem::path(file.path).filename().string();
            if (name == "preprocessor_config.json")
                wanted = readPreprocessing(file.path);
            else if (lowered(name).ends_with(".npy") && file.nbytes <= maximumInputNbytes && inputs.size() < maximumInputs)
                inputs.push_back(file.path);
        }
        std::vector<Finding> findings;
        for (const std::string& path : wanted ? inputs : std::vector<std::string>{})
            judge(*wanted, path, job, findings);
        return findings;
    }

private:
    static void judge(const Preprocessing& wanted, const std::string& path, JobContext& job, std::vector<Finding>& findings)
    {
        const auto input = openCheckpoint(path, job);
        if (!input || (*input)->tensors.size() != 1 || (*input)->tensors[0].shape.size() < 3)
            return;
        const auto values = computeStatistics(**input, (*input)->tensors[0], job);
        if (!values || values->finite == 0)
            return;
        const std::string step = missingStep(wanted, values->min, values->max);
        if (!step.empty())
            findings.push_back(findingFor(wanted, std::filesystem::path(path).filename().string(), *values, step));
    }
};

} // namespace

const Rule& inputNotNormalizedRule()
{
    static const InputNotNormalized rule;
    return rule;
}

} // namespace weighbridge
