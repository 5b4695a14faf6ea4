// SPDX-License-Identifier: Apache-2.0
// MD5 and SHA-1 for httpd's expressions (RFC 1321, RFC 3174); nothing here protects anything.
#include <stdint.h>

#include "serve/apache_rewrite.h"

static uint32_t rotate(uint32_t v, unsigned n)
{
    return v << n | v >> (32 - n);
}

/* The text with its padding and its length in bits, in whole blocks of 64 bytes. */
static struct sv_slice padded(struct sv_arena *a, struct sv_slice s, bool big_endian)
{
    size_t n = (s.n + 8) / 64 * 64 + 64;
    uint64_t bits = (uint64_t)s.n * 8;
    char *p = sv_arena_alloc(a, n);
    if (s.n)
        memcpy(p, s.p, s.n);
    p[s.n] = (char)0x80;
    for (unsigned i = 0; i < 8; i++)
        p[n - 8 + i] = (char)(bits >> 8 * (big_endian ? 7 - i : i) & 0xff);
    return (struct sv_slice){p, n};
}

static uint32_t load(const char *p, bool big_endian)
{
    uint32_t v = 0;
    for (unsigned i = 0; i < 4; i++)
        v |= (uint32_t)(unsigned char)p[i] << 8 * (big_endian ? 3 - i : i);
    return v;
}

static struct sv_slice hexadecimal(struct sv_arena *a, const uint32_t *h, unsigned n, bool big)
{
    static const char digits[] = "0123456789abcdef";
    char *out = sv_arena_alloc(a, n * 8 + 1);
    for (unsigned i = 0; i < n * 4; i++) {
        unsigned byte = h[i / 4] >> 8 * (big ? 3 - i % 4 : i % 4) & 0xff;
        out[2 * i] = digits[byte >> 4];
        out[2 * i + 1] = digits[byte & 15];
    }
    return (struct sv_slice){out, n * 8};
}

static const uint32_t md5_sines[64] = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
    0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
    0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
    0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
};

static void md5_block(uint32_t h[4], const char *p)
{
    static const unsigned char shifts[4][4] = {
        {7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};
    uint32_t a = h[0], b = h[1], c = h[2], d = h[3];
    for (unsigned i = 0; i < 64; i++) {
        unsigned round = i / 16, word = i;
        uint32_t f = (b & c) | (~b & d);
        if (round == 1) {
            f = (d & b) | (~d & c);
            word = 5 * i + 1;
        } else if (round == 2) {
            f = b ^ c ^ d;
            word = 3 * i + 5;
        } else if (round == 3) {
            f = c ^ (b | ~d);
            word = 7 * i;
        }
        f += a + md5_sines[i] + load(p + 4 * (word % 16), false);
        a = d;
        d = c;
        c = b;
        b += rotate(f, shifts[round][i % 4]);
    }
    h[0] += a;
    h[1] += b;
    h[2] += c;
    h[3] += d;
}

struct sv_slice ap_md5(struct sv_arena *a, struct sv_slice s)
{
    uint32_t h[4] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
    struct sv_slice text = padded(a, s, false);
    for (size_t i = 0; i < text.n; i += 64)
        md5_block(h, text.p + i);
    return hexadecimal(a, h, 4, false);
}

static void sha1_block(uint32_t h[5], const char *p)
{
    uint32_t w[80], a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
    for (unsigned i = 0; i < 80; i++)
        w[i] = i < 16 ? load(p + 4 * i, true)
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
    struct sv_slice text = padded(a, s, true);
    for (size_t i = 0; i < text.n; i += 64)
        sha1_block(h, text.p + i);
    return hexadecimal(a, h, 5, true);
}
