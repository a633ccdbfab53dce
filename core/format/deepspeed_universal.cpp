// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A folder that DeepSpeed's ds_to_universal.py writes: below zero/ a folder for each parameter, with a file for its values in 32 bits and one for
// each state of the optimizer. https://github.com/deepspeedai/DeepSpeed/blob/master/deepspeed/checkpoint/ds_to_universal.py
#include "core/format/format.h"

#include "core/base/files.h"
#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/checkpoint/open_checkpoint.h"
#include "core/format/detail/sidecar.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>

namespace weighbridge {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view zeroFolder = "zero";
constexpr std::string_view valuesFile = "fp32.pt";
constexpr std::string_view stepFile = "step.pt";
constexpr std::string_view valuesKey = "param";

/// zero/ of the folder that was opened, or this itself.
std::string zeroOf(const std::string& folder)
{
    return fs::path(folder).filename() == zeroFolder ? folder : (fs::path(folder) / zeroFolder).string();
}

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

/// As people sort: layer 2 before layer 10.
bool isBefore(std::string_view a, std::string_view b)
{
    while (!a.empty() && !b.empty()) {
        const auto digits = [](std::string_view text) {
            return static_cast<size_t>(std::find_if_not(text.begin(), text.end(), isDigit) - text.begin());
        };
        const size_t inA = digits(a);
        const size_t inB = digits(b);
        if (inA != inB && inA > 0 && inB > 0)
            return inA < inB;
        if (a[0] != b[0])
            return a[0] < b[0];
        a.remove_prefix(1);
        b.remove_prefix(1);
    }
    return a.size() < b.size();
}

/// The names of the parameters, sorted.
std::vector<std::string> parametersIn(const std::string& folder)
{
    std::vector<std::string> out;
    for (std::string& name : foldersIn(folder))
        if (isFile((fs::path(folder) / name / valuesFile).string()))
            out.push_back(std::move(name));
    std::sort(out.begin(), out.end(), isBefore);
    return out;
}

class UniversalReader {
public:
    UniversalReader(std::string folder, JobContext& job)
        : m_folder(std::move(folder))
        , m_job(job)
    {
    }

    Result<Checkpoint> read(const std::vector<std::string>& names)
    {
        for (const std::string& name : names) {
            if (m_job.cancelled())
                return failure(cancelledError());
            if (m_checkpoint.tensors.size() == limits::tensors)
                return failure(Error("resource-bomb", fmt::format("The folder holds more than {} parameters.", limits::tensors)).at(m_folder));
            m_job.report({name, m_checkpoint.tensors.size(), names.size()});
            if (auto added = add(name); !added)
                return tl::unexpected(added.error());
            addStates(name);
        }
        describe(names.front());
        return std::move(m_checkpoint);
    }

private:
    Result<void> add(const std::string& name)
    {
        const auto source = openSidecar(m_folder, name + "/" + std::string(valuesFile), m_folder);
        if (!source)
            return tl::unexpected(source.error());
        auto part = openSource(*source, m_job);
        if (!part)
            return tl::unexpected(part.error());
        const auto values =
            std::find_if(part->tensors.begin(), part->tensors.end(), [](const TensorInfo& tensor) { return tensor.name == valuesKey; });
        if (values == part->tensors.end() || part->shards.size() != 1 || values->storage.kind == StorageKind::Pieces ||
            values->storage.kind == StorageKind::Memory)
            return failure(Error("corrupt", fmt::format("{} holds no tensor under \"{}\": the values of the parameter {} are not there.", valuesFile,
                                                        valuesKey, shown(name, 120)))
                               .at((*source)->path())
                               .fixedBy("Convert the checkpoint again with ds_to_universal.py."));
        TensorInfo tensor = std::move(*values);
        tensor.name = name;
        tensor.storage.shard = static_cast<uint32_t>(m_checkpoint.shards.size());
        m_checkpoint.files.push_back({(*source)->path(), (*source)->nbytes(), part->format});
        m_checkpoint.shards.push_back(std::move(part->shards[0]));
        m_checkpoint.tensors.push_back(std::move(tensor));
        std::move(part->findings.begin(), part->findings.end(), std::back_inserter(m_checkpoint.findings));
        return {};
    }

    /// exp_avg.pt and the like: how many of each, and their bytes.
    void addStates(const std::string& name)
    {
        for (const FoundFile& file : filesIn((fs::path(m_folder) / name).string(), {})) {
            const std::string state = fs::path(file.path).filename().string();
            if (state == valuesFile || state == stepFile || !state.ends_with(".pt"))
                continue;
            auto& [count, nbytes] = m_states[fs::path(state).stem().string()];
            ++count;
            nbytes += file.nbytes;
        }
    }

    void describe(const std::string& first)
    {
        Value::Map states;
        for (const auto& [name, state] : m_states)
            states.emplace_back(name, Value::Map{{"parameters", state.first}, {"nbytes", state.second}});
        m_checkpoint.metadata = Value::Map{{"layout", "universal"}};
        if (!states.empty())
            m_checkpoint.metadata.set("optimizer_states", std::move(states));
        const auto step = openSidecar(m_folder, first + "/" + std::string(stepFile), m_folder).and_then([this](const SourcePtr& source) {
            return openSource(source, m_job);
        });
        const Value* content = step ? step->metadata.find("content") : nullptr;
        if (content && content->isNumber())
            m_checkpoint.metadata.set("step", *content);
    }

    std::string m_folder;
    JobContext& m_job;
    Checkpoint m_checkpoint;
    std::map<std::string, std::pair<uint64_t, uint64_t>> m_states; ///< of the optimizer: files and bytes, by name
};

class DeepspeedUniversal final : public Format {
public:
    FormatInfo info() const override { return {"deepspeed-universal", "DeepSpeed universal checkpoint", {}}; }

    bool probe(const Candidate& candidate) const override { return candidate.isFolder && !parametersIn(zeroOf(candidate.path)).empty(); }

    Result<Checkpoint> open(const Candidate& candidate, JobContext& job) const override
    {
        const std::string folder = zeroOf(candidate.path);
        return UniversalReader(folder, job).read(parametersIn(folder));
    }
};

} // namespace

const Format& deepspeedUniversalFormat()
{
    static const DeepspeedUniversal format;
    return format;
}

} // namespace weighbridge
