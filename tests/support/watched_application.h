// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "tests/support/event_watch.h"

#include <QApplication>

namespace weighbridge::test {

using WatchedApplication = Watched<QApplication>;

/// As QTEST_MAIN, but an event that stalls the GUI thread fails the program.
#define WATCHED_TEST_MAIN(TestClass) WATCHED_MAIN(TestClass, QApplication)

} // namespace weighbridge::test
