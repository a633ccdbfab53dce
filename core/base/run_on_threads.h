// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <algorithm>
#include <cstddef>
#include <thread>
#include <vector>

namespace weighbridge {

/// Calls `work` on this thread and on up to `threads` - 1 others (0: as many as the machine has), never on more than there are tasks,
/// and returns when all have returned.
template <typename Work>
void runOnThreads(unsigned threads, size_t tasks, const Work& work)
{
    if (threads == 0)
        threads = std::max(1u, std::thread::hardware_concurrency());
    std::vector<std::jthread> others;
    for (unsigned i = 1; i < threads && i < tasks; ++i)
        others.emplace_back(work);
    work();
}

} // namespace weighbridge
