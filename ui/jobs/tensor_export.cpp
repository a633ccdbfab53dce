// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/jobs/tensor_export.h"

#include "core/export/export_tensors.h"

namespace weighbridge {
namespace {

/// What save() hands back: JobRunner wants a value.
struct Done {};

} // namespace

TensorExport::TensorExport(QObject* parent) : QObject(parent)
{
    connect(&m_runner, &JobRunner::progressed, this, [this](const Progress& progress) {
        m_progress = progress;
        Q_EMIT activityChanged();
    });
}

void TensorExport::save(CheckpointPtr checkpoint, std::vector<size_t> tensors, const QString& path)
{
    m_progress = {};
    m_since = QDateTime::currentDateTime();
    const auto count = qsizetype(tensors.size());
    m_runner.start<Done>(
        [checkpoint = std::move(checkpoint), tensors = std::move(tensors), out = path.toStdString()](JobContext& job) -> Result<Done> {
            return exportTensors(*checkpoint, tensors, out, job).map([] { return Done{}; });
        },
        [this, path, count](const Result<Done>& done) {
            Q_EMIT activityChanged();
            if (done)
                Q_EMIT written(path, count);
            else if (done.error().rule != "cancelled")
                Q_EMIT failed(done.error());
        });
    Q_EMIT activityChanged();
}

} // namespace weighbridge
