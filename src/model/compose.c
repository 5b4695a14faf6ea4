// SPDX-License-Identifier: Apache-2.0
// Compose projects: files merged in order, services with what they extend, short and long syntax.
#include <errno.h>

#include "base/limits.h"
#include "model/compose.h"
#include "syntax/yaml.h"

/* What is being read, from the outermost on: files that include, services that extend. */
struct step {
    const struct step *up;
    const char *file, *service;
};

/* One project while it is read. */
struct project {
    const struct sv_model_env *env;
    struct sv_syntax *sx;
    struct sv_containers *out;
    const char *dir;        /* relative paths of the file that is being read */
    const char *top;        /* that of the first one */
    struct sv_dotenv vars;
    struct sv_compose_names names;
    size_t first;           /* its services in out->list begin here */
    struct sv_map services; /* by their names: place in out->list + 1 */
    struct sv_compose_index *vars_index, *mounts_index;
    unsigned files;
    const struct step *including, *extending;
    SV_VEC(struct sv_node *) roots; /* the top maps, in the order of their files */
};

static struct sv_arena *arena(const struct project *p)
{
    return p->env->arena;
}

/* A scalar as it takes effect; empty for maps and lists. */
static struct sv_slice text(const struct project *p, const struct sv_node *n)
{
    return n && n->kind == SV_NODE_VALUE ? sv_compose_expand(arena(p), sv_node_arg(n, 0), &p->vars)
                                         : (struct sv_slice){"", 0};
}

static const char *string(const struct project *p, const struct sv_node *n)
{
    return sv_arena_copy(arena(p), text(p, n)).p;
}

static struct sv_container_text text_of(const struct project *p, const struct sv_node *n)
{
    return (struct sv_container_text){text(p, n), n};
}

/* A path on the host: "~", relative to the project, absolute. NULL where a variable is unknown. */
static const char *host_path(const struct project *p, struct sv_slice s)
{
    struct sv_arena *a = arena(p);
    const char *path = sv_arena_copy(a, s).p;
    if (s.n == 0 || sv_slice_chr(s, '$') < s.n)
        return NULL;
    if (path[0] == '~' && (path[1] == '/' || !path[1]))
        return sv_path_join(a, "/root", path + (path[1] ? 2 : 1)); /* of who starts it */
    return sv_path_join(a, p->dir, path);
}

/* ---- lists and maps ---- */

static bool truth(struct sv_slice s)
{
    return sv_slice_is_nocase(s, "true") || sv_slice_is_nocase(s, "yes") || sv_slice_is(s, "1") ||
           sv_slice_is_nocase(s, "on");
}

static void texts(const struct project *p, const struct sv_node *list, sv_container_texts *ret)
{
    if (!list)
        return;
    if (list->kind == SV_NODE_VALUE)
        sv_vec_push(arena(p), ret, text_of(p, list));
    sv_node_each(n, list)
    {
        if (n->kind == SV_NODE_VALUE)
            sv_vec_push(arena(p), ret, text_of(p, n));
    }
}

static void set_var(const struct project *p, struct sv_container_vars *io,
                    struct sv_container_var v)
{
    sv_compose_set_var(arena(p), p->vars_index, io, v);
}

/* "NAME=value" items, or a map; a name without a value comes from the shell. */
static void variables(const struct project *p, const struct sv_node *list,
                      struct sv_container_vars *ret)
{
    if (!list)
        return;
    sv_node_each(n, list)
    {
        struct sv_container_var v = {.node = n};
        if (n->kind != SV_NODE_VALUE)
            continue;
        struct sv_slice s = text(p, n);
        size_t eq = sv_slice_chr(s, '=');
        if (list->kind == SV_NODE_MAP) {
            v.name = n->name;
            v.value = s;
        } else {
            v.name = sv_slice_sub(s, 0, eq);
            v.value = sv_slice_sub(s, eq + 1, s.n);
        }
        set_var(p, ret, v);
    }
}

/* A command in one string is cut as a shell would cut it. */
static void words(const struct project *p, const struct sv_node *n, sv_container_texts *ret)
{
    ret->n = 0; /* a later file replaces it */
    if (!n)
        return;
    if (n->kind == SV_NODE_LIST) {
        texts(p, n, ret);
        return;
    }
    struct sv_slice rest = text(p, n);
    while (rest.n) {
        char quote = 0;
        size_t i = 0, k = 0;
        rest = sv_slice_trim(rest);
        char *word = sv_arena_alloc(arena(p), rest.n + 1);
        for (; i < rest.n && (quote || !strchr(" \t\n", rest.p[i])); i++) {
            char c = rest.p[i];
            if (quote ? c == quote : c == '"' || c == '\'')
                quote = quote ? 0 : c;
            else
                word[k++] = c;
        }
        if (i)
            sv_vec_push(arena(p), ret, (struct sv_container_text){{word, k}, n});
        rest = sv_slice_sub(rest, i, rest.n);
    }
}

/* ---- volumes and ports ---- */

static void add_mount(const struct project *p, struct sv_container *c, struct sv_container_mount m)
{
    sv_compose_add_mount(arena(p), p->mounts_index, c, m);
}

/* A named volume may be a folder of the host: driver_opts: {type: none, o: bind, device: /x}. */
static const char *volume_device(const struct project *p, struct sv_slice name)
{
    const char *found = NULL;
    sv_vec_each(root, &p->roots)
    {
        struct sv_node *all = sv_node_find_last(*root, "volumes");
        struct sv_node *v = all ? sv_node_find_last(all, sv_arena_copy(arena(p), name).p) : NULL;
        struct sv_node *opts = v ? sv_node_find_last(v, "driver_opts") : NULL;
        struct sv_node *device = opts ? sv_node_find_last(opts, "device") : NULL;
        struct sv_slice s = text(p, device);
        if (s.n && s.p[0] == '/')
            found = host_path(p, s);
    }
    return found;
}

/* "SOURCE:TARGET[:MODE]", "TARGET"; a source that is no path is a volume's name. */
static void short_mount(const struct project *p, struct sv_container *c, const struct sv_node *n)
{
    struct sv_slice s = text(p, n);
    size_t colon = sv_slice_chr(s, ':');
    struct sv_slice source = sv_slice_sub(s, 0, colon), rest = sv_slice_sub(s, colon + 1, s.n);
    struct sv_slice target = sv_slice_sub(rest, 0, sv_slice_chr(rest, ':'));
    struct sv_slice mode = sv_slice_sub(rest, target.n + 1, rest.n);
    struct sv_container_mount m = {.node = n};
    if (colon == s.n)
        target = s;
    else if (source.n && strchr("/.~", source.p[0]))
        m.source = host_path(p, source);
    else
        m.source = volume_device(p, source);
    m.target = sv_arena_copy(arena(p), target).p;
    m.read_only = sv_slice_is(mode, "ro") || sv_slice_starts(mode, "ro,") ||
                  sv_slice_ends(mode, ",ro");
    add_mount(p, c, m);
}

static void mounts(const struct project *p, struct sv_container *c, const struct sv_node *list)
{
    if (!list)
        return;
    sv_node_each(n, list)
    {
        if (n->kind == SV_NODE_VALUE) {
            short_mount(p, c, n);
            continue;
        }
        struct sv_slice source = text(p, sv_node_find_last(n, "source"));
        bool bind = sv_slice_is(text(p, sv_node_find_last(n, "type")), "bind");
        add_mount(p, c,
                  (struct sv_container_mount){
                      .source = bind ? host_path(p, source) : volume_device(p, source),
                      .target = string(p, sv_node_find_last(n, "target")),
                      .read_only = truth(text(p, sv_node_find_last(n, "read_only"))),
                      .node = n});
    }
}

static void short_port(const struct project *p, struct sv_container *c, const struct sv_node *n)
{
    struct sv_container_port port;
    if (sv_container_short_port(text(p, n), &port)) {
        port.node = n;
        sv_vec_push(arena(p), &c->ports, port);
    }
}

static void ports(const struct project *p, struct sv_container *c, const struct sv_node *list)
{
    if (!list)
        return;
    sv_node_each(n, list)
    {
        if (n->kind == SV_NODE_VALUE) {
            short_port(p, c, n);
            continue;
        }
        struct sv_container_port port = {
            .host = text(p, sv_node_find_last(n, "host_ip")),
            .host_port = sv_container_port_number(text(p, sv_node_find_last(n, "published"))),
            .port = sv_container_port_number(text(p, sv_node_find_last(n, "target"))),
            .udp = sv_slice_is(text(p, sv_node_find_last(n, "protocol")), "udp"),
            .node = n};
        if (port.port)
            sv_vec_push(arena(p), &c->ports, port);
    }
}

/* ---- files ---- */

static void read_env_file(const struct project *p, struct sv_container *c,
                          struct sv_container_file f)
{
    struct sv_slice content;
    struct sv_dotenv vars = {0};
    int rc = sv_fs_read(p->env->fs, arena(p), f.path, SV_MAX_CONFIG_BYTES, &content, NULL);
    f.error = -rc;
    sv_vec_push(arena(p), &c->env_files, f);
    if (rc < 0)
        return;
    sv_dotenv_read(p->env, f.path, content, &vars);
    sv_vec_each(v, &vars.list)
    {
        set_var(p, &c->env,
                (struct sv_container_var){.name = v->name, .value = v->value, .node = f.node,
                                          .file = f.path, .line = v->line});
    }
}

/* A string, a list of strings, or of {path, required}. */
static void env_files(const struct project *p, struct sv_container *c, const struct sv_node *list)
{
    if (!list)
        return;
    if (list->kind == SV_NODE_VALUE) {
        const char *path = host_path(p, text(p, list));
        if (path)
            read_env_file(p, c, (struct sv_container_file){.path = path, .node = list});
        return;
    }
    sv_node_each(n, list)
    {
        bool map = n->kind == SV_NODE_MAP;
        const struct sv_node *name = map ? sv_node_find_last(n, "path") : n;
        const struct sv_node *required = map ? sv_node_find_last(n, "required") : NULL;
        const char *path = host_path(p, text(p, name));
        if (path)
            read_env_file(p, c, (struct sv_container_file){
                                    .path = path, .node = n,
                                    .optional = required && !truth(text(p, required))});
    }
}

/* Names under `secrets:` of the service; their files stand at the top of the project. */
static void secret_files(const struct project *p, struct sv_container *c,
                         const struct sv_node *list, const char *kind)
{
    if (!list)
        return;
    sv_node_each(n, list)
    {
        struct sv_slice name =
            n->kind == SV_NODE_MAP ? text(p, sv_node_find_last(n, "source")) : text(p, n);
        sv_vec_each(root, &p->roots)
        {
            struct sv_node *all = sv_node_find_last(*root, kind);
            struct sv_node *s =
                all ? sv_node_find_last(all, sv_arena_copy(arena(p), name).p) : NULL;
            struct sv_node *file = s ? sv_node_find_last(s, "file") : NULL;
            const char *path = file ? host_path(p, text(p, file)) : NULL;
            if (path)
                sv_vec_push(arena(p), &c->secret_files,
                            (struct sv_container_file){
                                .path = path, .node = file,
                                .secret = strcmp(kind, "secrets") == 0});
        }
    }
}

/* additional_contexts: folders are of the file that names them; all else has a scheme. */
static void contexts(const struct project *p, struct sv_container *c, const struct sv_node *list)
{
    variables(p, list, &c->build_contexts);
    sv_vec_each(v, &c->build_contexts)
    {
        bool other = v->value.n == 0 || v->value.p[0] == '/' ||
                     sv_slice_chr(v->value, '$') < v->value.n ||
                     sv_slice_find(v->value, "://") < v->value.n ||
                     sv_slice_starts(v->value, "git@") || sv_slice_starts(v->value, "service:");
        if (!other)
            v->value = sv_slice_of(host_path(p, v->value));
    }
}

static void build(const struct project *p, struct sv_container *c, const struct sv_node *n)
{
    if (!n)
        return;
    bool map = n->kind == SV_NODE_MAP;
    const struct sv_node *file = map ? sv_node_find_last(n, "dockerfile") : NULL;
    struct sv_slice context = text(p, map ? sv_node_find_last(n, "context") : n);
    if (sv_slice_find(context, "://") < context.n)
        return; /* a repository */
    if (context.n || !c->build_context) /* a later file may add to the build alone */
        c->build_context = host_path(p, context.n ? context : SV_LIT("."));
    if (c->build_context && (file || context.n || !c->dockerfile))
        c->dockerfile = sv_path_join(arena(p), c->build_context,
                                     file ? string(p, file) : "Dockerfile");
    if (!map)
        return;
    const struct sv_node *target = sv_node_find_last(n, "target");
    const struct sv_node *own = sv_node_find_last(n, "dockerfile_inline");
    if (target)
        c->build_target = text(p, target);
    if (own && own->kind == SV_NODE_VALUE)
        c->build_inline = own;
    variables(p, sv_node_find_last(n, "args"), &c->build_args);
    contexts(p, c, sv_node_find_last(n, "additional_contexts"));
}

/* ---- one service ---- */

static void scalar(const struct project *p, const struct sv_node *service, const char *name,
                   struct sv_container_text *ret)
{
    const struct sv_node *n = sv_node_find_last(service, name);
    if (n && n->kind == SV_NODE_VALUE)
        *ret = text_of(p, n);
}

static void apply(struct project *p, struct sv_container *c, const struct sv_node *s)
{
    struct sv_node *n;
    scalar(p, s, "image", &c->image);
    scalar(p, s, "user", &c->user);
    scalar(p, s, "pid", &c->pid);
    scalar(p, s, "ipc", &c->ipc);
    scalar(p, s, "network_mode", &c->network);
    scalar(p, s, "userns_mode", &c->userns);
    scalar(p, s, "uts", &c->uts);
    scalar(p, s, "privileged", &c->privileged);
    if ((n = sv_node_find_last(s, "container_name")) && n->kind == SV_NODE_VALUE)
        c->own_name = string(p, n);
    sv_compose_networks(&p->names, c, sv_node_find_last(s, "networks"));
    texts(p, sv_node_find_last(s, "cap_add"), &c->caps);
    texts(p, sv_node_find_last(s, "security_opt"), &c->security);
    texts(p, sv_node_find_last(s, "devices"), &c->devices);
    if ((n = sv_node_find_last(s, "command")))
        words(p, n, &c->command);
    if ((n = sv_node_find_last(s, "entrypoint")))
        words(p, n, &c->entrypoint);
    if ((n = sv_node_find_last(s, "healthcheck")) && (n = sv_node_find_last(n, "test")))
        words(p, n, &c->healthcheck);
    env_files(p, c, sv_node_find_last(s, "env_file")); /* environment wins over it */
    variables(p, sv_node_find_last(s, "environment"), &c->env);
    sv_container_take_dotenv(arena(p), c, sv_path_join(arena(p), p->dir, ".env"), &p->vars);
    variables(p, sv_node_find_last(s, "labels"), &c->labels);
    mounts(p, c, sv_node_find_last(s, "volumes"));
    ports(p, c, sv_node_find_last(s, "ports"));
    secret_files(p, c, sv_node_find_last(s, "secrets"), "secrets");
    secret_files(p, c, sv_node_find_last(s, "configs"), "configs");
    build(p, c, sv_node_find_last(s, "build"));
}

/* ---- files of a project ---- */

static struct sv_node *parse(struct project *p, const char *path)
{
    struct sv_slice content;
    bool cut = false;
    if (p->files++ >= SV_MAX_COMPOSE_FILES) {
        sv_diag_path(p->env->diags, SV_DIAG_ERROR, path, "too many files in one project");
        return NULL;
    }
    int rc = sv_fs_read(p->env->fs, p->sx->arena, path, SV_MAX_COMPOSE_BYTES, &content, &cut);
    if (rc < 0 || cut) {
        sv_diag_path(p->env->diags, SV_DIAG_ERROR, path, "%s", cut ? "too long" : strerror(-rc));
        return NULL;
    }
    struct sv_node *root =
        sv_yaml_parse_foreign(p->sx, sv_source_add(p->env->sources, path, content));
    p->sx->n_files++;
    p->sx->n_bytes += content.n;
    sv_vec_push(arena(p), &p->out->files, path);
    return root && root->first && root->first->kind == SV_NODE_MAP ? root->first : NULL;
}

/* The file as no link or spelling changes it. */
static const char *real_file(struct project *p, const char *path)
{
    const char *real;
    return sv_fs_realpath(p->env->fs, arena(p), path, &real) == 0 ? real : path;
}

/* True, and told, if the step is being taken already. */
static bool in_circle(struct project *p, const struct step *all, const char *file,
                      const char *service, const struct sv_node *at, const char *what)
{
    for (; all; all = all->up) {
        if (strcmp(all->file, file) != 0 || strcmp(all->service, service) != 0)
            continue;
        sv_diag_at(p->env->diags, SV_DIAG_ERROR, at->span, "%s in a circle", what);
        return true;
    }
    return false;
}

static void service(struct project *p, struct sv_container *c, struct sv_node *root,
                    const struct sv_node *s, unsigned depth);

/* extends: NAME, or {service: NAME, file: PATH}; applied first, so that the service's own wins. */
static void extend(struct project *p, struct sv_container *c, struct sv_node *root,
                   const struct sv_node *e, unsigned depth)
{
    const struct sv_node *file = e->kind == SV_NODE_MAP ? sv_node_find_last(e, "file") : NULL;
    const char *name = string(p, e->kind == SV_NODE_MAP ? sv_node_find_last(e, "service") : e);
    const char *dir = p->dir, *path = file ? host_path(p, text(p, file)) : NULL;
    if (depth >= SV_MAX_EXTENDS) {
        sv_diag_at(p->env->diags, SV_DIAG_ERROR, e->span, "services extend each other too deeply");
        return;
    }
    if (file && !path)
        return;
    struct step step = {p->extending, real_file(p, path ? path : sv_span_path(p->env->sources,
                                                                              e->span)), name};
    if (in_circle(p, p->extending, step.file, name, e, "services extend each other"))
        return;
    p->extending = &step;
    if (path) {
        root = parse(p, path);
        p->dir = sv_path_dir(arena(p), path);
    }
    struct sv_node *all = root ? sv_node_find_last(root, "services") : NULL;
    struct sv_node *base = all ? sv_node_find_last(all, name) : NULL;
    if (base)
        service(p, c, root, base, depth + 1);
    p->extending = step.up;
    p->dir = dir;
}

static void service(struct project *p, struct sv_container *c, struct sv_node *root,
                    const struct sv_node *s, unsigned depth)
{
    const struct sv_node *e = sv_node_find_last(s, "extends");
    if (e)
        extend(p, c, root, e, depth);
    apply(p, c, s);
}

static struct sv_container *container(struct project *p, struct sv_slice name, const char *file,
                                      const struct sv_node *node)
{
    uint32_t *at = sv_map_at(arena(p), &p->services, name);
    if (*at)
        return p->out->list.v[*at - 1];
    *at = (uint32_t)p->out->list.n + 1;
    struct sv_container *c = sv_new(arena(p), struct sv_container);
    c->name = sv_arena_copy(arena(p), name).p;
    c->config = file;
    c->project = p->dir;
    c->node = node;
    sv_vec_push(arena(p), &p->out->list, c);
    return c;
}

static void load(struct project *p, const char *path, unsigned depth);

/* include: PATH, [PATH...], [{path: ...}]. */
static void includes(struct project *p, const struct sv_node *list, unsigned depth)
{
    const char *dir = p->dir;
    if (!list)
        return;
    if (depth >= SV_MAX_EXTENDS) {
        sv_diag_at(p->env->diags, SV_DIAG_ERROR, list->span, "files include each other too deeply");
        return;
    }
    sv_node_each(n, list)
    {
        const struct sv_node *name = n->kind == SV_NODE_MAP ? sv_node_find_last(n, "path") : n;
        const char *path = name ? host_path(p, text(p, name)) : NULL;
        if (!path || in_circle(p, p->including, real_file(p, path), "", n,
                               "files include each other"))
            continue;
        p->dir = sv_path_dir(arena(p), path);
        load(p, path, depth + 1);
        p->dir = dir;
    }
}

static void load(struct project *p, const char *path, unsigned depth)
{
    struct sv_node *root = parse(p, path);
    if (!root)
        return;
    struct step step = {p->including, real_file(p, path), ""};
    p->including = &step;
    sv_vec_push(arena(p), &p->roots, root);
    sv_compose_names_add(&p->names, p->top, root);
    includes(p, sv_node_find_last(root, "include"), depth);
    p->including = step.up;
    struct sv_node *all = sv_node_find_last(root, "services");
    if (!all)
        return;
    sv_node_each(s, all)
    {
        if (p->out->full)
            return;
        p->out->full = p->out->list.n >= SV_MAX_CONTAINERS;
        if (p->out->full)
            sv_diag_at(p->env->diags, SV_DIAG_ERROR, s->span,
                       "more services on this machine than are looked at; this one and those behind "
                       "it were not read");
        else if (s->kind == SV_NODE_MAP)
            service(p, container(p, s->name, path, s), root, s, 0);
    }
}

static void begin(struct project *p, const char *path)
{
    struct sv_slice content;
    p->dir = p->top = sv_path_dir(arena(p), path);
    p->vars_index = sv_new(arena(p), struct sv_compose_index);
    p->mounts_index = sv_new(arena(p), struct sv_compose_index);
    p->names = (struct sv_compose_names){.env = p->env, .vars = &p->vars};
    const char *env = sv_path_join(arena(p), p->dir, ".env");
    if (sv_fs_read(p->env->fs, arena(p), env, SV_MAX_CONFIG_BYTES, &content, NULL) == 0)
        sv_dotenv_read(p->env, env, content, &p->vars);
}

static void end(struct project *p)
{
    for (size_t i = p->first; i < p->out->list.n; i++)
        sv_compose_default_network(&p->names, p->out->list.v[i]);
}

void sv_compose_load(const struct sv_model_env *env, struct sv_syntax *sx, const char *path,
                     struct sv_containers *ret)
{
    struct project p = {.env = env, .sx = sx, .out = ret, .first = ret->list.n};
    begin(&p, path);
    load(&p, path, 0);
    const char *more = sv_compose_override(env, path);
    if (more)
        load(&p, more, 0);
    end(&p);
}

void sv_compose_load_files(const struct sv_model_env *env, struct sv_syntax *sx,
                           const struct sv_paths *paths, struct sv_containers *ret)
{
    struct project p = {.env = env, .sx = sx, .out = ret, .first = ret->list.n};
    if (paths->list.n == 0)
        return;
    begin(&p, paths->list.v[0]);
    sv_vec_each(path, &paths->list)
    {
        load(&p, *path, 0);
    }
    end(&p);
}
