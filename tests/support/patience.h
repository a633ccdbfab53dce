// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <QTest>

/// How long QTRY_VERIFY and QTRY_COMPARE wait, in ms: only a test that fails waits as long. Qt's five seconds are too short for a
/// sanitizer's build on a machine with other work.
#define WEIGHBRIDGE_PATIENCE 60000

#undef QTRY_VERIFY
#undef QTRY_COMPARE
#define QTRY_VERIFY(expr) QTRY_VERIFY_WITH_TIMEOUT(expr, WEIGHBRIDGE_PATIENCE)
#define QTRY_COMPARE(expr, expected) QTRY_COMPARE_WITH_TIMEOUT(expr, expected, WEIGHBRIDGE_PATIENCE)
