// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/models/properties.h"

#include "core/base/axis.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "ui/models/numbers.h"
#include "ui/models/tensor_texts.h"

#include <QCoreApplication>

#include <algorithm>
#include <string>

namespace weighbridge {
namespace {

/// So many lines of metadata are shown; the rest is counted.
constexpr size_t maximumMetadata = 20;
constexpr size_t countedMetadata = 10'000; ///< deeper maps are one line from there on
constexpr size_t shortValue = 60;
constexpr int mostEvidence = 12;

QString tr(const char* text)
{
    return QCoreApplication::translate("weighbridge", text);
}

QString digits(uint64_t number)
{
    return QString::fromStdString(groupDigits(number));
}

/// "F32 103 · I64 1": the most frequent first.
QString dtypeCounts(const CheckpointTotals& totals)
{
    constexpr size_t maximum = 8;
    QStringList parts;
    for (size_t i = 0; i < std::min(totals.dtypes.size(), maximum); ++i)
        parts.append(QStringLiteral("%1 %2").arg(fromFile(totals.dtypes[i].first), digits(totals.dtypes[i].second)));
    if (totals.dtypes.size() > maximum)
        parts.append(tr("%1 more").arg(totals.dtypes.size() - maximum));
    return parts.join(QStringLiteral(" · "));
}

/// Nested maps as lines of their own: "weights.metadata.format". Anything else is shown as JSON.
void flatten(const std::string& key, const Value& value, int depth, std::vector<std::pair<std::string, const Value*>>& lines)
{
    const Value::Map* entries = value.map();
    if (!entries || entries->empty() || depth == 0 || lines.size() >= countedMetadata) {
        lines.emplace_back(key, &value);
        return;
    }
    for (const auto& [name, inner] : *entries)
        flatten(key.empty() ? name : key + "." + name, inner, depth - 1, lines);
}

void addMetadata(const Value& metadata, QList<Property>& out)
{
    constexpr int shownDepth = 3;
    const Value::Map* entries = metadata.map();
    if (!entries || entries->empty()) {
        out.append({tr("Metadata"), tr("none"), {}});
        return;
    }
    std::vector<std::pair<std::string, const Value*>> lines;
    flatten({}, metadata, shownDepth, lines);
    for (size_t i = 0; i < std::min(lines.size(), maximumMetadata); ++i) {
        auto [key, value] = lines[i];
        const std::string whole = value->string() ? *value->string() : toJson(*value);
        // of a folder: what its weights say of themselves
        if (constexpr std::string_view outer = "weights.metadata."; key.starts_with(outer))
            key = key.substr(outer.size());
        const QString line = QStringLiteral("%1: %2").arg(QString::fromStdString(shown(key, shortValue)), QString::fromStdString(shown(whole, shortValue)));
        out.append({i == 0 ? tr("Metadata") : QString(), line, whole.size() > shortValue ? longText(whole) : QString()});
    }
    if (lines.size() > maximumMetadata)
        out.append({{}, tr("%1 more").arg(lines.size() - maximumMetadata), {}});
}

/// "matched_before" reads "matched before". Such words have a place of their own among core's: tensors have names like them.
QString evidenceName(std::string key)
{
    const QString place = QStringLiteral("evidence: ");
    std::replace(key.begin(), key.end(), '_', ' ');
    const QString words = fromCore(place.toStdString() + key, 80);
    return words.startsWith(place) ? words.sliced(place.size()) : words;
}

QString evidenceText(const Value& value)
{
    if (const bool* truth = value.boolean())
        return *truth ? tr("yes") : tr("no");
    if (const int64_t* number = value.integer())
        return *number < 0 ? QString::number(*number).replace(u'-', QChar(0x2212)) : digits(uint64_t(*number));
    if (value.isDouble())
        return localized(QString::fromStdString(formatNumber(value.number())));
    if (const std::string* text = value.string())
        return fromCore(*text, 200);
    if (const Value::List* list = value.list())
        return QCoreApplication::translate("weighbridge", "%n entries", nullptr, int(list->size()));
    return {};
}

QString checksumText(const std::string& format)
{
    if (format.starts_with("torch-zip") || format == "torchscript" || format == "torch-export" || format == "npz" || format == "keras-v3")
        return tr("CRC-32 per entry");
    if (format == "tf-checkpoint" || format == "tf-savedmodel")
        return tr("CRC-32C per tensor");
    if (format == "hdf5" || format == "keras-h5")
        return tr("only where the writer chose it");
    return tr("none in this format");
}

/// Two rows for a device: the panel is narrow.
void addDevice(QList<Property>& out, const MemoryNeed& need, const Device& device)
{
    const DeviceRoom room = deviceRoom(need, device);
    if (room.nbytes == 0) {
        out.append({fromFile(device.name), tr("memory unknown"), fromFile(device.id)});
        return;
    }
    out.append({fromFile(device.name), (room.isFree ? tr("%1 free") : tr("%1 in all")).arg(nbytesText(room.nbytes)), fromFile(device.id)});
    QStringList uses;
    for (const std::string& use : room.tooLarge)
        uses.append(fromCore(use));
    if (uses.isEmpty() || !room.holdsAny)
        out.append({tr("has room for"), uses.isEmpty() ? tr("all of these") : tr("none of these"), {}});
    else
        out.append({tr("has no room for"), uses.join(QStringLiteral(", ")), uses.join(QLatin1Char('\n'))});
}

} // namespace

QList<Property> properties(const Checkpoint& checkpoint, const CheckpointTotals& totals, const TensorRows* rows)
{
    QList<Property> out;
    out.append({tr("Format"), fromFile(checkpoint.format), {}});
    out.append({tr("Tensors"), digits(checkpoint.tensors.size()), {}});
    if (const size_t tied = rows ? rows->tiedCount() : 0; tied > 0)
        out.append({tr("Tied"), tr("%1 more, stored once").arg(digits(tied)), tiedPairs(*rows).join(u'\n')});
    out.append({tr("Parameters"), digits(totals.parameters), {}});
    if (totals.buffers > 0)
        out.append({tr("Buffers"), tr("%1 · %2 numbers").arg(digits(totals.buffers), digits(totals.bufferElements)), {}});
    out.append({tr("Size"), nbytesText(totals.nbytes), exactBytes(totals.nbytes)});
    if (checkpoint.shards.size() > 1)
        out.append({tr("Shards"), digits(checkpoint.shards.size()), {}});
    if (!checkpoint.tensors.empty())
        out.append({tr("dtype"), dtypeCounts(totals), {}});
    addMetadata(checkpoint.metadata, out);
    if (!checkpoint.shards.empty())
        out.append({tr("Checksum"), checksumText(checkpoint.shards[0].format.empty() ? checkpoint.format : checkpoint.shards[0].format), {}});
    return out;
}

QList<Property> memoryProperties(const MemoryNeed& need, uint64_t available, const std::vector<Device>& devices)
{
    QList<Property> out;
    for (const MemoryLine& line : memoryLines(need, available)) {
        const QString nbytes = nbytesText(line.nbytes);
        out.append({fromCore(line.use), line.fits ? nbytes : tr("%1, more than is free").arg(nbytes), exactBytes(line.nbytes)});
    }
    if (available > 0)
        out.append({tr("free on this machine"), nbytesText(available), {}});
    for (const Device& device : devices)
        addDevice(out, need, device);
    return out;
}

QList<Property> evidenceProperties(const Value::Map& evidence)
{
    QList<Property> out;
    for (const auto& [key, value] : evidence) {
        const QString text = evidenceText(value);
        if (!text.isEmpty() && out.size() < mostEvidence)
            out.append({evidenceName(key), text, {}});
    }
    return out;
}

} // namespace weighbridge
