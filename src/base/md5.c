// SPDX-License-Identifier: Apache-2.0
// MD5, block by block.
#include "base/md5.h"

#include <string.h>

enum { BLOCK = 64, LENGTH_AT = 56 };

static uint32_t rotate(uint32_t v, unsigned n)
{
    return v << n | v >> (32 - n);
}

static uint32_t load(const char *p)
{
    uint32_t v = 0;
    for (unsigned i = 0; i < 4; i++)
        v |= (uint32_t)(unsigned char)p[i] << 8 * i;
    return v;
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
        f += a + md5_sines[i] + load(p + 4 * (word % 16));
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

void sv_md5_start(struct sv_md5 *m)
{
    *m = (struct sv_md5){.h = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476}};
}

void sv_md5_add(struct sv_md5 *m, struct sv_slice s)
{
    while (s.n) {
        size_t have = m->n % BLOCK, n = BLOCK - have < s.n ? BLOCK - have : s.n;
        memcpy(m->block + have, s.p, n);
        m->n += n;
        s = sv_slice_sub(s, n, s.n);
        if (have + n == BLOCK)
            md5_block(m->h, m->block);
    }
}

void sv_md5_hex(struct sv_md5 *m, char ret_hex[SV_MD5_HEX])
{
    static const char digits[] = "0123456789abcdef", padding[BLOCK] = {(char)0x80};
    uint64_t bits = m->n * 8;
    char length[8];
    for (unsigned i = 0; i < 8; i++)
        length[i] = (char)(bits >> 8 * i & 0xff);
    size_t have = m->n % BLOCK, end = have < LENGTH_AT ? LENGTH_AT : BLOCK + LENGTH_AT;
    sv_md5_add(m, (struct sv_slice){padding, end - have});
    sv_md5_add(m, (struct sv_slice){length, sizeof length});
    for (unsigned i = 0; i < 16; i++) {
        unsigned byte = m->h[i / 4] >> 8 * (i % 4) & 0xff;
        ret_hex[2 * i] = digits[byte >> 4];
        ret_hex[2 * i + 1] = digits[byte & 15];
    }
    ret_hex[2 * 16] = 0;
}
