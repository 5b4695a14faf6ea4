// SPDX-License-Identifier: Apache-2.0
// Processes from /proc: status, command line, environment, control group, listening sockets.
#include "scan/live.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/map.h"
#include "scan/live_sockets.h"

enum { MAX_USER_NS = 33 }; /* the kernel nests them 32 deep */

struct reader {
    struct sv_arena *a;
    int proc;
    pid_t self;
    char *buffer;  /* SV_MAX_PROC_BYTES ... */
    size_t used;   /* ... of which so many were ever filled from a process's files */
    size_t kept;   /* bytes of all environments and command lines so far */
    ino_t user_ns; /* our own; 0: unknown */
    ino_t net_ns;
    struct sv_map net_seen; /* namespaces whose sockets were read */
    bool refused;  /* the last file was not ours to read */
    bool short_of; /* the process at hand has more of something than is looked at */
    struct sv_sockets sockets;
};

/* A whole file of /proc, at most the buffer; an empty slice if it cannot be read. */
static struct sv_slice read_at(struct reader *r, int dir, const char *name)
{
    ssize_t n = sv_live_file(dir, name, r->buffer);
    r->refused = n == -EACCES || n == -EPERM;
    if (n < 0)
        return (struct sv_slice){"", 0};
    r->used = (size_t)n > r->used ? (size_t)n : r->used;
    r->short_of |= n == SV_MAX_PROC_BYTES;
    return (struct sv_slice){r->buffer, (size_t)n};
}

/* ---- status ---- */

/* Three numbers of "Uid:\t1000\t1000\t1000\t1000". */
static void ids(struct sv_slice text, unsigned ret[3])
{
    for (int i = 0; i < 3; i++) {
        unsigned long long v = 0;
        text = sv_slice_trim(text);
        size_t n = 0;
        while (n < text.n && isdigit((unsigned char)text.p[n]))
            n++;
        if (sv_slice_u64(sv_slice_sub(text, 0, n), &v))
            ret[i] = (unsigned)v;
        text = sv_slice_sub(text, n, text.n);
    }
}

static bool take_status(struct reader *r, int dir, struct sv_process *p)
{
    struct sv_slice text = read_at(r, dir, "status");
    bool found = false;
    while (text.n) {
        struct sv_slice line = sv_live_line(&text);
        size_t colon = sv_slice_chr(line, ':');
        struct sv_slice key = sv_slice_sub(line, 0, colon);
        struct sv_slice value = sv_slice_trim(sv_slice_sub(line, colon + 1, line.n));
        unsigned long long n = 0;
        if (sv_slice_is(key, "Name"))
            p->name = sv_arena_copy(r->a, value).p;
        else if (sv_slice_is(key, "PPid") && sv_slice_u64(value, &n))
            p->parent = (int)n;
        else if (sv_slice_is(key, "Uid")) {
            ids(value, p->uid);
            found = true;
        } else if (sv_slice_is(key, "Gid"))
            ids(value, p->gid);
        else if (sv_slice_is(key, "CapPrm"))
            for (size_t i = 0; i < value.n; i++)
                p->capable |= value.p[i] != '0';
    }
    return found;
}

/* ---- control group ---- */

/* LXC and systemd-nspawn name theirs: "lxc.payload.NAME", "machine-NAME.scope" (with "\\x2d"). */
static void take_group_name(struct sv_arena *a, struct sv_slice part, struct sv_process *p)
{
    static const char *const begins[] = {"lxc.payload.", "machine-"};
    for (size_t i = 0; i < sizeof begins / sizeof *begins && !p->container; i++) {
        size_t n = strlen(begins[i]), end = part.n;
        if (!sv_slice_starts(part, begins[i]) || sv_slice_ends(part, ".slice"))
            continue;
        end -= sv_slice_ends(part, ".scope") ? strlen(".scope") : 0;
        if (end > n)
            p->container = sv_arena_copy(a, sv_slice_sub(part, n, end)).p;
    }
}

/* One "/system.slice/app.service" or "/docker/<64 digits>"; what is below user@1000.service is that
 * user's own, whatever system unit is named like it. */
static void take_group_path(struct sv_arena *a, struct sv_slice path, struct sv_process *p)
{
    bool users = false;
    while (path.n) {
        struct sv_slice part = sv_slice_sub(path, 0, sv_slice_chr(path, '/'));
        path = sv_slice_sub(path, part.n + 1, path.n);
        if (!users && sv_slice_ends(part, ".service"))
            p->unit = sv_arena_copy(a, part).p;
        users |= sv_slice_starts(part, "user@");
        for (size_t i = 0; i + 64 <= part.n && !p->container; i++)
            if (sv_live_is_hex(sv_slice_sub(part, i, i + 64)))
                p->container = sv_arena_copy(a, sv_slice_sub(part, i, i + 12)).p;
        take_group_name(a, part, p);
    }
}

void sv_live_group(struct sv_arena *a, struct sv_slice text, struct sv_process *p)
{
    while (text.n) {
        struct sv_slice line = sv_live_line(&text);
        for (int i = 0; i < 2; i++) /* "0::/path", "1:name=systemd:/path" */
            line = sv_slice_sub(line, sv_slice_chr(line, ':') + 1, line.n);
        take_group_path(a, line, p);
    }
}

/* ---- what it was started with ---- */

/* A copy of what was read, as far as all of them together may take memory. */
static struct sv_slice keep(struct reader *r, struct sv_slice text)
{
    text = sv_slice_sub(text, 0, SV_MAX_LIVE_BYTES - r->kept);
    r->kept += text.n;
    return sv_arena_copy(r->a, text);
}

static void take_words(struct reader *r, int dir, struct sv_process *p)
{
    struct sv_slice text = keep(r, read_at(r, dir, "cmdline"));
    while (text.n && p->words.n < SV_MAX_COMMAND_WORDS) {
        struct sv_slice word = sv_slice_sub(text, 0, sv_slice_chr(text, 0));
        text = sv_slice_sub(text, word.n + 1, text.n);
        sv_vec_push(r->a, &p->words, word);
    }
    r->short_of |= text.n > 0;
}

/* False: it is there and may not be read. */
static bool take_environment(struct reader *r, int dir, struct sv_process *p)
{
    struct stat st;
    /* Files of a process that is not dumpable belong to root (proc(5)). */
    bool there = fstatat(dir, "environ", &st, AT_SYMLINK_NOFOLLOW) == 0;
    p->environ_owner = there ? st.st_uid : 0;
    p->dumpable = there && st.st_uid == p->uid[1];
    struct sv_slice text = read_at(r, dir, "environ");
    bool refused = r->refused;
    text = keep(r, text);
    while (text.n && p->variables.n < SV_MAX_ENV_LINES) {
        struct sv_slice word = sv_slice_sub(text, 0, sv_slice_chr(text, 0));
        size_t eq = sv_slice_chr(word, '=');
        text = sv_slice_sub(text, word.n + 1, text.n);
        if (eq > 0 && eq < word.n)
            sv_vec_push(r->a, &p->variables,
                        (struct sv_process_var){sv_slice_sub(word, 0, eq),
                                                sv_slice_sub(word, eq + 1, word.n)});
    }
    r->short_of |= text.n > 0;
    p->has_environment = p->variables.n > 0;
    return !refused;
}

/* ---- sockets ---- */

static void take_ports(struct reader *r, int dir, struct sv_process *p)
{
    int fds = openat(dir, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *d = fds < 0 ? NULL : fdopendir(fds);
    unsigned looked = 0;
    if (!d) {
        if (fds >= 0)
            close(fds);
        return;
    }
    for (struct dirent *e; (e = readdir(d));) {
        char target[64];
        r->short_of |= looked == SV_MAX_PROC_FDS;
        if (looked++ == SV_MAX_PROC_FDS)
            break;
        if (e->d_name[0] == '.')
            continue;
        ssize_t n = readlinkat(dirfd(d), e->d_name, target, sizeof target - 1);
        if (n < 0 && errno == EACCES)
            break; /* of a process, not of one of its files */
        unsigned long long inode;
        struct sv_slice t = {target, n < 0 ? 0 : (size_t)n};
        if (!sv_slice_starts(t, "socket:[") || !sv_slice_u64(sv_slice_sub(t, 8, t.n - 1), &inode))
            continue;
        sv_vec_each (s, &r->sockets.list) {
            if (s->inode == inode)
                sv_vec_push(r->a, &p->ports,
                            (struct sv_process_port){s->address, s->port, s->loopback});
        }
    }
    closedir(d);
}

/* ---- namespaces ---- */

/* The number of one of a process's namespaces; 0: it cannot be asked. */
static ino_t namespace_of(int dir, const char *name)
{
    struct stat st;
    return fstatat(dir, name, &st, 0) == 0 ? st.st_ino : 0;
}

/* From its namespace outwards to the one that lies in ours. Who made that one has all capabilities
 * in those inside (user_namespaces(7)); closes `fd`. */
static uid_t outermost_owner(const struct reader *r, int fd)
{
    uid_t owner = 0;
    for (int depth = 0; depth < MAX_USER_NS; depth++) {
        struct stat st;
        int outer = ioctl(fd, NS_GET_PARENT);
        if (ioctl(fd, NS_GET_OWNER_UID, &owner) < 0)
            owner = 0;
        close(fd);
        fd = outer;
        if (outer < 0 || fstat(outer, &st) < 0 || st.st_ino == r->user_ns)
            break;
    }
    if (fd >= 0)
        close(fd);
    return owner;
}

/* Lines of "inside outside count": what `uid` is called inside. */
static uid_t inside(struct reader *r, int dir, uid_t uid)
{
    struct sv_slice text = read_at(r, dir, "uid_map");
    while (text.n) {
        struct sv_slice line = sv_live_line(&text);
        unsigned long long in, out, n;
        if (sv_slice_u64(sv_live_column(line, 0), &in) &&
            sv_slice_u64(sv_live_column(line, 1), &out) &&
            sv_slice_u64(sv_live_column(line, 2), &n) && uid >= out && uid - out < n)
            return (uid_t)(in + (uid - out));
    }
    return (uid_t)-1;
}

static void take_namespaces(struct reader *r, int dir, struct sv_process *p)
{
    ino_t user = namespace_of(dir, "ns/user"), net = namespace_of(dir, "ns/net");
    p->foreign = user && r->user_ns && user != r->user_ns;
    p->own_network = net && r->net_ns && net != r->net_ns;
    int fd = p->foreign ? openat(dir, "ns/user", O_RDONLY | O_CLOEXEC) : -1;
    if (fd >= 0) {
        p->ns_owner = outermost_owner(r, fd);
        p->inner_uid = inside(r, dir, p->uid[1]);
    }
    if (!p->own_network)
        return;
    ino_t *key = sv_new(r->a, ino_t);
    *key = net;
    if ((*sv_map_at(r->a, &r->net_seen, (struct sv_slice){(const char *)key, sizeof *key}))++)
        return;
    sv_live_sockets_of(r->a, dir, r->buffer, &r->sockets); /* those of its own namespace */
}

/* ---- mount options ---- */

static enum sv_hidepid hidepid(struct reader *r)
{
    struct sv_slice text = read_at(r, r->proc, "self/mountinfo");
    enum sv_hidepid found = SV_HIDEPID_OFF;
    while (text.n) {
        struct sv_slice line = sv_live_line(&text);
        size_t at = sv_slice_find(line, "hidepid=");
        struct sv_slice v = sv_slice_sub(line, at + 8, line.n);
        if (!sv_slice_is(sv_live_column(line, 4), "/proc"))
            continue;
        found = at == line.n                                                ? SV_HIDEPID_OFF
                : sv_slice_starts(v, "0") || sv_slice_starts(v, "off")      ? SV_HIDEPID_OFF
                : sv_slice_starts(v, "1") || sv_slice_starts(v, "noaccess") ? SV_HIDEPID_FILES
                                                                            : SV_HIDEPID_ON;
    }
    return found;
}

/* ---- all of them ---- */

enum { MAX_NAMED = 3 };

static void note_unreadable(struct sv_arena *a, const struct sv_process *p, struct sv_live *ret)
{
    if (ret->unreadable++ < MAX_NAMED)
        ret->unreadable_names =
            sv_arena_printf(a, "%s%s%s (pid %d)", ret->unreadable > 1 ? ret->unreadable_names : "",
                            ret->unreadable > 1 ? ", " : "", p->name, p->pid);
    else if (ret->unreadable == MAX_NAMED + 1)
        ret->unreadable_names = sv_arena_printf(a, "%s, ...", ret->unreadable_names);
}

/* The kernel's own threads, half of what there is on an idle machine, run none, and who has ended
 * none any more: those have neither words nor variables. */
static bool has_program(const struct reader *r, const char *name)
{
    char path[32], target[2];
    int n = snprintf(path, sizeof path, "%s/exe", name);
    return n < 0 || (size_t)n >= sizeof path ||
           readlinkat(r->proc, path, target, sizeof target) >= 0 || errno != ENOENT;
}

static void take_process(struct reader *r, const char *name, struct sv_live *ret)
{
    struct sv_process p = {.pid = (int)strtol(name, NULL, 10)};
    if (!has_program(r, name))
        return;
    int dir = openat(r->proc, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0)
        return;
    r->short_of = false;
    if (p.pid != r->self)
        take_words(r, dir, &p);
    if (p.words.n && take_status(r, dir, &p)) {
        sv_live_group(r->a, read_at(r, dir, "cgroup"), &p);
        take_namespaces(r, dir, &p);
        if (!take_environment(r, dir, &p))
            note_unreadable(r->a, &p, ret);
        if (r->sockets.list.n)
            take_ports(r, dir, &p);
        ret->cut_short += r->short_of;
        sv_vec_push(r->a, &ret->list, p);
    }
    close(dir);
}

static int by_pid(const void *x, const void *y)
{
    const struct sv_process *a = x, *b = y;
    return (a->pid > b->pid) - (a->pid < b->pid);
}

int sv_live_read(struct sv_arena *a, struct sv_live *ret)
{
    DIR *d = opendir("/proc");
    if (!d)
        return -errno;
    struct stat st;
    struct reader r = {.a = a, .proc = dirfd(d), .self = getpid(),
                       .buffer = malloc(SV_MAX_PROC_BYTES)};
    /* Where nothing is mounted there are processes all the same. */
    int rc = !r.buffer ? -ENOMEM : fstatat(r.proc, "self/status", &st, 0) < 0 ? -errno : 0;
    if (rc < 0) {
        free(r.buffer);
        closedir(d);
        return rc;
    }
    sv_live_sockets(a, r.proc, r.buffer, &r.sockets);
    ret->hidepid = hidepid(&r);
    r.user_ns = namespace_of(r.proc, "self/ns/user");
    r.net_ns = namespace_of(r.proc, "self/ns/net");
    for (struct dirent *e; !ret->cut && (e = readdir(d));) {
        if (!isdigit((unsigned char)e->d_name[0]))
            continue;
        ret->cut = ret->list.n == SV_MAX_PROCESSES || r.kept >= SV_MAX_LIVE_BYTES;
        if (!ret->cut)
            take_process(&r, e->d_name, ret);
    }
    ret->cut |= r.sockets.cut;
    explicit_bzero(r.buffer, r.used);
    free(r.buffer);
    closedir(d);
    if (ret->list.n)
        qsort(ret->list.v, ret->list.n, sizeof *ret->list.v, by_pid);
    return 0;
}
