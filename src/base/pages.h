// SPDX-License-Identifier: Apache-2.0
// Bytes that can be read from anywhere: of an opened file, or of what lies in memory.
#ifndef SV_BASE_PAGES_H
#define SV_BASE_PAGES_H

#include <stdint.h>
#include <sys/types.h>

struct sv_pages {
    ssize_t (*read)(void *ctx, char *p, size_t n, uint64_t at); /* or a negative errno */
    void *ctx;
    uint64_t size;
};
/* Reads an opened file; the context is a pointer to its descriptor. */
ssize_t sv_pages_read_file(void *fd, char *p, size_t n, uint64_t at);
/* All n bytes, zeros behind the end, as SQLite wants them: how many there were; negative errno. */
ssize_t sv_pages_fill(const struct sv_pages *pages, char *p, size_t n, uint64_t at);

#endif
