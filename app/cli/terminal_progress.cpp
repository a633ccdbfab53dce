// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/cli/terminal_progress.h"

#include "core/base/text.h"

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <unistd.h>

namespace weighbridge::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto first = std::chrono::milliseconds(700); ///< what is done by then is not worth a line
constexpr auto step = std::chrono::milliseconds(200);

std::atomic<bool> isShown = false;

} // namespace

std::function<void(const Progress&)> terminalProgress()
{
    if (::isatty(STDERR_FILENO) == 0)
        return {};
    return [next = Clock::now() + first](const Progress& progress) mutable {
        if (Clock::now() < next)
            return;
        next = Clock::now() + step;
        isShown = true;
        const std::string count = progress.total > 0 ? formatPercent(progress.done, progress.total) : groupDigits(progress.done);
        fmt::print(stderr, "\r\x1b[K{}  {}", shown(progress.what, 60), count);
        std::fflush(stderr);
    };
}

void endProgress()
{
    if (isShown.exchange(false))
        fmt::print(stderr, "\r\x1b[K");
}

} // namespace weighbridge::cli
