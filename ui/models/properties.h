// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/value.h"
#include "core/diagnosis/memory_need.h"
#include "core/report/tensor_rows.h"
#include "ui/models/checkpoint_totals.h"

#include <QList>
#include <QString>

namespace weighbridge {

/// A line of the Checkpoint panel. Plain text, safe to show, never rich text.
struct Property {
    QString name;     ///< "Format"
    QString value;    ///< "safetensors"
    QString toolTip;  ///< the exact or whole value where `value` is shortened; else empty
};

/// What loading, running and training takes, line by line, and what each device has room for; `available` in bytes, 0 if it is not known.
[[nodiscard]] QList<Property> memoryProperties(const MemoryNeed& need, uint64_t available, const std::vector<Device>& devices);
/// Format, tensors, tied ones (of the rows of a check), parameters, buffers, size, dtypes (most frequent first), metadata line by line, checksum, files.
[[nodiscard]] QList<Property> properties(const Checkpoint& checkpoint, const CheckpointTotals& totals, const TensorRows* rows = nullptr);
/// How a finding is known: a line for each number and word of its evidence.
[[nodiscard]] QList<Property> evidenceProperties(const Value::Map& evidence);

} // namespace weighbridge
