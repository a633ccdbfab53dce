// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/job_context.h"
#include "core/checkpoint/checkpoint.h"

#include <string>

namespace weighbridge {

/// How a second weight file of a folder differs from the first, by its header; by its values too, as long as both are small.
struct FolderDifference {
    size_t common = 0;      ///< names that both have
    size_t onlyFirst = 0;
    size_t onlySecond = 0;
    size_t shapes = 0;      ///< of the common ones, those of another shape
    size_t dtypes = 0;      ///< ... of the same shape and another dtype
    size_t values = 0;      ///< ... of the same shape and dtype and other values
    bool valuesCompared = false;
    std::string example;    ///< the first name that differs

    /// The files hold different models (or different steps of one); another dtype alone is the same model.
    [[nodiscard]] bool isOther() const { return common > 0 && onlyFirst + onlySecond + shapes + values > 0; }
    /// What stands behind the second file's name in a sentence; with its full stop.
    [[nodiscard]] std::string sentence() const;
    [[nodiscard]] Value evidence() const;
};

FolderDifference differenceOf(const Checkpoint& first, const Checkpoint& second, JobContext& job);

} // namespace weighbridge
