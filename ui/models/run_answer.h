// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/value.h"

#include <QCoreApplication>
#include <QList>
#include <QString>
#include <QStringList>

#include <optional>

namespace weighbridge {

/// What the worker answered to "run", as the page shows it. Every field may be absent: it comes from another process.
struct RunAnswer {
    struct Token {
        QString text;
        qint64 id = 0;
        bool isSpecial = false;
        bool isMask = false;
    };
    struct Row {
        QString heading;     ///< of the rows from this one on; empty: as before
        QString label;
        double share = 0;    ///< 0 to 1, of the bar
        QString value;
        bool isOthers = false; ///< all that is not listed
        qint64 rank = 0;     ///< from 1; 0: it has none
        qint64 id = -1;      ///< of the token or the label; -1: it has none
    };
    struct Layer {
        QString name;
        double mean = 0, std = 0;
        double change = 0;         ///< |after - before| / |before|; NaN if not known
        double distance = 0;       ///< to the other model's, relative; NaN if there is none or its shape differs
        qint64 nan = 0, inf = 0;
    };

    QString className, device, dtype, task;
    QList<Token> tokens;
    QList<Row> results;
    QList<Row> proof;              ///< one per built-in sentence
    std::optional<double> loss, guessing;
    std::optional<double> similarity; ///< cosine of the embeddings of two texts
    QList<Layer> layers;
    QList<std::pair<QString, QString>> measurements; ///< what, how much
    QStringList notes;
    QString verdict;               ///< of the proof: "learned", "guesses", "cannot-tell"
    qint64 proofTokens = 0;        ///< that the loss is the mean of
    QString suspect;               ///< the layer that the model does as well without; empty: none
    std::optional<double> lossWithoutSuspect, lossWithAll; ///< of the same sentences
    QString besidePath;            ///< of the model that was run beside; empty: none
    QString partsAt;               ///< the layer where the two part; empty: nowhere

    [[nodiscard]] static RunAnswer from(const Value& answer);
    /// "It runs, and it has learned: loss 2.31, guessing would give 10.33"
    [[nodiscard]] QString sentence() const;
    /// What that rests on: "Mean loss on 91 tokens ...", or what the outputs are.
    [[nodiscard]] QString explanation() const;
    [[nodiscard]] bool hasBrokenLayer() const;
    /// "The two part at layer 2"; empty without another model.
    [[nodiscard]] QString besideSentence() const;

    Q_DECLARE_TR_FUNCTIONS(weighbridge::RunAnswer)
};

} // namespace weighbridge
