// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/job_context.h"
#include "core/diagnosis/class_judge.h"

#include <set>

namespace weighbridge {

/// A config under which a model class explains the found tensors as well as any that was tried.
struct SolvedConfig {
    Value config;                    ///< model_type, and the fields that are not as the library has them
    std::vector<std::string> told;   ///< fields (paths) whose value the tensors fix; `values` has it
    std::vector<std::string> untold; ///< fields that sizes are computed from, but whose value the tensors do not fix
    Value::Map values;               ///< of both, by path
    int score = 0;
};

/// Finds the fields: where a size is a field, the dimension is its value; where it is computed, the formula is solved for one field, then for
/// two; where a tensor is there or not, the switches in its condition are tried. Every step must explain more than the one before.
class ConfigSolver {
public:
    ConfigSolver(const ClassJudge& judge, JobContext& job);
    SolvedConfig solve();

private:
    using Values = std::vector<Value>;
    struct Step {
        std::string path;
        Value value;
    };

    [[nodiscard]] Value at(const std::string& path) const;
    [[nodiscard]] static Value with(const Value& config, const std::vector<Step>& steps);
    [[nodiscard]] Values candidates(const Question& question, const std::string& path, const Value& base) const;
    [[nodiscard]] Values sizesFor(const Question& question, const std::string& path, const Value& base) const;
    void addSides(const Question& question, const std::string& path, const Value& base, Values& out) const;
    [[nodiscard]] static Values switchesFor(const Question& question, const Value& current);
    [[nodiscard]] Value linearly(const Question& question, const std::string& path, const Value& base, double from) const;
    bool improve();
    bool improveByTwo();
    bool tryAll(const std::vector<std::vector<Step>>& trials);
    void settle(const Value& config, Judgement judgement);
    void dropNeedless();
    [[nodiscard]] bool isFixed(const std::string& path) const;
    [[nodiscard]] bool scales(const std::vector<std::string>& heads, const std::string& size) const;
    [[nodiscard]] std::set<std::string> untoldHeads(const std::vector<std::string>& fields) const;
    Judgement judge(const Value& config) const;

    const ClassJudge& m_judge;
    JobContext& m_job;
    Value m_config;
    Value m_resolved;
    Judgement m_judgement;
    std::set<std::string> m_changed;
    mutable int m_judgements = 0;
};

} // namespace weighbridge
