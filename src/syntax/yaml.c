// SPDX-License-Identifier: Apache-2.0
// YAML events to nodes: an explicit stack, byte positions, every bound checked as events arrive.
#include "syntax/yaml.h"

#include <yaml.h>

#include "base/limits.h"
#include "base/map.h"

static void parser_delete(yaml_parser_t *p)
{
    yaml_parser_delete(p);
}
#define _cleanup_parser_ __attribute__((cleanup(parser_delete)))

struct anchor {
    struct sv_slice name;
    struct sv_node *node;
    bool open; /* its end was not met yet: an alias of it in there would never end */
};

struct reader {
    struct sv_syntax *sx;
    struct sv_slice text;
    uint32_t file;
    size_t bom;           /* bytes of a byte order mark, which libyaml does not count */
    size_t chars, bytes;  /* the last mark seen, in characters and in bytes */
    struct sv_node *open[SV_MAX_YAML_DEPTH];
    unsigned depth;
    struct sv_slice key;  /* of the map entry whose value comes next */
    struct sv_span key_span;
    bool have_key;
    size_t n_nodes;
    bool foreign, all;    /* all: every document */
    struct sv_node *good; /* the last document that was read to its end */
    SV_VEC(struct anchor) anchors;
    struct sv_map seen;   /* keys of the maps that are open: those of one map share a number */
    struct sv_arena aside; /* what `seen` needs, until the text is read */
};

/* libyaml counts characters; spans count bytes. Marks only ever move forward. */
static uint32_t offset(struct reader *r, const yaml_mark_t *m)
{
    if (m->index < r->chars) {
        r->chars = 0;
        r->bytes = r->bom;
    }
    while (r->chars < m->index && r->bytes < r->text.n) {
        r->bytes++;
        while (r->bytes < r->text.n && ((unsigned char)r->text.p[r->bytes] & 0xc0) == 0x80)
            r->bytes++;
        r->chars++;
    }
    return (uint32_t)r->bytes;
}

static struct sv_span span_of(struct reader *r, const yaml_event_t *e)
{
    uint32_t start = offset(r, &e->start_mark);
    return (struct sv_span){r->file, start, offset(r, &e->end_mark)};
}

static bool refuse(struct reader *r, struct sv_span span, const char *what)
{
    sv_diag_at(r->sx->diags, SV_DIAG_ERROR, span, "%s", what);
    return false;
}

static struct sv_node *add(struct reader *r, enum sv_node_kind kind, struct sv_span span)
{
    struct sv_node *parent = r->open[r->depth - 1];
    struct sv_node *n = sv_new(r->sx->arena, struct sv_node);
    n->kind = kind;
    n->span = n->head = span;
    if (parent->kind == SV_NODE_MAP) {
        n->name = r->key;
        n->head = r->key_span;
        r->have_key = false;
    }
    sv_node_append(parent, n);
    return n;
}

static bool awaits_key(const struct reader *r)
{
    return r->open[r->depth - 1]->kind == SV_NODE_MAP && !r->have_key;
}

/* A key of a map, looked up with the map's address in front of it. */
static bool stands_twice(struct reader *r, const struct sv_node *map, struct sv_slice key)
{
    char *text = sv_arena_alloc(&r->aside, sizeof map + key.n);
    memcpy(text, &map, sizeof map);
    if (key.n)
        memcpy(text + sizeof map, key.p, key.n);
    uint32_t *at = sv_map_at(&r->aside, &r->seen, (struct sv_slice){text, sizeof map + key.n});
    return (*at)++ > 0;
}

static void remember(struct reader *r, const yaml_char_t *name, struct sv_node *n, bool open)
{
    if (name && r->foreign)
        sv_vec_push(r->sx->arena, &r->anchors,
                    (struct anchor){sv_arena_copy(r->sx->arena, sv_slice_of((const char *)name)), n,
                                    open});
}

static bool scalar(struct reader *r, const yaml_event_t *e)
{
    struct sv_span span = span_of(r, e);
    struct sv_slice value = sv_arena_copy(
        r->sx->arena, (struct sv_slice){(const char *)e->data.scalar.value, e->data.scalar.length});
    if (awaits_key(r)) {
        if (stands_twice(r, r->open[r->depth - 1], value)) {
            refuse(r, span, "this key stands twice in one map");
            if (!r->foreign)
                return false;
        }
        r->key = value;
        r->key_span = span;
        r->have_key = true;
        return true;
    }
    struct sv_node *n = add(r, SV_NODE_VALUE, span);
    n->args = sv_new(r->sx->arena, struct sv_arg);
    n->args[0] = (struct sv_arg){.value = value, .span = span};
    if (e->data.scalar.style == YAML_SINGLE_QUOTED_SCALAR_STYLE)
        n->args[0].quote = '\'';
    else if (e->data.scalar.style == YAML_DOUBLE_QUOTED_SCALAR_STYLE)
        n->args[0].quote = '"';
    n->n_args = 1;
    remember(r, e->data.scalar.anchor, n, false);
    return true;
}

/* A copy of the node's children below `to`; false if that would be too many. */
static bool copy_children(struct reader *r, struct sv_node *to, const struct sv_node *from,
                          unsigned depth)
{
    sv_node_each(n, from)
    {
        if (++r->n_nodes > SV_MAX_YAML_NODES || depth >= SV_MAX_YAML_DEPTH)
            return false;
        struct sv_node *c = sv_new(r->sx->arena, struct sv_node);
        *c = *n;
        c->first = c->last = c->next = NULL;
        sv_node_append(to, c);
        if (!copy_children(r, c, n, depth + 1))
            return false;
    }
    return true;
}

static bool alias(struct reader *r, const yaml_event_t *e)
{
    struct sv_slice name = sv_slice_of((const char *)e->data.alias.anchor);
    struct sv_span span = span_of(r, e);
    const struct anchor *hit = NULL;
    if (awaits_key(r))
        return refuse(r, span, "a key that is an alias is not understood");
    sv_vec_each(a, &r->anchors)
    {
        if (sv_slice_eq(a->name, name))
            hit = a; /* the last one of that name */
    }
    if (!hit || hit->open)
        return refuse(r, span, hit ? "an alias of what it stands in" : "an alias of nothing");
    struct sv_node *n = add(r, hit->node->kind, span);
    n->args = hit->node->args;
    n->n_args = hit->node->n_args;
    return copy_children(r, n, hit->node, r->depth) ||
           refuse(r, span, "too many values in one file");
}

/* Entries of `from` that the map does not have yet. */
static bool merge_map(struct reader *r, struct sv_node *map, const struct sv_node *from)
{
    sv_node_each(n, from)
    {
        if (stands_twice(r, map, n->name))
            continue;
        if (++r->n_nodes > SV_MAX_YAML_NODES)
            return false;
        struct sv_node *c = sv_new(r->sx->arena, struct sv_node);
        *c = *n;
        c->first = c->last = c->next = NULL;
        sv_node_append(map, c);
        if (!copy_children(r, c, n, r->depth))
            return false;
    }
    return true;
}

/* "<<: *x" and "<<: [*x, *y]" of a map that was read (YAML's merge type). */
static bool merge(struct reader *r, struct sv_node *map)
{
    struct sv_node *m = map->kind == SV_NODE_MAP ? sv_node_find(map, "<<") : NULL;
    bool good = true;
    if (!m)
        return true;
    if (m->kind == SV_NODE_MAP)
        good = merge_map(r, map, m);
    sv_node_each(n, m)
    {
        if (m->kind == SV_NODE_LIST && n->kind == SV_NODE_MAP)
            good = good && merge_map(r, map, n);
    }
    return good || refuse(r, m->span, "too many values in one file");
}

static bool end_container(struct reader *r, const yaml_event_t *e)
{
    struct sv_node *n = r->open[--r->depth];
    n->span.end = span_of(r, e).end;
    sv_vec_each(a, &r->anchors)
    {
        if (a->node == n)
            a->open = false;
    }
    return !r->foreign || merge(r, n);
}

static bool container(struct reader *r, const yaml_event_t *e, enum sv_node_kind kind)
{
    struct sv_span span = span_of(r, e);
    if (awaits_key(r))
        return refuse(r, span, "a key that is a list or a map is not understood");
    if (r->depth == SV_MAX_YAML_DEPTH)
        return refuse(r, span, "nested too deeply");
    r->open[r->depth] = add(r, kind, span);
    remember(r, kind == SV_NODE_MAP ? e->data.mapping_start.anchor : e->data.sequence_start.anchor,
             r->open[r->depth], true);
    r->depth++;
    return true;
}

/* False: stop, with a diagnostic or at the end of the document (*ret_done). */
static bool event(struct reader *r, const yaml_event_t *e, bool *ret_done)
{
    if (++r->n_nodes > SV_MAX_YAML_NODES)
        return refuse(r, span_of(r, e), "too many values in one file");
    switch (e->type) {
    case YAML_SCALAR_EVENT:
        return scalar(r, e);
    case YAML_MAPPING_START_EVENT:
        return container(r, e, SV_NODE_MAP);
    case YAML_SEQUENCE_START_EVENT:
        return container(r, e, SV_NODE_LIST);
    case YAML_MAPPING_END_EVENT:
    case YAML_SEQUENCE_END_EVENT:
        return end_container(r, e);
    case YAML_ALIAS_EVENT:
        if (r->foreign)
            return alias(r, e);
        return refuse(r, span_of(r, e), "aliases are not accepted here: write the value out");
    case YAML_DOCUMENT_END_EVENT:
        r->good = r->open[0]->last;
        r->anchors.n = 0; /* they are of one document */
        *ret_done = !r->all;
        return r->all;
    case YAML_STREAM_END_EVENT:
        *ret_done = true;
        return false;
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_DOCUMENT_START_EVENT:
        return true;
    }
    return true;
}

/* What was read before a fault of a later document stays. */
static struct sv_node *so_far(const struct reader *r, struct sv_node *root)
{
    if (!r->all || !r->good)
        return NULL;
    root->last = r->good;
    r->good->next = NULL;
    return root;
}

static struct sv_node *read_yaml(struct sv_syntax *sx, uint32_t file, bool foreign, bool all)
{
    const struct sv_source *src = sv_source_get(sx->sources, file);
    _cleanup_parser_ yaml_parser_t parser;
    struct reader r = {.sx = sx, .text = src->text, .file = file, .foreign = foreign, .all = all};
    struct sv_node *root = sv_new(sx->arena, struct sv_node);
    bool done = false;
    if (!yaml_parser_initialize(&parser))
        abort();
    if (sv_slice_starts(r.text, "\xef\xbb\xbf"))
        r.bom = r.bytes = 3;
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)r.text.p + r.bom,
                                 r.text.n - r.bom);
    root->kind = SV_NODE_ROOT;
    r.open[r.depth++] = root;
    for (bool more = true; more && !done;) {
        yaml_event_t e;
        if (!yaml_parser_parse(&parser, &e)) {
            uint32_t at = offset(&r, &parser.problem_mark);
            sv_diag_at(sx->diags, SV_DIAG_ERROR, (struct sv_span){file, at, at}, "not YAML: %s",
                       parser.problem ? parser.problem : "unreadable");
            sv_arena_clear(&r.aside);
            return so_far(&r, root);
        }
        more = event(&r, &e, &done);
        yaml_event_delete(&e);
    }
    sv_arena_clear(&r.aside);
    return done ? root : so_far(&r, root);
}

struct sv_node *sv_yaml_parse(struct sv_syntax *sx, uint32_t file)
{
    return read_yaml(sx, file, false, false);
}

struct sv_node *sv_yaml_parse_foreign(struct sv_syntax *sx, uint32_t file)
{
    return read_yaml(sx, file, true, false);
}

struct sv_node *sv_yaml_parse_documents(struct sv_syntax *sx, uint32_t file)
{
    return read_yaml(sx, file, true, true);
}
