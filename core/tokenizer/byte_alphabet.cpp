// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/tokenizer/byte_alphabet.h"

#include "core/tokenizer/unicode.h"

#include <array>
#include <unordered_map>

namespace weighbridge {
namespace {

std::array<char32_t, 256> makeAlphabet()
{
    std::array<char32_t, 256> out{};
    char32_t next = 0x100;
    for (char32_t byte = 0; byte < 256; ++byte) {
        const bool isPrintable = (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte != 0xAD);
        out[byte] = isPrintable ? byte : next++;
    }
    return out;
}

const std::array<char32_t, 256>& alphabet()
{
    static const std::array<char32_t, 256> letters = makeAlphabet();
    return letters;
}

} // namespace

std::string bytesAsCharacters(std::string_view bytes)
{
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const char byte : bytes)
        unicode::append(out, alphabet()[static_cast<uint8_t>(byte)]);
    return out;
}

std::string charactersAsBytes(std::string_view text)
{
    static const std::unordered_map<char32_t, char> back = [] {
        std::unordered_map<char32_t, char> map;
        for (size_t byte = 0; byte < 256; ++byte)
            map[alphabet()[byte]] = static_cast<char>(byte);
        return map;
    }();
    std::string out;
    for (const unicode::Character& character : unicode::characters(text)) {
        const auto byte = back.find(character.code);
        if (byte == back.end())
            out += character.bytes;
        else
            out += byte->second;
    }
    return out;
}

} // namespace weighbridge
