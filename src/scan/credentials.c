// SPDX-License-Identifier: Apache-2.0
// The files that LoadCredential= and LoadCredentialEncrypted= of units name.
#include "scan/host_walk.h"

#include <dirent.h>

#include "base/limits.h"
#include "scan/secrets.h"

struct finder {
    const struct sv_model_env *env;
    struct sv_map *kinds, folders; /* by their real paths, as what they were looked at */
    struct sv_paths *ret;
    size_t n_entries; /* of folders */
    const char *rest; /* the first one that was left out, or NULL */
};

static bool is_full(struct finder *f, size_t n, const char *path)
{
    if (!f->rest && n >= SV_MAX_CREDENTIAL_FILES)
        f->rest = path;
    return f->rest;
}

static void add(struct finder *f, const char *path, enum sv_credential_kind kind)
{
    const char *real;
    struct stat st;
    if (sv_fs_realpath(f->env->fs, f->env->arena, path, &real) < 0 ||
        sv_fs_stat(f->env->fs, real, &st) < 0 || !S_ISREG(st.st_mode))
        return;
    if (sv_map_find(f->kinds, sv_slice_of(real)) == 0 && is_full(f, f->ret->list.n, path))
        return;
    uint32_t *at = sv_map_at(f->env->arena, f->kinds, sv_slice_of(real));
    if (*at == 0)
        sv_vec_push(f->env->arena, &f->ret->list, real);
    *at = *at == SV_CREDENTIAL_PLAIN ? *at : kind; /* what one unit reads as it is, is plain */
}

/* Each folder once, however many lines name it; twice where it is plain only behind the first. */
static void add_folder(struct finder *f, const char *path, enum sv_credential_kind kind,
                       unsigned depth)
{
    struct sv_dirents entries = {0};
    const char *real;
    if (sv_fs_realpath(f->env->fs, f->env->arena, path, &real) < 0)
        return;
    uint32_t *at = sv_map_at(f->env->arena, &f->folders, sv_slice_of(real));
    if (*at == SV_CREDENTIAL_PLAIN || *at == kind)
        return;
    *at = kind;
    (void)sv_fs_list(f->env->fs, f->env->arena, real, &entries);
    sv_vec_each(e, &entries.list)
    {
        const char *entry = sv_path_join(f->env->arena, real, e->name);
        if (is_full(f, f->n_entries++, entry))
            return;
        /* systemd takes the files of folders below it, too, and follows no links to folders. */
        if (e->type != DT_DIR)
            add(f, entry, kind);
        else if (depth < SV_MAX_CREDENTIAL_DEPTH)
            add_folder(f, entry, kind, depth + 1);
        else
            sv_diag_path(f->env->diags, SV_DIAG_ERROR, entry,
                         "credentials in folders this deep are not looked at");
    }
}

/* A file, or a folder of them. */
static void add_place(struct finder *f, const char *path, enum sv_credential_kind kind)
{
    struct stat st;
    int rc = sv_fs_stat(f->env->fs, path, &st);
    if (rc < 0 && sv_fs_is_gap(rc))
        sv_diag_path(f->env->diags, SV_DIAG_ERROR, path, "%s", strerror(-rc));
    else if (rc == 0 && S_ISDIR(st.st_mode))
        add_folder(f, path, kind, 0);
    else
        add(f, path, kind);
}

/* A name alone is looked for where credentials are kept (systemd.exec(5)). */
static void add_named(struct finder *f, struct sv_slice name, enum sv_credential_kind kind)
{
    static const char *const stores[] = {"/etc/credstore", "/run/credstore",
                                         "/usr/local/lib/credstore", "/usr/lib/credstore"};
    struct sv_arena *a = f->env->arena;
    const char *text = sv_arena_copy(a, name).p;
    for (size_t i = 0; i < sizeof stores / sizeof *stores; i++) {
        add(f, sv_path_join(a, stores[i], text), SV_CREDENTIAL_PLAIN);
        if (kind == SV_CREDENTIAL_ENCRYPTED)
            add(f, sv_path_join(a, sv_arena_printf(a, "%s.encrypted", stores[i]), text), kind);
    }
}

static void of_unit(struct finder *f, const struct sv_unit *u, const char *key,
                    enum sv_credential_kind kind)
{
    struct sv_unit_list list = {0};
    sv_unit_all(u, f->env->arena, "Service", key, &list);
    sv_vec_each(set, &list.list)
    {
        struct sv_slice all = (*set)->value, value;
        size_t colon = sv_slice_chr(all, ':');
        if (!sv_unit_expand(u, f->env->arena,
                            colon < all.n ? sv_slice_sub(all, colon + 1, all.n) : all, &value) ||
            value.n == 0 || memchr(value.p, 0, value.n))
            continue;
        if (f->rest)
            return;
        if (value.p[0] == '/')
            add_place(f, sv_path_join(f->env->arena, "/", sv_arena_copy(f->env->arena, value).p),
                      kind);
        else if (!memchr(value.p, '/', value.n))
            add_named(f, value, kind);
    }
}

void sv_unit_credential_files(const struct sv_model_env *env, const struct sv_units *units,
                              struct sv_map *kinds, struct sv_paths *ret)
{
    struct finder f = {.env = env, .kinds = kinds, .ret = ret};
    for (size_t i = 0; units && i < units->list.n && !f.rest; i++) {
        const struct sv_unit *u = units->list.v[i];
        if (u->masked)
            continue;
        of_unit(&f, u, "LoadCredential", SV_CREDENTIAL_PLAIN);
        of_unit(&f, u, "LoadCredentialEncrypted", SV_CREDENTIAL_ENCRYPTED);
    }
    if (f.rest)
        sv_diag_path(env->diags, SV_DIAG_ERROR, f.rest,
                     "units name more credentials than are looked at");
}
