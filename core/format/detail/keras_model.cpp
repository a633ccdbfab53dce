// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/format/detail/keras_model.h"

#include "core/base/json.h"
#include "core/base/text.h"
#include "core/diagnosis/new_finding.h"
#include "core/format/detail/keras_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace weighbridge {
namespace {

constexpr size_t namedFindings = 20;

const Hdf5Group* groupAt(const Hdf5Listing& listing, std::string_view path)
{
    const auto found = std::find_if(listing.groups.begin(), listing.groups.end(), [path](const Hdf5Group& group) { return group.path == path; });
    return found == listing.groups.end() ? nullptr : &*found;
}

/// The names in an attribute; HDF5 attributes end at 64 KiB, so Keras splits long lists into layer_names0, layer_names1 ...
std::optional<std::vector<std::string>> namesIn(const Value& attributes, const std::string& key)
{
    std::vector<std::string> out;
    bool found = false;
    const auto add = [&](const Value* part) {
        if (!part || !part->list())
            return false;
        for (const Value& name : *part->list())
            out.push_back(name.stringOr(""));
        return found = true;
    };
    if (!add(attributes.find(key)))
        for (int i = 0; add(attributes.find(fmt::format("{}{}", key, i))); ++i)
            continue;
    return found ? std::optional(std::move(out)) : std::nullopt;
}

/// The group whose `layer_names` say which layers there are: the root, or model_weights of a whole model.
const Hdf5Group* legacyRoot(const Hdf5Listing& listing)
{
    for (const char* path : {"model_weights", ""})
        if (const Hdf5Group* group = groupAt(listing, path); group && namesIn(group->attributes, "layer_names"))
            return group;
    return nullptr;
}

/// A layer's variables of a Keras 3 .weights.h5 lie in a group named `vars`.
bool isVarsGroup(const std::string& path)
{
    return path == "vars" || path.ends_with("/vars");
}

class LegacyNames {
public:
    LegacyNames(const Hdf5Listing& listing, const Hdf5Group& root) : m_root(root)
    {
        for (const Hdf5Group& group : listing.groups)
            m_attributes.emplace(group.path, &group.attributes);
        for (const Hdf5Dataset& dataset : listing.datasets)
            m_datasets.insert(dataset.path);
        for (const Hdf5Link& link : listing.links)
            if (link.resolves)
                m_datasets.insert(link.path);
    }

    /// Layers in the model's order, each with its weights; collects the names that nothing stands behind.
    Value::List layers()
    {
        Value::List out;
        const auto names = namesIn(m_root.attributes, "layer_names").value_or(std::vector<std::string>{});
        for (const std::string& layer : names) {
            const std::string path = m_root.path.empty() ? layer : m_root.path + "/" + layer;
            const auto group = m_attributes.find(path);
            if (group == m_attributes.end() && !m_datasets.contains(path))
                m_ghosts.push_back(layer);
            const auto weights = group == m_attributes.end() ? std::nullopt : namesIn(*group->second, "weight_names");
            out.push_back(Value::Map{{"name", layer}, {"weights", weightList(path, weights.value_or(std::vector<std::string>{}))}});
        }
        return out;
    }
    [[nodiscard]] const std::vector<std::string>& ghosts() const { return m_ghosts; }

private:
    Value::List weightList(const std::string& layerPath, const std::vector<std::string>& weights)
    {
        for (const std::string& weight : weights)
            if (!m_datasets.contains(layerPath + "/" + weight))
                m_ghosts.push_back(layerPath + "/" + weight);
        return {weights.begin(), weights.end()};
    }

    const Hdf5Group& m_root;
    std::unordered_map<std::string_view, const Value*> m_attributes;
    std::unordered_set<std::string> m_datasets;
    std::vector<std::string> m_ghosts;
};

void addLegacyLayers(Checkpoint& checkpoint, const Hdf5Listing& listing, const Hdf5Group& root)
{
    LegacyNames names(listing, root);
    checkpoint.metadata.set("layers", names.layers());
    if (names.ghosts().empty() || listing.stopped)
        return;
    std::vector<std::string> shownNames;
    for (size_t i = 0; i < std::min(names.ghosts().size(), namedFindings); ++i)
        shownNames.push_back(shown(names.ghosts()[i], 120));
    checkpoint.findings.push_back(warning("inconsistent-index",
                                          fmt::format("{} of the names that Keras lists {} not in the file: {}", names.ghosts().size(), names.ghosts().size() == 1 ? "is" : "are", fmt::join(shownNames, ", ")),
                                          "The attributes layer_names and weight_names say what Keras loads, in this order. Loading stops at the first name that is not there.",
                                          "Save the model again, or take the names out of the attribute.", {{"names", static_cast<uint64_t>(names.ghosts().size())}}));
}

/// Keras 3 names groups after classes; what the user called the layer is the attribute `name` of its variables' group.
void addLayerPaths(Checkpoint& checkpoint, const Hdf5Listing& listing)
{
    Value::Map paths;
    for (const Hdf5Group& group : listing.groups)
        if (const Value* name = group.attributes.find("name"); name && name->string() && isVarsGroup(group.path))
            paths.emplace_back(group.path, *name);
    if (!paths.empty())
        checkpoint.metadata.set("layer_paths", std::move(paths));
}

/// Takes an attribute that holds JSON as what it says.
void addConfig(Checkpoint& checkpoint, const Value& attributes, const char* key)
{
    const Value* text = attributes.find(key);
    if (!text || !text->string() || text->string()->empty())
        return;
    auto parsed = parseJson(*text->string());
    if (parsed) {
        checkKerasConfig(parsed->value, checkpoint.findings);
        checkpoint.metadata.set(key, std::move(parsed->value));
        return;
    }
    checkpoint.findings.push_back(warning(parsed.error().rule, fmt::format("The attribute {} cannot be read", key), parsed.error().message,
                                          "The tensors can be used; the model itself must be built from its code."));
}

} // namespace

bool isKeras(const Hdf5Listing& listing)
{
    if (legacyRoot(listing))
        return true;
    const Hdf5Group* root = groupAt(listing, "");
    if (root && root->attributes.find("keras_version"))
        return true;
    const bool hasVars = std::any_of(listing.groups.begin(), listing.groups.end(), [](const Hdf5Group& group) { return isVarsGroup(group.path); });
    const bool hasLayers = std::any_of(listing.groups.begin(), listing.groups.end(),
                                       [](const Hdf5Group& group) { return group.path == "layers" || group.path == "_layer_checkpoint_dependencies" || group.path.ends_with("/vars"); });
    return hasVars && hasLayers;
}

void addKeras(Checkpoint& checkpoint, const Hdf5Listing& listing)
{
    for (const char* path : {"model_weights", ""}) {
        const Hdf5Group* group = groupAt(listing, path);
        for (const char* key : {"keras_version", "backend"})
            if (const Value* value = group ? group->attributes.find(key) : nullptr)
                checkpoint.metadata.set(key, *value);
    }
    if (const Hdf5Group* root = groupAt(listing, ""))
        for (const char* key : {"model_config", "training_config"})
            addConfig(checkpoint, root->attributes, key);
    if (const Hdf5Group* root = legacyRoot(listing))
        addLegacyLayers(checkpoint, listing, *root);
    addLayerPaths(checkpoint, listing);
}

Result<Checkpoint> openHdf5(const SourcePtr& source, const std::string& path, JobContext& job)
{
    const auto listing = listHdf5(source, job);
    if (!listing)
        return tl::unexpected(listing.error());
    const bool keras = isKeras(*listing);
    const std::string format = keras ? "keras-h5" : "hdf5";
    auto checkpoint = checkpointFromHdf5(source, *listing, path, format);
    if (!checkpoint)
        return checkpoint;
    checkpoint->format = format;
    if (keras)
        addKeras(*checkpoint, *listing);
    return checkpoint;
}

} // namespace weighbridge
