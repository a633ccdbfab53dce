// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/base/json.h"
#include "core/base/text.h"
#include "core/report/answers.h"
#include "core/report/difference_answer.h"
#include "core/report/output.h"
#include "core/report/statistics_answer.h"

#include <numeric>

namespace weighbridge {
namespace {

Value filesValue(const Report& report)
{
    Value::List files;
    for (const FileDigest& file : report.files) {
        Value::Map map{{"path", file.path}, {"nbytes", file.nbytes}, {"format", file.format}, {"sha256", file.sha256.empty() ? Value() : Value(file.sha256)}};
        if (!file.why.empty())
            map.emplace_back("why", file.why);
        files.push_back(std::move(map));
    }
    return files;
}

Value statisticsValue(const CheckResult& check)
{
    if (!check.values)
        return {};
    std::vector<size_t> all(check.checkpoint->tensors.size());
    std::iota(all.begin(), all.end(), size_t(0));
    return statisticsAnswer(*check.checkpoint, *check.values, all);
}

/// The answers of inspect, check and stats, or that of diff (docs/contract), in one document.
class JsonOutput : public Output {
public:
    OutputInfo info() const override { return {"json", "json", "JSON"}; }
    Result<void> write(const Report& report, JobContext&, const TextSink& sink) const override
    {
        Value::Map environment;
        for (const auto& [what, value] : report.environment)
            environment.emplace_back(lowered(what), value);
        Value::Map document{{"report", report.subject},
                            {"program", report.program},
                            {"date", report.date},
                            {"command", report.command},
                            {"files", filesValue(report)},
                            {"environment", std::move(environment)}};
        if (report.difference) {
            document.emplace_back("diff", differenceAnswer(*report.difference));
        } else {
            document.emplace_back("inspect", inspectAnswer(*report.check->checkpoint, {}));
            document.emplace_back("check", checkAnswer(*report.check));
            document.emplace_back("stats", statisticsValue(*report.check));
        }
        return sink(toJson(document, 1) + "\n");
    }
};

} // namespace

const Output& jsonOutput()
{
    static const JsonOutput output;
    return output;
}

} // namespace weighbridge
