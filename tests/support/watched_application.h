// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <QApplication>
#include <QElapsedTimer>
#include <QStringList>

#include <vector>

namespace weighbridge::test {

/// An application that times the handling of every event on the GUI thread. What counts is the time that the thread itself worked, or
/// waited for something, so that other programs on a busy machine do not count.
class WatchedApplication : public QApplication {
public:
    /// One event, from its delivery to the return of the last handler; nested event loops are not part of it.
    struct Handled {
        double ms = 0;
        QString what;     ///< "Timer to QTimer (TstX::function)"
    };

    using QApplication::QApplication;
    bool notify(QObject* receiver, QEvent* event) override;

    /// All that took at least this long are kept.
    void keepFrom(double ms) { m_keptFromMs = ms; }
    [[nodiscard]] const std::vector<Handled>& kept() const { return m_kept; }
    void forget() { m_kept.clear(); }
    /// The longest that any event took since forget() or the start.
    [[nodiscard]] double longestMs() const;

    /// Prints the events that took longer than a user does not notice: how many there were.
    [[nodiscard]] int reportStalls() const;

    /// 50 ms in a release; more in a build for development and under sanitizers, which make everything slower.
    [[nodiscard]] static double stallMs();

private:
    struct Frame {
        double startCpuMs, startWallMs;
        long startWaits;
        double nestedMs = 0;
        int loopLevel;
    };
    [[nodiscard]] static Frame now(int loopLevel);
    void finish(const Frame& frame, const QString& what);

    std::vector<Frame> m_frames;
    std::vector<Handled> m_kept;
    double m_keptFromMs = stallMs();
};

/// As QTEST_MAIN, but an event that stalls the GUI thread fails the program.
#define WATCHED_TEST_MAIN(TestClass) \
    int main(int argc, char** argv) \
    { \
        weighbridge::test::WatchedApplication application(argc, argv); \
        TestClass test; \
        const int failures = QTest::qExec(&test, argc, argv); \
        return failures + application.reportStalls(); \
    }

} // namespace weighbridge::test
