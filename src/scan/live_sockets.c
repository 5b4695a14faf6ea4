// SPDX-License-Identifier: Apache-2.0
// Listening sockets: from the kernel's socket diagnostics, else from the tables of /proc/net.
#include "scan/live_sockets.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/limits.h"

enum { LISTENING = 10 }; /* TCP_LISTEN of the kernel's tcp_states.h, "0A" in /proc/net/tcp */

/* ---- reading ---- */

ssize_t sv_live_file(int dir, const char *name, char *buffer)
{
    size_t n = 0;
    int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return -errno;
    while (n < SV_MAX_PROC_BYTES) {
        ssize_t got = read(fd, buffer + n, SV_MAX_PROC_BYTES - n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        n += (size_t)got;
    }
    close(fd);
    return (ssize_t)n;
}

struct sv_slice sv_live_line(struct sv_slice *rest)
{
    struct sv_slice line = sv_slice_sub(*rest, 0, sv_slice_chr(*rest, '\n'));
    *rest = sv_slice_sub(*rest, line.n + 1, rest->n);
    return line;
}

struct sv_slice sv_live_column(struct sv_slice line, unsigned n)
{
    for (;; n--) {
        size_t from = 0, to;
        while (from < line.n && line.p[from] == ' ')
            from++;
        for (to = from; to < line.n && line.p[to] != ' '; to++)
            ;
        if (n == 0 || from == line.n)
            return sv_slice_sub(line, from, to);
        line = sv_slice_sub(line, to, line.n);
    }
}

bool sv_live_is_hex(struct sv_slice s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!isxdigit((unsigned char)s.p[i]))
            return false;
    return s.n > 0;
}

/* ---- one socket ---- */

/* The address in groups of four bytes, each as it lies in memory. */
static void keep(struct sv_arena *a, struct sv_sockets *ret, unsigned long long inode, bool v6,
                 const uint32_t groups[4], unsigned port)
{
    struct sv_socket s = {.inode = inode, .port = port};
    char shown[INET6_ADDRSTRLEN];
    bool mapped = v6 && groups[0] == 0 && groups[1] == 0 && groups[2] == htonl(0xffff);
    const uint32_t *v4 = mapped ? groups + 3 : groups;
    if (v6 && !mapped) {
        s.loopback = !groups[0] && !groups[1] && !groups[2] && groups[3] == htonl(1);
        inet_ntop(AF_INET6, groups, shown, sizeof shown);
        s.address = sv_arena_printf(a, "[%s]:%u", shown, port);
    } else {
        s.loopback = ntohl(*v4) >> 24 == 127;
        inet_ntop(AF_INET, v4, shown, sizeof shown);
        s.address = sv_arena_printf(a, "%s:%u", shown, port);
    }
    ret->cut |= ret->list.n >= SV_MAX_SOCKETS;
    if (!ret->cut)
        sv_vec_push(a, &ret->list, s);
}

/* ---- socket diagnostics (sock_diag(7)) ---- */

static bool ask(int fd, int family)
{
    struct {
        struct nlmsghdr head;
        struct inet_diag_req_v2 diag;
    } request = {.head = {.nlmsg_len = sizeof request,
                          .nlmsg_type = SOCK_DIAG_BY_FAMILY,
                          .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
                 .diag = {.sdiag_family = (uint8_t)family,
                          .sdiag_protocol = IPPROTO_TCP,
                          .idiag_states = 1u << LISTENING}};
    return send(fd, &request, sizeof request, 0) == (ssize_t)sizeof request;
}

/* The messages of one answer. 1: more will come, 0: that was all, -1: the kernel refuses. */
static int take(struct sv_arena *a, const char *p, size_t n, struct sv_sockets *ret)
{
    struct nlmsghdr head;
    struct inet_diag_msg m;
    for (size_t at = 0; at + sizeof head <= n;) {
        memcpy(&head, p + at, sizeof head);
        if (head.nlmsg_len < sizeof head || head.nlmsg_len > n - at)
            return -1;
        if (head.nlmsg_type == NLMSG_DONE)
            return 0;
        if (head.nlmsg_type != SOCK_DIAG_BY_FAMILY ||
            head.nlmsg_len < NLMSG_HDRLEN + sizeof m)
            return -1;
        memcpy(&m, p + at + NLMSG_HDRLEN, sizeof m);
        if (m.idiag_state == LISTENING)
            keep(a, ret, m.idiag_inode, m.idiag_family == AF_INET6, m.id.idiag_src,
                 ntohs(m.id.idiag_sport));
        at += NLMSG_ALIGN(head.nlmsg_len);
    }
    return 1;
}

static bool from_diagnostics(struct sv_arena *a, int family, char *buffer, struct sv_sockets *ret)
{
    size_t before = ret->list.n;
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG), more = -1;
    if (fd >= 0 && ask(fd, family)) {
        do {
            ssize_t n = recv(fd, buffer, SV_MAX_PROC_BYTES, 0);
            if (n < 0 && errno == EINTR)
                more = 1;
            else
                more = n <= 0 ? -1 : take(a, buffer, (size_t)n, ret);
        } while (more > 0);
    }
    if (fd >= 0)
        close(fd);
    if (more < 0)
        ret->list.n = before;
    return more == 0;
}

/* ---- /proc/net/tcp ---- */

/* "0100007F:1F90": groups of four bytes, each a number in the machine's own order. */
static bool address(struct sv_slice text, bool v6, uint32_t groups[4], unsigned *ret_port)
{
    size_t colon = sv_slice_chr(text, ':');
    if (colon != (v6 ? 32u : 8u) || text.n != colon + 5 ||
        !sv_live_is_hex(sv_slice_sub(text, 0, colon)) ||
        !sv_live_is_hex(sv_slice_sub(text, colon + 1, text.n)))
        return false;
    for (size_t i = 0; i < colon / 8; i++) {
        char digits[9] = {0};
        memcpy(digits, text.p + 8 * i, 8);
        groups[i] = (uint32_t)strtoul(digits, NULL, 16);
    }
    char port[5] = {0};
    memcpy(port, text.p + colon + 1, 4);
    *ret_port = (unsigned)strtoul(port, NULL, 16);
    return true;
}

/* Lines of "sl local_address rem_address st ... inode". */
static void from_table(struct sv_arena *a, struct sv_slice text, bool v6, struct sv_sockets *ret)
{
    (void)sv_live_line(&text);
    while (text.n) {
        struct sv_slice line = sv_live_line(&text);
        uint32_t groups[4] = {0};
        unsigned long long inode;
        unsigned port;
        if (sv_slice_is(sv_live_column(line, 3), "0A") &&
            sv_slice_u64(sv_live_column(line, 9), &inode) &&
            address(sv_live_column(line, 1), v6, groups, &port))
            keep(a, ret, inode, v6, groups, port);
    }
}

static void from_file(struct sv_arena *a, int dir, bool v6, char *buffer, struct sv_sockets *ret)
{
    ssize_t n = sv_live_file(dir, v6 ? "net/tcp6" : "net/tcp", buffer);
    ret->cut |= n == SV_MAX_PROC_BYTES;
    if (n > 0)
        from_table(a, (struct sv_slice){buffer, (size_t)n}, v6, ret);
}

/* The table of all connections is walked bucket by bucket for a few that listen: five milliseconds
 * on a machine that is idle. */
void sv_live_sockets(struct sv_arena *a, int proc, char *buffer, struct sv_sockets *ret)
{
    for (int v6 = 0; v6 < 2; v6++)
        if (!from_diagnostics(a, v6 ? AF_INET6 : AF_INET, buffer, ret))
            from_file(a, proc, v6, buffer, ret);
}

void sv_live_sockets_of(struct sv_arena *a, int dir, char *buffer, struct sv_sockets *ret)
{
    from_file(a, dir, false, buffer, ret);
    from_file(a, dir, true, buffer, ret);
}
