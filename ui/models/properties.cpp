// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/models/properties.h"

#include "core/base/json.h"
#include "core/base/text.h"
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
    out.append({fromFile(device.name), (room.isFree ? tr("%1 free") : tr("%1 in all")).arg(QString::fromStdString(formatNbytes(room.nbytes))), fromFile(device.id)});
    QStringList uses;
    for (const std::string& use : room.tooLarge)
        uses.append(QString::fromStdString(use));
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
    out.append({tr("Size"), QString::fromStdString(formatNbytes(totals.nbytes)), exactBytes(totals.nbytes)});
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
        const QString nbytes = QString::fromStdString(formatNbytes(line.nbytes));
        out.append({QString::fromStdString(line.use), line.fits ? nbytes : tr("%1, more than is free").arg(nbytes), exactBytes(line.nbytes)});
    }
    if (available > 0)
        out.append({tr("free on this machine"), QString::fromStdString(formatNbytes(available)), {}});
    for (const Device& device : devices)
        addDevice(out, need, device);
    return out;
}

} // namespace weighbridge
