// SPDX-License-Identifier: Apache-2.0
// Fills names into a template as gettext's envsubst does, and leads what came of it back to it.
#include "syntax/envsubst.h"

#include <ctype.h>

#include "base/limits.h"

/* The name of a variable at `at`, where a "$" stands, and how long it is written; empty: none. */
static struct sv_slice name_at(struct sv_slice text, size_t at, size_t *ret_n)
{
    bool braces = at + 1 < text.n && text.p[at + 1] == '{';
    size_t from = at + 1 + braces, i = from;
    while (i < text.n && (isalpha((unsigned char)text.p[i]) || text.p[i] == '_' ||
                          (i > from && isdigit((unsigned char)text.p[i]))))
        i++;
    if (i == from || (braces && (i == text.n || text.p[i] != '}')))
        return (struct sv_slice){"", 0};
    *ret_n = i + braces - at;
    return sv_slice_sub(text, from, i);
}

static void piece(struct sv_arena *a, struct sv_envsubst *e, size_t made, size_t raw, bool filled)
{
    sv_vec_push(a, &e->pieces,
                (struct sv_envsubst_piece){(uint32_t)made, (uint32_t)raw, filled});
}

/* Lines stay lines, for what is said while the text is read. */
static void copy_value(char *to, struct sv_slice value)
{
    for (size_t i = 0; i < value.n; i++)
        to[i] = value.p[i] == '\n' ? ' ' : value.p[i];
}

/* Its memory is the arena's alone, which is wiped: values hold secrets. */
static struct sv_slice made_text(struct sv_arena *a, const struct sv_envsubst *e, size_t n,
                                 struct sv_slice text, const struct sv_envsubst_vars *vars)
{
    char *p = sv_arena_alloc(a, n + 1);
    for (size_t i = 0; i < e->pieces.n; i++) {
        struct sv_envsubst_piece at = e->pieces.v[i];
        size_t end = i + 1 < e->pieces.n ? e->pieces.v[i + 1].raw : text.n, name_n;
        uint32_t value =
            at.filled ? sv_map_find(&vars->names, name_at(text, at.raw, &name_n)) : 0;
        if (value)
            copy_value(p + at.made, vars->values.v[value - 1]);
        else if (end > at.raw)
            memcpy(p + at.made, text.p + at.raw, end - at.raw);
    }
    return (struct sv_slice){p, n};
}

bool sv_envsubst(struct sv_syntax *sx, const char *path, struct sv_slice text,
                 const struct sv_envsubst_vars *vars, struct sv_envsubst *ret)
{
    size_t from = 0, made = 0;
    *ret = (struct sv_envsubst){0};
    piece(sx->arena, ret, 0, 0, false);
    for (size_t i = 0; i < text.n; i++) {
        size_t n = 0;
        struct sv_slice name = text.p[i] == '$' ? name_at(text, i, &n) : SV_LIT("");
        uint32_t at = name.n ? sv_map_find(&vars->names, name) : 0;
        if (!at)
            continue;
        if (made > SV_MAX_CONFIG_BYTES || ret->pieces.n > 2 * SV_MAX_TEMPLATE_NAMES)
            return false;
        made += i - from;
        piece(sx->arena, ret, made, i, true);
        made += vars->values.v[at - 1].n;
        from = i + n;
        piece(sx->arena, ret, made, from, false);
        i = from - 1;
    }
    made += text.n - from;
    if (made > 2 * SV_MAX_CONFIG_BYTES)
        return false;
    ret->raw = sv_source_add(sx->sources, path, text);
    ret->made = sv_source_add(sx->sources, path, made_text(sx->arena, ret, made, text, vars));
    return true;
}

/* ---- places ---- */

/* What begins in a value begins where its name stands, what ends in one ends behind the name. */
static uint32_t place(const struct sv_envsubst *e, uint32_t at, bool end)
{
    size_t low = 0, high = e->pieces.n; /* the last piece that begins at or before `at` */
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (e->pieces.v[middle].made < at || (!end && e->pieces.v[middle].made == at))
            low = middle;
        else
            high = middle;
    }
    const struct sv_envsubst_piece *p = &e->pieces.v[low];
    if (!p->filled)
        return p->raw + (at - p->made);
    return end ? p[1].raw : p->raw; /* a value is never the last piece */
}

/* The sources of later ones have greater numbers. */
static void lead_back(const struct sv_envsubst *all, size_t n, struct sv_span *io)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (all[middle].made < io->file)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < n && all[low].made == io->file)
        *io = (struct sv_span){all[low].raw, place(&all[low], io->start, false),
                               place(&all[low], io->end, true)};
}

/* The next node of the tree, without a stack. */
static struct sv_node *following(struct sv_node *n, const struct sv_node *root)
{
    if (n->first)
        return n->first;
    while (n != root && !n->next)
        n = n->parent;
    return n == root ? NULL : n->next;
}

void sv_envsubst_settle(struct sv_node *root, const struct sv_envsubst *all, size_t n_all)
{
    for (struct sv_node *n = root; n; n = following(n, root)) {
        lead_back(all, n_all, &n->span);
        lead_back(all, n_all, &n->head);
        for (uint32_t i = 0; i < n->n_args; i++)
            lead_back(all, n_all, &n->args[i].span);
    }
}

void sv_node_stand_at(struct sv_node *root, struct sv_span where)
{
    for (struct sv_node *n = root; n; n = following(n, root)) {
        n->span = n->head = where;
        for (uint32_t i = 0; i < n->n_args; i++)
            n->args[i].span = where;
    }
}
