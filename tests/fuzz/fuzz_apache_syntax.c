// SPDX-License-Identifier: Apache-2.0
// Fuzz target: any bytes as httpd configuration; what stands behind "\n%%\n" is envvars, .htaccess.
#include "syntax/apache.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct sv_slice part(struct sv_slice *rest)
{
    size_t n = sv_slice_find(*rest, "\n%%\n");
    struct sv_slice s = sv_slice_sub(*rest, 0, n);
    *rest = sv_slice_sub(*rest, n + 4, rest->n);
    return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sv_arena a = {0};
    struct sv_sources sources = {.arena = &a};
    struct sv_diags diags = {.arena = &a};
    struct sv_syntax sx = {.arena = &a, .sources = &sources, .diags = &diags};
    struct sv_slice rest = {(const char *)data, size};
    struct sv_apache_tree tree;
    const struct sv_node *broken = NULL;
    struct sv_slice main_text = sv_arena_copy(&a, part(&rest));
    uint32_t file = sv_source_add(&sources, "/etc/apache2/apache2.conf", main_text);
    uint32_t env = sv_source_add(&sources, "/etc/apache2/envvars", sv_arena_copy(&a, part(&rest)));
    sv_apache_parse(&sx, file, env, &tree);
    uint32_t below = sv_source_add(&sources, "/srv/.htaccess", sv_arena_copy(&a, rest));
    struct sv_node *root = sv_apache_parse_htaccess(&sx, &tree, below, &broken);
    sv_node_each (n, tree.root) {
        struct sv_slice words = n->body;
        (void)sv_node_head_text(&sources, &a, n);
        for (size_t left = words.n + 1; words.n && words.n < left; left = words.n)
            (void)sv_apache_word(&a, &words);
    }
    sv_node_each (n, root) {
        (void)sv_span_text(&sources, n->span);
    }
    sv_vec_each (d, &diags.list) {
        (void)sv_span_pos(&sources, d->span);
    }
    (void)sv_apache_sniff(main_text);
    sv_arena_clear(&a);
    return 0;
}
