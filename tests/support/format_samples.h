// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/json.h"
#include "tests/support/files.h"

#include <QtTest>

#include <set>
#include <vector>

/// The samples of all formats, as tests/data/formats.json lists them.
namespace weighbridge::test {

struct FormatSample {
    QString format;
    QString path;
    QString golden;
    std::set<qsizetype> invisibleCuts; ///< a protobuf that is cut between two fields is a shorter protobuf
};

inline std::vector<FormatSample> formatSamples()
{
    const QByteArray text = readFile(dataPath(QStringLiteral("formats.json")));
    const auto document = parseJson({text.constData(), static_cast<size_t>(text.size())});
    std::vector<FormatSample> samples;
    for (const auto& [format, list] : *document->value.map())
        for (const Value& entry : *list.list()) {
            samples.push_back({QString::fromStdString(format), dataPath(QString::fromStdString(*entry.find("path")->string())),
                               QString::fromStdString(*entry.find("golden")->string()), {}});
            if (const Value* cuts = entry.find("invisible_cuts"))
                for (const Value& cut : *cuts->list())
                    samples.back().invisibleCuts.insert(static_cast<qsizetype>(*cut.integer()));
        }
    return samples;
}

/// A row of test data for each sample: "format", "path", "golden".
inline void addFormatSamples()
{
    QTest::addColumn<QString>("format");
    QTest::addColumn<QString>("path");
    QTest::addColumn<QString>("golden");
    for (const FormatSample& sample : formatSamples())
        QTest::newRow(qPrintable(sample.golden)) << sample.format << sample.path << sample.golden;
}

} // namespace weighbridge::test
