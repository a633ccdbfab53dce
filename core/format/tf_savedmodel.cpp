// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A folder with saved_model.pb (SavedModel) and its values as a checkpoint, variables/variables: https://www.tensorflow.org/guide/saved_model
// https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/protobuf/saved_model.proto and meta_graph.proto
#include "core/format/format.h"

#include "core/base/files.h"
#include "core/base/text.h"
#include "core/diagnosis/new_finding.h"
#include "core/format/detail/sidecar.h"
#include "core/format/detail/tf_bundle.h"
#include "core/format/detail/tf_graph.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace weighbridge {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t knownSchema = 1;
constexpr const char* modelName = "saved_model.pb";
constexpr const char* indexName = "variables/variables.index";

class SavedModelReader {
public:
    SavedModelReader(std::string folder, SourcePtr model, JobContext& job) : m_folder(std::move(folder)), m_model(std::move(model)), m_job(job) {}

    Result<Checkpoint> read()
    {
        m_metadata = Value::Map{};
        return readModel().and_then([this] { return readVariables(); }).map([this] {
            m_checkpoint.metadata = Value::Map{{"saved_model", std::move(m_metadata)}, {"variables", std::move(m_checkpoint.metadata)}};
            m_checkpoint.files.insert(m_checkpoint.files.begin(), {m_model->path(), m_model->nbytes(), "tf-savedmodel"});
            std::move(m_findings.begin(), m_findings.end(), std::back_inserter(m_checkpoint.findings));
            return std::move(m_checkpoint);
        });
    }

private:
    void note(std::string rule, std::string title, std::string explanation, std::string fix)
    {
        m_findings.push_back(warning(std::move(rule), std::move(title), std::move(explanation), std::move(fix)));
    }

    Result<void> readModel()
    {
        uint64_t schema = 0;
        Value::List graphs;
        return eachField(WireMessage(*m_model, 0, m_model->nbytes()), [&](WireMessage&, const WireField& field) -> Result<void> {
                   if (field.isNumber(1))
                       schema = field.value;
                   if (!field.isMessage(2))
                       return {};
                   return readMetaGraph(field).map([&](Value graph) { graphs.push_back(std::move(graph)); });
               })
            .and_then([&]() -> Result<void> {
                if (graphs.empty())
                    return failure(Error("truncated", "The saved model holds no graph: its end is cut off, or it is none.").at(m_model->path()));
                m_metadata.set("schema_version", schema);
                m_metadata.set("graphs", std::move(graphs));
                if (schema != knownSchema)
                    note("unsupported-version", fmt::format("The saved model has the schema version {}", schema), fmt::format("TensorFlow knows version {} only and refuses others.", knownSchema), "");
                return {};
            });
    }

    /// MetaGraphDef: 1 meta_info_def, 2 graph_def, 5 signature_def.
    Result<Value> readMetaGraph(const WireField& metaGraph)
    {
        Value::Map out;
        Value::List signatures;
        bool hasTags = false;
        return eachField(WireMessage(*m_model, metaGraph), [&](WireMessage&, const WireField& field) -> Result<void> {
                   if (field.isMessage(1))
                       return readMetaInfo(field, out, hasTags);
                   if (field.isMessage(2))
                       m_graphs.push_back(field);
                   if (!field.isMessage(5))
                       return {};
                   return eachField(WireMessage(*m_model, field), [&](WireMessage& message, const WireField& entry) -> Result<void> {
                       if (!entry.isMessage(1))
                           return {};
                       return message.text(entry).map([&](const std::string& name) { signatures.push_back(shown(name)); });
                   });
               })
            .map([&] {
                if (!hasTags)
                    note("corrupt", "A graph of the saved model has no tags", fmt::format("The graph at byte {} of {} says nothing of itself: no program can ask for it.", metaGraph.offset, modelName), "Save the model again.");
                out.emplace_back("signatures", std::move(signatures));
                return Value(std::move(out));
            });
    }

    /// MetaInfoDef: 4 tags, 5 tensorflow_version.
    Result<void> readMetaInfo(const WireField& info, Value::Map& out, bool& hasTags)
    {
        Value::List tags;
        return eachField(WireMessage(*m_model, info), [&](WireMessage& message, const WireField& field) -> Result<void> {
                   if (!field.isMessage(4) && !field.isMessage(5))
                       return {};
                   return message.text(field).map([&](const std::string& text) {
                       if (field.number == 4)
                           tags.push_back(shown(text));
                       else
                           out.emplace_back("tensorflow_version", shown(text));
                   });
               })
            .map([&] {
                hasTags = !tags.empty();
                out.emplace_back("tags", std::move(tags));
            });
    }

    Result<void> readVariables()
    {
        const auto index = openSidecar(m_folder, indexName, m_model->path());
        if (index)
            return openTfBundle(*index, tfPrefixOf((*index)->path()), m_job).map([&](Checkpoint checkpoint) { m_checkpoint = std::move(checkpoint); });
        if (index.error().rule != "missing-shard")
            return tl::unexpected(index.error());
        note("missing-shard", fmt::format("{} is missing", indexName),
             "The values of a saved model are in its folder variables/. Without it only what was frozen into the graph is there: the constants below.",
             "Copy the folder variables/ too.");
        m_checkpoint.shards.push_back({m_model->path(), "tf-savedmodel", m_model});
        m_checkpoint.metadata = Value::Map{};
        for (const WireField& graph : m_graphs)
            if (auto read = readTfGraph(*m_model, graph, m_job, m_checkpoint); !read)
                return read;
        return {};
    }

    std::string m_folder;
    SourcePtr m_model;
    JobContext& m_job;
    Value m_metadata;
    std::vector<WireField> m_graphs;
    std::vector<Finding> m_findings;
    Checkpoint m_checkpoint;
};

bool isThere(const fs::path& path)
{
    return isFile(path.string());
}

class TfSavedModel final : public Format {
public:
    FormatInfo info() const override { return {"tf-savedmodel", "TensorFlow saved model", {}}; }

    /// A file: the schema's version, then a graph that begins with what is said of it (ONNX has a text there).
    bool probe(const Candidate& candidate) const override
    {
        if (candidate.isFolder)
            return isThere(fs::path(candidate.path) / modelName) || isThere(fs::path(candidate.path) / indexName);
        const std::string_view head(reinterpret_cast<const char*>(candidate.head.data()), candidate.head.size());
        if (head.size() < 8 || head[0] != '\x08' || static_cast<uint8_t>(head[1]) > 127 || head[2] != '\x12')
            return false;
        const auto* const end = std::find_if(head.begin() + 3, head.end(), [](char c) { return static_cast<uint8_t>(c) < 128; });
        return end != head.end() && end - (head.begin() + 3) < 5 && end + 1 != head.end() && end[1] == '\x0A' && (end != head.begin() + 3 || *end > 8);
    }

    Result<Checkpoint> open(const Candidate& candidate, JobContext& job) const override
    {
        const std::string folder = candidate.isFolder ? candidate.path : fs::path(candidate.path).parent_path().string();
        if (!candidate.isFolder)
            return SavedModelReader(folder, candidate.source, job).read();
        if (!isThere(fs::path(folder) / modelName))
            return failure(Error("not-a-checkpoint", fmt::format("The folder holds the variables of a saved model, but not {}, which says what they belong to: it is not a saved model.", modelName))
                               .at(candidate.path).stillReadable("the variables").fixedBy(fmt::format("Copy {} too, or open {} to see the variables.", modelName, indexName)));
        const auto model = openSidecar(folder, modelName, candidate.path);
        if (!model)
            return tl::unexpected(model.error());
        return SavedModelReader(folder, *model, job).read();
    }
};

} // namespace

const Format& tfSavedmodelFormat()
{
    static const TfSavedModel format;
    return format;
}

} // namespace weighbridge
