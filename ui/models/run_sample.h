// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <QCoreApplication>
#include <QList>
#include <QString>

namespace weighbridge {

/// What a model is run on, by its class and model type, and an input that suits it.
struct RunSample {
    QString name;  ///< in the menu of samples
    QString text;
    QString pair;
    bool takesText = true;
    bool takesImage = false;
    bool comparesTexts = false; ///< with the image, one a line

    /// All that suit the model, the best first; at least one.
    [[nodiscard]] static QList<RunSample> all(const QString& className, const QString& modelType);
    [[nodiscard]] static RunSample of(const QString& className, const QString& modelType) { return all(className, modelType).first(); }

    Q_DECLARE_TR_FUNCTIONS(weighbridge::RunSample)
};

} // namespace weighbridge
