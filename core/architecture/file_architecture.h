// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/architecture/expected_model.h"

#include <optional>
#include <span>
#include <string_view>

/// Files that carry their own architecture: what they should hold follows from themselves. To add one: write core/architecture/x.cpp that derives
/// from FileArchitecture and defines `const FileArchitecture& xFileArchitecture()`, and list `x` in core/architecture/CMakeLists.txt.
namespace weighbridge {

/// What was read of a checkpoint's weights, of a model folder those inside it.
struct OwnFile {
    std::string_view format; ///< of the weights: "keras-v3"
    const Value& metadata;   ///< what their reader says
    const Checkpoint& checkpoint;
};

/// Stateless and const; one object per kind of file; any thread.
class FileArchitecture {
public:
    virtual ~FileArchitecture() = default;
    /// What the file asks for, in its own names; sizes that it leaves open are -1. Nothing if it says nothing, or nothing that is understood.
    [[nodiscard]] virtual std::optional<ExpectedModel> expected(const OwnFile& file, JobContext& job) const = 0;
};

/// In the order of core/architecture/CMakeLists.txt (generated).
[[nodiscard]] std::span<const FileArchitecture* const> allFileArchitectures();

/// What the first of them says that says anything. Sizes that the architecture leaves open are those that the file has.
[[nodiscard]] std::optional<ExpectedModel> expectedByItself(const Checkpoint& checkpoint, JobContext& job);

} // namespace weighbridge
