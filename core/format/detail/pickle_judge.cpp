// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/format/detail/pickle_bounds.h"
#include "core/format/detail/pickle_globals.h"
#include "core/format/detail/pickle_state.h"
#include "core/format/detail/pickled_storage.h"

#include "core/base/text.h"
#include "core/diagnosis/new_finding.h"

#include <fmt/format.h>

#include <algorithm>

namespace weighbridge {
namespace {

/// pickle.dump() makes a storage a call of torch.load. That is data as long as nothing but storages would be loaded so.
bool isStorageLoader(const PickleGlobal& global)
{
    return global.module == "torch.storage" && global.name == "_load_from_bytes";
}

const PickleGlobal* firstDangerous(const Pickle& pickle, JobContext& job)
{
    for (const PickleGlobal& global : pickle.globals())
        if (safetyOf(global) == GlobalSafety::Dangerous && (!isStorageLoader(global) || loadsOtherObjects(pickle, job)))
            return &global;
    return nullptr;
}

/// TorchScript's own classes (__torch__...) are defined by the file's code/ entries, which are not run.
std::vector<PickleGlobal> judged(const Pickle& pickle, PickleOrigin origin, JobContext& job)
{
    std::vector<PickleGlobal> out = pickle.globals();
    const auto loader = std::find_if(out.begin(), out.end(), isStorageLoader);
    if (loader != out.end() && !loadsOtherObjects(pickle, job))
        out.erase(loader);
    if (origin == PickleOrigin::TorchScript)
        std::erase_if(out, [](const PickleGlobal& global) { return global.module.starts_with("__torch__"); });
    return out;
}

Finding following(std::string rule, std::string title, std::string explanation, uint64_t offset)
{
    return warning(std::move(rule), std::move(title), std::move(explanation), {}, {{"offset", offset}});
}

/// pickle.load stops at the first STOP, but may be called again on the rest.
void judgeRest(const Pickle& first, uint64_t limit, JobContext& job, std::vector<Finding>& findings)
{
    if (first.end() >= limit)
        return;
    std::optional<Error> error;
    const SourcePtr rest = subSource(first.source(), first.end(), limit - first.end(), first.source()->path());
    const Pickle second = Pickle::parsePart(rest, 0, job, error);
    if (const PickleGlobal* dangerous = firstDangerous(second, job))
        findings.push_back(following("unsafe-pickle", fmt::format("A second pickle follows, which can run code through {}", shownGlobal(*dangerous)),
                                     "It is not reached by loading the file once, but by loading from it again. It was not executed.", first.end()));
    else
        findings.push_back(following("corrupt", fmt::format("{} bytes follow the end of the pickle", groupDigits(limit - first.end())),
                                     "They belong to nothing that the file says.", first.end()));
}

} // namespace

Result<Pickle> parseJudged(const SourcePtr& source, uint64_t offset, uint64_t limit, PickleOrigin origin, JobContext& job, std::vector<Finding>& findings)
{
    std::optional<Error> error;
    Pickle pickle = Pickle::parsePart(source, offset, job, error);
    if (error) {
        if (const PickleGlobal* dangerous = firstDangerous(pickle, job)) {
            error->message =
                fmt::format("The pickle is unsafe: it can run code through {}. Then it breaks: {}", shownGlobal(*dangerous), error->message);
            error->rule = "unsafe-pickle";
            error->fix = "Do not load this file with pickle or torch.load(weights_only=False).";
        }
        return failure(std::move(*error));
    }
    for (Finding& finding : globalFindings(judged(pickle, origin, job), origin != PickleOrigin::Plain))
        findings.push_back(std::move(finding));
    for (Finding& finding : boundsFindings(measure(pickle)))
        findings.push_back(std::move(finding));
    if (pickle.leftOnStack() > 0)
        findings.push_back(following("corrupt", fmt::format("The pickle leaves {} values unused on its stack", groupDigits(pickle.leftOnStack())),
                                     "No program writes such a pickle by accident.", pickle.end()));
    judgeRest(pickle, limit, job, findings);
    return pickle;
}

} // namespace weighbridge
