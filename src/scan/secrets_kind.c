// SPDX-License-Identifier: Apache-2.0
// First bytes of archives, of compressed files and of databases.
#include "scan/secrets_kind.h"

#include <ctype.h>
#include <stdint.h>

static const struct {
    enum sv_kind kind;
    const char *bytes;
    size_t n;
} magic[] = {
    {SV_KIND_GZIP, "\x1f\x8b\x08", 3},
    {SV_KIND_COMPRESS, "\x1f\x9d", 2},
    {SV_KIND_BZIP2, "BZh", 3},
    {SV_KIND_XZ, "\xfd" "7zXZ\0", 6},
    {SV_KIND_ZSTD, "\x28\xb5\x2f\xfd", 4},
    {SV_KIND_LZ4, "\x04\x22\x4d\x18", 4},
    {SV_KIND_LZIP, "LZIP\1", 5},
    {SV_KIND_ZIP, "PK\3\4", 4},
    {SV_KIND_ZIP, "PK\5\6", 4},
    {SV_KIND_AR, "!<arch>\n", 8},
    {SV_KIND_CPIO, "070701", 6},
    {SV_KIND_CPIO, "070702", 6},
    {SV_KIND_CPIO, "070707", 6},
    {SV_KIND_SQLITE, "SQLite format 3", 16},
    {SV_KIND_GIT_PACK, "PACK\0\0\0\2", 8},
    {SV_KIND_GIT_PACK, "PACK\0\0\0\3", 8},
    {SV_KIND_RAR, "Rar!\x1a\x07", 6},
    {SV_KIND_7ZIP, "7z\xbc\xaf\x27\x1c", 6},
};

static const char *const names[] = {
    [SV_KIND_PLAIN] = "plain", [SV_KIND_GZIP] = "gzip",     [SV_KIND_BZIP2] = "bzip2",
    [SV_KIND_XZ] = "xz",       [SV_KIND_ZSTD] = "zstd",     [SV_KIND_LZ4] = "lz4",
    [SV_KIND_ZIP] = "zip",     [SV_KIND_TAR] = "tar",       [SV_KIND_CPIO] = "cpio",
    [SV_KIND_AR] = "ar",       [SV_KIND_SQLITE] = "SQLite", [SV_KIND_RAR] = "RAR",
    [SV_KIND_7ZIP] = "7-Zip",  [SV_KIND_LZIP] = "lzip",     [SV_KIND_COMPRESS] = "compress",
    [SV_KIND_GIT_PACK] = "git pack", [SV_KIND_GIT_OBJECT] = "git object",
};

/* What follows the magic of short ones must be in place too: texts may begin with three letters. */
static bool plausible(enum sv_kind kind, struct sv_slice head)
{
    enum { CPIO_HEAD = 76 }; /* of the oldest form, all octal digits; newer ones are longer */
    switch (kind) {
    case SV_KIND_BZIP2:
        return head.n >= 10 && head.p[3] >= '1' && head.p[3] <= '9' &&
               (memcmp(head.p + 4, "\x31\x41\x59\x26\x53\x59", 6) == 0 ||
                memcmp(head.p + 4, "\x17\x72\x45\x38\x50\x90", 6) == 0);
    case SV_KIND_COMPRESS:
        return head.n >= 3 && (head.p[2] & 0x60) == 0;
    case SV_KIND_CPIO:
        for (size_t i = 6; i < CPIO_HEAD; i++)
            if (i >= head.n || !isxdigit((unsigned char)head.p[i]))
                return false;
        return true;
    default:
        return true;
    }
}

/* A tar header's sum over itself, its own field counted as blanks. */
static bool is_tar(struct sv_slice head)
{
    enum { FIELD = 148, FIELD_END = 156 };
    uint32_t want = 0, sum = 0;
    size_t i = FIELD;
    if (head.n < SV_KIND_HEAD || head.p[0] == 0)
        return false;
    while (i < FIELD_END && head.p[i] == ' ')
        i++;
    if (i == FIELD_END || head.p[i] < '0' || head.p[i] > '7')
        return false;
    for (; i < FIELD_END && head.p[i] >= '0' && head.p[i] <= '7'; i++)
        want = want * 8 + (uint32_t)(head.p[i] - '0');
    for (i = 0; i < SV_KIND_HEAD; i++)
        sum += i >= FIELD && i < FIELD_END ? ' ' : (unsigned char)head.p[i];
    return sum == want;
}

enum sv_kind sv_kind_of(struct sv_slice head)
{
    for (size_t i = 0; i < sizeof magic / sizeof *magic; i++)
        if (head.n >= magic[i].n && head.p[0] == magic[i].bytes[0] &&
            memcmp(head.p, magic[i].bytes, magic[i].n) == 0 && plausible(magic[i].kind, head))
            return magic[i].kind;
    return is_tar(head)             ? SV_KIND_TAR
           : sv_git_is_object(head) ? SV_KIND_GIT_OBJECT
                                    : SV_KIND_PLAIN;
}

static unsigned two(const char *p)
{
    return (unsigned)(unsigned char)p[0] | (unsigned)(unsigned char)p[1] << 8;
}

/* The record says that it is of one disk, as every zip is, and how long its comment is. */
static bool zip_end_at(struct sv_slice text, size_t at)
{
    const char *p = text.p + at;
    return text.n - at >= SV_KIND_ZIP_END && memcmp(p, "PK\5\6", 4) == 0 &&
           two(p + 4) == two(p + 6) && two(p + 8) == two(p + 10) &&
           two(p + 20) <= text.n - at - SV_KIND_ZIP_END;
}

/* Backwards: a comment may hold the same bytes, a member that is a zip does. */
size_t sv_kind_zip_end(struct sv_slice text)
{
    for (size_t n = text.n; n;) {
        const char *p = memrchr(text.p, '\5', n);
        if (!p)
            break;
        n = (size_t)(p - text.p);
        if (n >= 2 && zip_end_at(text, n - 2))
            return n - 2;
    }
    return text.n;
}

bool sv_kind_ends_zip(struct sv_slice text)
{
    struct sv_slice tail =
        sv_slice_sub(text, text.n > SV_KIND_TAIL ? text.n - SV_KIND_TAIL : 0, text.n);
    size_t at = sv_kind_zip_end(tail);
    return at < tail.n && two(tail.p + at + 20) == tail.n - at - SV_KIND_ZIP_END;
}

const char *sv_kind_name(enum sv_kind kind)
{
    return names[kind];
}
