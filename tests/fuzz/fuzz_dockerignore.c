// SPDX-License-Identifier: Apache-2.0
// Fuzz target: a path in the first line, a .dockerignore behind it.
#include "syntax/dockerfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sv_arena a = {0};
    struct sv_diags diags = {.arena = &a};
    struct sv_slice all = sv_arena_copy(&a, (struct sv_slice){(const char *)data, size});
    size_t eol = sv_slice_chr(all, '\n');
    struct sv_docker_ignore ig = {0};
    uint64_t work = 0;
    sv_docker_ignore_parse(&a, sv_slice_sub(all, eol + 1, all.n), &diags, 0, &ig);
    (void)sv_docker_ignored(&ig, sv_slice_sub(all, 0, eol), &work);
    sv_arena_clear(&a);
    return 0;
}
