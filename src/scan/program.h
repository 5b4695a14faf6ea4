// SPDX-License-Identifier: Apache-2.0
// Where a program keeps what was written into it: its constants, and what stands behind it.
#ifndef SV_SCAN_PROGRAM_H
#define SV_SCAN_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

/* ELF, but for a core: a process's memory holds what it was given. */
bool sv_is_program(struct sv_slice head);
/* A program or a library that packages bring, by its path: of a system, or of a language. */
bool sv_is_packaged_program(const char *path);

enum { SV_PROGRAM_RANGES = 66 };
struct sv_program {
    size_t n;
    struct {
        uint64_t from, to;
    } ranges[SV_PROGRAM_RANGES]; /* in order, apart */
};
/* What is loaded and no code, and all behind what is loaded: sections with names of their own, of
 * debuggers and bundlers, and what installers append. Where that cannot be told, the whole file. */
void sv_program_of(int fd, uint64_t size, struct sv_program *ret);

#endif
