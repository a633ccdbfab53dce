// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/report/report.h"

#include <functional>
#include <span>
#include <string_view>

/// To add an output: write core/report/x.cpp that derives from Output and defines `const Output& xOutput()`, and list `x` in
/// core/report/CMakeLists.txt. What people read is written from documentOf(), so that all outputs say the same. The PDF needs Qt: ui/report.
namespace weighbridge {

/// Takes the next piece of an output.
using TextSink = std::function<Result<void>(std::string_view)>;

struct OutputInfo {
    std::string_view id;        ///< "markdown"
    std::string_view extension; ///< of file names, without the dot: "md"
    std::string_view title;     ///< for a file dialogue: "Markdown"
};

/// Stateless and const; one object per output; any thread.
class Output {
public:
    virtual ~Output() = default;
    [[nodiscard]] virtual OutputInfo info() const = 0;
    /// Errors are the sink's own, and `cancelled`.
    [[nodiscard]] virtual Result<void> write(const Report& report, JobContext& job, const TextSink& sink) const = 0;
};

/// In the order of core/report/CMakeLists.txt (generated).
[[nodiscard]] std::span<const Output* const> allOutputs();
/// By the ending of a file's name; null if there is none ("pdf" is not of these).
[[nodiscard]] const Output* outputFor(std::string_view path);
/// The Error of a name whose ending is that of no output.
[[nodiscard]] Error unknownEnding(const std::string& path);
/// Writes a report as what the name's ending says: whole or not at all. Error `usage` for an ending that is none.
[[nodiscard]] Result<void> writeReport(const Report& report, const std::string& path, JobContext& job);

} // namespace weighbridge
