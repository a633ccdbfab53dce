// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/diagnosis/config_solver.h"

#include "core/base/text.h"
#include "core/diagnosis/fix.h"

#include <algorithm>
#include <map>

namespace weighbridge {
namespace {

constexpr int maximumJudgements = 300; ///< more do not help: what is open then has no answer

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
    , m_candidates(judge, m_resolved)
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
    m_resolved.root = m_judge.resolved(m_config);
}

Value ConfigSolver::at(const std::string& path) const
{
    const Value* found = configValue(m_resolved, path);
    return found ? *found : Value();
}

bool ConfigSolver::tryAll(const std::vector<std::vector<FieldStep>>& trials)
{
    const int before = m_judgement.score;
    Value best;
    Judgement bestJudgement = m_judgement;
    const std::vector<FieldStep>* taken = nullptr;
    for (const std::vector<FieldStep>& trial : trials) {
        if (m_judgements > maximumJudgements || m_job.cancelled())
            break;
        Value config = withSteps(m_config, trial);
        Judgement judgement = judge(config);
        if (judgement.score <= bestJudgement.score)
            continue;
        best = std::move(config);
        bestJudgement = std::move(judgement);
        taken = &trial;
    }
    if (!taken || bestJudgement.score <= before)
        return false;
    for (const FieldStep& step : *taken)
        m_changed.insert(step.path);
    settle(best, std::move(bestJudgement));
    return true;
}

/// Answers the first open question that a change of one field answers.
bool ConfigSolver::improve()
{
    const std::vector<Question> open = m_judgement.open;
    for (const Question& question : open) {
        std::vector<std::vector<FieldStep>> trials;
        for (const std::string& path : m_judge.fieldsOf(question))
            for (Value& value : m_candidates.of(question, path, m_config))
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
        std::vector<std::vector<FieldStep>> trials;
        const std::vector<std::string> fields = m_judge.fieldsOf(question);
        for (const std::string& first : fields) {
            if (const Value current = at(first); !current.isInt() && !current.isNull())
                continue;
            for (const int64_t value : divisorsOf(question.target)) {
                const Value base = withSteps(m_config, {{first, value}});
                for (const std::string& second : fields)
                    for (Value& other : second == first ? FieldCandidates::Values{} : m_candidates.of(question, second, base))
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
    FieldCandidates::Values others;
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
        return value == current || judge(withSteps(m_config, {{path, value}})).score < m_judgement.score;
    });
}

/// Whether half or twice as many heads, each twice or half as large, explain as much.
bool ConfigSolver::scales(const std::vector<std::string>& heads, const std::string& size) const
{
    for (const bool isDoubled : {true, false}) {
        std::vector<FieldStep> steps;
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
        if (isWhole && !steps.empty() && judge(withSteps(m_config, steps)).score >= m_judgement.score)
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
