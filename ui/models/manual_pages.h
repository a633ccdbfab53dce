// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <QStringList>

#include <string>

namespace weighbridge {

/// Installed beside the samples; in a source tree the documents themselves.
[[nodiscard]] QString manualFolder();

/// What other programs print where a rule's finding is the cause, from the rule's page of the manual; only what stands there word for word.
[[nodiscard]] QStringList loaderMessages(const std::string& rule);

} // namespace weighbridge
