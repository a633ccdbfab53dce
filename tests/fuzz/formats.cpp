// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Every format of the registry, on files in memory and on folders of which one file is hostile. The HDF5 worker is not started: what it could answer
// is the target hdf5_answers, and libhdf5 itself runs in a sandbox because nobody promises anything about it.
#include "tests/fuzz/fuzz_target.h"

#include "core/architecture/file_architecture.h"
#include "core/base/json.h"
#include "core/base/limits.h"
#include "core/format/format.h"
#include "core/packing/unpack.h"
#include "core/report/inspect_answer.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <unistd.h>

namespace weighbridge {
namespace {

namespace fs = std::filesystem;

constexpr size_t readTensors = 32;
constexpr uint64_t readNbytes = 1024 * 1024; ///< of each of them: a tensor may declare more than any input holds

void readSome(const Checkpoint& checkpoint, const TensorInfo& tensor, JobContext& job)
{
    uint64_t seen = 0;
    const auto read = readTensor(checkpoint, tensor, job, [&seen](FuzzBytes block) {
        seen += block.size();
        return seen < readNbytes;
    });
    require(read || !read.error().message.empty(), "an Error has a sentence");
}

void readValues(const Checkpoint& checkpoint, JobContext& job)
{
    for (size_t i = 0; i < std::min(readTensors, checkpoint.tensors.size()); ++i)
        readSome(checkpoint, checkpoint.tensors[i], job);
}

/// The weights that packed numbers stand for, as openCheckpoint() finds them.
void readPacked(Checkpoint checkpoint, JobContext& job)
{
    checkpoint.packedWeights = findPackedWeights(checkpoint, job);
    for (const TensorInfo& tensor : checkpoint.tensors)
        if (const TensorInfo weight = checkpoint.unpacked(tensor); weight.storage.kind == StorageKind::Packed)
            readSome(checkpoint, weight, job);
}

std::string textOfFile(const fs::path& path)
{
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

void writeFile(const fs::path& path, const std::string& text)
{
    std::ofstream(path, std::ios::binary) << text;
}

void open(const Format& format, const Candidate& candidate)
{
    if (!format.probe(candidate))
        return;
    JobContext job;
    const auto checkpoint = format.open(candidate, job);
    require(checkpoint || !checkpoint.error().message.empty(), "an Error has a sentence");
    const Checkpoint* listed = checkpoint ? &*checkpoint : checkpoint.error().partial.get();
    if (!listed)
        return;
    require(listed->tensors.size() <= limits::tensors, "the number of tensors is capped");
    (void)inspectHeadAnswer(*listed);
    readValues(*listed, job);
    (void)expectedByItself(*listed, job);
    if (!checkpoint)
        return;
    (void)format.verify(*checkpoint, job);
    readPacked(*checkpoint, job);
}

Candidate candidateOf(const std::string& path, FuzzBytes bytes)
{
    auto source = memorySource({bytes.begin(), bytes.end()}, path);
    return {path, false, bytes.first(std::min<size_t>(bytes.size(), 4096)), bytes.size(), std::move(source)};
}

/// A sample of tests/data/formats.json that is made of several files, copied so that one of them can be replaced.
struct PartedSample {
    fs::path root;               ///< the copy's folder
    fs::path opened;             ///< what is opened: the folder, or a file in it
    std::vector<fs::path> parts; ///< its files, sorted
};

constexpr size_t mostParts = 12; ///< a file in a folder with more stands there by itself

/// Deleted when the program ends.
class TemporaryFolder {
public:
    TemporaryFolder() { require(::mkdtemp(m_path.data()) != nullptr, "the temporary folder can be made"); }
    ~TemporaryFolder() { fs::remove_all(m_path); }
    [[nodiscard]] fs::path path() const { return m_path; }

private:
    std::string m_path = (fs::temp_directory_path() / "weighbridge-fuzz-XXXXXX").string();
};

const TemporaryFolder& temporaryFolder()
{
    static const TemporaryFolder folder;
    return folder;
}

std::vector<PartedSample> partedSamples(std::string_view format)
{
    const fs::path data(WEIGHBRIDGE_SOURCE_DIR "/tests/data");
    const auto listed = parseJson(textOfFile(data / "formats.json"));
    const Value* entries = listed ? listed->value.find(format) : nullptr;
    std::vector<PartedSample> out;
    for (const Value& entry : entries ? *entries->list() : Value::List()) {
        const fs::path path = data / entry.find("path")->stringOr("");
        const fs::path root = fs::is_directory(path) ? path : path.parent_path();
        PartedSample sample;
        sample.root = temporaryFolder().path() / format / std::to_string(out.size());
        sample.opened = sample.root / fs::relative(path, root);
        for (const fs::directory_entry& file : fs::recursive_directory_iterator(root))
            if (file.is_regular_file())
                sample.parts.push_back(sample.root / fs::relative(file.path(), root));
        if (sample.parts.size() < 2 || sample.parts.size() > mostParts)
            continue;
        std::sort(sample.parts.begin(), sample.parts.end());
        fs::create_directories(sample.root.parent_path());
        fs::copy(root, sample.root, fs::copy_options::recursive);
        out.push_back(std::move(sample));
    }
    return out;
}

/// The first byte of an input says what the others are: 0 a file by itself, n the part n - 1 of the samples that are made of several files.
class FormatInput {
public:
    explicit FormatInput(const Format& format) : m_format(format) {}

    void parse(FuzzBytes input)
    {
        if (input.empty())
            return;
        const size_t place = std::to_integer<size_t>(input[0]);
        if (place == 0)
            return open(m_format, candidateOf("fuzz", input.subspan(1)));
        const auto& all = samples();
        size_t before = 1;
        for (const PartedSample& sample : all) {
            if (place - before < sample.parts.size())
                return parseWith(sample, sample.parts[place - before], input.subspan(1));
            before += sample.parts.size();
        }
    }

    std::vector<std::string> seedsOf(const std::string& path, FuzzBytes bytes)
    {
        std::vector<std::string> out;
        if (m_format.probe(candidateOf(path, bytes)))
            out.push_back('\0' + textOf(bytes));
        char place = 1;
        for (const PartedSample& sample : samples())
            for (const fs::path& part : sample.parts) {
                if (part.filename() == fs::path(path).filename())
                    out.push_back(place + textOf(bytes));
                ++place;
            }
        return out;
    }

private:
    const std::vector<PartedSample>& samples()
    {
        if (!m_samples)
            m_samples = partedSamples(m_format.info().id);
        return *m_samples;
    }

    void parseWith(const PartedSample& sample, const fs::path& part, FuzzBytes bytes)
    {
        const std::string healthy = textOfFile(part);
        writeFile(part, textOf(bytes));
        if (fs::is_directory(sample.opened)) {
            open(m_format, {sample.opened.string(), true, {}, 0, nullptr});
        } else {
            const std::string opened = textOfFile(sample.opened);
            open(m_format, candidateOf(sample.opened.string(), std::as_bytes(std::span(opened))));
        }
        writeFile(part, healthy);
    }

    const Format& m_format;
    std::optional<std::vector<PartedSample>> m_samples;
};

} // namespace

std::vector<FuzzTarget> formatFuzzTargets()
{
    ::setenv("WEIGHBRIDGE_HDF5_WORKER", "/nonexistent", 1);
    std::vector<FuzzTarget> out;
    for (const Format* format : allFormats()) {
        const auto input = std::make_shared<FormatInput>(*format);
        out.push_back({std::string(format->info().id), [input](FuzzBytes bytes) { input->parse(bytes); },
                       [input](const std::string& path, FuzzBytes bytes) { return input->seedsOf(path, bytes); }});
    }
    return out;
}

} // namespace weighbridge
