// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/checkpoint/checkpoint.h"

#include <QList>
#include <QString>

namespace weighbridge {

/// A line of the Checkpoint panel. Plain text, safe to show, never rich text.
struct Property {
    QString name;     ///< "Format"
    QString value;    ///< "safetensors"
    QString toolTip;  ///< the exact or whole value where `value` is shortened; else empty
};

/// Format, tensors, parameters, buffers, size, dtypes (most frequent first), metadata line by line, checksum, files.
[[nodiscard]] QList<Property> properties(const Checkpoint& checkpoint);

} // namespace weighbridge
