// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/remote/remote_files.h"

#include "core/base/interruptible_reads.h"
#include "core/base/run_on_threads.h"
#include "core/remote/address.h"
#include "core/remote/host_files.h"
#include "core/remote/hub_listing.h"
#include "core/remote/remote_source.h"

#include <algorithm>
#include <atomic>
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
        m_entries.clear();
        m_names.clear();
    }

    Result<SourcePtr> file(const std::string& address)
    {
        {
            const std::scoped_lock lock(m_mutex);
            if (const auto known = m_files.find(address); known != m_files.end())
                return known->second;
        }
        auto opened = isSshAddress(address) ? openOnSsh(address) : openRemote(address);
        const std::scoped_lock lock(m_mutex);
        if (m_files.size() < maximum && (opened || opened.error().rule == "not-found"))
            m_files.try_emplace(address, opened);
        return opened;
    }

    /// Whether it was said what lies there.
    bool has(const std::string& address)
    {
        const std::scoped_lock lock(m_mutex);
        return m_entries.contains(address);
    }

    /// A file of which was said what it is; asks nobody.
    SourcePtr announced(const std::string& address) { return has(address) ? file(address).value_or(nullptr) : nullptr; }

    /// What lies at an ssh address.
    Result<host::Entry> entry(const SshAddress& address)
    {
        const std::string text = address.text();
        {
            const std::scoped_lock lock(m_mutex);
            if (const auto known = m_entries.find(text); known != m_entries.end())
                return known->second;
        }
        auto asked = hostEntry(address, currentJob());
        if (asked)
            add(text, *asked);
        return asked;
    }

    /// The names in a folder of an ssh address; none if it cannot be listed.
    std::vector<host::Name> names(const SshAddress& folder)
    {
        const std::string text = folder.text();
        {
            const std::scoped_lock lock(m_mutex);
            if (const auto known = m_names.find(text); known != m_names.end())
                return known->second;
        }
        const auto asked = hostNames(folder, currentJob());
        if (!asked)
            return {};
        setNames(text, *asked);
        return *asked;
    }

    void add(const std::string& address, host::Entry entry)
    {
        const std::scoped_lock lock(m_mutex);
        m_entries.insert_or_assign(address, std::move(entry));
    }

    void setNames(const std::string& folder, std::vector<host::Name> names)
    {
        const std::scoped_lock lock(m_mutex);
        m_names.insert_or_assign(folder, std::move(names));
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
    Result<SourcePtr> openOnSsh(const std::string& address)
    {
        return parseSshAddress(address).and_then([this](const SshAddress& parts) { return entry(parts); }).and_then([&address](const host::Entry& entry) -> Result<SourcePtr> {
            if (entry.kind == host::EntryKind::File)
                return remoteSource(address, entry.state);
            if (entry.kind == host::EntryKind::Absent)
                return failure(Error("not-found", "There is no such file.").at(address).fixedBy("Check the path."));
            return failure(Error("not-a-checkpoint", entry.kind == host::EntryKind::Folder ? "This is a folder, not a file." : "This is a pipe or a device, not a file.").at(address));
        });
    }

    static constexpr size_t maximum = 10'000;
    std::mutex m_mutex; ///< guards what follows; not held while a server is asked
    std::unordered_map<std::string, Result<SourcePtr>> m_files;
    std::unordered_map<std::string, HubListing> m_listings;
    std::unordered_map<std::string, host::Entry> m_entries;
    std::unordered_map<std::string, std::vector<host::Name>> m_names;
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

host::EntryKind kindAt(const std::string& address)
{
    return parseSshAddress(address).and_then([](const SshAddress& parts) { return known().entry(parts); }).value_or(host::Entry{}).kind;
}

std::vector<FoundFile> sshFilesIn(const std::string& folder)
{
    std::vector<FoundFile> out;
    const auto address = parseSshAddress(folder);
    for (const host::Name& name : address ? known().names(*address) : std::vector<host::Name>{})
        if (name.kind == host::EntryKind::File)
            out.push_back({addressBeside(folder, name.name), name.nbytes});
    return out;
}

/// Lets the other machine open a checkpoint first, and keeps what that read: opening it here then asks for nothing more.
Result<std::string> openAhead(const SshAddress& address, const JobContext& job)
{
    if (known().has(address.text())) // the weights of a folder that was opened
        return address.text();
    const auto at = [&address](const std::string& path) { return SshAddress{address.user, address.host, address.port, path}.text(); };
    std::unordered_map<std::string, std::vector<host::Name>> folders; // each comes in several frames
    const SentAhead sent{[&folders] { folders.clear(); },
                         [&at](const std::string& path, host::Entry entry) { known().add(at(path), std::move(entry)); },
                         [&](const std::string& folder, const std::vector<host::Name>& names) { folders[at(folder)].insert(folders[at(folder)].end(), names.begin(), names.end()); },
                         [&at](const std::string& path, uint64_t offset, const std::vector<std::byte>& bytes) -> Result<void> {
                             const SourcePtr file = known().announced(at(path));
                             return file && keepSentAhead(*file, offset, bytes) ? Result<void>() : failure("worker", "");
                         }};
    return openOnHost(address, job, sent).map([&](const std::string& path) {
        for (auto& [folder, names] : folders)
            known().setNames(folder, std::move(names));
        return at(path);
    });
}

} // namespace

void forgetAddresses()
{
    known().forget();
}

Result<std::string> resolveAddress(const std::string& address, const JobContext& job)
{
    return cleanAddress(address).and_then([&job](const std::string& clean) -> Result<std::string> {
        if (isSshAddress(clean))
            return parseSshAddress(clean).and_then([&job](const SshAddress& parts) { return openAhead(parts, job); });
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

void askAtOnce(std::span<const std::string> addresses)
{
    constexpr unsigned mostConnections = 4; // as many workers as are kept for the next request
    const JobContext& job = currentJob();
    std::atomic<size_t> next = 0;
    runOnThreads(mostConnections, addresses.size(), [&] {
        const InterruptibleReads reads(job);
        for (size_t i = next++; i < addresses.size() && !job.cancelled(); i = next++)
            if (!isSshAddress(addresses[i]) && !hubAddress(addresses[i]))
                static_cast<void>(openRemoteFile(addresses[i])); // what it says is remembered
    });
}

bool isRemoteFile(const std::string& address)
{
    if (isSshAddress(address))
        return kindAt(address) == host::EntryKind::File;
    const auto hub = hubAddress(address);
    if (!hub)
        return !address.ends_with('/') && openRemoteFile(address).has_value();
    const auto listing = known().listing(*hub, currentJob());
    return listing && findIn(*listing, hub->file);
}

bool isRemoteFolder(const std::string& address)
{
    if (isSshAddress(address))
        return kindAt(address) == host::EntryKind::Folder;
    const auto hub = hubAddress(address);
    return hub ? hub->file.empty() || !hubFilesIn(*hub).empty() : address.ends_with('/');
}

std::string remoteTargetOf(const std::string& address)
{
    if (!isSshAddress(address))
        return address;
    return parseSshAddress(address).and_then([](const SshAddress& parts) { return known().entry(parts); }).value_or(host::Entry{}).target;
}

std::vector<std::string> remoteFoldersIn(const std::string& folder)
{
    std::vector<std::string> out;
    const auto address = isSshAddress(folder) ? parseSshAddress(folder) : failure("bad-address", "");
    for (const host::Name& name : address ? known().names(*address) : std::vector<host::Name>{})
        if (name.kind == host::EntryKind::Folder)
            out.push_back(name.name);
    return out;
}

std::vector<FoundFile> remoteFilesIn(const std::string& folder, std::span<const std::string_view> usualNames)
{
    if (isSshAddress(folder))
        return sshFilesIn(folder);
    if (const auto hub = hubAddress(folder))
        return hubFilesIn(*hub);
    std::vector<FoundFile> out;
    std::vector<std::string> paths;
    for (const std::string_view name : usualNames)
        paths.push_back(addressBeside(folder, name));
    askAtOnce(paths);
    for (const std::string& path : paths) {
        if (currentJob().cancelled())
            break;
        if (const auto file = openRemoteFile(path))
            out.push_back({path, (*file)->nbytes()});
    }
    return out;
}

} // namespace weighbridge
