// SPDX-License-Identifier: Apache-2.0
// Reads any bytes of an opened file.
#include "base/pages.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

ssize_t sv_pages_read_file(void *fd, char *p, size_t n, uint64_t at)
{
    ssize_t r;
    do
        r = pread(*(int *)fd, p, n, (off_t)at);
    while (r < 0 && errno == EINTR);
    return r < 0 ? -errno : r;
}

ssize_t sv_pages_fill(const struct sv_pages *pages, char *p, size_t n, uint64_t at)
{
    size_t got = 0;
    while (got < n && at + got < pages->size) {
        ssize_t r = pages->read(pages->ctx, p + got, n - got, at + got);
        if (r < 0)
            return r;
        if (r == 0)
            break;
        got += (size_t)r;
    }
    memset(p + got, 0, n - got);
    return (ssize_t)got;
}
