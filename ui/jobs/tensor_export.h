// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/checkpoint/checkpoint.h"
#include "ui/jobs/job_runner.h"

#include <QDateTime>
#include <QObject>
#include <QString>

#include <vector>

namespace weighbridge {

/// Writes tensors of a checkpoint into a new file, on a pool thread. All methods: GUI thread.
class TensorExport : public QObject {
    Q_OBJECT
public:
    explicit TensorExport(QObject* parent = nullptr);

    /// `tensors`: indices into Checkpoint::tensors. The kind of file follows from the path's ending, as exportTensors() says.
    void save(CheckpointPtr checkpoint, std::vector<size_t> tensors, const QString& path);
    void cancel() { m_runner.cancel(); }
    [[nodiscard]] bool isRunning() const { return m_runner.isRunning(); }
    [[nodiscard]] const Progress& progress() const { return m_progress; }
    [[nodiscard]] QDateTime since() const { return m_since; }

Q_SIGNALS:
    void activityChanged();
    void written(const QString& path, qsizetype tensors);
    void failed(const weighbridge::Error& error);

private:
    JobRunner m_runner;
    Progress m_progress;
    QDateTime m_since;
};

} // namespace weighbridge
