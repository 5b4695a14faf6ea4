// SPDX-License-Identifier: Apache-2.0
// MD5 and SHA-1 (RFC 3174) for httpd's expressions; nothing here protects anything.
#include <stdint.h>

#include "base/md5.h"
#include "serve/apache_rewrite.h"

static uint32_t rotate(uint32_t v, unsigned n)
{
    return v << n | v >> (32 - n);
}

/* The text with its padding and its length in bits, in whole blocks of 64 bytes. */
static struct sv_slice padded(struct sv_arena *a, struct sv_slice s)
{
    size_t n = (s.n + 8) / 64 * 64 + 64;
    uint64_t bits = (uint64_t)s.n * 8;
    char *p = sv_arena_alloc(a, n);
    if (s.n)
        memcpy(p, s.p, s.n);
    p[s.n] = (char)0x80;
    for (unsigned i = 0; i < 8; i++)
        p[n - 8 + i] = (char)(bits >> 8 * (7 - i) & 0xff);
    return (struct sv_slice){p, n};
}

static uint32_t load(const char *p)
{
    uint32_t v = 0;
    for (unsigned i = 0; i < 4; i++)
        v |= (uint32_t)(unsigned char)p[i] << 8 * (3 - i);
    return v;
}

static struct sv_slice hexadecimal(struct sv_arena *a, const uint32_t *h, unsigned n)
{
    static const char digits[] = "0123456789abcdef";
    char *out = sv_arena_alloc(a, n * 8 + 1);
    for (unsigned i = 0; i < n * 4; i++) {
        unsigned byte = h[i / 4] >> 8 * (3 - i % 4) & 0xff;
        out[2 * i] = digits[byte >> 4];
        out[2 * i + 1] = digits[byte & 15];
    }
    return (struct sv_slice){out, n * 8};
}

struct sv_slice ap_md5(struct sv_arena *a, struct sv_slice s)
{
    struct sv_md5 m;
    char *hex = sv_arena_alloc(a, SV_MD5_HEX);
    sv_md5_start(&m);
    sv_md5_add(&m, s);
    sv_md5_hex(&m, hex);
    return sv_slice_of(hex);
}

static void sha1_block(uint32_t h[5], const char *p)
{
    uint32_t w[80], a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
    for (unsigned i = 0; i < 80; i++)
        w[i] = i < 16 ? load(p + 4 * i)
                      : rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    for (unsigned i = 0; i < 80; i++) {
        static const uint32_t k[4] = {0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6};
        uint32_t f = b ^ c ^ d;
        if (i < 20)
            f = (b & c) | (~b & d);
        else if (i >= 40 && i < 60)
            f = (b & c) | (b & d) | (c & d);
        f += rotate(a, 5) + e + k[i / 20] + w[i];
        e = d;
        d = c;
        c = rotate(b, 30);
        b = a;
        a = f;
    }
    h[0] += a;
    h[1] += b;
    h[2] += c;
    h[3] += d;
    h[4] += e;
}

struct sv_slice ap_sha1(struct sv_arena *a, struct sv_slice s)
{
    uint32_t h[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
    struct sv_slice text = padded(a, s);
    for (size_t i = 0; i < text.n; i += 64)
        sha1_block(h, text.p + i);
    return hexadecimal(a, h, 5);
}
