// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <vector>

/// To add a parser to be fuzzed: write tests/fuzz/x.cpp that defines `const FuzzTarget& xFuzzTarget()`, and list `x` in
/// tests/fuzz/CMakeLists.txt. Formats need nothing: each one of the registry is a target under its id.
namespace weighbridge {

using FuzzBytes = std::span<const std::byte>;

struct FuzzTarget {
    std::string name;
    /// Parses hostile bytes. What must never happen ends the process: a sanitizer's alarm, or an assertion of the target itself.
    std::function<void(FuzzBytes)> parse;
    /// The inputs that a file (its path, its bytes) gives to start from; none if it is of no use here.
    std::function<std::vector<std::string>(const std::string&, FuzzBytes)> seedsOf;
};

/// Those of tests/fuzz/CMakeLists.txt, in its order (generated).
std::span<const FuzzTarget* const> allFuzzTargets();
/// A target for each format of the registry.
std::vector<FuzzTarget> formatFuzzTargets();
/// All of both.
std::vector<FuzzTarget> everyFuzzTarget();
/// The inputs that the files below a folder give a target to start from.
std::vector<std::string> seedsBelow(const FuzzTarget& target, const std::string& folder);

/// A seed that is the file itself, for files that `accepts` (by path and bytes).
std::function<std::vector<std::string>(const std::string&, FuzzBytes)> wholeFiles(std::function<bool(const std::string&, FuzzBytes)> accepts);
[[nodiscard]] std::string textOf(FuzzBytes bytes);
/// Ends the process if `isSo` is false: the parser broke a promise.
void require(bool isSo, const char* promise);

} // namespace weighbridge
