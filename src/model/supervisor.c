// SPDX-License-Identifier: Apache-2.0
// Reads supervisord.conf and the files that it includes (supervisord.org: Configuration File).
#include "model/supervisor.h"

#include "base/buf.h"
#include "base/limits.h"
#include "model/config_file.h"
#include "syntax/ini.h"

struct loader {
    const struct sv_model_env *env;
    struct sv_syntax *sx;
    struct sv_supervisor *ret;
    struct sv_map seen;
    const char *here;
    const char *user; /* supervisord's own */
    size_t nodes;     /* that there were before */
    bool full;
};

struct sv_slice sv_supervised_get(const struct sv_supervised *s, const char *key)
{
    const struct sv_node *n = sv_node_find_last(s->node, key);
    return n ? sv_node_arg(n, 0) : (struct sv_slice){"", 0};
}

const char *sv_supervised_path(const struct sv_supervised *s, struct sv_arena *a,
                               struct sv_slice text)
{
    static const char mark[] = "%(here)s";
    _cleanup_buf_ struct sv_buf out = {0};
    for (size_t at; (at = sv_slice_find(text, mark)) < text.n;) {
        sv_buf_add(&out, sv_slice_sub(text, 0, at));
        sv_buf_adds(&out, s->here);
        text = sv_slice_sub(text, at + sizeof mark - 1, text.n);
    }
    sv_buf_add(&out, text);
    return sv_path_join(a, s->here, sv_arena_copy(a, sv_buf_slice(&out)).p);
}

static struct sv_node *read_file(struct loader *l, const char *path)
{
    struct sv_slice text;
    if (l->full)
        return NULL;
    if (l->ret->files.n >= SV_MAX_CONFIG_FILES || l->sx->n_nodes - l->nodes > SV_MAX_INI_NODES) {
        sv_diag_path(l->env->diags, SV_DIAG_ERROR, path,
                     "too many files or settings of supervisord; the rest was not read");
        l->full = true;
        return NULL;
    }
    if (!sv_config_read(l->env, l->sx->arena, path, &text))
        return NULL;
    sv_vec_push(l->env->arena, &l->ret->files, path);
    l->sx->n_files++;
    l->sx->n_bytes += text.n;
    return sv_ini_parse(l->sx, sv_source_add(l->env->sources, path, text), SV_INI_PYTHON);
}

static bool is_program(struct sv_slice name)
{
    return sv_slice_starts(name, "program:") || sv_slice_starts(name, "eventlistener:") ||
           sv_slice_starts(name, "fcgi-program:");
}

static void take_sections(struct loader *l, const struct sv_node *root)
{
    struct sv_arena *a = l->env->arena;
    sv_node_each(section, root)
    {
        const struct sv_node *user = sv_node_find_last(section, "user");
        struct sv_supervised s = {.node = section, .name = sv_arena_copy(a, section->name).p,
                                  .here = l->here, .program = is_program(section->name)};
        s.user = s.program && user && sv_node_arg(user, 0).n
                     ? sv_arena_copy(a, sv_node_arg(user, 0)).p
                     : l->user;
        sv_vec_push(a, &l->ret->list, s);
    }
}

/* The patterns of [include], relative to the main file's folder. */
static void take_includes(struct loader *l, const struct sv_node *root)
{
    const struct sv_node *section = sv_node_find_last(root, "include");
    const struct sv_node *files = section ? sv_node_find_last(section, "files") : NULL;
    struct sv_supervised s = {.node = section, .here = l->here};
    struct sv_slice rest = files ? sv_node_arg(files, 0) : (struct sv_slice){"", 0}, word;
    while (!l->full && sv_unit_word(l->env->arena, &rest, &word) == 1) {
        struct sv_paths paths = {0};
        const char *pattern = sv_supervised_path(&s, l->env->arena, word);
        int rc = sv_fs_glob(l->env->fs, l->env->arena, pattern, &paths);
        if (rc < 0)
            sv_diag_at(l->env->diags, SV_DIAG_ERROR, files->head, "%s: %s", pattern,
                       strerror(-rc));
        sv_vec_each(path, &paths.list)
        {
            const struct sv_node *part = read_file(l, *path);
            if (part)
                take_sections(l, part);
        }
    }
}

static void load_main(struct loader *l, const char *path, const struct sv_unit *unit)
{
    struct sv_arena *a = l->env->arena;
    const char *real;
    if (!sv_config_there(l->env, path, &real) || (*sv_map_at(a, &l->seen, sv_slice_of(real)))++)
        return;
    l->here = sv_path_dir(a, real);
    l->user = unit ? sv_unit_user(unit, a, NULL) : "root";
    const struct sv_node *root = read_file(l, real);
    const struct sv_node *own = root ? sv_node_find_last(root, "supervisord") : NULL;
    const struct sv_node *user = own ? sv_node_find_last(own, "user") : NULL;
    if (user && sv_node_arg(user, 0).n && strcmp(l->user, "root") == 0)
        l->user = sv_arena_copy(a, sv_node_arg(user, 0)).p;
    if (!root)
        return;
    take_sections(l, root);
    take_includes(l, root);
}

/* "-c X", "--configuration X", "--configuration=X"; NULL: one of the standard places. */
static const char *config_of(struct sv_arena *a, const struct sv_unit_command *c)
{
    for (size_t i = 0; i < c->args.n; i++) {
        struct sv_slice w = c->args.v[i];
        if ((sv_slice_is(w, "-c") || sv_slice_is(w, "--configuration")) && i + 1 < c->args.n)
            return sv_path_join(a, "/", sv_arena_copy(a, c->args.v[i + 1]).p);
        if (sv_slice_starts(w, "--configuration="))
            return sv_path_join(a, "/", sv_arena_copy(a, sv_slice_sub(w, 16, w.n)).p);
    }
    return NULL;
}

void sv_supervisor_load(const struct sv_model_env *env, struct sv_syntax *sx,
                        const struct sv_units *units, struct sv_supervisor *ret)
{
    static const char *const places[] = {"/etc/supervisor/supervisord.conf",
                                         "/etc/supervisord.conf",
                                         "/usr/local/etc/supervisord.conf"};
    struct loader l = {.env = env, .sx = sx, .ret = ret, .nodes = sx->n_nodes};
    for (size_t i = 0; units && i < units->list.n; i++) {
        const struct sv_unit *u = units->list.v[i];
        struct sv_unit_commands commands = {0};
        if (u->masked || u->user)
            continue;
        sv_unit_commands(u, env->arena, &commands);
        sv_vec_each(c, &commands.list)
        {
            bool starts = strcmp(c->key, "ExecStart") == 0 &&
                          sv_slice_is(sv_slice_base(c->program), "supervisord");
            const char *config = starts ? config_of(env->arena, c) : NULL;
            if (config)
                load_main(&l, config, u);
        }
    }
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        load_main(&l, places[i], NULL);
}
