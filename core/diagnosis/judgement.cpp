// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/diagnosis/judgement.h"

#include "core/base/text.h"

#include <algorithm>
#include <optional>
#include <tuple>

namespace weighbridge {
namespace {

constexpr int64_t maximumTurns = 128; ///< of a loop whose turns differ
constexpr size_t maximumDigits = 6;
constexpr int refusalPenalty = 8; ///< a config that the library refuses is worth less than any that it takes

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

bool mentions(const Expression& expression, const std::string& name)
{
    const auto fields = expression.fields();
    return std::any_of(fields.begin(), fields.end(), [&name](const std::string& field) { return split(field, '.')[0] == name; });
}

/// Whether the turns of a loop give lines that differ in more than their number.
bool turnsDiffer(const TensorTemplate& line, size_t level)
{
    const std::string& index = line.repetition.loops[level].first;
    const auto reads = [&index](const Expression& expression) { return mentions(expression, index); };
    return (line.repetition.condition && reads(*line.repetition.condition)) || std::any_of(line.shape.begin(), line.shape.end(), reads) ||
           std::any_of(line.repetition.loops.begin() + static_cast<std::ptrdiff_t>(level) + 1, line.repetition.loops.end(),
                       [&reads](const auto& loop) { return reads(loop.second); });
}

/// One judgement: the lines with one config.
class Stage {
public:
    Stage(const ModelParts& parts, const std::vector<Value>& configs, const FoundNames& found)
        : m_parts(parts)
        , m_configs(configs)
        , m_found(found)
    {
    }

    Judgement run()
    {
        for (size_t part = 0; part < m_configs.size(); ++part) {
            if (m_configs[part].isNull())
                continue;
            Names names(m_configs[part]);
            m_part = part;
            for (const Refusal& refusal : architecture().refusals)
                refuse(refusal, names);
            for (const TieTemplate& tie : architecture().tied)
                if (const auto name = tie.target.expressions.empty() ? tie.target.expand(names) : failure("", ""))
                    m_tied.emplace(prefix() + *name, Tie{tie.repetition.condition ? &*tie.repetition.condition : nullptr, part});
            for (const TensorTemplate& line : architecture().lines)
                if (!line.reference && line.isPersistent && !isDropped(line))
                    visit(line, 0, names);
        }
        settle();
        return std::move(m_out);
    }

private:
    struct Candidate {
        const Expression* condition;
        size_t part;
        std::vector<std::pair<std::string, int64_t>> indices;
    };
    struct Tie {
        const Expression* condition;
        size_t part;
    };
    struct Wanted {
        const TensorTemplate* line;
        size_t part;
        std::vector<std::pair<std::string, int64_t>> indices;
    };

    [[nodiscard]] const ArchitectureClass& architecture() const { return m_parts[m_part]->architecture; }
    [[nodiscard]] const std::string& prefix() const { return m_parts[m_part]->prefix; }

    void ask(Question::Kind kind, const Expression& expression, size_t part, const std::vector<std::pair<std::string, int64_t>>& indices,
             int64_t target)
    {
        const bool isKnown = std::any_of(m_out.open.begin(), m_out.open.end(), [&](const Question& other) {
            return other.kind == kind && other.target == target && other.part == part && other.expression->text() == expression.text() &&
                   other.indices == indices;
        });
        if (!isKnown)
            m_out.open.push_back({kind, &expression, part, indices, target});
    }

    /// Frozen batch norms do not count batches.
    [[nodiscard]] bool isDropped(const TensorTemplate& line) const
    {
        const ModelReference* reference = m_parts[m_part]->reference;
        return reference && reference->areNormsFrozen && line.name.literals.back().ends_with("num_batches_tracked");
    }

    void refuse(const Refusal& refusal, const Names& names)
    {
        const auto refused = refusal.condition.evaluateCondition(names);
        if (refused && !*refused)
            return;
        m_out.score -= refusalPenalty;
        ask(Question::Kind::Refusal, refusal.condition, m_part, {}, 0);
    }

    /// The line's name with # for the loop's number, all loops further in at their first turn; nothing where the number does not stand in the name as
    /// it is.
    [[nodiscard]] std::optional<std::string> placeOf(const TensorTemplate& line, size_t level, Names& names) const
    {
        const auto& loops = line.repetition.loops;
        std::string key = prefix() + line.name.literals[0];
        bool isSimple = false;
        for (size_t inner = level; inner < loops.size(); ++inner)
            names.push(loops[inner].first, Value(int64_t{0}));
        for (size_t i = 0; i < line.name.expressions.size(); ++i) {
            const Expression& place = line.name.expressions[i];
            const bool isIndex = place.text() == loops[level].first && !isSimple;
            isSimple = isSimple || isIndex;
            const auto value = isIndex ? Result<Value>(Value("#")) : place.evaluate(names);
            key += (!value ? "?" : value->isInt() ? std::to_string(*value->integer()) : value->stringOr("?")) + line.name.literals[i + 1];
        }
        for (size_t inner = level; inner < loops.size(); ++inner)
            names.pop();
        return isSimple ? std::optional(std::move(key)) : std::nullopt;
    }
    /// How many turns the found names show: those of this line, or of anything in the same place if the line is not there in all turns.
    [[nodiscard]] std::optional<int64_t> observedTurns(const TensorTemplate& line, size_t level, Names& names, bool differ) const
    {
        const auto key = placeOf(line, level, names);
        if (!key)
            return std::nullopt;
        const auto& turns = differ ? m_found.reaches : m_found.counts;
        const auto found = turns.find(differ ? key->substr(0, key->find('#')) : *key);
        return found == turns.end() ? 0 : found->second;
    }

    void visit(const TensorTemplate& line, size_t level, Names& names)
    {
        if (level == line.repetition.loops.size())
            return place(line, names);
        const auto& [index, countOf] = line.repetition.loops[level];
        const auto value = countOf.evaluate(names);
        const int64_t count = value && value->isInt() ? std::max<int64_t>(*value->integer(), 0) : 0;
        const bool differ = turnsDiffer(line, level);
        const auto observed = observedTurns(line, level, names, differ);
        if (observed && *observed > 0 && (differ || isWanted(line, names)))
            compareCounts(line, level, count, *observed);
        const int64_t turns = differ ? std::clamp<int64_t>(std::max(count, observed.value_or(0)), 1, maximumTurns) : 1;
        for (int64_t i = 0; i < turns; ++i) {
            names.push(index, Value(i));
            m_indices.emplace_back(index, i);
            m_beyond += i >= count ? 1 : 0;
            visit(line, level + 1, names);
            m_beyond -= i >= count ? 1 : 0;
            m_indices.pop_back();
            names.pop();
        }
    }
    static bool isWanted(const TensorTemplate& line, const Names& names)
    {
        const auto& condition = line.repetition.condition;
        const auto wanted = condition ? condition->evaluateCondition(names) : Result<bool>(true);
        return wanted && *wanted;
    }
    void compareCounts(const TensorTemplate& line, size_t level, int64_t count, int64_t observed)
    {
        m_out.score += count == observed ? 1 : -1;
        if (count != observed)
            ask(Question::Kind::Count, line.repetition.loops[level].second, m_part, m_indices, observed);
    }

    /// One line in one turn: a name that is or could be expected.
    void place(const TensorTemplate& line, const Names& names)
    {
        const auto name = line.name.expand(names);
        if (!name)
            return;
        const std::string full = prefix() + *name;
        const auto wanted = line.repetition.condition ? line.repetition.condition->evaluateCondition(names) : Result<bool>(true);
        if (!wanted && m_beyond == 0)
            m_out.score -= refusalPenalty; // with a period of 0, say, nothing at all can be expected
        if (line.repetition.condition)
            m_conditions[full].push_back({&*line.repetition.condition, m_part, m_indices});
        if (wanted && *wanted && m_beyond == 0)
            m_wanted.insert_or_assign(full, Wanted{&line, m_part, m_indices}); // the last line that names a tensor counts
    }

    void settle()
    {
        for (const auto& [name, wanted] : m_wanted) {
            const auto found = m_found.shapes.find(name);
            if (found != m_found.shapes.end())
                compareShapes(wanted, *found->second);
            else if (const auto tie = m_tied.find(name); tie != m_tied.end())
                missTied(tie->second);
            else
                miss(wanted);
        }
        for (const auto& [name, candidates] : m_conditions) {
            if (m_wanted.contains(name) || !m_found.shapes.contains(name))
                continue;
            m_out.score -= 2;
            for (const Candidate& candidate : candidates)
                ask(Question::Kind::Presence, *candidate.condition, candidate.part, candidate.indices, 1);
        }
        // The order of a hash table must not decide what is tried first.
        std::stable_sort(m_out.open.begin(), m_out.open.end(), [](const Question& a, const Question& b) { return orderOf(a) < orderOf(b); });
    }
    static std::tuple<size_t, size_t, std::string_view, int64_t> orderOf(const Question& question)
    {
        return {question.expression->fields().size(), question.expression->text().size(), question.expression->text(), question.target};
    }
    void compareShapes(const Wanted& wanted, const Shape& found)
    {
        m_out.score += 1;
        if (found.size() != wanted.line->shape.size()) {
            m_out.score -= 2;
            return;
        }
        Names names(m_configs[wanted.part]);
        for (const auto& [index, value] : wanted.indices)
            names.push(index, Value(value));
        for (size_t i = 0; i < found.size(); ++i) {
            const Expression& size = wanted.line->shape[i];
            const auto value = size.evaluate(names);
            const bool fits = value && value->isInt() && *value->integer() == found[i];
            m_out.score += fits ? 1 : -1;
            if (!fits)
                ask(Question::Kind::Size, size, wanted.part, wanted.indices, found[i]);
        }
    }
    /// A tied tensor may be missing, if it is tied.
    void missTied(const Tie& tie)
    {
        const auto isTied = tie.condition ? tie.condition->evaluateCondition(Names(m_configs[tie.part])) : Result<bool>(true);
        if (isTied && *isTied)
            return;
        m_out.score -= 2;
        ask(Question::Kind::Presence, *tie.condition, tie.part, {}, 1);
    }
    void miss(const Wanted& wanted)
    {
        m_out.score -= 2;
        if (wanted.line->repetition.condition)
            ask(Question::Kind::Presence, *wanted.line->repetition.condition, wanted.part, wanted.indices, 0);
    }

    const ModelParts& m_parts;
    const std::vector<Value>& m_configs;
    const FoundNames& m_found;
    Judgement m_out;
    size_t m_part = 0;
    std::vector<std::pair<std::string, int64_t>> m_indices;
    int m_beyond = 0; ///< loops around that are past their end
    std::unordered_map<std::string, Wanted> m_wanted;
    std::unordered_map<std::string, std::vector<Candidate>> m_conditions;
    std::unordered_map<std::string, Tie> m_tied;
};

} // namespace

FoundNames::FoundNames(const std::vector<FoundTensor>& tensors)
{
    for (const FoundTensor& tensor : tensors) {
        shapes.emplace(tensor.name, &tensor.shape);
        const std::string& name = tensor.name;
        for (size_t at = 0; at < name.size();) {
            size_t end = at;
            while (end < name.size() && isDigit(name[end]))
                ++end;
            if (end > at && end - at <= maximumDigits) {
                const int64_t count = std::stoll(name.substr(at, end - at)) + 1;
                for (int64_t* known : {&counts[name.substr(0, at) + "#" + name.substr(end)], &reaches[name.substr(0, at)]})
                    *known = std::max(*known, count);
            }
            at = std::max(end, at + 1);
        }
    }
}

Judgement judgeParts(const ModelParts& parts, const std::vector<Value>& configs, const FoundNames& found)
{
    return Stage(parts, configs, found).run();
}

} // namespace weighbridge
