// SPDX-License-Identifier: Apache-2.0
// Does a value look like drawn by lot, or like something that people wrote?
#include <ctype.h>
#include <math.h>

#include "secrets/pairs.h"
#include "secrets/search.h"

enum { SHORTEST = 8, LONGEST = 512 };

double sv_entropy(struct sv_slice value)
{
    size_t seen[256] = {0};
    double bits = 0;
    for (size_t i = 0; i < value.n; i++)
        seen[(unsigned char)value.p[i]]++;
    for (size_t c = 0; c < 256; c++) {
        double p = value.n ? (double)seen[c] / (double)value.n : 0;
        if (p > 0)
            bits -= p * log2(p);
    }
    return bits;
}

struct kinds {
    size_t lower, upper, digits, other, hex, distinct;
};

static struct kinds count_kinds(struct sv_slice v)
{
    struct kinds k = {0};
    bool seen[256] = {false};
    for (size_t i = 0; i < v.n; i++) {
        unsigned char c = (unsigned char)v.p[i];
        k.lower += c >= 'a' && c <= 'z';
        k.upper += c >= 'A' && c <= 'Z';
        k.digits += c >= '0' && c <= '9';
        k.hex += (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
        k.distinct += !seen[c];
        seen[c] = true;
    }
    k.other = v.n - k.lower - k.upper - k.digits;
    return k;
}

/* Published values that look random: ids, sums of files, pictures. */
static bool well_known_shape(struct sv_slice v)
{
    static const char *const prefixes[] = {"sha1-",   "sha256-",     "sha384-", "sha512-",
                                           "sha1:",   "sha256:",     "sha512:", "md5:",
                                           "h1:",     "iVBORw0KGgo", "/9j/",    "R0lGOD",
                                           "UklGR",   "PHN2Zy",      "d09GMg",  "d09GRg",
                                           "AAEAAAA", "data:",       "urn:",    "0x",
                                           "http:",   "https:",      "MIIC",    "MIID",
                                           "MIIE",    "MIIF"};
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        if (sv_slice_starts(v, prefixes[i]))
            return true;
    if (v.n != 36)
        return false;
    for (size_t i = 0; i < v.n; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? v.p[i] != '-' : !isxdigit((unsigned char)v.p[i]))
            return false;
    }
    return true;
}

/* Bits by which the lot explains the value better than language and code do. */
static double evidence(struct sv_slice v, double alphabet)
{
    double bits = 0, each = log2(alphabet);
    unsigned before = SV_PAIR_OTHER;
    for (size_t i = 0; i < v.n; i++) {
        unsigned class = sv_pair_class((unsigned char)v.p[i]);
        double cost = sv_pair_cost[before][class] / 10.0;
        /* Every other byte is one class; a separator in a name is nothing unusual. */
        bits += class == SV_PAIR_OTHER ? 0 : cost - each;
        before = class;
    }
    return bits;
}

/* The part of the value that lies in runs of letters which read like words. */
static double wordiness(struct sv_slice v)
{
    enum { LEAST = 4, USUAL = 46 }; /* tenths of a bit a pair: what words cost on the average */
    size_t covered = 0;
    for (size_t i = 0; i < v.n;) {
        size_t from = i, cost = 0;
        bool first_upper = isupper((unsigned char)v.p[i]);
        while (i < v.n && isalpha((unsigned char)v.p[i])) {
            bool upper = isupper((unsigned char)v.p[i]);
            if (i > from + 1 && upper != !!isupper((unsigned char)v.p[i - 1]))
                break; /* camelCase: the next word */
            if (i == from + 1 && upper && !first_upper)
                break;
            if (i > from)
                cost += sv_pair_cost[tolower((unsigned char)v.p[i - 1]) - 'a']
                                    [tolower((unsigned char)v.p[i]) - 'a'];
            i++;
        }
        if (i - from >= LEAST && cost <= USUAL * (i - from - 1))
            covered += i - from;
        if (i == from)
            i++;
    }
    return (double)covered / (double)v.n;
}

static double alphabet_of(const struct kinds *k, size_t n)
{
    if (k->hex == n && k->digits)
        return 16;
    return (k->lower ? 26 : 0) + (k->upper ? 26 : 0) + (k->digits ? 10 : 0) + (k->other ? 2 : 0);
}

bool sv_looks_random(struct sv_slice v)
{
    if (v.n < SHORTEST || v.n > LONGEST || well_known_shape(v))
        return false;
    struct kinds k = count_kinds(v);
    for (size_t i = 0; i < v.n; i++)
        if (!isgraph((unsigned char)v.p[i]))
            return false;
    if (k.digits + k.other + 2 >= v.n || k.other * 3 > v.n || k.distinct < (v.n < 16 ? 6 : 8))
        return false;
    /* Tuned on 60,000 names and words of package sources against values drawn from eight alphabets:
     * abbreviations joined by underscores are what looks most like a lot without digits. */
    double each = k.digits ? 0.35 : k.other ? 1.1 : 0.7, least = k.digits ? 8 : 12;
    double bits = evidence(v, alphabet_of(&k, v.n));
    return bits > least && bits > each * (double)v.n && wordiness(v) < 0.4;
}
