// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/architecture/architecture_spec.h"

#include "core/base/resources.h"
#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <set>

namespace weighbridge {
namespace {

namespace fs = std::filesystem;

constexpr uintmax_t maximumTextNbytes = 4 << 20; ///< of a file that is only looked at; the largest has a tenth of it
constexpr const char* besideConfig = "weighbridge-architecture.json";

std::vector<fs::path> architectureFolders()
{
    return {fs::path(settingsFolder()) / "architectures", fs::path(resourceFolder()) / "architectures"};
}

/// A model type becomes a file's name, so nothing that could lead elsewhere is let through.
bool isFileName(const std::string& modelType)
{
    return !modelType.empty() && modelType.size() <= 100 && modelType[0] != '.' && std::all_of(modelType.begin(), modelType.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
    });
}

size_t editDistance(std::string_view a, std::string_view b)
{
    std::vector<size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), size_t{0});
    for (size_t i = 1; i <= a.size(); ++i) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t k = 1; k <= b.size(); ++k) {
            const size_t above = row[k];
            row[k] = std::min({above + 1, row[k - 1] + 1, diagonal + (a[i - 1] == b[k - 1] ? 0 : 1)});
            diagonal = above;
        }
    }
    return row[b.size()];
}

std::string nearest(const std::string& modelType, const std::vector<std::string>& known)
{
    const auto distance = [&modelType](const std::string& name) { return editDistance(modelType, name); };
    const auto found = std::min_element(known.begin(), known.end(), [&](const std::string& a, const std::string& b) { return distance(a) < distance(b); });
    return found != known.end() && distance(*found) <= std::max<size_t>(2, modelType.size() / 3) ? *found : std::string();
}

Error unknownModelType(const std::string& modelType, const std::vector<std::string>& known)
{
    const std::string near = nearest(modelType.substr(0, 100), known);
    std::string message = fmt::format("What a model of type {} holds is not known: there is no specification of it among the {} known ones{}.", shown(modelType, 100), known.size(),
                                      near.empty() ? "" : " (the nearest name is " + near + ")");
    if (known.size() <= 40)
        message += fmt::format(" Known: {}.", fmt::join(known, ", "));
    return Error("unknown-model-type", message).fixedBy("Check model_type in the config, compare with a reference checkpoint instead, or describe the architecture in a file (docs/adding-an-architecture.md).");
}

} // namespace

ArchitectureLibrary::ArchitectureLibrary(std::string folder)
    : m_folder(std::move(folder))
{
}

Result<std::shared_ptr<const ArchitectureSpec>> ArchitectureLibrary::find(const std::string& modelType)
{
    if (const auto known = m_loaded.find(modelType); known != m_loaded.end())
        return known->second;
    std::vector<fs::path> candidates;
    if (!m_folder.empty())
        candidates.push_back(fs::path(m_folder) / besideConfig);
    if (isFileName(modelType))
        for (const fs::path& folder : architectureFolders())
            candidates.push_back(folder / (modelType + ".json"));
    for (const fs::path& path : candidates) {
        std::error_code ignored;
        if (!fs::is_regular_file(path, ignored))
            continue;
        auto spec = ArchitectureSpec::load(path.string());
        if (!spec)
            return tl::unexpected(spec.error());
        if (spec->modelType() == modelType)
            return m_loaded[modelType] = std::make_shared<const ArchitectureSpec>(std::move(*spec));
    }
    return failure(unknownModelType(modelType, modelTypes()));
}

std::vector<std::string> ArchitectureLibrary::modelTypes() const
{
    std::set<std::string> out;
    for (const fs::path& folder : architectureFolders()) {
        std::error_code ignored;
        for (fs::directory_iterator entry(folder, ignored), end; entry != end; entry.increment(ignored))
            if (entry->path().extension() == ".json")
                out.insert(entry->path().stem().string());
    }
    return {out.begin(), out.end()};
}

std::vector<std::string> ArchitectureLibrary::modelTypesWith(const std::vector<std::string>& words, size_t most) const
{
    std::vector<std::pair<size_t, std::string>> counted;
    std::set<std::string> known;
    for (const fs::path& folder : architectureFolders()) {
        std::error_code ignored;
        for (fs::directory_iterator entry(folder, ignored), end; entry != end; entry.increment(ignored)) {
            const uintmax_t nbytes = entry->file_size(ignored);
            if (entry->path().extension() != ".json" || nbytes > maximumTextNbytes || !known.insert(entry->path().stem().string()).second)
                continue;
            std::string text(nbytes, '\0');
            std::ifstream(entry->path(), std::ios::binary).read(text.data(), static_cast<std::streamsize>(nbytes));
            const auto count = std::count_if(words.begin(), words.end(), [&text](const std::string& word) { return text.find(word) != std::string::npos; });
            counted.emplace_back(static_cast<size_t>(count), entry->path().stem().string());
        }
    }
    std::sort(counted.begin(), counted.end(), [](const auto& a, const auto& b) { return a.first != b.first ? a.first > b.first : a.second < b.second; });
    std::vector<std::string> out;
    for (size_t i = 0; i < std::min(counted.size(), most); ++i)
        out.push_back(std::move(counted[i].second));
    return out;
}

} // namespace weighbridge
