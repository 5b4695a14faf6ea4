// SPDX-License-Identifier: Apache-2.0
// Fuzz target: any bytes as a file of a container engine; the first byte says which. What it
// gives is then seen through: the view of the container, and its ports.
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "model/container.h"
#include "model/engine_config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct {
    char which;
    const char *name;
} files[] = {{'d', "config.v2.json"}, {'h', "hostconfig.json"}, {'q', "web.container"},
             {'k', "shop.yaml"},      {'j', "daemon.json"}};

static void put(const char *dir, const char *name, const void *data, size_t size)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, "wb");
    if (!f || fwrite(data, 1, size, f) != size)
        abort();
    fclose(f);
}

static void see(const struct sv_model_env *env, struct sv_containers *all)
{
    for (size_t i = 0; i < all->list.n && i < 64; i++) {
        const struct sv_container *c = all->list.v[i];
        struct sv_fs *view = sv_container_view(env, c);
        struct sv_paths inside = {0};
        if (!c->name || !c->config || !c->node)
            abort();
        if (!view)
            continue;
        for (size_t k = 0; k < c->mounts.n && k < 64; k++) {
            struct stat st;
            const char *target = c->mounts.v[k].target;
            if (target && target[0] == '/' && sv_fs_stat(view, target, &st) == 0 &&
                !sv_fs_outside(view, env->arena, target))
                abort();
        }
        sv_fs_inside(view, env->arena, "/config.v2.json", &inside);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char dir[] = "/tmp/fuzz-container-XXXXXX";
    const char *name = NULL;
    for (size_t i = 0; size && i < sizeof files / sizeof *files; i++)
        if (data[0] == (unsigned char)files[i].which)
            name = files[i].name;
    if (!name || !mkdtemp(dir))
        return 0;
    put(dir, "config.v2.json", "{\"Name\":\"/a\"}", 13);
    put(dir, name, data + 1, size - 1);
    struct sv_arena a = {0};
    struct sv_err err;
    struct sv_sources sources = {.arena = &a};
    struct sv_diags diags = {.arena = &a};
    struct sv_fs *fs = sv_fs_new(dir, &err);
    struct sv_syntax sx = {.arena = &a, .sources = &sources, .diags = &diags, .fs = fs};
    struct sv_model_env env = {.arena = &a, .fs = fs, .sources = &sources, .diags = &diags,
                               .ids = sv_identity_load(fs, &a, &diags)};
    struct sv_containers all = {0};
    struct sv_engine_config engine = {0};
    if (data[0] == 'q')
        sv_quadlet_load(&env, &sx, "/web.container", &all);
    else if (data[0] == 'k')
        sv_kube_load(&env, &sx, "/shop.yaml", &all);
    else if (data[0] == 'j')
        sv_engine_config_daemon(&env, &sx, "/daemon.json", &engine);
    else
        sv_engine_load(&env, &sx, "/", &all);
    see(&env, &all);
    sv_fs_free(fs);
    sv_arena_clear(&a);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%s", dir, files[i].name);
        (void)unlink(path);
    }
    (void)rmdir(dir);
    return 0;
}
