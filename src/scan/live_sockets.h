// SPDX-License-Identifier: Apache-2.0
// Which TCP sockets of this machine listen; private to scan.
#ifndef SV_SCAN_LIVE_SOCKETS_H
#define SV_SCAN_LIVE_SOCKETS_H

#include <stdint.h>

#include "base/arena.h"
#include "base/vec.h"

struct sv_socket {
    unsigned long long inode;
    unsigned port;
    const char *address; /* "127.0.0.1:80", "[::1]:80" */
    bool loopback;
};
struct sv_sockets {
    SV_VEC(struct sv_socket) list; /* at most SV_MAX_SOCKETS */
    bool cut;                      /* there were more */
};

/* From the kernel's socket diagnostics, as ss(8) asks for them; where those are missing or refused,
 * from the opened /proc. `buffer` has SV_MAX_PROC_BYTES. */
void sv_live_sockets(struct sv_arena *a, int proc, char *buffer, struct sv_sockets *ret);

/* Adds those of a process's own network namespace, by its opened folder of /proc. */
void sv_live_sockets_of(struct sv_arena *a, int dir, char *buffer, struct sv_sockets *ret);

/* A whole file of an opened folder of /proc, at most the buffer; a negative errno if it cannot be
 * opened. */
ssize_t sv_live_file(int dir, const char *name, char *buffer);
/* The next line of the text, which is cut off it. */
struct sv_slice sv_live_line(struct sv_slice *rest);
/* The nth word of a line, from 0; empty if there are fewer. */
struct sv_slice sv_live_column(struct sv_slice line, unsigned n);
bool sv_live_is_hex(struct sv_slice s);

#endif
