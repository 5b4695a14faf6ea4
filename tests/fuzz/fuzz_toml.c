// SPDX-License-Identifier: Apache-2.0
// Fuzz target: any bytes as TOML: every node stands where it says, and its text is readable.
#include <stdlib.h>

#include "syntax/toml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look(struct sv_sources *sources, const struct sv_node *in)
{
    sv_node_each(n, in)
    {
        const struct sv_source *src = sv_source_get(sources, n->span.file);
        if (!src || n->span.start > n->span.end || n->span.end > src->text.n)
            abort();
        if (n->kind == SV_NODE_LIST || n->kind == SV_NODE_MAP)
            look(sources, n); /* lists hold values, tables both: three levels */
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sv_arena a = {0};
    struct sv_sources sources = {.arena = &a};
    struct sv_diags diags = {.arena = &a};
    struct sv_syntax sx = {.arena = &a, .sources = &sources, .diags = &diags};
    struct sv_slice text = sv_arena_copy(&a, (struct sv_slice){(const char *)data, size});
    look(&sources, sv_toml_parse(&sx, sv_source_add(&sources, "/fuzz", text)));
    sv_vec_each(d, &diags.list)
    {
        (void)sv_span_pos(&sources, d->span);
    }
    sv_arena_clear(&a);
    return 0;
}
