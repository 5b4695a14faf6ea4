// SPDX-License-Identifier: Apache-2.0
// Fuzz target: any bytes as an nginx configuration.
#include "model/server.h"
#include "syntax/nginx.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sv_arena a = {0};
    struct sv_sources sources = {.arena = &a};
    struct sv_diags diags = {.arena = &a};
    struct sv_syntax sx = {.arena = &a, .sources = &sources, .diags = &diags};
    struct sv_slice text = sv_arena_copy(&a, (struct sv_slice){(const char *)data, size});
    struct sv_node *root = sv_nginx_parse(&sx, sv_source_add(&sources, "/fuzz", text));
    sv_node_each(n, root)
    {
        (void)sv_node_head_text(&sources, &a, n);
    }
    sv_vec_each(d, &diags.list)
    {
        (void)sv_span_pos(&sources, d->span);
    }
    (void)sv_nginx_sniff(text);
    sv_arena_clear(&a);
    return 0;
}
