// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/report/repair_answer.h"

#include "core/report/answers.h"

namespace weighbridge {
namespace {

Value texts(const std::vector<std::string>& list)
{
    return Value::List(list.begin(), list.end());
}

Value fitValue(const std::optional<Fit>& fit)
{
    if (!fit)
        return {};
    return Value::Map{{"matched", static_cast<uint64_t>(fit->matched)},
                      {"expected", static_cast<uint64_t>(fit->expected)},
                      {"coverage", fit->coverage},
                      {"missing", texts(fit->missing)},
                      {"unexpected", texts(fit->unexpected)},
                      {"mismatched", texts(fit->mismatched)}};
}

} // namespace

Value repairAnswer(const RepairPlan& plan, const SavedCopy* copy)
{
    Value::List steps;
    for (const RepairStep& step : plan.steps)
        steps.push_back(Value::Map{{"rule", step.rule}, {"text", step.text}});
    Value::List files;
    if (copy)
        for (const FileEntry& file : copy->files)
            files.push_back(Value::Map{{"path", file.path}, {"nbytes", file.nbytes}});
    Value::List remaining;
    for (const Finding& finding : plan.remaining)
        remaining.push_back(findingAnswer(finding));
    return Value::Map{{"path", plan.checkpoint->path},
                      {"out", copy ? Value(copy->path) : Value()},
                      {"steps", std::move(steps)},
                      {"assumptions", texts(plan.assumptions)},
                      {"left_out", texts(plan.leftOut)},
                      {"before", fitValue(plan.before)},
                      {"after", fitValue(plan.after)},
                      {"remaining", std::move(remaining)},
                      {"nbytes", plan.nbytes()},
                      {"files", std::move(files)},
                      {"verified_tensors", static_cast<uint64_t>(copy ? copy->verifiedTensors : 0)}};
}

} // namespace weighbridge
