// SPDX-License-Identifier: Apache-2.0
// Fuzz target: a configuration, a NUL byte, and a request target, run against an empty root.
#include <stdlib.h>
#include <unistd.h>

#include "serve/answer.h"
#include "syntax/nginx.h"

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
    struct sv_slice text = sv_arena_copy(&a, sv_slice_sub(all, 0, cut));
    struct sv_node *root = sv_nginx_parse(&sx, sv_source_add(&sources, "/fuzz", text));
    struct sv_regex_pool *pool = sv_regex_pool_new();
    struct sv_model_env env = {&a, fs, &sources, &diags, pool, sv_identity_load(fs, &a, &diags)};
    struct sv_site *site = sv_model_from_nginx(&env, root, "/fuzz");
    struct sv_request q = {.method = SV_LIT("GET"), .host = SV_LIT("a.test"), .port = 80,
                           .target = sv_slice_sub(all, cut + 1, all.n)};
    struct sv_answer ans = sv_serve_answer(site, &a, &q);
    if (ans.file)
        abort(); /* an empty root serves no file */
    struct sv_routes routes = {0};
    sv_serve_reverse(site, &a, "/srv/x/.env", q.client, &routes);
    if (routes.list.n)
        abort();
    sv_regex_pool_free(pool);
    sv_arena_clear(&a);
    return 0;
}
