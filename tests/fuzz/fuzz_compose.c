// SPDX-License-Identifier: Apache-2.0
// Fuzz target: any bytes as YAML with aliases, as a .env, as a text with variables.
#include "model/container.h"
#include "syntax/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sv_arena a = {0};
    struct sv_sources sources = {.arena = &a};
    struct sv_diags diags = {.arena = &a};
    struct sv_syntax sx = {.arena = &a, .sources = &sources, .diags = &diags};
    struct sv_slice text = sv_arena_copy(&a, (struct sv_slice){(const char *)data, size});
    struct sv_dotenv vars = {0};
    struct sv_node *root = sv_yaml_parse_foreign(&sx, sv_source_add(&sources, "/fuzz", text));
    if (root && root->first)
        (void)sv_node_find_last(root->first, "services");
    sv_vec_each(d, &diags.list)
    {
        (void)sv_span_pos(&sources, d->span);
    }
    sv_dotenv_parse(&a, text, &vars);
    (void)sv_compose_expand(&a, text, &vars);
    sv_arena_clear(&a);
    return 0;
}
