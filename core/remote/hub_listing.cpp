// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/remote/hub_listing.h"

#include "core/base/json.h"
#include "core/remote/fetch_client.h"

#include <fmt/format.h>

#include <algorithm>

namespace weighbridge {
namespace {

constexpr size_t maximumFiles = 100'000;

bool isCommit(const std::string& text)
{
    return text.size() == 40 && std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

} // namespace

Result<HubListing> parseHubListing(const std::string& text)
{
    const auto document = parseJson(text);
    const Value* commit = document ? document->value.find("sha") : nullptr;
    const Value* siblings = document ? document->value.find("siblings") : nullptr;
    if (!commit || !siblings || !siblings->list() || !isCommit(commit->stringOr("")))
        return failure("corrupt", "The hub's list of files is not of the form that is known.");
    HubListing out{commit->stringOr(""), {}};
    for (const Value& entry : *siblings->list()) {
        const Value* name = entry.find("rfilename");
        const Value* nbytes = entry.find("size");
        if (!name || name->stringOr("").empty() || out.files.size() >= maximumFiles)
            continue;
        const bool hasSize = nbytes && nbytes->integer() && *nbytes->integer() >= 0;
        out.files.push_back({name->stringOr(""), hasSize ? static_cast<uint64_t>(*nbytes->integer()) : 0});
    }
    return out;
}

Result<HubListing> fetchHubListing(const HubAddress& address, const JobContext& job)
{
    const std::string url = fmt::format("{}/api/models/{}/revision/{}?blobs=true", hubEndpoint(), address.repository, address.revision);
    return fetchDocument(url, job).and_then(parseHubListing).map_error([&address](Error error) {
        const bool isAbsent = error.rule == "not-found";
        // the hub answers the same for what is private and what does not exist
        if (isAbsent || error.rule == "no-access")
            error.message = "The hub has no such model or revision, or it is private or gated and the token (HF_TOKEN, or what `hf auth login` left) does not open it.";
        return error.rule == "cancelled" ? std::move(error) : std::move(error).at(address.text());
    });
}

} // namespace weighbridge
