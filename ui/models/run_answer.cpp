// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/models/run_answer.h"

#include "core/base/text.h"
#include "ui/models/tensor_texts.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>

namespace weighbridge {
namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("weighbridge", text);
}

QString text(const Value& value, const char* key)
{
    return value.find(key) ? QString::fromStdString(shown(value.find(key)->stringOr(""))) : QString();
}

double number(const Value* value, const char* key, double fallback = 0)
{
    const Value* found = value ? value->find(key) : nullptr;
    return found ? found->number(fallback) : fallback;
}

qint64 integer(const Value& value, const char* key)
{
    const Value* found = value.find(key);
    return found && found->integer() ? *found->integer() : 0;
}

bool flag(const Value& value, const char* key)
{
    const Value* found = value.find(key);
    return found && found->boolean() && *found->boolean();
}

const Value::List& list(const Value& value, const char* key)
{
    static const Value::List none;
    const Value* found = value.find(key);
    return found && found->list() ? *found->list() : none;
}

QString percent(double share)
{
    return QStringLiteral("%1 %").arg(100 * share, 0, 'f', 2);
}

QString milliseconds(double value)
{
    return value < 1000 ? QStringLiteral("%1 ms").arg(value, 0, 'g', 3) : QStringLiteral("%1 s").arg(value / 1000, 0, 'f', 1);
}

QString labelOf(const Value& entry)
{
    const QString label = text(entry, "label");
    const QString token = entry.find("text") ? text(entry, "text") : text(entry, "token");
    return label.isEmpty() ? token : token.isEmpty() ? label : QStringLiteral("%1   %2").arg(token, label);
}

/// Rows of one place together, and under each group what is left to 100 %.
QList<RunAnswer::Row> resultsOf(const Value& answer)
{
    QList<RunAnswer::Row> rows;
    qint64 place = -1;
    double left = 1;
    const auto close = [&] {
        if (place >= 0 && left > 0.00005)
            rows.append({{}, tr("all others"), left, percent(left), true});
        left = 1;
    };
    for (const Value& entry : list(answer, "top")) {
        const QString kind = text(entry, "kind");
        RunAnswer::Row row{{}, labelOf(entry), number(&entry, "probability"), percent(number(&entry, "probability")), false, integer(entry, "rank"), entry.find("id") ? integer(entry, "id") : -1};
        if (entry.find("value"))
            row.value = decimalText(number(&entry, "value"), 4);
        const bool isToken = kind == QLatin1String("masked-token") || kind == QLatin1String("next-token");
        if (isToken && integer(entry, "position") != place) {
            close();
            place = integer(entry, "position");
            row.heading = kind == QLatin1String("next-token") ? tr("Next token") : tr("Predictions for the hidden token %1").arg(place);
        }
        left -= row.share;
        rows.append(row);
    }
    close();
    return rows;
}

void addOutputs(const Value& answer, QList<RunAnswer::Row>& rows)
{
    const Value* outputs = answer.find("outputs");
    QString heading = tr("Outputs");
    for (const auto& [name, output] : outputs && outputs->map() ? *outputs->map() : Value::Map{}) {
        std::vector<int64_t> shape;
        for (const Value& size : list(output, "shape"))
            shape.push_back(static_cast<int64_t>(size.number()));
        rows.append({heading, QStringLiteral("%1   %2").arg(QString::fromStdString(shown(name)), QString::fromStdString(formatShape(shape))), 0,
                     tr("mean %1, std %2").arg(number(&output, "mean"), 0, 'g', 3).arg(number(&output, "std"), 0, 'g', 3)});
        heading.clear();
    }
}

/// The losses with one layer left out, on the scale of the sentences' bars.
void addLossesWithoutLayer(const Value& proof, RunAnswer& out)
{
    out.suspect = text(proof, "suspect");
    QString heading = tr("Loss with one layer left out, of sentences that have %1 with all").arg(number(&proof, "without_none"), 0, 'f', 2);
    for (const Value& layer : list(proof, "without_layer")) {
        const QString name = text(layer, "layer");
        const double loss = number(&layer, "loss");
        if (name == out.suspect)
            out.lossWithoutSuspect = loss;
        out.lossWithAll = number(&proof, "without_none", NAN);
        const QString label = name == out.suspect ? tr("%1: not missed").arg(name) : name;
        out.proof.append({heading, label, std::clamp(loss / std::max(0.001, *out.guessing), 0.0, 1.0), QString::number(loss, 'f', 2)});
        heading.clear();
    }
}

void addBeside(const Value& answer, RunAnswer& out)
{
    const Value* beside = answer.find("beside");
    if (!beside)
        return;
    out.besidePath = text(*beside, "path");
    out.partsAt = text(*beside, "parts_at");
    const Value::List& distances = list(*beside, "layers");
    for (size_t i = 0; i < distances.size() && i < size_t(out.layers.size()); ++i)
        out.layers[qsizetype(i)].distance = number(&distances[i], "relative_distance", NAN);
}

QList<std::pair<QString, QString>> measurementsOf(const Value& answer)
{
    const Value* latency = answer.find("latency_ms");
    const auto nbytes = [&answer](const char* key) { return QString::fromStdString(formatNbytes(static_cast<uint64_t>(std::max<qint64>(0, integer(answer, key))))); };
    QList<std::pair<QString, QString>> out{{tr("Load"), tr("%1, %2 read").arg(milliseconds(number(&answer, "load_ms")), nbytes("read_nbytes"))},
                                           {tr("First pass"), milliseconds(number(latency, "first"))},
                                           {tr("Median of %1").arg(number(latency, "runs")), milliseconds(number(latency, "median"))},
                                           {tr("Fastest"), milliseconds(number(latency, "min"))}};
    if (const auto tokens = list(answer, "tokens").size(); tokens > 0) // an image has none
        out.append({tr("Tokens per second"), QString::number(double(tokens) * 1000 / std::max(0.001, number(latency, "median")), 'f', 0)});
    out.append({tr("Peak memory"), nbytes("peak_memory_nbytes")});
    return out;
}

} // namespace

RunAnswer RunAnswer::from(const Value& answer)
{
    const QString host = text(answer, "host");
    const QString device = host.isEmpty() ? text(answer, "device") : QStringLiteral("%1: %2").arg(host, text(answer, "device"));
    RunAnswer out{text(answer, "class"), device, text(answer, "dtype"), text(answer, "task"), {}, resultsOf(answer), {}, {}, {}, {}, measurementsOf(answer), {}, {}, 0, {}, {}, {}, {}, {}};
    for (const Value& token : list(answer, "tokens"))
        out.tokens.append({text(token, "text"), integer(token, "id"), flag(token, "special"), flag(token, "mask")});
    if (const Value* continuation = answer.find("continuation"))
        out.results.append({tr("Goes on"), text(*continuation, "text"), 0, {}});
    if (const Value* similarity = answer.find("similarity"))
        out.results.append({tr("Similarity of the two texts"), tr("cosine of their embeddings"), std::clamp(similarity->number(), 0.0, 1.0),
                            decimalText(similarity->number(), 4)});
    addOutputs(answer, out.results);
    if (const Value* proof = answer.find("proof")) {
        out.loss = number(proof, "loss", NAN);
        out.guessing = number(proof, "guessing", NAN);
        out.verdict = text(*proof, "verdict");
        out.proofTokens = integer(*proof, "tokens");
        for (const Value& sentence : list(*proof, "sentences"))
            out.proof.append({{}, text(sentence, "text"), std::clamp(number(&sentence, "loss") / std::max(0.001, *out.guessing), 0.0, 1.0), QString::number(number(&sentence, "loss"), 'f', 2)});
        addLossesWithoutLayer(*proof, out);
    }
    for (const Value& layer : list(answer, "health"))
        out.layers.append({text(layer, "layer"), number(&layer, "mean", NAN), number(&layer, "std", NAN), number(&layer, "change", NAN), NAN, integer(layer, "nan"), integer(layer, "inf")});
    addBeside(answer, out);
    for (const Value& note : list(answer, "notes"))
        out.notes << QString::fromStdString(shown(note.stringOr(""), 1000));
    return out;
}

QString RunAnswer::sentence() const
{
    if (hasBrokenLayer())
        return tr("It runs, but its activations are not numbers");
    if (!loss)
        return tr("It runs");
    const QString numbers = tr("loss %1, guessing would give %2").arg(*loss, 0, 'f', 2).arg(*guessing, 0, 'f', 2);
    if (lossWithoutSuspect)
        return tr("It runs, but %1 contributes nothing: loss %2 with it, %3 without").arg(suspect).arg(lossWithAll.value_or(*loss), 0, 'f', 2).arg(*lossWithoutSuspect, 0, 'f', 2);
    if (verdict == QLatin1String("learned"))
        return tr("It runs, and it has learned: %1").arg(numbers);
    if (verdict == QLatin1String("guesses"))
        return tr("It runs, but it predicts no better than guessing: %1").arg(numbers);
    return tr("It runs. Whether it has learned cannot be told from %1 tokens: %2").arg(proofTokens).arg(numbers);
}

QString RunAnswer::besideSentence() const
{
    if (besidePath.isEmpty())
        return {};
    return partsAt.isEmpty() ? tr("The two do not part: no layer differs by more than rounding") : tr("The two part at %1").arg(partsAt);
}

bool RunAnswer::hasBrokenLayer() const
{
    return std::any_of(layers.begin(), layers.end(), [](const Layer& layer) { return layer.nan > 0 || layer.inf > 0; });
}

} // namespace weighbridge
