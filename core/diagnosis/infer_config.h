// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/job_context.h"
#include "core/comparison/comparison.h"

#include <optional>
#include <string>
#include <vector>

namespace weighbridge {

/// The config that names and shapes alone give.
struct InferredConfig {
    std::string modelType;
    std::string className;
    Value config;                          ///< as a config.json: model_type, architectures, the fields that are told or not as the library has them
    Value::Map told;                       ///< fields (paths) that the shapes fix, with their values
    Value::Map untold;                     ///< fields with other values that give the same shapes; the values are likely ones
    std::vector<std::string> alternatives; ///< other model types whose tensors have the same names and shapes
    size_t matched = 0;                    ///< tensors that the config asks for and that are there
    size_t expected = 0;                   ///< tensors that it asks for
    bool isExact = false;                  ///< nothing is missing, unexpected or of another shape: that is the proof
    /// "num_attention_heads, num_key_value_heads": what has to be looked up.
    [[nodiscard]] std::string untoldFields() const;
};

/// Tries the specifications of all model types, common ones first: their fields are solved for the found shapes, and the config is checked by what
/// it then expects. Nothing if less than half of the tensors are explained. Some hundred milliseconds where a common type fits, some seconds
/// where none does. Any thread.
[[nodiscard]] std::optional<InferredConfig> inferConfig(const std::vector<FoundTensor>& found, JobContext& job);

} // namespace weighbridge
