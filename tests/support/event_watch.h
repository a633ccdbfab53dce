// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <QAbstractEventDispatcher>
#include <QCoreApplication>
#include <QStringList>
#include <QThread>

#include <optional>
#include <vector>

namespace weighbridge::test {

/// Times the handling of every event on the main thread. What counts is the time that the thread itself worked, or waited for something, so that
/// other programs on a busy machine do not count.
class EventWatch {
public:
    /// One event, from its delivery to the return of the last handler; nested event loops are not part of it.
    struct Handled {
        double ms = 0;
        QString what; ///< "Timer to QTimer (TstX::function)"
    };

    /// All that took at least this long are kept.
    void keepFrom(double ms) { m_keptFromMs = ms; }
    [[nodiscard]] const std::vector<Handled>& kept() const { return m_kept; }
    void forget() { m_kept.clear(); }
    /// The longest that any event took since forget() or the start.
    [[nodiscard]] double longestMs() const;

    /// Prints the events that took longer than stallMs(), and the longest of all: how many stalls there were.
    [[nodiscard]] int reportStalls() const;

    /// 50 ms; more in a build for development and under sanitizers, which make everything slower.
    [[nodiscard]] static double stallMs();

protected:
    /// False: the event is part of the one that sent it.
    [[nodiscard]] bool begin(int loopLevel);
    void end(const char* className, int type);
    void beginIdle(); ///< the loop has nothing to do: in a dialog's own loop that is no part of the event which opened it
    void endIdle();

private:
    struct Time {
        double cpuMs = 0, wallMs = 0;
        long waits = 0; ///< how often the thread gave the processor away because it waited for something
        [[nodiscard]] static Time now();
        void add(const Time& other);
        void take(const Time& other);
    };
    struct Frame {
        Time start;
        Time others; ///< idle, and in events of a nested loop
        int loopLevel;
    };

    std::vector<Frame> m_frames;
    std::optional<Time> m_idleSince;
    std::vector<Handled> m_kept;
    double m_keptFromMs = 20;
};

/// An application whose events are timed. Base: QCoreApplication, or one that is derived of it.
template <typename Base>
class Watched : public Base, public EventWatch {
public:
    Watched(int& argc, char** argv)
        : Base(argc, argv)
    {
        const QAbstractEventDispatcher* loop = QAbstractEventDispatcher::instance();
        QObject::connect(loop, &QAbstractEventDispatcher::aboutToBlock, this, [this] { beginIdle(); });
        QObject::connect(loop, &QAbstractEventDispatcher::awake, this, [this] { endIdle(); });
    }

    bool notify(QObject* receiver, QEvent* event) override
    {
        if (QThread::currentThread() != this->thread() || !begin(this->thread()->loopLevel()))
            return Base::notify(receiver, event);
        // The receiver may not be there any more afterwards.
        const char* className = receiver->metaObject()->className();
        const int type = event->type();
        const bool result = Base::notify(receiver, event);
        end(className, type);
        return result;
    }
};

/// As Qt's mains, but an event that stalls the main thread fails the program.
#define WATCHED_MAIN(TestClass, Base)                                                                                                                \
    int main(int argc, char** argv)                                                                                                                  \
    {                                                                                                                                                \
        weighbridge::test::Watched<Base> application(argc, argv);                                                                                    \
        TestClass test;                                                                                                                              \
        const int failures = QTest::qExec(&test, argc, argv);                                                                                        \
        return failures + application.reportStalls();                                                                                                \
    }

/// For models, which need no window.
#define WATCHED_GUILESS_MAIN(TestClass) WATCHED_MAIN(TestClass, QCoreApplication)

} // namespace weighbridge::test
