// SPDX-License-Identifier: Apache-2.0
// YAML events to nodes: an explicit stack, byte positions, every bound checked as events arrive.
#include "syntax/yaml.h"

#include <yaml.h>

#include "base/limits.h"

static void parser_delete(yaml_parser_t *p)
{
    yaml_parser_delete(p);
}
#define _cleanup_parser_ __attribute__((cleanup(parser_delete)))

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

static bool scalar(struct reader *r, const yaml_event_t *e)
{
    struct sv_span span = span_of(r, e);
    struct sv_slice value = sv_arena_copy(
        r->sx->arena, (struct sv_slice){(const char *)e->data.scalar.value, e->data.scalar.length});
    if (awaits_key(r)) {
        sv_node_each(n, r->open[r->depth - 1])
        {
            if (sv_slice_eq(n->name, value))
                return refuse(r, span, "this key stands twice in one map");
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
    return true;
}

static bool container(struct reader *r, const yaml_event_t *e, enum sv_node_kind kind)
{
    struct sv_span span = span_of(r, e);
    if (awaits_key(r))
        return refuse(r, span, "a key that is a list or a map is not understood");
    if (r->depth == SV_MAX_YAML_DEPTH)
        return refuse(r, span, "nested too deeply");
    r->open[r->depth] = add(r, kind, span);
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
        r->open[--r->depth]->span.end = span_of(r, e).end;
        return true;
    case YAML_ALIAS_EVENT:
        return refuse(r, span_of(r, e), "aliases are not accepted here: write the value out");
    case YAML_DOCUMENT_END_EVENT:
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

struct sv_node *sv_yaml_parse(struct sv_syntax *sx, uint32_t file)
{
    const struct sv_source *src = sv_source_get(sx->sources, file);
    _cleanup_parser_ yaml_parser_t parser;
    struct reader r = {.sx = sx, .text = src->text, .file = file};
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
            return NULL;
        }
        more = event(&r, &e, &done);
        yaml_event_delete(&e);
    }
    return done ? root : NULL;
}
