// SPDX-License-Identifier: Apache-2.0
// Copies of answers, for those that are kept of the many that a search looks at.
#include "serve/answer.h"

static struct sv_slice copy_of(struct sv_arena *a, struct sv_slice s, struct sv_slice like)
{
    if (!s.p || (like.p && sv_slice_eq(s, like)))
        return s.p ? like : s;
    return sv_arena_copy(a, s);
}

static const char *text_of(struct sv_arena *a, const char *s, const char *like)
{
    if (!s || (like && strcmp(s, like) == 0))
        return s ? like : NULL;
    return sv_arena_strdup(a, s);
}

static const struct sv_upstream *upstream_of(struct sv_arena *a, const struct sv_upstream *u)
{
    const struct sv_slice none = {NULL, 0};
    struct sv_upstream *copy = u ? sv_new(a, struct sv_upstream) : NULL;
    if (!u)
        return NULL;
    *copy = *u;
    copy->address = copy_of(a, u->address, none);
    copy->host = copy_of(a, u->host, none);
    copy->target = copy_of(a, u->target, none);
    copy->client_header = copy_of(a, u->client_header, none);
    return copy;
}

struct sv_answer sv_answer_copy(struct sv_arena *a, const struct sv_answer *ans,
                                const struct sv_answer *like)
{
    const struct sv_answer none = {0};
    struct sv_answer copy = *ans;
    like = like ? like : &none;
    copy.file = text_of(a, ans->file, like->file);
    copy.location = text_of(a, ans->location, like->location);
    copy.unknown = text_of(a, ans->unknown, like->unknown);
    copy.if_let_in = text_of(a, ans->if_let_in, like->if_let_in);
    copy.condition = text_of(a, ans->condition, like->condition);
    copy.upstream = upstream_of(a, ans->upstream);
    copy.behind_target = copy_of(a, ans->behind_target, like->behind_target);
    copy.why.v = sv_new_n(a, struct sv_why, ans->why.n);
    copy.why.cap = ans->why.n;
    for (size_t i = 0; i < ans->why.n; i++) {
        struct sv_slice same = i < like->why.n ? like->why.v[i].text : (struct sv_slice){NULL, 0};
        copy.why.v[i] = (struct sv_why){ans->why.v[i].span, copy_of(a, ans->why.v[i].text, same)};
    }
    copy.htaccess.v = sv_new_n(a, const char *, ans->htaccess.n);
    copy.htaccess.cap = ans->htaccess.n;
    for (size_t i = 0; i < ans->htaccess.n; i++) /* the site's own */
        copy.htaccess.v[i] = ans->htaccess.v[i];
    return copy;
}
