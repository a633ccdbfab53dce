// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/tokenizer/vocabulary_files.h"

#include "core/base/limits.h"
#include "core/base/text.h"

#include <fmt/format.h>

namespace weighbridge {

Result<std::string> readTokenizerText(const ByteSource& source)
{
    if (source.nbytes() > limits::tokenizerNbytes)
        return failure(Error("resource-bomb", fmt::format("The file has {}, more than the limit of {} for a tokenizer.", formatNbytes(source.nbytes()),
                                                          formatNbytes(limits::tokenizerNbytes))).at(source.path()));
    return source.read(0, source.nbytes()).map([](const std::vector<std::byte>& bytes) { return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()); });
}

Value::Map vocabularyOfLines(std::string_view text)
{
    Value::Map out;
    const auto lines = split(text, '\n');
    for (size_t i = 0; i < lines.size(); ++i) {
        std::string_view line = lines[i];
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        if (i + 1 < lines.size() || !line.empty())
            out.emplace_back(std::string(line), static_cast<int64_t>(i));
    }
    return out;
}

} // namespace weighbridge
