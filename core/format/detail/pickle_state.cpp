// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/format/detail/pickle_state.h"

#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/diagnosis/new_finding.h"
#include "core/format/detail/numpy_objects.h"
#include "core/format/detail/pickle_bounds.h"
#include "core/format/detail/pickle_globals.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace weighbridge {
namespace {

constexpr size_t maximumMetadata = 50'000;   ///< values that are kept of what lies beside the tensors
constexpr size_t maximumListed = 100;        ///< elements of one list that are kept
constexpr size_t maximumText = 4096;
constexpr size_t maximumShownDepth = 64;     ///< of metadata: what reads them may recurse
constexpr size_t maximumVisits = 20'000'000;

struct Entry {
    std::string key;
    PickleId id = 0;
    bool isBuffer = false;
};

/// A container that is being walked.
struct Frame {
    PickleId id = 0;
    std::string path;
    std::string key;
    std::vector<Entry> entries;          ///< of a map
    std::span<const PickleId> items;     ///< of a sequence
    bool isSequence = false;
    size_t next = 0;
    uint64_t ownTensors = 0;
    uint64_t ownParameters = 0;
    Value::Map map;
    Value::List list;
};

bool isNumber(const std::string& text)
{
    return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
}

class StateWalk {
public:
    StateWalk(const Pickle& pickle, const TorchStorages& storages, JobContext& job, Checkpoint& checkpoint)
        : m_pickle(pickle), m_tensors(pickle, storages, checkpoint.inlineStorages), m_job(job), m_checkpoint(checkpoint), m_onceOnly(measure(pickle).isMostlyRepeated())
    {
    }

    Result<void> run(const std::string& prefix)
    {
        if (m_tensors.isTensor(m_pickle.root()))
            return addTensor(m_pickle.root(), prefix.empty() ? "tensor" : prefix, false).map([this] { finish(Value()); });
        if (auto value = scalar(m_pickle.root())) {
            finish(std::move(*value));
            return {};
        }
        noteModule(m_pickle.root());
        push(m_pickle.root(), prefix, "");
        while (!m_stack.empty()) {
            if (++m_visits % 65536 == 0 && m_job.cancelled())
                return failure(cancelledError());
            if (m_visits > maximumVisits || m_checkpoint.tensors.size() > limits::tensors)
                return failure(Error("resource-bomb", fmt::format("The pickle is too large: it leads to more than {} values or {} tensors.", maximumVisits, limits::tensors)));
            if (auto stepped = step(); !stepped)
                return stepped;
        }
        return {};
    }

private:
    Result<void> step()
    {
        Frame& frame = m_stack.back();
        const size_t size = frame.isSequence ? frame.items.size() : frame.entries.size();
        if (frame.next == size) {
            pop();
            return {};
        }
        const size_t index = frame.next++;
        const PickleId id = frame.isSequence ? frame.items[index] : frame.entries[index].id;
        if (frame.isSequence && isPlainScalar(id)) { // a million ints need no name
            keep(frame, {}, *scalar(id));
            return {};
        }
        const std::string key = frame.isSequence ? std::to_string(index) : frame.entries[index].key;
        const std::string path = frame.path.empty() || key.empty() ? frame.path + key : frame.path + "." + key;
        if (m_tensors.isTensor(id))
            return addTensor(id, path, !frame.isSequence && frame.entries[index].isBuffer);
        if (auto value = scalar(id))
            keep(frame, key, std::move(*value));
        else
            push(id, path, key);
        return {};
    }

    [[nodiscard]] bool isPlainScalar(PickleId id) const
    {
        const PickleKind kind = m_pickle.kind(id);
        return kind == PickleKind::Int || kind == PickleKind::Float || kind == PickleKind::Bool || kind == PickleKind::None || kind == PickleKind::Text;
    }

    Result<void> addTensor(PickleId id, const std::string& name, bool isBuffer)
    {
        auto tensor = m_tensors.build(id, name);
        if (!tensor)
            return tl::unexpected(tensor.error());
        tensor->isBuffer = isBuffer;
        if (!m_stack.empty()) {
            ++m_stack.back().ownTensors;
            m_stack.back().ownParameters += tensor->elements();
        }
        m_checkpoint.tensors.push_back(std::move(*tensor));
        return {};
    }

    void keep(Frame& frame, const std::string& key, Value value)
    {
        if (++m_kept > maximumMetadata || (frame.isSequence && frame.list.size() >= maximumListed))
            return;
        if (frame.isSequence)
            frame.list.push_back(std::move(value));
        else
            frame.map.emplace_back(key, std::move(value));
    }

    void push(PickleId id, const std::string& path, const std::string& key)
    {
        const bool deep = m_stack.size() >= limits::pickleDepth; // boundsFindings() said so
        const bool again = m_onceOnly ? !m_seen.insert(id).second : !m_open.insert(id).second;
        if (deep || again) {
            if (!m_stack.empty())
                keep(m_stack.back(), key, again ? "<the same again>" : "<deeper>");
            return;
        }
        Frame frame;
        frame.id = id;
        frame.path = path;
        frame.key = key;
        fill(frame);
        m_stack.push_back(std::move(frame));
    }

    void fill(Frame& frame)
    {
        const PickleKind kind = m_pickle.kind(frame.id);
        if (kind == PickleKind::Dict)
            frame.entries = mapEntries(m_pickle.children(frame.id));
        else if (kind == PickleKind::Object)
            fillObject(frame);
        else {
            frame.isSequence = true;
            frame.items = m_pickle.children(frame.id);
        }
    }

    /// What an object holds: a module's tensors and modules; else its items, its attributes, its arguments.
    void fillObject(Frame& frame)
    {
        const PickleObject& object = m_pickle.object(frame.id);
        const PickleGlobal* callee = m_pickle.calleeOf(frame.id);
        const bool isOrderedDict = callee && callee->name == "OrderedDict";
        const auto attributes = attributesOf(frame.id);
        if (fillModule(frame, attributes) || fillSubclass(frame, callee))
            return;
        if (callee && !isOrderedDict && callee->module != "argparse" && !callee->module.starts_with("__torch__"))
            frame.map.emplace_back("class", shownGlobal(*callee));
        frame.entries = mapEntries(object.pairs);
        for (size_t i = 0; i < object.items.size(); ++i)
            frame.entries.push_back({std::to_string(i), object.items[i]});
        if (!isOrderedDict) // there it holds _metadata, the versions of the modules
            frame.entries.insert(frame.entries.end(), attributes.begin(), attributes.end());
        if (frame.entries.empty() && object.arguments)
            fillFromArguments(frame, m_pickle.children(*object.arguments));
    }

    /// A tensor of a subclass that is made by code of its own: (function, class, arguments, attributes).
    bool fillSubclass(Frame& frame, const PickleGlobal* callee) const
    {
        const auto arguments = argumentsOf(m_pickle, frame.id);
        if (!callee || !callee->name.starts_with("_rebuild_from_type") || arguments.size() < 4 || m_pickle.kind(arguments[3]) != PickleKind::Dict)
            return false;
        if (const PickleGlobal* type = m_pickle.global(arguments[1]))
            frame.map.emplace_back("class", shownGlobal(*type));
        frame.entries = mapEntries(m_pickle.children(arguments[3]));
        return true;
    }

    /// Python 2 and some classes hand their content to the call: OrderedDict([[key, value], ...]), Counter({...}).
    void fillFromArguments(Frame& frame, std::span<const PickleId> arguments) const
    {
        if (arguments.size() == 1 && m_pickle.kind(arguments[0]) == PickleKind::Dict) {
            frame.entries = mapEntries(m_pickle.children(arguments[0]));
            return;
        }
        const auto list = arguments.size() == 1 ? m_pickle.children(arguments[0]) : std::span<const PickleId>{};
        std::vector<PickleId> pairs;
        for (const PickleId item : list) {
            const auto pair = m_pickle.children(item);
            if (pair.size() == 2)
                pairs.insert(pairs.end(), pair.begin(), pair.end());
        }
        if (!list.empty() && pairs.size() == 2 * list.size()) {
            frame.entries = mapEntries(pairs);
            return;
        }
        for (size_t i = 0; i < arguments.size(); ++i)
            frame.entries.push_back({std::to_string(i), arguments[i]});
    }

    /// torch.nn.Module.__dict__: its state dict is its _parameters, its persistent _buffers, then its _modules in order.
    bool fillModule(Frame& frame, const std::vector<Entry>& attributes) const
    {
        const auto part = [&](std::string_view name) -> std::optional<std::vector<Entry>> {
            const auto found = std::find_if(attributes.begin(), attributes.end(), [name](const Entry& entry) { return entry.key == name; });
            return found == attributes.end() ? std::nullopt : std::optional(entriesOf(found->id));
        };
        const auto parameters = part("_parameters");
        const auto modules = part("_modules");
        const auto buffers = part("_buffers");
        if (!parameters || !modules || !buffers)
            return false;
        const auto transient = part("_non_persistent_buffers_set").value_or(std::vector<Entry>{});
        const auto add = [&](const std::vector<Entry>& entries, bool isBuffer) {
            for (const Entry& entry : entries) {
                const bool isKept = std::none_of(transient.begin(), transient.end(), [&](const Entry& name) { return m_pickle.text(name.id) == entry.key; });
                if (m_pickle.kind(entry.id) != PickleKind::None && (!isBuffer || isKept))
                    frame.entries.push_back({entry.key, entry.id, isBuffer});
            }
        };
        if (const PickleGlobal* callee = m_pickle.calleeOf(frame.id))
            frame.map.emplace_back("class", shownGlobal(*callee));
        add(*parameters, false);
        add(*buffers, true);
        add(*modules, false);
        return true;
    }

    /// The entries of a dict or of an object that behaves as one; elements of sets and lists with their number as key.
    [[nodiscard]] std::vector<Entry> entriesOf(PickleId id) const
    {
        if (m_pickle.kind(id) == PickleKind::Dict)
            return mapEntries(m_pickle.children(id));
        if (m_pickle.kind(id) == PickleKind::Object) {
            const PickleObject& object = m_pickle.object(id);
            if (!object.pairs.empty())
                return mapEntries(object.pairs);
            Frame frame;
            frame.id = id;
            if (object.arguments)
                fillFromArguments(frame, m_pickle.children(*object.arguments));
            if (frame.entries.size() == 1 && m_pickle.kind(frame.entries[0].id) == PickleKind::List) // set([...])
                return entriesOf(frame.entries[0].id);
            return frame.entries;
        }
        std::vector<Entry> out;
        for (const PickleId child : m_pickle.children(id))
            out.push_back({std::to_string(out.size()), child});
        return out;
    }

    /// __dict__ as BUILD sets it: a dict, or (dict, dict of slots).
    [[nodiscard]] std::vector<Entry> attributesOf(PickleId id) const
    {
        const auto& state = m_pickle.object(id).state;
        if (!state)
            return {};
        if (m_pickle.kind(*state) != PickleKind::Tuple)
            return entriesOf(*state);
        std::vector<Entry> out;
        for (const PickleId part : m_pickle.children(*state))
            if (m_pickle.kind(part) == PickleKind::Dict)
                for (Entry& entry : mapEntries(m_pickle.children(part)))
                    out.push_back(std::move(entry));
        return out;
    }

    /// Later values win, at the place of the first, as in Python.
    std::vector<Entry> mapEntries(std::span<const PickleId> pairs) const
    {
        std::vector<Entry> out;
        std::unordered_map<std::string, size_t> places;
        for (size_t i = 0; i + 1 < pairs.size(); i += 2) {
            std::string key = keyText(pairs[i], 0);
            const auto [place, isNew] = places.emplace(key, out.size());
            if (isNew)
                out.push_back({std::move(key), pairs[i + 1]});
            else {
                out[place->second].id = pairs[i + 1];
                noteDuplicate(key);
            }
        }
        return out;
    }

    void noteDuplicate(const std::string& key) const
    {
        if (!m_duplicates.insert(key).second || m_duplicates.size() > 100)
            return;
        m_checkpoint.findings.push_back(warning("duplicate-key", fmt::format("The key {} is set twice in one dict (duplicate)", shown(key, 120)),
                                                "The last value counts, as in Python; the first is in the file but never seen."));
    }

    [[nodiscard]] std::string keyText(PickleId id, size_t depth) const
    {
        const PickleNode& node = m_pickle[id];
        if (const auto text = m_pickle.text(id))
            return std::string(*text);
        switch (node.kind) {
        case PickleKind::Int: return std::to_string(node.integer);
        case PickleKind::Bool: return node.integer != 0 ? "True" : "False";
        case PickleKind::None: return "None";
        case PickleKind::Float: return fmt::format("{}", node.real);
        case PickleKind::Global: return m_pickle.global(id)->name;
        case PickleKind::Tuple: break;
        default: return fmt::format("<key at byte {}>", node.offset);
        }
        constexpr size_t most = 8;
        std::string out = "(";
        const auto children = m_pickle.children(id);
        for (size_t i = 0; i < std::min(most, children.size()); ++i)
            out += (i ? ", " : "") + (depth < 2 ? keyText(children[i], depth + 1) : std::string("..."));
        return out + (children.size() > most ? ", ...)" : ")");
    }

    /// Everything that is no container, as a value for people; nothing for containers.
    [[nodiscard]] std::optional<Value> scalar(PickleId id) const
    {
        const PickleNode& node = m_pickle[id];
        switch (node.kind) {
        case PickleKind::None: return Value();
        case PickleKind::Bool: return Value(node.integer != 0);
        case PickleKind::Int: return Value(node.integer);
        case PickleKind::Float: return Value(node.real);
        case PickleKind::BigDecimal: return Value(std::string(node.text, static_cast<size_t>(node.length)));
        case PickleKind::BigInt: return Value(fmt::format("<number of {} bytes>", node.length));
        case PickleKind::Text: return Value(m_pickle.text(id) ? std::string(m_pickle.text(id)->substr(0, maximumText)) : fmt::format("<text of {} bytes>", node.length));
        case PickleKind::Bytes: return bytesValue(id);
        case PickleKind::Global: return Value(shownGlobal(*m_pickle.global(id)));
        case PickleKind::Persistent: return Value("<storage>");
        case PickleKind::Object: return objectScalar(id);
        default: return std::nullopt;
        }
    }

    /// Python 2 wrote texts as bytes.
    [[nodiscard]] Value bytesValue(PickleId id) const
    {
        const auto text = m_pickle.text(id);
        const bool readable = text && text->size() <= 256 && isValidUtf8(*text) && std::all_of(text->begin(), text->end(), [](char c) { return static_cast<unsigned char>(c) >= 32; });
        return readable ? Value(std::string(*text)) : Value(fmt::format("<{} bytes>", m_pickle[id].length));
    }

    [[nodiscard]] std::optional<Value> objectScalar(PickleId id) const
    {
        if (auto number = numpyScalar(m_pickle, id))
            return number;
        const PickleGlobal* callee = m_pickle.calleeOf(id);
        const PickleObject& object = m_pickle.object(id);
        const auto arguments = argumentsOf(m_pickle, id);
        if (!callee)
            return object.state || !object.pairs.empty() || !object.items.empty() ? std::nullopt : std::optional(Value("<object>"));
        if (callee->module == "torch" && callee->name == "Size")
            if (const auto sizes = pickledSizes(m_pickle, id))
                return Value(Value::List(sizes->begin(), sizes->end()));
        if (callee->module == "torch" && callee->name == "device")
            return Value(joined(arguments, ":"));
        if (callee->module.starts_with("pathlib"))
            return Value(joined(arguments, "/"));
        const bool holdsBytes = callee->name == "encode" || callee->name == "bytearray" || callee->module == "datetime";
        const bool isEmpty = arguments.empty() && !object.state && object.pairs.empty() && object.items.empty();
        const bool isDict = callee->name == "OrderedDict" || callee->name == "defaultdict" || callee->name == "dict";
        if (holdsBytes || (isEmpty && !isDict))
            return Value(fmt::format("<{}>", shownGlobal(*callee)));
        return std::nullopt;
    }

    [[nodiscard]] std::string joined(std::span<const PickleId> parts, std::string_view separator) const
    {
        std::string out;
        for (const PickleId part : parts.first(std::min<size_t>(parts.size(), 32)))
            out += (out.empty() || out == "/" ? "" : std::string(separator)) + keyText(part, 2);
        return out;
    }

    void pop()
    {
        Frame frame = std::move(m_stack.back());
        m_stack.pop_back();
        if (!m_onceOnly)
            m_open.erase(frame.id);
        const bool counted = frame.ownTensors > 0;
        if (counted && isNumber(frame.key) && !m_stack.empty()) { // optimizer.state.0: the dict above is the one to name
            m_stack.back().ownTensors += frame.ownTensors;
            m_stack.back().ownParameters += frame.ownParameters;
        } else if (counted) {
            m_stateDicts.push_back(Value::Map{{"path", frame.path}, {"tensors", frame.ownTensors}, {"parameters", frame.ownParameters}});
        }
        if (counted)
            frame.map.emplace_back("tensors", frame.ownTensors);
        Value value = m_stack.size() > maximumShownDepth ? Value("<deeper>") : frame.isSequence ? listValue(frame, counted) : Value(std::move(frame.map));
        if (m_stack.empty())
            finish(std::move(value));
        else
            keep(m_stack.back(), frame.key, std::move(value));
    }

    static Value listValue(Frame& frame, bool counted)
    {
        if (counted && frame.list.empty())
            return std::move(frame.map);
        if (frame.items.size() > maximumListed)
            frame.list.push_back(fmt::format("<{} more>", frame.items.size() - maximumListed));
        return std::move(frame.list);
    }

    void noteModule(PickleId root)
    {
        if (m_pickle.kind(root) != PickleKind::Object)
            return;
        Frame frame;
        frame.id = root;
        const PickleGlobal* callee = m_pickle.calleeOf(root);
        if (!callee || callee->module.starts_with("__torch__") || !fillModule(frame, attributesOf(root)))
            return;
        Finding finding =
            warning("whole-module-pickle", fmt::format("The file holds a whole module ({}), not a state dict", shownGlobal(*callee)),
                    "torch.load(weights_only=True) refuses it; loading it needs the same source code at the same place (else \"No module named ...\" "
                    "or \"Can't get attribute ...\") and runs what the pickle says. The names below are its state dict.",
                    "Where the class is installed, load it once and save model.state_dict() instead.");
        finding.fix.python = "import torch\n\nmodel = torch.load(path, map_location=\"cpu\", weights_only=False)  # only if you trust the "
                             "file\ntorch.save(model.state_dict(), \"state_dict.pt\")\n";
        m_checkpoint.findings.push_back(std::move(finding));
    }

    void finish(Value content)
    {
        if (!m_checkpoint.metadata.isMap())
            m_checkpoint.metadata = Value::Map{};
        const bool isFlat = content.isMap() && content.map()->size() <= 1 && m_stateDicts.size() <= 1;
        if (!isFlat || !content.find("tensors"))
            m_checkpoint.metadata.set("content", std::move(content));
        if (!m_stateDicts.empty())
            m_checkpoint.metadata.set("state_dicts", std::move(m_stateDicts));
        if (!m_tensors.details().empty())
            m_checkpoint.metadata.set("tensor_details", m_tensors.details());
    }

    const Pickle& m_pickle;
    TorchTensors m_tensors;
    JobContext& m_job;
    Checkpoint& m_checkpoint;
    const bool m_onceOnly;                    ///< a bomb of references: each container is shown once
    std::vector<Frame> m_stack;
    std::unordered_set<PickleId> m_open;      ///< containers on the stack: cycles end there
    std::unordered_set<PickleId> m_seen;
    mutable std::unordered_set<std::string> m_duplicates;
    Value::List m_stateDicts;
    size_t m_visits = 0;
    size_t m_kept = 0;
};

} // namespace

Result<void> readPickledState(const Pickle& pickle, const TorchStorages& storages, const std::string& prefix, JobContext& job, Checkpoint& checkpoint)
{
    return StateWalk(pickle, storages, job, checkpoint).run(prefix);
}

} // namespace weighbridge
