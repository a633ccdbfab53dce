// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/checkpoint/sniff.h"

#include "core/base/json.h"
#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace weighbridge {
namespace {

constexpr std::string_view lfsStart = "version https://git-lfs.github.com/spec/";

std::string_view lineAfter(std::string_view text, std::string_view key)
{
    const size_t start = text.find(key);
    if (start == std::string_view::npos)
        return {};
    const std::string_view rest = text.substr(start + key.size());
    return rest.substr(0, rest.find('\n'));
}

Error lfsPointer(const ByteSource& source, std::string_view head)
{
    const std::string_view digits = lineAfter(head, "\nsize ");
    uint64_t size = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), size);
    const std::string oid = shown(lineAfter(head, "\noid sha256:"), 64);
    return Error("git-lfs-pointer",
                 fmt::format("This is a Git LFS pointer, not the file itself: the real file has {} bytes{}, this one has {}.",
                             groupDigits(size), oid.empty() ? "" : " (sha256 " + oid + ")", source.nbytes()))
        .at(source.path())
        .expecting(fmt::format("{} bytes", size))
        .finding(fmt::format("{} bytes", source.nbytes()))
        .fixedBy("Run `git lfs install && git lfs pull` in the repository, or download the file itself.");
}

Error htmlPage(const ByteSource& source, std::string_view head, bool xml)
{
    const std::string lower = lowered(head);
    std::string title;
    const std::string_view open = xml ? "<code>" : "<title>";
    if (const size_t start = lower.find(open); start != std::string::npos) {
        const size_t from = start + open.size();
        title = shown(head.substr(from, std::min<size_t>(lower.find("</", from), head.size()) - from), 80);
    }
    return Error("html-page", fmt::format("This is {} page{}, not a checkpoint: a login, quota or error page was saved in its place.",
                                          xml ? "an XML" : "an HTML", title.empty() ? "" : " (\"" + title + "\")"))
        .at(source.path())
        .atByte(0)
        .fixedBy("Download the file again with its real address, logged in if that is needed.");
}

/// What a server answers in place of a file, as JSON: {"error": ...}, {"message": ..., "documentation_url": ...}, {"detail": ...}.
std::optional<Error> jsonMessage(const ByteSource& source, std::string_view head)
{
    if (source.nbytes() > head.size())
        return std::nullopt;
    const auto document = parseJson(head);
    const Value::Map* map = document ? document->value.map() : nullptr;
    static constexpr std::array<std::string_view, 9> keys{"error", "errors", "message", "detail", "documentation_url", "status", "statusCode", "code", "success"};
    const auto isKnown = [](const auto& entry) { return std::find(keys.begin(), keys.end(), entry.first) != keys.end(); };
    if (!map || map->empty() || !std::any_of(map->begin(), map->end(), [](const auto& entry) { return entry.first == "error" || entry.first == "message" || entry.first == "detail"; })
        || static_cast<size_t>(std::count_if(map->begin(), map->end(), isKnown)) * 2 < map->size())
        return std::nullopt;
    return Error("not-a-checkpoint", fmt::format("This is a server's error message (\"{}\"), not a checkpoint: it was saved in the place of the file.", shown(head, 120)))
        .at(source.path())
        .atByte(0)
        .fixedBy("Download the file again with its real address, logged in if that is needed.");
}

/// A short sentence of a server in place of the file: "Entry not found", "Access to model x is restricted." A text pickle is no sentence.
std::optional<Error> sentence(const ByteSource& source, std::string_view head)
{
    constexpr size_t longest = 1000;
    while (!head.empty() && (head.back() == '\n' || head.back() == '\r'))
        head.remove_suffix(1);
    const auto isPrintable = [](char c) { return c >= ' ' && c <= '~'; };
    const auto isLower = [](char c) { return c >= 'a' && c <= 'z'; };
    const size_t word = std::min(head.find(' '), head.size());
    if (source.nbytes() > longest || word < 3 || word == head.size() || head[0] < 'A' || head[0] > 'Z' || !std::all_of(head.begin() + 1, head.begin() + static_cast<ptrdiff_t>(word), isLower)
        || !std::all_of(head.begin(), head.end(), isPrintable))
        return std::nullopt;
    return Error("not-a-checkpoint", fmt::format("This is a line of text (\"{}\"), not a checkpoint: a server's answer was saved in the place of the file.", shown(head, 120)))
        .at(source.path())
        .atByte(0)
        .fixedBy("Download the file again with its real address, logged in if that is needed.");
}

struct Signature {
    std::string_view bytes;
    size_t offset;
    std::string_view rule;
    std::string_view what;
    std::string_view fix;
};

using namespace std::string_view_literals;

constexpr std::string_view unpack = "Unpack it and open what is inside.";
constexpr std::array signatures{
    Signature{"\x1f\x8b"sv, 0, "wrong-format-for-extension", "looks like a gzip archive", unpack},
    Signature{"7z\xbc\xaf\x27\x1c"sv, 0, "wrong-format-for-extension", "looks like a 7z archive", unpack},
    Signature{"Rar!\x1a\x07"sv, 0, "wrong-format-for-extension", "looks like a RAR archive", unpack},
    Signature{"\xfd"
              "7zXZ\0"sv, 0, "wrong-format-for-extension", "looks like an xz archive", unpack},
    Signature{"\x28\xb5\x2f\xfd"sv, 0, "wrong-format-for-extension", "looks like a Zstandard archive", unpack},
    Signature{"BZh"sv, 0, "wrong-format-for-extension", "looks like a bzip2 archive", unpack},
    Signature{"age-encryption.org/"sv, 0, "encrypted", "is encrypted with age", "Decrypt it first, with the key of whoever sent it."},
    Signature{"-----BEGIN PGP MESSAGE"sv, 0, "encrypted", "is encrypted with OpenPGP", "Decrypt it first, with the key of whoever sent it."},
    Signature{"-----BEGIN AGE ENCRYPTED"sv, 0, "encrypted", "is encrypted with age", "Decrypt it first, with the key of whoever sent it."},
    Signature{"\x7f"
              "ELF"sv, 0, "not-a-checkpoint", "is a program or a library (ELF)", "Open the checkpoint, not the program."},
    Signature{"MZ\x90\0"sv, 0, "not-a-checkpoint", "is a Windows program", "Open the checkpoint, not the program."},
    Signature{"%PDF-"sv, 0, "not-a-checkpoint", "is a PDF document", "Open the checkpoint itself."},
    Signature{"\x89PNG"sv, 0, "not-a-checkpoint", "is a PNG picture", "Open the checkpoint itself."},
};

bool onlyZeros(std::span<const std::byte> bytes)
{
    return std::all_of(bytes.begin(), bytes.end(), [](std::byte byte) { return byte == std::byte{0}; });
}

/// A download that was set up but never written: zeros at the start, in the middle and at the end.
Result<bool> isAllZero(const ByteSource& source, std::span<const std::byte> head)
{
    if (!onlyZeros(head))
        return false;
    for (const uint64_t part : {1, 2, 3, 4}) {
        const uint64_t size = std::min<uint64_t>(source.nbytes(), 65536);
        const auto bytes = source.readUpTo((source.nbytes() - size) / 4 * part, size);
        if (!bytes)
            return tl::unexpected(bytes.error());
        if (!onlyZeros(*bytes))
            return false;
    }
    return true;
}

std::string_view trimmed(std::string_view text)
{
    if (text.substr(0, 3) == "\xEF\xBB\xBF")
        text.remove_prefix(3);
    const size_t start = text.find_first_not_of(" \t\r\n");
    return start == std::string_view::npos ? std::string_view{} : text.substr(start);
}

} // namespace

Result<void> sniffUnusable(const ByteSource& source)
{
    if (source.nbytes() == 0)
        return failure(Error("empty", "The file is empty (0 bytes): nothing was written or downloaded.").at(source.path())
                           .fixedBy("Download or save it again."));
    const auto bytes = source.readUpTo(0, 4096);
    if (!bytes)
        return tl::unexpected(bytes.error());
    const std::string_view head(reinterpret_cast<const char*>(bytes->data()), bytes->size());
    if (head.substr(0, lfsStart.size()) == lfsStart)
        return failure(lfsPointer(source, head));
    const std::string start = lowered(trimmed(head).substr(0, 64));
    for (const std::string_view html : {"<!doctype html", "<html", "<head", "<body"})
        if (start.substr(0, html.size()) == html)
            return failure(htmlPage(source, head, false));
    const bool isGraph = head.find("<net ") != std::string_view::npos; // of OpenVINO
    if ((start.substr(0, 5) == "<?xml" && !isGraph) || start.substr(0, 7) == "<error>")
        return failure(htmlPage(source, head, lowered(head).find("<html") == std::string::npos));
    if (start.starts_with('{'))
        if (auto message = jsonMessage(source, head))
            return failure(std::move(*message));
    if (auto message = sentence(source, head))
        return failure(std::move(*message));
    for (const Signature& signature : signatures)
        if (head.substr(signature.offset, signature.bytes.size()) == signature.bytes)
            return failure(Error(std::string(signature.rule), fmt::format("This file {}, not a checkpoint.", signature.what)).at(source.path())
                               .atByte(signature.offset).fixedBy(std::string(signature.fix)));
    const auto zero = isAllZero(source, *bytes);
    if (!zero)
        return tl::unexpected(zero.error());
    if (*zero)
        return failure(Error("not-a-checkpoint", fmt::format("All {} bytes that were looked at are zero: the room was reserved, but the download never "
                                                             "filled it.", groupDigits(source.nbytes())))
                           .at(source.path()).fixedBy("Download or copy the file again."));
    return {};
}

} // namespace weighbridge
