// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/models/tensor_texts.h"

#include "core/base/text.h"
#include "ui/models/numbers.h"

#include <QCoreApplication>
#include <QFileInfo>
#include <QRegularExpression>
#include <QStringList>

#include <algorithm>
#include <cmath>

namespace weighbridge {
namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("weighbridge", text);
}

/// A class, or "In the file only".
bool isOurs(const TensorTree& tree, int node)
{
    return tree.node(node).kind == TensorNode::Kind::Model;
}

QString sideText(const TensorTree& tree, int node, const Shape* shape, bool sideIsKnown)
{
    if (!tree.tensor(node) || !sideIsKnown)
        return {};
    return shape ? shapeText(*shape) : QStringLiteral("–");
}

constexpr QChar minus(0x2212);

/// The numbers of core's sentences as the window writes them: bytes with their digits in groups, a true minus. Only numbers that stand free: a
/// name, a shape or a list is what the file says.
QString typeset(QString text)
{
    static const QRegularExpression aboutBytes(QStringLiteral("\\bbytes?\\b"), QRegularExpression::CaseInsensitiveOption);
    static const QRegularExpression many(QStringLiteral("(?<=^|\\s|\\()(?<! x )(\\d{5,19})(?! x )(?=[,.;:)]*(?:\\s|$))"));
    static const QRegularExpression negative(QStringLiteral("(?<=^|\\s|\\()-(?=\\d)"));
    text.replace(negative, minus);
    if (!text.contains(aboutBytes))
        return text;
    QString out;
    qsizetype copied = 0;
    for (auto numbers = many.globalMatch(text); numbers.hasNext();) {
        const auto number = numbers.next();
        out += text.mid(copied, number.capturedStart(1) - copied) + QString::fromStdString(groupDigits(number.captured(1).toULongLong()));
        copied = number.capturedEnd(1);
    }
    return out + text.mid(copied);
}

} // namespace

std::string translated(const std::string& english)
{
    const bool isText = isValidUtf8(english) && english.find('\0') == std::string::npos;
    return isText ? typeset(QCoreApplication::translate(coreContext, english.c_str())).toStdString() : english;
}

QString errorText(const Error& error, size_t maximum)
{
    return fromCore(error.fix.empty() ? error.message : error.message + " " + error.fix, maximum);
}

QString fromFile(std::string_view text)
{
    return QString::fromStdString(shown(text));
}

QString fromCore(const std::string& english, size_t maximum)
{
    return QString::fromStdString(shown(translated(english), maximum));
}

QString fileName(const QString& path)
{
    QString name = QFileInfo(path).fileName();
    if (name.isEmpty()) // "folder/"
        name = QFileInfo(QFileInfo(path).absolutePath()).fileName();
    return fromFile(name.toStdString());
}

QString longText(std::string_view text)
{
    constexpr size_t maximum = 4000;
    QStringList lines;
    for (const std::string_view line : split(text.substr(0, maximum), '\n'))
        lines.append(QString::fromStdString(shown(line, maximum)));
    return lines.join(QLatin1Char('\n'));
}

QString stateWord(RowState state)
{
    // core's words, for lupdate to see
    [[maybe_unused]] static constexpr const char* words[] = {
        QT_TRANSLATE_NOOP("weighbridge", "present"),       QT_TRANSLATE_NOOP("weighbridge", "matched"),
        QT_TRANSLATE_NOOP("weighbridge", "tied"),          QT_TRANSLATE_NOOP("weighbridge", "ignored"),
        QT_TRANSLATE_NOOP("weighbridge", "renamed"),       QT_TRANSLATE_NOOP("weighbridge", "dtype"),
        QT_TRANSLATE_NOOP("weighbridge", "shape"),         QT_TRANSLATE_NOOP("weighbridge", "undecidable"),
        QT_TRANSLATE_NOOP("weighbridge", "unexpected"),    QT_TRANSLATE_NOOP("weighbridge", "zero"),
        QT_TRANSLATE_NOOP("weighbridge", "never trained"), QT_TRANSLATE_NOOP("weighbridge", "NaN, Inf"),
        QT_TRANSLATE_NOOP("weighbridge", "missing"),       QT_TRANSLATE_NOOP("weighbridge", "lost")};
    return tr(word(state).data());
}

QString stateSentence(RowState state)
{
    switch (state) {
    case RowState::Present: return tr("In the file. Nothing is known of what is expected.");
    case RowState::Matched: return tr("Expected and found, with the same shape.");
    case RowState::Tied:
        return tr("Not in the file: its values are those of a tensor that is, and stored once.");
    case RowState::Ignored: return tr("Differs, but the loader says nothing about it. Safe to ignore.");
    case RowState::Renamed: return tr("The loader itself maps the name in the file to this one.");
    case RowState::DTypeDiffers: return tr("The file holds another dtype than is expected.");
    case RowState::Undecidable: return tr("The values cannot tell whether it was trained.");
    case RowState::Unexpected: return tr("In the file, but the model has no tensor of this name.");
    case RowState::ShapeDiffers: return tr("The file holds another shape than is expected.");
    case RowState::AllZero: return tr("All values are 0.");
    case RowState::NeverTrained: return tr("The values look as an initialiser leaves them: never trained, or never loaded.");
    case RowState::NonFinite: return tr("Holds NaN or infinite values.");
    case RowState::Missing: return tr("The model expects it, the file does not hold it.");
    case RowState::Lost: return tr("The header names it, but its bytes are not in the file.");
    }
    return {};
}

QString shapeText(const Shape& shape)
{
    return shape.empty() ? tr("scalar")
                         : QString::fromStdString(formatShape(ExpectedTensor{{}, shape})); // sizes that are left open are question marks
}

QString significant(double number)
{
    const double size = std::abs(number);
    const bool isPlain = number == 0 || (size >= 1e-3 && size < 1e6);
    const int decimals = !isPlain || number == 0 ? 0 : std::max(0, 2 - int(std::floor(std::log10(size))));
    QString text = isPlain ? QString::number(number, 'f', decimals) : QString::number(number, 'e', 2);
    return localized(text.replace(u'-', minus));
}

QString exactBytes(uint64_t nbytes)
{
    return tr("%1 bytes").arg(QString::fromStdString(groupDigits(nbytes)));
}

QString labelText(const TensorTree& tree, int node)
{
    const std::string label(tree.label(node));
    const QString text = label.empty() ? tr("(no name)") : isOurs(tree, node) ? fromCore(label) : fromFile(label);
    const std::string_view note = tree.note(node);
    return note.empty() ? text : text + QStringLiteral("  ") + fromCore(std::string(note));
}

QString fullNameText(const TensorTree& tree, int node)
{
    const std::string name(tree.fullName(node));
    return isOurs(tree, node) ? fromCore(name) : fromFile(name);
}

int mutedFrom(const TensorTree& tree, int node)
{
    if (!tree.note(node).empty())
        return int(fromFile(tree.label(node)).size());
    if (!tree.tensor(node))
        return -1;
    const QString label = fromFile(tree.label(node));
    const auto separator = std::max(label.lastIndexOf(QLatin1Char('.')), label.lastIndexOf(QLatin1Char('/')));
    return separator > 0 ? int(separator) : -1;
}

QString statusText(const TensorTree& tree, int node)
{
    QStringList texts;
    for (const StatusPart& part : statusParts(tree, node))
        texts << part.text;
    return texts.join(QStringLiteral(", "));
}

QList<StatusPart> statusParts(const TensorTree& tree, int node)
{
    const TensorNode& n = tree.node(node);
    const auto part = [](RowState state, const QString& text) {
        const std::string_view glyph = glyphName(state);
        return StatusPart{QLatin1String(glyph.data(), qsizetype(glyph.size())), text};
    };
    if (n.kind == TensorNode::Kind::Tensor)
        return {part(n.worst, stateWord(n.worst))};
    const auto counted = [&part](RowState state, uint32_t tensors) {
        return part(state, QStringLiteral("%1 %2").arg(QString::fromStdString(groupDigits(tensors)), stateWord(state)));
    };
    QList<StatusPart> parts{counted(n.worst, n.worstTensors)};
    if (n.secondTensors == 0 || (deviates(n.worst) && !deviates(n.second)))
        return parts;
    parts << counted(n.second, n.secondTensors);
    const uint32_t named = (deviates(n.worst) ? n.worstTensors : 0) + (deviates(n.second) ? n.secondTensors : 0);
    if (n.deviating > named)
        parts << StatusPart{{}, QStringLiteral("…")};
    return parts;
}

QString tiedText(const TensorRows& rows, const TensorRow& row)
{
    return row.tiedTo < 0
               ? QString()
               : tr("Tied to %1: its values are stored once, under that name.").arg(fromFile(rows.rows()[static_cast<size_t>(row.tiedTo)].name));
}

QStringList tiedPairs(const TensorRows& rows)
{
    constexpr qsizetype most = 12;
    QStringList lines;
    for (const TensorRow& row : rows.rows()) {
        if (row.tiedTo < 0)
            continue;
        if (lines.size() == most)
            return lines << QStringLiteral("…");
        lines << QStringLiteral("%1 = %2").arg(fromFile(row.name), fromFile(rows.rows()[static_cast<size_t>(row.tiedTo)].name));
    }
    return lines;
}

QString expectedText(const TensorTree& tree, int node)
{
    const TensorRow* row = tree.tensor(node);
    const ExpectedTensor* expected = row ? tree.rows().expectedOf(*row) : nullptr;
    return sideText(tree, node, expected ? &expected->shape : nullptr, tree.rows().hasExpectation());
}

QString foundText(const TensorTree& tree, int node)
{
    const TensorRow* row = tree.tensor(node);
    const TensorInfo* found = row ? tree.rows().foundOf(*row) : nullptr;
    return sideText(tree, node, found ? &found->shape : nullptr, tree.rows().checkpoint() != nullptr);
}

QString dtypeText(const TensorTree& tree, int node)
{
    const TensorRow* row = tree.tensor(node);
    if (!row)
        return {};
    const ExpectedTensor* expected = tree.rows().expectedOf(*row);
    const TensorInfo* found = tree.rows().foundOf(*row);
    const bool isKnown = expected && expected->dtype != DType::Unknown;
    if (!found)
        return isKnown ? fromFile(name(expected->dtype)) : QString();
    const QString there = fromFile(found->dtypeName());
    return isKnown && row->state == RowState::DTypeDiffers ? QStringLiteral("%1 → %2").arg(fromFile(name(expected->dtype)), there) : there;
}

QString valuesText(const TensorStatistics& statistics)
{
    QString text = tr("mean %1, std %2, min %3, max %4")
                       .arg(significant(statistics.mean), significant(statistics.std), significant(statistics.min), significant(statistics.max));
    if (statistics.nan > 0 || statistics.inf > 0)
        text += tr(", %1 NaN, %2 Inf").arg(QString::fromStdString(groupDigits(statistics.nan)), QString::fromStdString(groupDigits(statistics.inf)));
    return text;
}

QList<int> differingDimensions(const TensorTree& tree, int node)
{
    const TensorRow* row = tree.tensor(node);
    const ExpectedTensor* expected = row ? tree.rows().expectedOf(*row) : nullptr;
    const TensorInfo* found = row ? tree.rows().foundOf(*row) : nullptr;
    QList<int> out;
    if (!expected || !found || expected->shape == found->shape)
        return out;
    const bool sameRank = expected->shape.size() == found->shape.size();
    for (size_t i = 0; i < std::max(expected->shape.size(), found->shape.size()); ++i)
        if (!sameRank || expected->shape[i] != found->shape[i])
            out.append(int(i));
    return out;
}

} // namespace weighbridge
