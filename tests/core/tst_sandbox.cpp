// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What a process can still do after enterSandbox(), as who runs the test and as a user without rights: each attempt in a child of its own.
#include "app/hdf5_worker/sandbox.h"

#include <QtTest>

#include <cstdlib>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

enum Outcome : int { Refused = 10, Done = 11, NotStarted = 12 };

constexpr uid_t nobody = 65534;

/// What `attempt` gives in a sandboxed child.
template <typename Attempt>
int inSandbox(bool asNobody, const Attempt& attempt)
{
    const pid_t child = ::fork();
    if (child == 0) {
        if (asNobody && (::setgid(nobody) != 0 || ::setuid(nobody) != 0))
            ::_exit(NotStarted);
        weighbridge::enterSandbox();
        ::_exit(attempt() ? Done : Refused);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/// One row each for who runs the test, and for a user without rights if the first is root.
void addUsers()
{
    QTest::addColumn<bool>("asNobody");
    QTest::newRow("as this user") << false;
    if (::geteuid() == 0)
        QTest::newRow("as nobody") << true;
}

} // namespace

class TstSandbox : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void opensNothing_data() { addUsers(); }
    void opensNothing()
    {
        QFETCH(bool, asNobody);
        QCOMPARE(inSandbox(asNobody, [] { return ::open("/etc/passwd", O_RDONLY) >= 0; }), int(Refused));
        QCOMPARE(inSandbox(asNobody, [] { return ::open("/tmp/weighbridge-sandbox", O_WRONLY | O_CREAT, 0600) >= 0; }), int(Refused));
    }

    void readsWhatWasOpenBefore_data() { addUsers(); }
    void readsWhatWasOpenBefore()
    {
        QFETCH(bool, asNobody);
        const int descriptor = ::open("/etc/passwd", O_RDONLY);
        char first = 0;
        QCOMPARE(inSandbox(asNobody, [&] { return ::pread(descriptor, &first, 1, 0) == 1; }), int(Done));
        ::close(descriptor);
    }

    void startsNothingAndTalksToNobody_data() { addUsers(); }
    void startsNothingAndTalksToNobody()
    {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
        QSKIP("Under a sanitizer only files are closed.");
#endif
        QFETCH(bool, asNobody);
        QCOMPARE(inSandbox(asNobody, [] { return ::execl("/bin/true", "true", nullptr) == 0; }), int(Refused));
        QCOMPARE(inSandbox(asNobody, [] { return ::fork() >= 0; }), int(Refused));
        QCOMPARE(inSandbox(asNobody, [] { return ::socket(AF_INET, SOCK_STREAM, 0) >= 0; }), int(Refused));
        QCOMPARE(inSandbox(asNobody, [] { return ::dup(STDIN_FILENO) >= 0; }), int(Refused));
    }

    void takesNoMoreThanItsMemory_data() { addUsers(); }
    void takesNoMoreThanItsMemory()
    {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
        QSKIP("A sanitizer needs more.");
#endif
        QFETCH(bool, asNobody);
        const auto maps = [](size_t nbytes) { return [nbytes] { return ::mmap(nullptr, nbytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) != MAP_FAILED; }; };
        QCOMPARE(inSandbox(asNobody, maps(size_t{64} << 20)), int(Done));
        QCOMPARE(inSandbox(asNobody, maps(size_t{2} << 30)), int(Refused));
    }

    void leavesNoCoreDump_data() { addUsers(); }
    void leavesNoCoreDump()
    {
        QFETCH(bool, asNobody);
        const auto hasNone = [] {
            rlimit limit{};
            return ::getrlimit(RLIMIT_CORE, &limit) != 0 || limit.rlim_cur == 0;
        };
        QCOMPARE(inSandbox(asNobody, hasNone), int(Done));
    }
};

QTEST_APPLESS_MAIN(TstSandbox)
#include "tst_sandbox.moc"
