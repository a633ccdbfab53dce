// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/report/report.h"
#include "ui/jobs/job_runner.h"
#include "ui/models/comparison_document.h"

#include <QObject>
#include <QString>

#include <memory>

class QPrinter;

namespace weighbridge {

/// Writes or prints the report on what a document shows, on a pool thread. All methods: GUI thread.
class ReportExport : public QObject {
    Q_OBJECT
public:
    explicit ReportExport(QObject* parent = nullptr);

    /// What the report is about: a comparison if there is one, else the document's check. With neither nothing is written.
    struct Subject {
        const Document& document;
        const ComparisonDocument* comparison = nullptr;
        [[nodiscard]] std::shared_ptr<const Difference> difference() const { return comparison ? comparison->difference() : nullptr; }
    };
    /// By the name's ending: .pdf, .html, .md, .json.
    void save(const Subject& subject, const QString& path);
    void print(const Subject& subject, std::shared_ptr<QPrinter> printer);
    void cancel() { m_runner.cancel(); }
    [[nodiscard]] bool isRunning() const { return m_runner.isRunning(); }
    [[nodiscard]] Document::Activity activity() const; ///< empty if nothing runs

    /// The command line that writes the same report, without the folders above the checkpoint's own.
    [[nodiscard]] static std::string commandFor(const Subject& subject);

Q_SIGNALS:
    void activityChanged();
    void written(const QString& path); ///< empty: printed
    void failed(const weighbridge::Error& error);

private:
    using Write = std::function<Result<void>(const Report&, JobContext&)>;
    void start(const Subject& subject, const QString& path, Write write);

    JobRunner m_runner;
    Progress m_progress;
    QDateTime m_since;
};

} // namespace weighbridge
