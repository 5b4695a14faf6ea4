// SPDX-License-Identifier: Apache-2.0
// Quadlet: .container units with their pods, volumes and drop-ins, to containers of the model.
#include <dirent.h>
#include <errno.h>

#include "base/limits.h"
#include "model/config_file.h"
#include "model/container.h"
#include "model/unit.h"

struct quadlet {
    const struct sv_model_env *env;
    struct sv_syntax *sx;
    struct sv_containers *out;
    const char *owner; /* of a home; NULL: the system's */
    SV_VEC(struct sv_unit *) units;
    SV_VEC(const char *) dirs; /* that drop-ins are looked for in */
    size_t looks;
};

static struct sv_arena *arena(const struct quadlet *q)
{
    return q->env->arena;
}

bool sv_quadlet_is_name(struct sv_slice name)
{
    static const char *const ends[] = {".container", ".pod", ".kube", ".volume", ".network"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (name.n > strlen(ends[i]) && sv_slice_ends(name, ends[i]))
            return true;
    return false;
}

/* ---- files ---- */

static void take_file(struct quadlet *q, struct sv_unit *u, const char *path)
{
    uint32_t file = sv_container_read(q->env, q->sx, path);
    if (!file)
        return;
    const struct sv_node *root = sv_unit_parse(q->sx, file);
    sv_vec_push(arena(q), &u->files, path);
    sv_vec_push(arena(q), &q->out->files, path);
    sv_node_each(section, root)
    {
        const char *name = sv_arena_copy(arena(q), section->name).p;
        sv_node_each(n, section)
        {
            sv_vec_push(arena(q), &u->settings,
                        (struct sv_unit_setting){name, sv_arena_copy(arena(q), n->name).p,
                                                 sv_node_arg(n, 0), n});
        }
    }
}

static struct sv_unit *find(const struct quadlet *q, struct sv_slice name)
{
    sv_vec_each(u, &q->units)
    {
        if (sv_slice_is(name, (*u)->name))
            return *u;
    }
    return NULL;
}

static struct sv_unit *add_unit(struct quadlet *q, const char *path)
{
    struct sv_unit *u = sv_new(arena(q), struct sv_unit);
    u->name = sv_path_base(path);
    u->fragment = path;
    u->user = q->owner != NULL;
    u->owner = q->owner;
    take_file(q, u, path);
    sv_vec_push(arena(q), &q->units, u);
    return u;
}

/* Folders below a search path belong to it; the first file of a name counts. */
static void list_dir(struct quadlet *q, const char *dir, unsigned depth)
{
    struct sv_dirents entries = {0};
    int rc = sv_fs_list(q->env->fs, arena(q), dir, &entries);
    if (rc < 0) {
        if (!sv_fs_is_absent(rc))
            sv_diag_path(q->env->diags, SV_DIAG_ERROR, dir, "%s", strerror(-rc));
        return;
    }
    if (q->dirs.n >= SV_MAX_UNITS) {
        sv_diag_path(q->env->diags, SV_DIAG_ERROR, dir, "too many folders of units");
        return;
    }
    sv_vec_push(arena(q), &q->dirs, dir);
    sv_vec_each(e, &entries.list)
    {
        struct sv_slice name = sv_slice_of(e->name);
        const char *path = sv_path_join(arena(q), dir, e->name);
        bool users = strcmp(e->name, "users") == 0 && strcmp(dir, "/etc/containers/systemd") == 0;
        if (e->type == DT_DIR && depth < SV_MAX_QUADLET_DEPTH && !users && !sv_slice_ends(name, ".d"))
            list_dir(q, path, depth + 1);
        else if (e->type != DT_DIR && sv_quadlet_is_name(name) && !find(q, name) &&
                 q->units.n < SV_MAX_UNITS)
            (void)add_unit(q, path);
    }
}

/* web.container.d/ and container.d/, in each of the folders. */
static void drop_ins(struct quadlet *q, struct sv_unit *u)
{
    const char *kind = strrchr(u->name, '.') + 1;
    const char *folders[] = {sv_arena_printf(arena(q), "%s.d", kind),
                             sv_arena_printf(arena(q), "%s.d", u->name)};
    for (size_t i = 0; i < 2; i++)
        sv_vec_each(dir, &q->dirs)
        {
            struct sv_paths found = {0};
            if (++q->looks > SV_MAX_QUADLET_LOOKS) {
                if (q->looks == SV_MAX_QUADLET_LOOKS + 1)
                    sv_diag_path(q->env->diags, SV_DIAG_ERROR, u->fragment,
                                 "too many folders and units: drop-ins were not looked for any more");
                return;
            }
            const char *pattern = sv_arena_printf(arena(q), "%s/%s/*.conf", *dir, folders[i]);
            sv_config_glob(q->env, pattern, &found);
            sv_vec_each(path, &found.list)
            {
                take_file(q, u, *path);
            }
        }
}

/* ---- values ---- */

static struct sv_slice expand(struct quadlet *q, const struct sv_unit *u, struct sv_slice text)
{
    struct sv_slice out;
    return sv_unit_expand(u, arena(q), text, &out) ? out : text;
}

static void take(struct quadlet *q, const struct sv_unit *u, const char *section, const char *key,
                 struct sv_container_text *ret)
{
    const struct sv_unit_setting *s = sv_unit_get(u, section, key);
    if (s)
        *ret = (struct sv_container_text){expand(q, u, s->value), s->node};
}

/* The words of all settings of that name. */
static void words(struct quadlet *q, const struct sv_unit *u, const char *key,
                  sv_container_texts *ret)
{
    struct sv_unit_list all = {0};
    sv_unit_all(u, arena(q), "Container", key, &all);
    sv_vec_each(s, &all.list)
    {
        struct sv_slice rest = expand(q, u, (*s)->value), word;
        while (sv_unit_word(arena(q), &rest, &word) == 1)
            sv_vec_push(arena(q), ret, (struct sv_container_text){word, (*s)->node});
    }
}

/* A path of the host: relative ones are of the unit's folder. */
static const char *host_path(struct quadlet *q, const struct sv_unit *u, struct sv_slice s)
{
    if (s.n == 0 || (s.p[0] != '/' && s.p[0] != '.'))
        return NULL;
    return sv_path_join(arena(q), sv_path_dir(arena(q), u->fragment),
                        sv_arena_copy(arena(q), s).p);
}

/* A volume of its own unit may be a folder of the host: Device=/srv/x, Options=bind. */
static const char *source_of(struct quadlet *q, const struct sv_unit *u, struct sv_slice s)
{
    const struct sv_unit *v = sv_slice_ends(s, ".volume") ? find(q, s) : NULL;
    const struct sv_unit_setting *device = v ? sv_unit_get(v, "Volume", "Device") : NULL;
    return v ? device ? host_path(q, v, expand(q, v, device->value)) : NULL : host_path(q, u, s);
}

static void add_volume(struct quadlet *q, const struct sv_unit *u, struct sv_container *c,
                       struct sv_slice s, const struct sv_node *node)
{
    size_t colon = sv_slice_chr(s, ':');
    struct sv_slice rest = sv_slice_sub(s, colon + 1, s.n);
    struct sv_slice target = sv_slice_sub(rest, 0, sv_slice_chr(rest, ':'));
    struct sv_slice mode = sv_slice_sub(rest, target.n + 1, rest.n);
    bool alone = colon == s.n;
    sv_vec_push(arena(q), &c->mounts,
                (struct sv_container_mount){
                    .source = alone ? NULL : source_of(q, u, sv_slice_sub(s, 0, colon)),
                    .target = sv_arena_copy(arena(q), alone ? s : target).p,
                    .read_only = sv_slice_is(mode, "ro") || sv_slice_starts(mode, "ro,") ||
                                 sv_slice_find(mode, ",ro") < mode.n,
                    .node = node});
}

/* type=bind,source=/srv/x,destination=/x,ro=true */
static void add_mount(struct quadlet *q, const struct sv_unit *u, struct sv_container *c,
                      struct sv_slice rest, const struct sv_node *node)
{
    struct sv_container_mount m = {.node = node};
    struct sv_slice source = {"", 0};
    bool bind = false;
    while (rest.n) {
        struct sv_slice part = sv_slice_sub(rest, 0, sv_slice_chr(rest, ','));
        size_t eq = sv_slice_chr(part, '=');
        struct sv_slice key = sv_slice_sub(part, 0, eq), v = sv_slice_sub(part, eq + 1, part.n);
        rest = sv_slice_sub(rest, part.n + 1, rest.n);
        bind |= sv_slice_is(key, "type") && (sv_slice_is(v, "bind") || sv_slice_is(v, "volume"));
        if (sv_slice_is(key, "source") || sv_slice_is(key, "src"))
            source = v;
        if (sv_slice_is(key, "target") || sv_slice_is(key, "destination") ||
            sv_slice_is(key, "dst"))
            m.target = sv_arena_copy(arena(q), v).p;
        if (sv_slice_is(key, "ro") || sv_slice_is(key, "readonly"))
            m.read_only = v.n == 0 || sv_slice_is(v, "true");
    }
    m.source = bind ? source_of(q, u, source) : NULL;
    if (m.target)
        sv_vec_push(arena(q), &c->mounts, m);
}

static void add_port(struct quadlet *q, struct sv_container *c, struct sv_slice s,
                     const struct sv_node *node)
{
    struct sv_container_port port;
    if (!sv_container_short_port(s, &port))
        return;
    port.node = node;
    sv_vec_push(arena(q), &c->ports, port);
}

static void add_var(struct quadlet *q, struct sv_container_vars *io, struct sv_slice s,
                    const struct sv_node *node)
{
    size_t eq = sv_slice_chr(s, '=');
    sv_vec_push(arena(q), io,
                (struct sv_container_var){.name = sv_slice_sub(s, 0, eq),
                                          .value = sv_slice_sub(s, eq + 1, s.n), .node = node});
}

/* ---- PodmanArgs= ---- */

/* What a flag of `podman run` gives; the value is empty for switches. */
static void podman_flag(struct quadlet *q, const struct sv_unit *u, struct sv_container *c,
                        struct sv_slice flag, struct sv_container_text value)
{
    static const struct {
        const char *flag;
        size_t at;
    } texts[] = {{"--pid", offsetof(struct sv_container, pid)},
                 {"--ipc", offsetof(struct sv_container, ipc)},
                 {"--network", offsetof(struct sv_container, network)},
                 {"--net", offsetof(struct sv_container, network)},
                 {"--userns", offsetof(struct sv_container, userns)},
                 {"--uts", offsetof(struct sv_container, uts)},
                 {"--user", offsetof(struct sv_container, user)}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (sv_slice_is(flag, texts[i].flag))
            *(struct sv_container_text *)(void *)((char *)c + texts[i].at) = value;
    if (sv_slice_is(flag, "--privileged") && !sv_slice_is(value.text, "false"))
        c->privileged = (struct sv_container_text){SV_LIT("true"), value.node};
    if (sv_slice_is(flag, "--cap-add"))
        sv_vec_push(arena(q), &c->caps, value);
    if (sv_slice_is(flag, "--security-opt"))
        sv_vec_push(arena(q), &c->security, value);
    if (sv_slice_is(flag, "--volume") || sv_slice_is(flag, "-v"))
        add_volume(q, u, c, value.text, value.node);
    if (sv_slice_is(flag, "--mount"))
        add_mount(q, u, c, value.text, value.node);
    if (sv_slice_is(flag, "--publish") || sv_slice_is(flag, "-p"))
        add_port(q, c, value.text, value.node);
    if (sv_slice_is(flag, "--env") || sv_slice_is(flag, "-e"))
        add_var(q, &c->env, value.text, value.node);
}

static void podman_args(struct quadlet *q, const struct sv_unit *u, struct sv_container *c)
{
    sv_container_texts args = {0};
    words(q, u, "PodmanArgs", &args);
    for (size_t i = 0; i < args.n; i++) {
        struct sv_slice w = args.v[i].text;
        size_t eq = sv_slice_chr(w, '=');
        struct sv_container_text value = {sv_slice_sub(w, eq + 1, w.n), args.v[i].node};
        bool next = eq == w.n && i + 1 < args.n && !sv_slice_starts(args.v[i + 1].text, "-");
        if (w.n == 0 || w.p[0] != '-')
            continue;
        if (next)
            value.text = args.v[i + 1].text;
        podman_flag(q, u, c, sv_slice_sub(w, 0, eq), value);
    }
}

/* ---- one container ---- */

/* Environment= and EnvironmentFile= are read as a service's. */
static void environment(struct quadlet *q, const struct sv_unit *u, struct sv_container *c)
{
    struct sv_unit service = {.name = u->name, .fragment = u->fragment, .user = u->user,
                              .owner = u->owner};
    struct sv_unit_environment vars = {0};
    sv_vec_each(s, &u->settings)
    {
        struct sv_unit_setting copy = *s;
        if (strcmp(s->section, "Container") != 0)
            continue;
        copy.section = "Service";
        if (strcmp(s->key, "EnvironmentFile") == 0 && s->value.n &&
            !strchr("/%-", s->value.p[0]))
            copy.value = sv_slice_of(sv_path_join(arena(q), sv_path_dir(arena(q), u->fragment),
                                                  sv_arena_copy(arena(q), s->value).p));
        sv_vec_push(arena(q), &service.settings, copy);
    }
    sv_unit_environment(&service, q->env->fs, arena(q), &vars);
    sv_vec_each(v, &vars.list)
    {
        sv_vec_push(arena(q), &c->env,
                    (struct sv_container_var){.name = v->name, .value = v->value,
                                              .node = v->setting->node, .file = v->file,
                                              .line = v->line});
    }
    sv_vec_each(f, &vars.files)
    {
        sv_vec_push(arena(q), &c->env_files,
                    (struct sv_container_file){.path = f->path, .optional = f->optional,
                                               .error = f->error, .node = f->setting->node});
    }
}

static void each(struct quadlet *q, const struct sv_unit *u, struct sv_container *c,
                 const char *section, const char *key,
                 void (*add)(struct quadlet *, const struct sv_unit *, struct sv_container *,
                             struct sv_slice, const struct sv_node *))
{
    struct sv_unit_list all = {0};
    sv_unit_all(u, arena(q), section, key, &all);
    sv_vec_each(s, &all.list)
    {
        add(q, u, c, expand(q, u, (*s)->value), (*s)->node);
    }
}

static void publish(struct quadlet *q, const struct sv_unit *u, struct sv_container *c,
                    struct sv_slice s, const struct sv_node *node)
{
    (void)u;
    add_port(q, c, s, node);
}

static void network(struct quadlet *q, const struct sv_unit *u, struct sv_container *c,
                    struct sv_slice s, const struct sv_node *node)
{
    (void)u;
    if (sv_slice_is(s, "host"))
        c->network = (struct sv_container_text){s, node};
    sv_vec_push(arena(q), &c->networks, sv_slice_sub(s, 0, sv_slice_chr(s, ':')));
}

/* The ports, volumes and networks of a pod are its containers'. */
static void take_pod(struct quadlet *q, const struct sv_unit *u, struct sv_container *c)
{
    const struct sv_unit_setting *s = sv_unit_get(u, "Container", "Pod");
    const struct sv_unit *pod = s ? find(q, s->value) : NULL;
    if (!pod)
        return;
    each(q, pod, c, "Pod", "PublishPort", publish);
    each(q, pod, c, "Pod", "Volume", add_volume);
    each(q, pod, c, "Pod", "Network", network);
}

static void container(struct quadlet *q, const struct sv_unit *u)
{
    struct sv_container *c = sv_new(arena(q), struct sv_container);
    struct sv_slice stem = sv_slice_of(u->name);
    struct sv_container_text name = {0}, flag = {0};
    stem.n -= strlen(".container");
    *c = (struct sv_container){.kind = SV_CONTAINER_QUADLET, .config = u->fragment,
                               .name = sv_arena_copy(arena(q), stem).p};
    take(q, u, "Container", "ContainerName", &name);
    c->own_name = name.node ? sv_arena_copy(arena(q), name.text).p
                            : sv_arena_printf(arena(q), "systemd-%s", c->name);
    c->node = u->settings.n ? u->settings.v[0].node : NULL;
    if (!c->node)
        return;
    take(q, u, "Container", "Image", &c->image);
    take(q, u, "Container", "User", &c->user);
    take(q, u, "Container", "UserNS", &c->userns);
    take(q, u, "Container", "LogDriver", &flag);
    words(q, u, "AddCapability", &c->caps);
    words(q, u, "AddDevice", &c->devices);
    words(q, u, "Exec", &c->command);
    words(q, u, "Entrypoint", &c->entrypoint);
    words(q, u, "HealthCmd", &c->healthcheck);
    flag = (struct sv_container_text){0};
    take(q, u, "Container", "SecurityLabelDisable", &flag);
    if (sv_unit_flag(u, "Container", "SecurityLabelDisable", false))
        sv_vec_push(arena(q), &c->security,
                    (struct sv_container_text){SV_LIT("label=disable"), flag.node});
    flag = (struct sv_container_text){0};
    take(q, u, "Container", "SeccompProfile", &flag);
    if (sv_slice_is(flag.text, "unconfined"))
        sv_vec_push(arena(q), &c->security,
                    (struct sv_container_text){SV_LIT("seccomp=unconfined"), flag.node});
    sv_container_texts labels = {0};
    words(q, u, "Label", &labels);
    sv_vec_each(l, &labels)
    {
        add_var(q, &c->labels, l->text, l->node);
    }
    environment(q, u, c);
    each(q, u, c, "Container", "Volume", add_volume);
    each(q, u, c, "Container", "Mount", add_mount);
    each(q, u, c, "Container", "PublishPort", publish);
    each(q, u, c, "Container", "Network", network);
    take_pod(q, u, c);
    podman_args(q, u, c);
    sv_vec_push(arena(q), &q->out->list, c);
}

/* Yaml= names the pods, PublishPort= their ports. */
static void kube(struct quadlet *q, const struct sv_unit *u)
{
    const struct sv_unit_setting *s = sv_unit_get(u, "Kube", "Yaml");
    size_t first = q->out->list.n;
    if (!s)
        return;
    struct sv_slice yaml = expand(q, u, s->value);
    sv_kube_load(q->env, q->sx,
                 sv_path_join(arena(q), sv_path_dir(arena(q), u->fragment),
                              sv_arena_copy(arena(q), yaml).p), q->out);
    for (size_t i = first; i < q->out->list.n; i++)
        each(q, u, q->out->list.v[i], "Kube", "PublishPort", publish);
}

static void make(struct quadlet *q)
{
    sv_vec_each(u, &q->units)
    {
        drop_ins(q, *u);
    }
    sv_vec_each(u, &q->units)
    {
        if (q->out->list.n >= SV_MAX_CONTAINERS)
            return;
        if (sv_slice_ends(sv_slice_of((*u)->name), ".container"))
            container(q, *u);
        else if (sv_slice_ends(sv_slice_of((*u)->name), ".kube"))
            kube(q, *u);
    }
}

void sv_quadlet_load(const struct sv_model_env *env, struct sv_syntax *sx, const char *path,
                     struct sv_containers *io)
{
    struct quadlet q = {.env = env, .sx = sx, .out = io};
    sv_vec_push(env->arena, &q.dirs, sv_path_dir(env->arena, path));
    (void)add_unit(&q, path);
    make(&q);
}

void sv_quadlet_find(const struct sv_model_env *env, struct sv_syntax *sx,
                     struct sv_containers *io)
{
    static const char *const system[] = {"/run/containers/systemd", "/etc/containers/systemd",
                                         "/usr/share/containers/systemd"};
    struct quadlet q = {.env = env, .sx = sx, .out = io};
    struct sv_slice name;
    for (size_t i = 0; i < sizeof system / sizeof *system; i++)
        list_dir(&q, system[i], 0);
    make(&q);
    struct quadlet all = {.env = env, .sx = sx, .out = io, .owner = "every user"};
    list_dir(&all, "/etc/containers/systemd/users", 0);
    list_dir(&all, "/usr/share/containers/systemd/users", 0);
    make(&all);
    for (size_t i = 0; sv_identity_nth(env->ids, i, &name); i++) {
        const char *home = sv_identity_home(env->ids, env->arena, name);
        struct quadlet own = {.env = env, .sx = sx, .out = io,
                              .owner = sv_arena_copy(env->arena, name).p};
        if (!home || home[0] != '/' || !home[1])
            continue;
        list_dir(&own, sv_path_join(env->arena, home, ".config/containers/systemd"), 0);
        make(&own);
    }
}
