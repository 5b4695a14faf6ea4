// SPDX-License-Identifier: Apache-2.0
// Finds the encoded stretches of a text; knows where each byte of a decoded one comes from.
#include "secrets/views.h"

#include "base/limits.h"
#include "secrets/views_part.h"

enum { SHORTEST = 12 }; /* characters: shorter texts hold no secret with its name */

size_t sv_view_origin(const struct sv_view *v, size_t offset)
{
    for (; v; v = v->of) {
        size_t low = 0, high = v->steps.n;
        while (high - low > 1) { /* the last step at or before the offset */
            size_t middle = low + (high - low) / 2;
            if (v->steps.v[middle].out <= offset)
                low = middle;
            else
                high = middle;
        }
        const struct sv_view_step *s = &v->steps.v[low];
        size_t d = offset - s->out;
        offset = s->in + d / s->per_out * s->per_in + d % s->per_out;
    }
    return offset;
}

const char *sv_view_via(struct sv_arena *a, const struct sv_view *v)
{
    const char *via = v->via;
    for (const struct sv_view *of = v->of; of; of = of->of)
        if (!of->joined)
            via = sv_arena_printf(a, "%s in %s", via, of->via);
    return via;
}

struct sv_view *sv_view_new(struct sv_view_find *f, const char *via, size_t room)
{
    struct sv_views *all = f->ret;
    if (all->bytes + room > SV_SECRET_VIEW_BYTES || all->count == SV_SECRET_VIEWS) {
        all->incomplete = true;
        return NULL;
    }
    struct sv_view *v = sv_new(f->a, struct sv_view);
    *v = (struct sv_view){.text = {sv_arena_alloc(f->a, room), 0}, .of = f->of, .via = via};
    all->bytes += room;
    all->count++;
    return v;
}

void sv_view_done(struct sv_view_find *f, struct sv_view *v, size_t room)
{
    sv_arena_shrink(f->a, (void *)(uintptr_t)v->text.p, room, v->text.n);
    f->ret->bytes -= room - v->text.n;
    if (v->text.n && !v->joined)
        sv_vec_push(f->a, &f->ret->list, v);
}

void sv_view_step(struct sv_view_find *f, struct sv_view *v, struct sv_view_step step)
{
    sv_vec_push(f->a, &v->steps, step);
}

static bool printable(char c)
{
    return (c >= ' ' && c <= '~') || c == '\t' || c == '\n' || c == '\r';
}

/* How many pairs of an ASCII character and a NUL begin at `at`. */
static size_t pairs_at(struct sv_slice s, size_t at)
{
    size_t n = 0;
    while (at + 2 * n + 1 < s.n && s.p[at + 2 * n + 1] == 0 && printable(s.p[at + 2 * n]))
        n++;
    return n;
}

/* The next NUL that a second may follow after one character. Programs and tables hold many NULs in
 * a row, or a few between other bytes. */
static const char *next_nul(const char *p, const char *end)
{
    while (p < end && (p = memchr(p, 0, (size_t)(end - p)))) {
        if (end - p > 2 && p[1] && !p[2])
            return p;
        while (p < end && !*p)
            p++;
    }
    return NULL;
}

/* In big-endian text the NUL comes first: a run of it is one of little-endian text a byte later,
 * but for its last character, which stands alone. */
void sv_views_utf16(struct sv_view_find *f)
{
    struct sv_slice piece = f->text;
    const char *end = piece.p + piece.n;
    for (const char *p = piece.p; (p = next_nul(p, end));) {
        size_t nul = (size_t)(p - piece.p), from = nul ? nul - 1 : 1;
        size_t n = pairs_at(piece, from), last = from + 2 * n;
        if (n < SHORTEST) {
            p = piece.p + (last > nul ? last : nul + 1);
            continue;
        }
        bool alone = nul == 0 || (last < piece.n && printable(piece.p[last]));
        struct sv_view *v = sv_view_new(f, "UTF-16", n + alone);
        if (!v)
            return;
        char *text = (char *)(uintptr_t)v->text.p;
        for (size_t i = 0; i < n + alone; i++)
            text[i] = from + 2 * i < piece.n ? piece.p[from + 2 * i] : '\n';
        v->text.n = n + alone;
        sv_view_step(f, v, (struct sv_view_step){0, 1, (uint32_t)from & SV_VIEW_PLACE, 2});
        sv_view_done(f, v, n + alone);
        p = piece.p + last;
    }
}

void sv_views_find(struct sv_arena *a, struct sv_slice text, const struct sv_view *of,
                   struct sv_secret_marks marks, struct sv_views *ret)
{
    struct sv_view_block bits; /* large, and written by each scan */
    struct sv_view_find f = {
        .a = a, .text = text, .of = of, .marks = marks, .ret = ret, .bits = &bits};
    sv_views_html(&f);
    for (; f.block < text.n; f.block = f.block_end) {
        sv_views_scan(&f);
        sv_views_escapes(&f);
        sv_views_runs(&f);
    }
    sv_views_escapes_end(&f);
    if (f.nul)
        sv_views_utf16(&f);
}
