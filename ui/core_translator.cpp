// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/core_translator.h"

#include "ui/models/numbers.h"
#include "ui/models/tensor_texts.h"

#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>

#include <algorithm>
#include <cstring>

namespace weighbridge {
namespace {

constexpr int deepest = 6;           ///< sentences in places of sentences
constexpr qsizetype longest = 4'000; ///< characters; what a file made longer stays as it is
constexpr qsizetype telling = 10;    ///< letters of a sentence that is not found by chance
constexpr int mostParts = 32;        ///< sentences of a text, words of a list: a file may hold thousands
constexpr qsizetype mostKnown = 500;

bool endsSentence(const QString& piece)
{
    return piece.endsWith(u'.') || piece.endsWith(u'"');
}

/// Null where a place comes first.
QChar firstOf(const QString& piece)
{
    return piece.isEmpty() ? QChar() : piece[0].toLower();
}

/// A title that became a clause has a small first letter.
bool beginsAt(const QString& text, qsizetype at, const QString& piece)
{
    if (text.size() - at < piece.size())
        return false;
    return piece.isEmpty() ||
           (text[at].toLower() == piece[0].toLower() && QStringView(text).sliced(at + 1, piece.size() - 1) == QStringView(piece).sliced(1));
}

/// "86.7 MiB", "3.2 %": nothing but a number has one of these units.
QString measured(const QString& text)
{
    static const QRegularExpression measure(QStringLiteral("^\\d+\\.\\d+[ \\x{202f}](?:[KMGTPE]iB|%|s)$"));
    return measure.match(text).hasMatch() ? localized(text) : text;
}

bool isNumber(const QString& text)
{
    static const QRegularExpression number(QStringLiteral("^[-+\\x{2212}]?\\d+\\.\\d+(?:e[-+]?\\d+)?$"));
    return number.match(text).hasMatch();
}

/// {}, {0}: a place; {,}, {0,}: one of a number, which gets the comma.
const QRegularExpression& place()
{
    static const QRegularExpression expression(QStringLiteral("\\{(\\d?)(,?)\\}"));
    return expression;
}

} // namespace

std::optional<CoreTranslator::Sentence> CoreTranslator::parsed(const QString& english, QString translation)
{
    Sentence out;
    out.pieces = english.split(QStringLiteral("{}"));
    for (const QString& piece : std::as_const(out.pieces))
        out.letters += piece.size();
    QList<bool> isUsed(out.pieces.size() - 1, false);
    int places = 0;
    for (qsizetype at = 0; at < translation.size();) {
        const auto found = place().match(translation, at);
        if (!found.hasMatch())
            break;
        const int number = found.captured(1).isEmpty() ? places : found.captured(1).toInt();
        if (number >= isUsed.size() || isUsed[number])
            return std::nullopt;
        isUsed[number] = true;
        ++places;
        const QString numbered = QStringLiteral("{%1%2}").arg(number).arg(found.captured(2));
        translation.replace(found.capturedStart(), found.capturedLength(), numbered);
        at = found.capturedStart() + numbered.size();
    }
    const bool areApart = std::none_of(out.pieces.begin() + 1, std::max(out.pieces.begin() + 1, out.pieces.end() - 1),
                                       [](const QString& piece) { return piece.isEmpty(); });
    if (places != isUsed.size() || out.letters == 0 || !areApart)
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
    m_byFirst.clear();
    for (const Sentence& sentence : m_sentences)
        m_byFirst.try_emplace(firstOf(sentence.pieces.first()));
    for (auto& [first, sentences] : m_byFirst)
        for (const Sentence& sentence : m_sentences)
            if (const QChar begin = firstOf(sentence.pieces.first()); begin.isNull() || begin == first)
                sentences.push_back(&sentence);
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

/// Sentence by sentence.
QString CoreTranslator::translated(const QString& text, int depth) const
{
    QString out;
    int parts = 0;
    for (qsizetype at = 0; at < text.size(); ++parts) {
        if (parts == mostParts)
            return out + text.sliced(at);
        if (const auto [sentence, found] = sentenceAt(text, at); sentence) {
            out += filled(sentence->translation, found.arguments, depth);
            at = found.end;
            continue;
        }
        if (text[at] == u' ') {
            out += text[at++];
            continue;
        }
        const qsizetype end = text.indexOf(QLatin1String(". "), at);
        const qsizetype next = end < 0 ? text.size() : end + 1;
        out += unknown(text.sliced(at, next - at), depth);
        at = next;
    }
    return out;
}

std::pair<const CoreTranslator::Sentence*, CoreTranslator::Match> CoreTranslator::sentenceAt(const QString& text, qsizetype at) const
{
    const auto known = at < text.size() ? m_byFirst.find(text[at].toLower()) : m_byFirst.end();
    const auto sentences = known != m_byFirst.end() ? known : m_byFirst.find(QChar());
    if (sentences == m_byFirst.end())
        return {};
    for (const Sentence* sentence : sentences->second)
        if (auto found = sentence->letters <= text.size() - at ? match(*sentence, text, at) : std::nullopt)
            return {sentence, *std::move(found)};
    return {};
}

QString CoreTranslator::filled(const QString& translation, const QStringList& arguments, int depth) const
{
    QString out;
    qsizetype copied = 0;
    for (auto places = place().globalMatch(translation); places.hasNext();) {
        const auto one = places.next();
        const QString& given = arguments[one.captured(1).toInt()];
        out += QStringView(translation).sliced(copied, one.capturedStart() - copied);
        out += one.capturedLength(2) > 0 && isNumber(given) ? localized(given) : argument(given, depth);
        copied = one.capturedEnd();
    }
    return out + translation.sliced(copied);
}

/// What stands in a place may be a sentence, a word or a list of words that are known; or it comes from the file.
QString CoreTranslator::argument(const QString& text, int depth) const
{
    return depth >= deepest ? text : measured(translated(text, depth + 1));
}

/// A sentence that became a title, without its full stop; "encoder.weight: All values are 0."; "2 tensors missing, 3 of another shape."
QString CoreTranslator::unknown(const QString& text, int depth) const
{
    if (depth >= deepest || !text.contains(u' ')) // "module." is a name
        return text;
    if (const auto [sentence, found] = sentenceAt(text + u'.', 0); sentence && found.end > text.size())
        return filled(sentence->translation, found.arguments, depth).chopped(1);
    if (const qsizetype colon = text.indexOf(QLatin1String(": ")); colon >= 0 && !QStringView(text).first(colon).contains(u' '))
        return text.first(colon + 2) + argument(text.sliced(colon + 2), depth);
    if (text.endsWith(u'.'))
        return argument(text.chopped(1), depth) + u'.';
    QStringList parts = text.split(QStringLiteral(", "));
    if (parts.size() == 1 || parts.size() > mostParts)
        return text;
    for (QString& part : parts)
        part = argument(part, depth);
    return parts.join(QStringLiteral(", "));
}

/// A sentence with a full stop may be followed by another; anything else goes on to the end. What stands in its last place may be a text of several
/// sentences, as in "Not usable: {}"; in any other it is none, and what a sentence begins with is a name or a number.
std::optional<CoreTranslator::Match> CoreTranslator::match(const Sentence& sentence, const QString& text, qsizetype begin)
{
    const QStringList& pieces = sentence.pieces;
    const auto mayEndAt = [&](qsizetype end) { return end == text.size() || (text[end] == u' ' && endsSentence(pieces.last())); };
    if (!beginsAt(text, begin, pieces.first()))
        return std::nullopt;
    Match out{begin + pieces.first().size(), {}};
    const bool isWord = pieces.first().isEmpty() && sentence.letters < telling; // "{} layers"
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
        const QString& argument = out.arguments.last();
        const bool mayBeText = isLast && pieces[i].isEmpty();
        const bool isFirst = i == 1 && pieces.first().isEmpty();
        if (isWord ? argument.contains(u' ') : !mayBeText && argument.contains(QLatin1String(". ")))
            return std::nullopt;
        if (isFirst && argument.contains(QLatin1String(": ")))
            return std::nullopt;
        out.end = found + pieces[i].size();
    }
    return out;
}

} // namespace weighbridge
