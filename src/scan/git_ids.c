// SPDX-License-Identifier: Apache-2.0
// The names of objects in git's packs, from the index beside each (gitformat-pack(5), "Version 2").
#include "scan/git_ids.h"

#include <ctype.h>

#include "base/limits.h"

enum {
    ENOUGH = 128 * SV_MAX_GIT_OBJECT, /* bytes of indexes, and steps in them: two million objects */
    HEAD = 8 + 256 * 4, /* "\377tOc", version, the fan-out: its last number counts the objects */
    HASH = 20,
    HASH_256 = 32,
    FAR = 0x80000000u, /* the rest is a number in the table of eight bytes */
};

/* An index as it was read; n == 0: there is none that can be read. */
struct index {
    struct sv_arena arena;
    const char *pack;
    struct sv_slice text;
    size_t n, hash;
    size_t steps; /* that are left, for all */
};

static uint64_t number(const struct index *x, size_t at, size_t bytes)
{
    uint64_t v = 0;
    for (size_t i = 0; i < bytes; i++)
        v = v << 8 | (unsigned char)x->text.p[at + i];
    return v;
}

/* The length says how long a name is. */
static bool fits(const struct index *x, size_t n, size_t hash)
{
    size_t least = HEAD + n * (hash + 8) + 2 * hash;
    return x->text.n >= least && (x->text.n - least) % 8 == 0 && (x->text.n - least) / 8 <= n;
}

static void read_index(struct index *x, struct sv_fs *fs, const char *pack, size_t *left)
{
    bool cut = false;
    sv_arena_clear(&x->arena);
    *x = (struct index){.arena = x->arena, .pack = pack, .steps = x->steps};
    const char *path = sv_arena_printf(&x->arena, "%.*sidx", (int)strlen(pack) - 4, pack);
    if (sv_fs_read(fs, &x->arena, path, *left, &x->text, &cut) < 0)
        return;
    *left -= x->text.n;
    if (cut || x->text.n < HEAD || memcmp(x->text.p, "\377tOc\0\0\0\2", 8) != 0)
        return;
    size_t n = number(x, HEAD - 4, 4);
    x->hash = fits(x, n, HASH) ? HASH : HASH_256;
    x->n = fits(x, n, x->hash) ? n : 0;
}

/* The place in the pack of object i of the index. */
static uint64_t place(const struct index *x, size_t i)
{
    size_t table = HEAD + x->n * (x->hash + 4), far = table + x->n * 4;
    uint64_t at = number(x, table + i * 4, 4);
    if (!(at & FAR))
        return at;
    far += (at & ~(uint64_t)FAR) * 8;
    return far + 8 <= x->text.n ? number(x, far, 8) : 0;
}

/* "git object 1f7a7a47..., in a.zip" of "git object at byte 12, in a.zip"; NULL: none known. */
static const char *named(struct index *x, struct sv_arena *a, const char *member)
{
    static const char begins[] = "git object at byte ";
    struct sv_slice text = sv_slice_of(member);
    unsigned long long at;
    size_t n = sizeof begins - 1;
    if (!sv_slice_starts(text, begins))
        return NULL;
    while (n < text.n && isdigit((unsigned char)text.p[n]))
        n++;
    if (!sv_slice_u64(sv_slice_sub(text, sizeof begins - 1, n), &at))
        return NULL;
    for (size_t i = 0; i < x->n && x->steps; i++, x->steps--) {
        if (place(x, i) != at)
            continue;
        char hex[2 * HASH_256 + 1];
        for (size_t k = 0; k < x->hash; k++)
            (void)snprintf(hex + 2 * k, 3, "%02x", (unsigned)number(x, HEAD + i * x->hash + k, 1));
        return sv_arena_printf(a, "git object %s%s", hex, member + n);
    }
    return NULL;
}

void sv_name_git_objects(struct sv_fs *fs, struct sv_arena *a, struct sv_secret_found *found)
{
    struct index x = {.steps = ENOUGH};
    const char *old = NULL, *now = NULL;
    size_t left = ENOUGH;
    sv_vec_each(p, &found->list)
    {
        if (!p->member || !sv_slice_ends(sv_slice_of(p->path), ".pack"))
            continue;
        if (!x.pack || strcmp(x.pack, p->path) != 0) {
            read_index(&x, fs, p->path, &left);
            old = NULL;
        }
        if (!old || p->member != old) { /* places of one member share its name */
            old = p->member;
            now = named(&x, a, old);
        }
        p->member = now ? now : old;
    }
    sv_arena_clear(&x.arena);
}
