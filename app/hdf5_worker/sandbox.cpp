// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/hdf5_worker/sandbox.h"

#include "core/base/limits.h"

#include <cstddef>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <vector>

namespace weighbridge {
namespace {

/// Sanitizers map terabytes of shadow and open pipes to see whether an address can be read: under them neither the memory nor the
/// system calls are limited.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool isSanitized = true;
#else
constexpr bool isSanitized = false;
#endif

constexpr rlim_t addressNbytes = 1 * limits::GiB;
constexpr rlim_t cpuSeconds = 3600; ///< the client's watchdog is far stricter; this ends a worker whose client was killed

void limitTo(int resource, rlim_t value)
{
    const rlimit both{value, value};
    ::setrlimit(static_cast<__rlimit_resource_t>(resource), &both);
}

#if defined(__x86_64__)
constexpr unsigned architecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr unsigned architecture = AUDIT_ARCH_AARCH64;
#else
constexpr unsigned architecture = 0; ///< no filter there
#endif

/// What reading from open descriptors and the C library's own housekeeping need.
constexpr int allowed[]{SYS_read,         SYS_write,        SYS_writev,       SYS_pread64,      SYS_lseek,       SYS_fstat,
                        SYS_close,        SYS_mmap,         SYS_munmap,       SYS_mremap,       SYS_mprotect,    SYS_madvise,
                        SYS_brk,          SYS_futex,        SYS_getrandom,    SYS_clock_gettime, SYS_gettimeofday, SYS_getrusage,
                        SYS_sched_yield,  SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_getpid,     SYS_gettid,
                        SYS_tgkill,       SYS_exit,         SYS_exit_group,   SYS_restart_syscall};

/// A seccomp filter (seccomp(2)): every other system call fails with EPERM.
void filterSystemCalls()
{
    constexpr unsigned refuse = SECCOMP_RET_ERRNO | 1; // EPERM
    std::vector<sock_filter> program{
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, architecture, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, refuse),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
    };
    for (const int call : allowed) {
        program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(call), 0, 1));
        program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
    }
    program.push_back(BPF_STMT(BPF_RET | BPF_K, refuse));
    const sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
    ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0);
}

/// Landlock (landlock(7)): no file can be opened, made or removed by its name any more. Kernels before 5.13 do not have it.
void closeFileSystem()
{
    landlock_ruleset_attr rules{};
    rules.handled_access_fs = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1; // all that the first version knows; no rule allows any of it
    const auto ruleset = static_cast<int>(::syscall(SYS_landlock_create_ruleset, &rules, sizeof(rules.handled_access_fs), 0));
    if (ruleset < 0)
        return;
    ::syscall(SYS_landlock_restrict_self, ruleset, 0);
    ::close(ruleset);
}

} // namespace

void enterSandbox()
{
    limitTo(RLIMIT_CORE, 0);
    limitTo(RLIMIT_FSIZE, 0);
    limitTo(RLIMIT_CPU, cpuSeconds);
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    closeFileSystem();
    if constexpr (isSanitized)
        return;
    limitTo(RLIMIT_AS, addressNbytes);
    limitTo(RLIMIT_NOFILE, 0);
    if constexpr (architecture != 0)
        filterSystemCalls();
}

} // namespace weighbridge
