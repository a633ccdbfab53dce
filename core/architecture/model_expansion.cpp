// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/architecture/model_expansion.h"

#include "core/base/json.h"
#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <unordered_map>
#include <unordered_set>

namespace weighbridge {
namespace {

constexpr size_t maximumDepth = 8;
constexpr size_t maximumTensors = 500'000; ///< of one model; the largest ones published have some 100,000
constexpr int64_t maximumSize = int64_t{1} << 48; ///< of one dimension; the largest models stay below 2^32

/// "hidden_size = -5, num_heads = 12": what an expression read, for messages.
std::string valuesOf(const Expression& expression, const Names& names)
{
    std::string out;
    for (const std::string& field : expression.fields()) {
        const auto path = split(field, '.');
        const Value* value = names.find(path[0]);
        for (size_t i = 1; value && i < path.size(); ++i)
            value = value->find(path[i]);
        if (value)
            out += fmt::format("{}{} = {}", out.empty() ? "" : ", ", shown(field, 80), shown(toJson(*value), 60));
    }
    return out.empty() ? "`" + shown(expression.text()) + "`" : out;
}

Result<int64_t> wholeNumber(const Expression& expression, const Names& names, const std::string& purpose, int64_t maximum)
{
    const auto value = expression.evaluate(names);
    if (!value)
        return tl::unexpected(value.error());
    const int64_t* whole = value->integer();
    if (whole && *whole >= 0 && *whole <= maximum)
        return *whole;
    return failure(Error("bad-shape", fmt::format("The config gives no sensible {}: {} ({}).", purpose, shown(toJson(*value), 60), valuesOf(expression, names)))
                       .expecting(fmt::format("a whole number from 0 to {}", maximum))
                       .finding(shown(toJson(*value), 60))
                       .fixedBy("Correct that field of the config."));
}

class Expansion {
public:
    Expansion(ArchitectureLibrary& library, ExpectedModel& out, JobContext& job) : m_library(library), m_out(out), m_job(job) {}

    Result<void> run(const ArchitectureClass& architecture, const Value& config, const std::string& prefix, size_t depth)
    {
        if (depth > maximumDepth)
            return failure("architecture-syntax", "Models refer to each other in a circle, or too deep.");
        Names names(config);
        for (const Refusal& refusal : architecture.refusals)
            if (auto refused = check(refusal, names); !refused)
                return refused;
        Frame frame{names, prefix, depth};
        return block(architecture.lines, 0, frame);
    }

    Result<void> ties(const std::vector<TieTemplate>& ties, const Value& config, const std::string& prefix)
    {
        Names names(config);
        for (const TieTemplate& tie : ties)
            if (auto done = repeat(tie.repetition, 0, names, [&] { return addTie(tie, prefix, names); }); !done)
                return done;
        return {};
    }

    [[nodiscard]] std::vector<InnerModel> takeInner() { return std::move(m_inner); }

private:
    struct Frame {
        Names names;
        std::string prefix;
        size_t depth;
    };
    using Lines = std::span<const TensorTemplate>;

    static Result<void> check(const Refusal& refusal, const Names& names)
    {
        const auto refused = refusal.condition.evaluateCondition(names);
        if (!refused)
            return tl::unexpected(refused.error());
        if (!*refused)
            return {};
        if (refusal.text.empty())
            return failure("unknown-class", fmt::format("What the class holds is not known for certain with {}.", valuesOf(refusal.condition, names)));
        return failure(Error("bad-shape", fmt::format("The config contradicts itself: {} ({}).", refusal.text, valuesOf(refusal.condition, names))).fixedBy("Correct these fields of the config."));
    }

    /// Which place of a name an index is first written in; the number of places if in none.
    static size_t placeOf(const std::string& index, const NameTemplate& name)
    {
        const auto found = std::find_if(name.expressions.begin(), name.expressions.end(), [&index](const Expression& place) {
            const auto fields = place.fields();
            return std::find(fields.begin(), fields.end(), index) != fields.end();
        });
        return static_cast<size_t>(found - name.expressions.begin());
    }

    /// Lines that stand in the same loop, one behind the other, are written out together: layer 0 completely, then layer 1.
    static bool sameLoop(const TensorTemplate& a, const TensorTemplate& b, size_t level)
    {
        if (a.repetition.loops.size() <= level || b.repetition.loops.size() <= level)
            return false;
        const auto& left = a.repetition.loops[level];
        const auto& right = b.repetition.loops[level];
        if (left.first != right.first || left.second.text() != right.second.text())
            return false;
        const size_t place = placeOf(left.first, a.name);
        if (place != placeOf(right.first, b.name))
            return false;
        const size_t texts = std::min(place + 1, std::min(a.name.literals.size(), b.name.literals.size()));
        for (size_t i = 0; i < texts; ++i)
            if (a.name.literals[i] != b.name.literals[i])
                return false;
        return true;
    }

    Result<void> block(Lines lines, size_t level, Frame& frame)
    {
        while (!lines.empty()) {
            if (lines[0].repetition.loops.size() <= level) {
                if (auto done = line(lines[0], frame); !done)
                    return done;
                lines = lines.subspan(1);
                continue;
            }
            size_t count = 1;
            while (count < lines.size() && sameLoop(lines[0], lines[count], level))
                ++count;
            if (auto done = loop(lines.first(count), level, frame); !done)
                return done;
            lines = lines.subspan(count);
        }
        return {};
    }

    Result<void> loop(Lines lines, size_t level, Frame& frame)
    {
        const auto& [index, countOf] = lines[0].repetition.loops[level];
        const auto count = wholeNumber(countOf, frame.names, "number of repetitions", static_cast<int64_t>(maximumTensors));
        if (!count)
            return noneIsWanted(lines, frame.names) ? Result<void>() : tl::unexpected(count.error());
        for (int64_t i = 0; i < *count; ++i) {
            frame.names.push(index, Value(i));
            auto done = block(lines, level + 1, frame);
            frame.names.pop();
            if (!done)
                return done;
        }
        return {};
    }

    /// A loop over something that is absent (a list of None) is no fault if its lines are switched off anyway.
    static bool noneIsWanted(Lines lines, const Names& names)
    {
        return std::all_of(lines.begin(), lines.end(), [&names](const TensorTemplate& item) {
            const auto wanted = item.repetition.condition ? item.repetition.condition->evaluateCondition(names) : Result<bool>(true);
            return wanted && !*wanted;
        });
    }

    Result<void> line(const TensorTemplate& item, Frame& frame)
    {
        if (++m_turns % 4096 == 0 && m_job.cancelled())
            return failure(cancelledError());
        if (m_turns > 4 * maximumTensors)
            return failure("resource-bomb", "The config asks for too many tensors.");
        if (item.repetition.condition) {
            const auto wanted = item.repetition.condition->evaluateCondition(frame.names);
            if (!wanted)
                return tl::unexpected(wanted.error());
            if (!*wanted)
                return {};
        }
        const auto name = item.name.expand(frame.names);
        if (!name)
            return tl::unexpected(name.error());
        if (item.reference)
            return model(*item.reference, frame.prefix + *name, frame);
        return tensor(item, frame.prefix + *name, frame.names);
    }

    Result<void> tensor(const TensorTemplate& item, const std::string& name, const Names& names)
    {
        ExpectedTensor out{name, {}, item.dtype, item.isBuffer};
        for (const Expression& size : item.shape) {
            const auto value = wholeNumber(size, names, fmt::format("size `{}` for {}", shown(size.text(), 80), shown(name)), maximumSize);
            if (!value)
                return tl::unexpected(value.error());
            out.shape.push_back(*value);
        }
        if (!numel(out.shape))
            return failure(Error("bad-shape", fmt::format("The config asks for {} as {}: more elements than 64 bits can count.", shown(name), formatShape(out.shape))).fixedBy("Correct the sizes in the config."));
        if (!item.isPersistent) {
            m_out.nonPersistent.emplace_back(name, std::move(out.shape));
            return {};
        }
        const auto [place, isNew] = m_places.try_emplace(name, m_out.tensors.size());
        if (!isNew)
            m_out.tensors[place->second] = std::move(out); // the last line that names a tensor counts
        else if (m_out.tensors.size() >= maximumTensors)
            return failure("resource-bomb", fmt::format("The config asks for more than {} tensors.", maximumTensors));
        else
            m_out.tensors.push_back(std::move(out));
        return {};
    }

    Result<void> model(const ModelReference& reference, const std::string& prefix, Frame& frame)
    {
        const Value* found = &frame.names.config();
        for (const std::string_view part : split(reference.config, '.'))
            found = found ? found->find(part) : nullptr;
        if (!found || !found->isMap())
            return failure("config-missing", fmt::format("The config has no sub-config {}.", shown(reference.config)));
        Value config = *found;
        for (const auto& [field, expression] : reference.overrides) {
            auto value = expression.evaluate(frame.names);
            if (!value)
                return tl::unexpected(value.error());
            config.set(field, std::move(*value));
        }
        const Value* type = config.find("model_type");
        const auto spec = m_library.find(type ? type->stringOr("") : "");
        if (!spec)
            return tl::unexpected(spec.error());
        const std::string className = reference.as.empty() ? reference.className : (*spec)->classFor(reference.as);
        return (*spec)->compile(className).and_then([&](const ArchitectureClass& inner) {
            const size_t first = m_out.tensors.size();
            m_inner.push_back({*spec, className, prefix});
            return run(inner, config, prefix + ".", frame.depth + 1).and_then([&] {
                if (reference.areNormsFrozen)
                    freezeNorms(first);
                if (!reference.isInherited)
                    return Result<void>();
                inherit(inner.ignoreMissing, m_out.ignoreMissing);
                inherit(inner.ignoreUnexpected, m_out.ignoreUnexpected);
                return ties(inner.tied, config, prefix + ".");
            });
        });
    }

    /// What the loader says nothing of for a model inside, it says nothing of for the whole.
    static void inherit(const std::vector<std::string>& inner, std::vector<std::string>& outer)
    {
        for (const std::string& expression : inner)
            if (std::find(outer.begin(), outer.end(), expression) == outer.end())
                outer.push_back(expression);
    }

    /// From `first` on, what stands beside a count of batches becomes a buffer, and the count goes.
    void freezeNorms(size_t first)
    {
        constexpr std::string_view count = "num_batches_tracked";
        const auto start = m_out.tensors.begin() + static_cast<std::ptrdiff_t>(first);
        std::unordered_set<std::string> norms;
        for (auto tensor = start; tensor != m_out.tensors.end(); ++tensor)
            if (tensor->name.ends_with(count))
                norms.insert(tensor->name.substr(0, tensor->name.size() - count.size()));
        for (auto tensor = start; tensor != m_out.tensors.end(); ++tensor) {
            m_places.erase(tensor->name);
            tensor->isBuffer = tensor->isBuffer || norms.contains(tensor->name.substr(0, tensor->name.rfind('.') + 1));
        }
        m_out.tensors.erase(std::remove_if(start, m_out.tensors.end(), [count](const ExpectedTensor& tensor) { return tensor.name.ends_with(count); }), m_out.tensors.end());
        for (size_t place = first; place < m_out.tensors.size(); ++place)
            m_places.emplace(m_out.tensors[place].name, place);
    }

    template <typename Function>
    Result<void> repeat(const Repetition& repetition, size_t level, Names& names, Function function)
    {
        if (level == repetition.loops.size()) {
            const auto wanted = repetition.condition ? repetition.condition->evaluateCondition(names) : Result<bool>(true);
            if (!wanted)
                return tl::unexpected(wanted.error());
            return *wanted ? function() : Result<void>();
        }
        const auto count = wholeNumber(repetition.loops[level].second, names, "number of repetitions", static_cast<int64_t>(maximumTensors));
        if (!count)
            return tl::unexpected(count.error());
        for (int64_t i = 0; i < *count; ++i) {
            names.push(repetition.loops[level].first, Value(i));
            auto done = repeat(repetition, level + 1, names, function);
            names.pop();
            if (!done)
                return done;
        }
        return {};
    }

    Result<void> addTie(const TieTemplate& tie, const std::string& prefix, const Names& names)
    {
        const auto target = tie.target.expand(names);
        const auto source = tie.source.expand(names);
        if (!target || !source)
            return tl::unexpected(!target ? target.error() : source.error());
        if (m_places.contains(prefix + *target))
            m_out.tied.emplace_back(prefix + *target, prefix + *source);
        return {};
    }

    ArchitectureLibrary& m_library;
    ExpectedModel& m_out;
    JobContext& m_job;
    std::unordered_map<std::string, size_t> m_places;
    std::vector<InnerModel> m_inner;
    uint64_t m_turns = 0;
};

} // namespace

Result<std::vector<InnerModel>> expandModel(ArchitectureLibrary& library, const ArchitectureClass& architecture, const Value& config, ExpectedModel& out,
                                            JobContext& job)
{
    Expansion expansion(library, out, job);
    return expansion.run(architecture, config, "", 0)
        .and_then([&] { return expansion.ties(architecture.tied, config, ""); })
        .map([&] { return expansion.takeInner(); });
}

} // namespace weighbridge
