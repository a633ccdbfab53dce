// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/job_context.h"
#include "core/diagnosis/field_candidates.h"

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

/// Finds the fields: what FieldCandidates gives is tried for one field, then for two. Every step must explain more than the one before.
class ConfigSolver {
public:
    ConfigSolver(const ClassJudge& judge, JobContext& job);
    ConfigSolver(const ConfigSolver&) = delete; ///< m_candidates refers to m_resolved
    ConfigSolver& operator=(const ConfigSolver&) = delete;
    SolvedConfig solve();

private:
    [[nodiscard]] Value at(const std::string& path) const;
    bool improve();
    bool improveByTwo();
    bool tryAll(const std::vector<std::vector<FieldStep>>& trials);
    void settle(const Value& config, Judgement judgement);
    void dropNeedless();
    [[nodiscard]] bool isFixed(const std::string& path) const;
    [[nodiscard]] bool scales(const std::vector<std::string>& heads, const std::string& size) const;
    [[nodiscard]] std::set<std::string> untoldHeads(const std::vector<std::string>& fields) const;
    Judgement judge(const Value& config) const;

    const ClassJudge& m_judge;
    JobContext& m_job;
    Value m_config;
    Config m_resolved; ///< m_config with all defaults
    FieldCandidates m_candidates;
    Judgement m_judgement;
    std::set<std::string> m_changed;
    mutable int m_judgements = 0;
};

} // namespace weighbridge
