// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/core_translator.h"

#include "ui/models/tensor_texts.h"

#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>

#include <algorithm>
#include <cstring>

namespace weighbridge {
namespace {

constexpr int deepest = 3;           ///< sentences in places of sentences
constexpr qsizetype longest = 8'000; ///< characters; what a file made longer stays as it is
constexpr qsizetype mostKnown = 500;

bool endsSentence(const QString& piece)
{
    return piece.endsWith(u'.') || piece.endsWith(u'"');
}

/// A title that became a clause has a small first letter.
bool beginsAt(const QString& text, qsizetype at, const QString& piece)
{
    if (text.size() - at < piece.size())
        return false;
    return piece.isEmpty() ||
           (text[at].toLower() == piece[0].toLower() && QStringView(text).sliced(at + 1, piece.size() - 1) == QStringView(piece).sliced(1));
}

} // namespace

std::optional<CoreTranslator::Sentence> CoreTranslator::parsed(const QString& english, QString translation)
{
    static const QRegularExpression place(QStringLiteral("\\{(\\d?)\\}"));
    Sentence out;
    out.pieces = english.split(QStringLiteral("{}"));
    for (const QString& piece : std::as_const(out.pieces))
        out.letters += piece.size();
    QList<bool> isUsed(out.pieces.size() - 1, false);
    int places = 0;
    for (qsizetype at = 0; at < translation.size();) {
        const auto found = place.match(translation, at);
        if (!found.hasMatch())
            break;
        const int number = found.captured(1).isEmpty() ? places : found.captured(1).toInt();
        if (number >= isUsed.size() || isUsed[number])
            return std::nullopt;
        isUsed[number] = true;
        ++places;
        const QString numbered = QStringLiteral("{%1}").arg(number);
        translation.replace(found.capturedStart(), found.capturedLength(), numbered);
        at = found.capturedStart() + numbered.size();
    }
    if (places != isUsed.size() || out.letters == 0)
        return std::nullopt;
    out.translation = std::move(translation);
    return out;
}

bool CoreTranslator::loadSentences(const QString& path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return false;
    const QJsonObject object = QJsonDocument::fromJson(file.readAll()).object();
    for (auto entry = object.begin(); entry != object.end(); ++entry) {
        auto sentence = parsed(entry.key(), entry.value().toString());
        if (!sentence)
            return false;
        m_sentences.push_back(std::move(*sentence));
    }
    std::stable_sort(m_sentences.begin(), m_sentences.end(), [](const Sentence& a, const Sentence& b) { return a.letters > b.letters; });
    return !m_sentences.empty();
}

QString CoreTranslator::translate(const char* context, const char* text, const char*, int) const
{
    if (!context || std::strcmp(context, coreContext) != 0)
        return {};
    const QString english = QString::fromUtf8(text);
    if (english.size() > longest)
        return english;
    const std::scoped_lock lock(m_mutex);
    if (const auto known = m_known.constFind(english); known != m_known.constEnd())
        return *known;
    if (m_known.size() >= mostKnown)
        m_known.clear();
    return *m_known.insert(english, argument(english, 0));
}

/// Sentence by sentence; an unknown one is passed over.
QString CoreTranslator::translated(const QString& text, int depth) const
{
    QString out;
    for (qsizetype at = 0; at < text.size();) {
        if (text[at] == u' ') {
            out += text[at++];
            continue;
        }
        std::optional<Match> found;
        const auto sentence =
            std::find_if(m_sentences.begin(), m_sentences.end(), [&](const Sentence& one) { return (found = match(one, text, at)).has_value(); });
        if (sentence == m_sentences.end()) {
            const qsizetype end = text.indexOf(QLatin1String(". "), at);
            const qsizetype next = end < 0 ? text.size() : end + 1;
            out += QStringView(text).sliced(at, next - at);
            at = next;
            continue;
        }
        static const QRegularExpression place(QStringLiteral("\\{(\\d)\\}"));
        qsizetype copied = 0;
        for (auto places = place.globalMatch(sentence->translation); places.hasNext();) {
            const auto one = places.next();
            out += sentence->translation.sliced(copied, one.capturedStart() - copied) + argument(found->arguments[one.captured(1).toInt()], depth);
            copied = one.capturedEnd();
        }
        out += QStringView(sentence->translation).sliced(copied);
        at = found->end;
    }
    return out;
}

/// What stands in a place may be a sentence, a word or a list of words that are known; or it comes from the file.
QString CoreTranslator::argument(const QString& text, int depth) const
{
    if (depth >= deepest)
        return text;
    const QString whole = translated(text, depth + 1);
    if (whole != text || !text.contains(QLatin1String(", ")))
        return whole;
    QStringList parts = text.split(QStringLiteral(", "));
    for (QString& part : parts)
        part = translated(part, depth + 1);
    return parts.join(QStringLiteral(", "));
}

/// A sentence with a full stop may be followed by another; anything else goes on to the end.
std::optional<CoreTranslator::Match> CoreTranslator::match(const Sentence& sentence, const QString& text, qsizetype begin)
{
    const QStringList& pieces = sentence.pieces;
    const auto mayEndAt = [&](qsizetype end) { return end == text.size() || (text[end] == u' ' && endsSentence(pieces.last())); };
    if (!beginsAt(text, begin, pieces.first()))
        return std::nullopt;
    Match out{begin + pieces.first().size(), {}};
    if (pieces.size() == 1)
        return mayEndAt(out.end) ? std::optional(out) : std::nullopt;
    for (qsizetype i = 1; i < pieces.size(); ++i) {
        const bool isLast = i + 1 == pieces.size();
        qsizetype found = isLast && pieces[i].isEmpty() ? text.size() : text.indexOf(pieces[i], out.end);
        while (found >= 0 && isLast && !mayEndAt(found + pieces[i].size()))
            found = text.indexOf(pieces[i], found + 1);
        if (found < 0)
            return std::nullopt;
        out.arguments << text.sliced(out.end, found - out.end);
        out.end = found + pieces[i].size();
    }
    return out;
}

} // namespace weighbridge
