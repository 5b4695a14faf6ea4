// SPDX-License-Identifier: Apache-2.0
// First and last bytes of what holds no text.
#include "scan/media.h"

#include <string.h>

static const char png[] = "\x89PNG\r\n", png_end[] = "IEND\xae" "B`\x82", jpeg[] = "\xff\xd8\xff";

bool sv_media_name(struct sv_slice name)
{
    static const char *const ends[] = {".png", ".jpg", ".jpeg", ".gif", ".webp", ".ico", ".avif",
                                       ".bmp", ".tif", ".tiff", ".woff", ".woff2", ".ttf", ".otf",
                                       ".eot", ".mp3", ".mp4", ".m4a", ".webm", ".ogg", ".oga",
                                       ".ogv", ".wav", ".flac", ".avi", ".mov", ".mkv", ".mo"};
    const char *dot = name.n ? memrchr(name.p, '.', name.n) : NULL;
    struct sv_slice end = sv_slice_sub(name, dot ? (size_t)(dot - name.p) : name.n, name.n);
    for (size_t i = 0; end.n > 1 && i < sizeof ends / sizeof *ends; i++)
        if (ends[i][1] == end.p[1] && sv_slice_is(end, ends[i]))
            return true;
    return false;
}

/* A frame of MPEG audio that no tag stands before. */
static bool is_mpeg_audio(struct sv_slice head)
{
    const unsigned char *p = (const unsigned char *)head.p;
    return head.n > 3 && p[0] == 0xff && ((p[1] & 0xf6) == 0xf2) && p[2] >> 4 != 0 &&
           p[2] >> 4 != 15 && (p[2] & 0x0c) != 0x0c;
}

/* What begins with two or three letters says more of itself further on. */
static bool is_said_again(const char *bytes, struct sv_slice head)
{
    static const char reserved[4];
    const unsigned char *p = (const unsigned char *)head.p;
    if (strcmp(bytes, "BM") == 0)
        return head.n > 9 && memcmp(p + 6, reserved, sizeof reserved) == 0;
    if (strcmp(bytes, "ID3") == 0) /* version, and a length in seven bits a byte */
        return head.n > 9 && p[3] >= 2 && p[3] <= 4 && !((p[6] | p[7] | p[8] | p[9]) & 0x80);
    if (strcmp(bytes, "LP") == 0) /* a font for the web: 1.0, 2.1 or 2.2 */
        return p[8] <= 2 && p[9] == 0 && p[10] >= 1 && p[10] <= 2 && p[11] == 0;
    return true;
}

bool sv_is_media(struct sv_slice head)
{
    static const struct {
        const char *bytes;
        size_t n, at;
    } magic[] = {
        {png, 6, 0},                 {jpeg, 3, 0},           {"GIF8", 4, 0},
        {"WEBP", 4, 8},              {"\0\0\1\0", 4, 0},     {"wOFF", 4, 0},
        {"wOF2", 4, 0},              {"\0\1\0\0\0", 5, 0},   {"OTTO", 4, 0},
        {"ID3", 3, 0},               {"ftyp", 4, 4},         {"OggS", 4, 0},
        {"fLaC", 4, 0},              {"\x1a\x45\xdf\xa3", 4, 0}, {"\xde\x12\x04\x95", 4, 0},
        {"BM", 2, 0},                {"II*\0", 4, 0},        {"MM\0*", 4, 0},
        {"RIFF", 4, 0},              {"moov", 4, 4},         {"mdat", 4, 4},
        {"ttcf", 4, 0},              {"LP", 2, 34},
    };
    bool is = is_mpeg_audio(head);
    for (size_t i = 0; !is && i < sizeof magic / sizeof *magic; i++)
        is = head.n >= magic[i].at + magic[i].n && head.p[magic[i].at] == magic[i].bytes[0] &&
             memcmp(head.p + magic[i].at, magic[i].bytes, magic[i].n) == 0 &&
             is_said_again(magic[i].bytes, head);
    /* A text may begin with three letters, but holds no NUL. */
    return is && memchr(head.p, 0, head.n < SV_MEDIA_HEAD ? head.n : SV_MEDIA_HEAD);
}

static uint64_t four(const char *p)
{
    const unsigned char *b = (const unsigned char *)p;
    return b[0] | (unsigned)b[1] << 8 | (unsigned)b[2] << 16 | (uint64_t)b[3] << 24;
}

bool sv_media_is_whole(struct sv_slice head, struct sv_slice tail, uint64_t size)
{
    if (sv_slice_starts(head, png))
        return sv_slice_ends(tail, png_end);
    if (sv_slice_starts(head, jpeg))
        return sv_slice_ends(tail, "\xff\xd9");
    if (sv_slice_starts(head, "GIF8"))
        return sv_slice_ends(tail, ";");
    if (sv_slice_starts(head, "RIFF") && head.n >= 8)
        return four(head.p + 4) + 8 + (four(head.p + 4) & 1) >= size;
    if (sv_slice_starts(head, "BM") && head.n >= 6)
        return four(head.p + 2) == 0 || four(head.p + 2) >= size;
    return true;
}
