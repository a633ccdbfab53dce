// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <QString>

namespace weighbridge {

/// What a model is run on, by its class and model type, and an input that suits it.
struct RunSample {
    QString text;
    QString pair;
    bool takesText = true;
    bool takesImage = false;
    bool comparesTexts = false; ///< with the image, one a line

    [[nodiscard]] static RunSample of(const QString& className, const QString& modelType);
};

} // namespace weighbridge
