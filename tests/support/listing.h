// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/text.h"
#include "core/checkpoint/tensor_reader.h"
#include "tests/support/files.h"

/// A checkpoint as text, compared with a golden file. A difference writes <golden>.actual beside the test's output and shows the first line.
namespace weighbridge::test {

inline QByteArray listing(const Checkpoint& checkpoint)
{
    QByteArray out = "format " + QByteArray::fromStdString(checkpoint.format) + "\n";
    for (const TensorInfo& tensor : checkpoint.tensors) {
        JobContext job;
        const auto hash = sha256OfTensor(checkpoint, tensor, job);
        out += QByteArray::fromStdString(tensor.name) + "  " + QByteArray(tensor.dtypeName().data(), static_cast<qsizetype>(tensor.dtypeName().size())) + "  "
            + QByteArray::fromStdString(formatShape(tensor.shape)) + "  " + (hash ? QByteArray::fromStdString(*hash).left(16) : "-") + "\n";
    }
    for (const Finding& finding : checkpoint.findings)
        out += QByteArray(name(finding.severity)) + " " + QByteArray::fromStdString(finding.rule + ": " + finding.title) + "\n";
    return out;
}

/// Empty if `actual` equals tests/golden/<name><ending>, else what differs first. WEIGHBRIDGE_UPDATE_GOLDEN=1 writes the golden file.
inline QByteArray differsFromGolden(const QString& name, const QByteArray& actual, const QString& ending = QStringLiteral(".txt"))
{
    const QString golden = QStringLiteral(WEIGHBRIDGE_SOURCE_DIR "/tests/golden/") + name + ending;
    if (qEnvironmentVariableIsSet("WEIGHBRIDGE_UPDATE_GOLDEN")) {
        QFile file(golden);
        if (file.open(QIODevice::WriteOnly))
            file.write(actual);
        return {};
    }
    const QByteArray expected = readFile(golden);
    if (expected == actual)
        return {};
    QFile file(QString(name).replace(QLatin1Char('/'), QLatin1Char('-')) + QStringLiteral(".actual"));
    if (file.open(QIODevice::WriteOnly))
        file.write(actual);
    const auto wanted = expected.split('\n');
    const auto found = actual.split('\n');
    for (qsizetype i = 0; i < std::max(wanted.size(), found.size()); ++i)
        if (wanted.value(i) != found.value(i))
            return "line " + QByteArray::number(i + 1) + ": expected '" + wanted.value(i) + "', found '" + found.value(i) + "'";
    return "it differs in its line ends";
}

} // namespace weighbridge::test
