// SPDX-License-Identifier: Apache-2.0
// Writes a zip's header of one member (APPNOTE.TXT, 4.3.7) for the data of gzip (RFC 1952), bzip2
// and xz.
#include "scan/secrets_cut.h"

#include <errno.h>
#include <unistd.h>

enum {
    HEADER = 30,
    DEFLATE = 8,
    BZIP2 = 12,
    XZ = 95,
    LENGTH_BEHIND = 8, /* the flag for a member whose length stands behind it */
};

/* Where the data begins behind gzip's header; 0 if the header is longer than what is known. */
static size_t gzip_data(struct sv_slice head)
{
    enum { FIXED = 10, FLAGS = 3, CHECKSUM = 2, EXTRA = 4, NAME = 8, COMMENT = 16 };
    static const unsigned char texts[] = {NAME, COMMENT};
    const unsigned char *p = (const unsigned char *)head.p;
    size_t at = FIXED;
    if (head.n < FIXED + 2)
        return 0;
    if (p[FLAGS] & EXTRA)
        at += 2 + (p[at] | (size_t)p[at + 1] << 8);
    for (size_t i = 0; i < sizeof texts; i++)
        if (p[FLAGS] & texts[i])
            at += sv_slice_chr(sv_slice_sub(head, at, head.n), 0) + 1;
    at += p[FLAGS] & CHECKSUM ? 2 : 0;
    return at < head.n ? at : 0;
}

bool sv_cut_wrap(struct sv_cut *ret, enum sv_kind kind, int fd)
{
    char text[4096];
    ssize_t n;
    int method = kind == SV_KIND_GZIP ? DEFLATE : kind == SV_KIND_BZIP2 ? BZIP2
                 : kind == SV_KIND_XZ ? XZ : 0;
    do
        n = pread(fd, text, sizeof text, 0);
    while (n < 0 && errno == EINTR);
    *ret = (struct sv_cut){.n = HEADER + 1};
    if (kind == SV_KIND_GZIP && n > 0)
        ret->from = gzip_data((struct sv_slice){text, (size_t)n});
    memcpy(ret->head, "PK\3\4\x3f", 5); /* the version that knows these methods */
    ret->head[6] = method == DEFLATE ? LENGTH_BEHIND : 0;
    ret->head[8] = (char)method;
    if (method != DEFLATE)
        memset(ret->head + 18, 0x7f, 8); /* longer than any file that is read */
    ret->head[26] = 1; /* the length of its name */
    ret->head[HEADER] = 'x';
    return method && n > 0 && (ret->from || kind != SV_KIND_GZIP);
}
