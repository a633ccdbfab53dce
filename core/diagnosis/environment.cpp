// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The layout: packaging.python.org/en/latest/specifications/recording-installed-packages, core-metadata.
#include "core/diagnosis/environment.h"

#include "core/base/byte_source.h"
#include "core/base/text.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <vector>

namespace weighbridge {
namespace {

namespace fs = std::filesystem;

constexpr size_t maximumPackages = 20'000;
constexpr uint64_t headNbytes = 4096; ///< Name and Version stand at the top

std::string normalised(std::string_view name)
{
    std::string out = lowered(name);
    std::replace_if(out.begin(), out.end(), [](char c) { return c == '_' || c == '.'; }, '-');
    return out;
}

std::string_view field(std::string_view text, std::string_view key)
{
    for (std::string_view line : split(text, '\n')) {
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        if (line.empty())
            break; // the description follows
        if (line.starts_with(key))
            return line.substr(key.size());
    }
    return {};
}

void readPackage(const fs::path& folder, Environment& environment)
{
    const auto source = openFile((folder / "METADATA").string());
    const auto head = source ? (*source)->readUpTo(0, headNbytes) : tl::unexpected(source.error());
    if (!head)
        return;
    const std::string_view text(reinterpret_cast<const char*>(head->data()), head->size());
    const std::string name = normalised(field(text, "Name: "));
    const std::string_view version = field(text, "Version: ");
    if (!name.empty() && !version.empty())
        environment.versions[name] = std::string(version.substr(0, 64));
}

std::vector<fs::path> packageFolders(const fs::path& root)
{
    std::vector<fs::path> out;
    std::error_code failed;
    for (fs::directory_iterator entry(root / "lib", failed), end; !failed && entry != end; entry.increment(failed))
        if (entry->path().filename().string().starts_with("python3"))
            out.push_back(entry->path() / "site-packages");
    out.push_back(root / "Lib" / "site-packages");
    out.push_back(root);
    return out;
}

std::vector<int> numbersOf(std::string_view version)
{
    std::vector<int> out;
    for (const std::string_view part : split(version, '.')) {
        int number = 0;
        const auto read = std::from_chars(part.data(), part.data() + part.size(), number);
        if (read.ec != std::errc())
            break;
        out.push_back(number);
        if (read.ptr != part.data() + part.size())
            break; // 2.13.0+cpu, 5.0.0rc1
    }
    while (!out.empty() && out.back() == 0)
        out.pop_back();
    return out;
}

} // namespace

std::string Environment::version(std::string_view name) const
{
    const auto found = versions.find(normalised(name));
    return found == versions.end() ? std::string() : found->second;
}

Result<Environment> readEnvironment(const std::string& path, JobContext& job)
{
    Environment environment;
    std::error_code ignored;
    if (!fs::is_directory(path, ignored))
        return failure(Error("not-found", "There is no such folder: a Python environment is a folder with lib/python3.x/site-packages in it.").at(path)
                           .fixedBy("Name the folder of the virtual environment, as `python -c \"import sys; print(sys.prefix)\"` prints it."));
    for (const fs::path& folder : packageFolders(path)) {
        std::error_code failed;
        for (fs::directory_iterator entry(folder, failed), end; !failed && entry != end && environment.versions.size() < maximumPackages; entry.increment(failed)) {
            if (job.cancelled())
                return failure(cancelledError());
            if (entry->path().extension() == ".dist-info")
                readPackage(entry->path(), environment);
        }
        if (!environment.versions.empty()) {
            environment.path = folder.string();
            return environment;
        }
    }
    return failure(Error("not-found", "The folder holds no installed Python packages (no *.dist-info).").at(path)
                       .fixedBy("Name the folder of the virtual environment, as `python -c \"import sys; print(sys.prefix)\"` prints it."));
}

std::string activeEnvironment()
{
    for (const char* name : {"VIRTUAL_ENV", "CONDA_PREFIX"})
        if (const char* value = std::getenv(name); value && *value)
            return value;
    return {};
}

int compareVersions(std::string_view a, std::string_view b)
{
    const auto left = numbersOf(a);
    const auto right = numbersOf(b);
    return left < right ? -1 : left == right ? 0 : 1;
}

} // namespace weighbridge
