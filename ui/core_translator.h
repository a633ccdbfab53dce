// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <QHash>
#include <QStringList>
#include <QTranslator>

#include <map>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace weighbridge {

/// Puts core's sentences into the window's language. core knows no Qt, and what it says is also what --json says: English. So its sentences are the
/// keys, as in the sources that make them: "Every tensor name starts with {}". What stands in the places is found by matching, and is put into
/// the other language where it is known itself; a place {,} of a translation is a number and gets the language's decimal point. A sentence that is
/// not in the list stays as it is. Any thread.
class CoreTranslator : public QTranslator {
    Q_OBJECT
public:
    explicit CoreTranslator(QObject* parent = nullptr)
        : QTranslator(parent)
    {
    }

    /// A JSON object of sentences. False if it cannot be read, or if a translation has other places than its sentence.
    bool loadSentences(const QString& path);

    [[nodiscard]] QString translate(const char* context, const char* text, const char* disambiguation = nullptr, int n = -1) const override;
    [[nodiscard]] bool isEmpty() const override { return m_sentences.empty(); }

private:
    struct Sentence {
        QStringList pieces;    ///< what stands between the places; one more than these
        QString translation;   ///< places are {0}, {1} or {0,}
        qsizetype letters = 0; ///< of all pieces: the most specific is tried first
    };
    struct Match {
        qsizetype end = 0;
        QStringList arguments;
    };

    [[nodiscard]] static std::optional<Sentence> parsed(const QString& english, QString translation);
    [[nodiscard]] static std::optional<Match> match(const Sentence& sentence, const QString& text, qsizetype begin);
    [[nodiscard]] std::pair<const Sentence*, Match> sentenceAt(const QString& text, qsizetype at) const;
    [[nodiscard]] QString translated(const QString& text, int depth) const;
    [[nodiscard]] QString filled(const QString& translation, const QStringList& arguments, int depth) const;
    [[nodiscard]] QString argument(const QString& text, int depth) const;
    [[nodiscard]] QString unknown(const QString& text, int depth) const; ///< what is no sentence of the list

    std::vector<Sentence> m_sentences;
    std::map<QChar, std::vector<const Sentence*>> m_byFirst; ///< those that may begin with a letter; null: with any
    mutable std::mutex m_mutex;
    mutable QHash<QString, QString> m_known; ///< guarded by m_mutex; views ask for the same texts at each paint
};

} // namespace weighbridge
