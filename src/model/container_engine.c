// SPDX-License-Identifier: Apache-2.0
// Docker's own files: config.v2.json and hostconfig.json of each container, to the same model.
#include <dirent.h>
#include <errno.h>

#include "base/limits.h"
#include "model/container.h"
#include "syntax/json.h"

struct engine {
    const struct sv_model_env *env;
    struct sv_syntax *sx;
    struct sv_containers *out;
};

const char *sv_container_kind_name(enum sv_container_kind kind)
{
    static const char *const names[] = {[SV_CONTAINER_COMPOSE] = "compose",
                                        [SV_CONTAINER_DOCKER] = "docker",
                                        [SV_CONTAINER_PODMAN] = "podman",
                                        [SV_CONTAINER_QUADLET] = "quadlet"};
    return names[kind];
}

uint32_t sv_container_read(const struct sv_model_env *env, struct sv_syntax *sx, const char *path)
{
    struct sv_slice content;
    bool cut = false;
    int rc = sv_fs_read(env->fs, sx->arena, path, SV_MAX_CONTAINER_BYTES, &content, &cut);
    if (rc < 0 || cut || sx->n_bytes + content.n > SV_MAX_CONTAINER_TOTAL) {
        if (!sv_fs_is_absent(rc))
            sv_diag_path(env->diags, SV_DIAG_ERROR, path, "%s",
                         rc < 0 ? strerror(-rc) : cut ? "too long" : "too many files of containers");
        return 0;
    }
    sx->n_files++;
    sx->n_bytes += content.n;
    return sv_source_add(env->sources, path, content);
}

static const struct sv_node *parse(struct engine *e, const char *path)
{
    uint32_t file = sv_container_read(e->env, e->sx, path);
    const struct sv_node *root = file ? sv_json_parse(e->sx, file) : NULL;
    return root ? root->first : NULL;
}

/* ---- values ---- */

static const char *copy(struct engine *e, struct sv_slice s)
{
    return s.n ? sv_arena_copy(e->env->arena, s).p : NULL;
}

static void take_text(struct sv_container_text *ret, const struct sv_node *n)
{
    struct sv_slice s = sv_json_string(n);
    if (s.n)
        *ret = (struct sv_container_text){s, n};
}

static void take_list(struct engine *e, const struct sv_node *list, sv_container_texts *ret)
{
    if (!list || list->kind != SV_NODE_LIST)
        return;
    sv_node_each(n, list)
    {
        sv_vec_push(e->env->arena, ret, (struct sv_container_text){sv_json_string(n), n});
    }
}

/* ---- config.v2.json ---- */

static void environment(struct engine *e, struct sv_container *c, const struct sv_node *list)
{
    if (!list || list->kind != SV_NODE_LIST)
        return;
    sv_node_each(n, list)
    {
        struct sv_slice s = sv_json_string(n);
        size_t eq = sv_slice_chr(s, '=');
        sv_vec_push(e->env->arena, &c->env,
                    (struct sv_container_var){.name = sv_slice_sub(s, 0, eq),
                                              .value = sv_slice_sub(s, eq + 1, s.n), .node = n});
    }
}

static void labels(struct engine *e, struct sv_container *c, const struct sv_node *map)
{
    if (!map || map->kind != SV_NODE_MAP)
        return;
    sv_node_each(n, map)
    {
        sv_vec_push(e->env->arena, &c->labels,
                    (struct sv_container_var){
                        .name = n->name, .value = sv_json_string(n), .node = n});
    }
}

/* Bind mounts name a path of the host, volumes the folder that the engine keeps them in. */
static void mounts(struct engine *e, struct sv_container *c, const struct sv_node *map)
{
    if (!map || map->kind != SV_NODE_MAP)
        return;
    sv_node_each(n, map)
    {
        struct sv_slice source = sv_json_string(sv_json_entry(n, "Source"));
        struct sv_slice target = sv_json_string(sv_json_entry(n, "Destination"));
        bool bind = sv_slice_is(sv_json_string(sv_json_entry(n, "Type")), "bind");
        if (!target.n)
            target = n->name;
        if (target.n == 0 || target.p[0] != '/')
            continue;
        sv_vec_push(e->env->arena, &c->mounts,
                    (struct sv_container_mount){
                        .source = bind && source.n && source.p[0] == '/'
                                      ? sv_path_join(e->env->arena, "/", copy(e, source))
                                      : NULL,
                        .volume = bind ? NULL : copy(e, source),
                        .target = sv_path_join(e->env->arena, "/", copy(e, target)),
                        .read_only = sv_json_entry(n, "RW") && !sv_json_true(sv_json_entry(n, "RW")),
                        .node = n});
    }
}

static void networks(struct engine *e, struct sv_container *c, const struct sv_node *map)
{
    if (!map || map->kind != SV_NODE_MAP)
        return;
    sv_node_each(n, map)
    {
        struct sv_slice address = sv_json_string(sv_json_entry(n, "IPAddress"));
        struct sv_slice six = sv_json_string(sv_json_entry(n, "GlobalIPv6Address"));
        sv_vec_push(e->env->arena, &c->networks, n->name);
        if (address.n)
            sv_vec_push(e->env->arena, &c->addresses, address);
        if (six.n)
            sv_vec_push(e->env->arena, &c->addresses, six);
        const struct sv_node *aliases = sv_json_entry(n, "Aliases");
        if (aliases && aliases->kind == SV_NODE_LIST)
            sv_node_each(alias, aliases)
            {
                if (c->aliases.n < SV_MAX_CONTAINER_NAMES)
                    sv_vec_push(e->env->arena, &c->aliases, sv_json_string(alias));
            }
        if (c->gateway.n == 0)
            c->gateway = sv_json_string(sv_json_entry(n, "Gateway"));
    }
}

static void take_config(struct engine *e, struct sv_container *c, const struct sv_node *root)
{
    const struct sv_node *config = sv_json_entry(root, "Config");
    struct sv_slice name = sv_json_string(sv_json_entry(root, "Name"));
    c->own_name = copy(e, sv_slice_starts(name, "/") ? sv_slice_sub(name, 1, name.n) : name);
    c->name = c->own_name ? c->own_name : c->id;
    c->running = sv_json_true(sv_json_entry(sv_json_entry(root, "State"), "Running"));
    c->log_path = copy(e, sv_json_string(sv_json_entry(root, "LogPath")));
    take_text(&c->image, sv_json_entry(config, "Image"));
    take_text(&c->user, sv_json_entry(config, "User"));
    environment(e, c, sv_json_entry(config, "Env"));
    labels(e, c, sv_json_entry(config, "Labels"));
    take_list(e, sv_json_entry(config, "Cmd"), &c->command);
    take_list(e, sv_json_entry(config, "Entrypoint"), &c->entrypoint);
    take_list(e, sv_json_entry(sv_json_entry(config, "Healthcheck"), "Test"), &c->healthcheck);
    mounts(e, c, sv_json_entry(root, "MountPoints"));
    networks(e, c, sv_json_entry(sv_json_entry(root, "NetworkSettings"), "Networks"));
}

/* ---- hostconfig.json ---- */

static unsigned number(struct sv_slice s)
{
    unsigned long long v = 0;
    return sv_slice_u64(s, &v) && v < 65536 ? (unsigned)v : 0;
}

/* "80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8080"}], null: not published. */
static void ports(struct engine *e, struct sv_container *c, const struct sv_node *map)
{
    if (!map || map->kind != SV_NODE_MAP)
        return;
    sv_node_each(list, map)
    {
        size_t slash = sv_slice_chr(list->name, '/');
        unsigned port = number(sv_slice_sub(list->name, 0, slash));
        if (!port || list->kind != SV_NODE_LIST)
            continue;
        sv_node_each(n, list)
        {
            sv_vec_push(e->env->arena, &c->ports,
                        (struct sv_container_port){
                            .host = sv_json_string(sv_json_entry(n, "HostIp")),
                            .host_port = number(sv_json_string(sv_json_entry(n, "HostPort"))),
                            .port = port,
                            .udp = sv_slice_ends(list->name, "/udp"),
                            .node = n});
        }
    }
}

/* The engine itself writes this for what runs privileged, or in the host's process ids or IPC. */
static bool engine_added(const struct sv_container *c, struct sv_slice option)
{
    return sv_slice_is(option, "label=disable") &&
           (c->privileged.node || sv_slice_is(c->pid.text, "host") ||
            sv_slice_is(c->ipc.text, "host"));
}

static void take_host_config(struct engine *e, struct sv_container *c, const struct sv_node *root)
{
    const struct sv_node *privileged = sv_json_entry(root, "Privileged"), *list;
    if (sv_json_true(privileged))
        c->privileged = (struct sv_container_text){SV_LIT("true"), privileged};
    take_text(&c->pid, sv_json_entry(root, "PidMode"));
    take_text(&c->ipc, sv_json_entry(root, "IpcMode"));
    take_text(&c->network, sv_json_entry(root, "NetworkMode"));
    take_text(&c->userns, sv_json_entry(root, "UsernsMode"));
    take_text(&c->uts, sv_json_entry(root, "UTSMode"));
    take_list(e, sv_json_entry(root, "CapAdd"), &c->caps);
    if ((list = sv_json_entry(root, "SecurityOpt")) && list->kind == SV_NODE_LIST)
        sv_node_each(n, list)
        {
            if (!engine_added(c, sv_json_string(n)))
                sv_vec_push(e->env->arena, &c->security,
                            (struct sv_container_text){sv_json_string(n), n});
        }
    if ((list = sv_json_entry(root, "Devices")) && list->kind == SV_NODE_LIST)
        sv_node_each(n, list)
        {
            sv_vec_push(e->env->arena, &c->devices,
                        (struct sv_container_text){
                            sv_json_string(sv_json_entry(n, "PathOnHost")), n});
        }
    ports(e, c, sv_json_entry(root, "PortBindings"));
    c->log_driver = copy(e, sv_json_string(sv_json_entry(sv_json_entry(root, "LogConfig"), "Type")));
}

void sv_engine_load(const struct sv_model_env *env, struct sv_syntax *sx, const char *dir,
                    struct sv_containers *io)
{
    struct engine e = {env, sx, io};
    const char *path = sv_path_join(env->arena, dir, "config.v2.json");
    const char *host = sv_path_join(env->arena, dir, "hostconfig.json");
    const struct sv_node *config = parse(&e, path);
    if (!config || config->kind != SV_NODE_MAP)
        return;
    struct sv_container *c = sv_new(env->arena, struct sv_container);
    c->kind = SV_CONTAINER_DOCKER;
    c->config = path;
    c->node = config;
    c->id = sv_path_base(dir);
    take_config(&e, c, config);
    sv_vec_push(env->arena, &io->files, path);
    const struct sv_node *host_config = parse(&e, host);
    if (host_config) {
        take_host_config(&e, c, host_config);
        sv_vec_push(env->arena, &io->files, host);
    }
    sv_vec_push(env->arena, &io->list, c);
}

/* ---- compose ---- */

static struct sv_slice label(const struct sv_container *c, const char *name)
{
    sv_vec_each(l, &c->labels)
    {
        if (sv_slice_is(l->name, name))
            return l->value;
    }
    return (struct sv_slice){"", 0};
}

static bool was_read(const struct sv_containers *all, const char *path)
{
    sv_vec_each(f, &all->files)
    {
        if (strcmp(*f, path) == 0)
            return true;
    }
    return false;
}

/* "/srv/shop/compose.yaml,/srv/shop/prod.yaml"; old versions wrote names without a folder. */
static void config_files(struct engine *e, const struct sv_container *c, struct sv_paths *ret)
{
    struct sv_slice rest = label(c, "com.docker.compose.project.config_files");
    struct sv_slice dir = label(c, "com.docker.compose.project.working_dir");
    const char *base = dir.n && dir.p[0] == '/' ? copy(e, dir) : NULL;
    while (rest.n) {
        struct sv_slice one = sv_slice_sub(rest, 0, sv_slice_chr(rest, ','));
        rest = sv_slice_sub(rest, one.n + 1, rest.n);
        one = sv_slice_trim(one);
        if (one.n && (one.p[0] == '/' || base))
            sv_vec_push(e->env->arena, &ret->list,
                        sv_path_join(e->env->arena, base ? base : "/", copy(e, one)));
    }
}

static struct sv_container *service_of(const struct sv_containers *all, const char *path,
                                       struct sv_slice name)
{
    sv_vec_each(c, &all->list)
    {
        if ((*c)->kind == SV_CONTAINER_COMPOSE && strcmp((*c)->config, path) == 0 &&
            sv_slice_is(name, (*c)->name))
            return *c;
    }
    return NULL;
}

/* The project is read if discovery did not come by it. A service that was scaled has one twin. */
void sv_container_join_compose(const struct sv_model_env *env, struct sv_syntax *sx,
                               struct sv_container *c, struct sv_containers *io)
{
    struct engine own = {env, sx, io}, *e = &own;
    struct sv_paths files = {0};
    struct sv_slice service = label(c, "com.docker.compose.service");
    struct stat st;
    config_files(e, c, &files);
    if (files.list.n == 0 || service.n == 0)
        return;
    if (!was_read(e->out, files.list.v[0]) &&
        sv_fs_stat(e->env->fs, files.list.v[0], &st) == 0)
        sv_compose_load_files(e->env, e->sx, &files, e->out);
    sv_vec_each(path, &files.list)
    {
        struct sv_container *s = service_of(e->out, *path, service);
        if (!s)
            continue;
        c->name = s->name;
        c->project = s->project;
        c->twin = s;
        if (!s->twin || (c->running && !s->twin->running))
            s->twin = c;
        return;
    }
}

/* ---- data folders ---- */

static void data_root(struct engine *e, const char *root)
{
    struct sv_arena *a = e->env->arena;
    const char *dir = sv_path_join(a, root, "containers");
    struct sv_dirents entries = {0};
    int rc = sv_fs_list(e->env->fs, a, dir, &entries);
    if (rc < 0) {
        if (!sv_fs_is_absent(rc))
            sv_diag_path(e->env->diags, SV_DIAG_ERROR, dir, "%s", strerror(-rc));
        return;
    }
    sv_vec_each(d, &entries.list)
    {
        if (e->out->list.n >= SV_MAX_CONTAINERS) {
            sv_diag_path(e->env->diags, SV_DIAG_ERROR, dir, "more than %d containers; the rest is "
                         "not looked at", SV_MAX_CONTAINERS);
            return;
        }
        if (d->type == DT_DIR)
            sv_engine_load(e->env, e->sx, sv_path_join(a, dir, d->name), e->out);
    }
}

/* What daemon.json says of it ("graph" in old ones), else the folder that is built in. */
static const char *configured_root(struct engine *e, const char *daemon_json, const char *dflt)
{
    struct sv_syntax quiet = *e->sx;
    struct sv_slice content;
    quiet.diags = NULL; /* the daemon's own checks speak of it */
    if (sv_fs_read(e->env->fs, e->sx->arena, daemon_json, SV_MAX_CONTAINER_BYTES, &content, NULL) <
        0)
        return dflt;
    const struct sv_node *root =
        sv_json_parse(&quiet, sv_source_add(e->env->sources, daemon_json, content));
    const struct sv_node *map = root ? root->first : NULL;
    struct sv_slice dir = sv_json_string(sv_json_entry(map, "data-root"));
    if (dir.n == 0)
        dir = sv_json_string(sv_json_entry(map, "graph"));
    return dir.n && dir.p[0] == '/' ? sv_path_join(e->env->arena, "/", copy(e, dir)) : dflt;
}

void sv_engine_find(const struct sv_model_env *env, struct sv_syntax *sx, struct sv_containers *io)
{
    struct engine e = {env, sx, io};
    struct sv_arena *a = env->arena;
    struct sv_slice name;
    size_t first = io->list.n;
    data_root(&e, configured_root(&e, "/etc/docker/daemon.json", "/var/lib/docker"));
    data_root(&e, "/var/snap/docker/common/var-lib-docker");
    for (size_t i = 0; sv_identity_nth(env->ids, i, &name); i++) {
        const char *home = sv_identity_home(env->ids, a, name);
        if (!home || home[0] != '/' || strcmp(home, "/") == 0)
            continue;
        data_root(&e, configured_root(&e, sv_path_join(a, home, ".config/docker/daemon.json"),
                                      sv_path_join(a, home, ".local/share/docker")));
    }
    for (size_t i = first, n = io->list.n; i < n; i++)
        sv_container_join_compose(env, sx, io->list.v[i], io);
}
