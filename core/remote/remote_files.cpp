// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/remote/remote_files.h"

#include "core/base/interruptible_reads.h"
#include "core/remote/address.h"
#include "core/remote/hub_listing.h"
#include "core/remote/remote_source.h"

#include <algorithm>
#include <mutex>
#include <unordered_map>

namespace weighbridge {
namespace {

/// What servers have said since the last forgetAddresses().
class Known {
public:
    void forget()
    {
        const std::scoped_lock lock(m_mutex);
        m_files.clear();
        m_listings.clear();
    }

    Result<SourcePtr> file(const std::string& address)
    {
        {
            const std::scoped_lock lock(m_mutex);
            if (const auto known = m_files.find(address); known != m_files.end())
                return known->second;
        }
        auto opened = openRemote(address);
        const std::scoped_lock lock(m_mutex);
        if (m_files.size() < maximum && (opened || opened.error().rule == "not-found"))
            m_files.try_emplace(address, opened);
        return opened;
    }

    Result<HubListing> listing(const HubAddress& address, const JobContext& job)
    {
        const std::string whole = HubAddress{address.repository, address.revision, {}}.text();
        {
            const std::scoped_lock lock(m_mutex);
            if (const auto known = m_listings.find(whole); known != m_listings.end())
                return known->second;
        }
        auto fetched = fetchHubListing(address, job);
        if (!fetched)
            return fetched;
        const std::scoped_lock lock(m_mutex);
        m_listings[whole] = *fetched;
        m_listings[HubAddress{address.repository, fetched->commit, {}}.text()] = *fetched;
        return fetched;
    }

private:
    static constexpr size_t maximum = 10'000;
    std::mutex m_mutex; ///< guards what follows; not held while a server is asked
    std::unordered_map<std::string, Result<SourcePtr>> m_files;
    std::unordered_map<std::string, HubListing> m_listings;
};

Known& known()
{
    static Known out;
    return out;
}

const HubListing::File* findIn(const HubListing& listing, const std::string& name)
{
    const auto found = std::find_if(listing.files.begin(), listing.files.end(), [&name](const HubListing::File& file) { return file.name == name; });
    return found == listing.files.end() ? nullptr : &*found;
}

std::vector<FoundFile> hubFilesIn(const HubAddress& folder)
{
    std::vector<FoundFile> out;
    const auto listing = known().listing(folder, currentJob());
    const std::string start = folder.file.empty() ? "" : folder.file + '/';
    for (const HubListing::File& file : listing ? listing->files : std::vector<HubListing::File>{})
        if (file.name.starts_with(start) && file.name.find('/', start.size()) == std::string::npos)
            out.push_back({HubAddress{folder.repository, folder.revision, file.name}.text(), file.nbytes});
    return out;
}

} // namespace

void forgetAddresses()
{
    known().forget();
}

Result<std::string> resolveAddress(const std::string& address, const JobContext& job)
{
    return cleanAddress(address).and_then([&job](const std::string& clean) -> Result<std::string> {
        auto hub = hubAddress(clean);
        if (!hub)
            return clean;
        return known().listing(*hub, job).map([&hub](const HubListing& listing) {
            hub->revision = listing.commit;
            return hub->text();
        });
    });
}

Result<SourcePtr> openRemoteFile(const std::string& address)
{
    return cleanAddress(address).and_then([](const std::string& clean) { return known().file(clean); });
}

bool isRemoteFile(const std::string& address)
{
    const auto hub = hubAddress(address);
    if (!hub)
        return !address.ends_with('/') && openRemoteFile(address).has_value();
    const auto listing = known().listing(*hub, currentJob());
    return listing && findIn(*listing, hub->file);
}

bool isRemoteFolder(const std::string& address)
{
    const auto hub = hubAddress(address);
    return hub ? hub->file.empty() || !hubFilesIn(*hub).empty() : address.ends_with('/');
}

std::vector<FoundFile> remoteFilesIn(const std::string& folder, std::span<const std::string_view> usualNames)
{
    if (const auto hub = hubAddress(folder))
        return hubFilesIn(*hub);
    std::vector<FoundFile> out;
    for (const std::string_view name : usualNames) {
        if (currentJob().cancelled())
            break;
        const std::string path = addressBeside(folder, name);
        if (const auto file = openRemoteFile(path))
            out.push_back({path, (*file)->nbytes()});
    }
    return out;
}

} // namespace weighbridge
