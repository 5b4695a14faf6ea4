// SPDX-License-Identifier: Apache-2.0
// Decoders and sums over short texts; none allocates, none reads past its slice.
#include "secrets/bytes.h"

static int base64_digit(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == '+' || c == '-')
        return 62;
    return c == '/' || c == '_' ? 63 : -1;
}

size_t sv_base64(struct sv_slice text, unsigned char *out, size_t room, size_t *ret_used)
{
    uint32_t bits = 0;
    unsigned have = 0;
    size_t n = 0, i = 0;
    for (; i < text.n; i++) {
        int digit = base64_digit(text.p[i]);
        if (digit < 0 || n == room)
            break;
        bits = bits << 6 | (unsigned)digit;
        have += 6;
        if (have >= 8) {
            have -= 8;
            out[n++] = (unsigned char)(bits >> have);
        }
    }
    if (ret_used)
        *ret_used = i;
    return n;
}

size_t sv_base32(struct sv_slice text, unsigned char *out, size_t room)
{
    uint32_t bits = 0;
    unsigned have = 0;
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        unsigned digit;
        if (c >= 'A' && c <= 'Z')
            digit = (unsigned)(c - 'A');
        else if (c >= '2' && c <= '7')
            digit = (unsigned)(c - '2' + 26);
        else
            return 0;
        bits = bits << 5 | digit;
        have += 5;
        if (have >= 8) {
            have -= 8;
            if (n == room)
                return 0;
            out[n++] = (unsigned char)(bits >> have);
        }
    }
    return n;
}

size_t sv_base58(struct sv_slice text, unsigned char *out, size_t room)
{
    static const char digits[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    size_t zeros = 0, n = 0; /* out[room - n, room) is the number */
    while (zeros < text.n && text.p[zeros] == '1')
        zeros++;
    for (size_t i = zeros; i < text.n; i++) {
        const char *digit = text.p[i] ? strchr(digits, text.p[i]) : NULL;
        if (!digit)
            return 0;
        uint32_t carry = (uint32_t)(digit - digits);
        for (size_t k = 0; k < n || carry; k++) {
            if (k == room)
                return 0;
            unsigned char *byte = &out[room - 1 - k];
            carry += k < n ? *byte * 58u : 0;
            *byte = (unsigned char)carry;
            carry >>= 8;
            n = k + 1 > n ? k + 1 : n;
        }
    }
    if (zeros + n > room)
        return 0;
    memmove(out + zeros, out + room - n, n);
    memset(out, 0, zeros);
    return zeros + n;
}

uint32_t sv_crc32(struct sv_slice text)
{
    uint32_t crc = 0xffffffff;
    for (size_t i = 0; i < text.n; i++) {
        crc ^= (unsigned char)text.p[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
    }
    return ~crc;
}

/* Behind the string that begins at `i`, or the end. */
static size_t skip_string(struct sv_slice json, size_t i)
{
    for (i++; i < json.n && json.p[i] != '"'; i++)
        if (json.p[i] == '\\')
            i++;
    return i < json.n ? i + 1 : json.n;
}

static size_t skip_blanks(struct sv_slice json, size_t i)
{
    while (i < json.n && strchr(" \t\r\n", json.p[i]) && json.p[i])
        i++;
    return i;
}

static struct sv_slice scalar(struct sv_slice json, size_t i)
{
    if (i < json.n && json.p[i] == '"') {
        size_t end = skip_string(json, i);
        return sv_slice_sub(json, i + 1, end > i + 1 ? end - 1 : end);
    }
    size_t from = i;
    while (i < json.n && json.p[i] && !strchr(" \t\r\n,}]", json.p[i]))
        i++;
    return sv_slice_sub(json, from, i);
}

struct sv_slice sv_json_member(struct sv_slice json, const char *key)
{
    size_t depth = 0;
    for (size_t i = skip_blanks(json, 0); i < json.n;) {
        char c = json.p[i];
        if (c == '{' || c == '[') {
            depth++;
        } else if (c == '}' || c == ']') {
            if (depth-- <= 1)
                break;
        } else if (c == '"') {
            size_t end = skip_string(json, i), colon = skip_blanks(json, end);
            bool name = depth == 1 && colon < json.n && json.p[colon] == ':';
            if (name && sv_slice_is(sv_slice_sub(json, i + 1, end - 1), key))
                return scalar(json, skip_blanks(json, colon + 1));
            i = end;
            continue;
        } else if (depth == 0) {
            break;
        }
        i++;
    }
    return (struct sv_slice){NULL, 0};
}
