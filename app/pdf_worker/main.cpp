// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/base/limits.h"
#include "core/base/worker_channel.h"
#include "ui/report/report_pdf.h"

#include <QGuiApplication>

#include <algorithm>

#include <unistd.h>

using namespace weighbridge;

namespace {

constexpr size_t frameNbytes = 4 * 1024 * 1024;

/// {"document": ..., "page": "A4" or "Letter"}: the PDF in raw frames, then {"done": true}.
bool answer(WorkerChannel& channel, const Value& request)
{
    const auto fail = [&channel](const Error& error) { return channel.sendJson(Value::Map{{"error", errorToValue(error)}}); };
    const Value* content = request.find("document");
    const auto document = documentFromValue(content ? *content : Value());
    if (!document)
        return fail(document.error());
    const Value* page = request.find("page");
    const QString name = QString::fromStdString(page ? page->stringOr("") : "");
    const auto size = name == QLatin1String("A4") ? QPageSize::A4 : name == QLatin1String("Letter") ? QPageSize::Letter : localPageSize();
    // a sign of life, so that a long report is not taken for a hang
    JobContext job{{}, [&channel](const Progress& progress) {
        std::ignore = channel.queuePlace(progress.what) && channel.flush();
    }};
    const auto pdf = reportPdf(*document, size, job);
    if (!pdf)
        return fail(pdf.error());
    const auto bytes = std::as_bytes(std::span(pdf->constData(), size_t(pdf->size())));
    for (size_t at = 0; at < bytes.size(); at += frameNbytes)
        if (!channel.sendBytes(bytes.subspan(at, std::min(frameNbytes, bytes.size() - at))))
            return false;
    return channel.sendJson(Value::Map{{"done", true}});
}

} // namespace

int main(int argc, char** argv)
{
    // What a library prints must not end up between the frames.
    const int output = dup(STDOUT_FILENO);
    dup2(STDERR_FILENO, STDOUT_FILENO);
    qputenv("QT_QPA_PLATFORM", "offscreen");
    QGuiApplication application(argc, argv);
    WorkerChannel channel(STDIN_FILENO, output);
    for (;;) {
        const auto request = channel.receive(limits::jsonNbytes);
        if (!request)
            return 1;
        if (!*request || !answer(channel, **request))
            return 0;
    }
}
