// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// https://zarr-specs.readthedocs.io: versions 2 and 3 of the core specification.
#include "core/format/detail/zarr_store.h"

#include "core/base/checked.h"
#include "core/base/files.h"
#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/format/detail/ocdbt.h"
#include "core/format/detail/sidecar.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <unordered_map>

namespace weighbridge {
namespace {

namespace fs = std::filesystem;

constexpr std::array descriptions{std::string_view(".zarray"), std::string_view("zarr.json")};
constexpr int deepestFolder = 16;

/// The array's name if a key is that of its description.
std::optional<std::string> describedBy(std::string_view key)
{
    for (const std::string_view description : descriptions)
        if (key == description || (key.ends_with(description) && key[key.size() - description.size() - 1] == '/'))
            return std::string(key.substr(0, key == description ? 0 : key.size() - description.size() - 1));
    return std::nullopt;
}

class FileValues final : public ZarrValues {
public:
    explicit FileValues(std::string folder) : m_folder(std::move(folder)) {}
    Result<SourcePtr> value(const std::string& key) const override
    {
        auto source = openSidecar(m_folder, key, m_folder);
        if (!source && source.error().rule == "missing-shard")
            return SourcePtr();
        return source;
    }

private:
    std::string m_folder;
};

class FileStore final : public ZarrStore {
public:
    explicit FileStore(std::string folder) : m_folder(std::move(folder)) {}

    Result<void> eachArray(JobContext& job, const Take& take) const override
    {
        std::vector<std::string> names;
        eachFileBelow(m_folder, deepestFolder, [&](const FoundFile& file) {
            const fs::path path = file.path;
            if (std::find(descriptions.begin(), descriptions.end(), path.filename().string()) != descriptions.end())
                names.push_back(path.lexically_relative(m_folder).parent_path().generic_string());
            return names.size() < limits::tensors && !job.cancelled();
        });
        if (job.cancelled())
            return failure(cancelledError());
        std::sort(names.begin(), names.end());
        names.erase(std::unique(names.begin(), names.end()), names.end());
        for (const std::string& name : names)
            if (auto taken = takeArray(name, take); !taken)
                return taken;
        return {};
    }

    Result<std::unique_ptr<ZarrValues>> valuesOf(const std::string& name, JobContext&) const override
    {
        return std::make_unique<FileValues>((fs::path(m_folder) / name).string());
    }

private:
    Result<void> takeArray(const std::string& name, const Take& take) const
    {
        for (const std::string_view description : descriptions) {
            const auto source = openSidecar(m_folder, name.empty() ? std::string(description) : fmt::format("{}/{}", name, description), m_folder);
            if (source)
                return take(name, *source);
            if (source.error().rule != "missing-shard")
                return tl::unexpected(source.error());
        }
        return {};
    }

    std::string m_folder;
};

/// Opens a value of the database; each of its files once.
class OcdbtFiles {
public:
    explicit OcdbtFiles(std::string folder) : m_folder(std::move(folder)) {}

    Result<SourcePtr> source(const std::string& key, const OcdbtValue& value)
    {
        if (value.file.empty())
            return memorySource(value.inlined, key);
        SourcePtr& file = m_files[value.file];
        if (!file) {
            auto opened = openSidecar(m_folder, value.file, m_folder);
            if (!opened)
                return opened;
            file = std::move(*opened);
        }
        if (!fits(value.offset, value.nbytes, file->nbytes()))
            return failure(Error("truncated", fmt::format("The file stops at byte {}, but {} lies up to byte {}.", file->nbytes(), shown(key, 120), value.offset + value.nbytes))
                               .at(file->path()).atByte(file->nbytes()).fixedBy("Copy the file again."));
        return subSource(file, value.offset, value.nbytes, file->path());
    }

private:
    std::string m_folder;
    std::unordered_map<std::string, SourcePtr> m_files;
};

class OcdbtValues final : public ZarrValues {
public:
    OcdbtValues(const std::string& folder, std::map<std::string, OcdbtValue> values) : m_files(folder), m_values(std::move(values)) {}
    Result<SourcePtr> value(const std::string& key) const override
    {
        const auto found = m_values.find(key);
        return found == m_values.end() ? Result<SourcePtr>(SourcePtr()) : m_files.source(key, found->second);
    }

private:
    mutable OcdbtFiles m_files; ///< used by the one thread that reads the array
    std::map<std::string, OcdbtValue> m_values;
};

class OcdbtStore final : public ZarrStore {
public:
    OcdbtStore(std::string folder, Ocdbt database) : m_folder(std::move(folder)), m_database(std::move(database)) {}

    /// Looks at every key, so that a data file that is not there, or too short, is seen before anyone asks for its values.
    Result<void> eachArray(JobContext& job, const Take& take) const override
    {
        OcdbtFiles files(m_folder);
        uint64_t count = 0;
        return m_database.eachEntry("", job, [&](const std::string& key, const OcdbtValue& value) -> Result<void> {
            if (++count % 4096 == 0)
                job.report({"keys", count, 0});
            const auto source = files.source(key, value);
            if (!source)
                return tl::unexpected(source.error());
            const auto name = describedBy(key);
            return name ? take(*name, *source) : Result<void>();
        });
    }

    Result<std::unique_ptr<ZarrValues>> valuesOf(const std::string& name, JobContext& job) const override
    {
        const std::string start = name.empty() ? name : name + "/";
        std::map<std::string, OcdbtValue> values;
        const auto listed = m_database.eachEntry(start, job, [&](const std::string& key, OcdbtValue value) -> Result<void> {
            values.emplace(key.substr(start.size()), std::move(value));
            return {};
        });
        if (!listed)
            return tl::unexpected(listed.error());
        return std::make_unique<OcdbtValues>(m_folder, std::move(values));
    }

private:
    std::string m_folder;
    Ocdbt m_database;
};

bool hasOcdbt(const std::string& folder)
{
    return isFile((fs::path(folder) / "manifest.ocdbt").string());
}

} // namespace

bool isZarrStore(const std::string& folder)
{
    constexpr size_t looked = 1000; // a folder of many other folders is not looked through to its end
    if (hasOcdbt(folder))
        return true;
    const auto isDescribed = [](const fs::path& path) {
        return std::any_of(descriptions.begin(), descriptions.end(), [&](std::string_view name) { return isFile((path / name).string()); });
    };
    if (isDescribed(folder))
        return true;
    std::vector<std::string> inside = foldersIn(folder);
    inside.resize(std::min(inside.size(), looked));
    return std::any_of(inside.begin(), inside.end(), [&](const std::string& name) {
        const fs::path path = fs::path(folder) / name;
        return isDescribed(path) || isFile((path / ".zgroup").string());
    });
}

Result<std::unique_ptr<ZarrStore>> openZarrStore(const std::string& folder)
{
    if (!hasOcdbt(folder))
        return std::make_unique<FileStore>(folder);
    return Ocdbt::open(folder).map([&folder](Ocdbt&& database) -> std::unique_ptr<ZarrStore> { return std::make_unique<OcdbtStore>(folder, std::move(database)); });
}

} // namespace weighbridge
