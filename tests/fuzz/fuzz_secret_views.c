// SPDX-License-Identifier: Apache-2.0
// Fuzz target: any bytes through the decoders, and what they say through them again; any bytes as a
// source map.
#include <stdint.h>
#include <stdlib.h>

#include "base/limits.h"
#include "scan/public_env.h"
#include "scan/sourcemap.h"
#include "secrets/views.h"

/* Every byte comes from the text, and later ones from the same place or later. */
static void check(const struct sv_view *v, size_t n)
{
    size_t last = 0;
    for (size_t i = 0; i < v->text.n; i++) {
        size_t at = sv_view_origin(v, i);
        if (at >= n || at < last)
            abort();
        last = at;
    }
}

static void look(struct sv_search *s, struct sv_arena *a, struct sv_slice text,
                 const struct sv_view *of, unsigned depth, struct sv_views *views, size_t n)
{
    struct sv_secret_hits hits;
    size_t first = views->list.n, last;
    if (depth == SV_SECRET_VIEW_DEPTH)
        return;
    sv_search_text(s, a, text, &hits);
    sv_views_find(a, text, of, sv_search_marks(s), views);
    last = views->list.n;
    for (size_t i = first; i < last; i++) {
        const struct sv_view *v = views->list.v[i];
        check(v, n);
        if (!sv_view_via(a, v)[0])
            abort();
        look(s, a, v->text, v, depth + 1, views, n);
    }
}

static void locate(struct sv_arena *a, struct sv_slice text)
{
    for (size_t at = 0; at < text.n; at += text.n / 8 + 1) {
        struct sv_source_place p;
        if (sv_sourcemap_locate(a, text, at, &p) && (p.line == 0 || p.column == 0 || !p.source[0]))
            abort();
        (void)sv_is_browser_key(text, at);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct sv_search *search; /* patterns compile once */
    struct sv_arena a = {0};
    struct sv_views views = {0};
    if (!search)
        search = sv_search_new();
    look(search, &a, (struct sv_slice){(const char *)data, size}, NULL, 0, &views, size);
    locate(&a, (struct sv_slice){(const char *)data, size});
    if (views.bytes > SV_SECRET_VIEW_BYTES)
        abort();
    sv_arena_clear(&a);
    return 0;
}
