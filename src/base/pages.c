// SPDX-License-Identifier: Apache-2.0
// Reads any bytes of an opened file.
#include "base/pages.h"

#include <errno.h>
#include <unistd.h>

ssize_t sv_pages_read_file(void *fd, char *p, size_t n, uint64_t at)
{
    ssize_t r;
    do
        r = pread(*(int *)fd, p, n, (off_t)at);
    while (r < 0 && errno == EINTR);
    return r < 0 ? -errno : r;
}
