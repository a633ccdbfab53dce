// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/report/tensor_rows.h"

#include <QByteArray>

namespace weighbridge {

/// The strip's Found row in at most `maximum` cells, a RowState each; where nothing was found, what is expected there and missing. Any thread.
[[nodiscard]] QByteArray thumbnailOf(const TensorRows& rows, int maximum);

} // namespace weighbridge
