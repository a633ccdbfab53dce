// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "ui/jobs/job_runner.h"

#include <QImage>
#include <QWidget>

class QLabel;
class QToolButton;

namespace weighbridge {

class TextLabel;

/// The image that a model is run on: a picture of it, its name, and a button that chooses another. Files dropped on it are taken too.
class ImageInput : public QWidget {
    Q_OBJECT
public:
    explicit ImageInput(QWidget* parent = nullptr);

    void setPath(const QString& path); ///< empty: the sample
    [[nodiscard]] const QString& path() const { return m_path; } ///< empty: the sample
    [[nodiscard]] QString fileOrSample() const; ///< what is shown

protected:
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    void choose();
    void show(Result<QImage> image);

    QString m_path;
    QLabel* m_picture;
    TextLabel* m_name;
    QToolButton* m_button;
    JobRunner m_runner;
};

} // namespace weighbridge
