// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A frozen graph: https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/framework/graph.proto
#include "core/format/format.h"

#include "core/diagnosis/new_finding.h"
#include "core/format/detail/tf_graph.h"

#include <algorithm>
#include <cctype>

namespace weighbridge {
namespace {

bool isWord(std::string_view text, std::string_view others)
{
    return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || others.find(c) != std::string_view::npos; });
}

/// The text field at the start of `bytes`, which it is taken from; empty if there is none of less than 128 bytes.
std::string_view takeShortText(std::string_view& bytes, char key)
{
    if (bytes.size() < 2 || bytes[0] != key || static_cast<uint8_t>(bytes[1]) > bytes.size() - 2)
        return {};
    const auto length = static_cast<uint8_t>(bytes[1]);
    const std::string_view text = bytes.substr(2, length < 128 ? length : 0);
    bytes.remove_prefix(2 + size_t(length));
    return text;
}

class TfGraphDef final : public Format {
public:
    FormatInfo info() const override { return {"tf-graphdef", "TensorFlow graph", {".pb"}}; }

    /// The first node: its name, then the operator. Longer names than 127 bytes do not begin a graph.
    bool probe(const Candidate& candidate) const override
    {
        std::string_view head(reinterpret_cast<const char*>(candidate.head.data()), candidate.head.size());
        if (candidate.isFolder || head.size() < 6 || head[0] != '\x0A')
            return false;
        const size_t afterLength = 2 + static_cast<size_t>(std::find_if(head.begin() + 1, head.begin() + 6, [](char c) { return static_cast<uint8_t>(c) < 128; }) - (head.begin() + 1));
        head.remove_prefix(std::min(afterLength, head.size()));
        const std::string_view name = takeShortText(head, '\x0A');
        const std::string_view op = takeShortText(head, '\x12');
        return isWord(name, "_./-") && isWord(op, "_>") && op.front() >= 'A';
    }

    Result<Checkpoint> open(const Candidate& candidate, JobContext& job) const override
    {
        Checkpoint checkpoint;
        checkpoint.shards.push_back({candidate.path, "tf-graphdef", candidate.source});
        checkpoint.metadata = Value::Map{};
        const WireField whole{0, 2, 0, 0, candidate.nbytes};
        return readTfGraph(*candidate.source, whole, job, checkpoint).map([&] {
            if (!checkpoint.metadata.find("producer"))
                noteNoVersion(checkpoint);
            return std::move(checkpoint);
        });
    }

private:
    static void noteNoVersion(Checkpoint& checkpoint)
    {
        checkpoint.findings.push_back(warning("truncated", "The graph says no version",
                                              "TensorFlow writes the graph's version behind its nodes: the end of the file is probably cut.",
                                              "Copy or download the file again."));
    }
};

} // namespace

const Format& tfGraphdefFormat()
{
    static const TfGraphDef format;
    return format;
}

} // namespace weighbridge
