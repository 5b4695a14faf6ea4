// SPDX-License-Identifier: Apache-2.0
// Small questions to the syntax tree.
#include "syntax/node.h"

bool sv_node_is(const struct sv_node *n, const char *name)
{
    return sv_slice_is(n->name, name);
}

struct sv_slice sv_node_arg(const struct sv_node *n, uint32_t i)
{
    return n && i < n->n_args ? n->args[i].value : (struct sv_slice){"", 0};
}

struct sv_node *sv_node_find(const struct sv_node *n, const char *name)
{
    sv_node_each(it, n)
    {
        if (sv_node_is(it, name))
            return it;
    }
    return NULL;
}

struct sv_node *sv_node_find_last(const struct sv_node *n, const char *name)
{
    struct sv_node *hit = NULL;
    sv_node_each(it, n)
    {
        if (sv_node_is(it, name))
            hit = it;
    }
    return hit;
}

void sv_node_append(struct sv_node *parent, struct sv_node *child)
{
    child->parent = parent;
    child->next = NULL;
    if (parent->last)
        parent->last->next = child;
    else
        parent->first = child;
    parent->last = child;
}

struct sv_slice sv_node_head_text(const struct sv_sources *s, struct sv_arena *a,
                                  const struct sv_node *n)
{
    enum { MAX = 200 };
    struct sv_slice raw = sv_span_text(s, n->head);
    char *out = sv_arena_alloc(a, MAX + 4);
    size_t len = 0;
    bool gap = false;
    for (size_t i = 0; i < raw.n && len < MAX - 1; i++) {
        char c = raw.p[i];
        if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
            gap = len > 0;
            continue;
        }
        if (gap)
            out[len++] = ' ';
        gap = false;
        out[len++] = c;
    }
    bool section = len && out[0] == '<';
    bool data = n->kind == SV_NODE_VALUE || n->kind == SV_NODE_MAP || n->kind == SV_NODE_LIST;
    if (n->kind != SV_NODE_DIRECTIVE && n->kind != SV_NODE_ROOT && !data && !section) {
        out[len++] = ' ';
        out[len++] = '{';
    }
    return (struct sv_slice){out, len};
}
