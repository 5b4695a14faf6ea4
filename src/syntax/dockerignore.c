// SPDX-License-Identifier: Apache-2.0
// .dockerignore: patterns, exceptions, and folders above a file that keep it out.
#include <ctype.h>

#include "base/limits.h"
#include "syntax/dockerfile.h"

enum kind {
    RUNE,
    ONE,    /* "?": any but "/" */
    STAR,   /* "*": any number of those */
    GAP,    /* "**" in front or in the middle: nothing, or all up to a "/" */
    ALL,    /* "**" at the end: anything */
    CLASS,  /* "[a-z]" */
    TOP,    /* "^": Docker's regular expression fits it to the beginning alone */
};

struct token {
    enum kind kind;
    uint32_t rune;
    bool negated;
    struct sv_slice set; /* CLASS: what stands between the brackets */
};

/* How Docker compares; only a pattern in the middle of which a wildcard stands is searched. */
enum compare { EXACT, PREFIX, SUFFIX, PATTERN };

struct sv_docker_ignore_rule {
    bool exception;
    enum compare compare;
    struct sv_slice text; /* cleaned */
    SV_VEC(struct token) tokens;
    size_t steps; /* to try all of them on one character */
};

/* ---- characters ---- */

enum { INVALID = 0xfffd };

/* One character, as Go reads them: a byte that belongs to none counts as U+FFFD. At least one byte
 * is there. */
static uint32_t next_rune(struct sv_slice s, size_t *at)
{
    static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    unsigned char c = (unsigned char)s.p[(*at)++];
    size_t more = c < 0xc0 ? 0 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
    uint32_t r = c & (0x3fu >> more);
    if (c < 0x80)
        return c;
    if (more == 0 || c >= 0xf8 || s.n - *at < more)
        return INVALID;
    for (size_t i = 0; i < more; i++) {
        unsigned char next = (unsigned char)s.p[*at + i];
        if ((next & 0xc0) != 0x80)
            return INVALID;
        r = r << 6 | (next & 0x3fu);
    }
    if (r < least[more] || r > 0x10ffff || (r >= 0xd800 && r < 0xe000))
        return INVALID;
    *at += more;
    return r;
}

/* What a backslash stands before: behind others Docker's regular expression means something else
 * ("\d"), or nothing. */
static bool may_escape(struct sv_slice p, size_t at)
{
    unsigned char c = at < p.n ? (unsigned char)p.p[at] : 'a';
    return c < 0x80 && !isalnum(c);
}

/* ---- characters between brackets ---- */

/* One character of a class, escapes removed; false at its end or where it breaks off. */
static bool class_rune(struct sv_slice p, size_t *at, uint32_t *ret)
{
    size_t from;
    if (*at < p.n && p.p[*at] == '\\')
        ++*at;
    from = *at;
    if (from >= p.n)
        return false;
    *ret = next_rune(p, at);
    return *ret != INVALID || *at > from + 1;
}

static bool in_class(const struct token *t, uint32_t c)
{
    bool hit = false;
    for (size_t at = 0; at < t->set.n;) {
        uint32_t low, high;
        if (!class_rune(t->set, &at, &low))
            break;
        high = low;
        if (at + 1 < t->set.n && t->set.p[at] == '-') {
            at++;
            if (!class_rune(t->set, &at, &high))
                break;
        }
        hit |= low <= c && c <= high;
    }
    return hit != t->negated;
}

/* The same where a class is read first. Wildcards and names of classes ("[:alpha:]") in it are
 * taken for a regular expression. */
static bool class_member(struct sv_slice p, size_t *at, uint32_t *ret)
{
    char c = *at < p.n ? p.p[*at] : '-';
    if (c == '-' || c == ']' || c == '*' || c == '?' || (c == '\\' && !may_escape(p, *at + 1)) ||
        (c == '[' && *at + 1 < p.n && p.p[*at + 1] == ':'))
        return false;
    return class_rune(p, at, ret);
}

/* The class that begins at p[*at] == '['; false where Go calls the pattern bad. */
static bool read_class(struct sv_slice p, size_t *at, struct token *ret)
{
    size_t i = *at + 1, from;
    ret->kind = CLASS;
    ret->negated = i < p.n && p.p[i] == '^';
    i += ret->negated;
    from = i;
    for (size_t members = 0;; members++) {
        uint32_t low, high;
        if (i < p.n && p.p[i] == ']' && members > 0)
            break;
        if (!class_member(p, &i, &low))
            return false;
        if (i < p.n && p.p[i] == '-') {
            i++;
            if (!class_member(p, &i, &high) || high < low)
                return false;
        }
    }
    ret->set = sv_slice_sub(p, from, i);
    *at = i + 1;
    return true;
}

/* ---- patterns ---- */

static bool compile(struct sv_arena *a, struct sv_docker_ignore_rule *r)
{
    struct sv_slice p = r->text;
    bool first = true;
    for (size_t i = 0; i < p.n; first = false) {
        struct token t = {.kind = p.p[i] == '^' ? TOP : RUNE};
        if (p.p[i] == '*' && i + 1 < p.n && p.p[i + 1] == '*') {
            i += 2;
            if (i < p.n && p.p[i] == '/')
                i++;
            t.kind = i == p.n ? ALL : GAP;
            r->compare = i == p.n && r->compare == EXACT ? PREFIX : PATTERN;
            if (first)
                r->compare = SUFFIX;
        } else if (p.p[i] == '*' || p.p[i] == '?') {
            t.kind = p.p[i++] == '*' ? STAR : ONE;
            r->compare = PATTERN;
        } else if (p.p[i] == '[') {
            if (!read_class(p, &i, &t))
                return false;
            r->compare = PATTERN;
        } else if (p.p[i] == '\\') {
            if (!may_escape(p, ++i))
                return false;
            t.kind = RUNE;
            t.rune = next_rune(p, &i);
            r->compare = PATTERN;
        } else {
            if (p.p[i] == ']')
                r->compare = PATTERN;
            t.rune = next_rune(p, &i);
        }
        sv_vec_push(a, &r->tokens, t);
        r->steps += 1 + t.set.n;
    }
    return true;
}

/* Where a comparison stands: before token i, or within the gap i. */
struct places {
    bool at[SV_MAX_PATH + 1], in[SV_MAX_PATH + 1];
};

/* Before token i; what may stand for nothing is passed. */
static void enter(const struct sv_docker_ignore_rule *r, struct places *s, size_t i, bool top)
{
    for (; !s->at[i]; i++) {
        s->at[i] = true;
        if (i == r->tokens.n)
            return;
        enum kind k = r->tokens.v[i].kind;
        if (k == GAP)
            s->in[i] = true;
        else if (k != STAR && k != ALL && !(k == TOP && top))
            return;
    }
}

/* Steps over one character; false: it does not fit. GAP and ALL end at a line's end. */
static bool fits_one(const struct token *t, uint32_t c)
{
    switch (t->kind) {
    case RUNE:
        return c == t->rune;
    case ONE:
    case STAR:
        return c != '/';
    case ALL:
        return c != '\n';
    case CLASS:
        return in_class(t, c);
    case GAP:
    case TOP:
        break;
    }
    return false;
}

static bool search(const struct sv_docker_ignore_rule *r, struct sv_slice path, uint64_t *work)
{
    struct places two[2], *now = &two[0], *next = &two[1];
    size_t n = r->tokens.n;
    if (n > SV_MAX_PATH || path.n > SV_MAX_PATH)
        return false;
    memset(now->at, 0, n + 1);
    memset(now->in, 0, n + 1);
    enter(r, now, 0, true);
    *work += (path.n + 1) * (r->steps + 1);
    for (size_t k = 0; k < path.n;) {
        uint32_t c = next_rune(path, &k);
        memset(next->at, 0, n + 1);
        memset(next->in, 0, n + 1);
        for (size_t i = 0; i < n; i++) {
            const struct token *t = &r->tokens.v[i];
            if (now->in[i] && c != '\n') {
                next->in[i] = true;
                if (c == '/')
                    enter(r, next, i + 1, false);
            }
            if (now->at[i] && fits_one(t, c))
                enter(r, next, t->kind == STAR || t->kind == ALL ? i : i + 1, false);
        }
        struct places *swap = now;
        now = next;
        next = swap;
    }
    return now->at[n];
}

static bool fits(const struct sv_docker_ignore_rule *r, struct sv_slice path, uint64_t *work)
{
    struct sv_slice t = r->text;
    ++*work;
    switch (r->compare) {
    case EXACT:
        return sv_slice_eq(t, path);
    case PREFIX:
        return path.n >= t.n - 2 && sv_slice_eq(sv_slice_sub(path, 0, t.n - 2),
                                                sv_slice_sub(t, 0, t.n - 2));
    case SUFFIX:
        t = sv_slice_sub(t, 2, t.n); /* "**" alone leaves nothing, which everything ends with */
        if (path.n >= t.n && sv_slice_eq(sv_slice_sub(path, path.n - t.n, path.n), t))
            return true;
        return t.n && t.p[0] == '/' && sv_slice_eq(path, sv_slice_sub(t, 1, t.n));
    case PATTERN:
        return search(r, path, work);
    }
    return false;
}

/* ---- lists ---- */

static bool is_blank(uint32_t c)
{
    return (c >= '\t' && c <= '\r') || c == ' ' || c == 0x85 || c == 0xa0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f ||
           c == 0x205f || c == 0x3000;
}

static struct sv_slice trim_end(struct sv_slice s)
{
    while (s.n) {
        size_t from = s.n - 1, at;
        while (from && s.n - from < 4 && ((unsigned char)s.p[from] & 0xc0) == 0x80)
            from--;
        at = from;
        if (!is_blank(next_rune(s, &at)) || at != s.n)
            break;
        s.n = from;
    }
    return s;
}

/* Blanks as Go's TrimSpace sees them. */
static struct sv_slice trim(struct sv_slice s)
{
    for (size_t at = 0; s.n && is_blank(next_rune(s, &at)); at = 0)
        s = sv_slice_sub(s, at, s.n);
    return trim_end(s);
}

/* Go's filepath.Clean: "a//b/../c/" is "a/c", nothing is ".". */
static struct sv_slice clean(struct sv_arena *a, struct sv_slice s)
{
    bool rooted = sv_slice_starts(s, "/");
    char *out = sv_arena_alloc(a, s.n + 2);
    size_t n = rooted, low = rooted; /* below `low` nothing is taken back */
    out[0] = '/';
    for (size_t i = 0; i < s.n;) {
        struct sv_slice part = sv_slice_sub(s, i, i + sv_slice_chr(sv_slice_sub(s, i, s.n), '/'));
        i += part.n + 1;
        if (part.n == 0 || sv_slice_is(part, "."))
            continue;
        bool up = sv_slice_is(part, "..");
        if (up && n > low) {
            while (n > low && out[n - 1] != '/')
                n--;
            n -= n > low;
            continue;
        }
        if (up && rooted)
            continue;
        if (n > rooted)
            out[n++] = '/';
        memcpy(out + n, part.p, part.n);
        n += part.n;
        if (up)
            low = n;
    }
    return n ? (struct sv_slice){out, n} : SV_LIT(".");
}

/* Who reads the list cleans each line, behind the "!" if there is one; who makes patterns of them
 * does so again with the whole, and only then tells exceptions from the rest. */
bool sv_docker_ignore_add(struct sv_arena *a, struct sv_slice pattern,
                          struct sv_docker_ignore *ret)
{
    struct sv_docker_ignore_rule *r = sv_new(a, struct sv_docker_ignore_rule);
    struct sv_slice p = trim(pattern);
    if (p.n == 0)
        return true;
    if (p.n > SV_MAX_PATH)
        return false;
    bool marked = p.p[0] == '!';
    if (marked)
        p = trim(sv_slice_sub(p, 1, p.n));
    if (p.n)
        p = clean(a, p);
    if (p.n > 1 && p.p[0] == '/')
        p = sv_slice_sub(p, 1, p.n);
    if (marked) {
        char *whole = sv_arena_alloc(a, p.n + 1);
        whole[0] = '!';
        memcpy(whole + 1, p.p, p.n);
        p = (struct sv_slice){whole, p.n + 1};
    }
    p = trim(p);
    if (p.n == 0)
        return true;
    r->text = clean(a, p);
    r->exception = r->text.p[0] == '!';
    if (r->exception)
        r->text = sv_slice_sub(r->text, 1, r->text.n);
    if (r->text.n == 0 || !compile(a, r))
        return false;
    ret->exceptions |= r->exception;
    sv_vec_push(a, &ret->rules, r);
    return true;
}

void sv_docker_ignore_parse(struct sv_arena *a, struct sv_slice text, struct sv_diags *diags,
                            uint32_t file, struct sv_docker_ignore *ret)
{
    unsigned complaints = 0;
    for (size_t at = sv_slice_starts(text, "\xef\xbb\xbf") ? 3 : 0; at < text.n;) {
        struct sv_slice rest = sv_slice_sub(text, at, text.n);
        struct sv_slice line = sv_slice_sub(rest, 0, sv_slice_chr(rest, '\n'));
        struct sv_span span = {file, (uint32_t)at, (uint32_t)(at + line.n)};
        at += line.n + 1;
        if (line.n && line.p[0] == '#')
            continue;
        if (ret->rules.n >= SV_MAX_IGNORE_RULES) {
            if (diags)
                sv_diag_at(diags, SV_DIAG_ERROR, span, "too many patterns; the rest does not count");
            return;
        }
        if (!sv_docker_ignore_add(a, line, ret) && diags &&
            complaints++ < SV_MAX_DIAGS_PER_FILE)
            sv_diag_at(diags, SV_DIAG_ERROR, span,
                       "a pattern that Docker refuses, or takes for a regular expression");
    }
}

bool sv_docker_ignored(const struct sv_docker_ignore *ig, struct sv_slice path, uint64_t *work)
{
    bool out = false;
    sv_vec_each(it, &ig->rules)
    {
        const struct sv_docker_ignore_rule *r = *it;
        bool hit = false;
        if (r->exception != out)
            continue;
        for (size_t i = path.n; !hit && i > 0; i--) {
            if (i < path.n && path.p[i] != '/')
                continue;
            if (*work > SV_MAX_IGNORE_WORK)
                return false;
            hit = fits(r, sv_slice_sub(path, 0, i), work);
        }
        if (hit)
            out = !r->exception;
    }
    return out;
}
