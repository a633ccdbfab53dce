// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/diagnosis/config_solver.h"

#include "core/base/text.h"
#include "core/diagnosis/fix.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

namespace weighbridge {
namespace {

constexpr int maximumJudgements = 300; ///< more do not help: what is open then has no answer
constexpr size_t maximumList = 256;
constexpr int64_t maximumUnit = 1 << 20; ///< of what a grid's side is counted in
/// Sizes that one head has in published models, the usual ones first; what is divided by them is a first guess of how many heads there are.
constexpr std::array<int64_t, 12> headSizes{64, 128, 32, 256, 96, 80, 16, 8, 112, 160, 4, 2};

void addOnce(std::vector<Value>& values, Value value)
{
    if (std::find(values.begin(), values.end(), value) == values.end())
        values.push_back(std::move(value));
}

/// The texts in quotes in an expression: what a field is compared with.
std::vector<std::string> quotedTexts(const std::string& expression)
{
    std::vector<std::string> out;
    for (size_t at = expression.find('\''); at != std::string::npos; at = expression.find('\'', at + 1)) {
        const size_t end = expression.find('\'', at + 1);
        if (end == std::string::npos)
            break;
        out.push_back(expression.substr(at + 1, end - at - 1));
        at = end;
    }
    return out;
}

/// Divisors of a size that may be a number of heads or of groups, the likeliest first.
std::vector<int64_t> divisorsOf(int64_t size)
{
    std::vector<int64_t> out;
    const auto add = [&out, size](int64_t divisor) {
        if (divisor > 0 && size % divisor == 0 && std::find(out.begin(), out.end(), divisor) == out.end())
            out.push_back(divisor);
    };
    for (const int64_t headSize : headSizes)
        if (size % headSize == 0)
            add(size / headSize);
    for (const int64_t divisor : {1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 24, 32})
        add(divisor);
    return out;
}

/// The list with another length, or with other items.
std::vector<Value> listsFor(const Question& question, const Value::List& current)
{
    std::vector<Value> out;
    const auto length = static_cast<size_t>(std::clamp<int64_t>(question.target, 0, maximumList));
    if (question.kind == Question::Kind::Count) {
        Value::List resized = current;
        resized.resize(length, current.empty() ? Value(int64_t{1}) : current.back());
        out.emplace_back(std::move(resized));
        return out;
    }
    std::vector<size_t> places{0};
    for (const auto& [index, value] : question.indices)
        for (const int64_t place : {value, value + 1, value - 1})
            if (place >= 0)
                places.push_back(static_cast<size_t>(place));
    if (!current.empty())
        places.push_back(current.size() - 1);
    for (const size_t place : places)
        if (place < current.size()) {
            Value::List changed = current;
            changed[place] = Value(question.target);
            addOnce(out, std::move(changed));
        }
    addOnce(out, Value::List(current.size(), Value(question.target)));
    return out;
}

/// Sides of a square grid of so many places, one or two of which may be no part of it (a class token).
std::vector<int64_t> sidesOf(int64_t places)
{
    std::vector<int64_t> out;
    for (const int64_t beside : {0, 1, 2}) {
        const auto side = static_cast<int64_t>(std::llround(std::sqrt(static_cast<double>(std::max<int64_t>(places - beside, 0)))));
        if (side > 1 && side < maximumUnit && side * side == places - beside)
            out.push_back(side);
    }
    return out;
}

/// Takes the field out; nothing if it is not there.
void takeOut(Value& root, std::string_view path)
{
    Value::Map* map = root.map();
    const size_t dot = path.find('.');
    for (size_t i = 0; map && i < map->size(); ++i)
        if ((*map)[i].first == path.substr(0, dot)) {
            if (dot != std::string_view::npos)
                return takeOut((*map)[i].second, path.substr(dot + 1));
            map->erase(map->begin() + static_cast<std::ptrdiff_t>(i));
            return;
        }
}

bool isHeads(std::string_view path)
{
    const std::string_view field = split(path, '.').back();
    return field.find("head") != std::string_view::npos && field.find("dim") == std::string_view::npos &&
           field.find("size") == std::string_view::npos;
}

bool isHeadSize(std::string_view path)
{
    const std::string_view field = split(path, '.').back();
    return field == "head_dim" || field == "d_kv" || field == "attention_head_size" || field == "kv_channels" || field == "attention_head_dim";
}

} // namespace

ConfigSolver::ConfigSolver(const ClassJudge& judge, JobContext& job)
    : m_judge(judge)
    , m_job(job)
{
    m_config = judge.initial();
    settle(m_config, this->judge(m_config));
}

Judgement ConfigSolver::judge(const Value& config) const
{
    ++m_judgements;
    return m_judge.judge(config);
}

void ConfigSolver::settle(const Value& config, Judgement judgement)
{
    m_config = config;
    m_judgement = std::move(judgement);
    m_resolved = m_judge.resolved(m_config);
}

Value ConfigSolver::at(const std::string& path) const
{
    Config config;
    config.root = m_resolved;
    const Value* found = configValue(config, path);
    return found ? *found : Value();
}

Value ConfigSolver::with(const Value& base, const std::vector<Step>& steps)
{
    Config config;
    config.root = base;
    Value::Map changes;
    for (const Step& step : steps)
        changes.emplace_back(step.path, step.value);
    return withChanges(config, changes).root;
}

/// The value of one number that makes a formula give what it should, if the formula is linear in it; null if it is not, or if that is no number
/// of the same kind.
Value ConfigSolver::linearly(const Question& question, const std::string& path, const Value& base, double from) const
{
    const bool isWhole = from == std::floor(from);
    const auto as = [isWhole](double x) { return isWhole ? Value(static_cast<int64_t>(x)) : Value(x); };
    const Value low = m_judge.valueOf(question, with(base, {{path, as(from)}}));
    const Value high = m_judge.valueOf(question, with(base, {{path, as(2 * from)}}));
    if (!low.isNumber() || !high.isNumber() || low.number() == high.number() || from == 0)
        return {};
    const double slope = (high.number() - low.number()) / from;
    const double solution = from + (static_cast<double>(question.target) - low.number()) / slope;
    if (!(std::abs(solution) < 1e15) || solution <= 0)
        return {};
    const double whole = std::round(solution);
    return std::abs(solution - whole) < 1e-6 ? Value(static_cast<int64_t>(whole)) : isWhole ? Value() : Value(solution);
}

/// The side of a picture of which a grid of places is made: so many times the size of one.
void ConfigSolver::addSides(const Question& question, const std::string& path, const Value& base, Values& out) const
{
    for (const int64_t side : sidesOf(question.target))
        for (const std::string& other : m_judge.fieldsOf(question))
            if (const Value unit = at(other); unit.isInt() && other != path && *unit.integer() < maximumUnit)
                if (const Value whole(side * *unit.integer()); m_judge.valueOf(question, with(base, {{path, whole}})) == Value(question.target))
                    addOnce(out, whole);
}

ConfigSolver::Values ConfigSolver::sizesFor(const Question& question, const std::string& path, const Value& base) const
{
    const Value current = at(path);
    if (current.isList())
        return listsFor(question, *current.list());
    if (current.isBool() || current.isString())
        return switchesFor(question, current);
    Values out;
    if (!current.isDouble())
        addSides(question, path, base, out);
    if (current.isNumber() && current.number() > 0)
        if (Value solved = linearly(question, path, base, current.number()); !solved.isNull())
            addOnce(out, std::move(solved));
    if (!current.isDouble()) {
        addOnce(out, question.target);
        if (Value solved = linearly(question, path, base, static_cast<double>(std::max<int64_t>(question.target, 1))); !solved.isNull())
            addOnce(out, std::move(solved));
    }
    return out;
}

ConfigSolver::Values ConfigSolver::switchesFor(const Question& question, const Value& current)
{
    Values out;
    if (const bool* flag = current.boolean())
        return {Value(!*flag)};
    for (const std::string& text : quotedTexts(question.expression->text()))
        addOnce(out, text);
    if (current.isNull())
        for (Value value : {Value(true), Value(int64_t{1}), Value(int64_t{64})})
            addOnce(out, std::move(value));
    if (current.isDouble())
        out.insert(out.end(), {Value(0.0), Value(1.0), Value(0.05)});
    if (const int64_t* whole = current.integer())
        for (const int64_t value : {int64_t{0}, int64_t{1}, int64_t{2}, *whole - 1, *whole + 1, *whole / 2, *whole * 2})
            addOnce(out, std::max<int64_t>(value, 0));
    if (const auto* list = current.list(); list && !list->empty())
        out.insert(out.end(), {Value(Value::List{})});
    if (current.isString())
        out.insert(out.end(), {Value("relu"), Value("gated-gelu"), Value("")});
    if (!current.isNull())
        out.emplace_back();
    return out;
}

ConfigSolver::Values ConfigSolver::candidates(const Question& question, const std::string& path, const Value& base) const
{
    if (question.kind == Question::Kind::Size || question.kind == Question::Kind::Count)
        return sizesFor(question, path, base);
    Values out = switchesFor(question, at(path));
    // What has to divide the size of another field does so if it is that size by a usual size of one head.
    if (question.kind == Question::Kind::Refusal && at(path).isInt())
        for (const std::string& other : m_judge.fieldsOf(question))
            if (const Value size = at(other); other != path && size.isInt())
                for (const int64_t divisor : divisorsOf(*size.integer()))
                    addOnce(out, divisor);
    return out;
}

bool ConfigSolver::tryAll(const std::vector<std::vector<Step>>& trials)
{
    const int before = m_judgement.score;
    Value best;
    Judgement bestJudgement = m_judgement;
    const std::vector<Step>* taken = nullptr;
    for (const std::vector<Step>& trial : trials) {
        if (m_judgements > maximumJudgements || m_job.cancelled())
            break;
        Value config = with(m_config, trial);
        Judgement judgement = judge(config);
        if (judgement.score <= bestJudgement.score)
            continue;
        best = std::move(config);
        bestJudgement = std::move(judgement);
        taken = &trial;
    }
    if (!taken || bestJudgement.score <= before)
        return false;
    for (const Step& step : *taken)
        m_changed.insert(step.path);
    settle(best, std::move(bestJudgement));
    return true;
}

/// Answers the first open question that a change of one field answers.
bool ConfigSolver::improve()
{
    const std::vector<Question> open = m_judgement.open;
    for (const Question& question : open) {
        std::vector<std::vector<Step>> trials;
        for (const std::string& path : m_judge.fieldsOf(question))
            for (Value& value : candidates(question, path, m_config))
                trials.push_back({{path, std::move(value)}});
        if (tryAll(trials))
            return true;
    }
    return false;
}

/// The same with two fields: one is given a likely value, the other follows.
bool ConfigSolver::improveByTwo()
{
    const std::vector<Question> open = m_judgement.open;
    for (const Question& question : open) {
        if (question.kind == Question::Kind::Presence)
            continue;
        std::vector<std::vector<Step>> trials;
        const std::vector<std::string> fields = m_judge.fieldsOf(question);
        for (const std::string& first : fields) {
            if (const Value current = at(first); !current.isInt() && !current.isNull())
                continue;
            for (const int64_t value : divisorsOf(question.target)) {
                const Value base = with(m_config, {{first, value}});
                for (const std::string& second : fields)
                    for (Value& other : second == first ? Values{} : candidates(question, second, base))
                        trials.push_back({{first, value}, {second, std::move(other)}});
            }
        }
        if (tryAll(trials))
            return true;
    }
    return false;
}

/// A change that explains nothing any more (a later one did) goes.
void ConfigSolver::dropNeedless()
{
    const std::set<std::string> changed = m_changed;
    for (const std::string& path : changed) {
        Value plain = m_config;
        takeOut(plain, path);
        if (Judgement judgement = judge(plain); judgement.score >= m_judgement.score) {
            settle(plain, std::move(judgement));
            m_changed.erase(path);
        }
    }
}

/// Whether every other value that is tried explains less.
bool ConfigSolver::isFixed(const std::string& path) const
{
    const Value current = at(path);
    Values others;
    if (const bool* flag = current.boolean())
        others = {Value(!*flag)};
    else if (const int64_t* whole = current.integer())
        for (const int64_t value : {*whole * 2, *whole / 2, *whole + 1, *whole - 1})
            others.emplace_back(std::max<int64_t>(value, 1));
    else if (current.isDouble())
        others = {Value(current.number() * 2), Value(current.number() / 2)};
    else if (const auto* list = current.list(); list && !list->empty() && list->front().isInt()) {
        Value::List other = *list;
        other.front() = Value(*list->front().integer() * 2);
        others = {Value(std::move(other))};
    } else
        return m_changed.contains(path);
    return std::all_of(others.begin(), others.end(), [&](const Value& value) {
        return value == current || judge(with(m_config, {{path, value}})).score < m_judgement.score;
    });
}

/// Whether half or twice as many heads, each twice or half as large, explain as much.
bool ConfigSolver::scales(const std::vector<std::string>& heads, const std::string& size) const
{
    for (const bool isDoubled : {true, false}) {
        std::vector<Step> steps;
        bool isWhole = true;
        const auto scale = [&](const std::string& path, bool up) {
            const Value current = at(path);
            if (!current.isInt())
                return;
            isWhole = isWhole && (up || *current.integer() % 2 == 0);
            steps.push_back({path, up ? *current.integer() * 2 : *current.integer() / 2});
        };
        for (const std::string& path : heads)
            scale(path, isDoubled);
        if (!size.empty())
            scale(size, !isDoubled);
        if (isWhole && !steps.empty() && judge(with(m_config, steps)).score >= m_judgement.score)
            return true;
    }
    return false;
}

/// Heads and their size often stand in products only: then each alone looks fixed, but both together are not.
std::set<std::string> ConfigSolver::untoldHeads(const std::vector<std::string>& fields) const
{
    std::map<std::string, std::pair<std::vector<std::string>, std::string>> byOwner;
    for (const std::string& path : fields) {
        const std::string owner = path.substr(0, path.rfind('.') == std::string::npos ? 0 : path.rfind('.'));
        if (isHeads(path))
            byOwner[owner].first.push_back(path);
        else if (isHeadSize(path))
            byOwner[owner].second = path;
    }
    std::set<std::string> out;
    for (const auto& [owner, both] : byOwner)
        if (!both.first.empty() && scales(both.first, both.second)) {
            out.insert(both.first.begin(), both.first.end());
            if (!both.second.empty())
                out.insert(both.second);
        }
    return out;
}

SolvedConfig ConfigSolver::solve()
{
    while (!m_judgement.open.empty() && m_judgements < maximumJudgements && !m_job.cancelled() && (improve() || improveByTwo()))
        continue;
    dropNeedless();
    SolvedConfig out;
    const std::vector<std::string> fields = m_judge.allFields();
    const std::set<std::string> heads = untoldHeads(fields);
    for (const std::string& path : fields) {
        const Value value = at(path);
        if (m_job.cancelled() || (value.isNull() && !m_changed.contains(path)))
            continue;
        const bool isTold = !heads.contains(path) && isFixed(path);
        (isTold ? out.told : out.untold).push_back(path);
        out.values.emplace_back(path, value);
    }
    for (const std::string& path : m_judge.describedFields()) // heads that no size is computed from
        if (const Value value = at(path); isHeads(path) && value.isInt() && std::find(fields.begin(), fields.end(), path) == fields.end()) {
            out.untold.push_back(path);
            out.values.emplace_back(path, value);
        }
    out.config = m_config;
    out.score = m_judgement.score;
    return out;
}

} // namespace weighbridge
