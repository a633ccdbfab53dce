// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/architecture/config.h"

#include "core/architecture/yaml.h"
#include "core/base/byte_source.h"
#include "core/base/interruptible_reads.h"
#include "core/base/json.h"
#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/checkpoint/sniff.h"
#include "core/diagnosis/new_finding.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace weighbridge {
namespace {

constexpr uint64_t maximumNbytes = limits::yamlNbytes; ///< of any config; a large one has some 100 KiB
constexpr size_t maximumFindings = 20;                 ///< of one kind

std::string extensionOf(const std::string& path)
{
    const size_t dot = path.rfind('.');
    return dot == std::string::npos ? std::string() : lowered(path.substr(dot));
}

std::string_view withoutMarkAndSpace(std::string_view text)
{
    if (text.starts_with("\xEF\xBB\xBF"))
        text.remove_prefix(3);
    return text.substr(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
}

size_t firstByteNotUtf8(std::string_view text)
{
    size_t place = 0;
    while (place < text.size()) {
        size_t length = 1;
        while (length <= 4 && !isValidUtf8(text.substr(place, length)))
            ++length;
        if (length > 4)
            break;
        place += length;
    }
    return place;
}

std::string fromLatin1(std::string_view text)
{
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<uint8_t>(c);
        if (byte < 0x80) {
            out += c;
        } else {
            out += static_cast<char>(0xC0 | byte >> 6);
            out += static_cast<char>(0x80 | (byte & 0x3F));
        }
    }
    return out;
}

void noteDuplicates(const std::vector<std::string>& keys, Config& config)
{
    for (size_t i = 0; i < std::min(keys.size(), maximumFindings); ++i) {
        Finding finding = warning("duplicate-key", fmt::format("Duplicate key: {} stands in the config more than once", shown(keys[i], 100)),
                                  "Readers take the last one, without a word; a person may have meant another.", "Delete all but one of them.");
        finding.evidence = {{"key", shown(keys[i])}};
        config.findings.push_back(std::move(finding));
    }
}

void noteNonFinite(const std::vector<std::string>& paths, Config& config)
{
    for (size_t i = 0; i < std::min(paths.size(), maximumFindings); ++i)
        config.findings.push_back(warning("config-syntax", fmt::format("{} is NaN, infinite or beyond what a double can hold", shown(paths[i], 100)), "Python reads NaN, Infinity and 1e400 (as infinity); other readers refuse the whole file.",
                                          "Replace it by a number, or by null."));
}

/// Sizes that no model can have: 1e300, -3, 2.5 under a name that is a size or a count.
void noteSizes(Config& config)
{
    for (const auto& [key, value] : *config.root.map()) {
        const bool isSize = key.ends_with("_size") || key.starts_with("num_") || key.starts_with("n_") || key.ends_with("_layers") || key.ends_with("_dim");
        const double number = value.number();
        if (!isSize || !value.isNumber() || !std::isfinite(number) || (number >= -1 && number <= 1e12) || config.findings.size() >= maximumFindings)
            continue;
        Finding finding = warning("bad-shape", fmt::format("{} is {}, which is no size", shown(key, 100), shown(toJson(value), 40)), "No tensor can have such a size, and a loader that believes it runs out of memory.",
                                  "Correct the field.");
        finding.evidence = {{"field", shown(key)}, {"value", shown(toJson(value), 40)}};
        config.findings.push_back(std::move(finding));
    }
}

void noteRemoteCode(Config& config)
{
    const Value* map = config.root.find("auto_map");
    if (!map || map->isNull())
        return;
    Finding finding = warning("remote-code", "The config asks for Python code of its own (auto_map)",
                              fmt::format("With trust_remote_code, loaders download and run it: {}. It is never run here.", shown(toJson(*map), 200)), "Read that code before you allow it to run.");
    finding.evidence = {{"auto_map", *map}};
    config.findings.push_back(std::move(finding));
}

Error notUsable(Error error)
{
    if (error.rule == "corrupt")
        error.rule = "config-syntax";
    if (error.message.find("beyond what a double") != std::string::npos) {
        error.rule = "bad-shape"; // 1e400, or thousands of digits: well formed, but no size and no number of anything
        error.message += " As a size it overflows.";
    }
    return error;
}

Result<Config> fromJson(std::string_view text, const std::string& path)
{
    auto document = parseJson(text, path);
    if (!document)
        return failure(notUsable(document.error()));
    Config config{std::move(document->value), path, "json", {}};
    noteDuplicates(document->duplicateKeys, config);
    noteNonFinite(document->nonFinite, config);
    if (document->byteOrderMark)
        config.findings.push_back(warning("config-syntax", "The config begins with a byte order mark", "Python's json and most other readers refuse a UTF-8 text with a byte order mark.", "Save it as UTF-8 without BOM."));
    return config;
}

Result<Config> fromYaml(std::string_view text, const std::string& path)
{
    auto document = parseYaml(text, path);
    if (!document)
        return failure(notUsable(document.error()));
    Config config{std::move(document->value), path, "yaml", {}};
    noteDuplicates(document->duplicateKeys, config);
    for (const std::string& sentence : document->oddities)
        config.findings.push_back(warning("config-syntax", sentence, "Readers differ in what they make of it.", "Write that place out."));
    return config;
}

/// JSON if it begins like JSON or is called so; else YAML, of which JSON is nearly a part.
Result<Config> parse(std::string_view text, const std::string& path)
{
    const std::string extension = extensionOf(path);
    const bool isYaml = extension == ".yaml" || extension == ".yml";
    const std::string_view start = withoutMarkAndSpace(text);
    if (start.starts_with('{') || start.starts_with('[') || extension == ".json") {
        auto config = fromJson(text, path);
        if (config || !isYaml)
            return config;
    }
    return fromYaml(text, path);
}

Result<std::string> readText(const ByteSource& source)
{
    const std::string& path = source.path();
    if (auto usable = sniffUnusable(source); !usable)
        return tl::unexpected(usable.error());
    const uint64_t nbytes = source.nbytes();
    if (nbytes > maximumNbytes)
        return failure(Error("resource-bomb", fmt::format("A config of {} is more than the limit of {}.", formatNbytes(nbytes), formatNbytes(maximumNbytes))).at(path));
    const auto bytes = source.read(0, nbytes);
    if (!bytes)
        return tl::unexpected(bytes.error());
    std::string text(reinterpret_cast<const char*>(bytes->data()), bytes->size());
    if (const size_t zero = text.find('\0'); zero != std::string::npos)
        return failure(Error("config-syntax", fmt::format("This is no text: byte {} is 0.", zero)).at(path).atByte(zero).fixedBy("Open the config, not a binary file."));
    return text;
}

} // namespace

Result<Config> loadConfig(const ByteSource& source)
{
    const std::string& path = source.path();
    auto text = readText(source);
    if (!text)
        return tl::unexpected(text.error());
    const bool isUtf8 = isValidUtf8(*text);
    auto config = parse(isUtf8 ? *text : fromLatin1(*text), path);
    if (!config)
        return config;
    if (!config->root.isMap())
        return failure(Error("config-format", fmt::format("A config is a map of fields; the top level of this file is {}.", config->root.isList() ? "a list" : "a single value"))
                           .at(path).expecting("a map").finding(config->root.isList() ? "a list" : "a value").fixedBy("Open the model's config.json."));
    if (!isUtf8) {
        const size_t byte = firstByteNotUtf8(*text);
        Finding finding = warning("config-syntax", fmt::format("The config is not UTF-8: byte {} is 0x{:02x}", byte, static_cast<uint8_t>((*text)[byte])),
                                  "JSON and YAML must be UTF-8, and most readers refuse the file. It was read as Latin-1.", "Save the file as UTF-8.");
        finding.evidence = {{"offset", static_cast<uint64_t>(byte)}};
        config->findings.push_back(std::move(finding));
    }
    noteSizes(*config);
    noteRemoteCode(*config);
    return config;
}

Result<Config> loadConfig(const std::string& path, JobContext& job)
{
    const InterruptibleReads reads(job);
    return openFile(path).and_then([](const SourcePtr& source) { return loadConfig(*source); });
}

} // namespace weighbridge
