// SPDX-License-Identifier: Apache-2.0
// Prints the effective units of a root, for the comparison with the real systemd.
//
// helper_units ROOT: for each system unit lines of KEY, a tab and VALUE, then an empty line.
// helper_units --env FILE...: the variables of environment files, NAME=VALUE in hex, and an empty
// line behind each file.
#include <stdio.h>

#include "model/unit.h"

static void print(const char *key, struct sv_slice v)
{
    printf("%s\t%.*s\n", key, (int)v.n, v.p);
}

static void print_last(const struct sv_unit *u, struct sv_arena *a, const char *key)
{
    const struct sv_unit_setting *s = sv_unit_get(u, "Service", key);
    struct sv_slice v;
    if (s && sv_unit_expand(u, a, s->value, &v))
        print(key, v);
}

static void print_unit(const struct sv_unit *u, const struct sv_model_env *env, struct sv_arena *a)
{
    struct sv_unit_environment vars = {0};
    struct sv_unit_commands commands = {0};
    print("name", sv_slice_of(u->name));
    print("state", u->masked ? SV_LIT("masked") : SV_LIT("loaded"));
    sv_vec_each(alias, &u->aliases)
    {
        print("alias", sv_slice_of(*alias));
    }
    sv_vec_each(file, &u->files)
    {
        print("file", sv_slice_of(*file));
    }
    sv_unit_environment(u, env->fs, a, &vars);
    sv_vec_each(v, &vars.list)
    {
        if (!v->file)
            print("Environment", sv_slice_of(sv_arena_printf(a, "%.*s=%.*s", (int)v->name.n,
                                                             v->name.p, (int)v->value.n,
                                                             v->value.p)));
    }
    sv_vec_each(f, &vars.files)
    {
        print("EnvironmentFile", sv_slice_of(sv_arena_printf(a, "%s%s", f->optional ? "-" : "",
                                                             f->path)));
    }
    print_last(u, a, "User");
    print_last(u, a, "WorkingDirectory");
    sv_unit_commands(u, a, &commands);
    sv_vec_each(c, &commands.list)
    {
        print(c->key, c->program);
        sv_vec_each(arg, &c->args)
        {
            print("arg", *arg);
        }
    }
    puts("");
}

static void print_env_file(struct sv_arena *a, const char *path)
{
    static char text[1 << 16];
    struct sv_env_lines lines = {0};
    FILE *f = fopen(path, "re");
    size_t n = f ? fread(text, 1, sizeof text, f) : 0;
    if (f)
        fclose(f);
    sv_env_file_parse(a, (struct sv_slice){text, n}, &lines);
    sv_vec_each(l, &lines.list)
    {
        if (!l->valid)
            continue;
        printf("%.*s=", (int)l->name.n, l->name.p);
        for (size_t i = 0; i < l->value.n; i++)
            printf("%02x", (unsigned char)l->value.p[i]);
        puts("");
    }
    puts("");
}

int main(int argc, char **argv)
{
    struct sv_arena a = {0};
    struct sv_err err;
    struct sv_sources sources = {.arena = &a};
    struct sv_diags diags = {.arena = &a};
    struct sv_units units = {0};
    for (int i = 2; argc > 1 && strcmp(argv[1], "--env") == 0 && i < argc; i++)
        print_env_file(&a, argv[i]);
    if (argc > 1 && strcmp(argv[1], "--env") == 0) {
        sv_arena_clear(&a);
        return 0;
    }
    struct sv_fs *fs = argc > 1 ? sv_fs_new(argv[1], &err) : NULL;
    if (!fs)
        return 1;
    struct sv_model_env env = {.arena = &a, .fs = fs, .sources = &sources, .diags = &diags};
    struct sv_syntax sx = {.arena = &a, .sources = &sources, .diags = &diags, .fs = fs};
    env.ids = sv_identity_load(fs, &a, &diags);
    sv_units_load(&env, &sx, &units);
    sv_vec_each(u, &units.list)
    {
        if (!(*u)->user)
            print_unit(*u, &env, &a);
    }
    sv_fs_free(fs);
    sv_arena_clear(&a);
    return 0;
}
