// SPDX-License-Identifier: Apache-2.0
// Landlock, seccomp and capabilities through the kernel's own interfaces: no library is needed.
#include "base/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#ifdef HAVE_LINUX_LANDLOCK_H
#include <linux/landlock.h>
#endif
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/late.h"
#include "base/slice.h"

#if defined(__SANITIZE_ADDRESS__)
#define INSTRUMENTED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define INSTRUMENTED 1
#endif
#endif

/* ---- Landlock ---- */

#if defined(HAVE_LINUX_LANDLOCK_H) && !defined(SV_COVERAGE)
enum {
    READ = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR,
    WRITE = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |
            LANDLOCK_ACCESS_FS_REMOVE_FILE,
    /* Everything of the first version of the interface, so that older kernels do it too. */
    HANDLED = READ | WRITE | LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
              LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR |
              LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |
              LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM,
};

/* A path that does not exist needs no rule. */
static bool allow(int ruleset, const char *path, __u64 access)
{
    struct landlock_path_beneath_attr rule = {.allowed_access = access};
    if (!path)
        return true;
    rule.parent_fd = open(path, O_PATH | O_CLOEXEC);
    if (rule.parent_fd < 0)
        return errno == ENOENT || errno == ENOTDIR || errno == EACCES;
    long rc = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    close(rule.parent_fd);
    return rc == 0;
}

static bool allow_library(void *ruleset, const char *path)
{
    return allow(*(int *)ruleset, path, LANDLOCK_ACCESS_FS_READ_FILE);
}

static bool landlock(const struct sv_sandbox *s)
{
    /* libmagic's table is read when the first file needs it. */
    static const char *const magic[] = {
        "/usr/share/misc", "/usr/share/file", "/usr/lib/file", "/usr/local/share/misc",
#ifdef INSTRUMENTED
        "/proc", /* the leak checker lists its own threads */
#endif
    };
    struct landlock_ruleset_attr attr = {.handled_access_fs = HANDLED};
    int ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof attr, 0);
    if (ruleset < 0)
        return false;
    bool good = allow(ruleset, s->root, READ) &&
                allow(ruleset, s->read_also, LANDLOCK_ACCESS_FS_READ_FILE) &&
                allow(ruleset, s->output_dir, WRITE);
    for (size_t i = 0; good && i < sizeof magic / sizeof *magic; i++)
        good = allow(ruleset, magic[i], READ);
    if (good && strcmp(s->root, "/") != 0) /* which allows them already */
        good = sv_late_places(allow_library, &ruleset);
    if (good)
        good = syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
    close(ruleset);
    return good;
}
#else
/* Headers from before Landlock; or a build that measures itself and writes counts at its end. */
static bool landlock(const struct sv_sandbox *s)
{
    (void)s;
    return false;
}
#endif

/* ---- seccomp ---- */

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define ARCH AUDIT_ARCH_RISCV64
#endif

#ifdef ARCH
/* A deny list: a list of what is allowed breaks with every libc. */
static const int denied[] = {
    SYS_socket, SYS_socketpair, SYS_connect, SYS_bind, SYS_listen, SYS_accept4, SYS_sendto,
    SYS_execve, SYS_execveat, SYS_process_vm_readv, SYS_process_vm_writev,
    SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_setns, SYS_unshare, SYS_bpf,
    SYS_perf_event_open, SYS_kexec_load, SYS_init_module, SYS_finit_module, SYS_delete_module,
    SYS_reboot, SYS_swapon, SYS_swapoff, SYS_add_key, SYS_keyctl, SYS_request_key,
    SYS_open_by_handle_at, SYS_userfaultfd, SYS_acct, SYS_quotactl, SYS_settimeofday,
    SYS_io_uring_setup, /* would do the above behind the filter's back */
#ifndef INSTRUMENTED
    SYS_ptrace, /* the leak checker of a sanitizer build traces its own process */
#endif
};

static bool seccomp(void)
{
    enum { HEAD = 4, COUNT = sizeof denied / sizeof *denied, TAIL = 3 };
    struct sock_filter code[HEAD + COUNT + TAIL];
    size_t n = 0;
    const struct sock_filter refuse =
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (EPERM & SECCOMP_RET_DATA));
    /* Another architecture's numbers (32-bit calls) would mean other calls: all refused. */
    code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
                                             offsetof(struct seccomp_data, arch));
    code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0);
    code[n++] = refuse;
    code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
                                             offsetof(struct seccomp_data, nr));
    for (size_t i = 0; i < COUNT; i++)
        code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)denied[i],
                                                 (unsigned char)(COUNT + 1 - i), 0);
    /* x32 calls of x86-64 carry bit 30. */
    code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 1, 0);
    code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    code[n++] = refuse;
    struct sock_fprog program = {.len = (unsigned short)n, .filter = code};
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}
#else
static bool seccomp(void)
{
    return false;
}
#endif

/* ---- capabilities ---- */

/* Root keeps the right to read past modes, and to write past them where it was told to. */
static bool capabilities(bool writes)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct has[2] = {{0}}, data[2] = {{0}};
    if (syscall(SYS_capget, &head, has) < 0)
        return false;
    __u32 keep = 1u << CAP_DAC_READ_SEARCH | (writes ? 1u << CAP_DAC_OVERRIDE : 0);
    data[0].effective = data[0].permitted = has[0].permitted & keep;
    return syscall(SYS_capset, &head, data) == 0;
}

unsigned sv_sandbox_enter(const struct sv_sandbox *s)
{
    unsigned lacks = 0;
    (void)setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
#ifndef INSTRUMENTED
    (void)prctl(PR_SET_DUMPABLE, 0);
#endif
    (void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (!landlock(s))
        lacks |= SV_UNCONFINED_LANDLOCK;
    if (!capabilities(s->output_dir != NULL))
        lacks |= SV_UNCONFINED_CAPABILITIES;
    if (!seccomp())
        lacks |= SV_UNCONFINED_SECCOMP;
    return lacks;
}

const char *sv_sandbox_lacks(unsigned unconfined)
{
    static const char *const texts[] = {
        "",
        "Landlock",
        "seccomp",
        "Landlock, seccomp",
        "capabilities",
        "Landlock, capabilities",
        "seccomp, capabilities",
        "Landlock, seccomp, capabilities",
    };
    return texts[unconfined & 7];
}
