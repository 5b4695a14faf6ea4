// SPDX-License-Identifier: Apache-2.0
// Fuzz target: any bytes as a Dockerfile, each of its words as one with variables.
#include <stdlib.h>

#include "syntax/dockerfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_place(const struct sv_syntax *sx, const struct sv_node *n, size_t size)
{
    if (n->span.start > n->span.end || n->span.end > size)
        abort();
    (void)sv_span_pos(sx->sources, n->span);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sv_arena a = {0};
    struct sv_sources sources = {.arena = &a};
    struct sv_diags diags = {.arena = &a};
    struct sv_syntax sx = {.arena = &a, .sources = &sources, .diags = &diags};
    struct sv_slice text = sv_arena_copy(&a, (struct sv_slice){(const char *)data, size}), out;
    struct sv_dockerfile *f = sv_dockerfile_parse(&sx, sv_source_add(&sources, "/fuzz", text), 0);
    struct sv_docker_vars vars = {0};
    sv_docker_set(&a, &vars, (struct sv_docker_var){SV_LIT("U"), {"", 0}, false});
    sv_vec_each(s, &f->steps)
    {
        check_place(&sx, s->node, size);
        sv_vec_each(w, &s->words)
        {
            check_place(&sx, w->node, size);
            (void)sv_docker_expand(&a, w->text, f->escape, &vars, &out);
        }
        sv_vec_each(p, &s->pairs)
        {
            check_place(&sx, p->node, size);
            bool whole = sv_docker_expand(&a, p->value, f->escape, &vars, &out) == SV_DOCKER_WHOLE;
            sv_docker_set(&a, &vars, (struct sv_docker_var){p->name, out, whole});
        }
        sv_vec_each(h, &s->heredocs)
        {
            check_place(&sx, h->node, size);
        }
    }
    sv_arena_clear(&a);
    return 0;
}
