// SPDX-License-Identifier: Apache-2.0
// A secret that leaks is mostly kept well somewhere too: said, or its owner looks there in vain.
#include "engine/kept.h"

#include <string.h>

enum { MAX_TOLD = 3, MAX_COUNTED = 100 };

struct places {
    struct sv_map first;  /* by fingerprint the first place, as its index plus one */
    const uint32_t *next; /* of each place: of the same fingerprint, likewise */
    struct sv_map loaders;
    bool loaders_known;
};

static struct sv_slice key_of(struct sv_arena *a, const char *path, uint32_t line)
{
    return sv_slice_of(sv_arena_printf(a, "%u %s", line, path ? path : ""));
}

/* The places that findings name. */
struct named {
    struct sv_map keys;
    struct sv_map seen; /* by path its real one, as an index plus one */
    SV_VEC(const char *) real;
    struct sv_map files; /* their real paths: most places are in none of them */
};

/* Configurations name links (sites-enabled/), the search for secrets the files behind them. */
static const char *real_of(const struct sv_kept *in, struct named *n, const char *path)
{
    struct sv_arena *a = in->arena;
    uint32_t *at = sv_map_at(a, &n->seen, sv_slice_of(path));
    if (*at == 0) {
        const char *real = path;
        (void)sv_fs_realpath(in->fs, a, path, &real);
        sv_vec_push(a, &n->real, real);
        *at = (uint32_t)n->real.n;
    }
    return n->real.v[*at - 1];
}

static void name_place(const struct sv_kept *in, struct named *n, const char *path, uint32_t line)
{
    struct sv_arena *a = in->arena;
    if (!path)
        return;
    const char *real = real_of(in, n, path);
    *sv_map_at(a, &n->files, sv_slice_of(real)) = 1;
    *sv_map_at(a, &n->keys, key_of(a, real, line)) = 1;
}

/* Nobody needs to hear of them again. */
static void find_named(const struct sv_kept *in, struct named *ret)
{
    sv_vec_each(at, &in->result->findings)
    {
        const struct sv_finding *f = *at;
        if (f->secrets.n == 0) /* of something else that is wrong with the file */
            continue;
        name_place(in, ret, f->file, f->line);
        sv_vec_each(s, &f->secrets)
        {
            name_place(in, ret, f->file, s->line);
        }
        sv_vec_each(e, &f->evidence)
        {
            name_place(in, ret, e->file, e->line);
        }
    }
}

static void chain(const struct sv_kept *in, const struct named *named, struct places *ret)
{
    uint32_t *next = sv_new_n(in->arena, uint32_t, in->found->list.n + 1);
    for (size_t i = in->found->list.n; i-- > 0;) {
        const struct sv_secret_place *p = &in->found->list.v[i];
        if (p->placeholder || (sv_map_find(&named->files, sv_slice_of(p->path)) &&
                               sv_map_find(&named->keys, key_of(in->arena, p->path, p->line))))
            continue;
        uint32_t *first = sv_map_at(in->arena, &ret->first, sv_slice_of(p->id));
        next[i] = *first;
        *first = (uint32_t)i + 1;
    }
    ret->next = next;
}

/* By path the units that load an environment file, as the first one's index plus one. */
static void find_loaders(const struct sv_kept *in, struct sv_map *ret)
{
    struct sv_arena *a = in->arena;
    for (size_t i = 0; in->units && i < in->units->list.n; i++) {
        struct sv_unit_environment env = {0};
        sv_unit_environment(in->units->list.v[i], in->fs, a, &env);
        sv_vec_each(file, &env.files)
        {
            uint32_t *at = sv_map_at(a, ret, sv_slice_of(file->path));
            if (*at == 0)
                *at = (uint32_t)i + 1;
        }
    }
}

static bool has_file(const struct sv_finding *f, const char *path)
{
    if (f->file && strcmp(f->file, path) == 0)
        return true;
    sv_vec_each(e, &f->evidence)
    {
        if (e->file && strcmp(e->file, path) == 0)
            return true;
    }
    return false;
}

/* "sk-proj-...Yb1G is kept here too, for api.service; only root can read it" */
static struct sv_slice text_of(const struct sv_kept *in, struct places *at,
                               const struct sv_secret_ref *s, const char *path)
{
    struct sv_arena *a = in->result->arena;
    if (!at->loaders_known)
        find_loaders(in, &at->loaders);
    at->loaders_known = true;
    uint32_t unit = sv_map_find(&at->loaders, sv_slice_of(path));
    const char *who = sv_access_readers(in->fs, in->ids, a, path);
    return sv_slice_of(sv_arena_printf(a, "%s is kept here too%s%s; %s can read it", s->redacted,
                                       unit ? ", for " : "",
                                       unit ? in->units->list.v[unit - 1]->name : "", who));
}

static void tell(const struct sv_kept *in, struct places *at, struct sv_finding *f)
{
    struct sv_arena *a = in->result->arena;
    size_t told = 0, more = 0;
    sv_vec_each(s, &f->secrets)
    {
        for (uint32_t i = sv_map_find(&at->first, sv_slice_of(s->id)); i && more < MAX_COUNTED;
             i = at->next[i - 1]) {
            const struct sv_secret_place *p = &in->found->list.v[i - 1];
            if (has_file(f, p->path))
                continue;
            if (told == MAX_TOLD) {
                more++;
                continue;
            }
            told++;
            sv_vec_push(a, &f->evidence,
                        (struct sv_evidence){.file = p->path, .line = p->line,
                                             .text = text_of(in, at, s, p->path),
                                             .member = p->member});
        }
    }
    if (more) {
        const char *text = sv_arena_printf(a, "%zu%s more places keep it: srvaudit secrets", more,
                                           more < MAX_COUNTED ? "" : " or");
        sv_vec_push(a, &f->evidence,
                    (struct sv_evidence){.file = f->file, .text = sv_slice_of(text)});
    }
}

void sv_tell_kept(const struct sv_kept *in)
{
    struct named named = {0};
    struct places at = {0};
    if (in->found->list.n == 0)
        return;
    find_named(in, &named);
    chain(in, &named, &at);
    sv_vec_each(f, &in->result->findings)
    {
        if ((*f)->state == SV_STATE_NEW && (*f)->severity > SV_LOW)
            tell(in, &at, *f);
    }
}
