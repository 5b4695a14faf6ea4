// SPDX-License-Identifier: Apache-2.0
// Fuzz target: an httpd expression, a NUL byte, and server-level lines such as RewriteRule.
#include <stdlib.h>
#include <unistd.h>

#include "serve/apache_rewrite.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char dir[] = "/tmp/srvaudit-fuzz-XXXXXX";
    static struct sv_fs *fs;
    if (!fs) {
        if (!mkdtemp(dir) || !(fs = sv_fs_new(dir, NULL)))
            abort();
        (void)rmdir(dir); /* the open descriptor stays usable, and empty */
    }
    struct sv_arena a = {0};
    struct sv_sources sources = {.arena = &a};
    struct sv_diags diags = {.arena = &a};
    struct sv_syntax sx = {.arena = &a, .sources = &sources, .diags = &diags};
    struct sv_slice all = sv_arena_copy(&a, (struct sv_slice){(const char *)data, size});
    size_t cut = sv_slice_chr(all, '\0');
    struct sv_slice expr = sv_slice_sub(all, 0, cut);
    struct sv_slice conf = sv_arena_copy(&a, sv_slice_sub(all, cut + 1, all.n));
    struct sv_apache_tree tree = {.server_root = "/"};
    tree.root = sv_apache_parse_htaccess(&sx, &tree, sv_source_add(&sources, "/fuzz", conf), NULL);
    struct sv_regex_pool *pool = sv_regex_pool_new();
    struct sv_model_env env = {&a, fs, &sources, &diags, pool, sv_identity_load(fs, &a, &diags)};
    struct sv_site *site = sv_model_from_apache(&env, &tree, "/fuzz");
    struct sv_request q = {.method = SV_LIT("GET"), .host = SV_LIT("a.test"), .port = 80,
                           .target = SV_LIT("/x/a%3fb?c=d")};
    unsigned lookups = 3;
    struct ap_run r = {.site = site, .a = &a, .req = &q, .server = site->apache->main,
                       .vhost = site->vhosts.v[0], .method = q.method, .host = q.host,
                       .unparsed = q.target, .uri = SV_LIT("/x/a?b"), .args = SV_LIT("c=d"),
                       .lookups = &lookups};
    ap_push_level(&r, r.server->main_scope ? r.server->main_scope : r.vhost->scope, NULL, false);
    ap_setenvif(&r, true);
    const char *why = NULL;
    enum sv_truth t = ap_expr_true(&r, expr, &why);
    if ((t == SV_MAYBE) != (why != NULL))
        abort(); /* what is unknown has a name, what is known has none */
    (void)ap_expr_string(&r, expr);
    (void)ap_rewrite_server(&r);
    sv_regex_pool_free(pool);
    sv_arena_clear(&a);
    return 0;
}
