// SPDX-License-Identifier: Apache-2.0
// Fuzz target: an httpd configuration, a NUL byte, and a request target, run against an empty root.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "model/apache.h"
#include "serve/answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The configuration is the only file, and none that a mapping of its own should serve. */
static void write_config(const char *dir, struct sv_slice text)
{
    char path[64];
    (void)snprintf(path, sizeof path, "%s/fuzz.conf", dir);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        abort();
    while (text.n) {
        ssize_t n = write(fd, text.p, text.n);
        if (n <= 0)
            abort();
        text = sv_slice_sub(text, (size_t)n, text.n);
    }
    close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char dir[] = "/tmp/srvaudit-fuzz-XXXXXX";
    static struct sv_fs *fs, *conf;
    static char conf_dir[] = "/tmp/srvaudit-fuzz-XXXXXX";
    if (!fs) {
        if (!mkdtemp(dir) || !(fs = sv_fs_new(dir, NULL)) || !mkdtemp(conf_dir) ||
            !(conf = sv_fs_new(conf_dir, NULL)))
            abort();
        (void)rmdir(dir); /* the open descriptor stays usable, and empty */
    }
    struct sv_arena a = {0};
    struct sv_sources sources = {.arena = &a};
    struct sv_diags diags = {.arena = &a};
    struct sv_syntax sx = {.arena = &a, .sources = &sources, .diags = &diags, .fs = conf};
    struct sv_slice all = sv_arena_copy(&a, (struct sv_slice){(const char *)data, size});
    size_t cut = sv_slice_chr(all, '\0');
    write_config(conf_dir, sv_slice_sub(all, 0, cut));
    struct sv_apache_tree tree = {0};
    (void)sv_apache_load(&sx, "/fuzz.conf", NULL, NULL, &tree);
    struct sv_regex_pool *pool = sv_regex_pool_new();
    struct sv_model_env env = {&a, fs, &sources, &diags, pool, sv_identity_load(fs, &a, &diags)};
    struct sv_site *site = sv_model_from_apache(&env, &tree, "/fuzz.conf");
    const struct sv_vhost *main_host = site->vhosts.v[0];
    struct sv_request q = {.method = SV_LIT("GET"), .host = SV_LIT("a.test"), .port = 80,
                           .target = sv_slice_sub(all, cut + 1, all.n)};
    if (main_host->listens.n)
        q.port = main_host->listens.v[0].port;
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
