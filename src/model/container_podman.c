// SPDX-License-Identifier: Apache-2.0
// Podman's containers on disk: containers/storage's list, the OCI runtime configuration of each
// that was ever started, and what Podman's database adds.
#include "base/limits.h"
#include "model/podman_db.h"
#include "syntax/json.h"

struct podman {
    const struct sv_model_env *env;
    struct sv_syntax *sx;
    struct sv_containers *out;
    struct sv_podman_db db;
    uint64_t steps; /* that the databases of all users took */
    const char *top;
    const char *home; /* of the user whose storage it is; NULL: root's */
    bool told; /* that containers stand in a database that is not read */
    size_t unknown; /* containers that it says nothing of, although all of it was read */
    const char *first; /* of these */
};

static struct sv_arena *arena(const struct podman *p)
{
    return p->env->arena;
}

static const struct sv_node *parse(struct podman *p, const char *path)
{
    uint32_t file = sv_container_read(p->env, p->sx, path);
    const struct sv_node *root = file ? sv_json_parse(p->sx, file) : NULL;
    if (file)
        sv_vec_push(arena(p), &p->out->files, path);
    return root ? root->first : NULL;
}

/* A text that stands in another file. */
static const struct sv_node *parse_text(struct podman *p, const char *path, struct sv_slice text)
{
    struct sv_syntax quiet = *p->sx;
    quiet.diags = NULL;
    const struct sv_node *root =
        text.n ? sv_json_parse(&quiet, sv_source_add(p->env->sources, path, text)) : NULL;
    return root ? root->first : NULL;
}

static bool has(const struct sv_node *list, const char *text)
{
    if (list && list->kind == SV_NODE_LIST)
        sv_node_each(n, list)
        {
            if (sv_slice_is(sv_json_string(n), text))
                return true;
        }
    return false;
}

/* What is written as a number. */
static struct sv_slice number(const struct sv_node *n)
{
    return n && n->kind == SV_NODE_VALUE ? sv_node_arg(n, 0) : (struct sv_slice){"", 0};
}

/* ---- config.json ---- */

/* What Podman itself mounts: names, the shared memory, its secrets' folder. */
static bool is_own(const char *target)
{
    static const char *const own[] = {"/etc/resolv.conf", "/etc/hosts",    "/etc/hostname",
                                      "/dev/shm",         "/dev/mqueue",   "/run/.containerenv",
                                      "/run/secrets",     "/sys/fs/cgroup"};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (strcmp(target, own[i]) == 0)
            return true;
    return false;
}

static void mounts(struct podman *p, struct sv_container *c, const struct sv_node *list)
{
    if (!list || list->kind != SV_NODE_LIST)
        return;
    sv_node_each(n, list)
    {
        struct sv_slice source = sv_json_string(sv_json_entry(n, "source"));
        struct sv_slice target = sv_json_string(sv_json_entry(n, "destination"));
        const struct sv_node *options = sv_json_entry(n, "options");
        if (!sv_slice_is(sv_json_string(sv_json_entry(n, "type")), "bind") || source.n == 0 ||
            source.p[0] != '/' || target.n == 0 || target.p[0] != '/')
            continue;
        struct sv_container_mount m = {
            .source = sv_path_join(arena(p), "/", sv_arena_copy(arena(p), source).p),
            .target = sv_path_join(arena(p), "/", sv_arena_copy(arena(p), target).p),
            .read_only = has(options, "ro"),
            .node = n};
        if (strstr(m.source, "/storage/volumes/")) { /* a named volume is a folder of the storage */
            m.volume = m.source;
            m.source = NULL;
        }
        if (!is_own(m.target))
            sv_vec_push(arena(p), &c->mounts, m);
    }
}

/* A namespace that is not asked for is the host's. */
static void namespaces(struct sv_container *c, const struct sv_node *linux_node)
{
    struct {
        const char *type;
        struct sv_container_text *ret;
    } kinds[] = {{"pid", &c->pid}, {"ipc", &c->ipc}, {"network", &c->network}, {"uts", &c->uts}};
    const struct sv_node *list = sv_json_entry(linux_node, "namespaces");
    for (size_t i = 0; list && i < sizeof kinds / sizeof *kinds; i++) {
        bool own = false;
        sv_node_each(n, list)
        {
            own |= sv_slice_is(sv_json_string(sv_json_entry(n, "type")), kinds[i].type);
        }
        if (!own)
            *kinds[i].ret = (struct sv_container_text){SV_LIT("host"), list};
    }
}

static void rights(struct podman *p, struct sv_container *c, const struct sv_node *root)
{
    const struct sv_node *process = sv_json_entry(root, "process");
    const struct sv_node *linux_node = sv_json_entry(root, "linux");
    const struct sv_node *caps = sv_json_entry(sv_json_entry(process, "capabilities"), "bounding");
    const struct sv_node *masked = sv_json_entry(linux_node, "maskedPaths");
    const struct sv_node *mark =
        sv_json_entry(sv_json_entry(root, "annotations"), "io.podman.annotations.privileged");
    if (sv_slice_is(sv_json_string(mark), "TRUE"))
        c->privileged = (struct sv_container_text){SV_LIT("true"), mark};
    else if (has(caps, "CAP_SYS_ADMIN") && has(caps, "CAP_SYS_MODULE") &&
             (!masked || !masked->first))
        c->privileged = (struct sv_container_text){SV_LIT("true"), caps};
    if (!c->privileged.node && caps && caps->kind == SV_NODE_LIST)
        sv_node_each(n, caps)
        {
            sv_vec_push(arena(p), &c->caps, (struct sv_container_text){sv_json_string(n), n});
        }
    namespaces(c, linux_node);
}

static void take(struct podman *p, struct sv_container *c, const struct sv_node *root)
{
    const struct sv_node *process = sv_json_entry(root, "process"), *list;
    const struct sv_node *uid = sv_json_entry(sv_json_entry(process, "user"), "uid");
    if (uid)
        c->user = (struct sv_container_text){sv_node_arg(uid, 0), uid};
    if ((list = sv_json_entry(process, "env")) && list->kind == SV_NODE_LIST)
        sv_node_each(n, list)
        {
            struct sv_slice s = sv_json_string(n);
            size_t eq = sv_slice_chr(s, '=');
            sv_vec_push(arena(p), &c->env,
                        (struct sv_container_var){.name = sv_slice_sub(s, 0, eq),
                                                  .value = sv_slice_sub(s, eq + 1, s.n),
                                                  .node = n});
        }
    if ((list = sv_json_entry(process, "args")) && list->kind == SV_NODE_LIST)
        sv_node_each(n, list)
        {
            sv_vec_push(arena(p), &c->command, (struct sv_container_text){sv_json_string(n), n});
        }
    mounts(p, c, sv_json_entry(root, "mounts"));
    rights(p, c, root);
}

/* A user's own files may name or link to anything: only what lies in that home is a log. */
static bool is_log(const struct podman *p, const char *path)
{
    const char *real, *home;
    return !p->home || (sv_fs_realpath(p->env->fs, arena(p), path, &real) == 0 &&
                        sv_fs_realpath(p->env->fs, arena(p), p->home, &home) == 0 &&
                        sv_path_below(real, home));
}

/* ---- the database ---- */

/* {"host_ip":"","container_port":80,"host_port":8080,"range":1,"protocol":"tcp"}; before Podman 4
 * {"hostPort":8080,"containerPort":80,"protocol":"tcp","hostIP":""}. */
static void ports(struct podman *p, struct sv_container *c, const struct sv_node *list)
{
    if (!list || list->kind != SV_NODE_LIST)
        return;
    sv_node_each(n, list)
    {
        bool old = sv_json_entry(n, "containerPort");
        struct sv_slice inner = number(sv_json_entry(n, old ? "containerPort" : "container_port"));
        struct sv_slice outer = number(sv_json_entry(n, old ? "hostPort" : "host_port"));
        struct sv_container_port port = {
            .host = sv_json_string(sv_json_entry(n, old ? "hostIP" : "host_ip")),
            .host_port = sv_container_port_number(outer),
            .port = sv_container_port_number(inner),
            .udp = sv_slice_is(sv_json_string(sv_json_entry(n, "protocol")), "udp"),
            .node = n};
        if (port.port)
            sv_vec_push(arena(p), &c->ports, port);
    }
}

/* What it says of one container (libpod/container_config.go); NULL, and told, if that is not
 * known. */
static const struct sv_node *row_of(struct podman *p, struct sv_slice id, bool started)
{
    uint32_t at = sv_map_find(&p->db.rows, id);
    const struct sv_node *root = at ? parse_text(p, p->db.path, p->db.configs.v[at - 1]) : NULL;
    if (root && root->kind == SV_NODE_MAP)
        return root;
    if (p->db.whole) {
        p->first = p->unknown++ ? p->first : sv_arena_copy(arena(p), id).p;
    } else if (!p->db.path && !p->db.other && !started && !p->told) {
        sv_diag_path(p->env->diags, SV_DIAG_ERROR, p->top,
                     "Podman's database is not there: nothing is known of its containers that were "
                     "never started");
        p->told = true;
    } else if (p->db.other && !p->told) {
        sv_diag_path(p->env->diags, SV_DIAG_ERROR, p->top,
                     "Podman's database is a BoltDB, which is not read: published ports, labels and "
                     "networks of its containers are not known, and nothing of those that were never "
                     "started");
        p->told = true;
    }
    return NULL;
}

static void tell_unknown(struct podman *p)
{
    if (p->unknown == 1)
        sv_diag_path(p->env->diags, SV_DIAG_ERROR, p->db.path,
                     "it says nothing, or nothing that is understood, of the container %s: published "
                     "ports, labels and networks are not known", p->first);
    else if (p->unknown)
        sv_diag_path(p->env->diags, SV_DIAG_ERROR, p->db.path,
                     "it says nothing, or nothing that is understood, of %zu containers, %s among "
                     "them: published ports, labels and networks are not known", p->unknown,
                     p->first);
    p->unknown = 0;
}

/* Named volumes of one that was never started: its specification does not have them yet. */
static void volumes(struct podman *p, struct sv_container *c, const struct sv_node *list)
{
    if (!list || list->kind != SV_NODE_LIST)
        return;
    sv_node_each(n, list)
    {
        struct sv_slice name = sv_json_string(sv_json_entry(n, "volumeName"));
        struct sv_slice target = sv_json_string(sv_json_entry(n, "dest"));
        if (name.n == 0 || sv_slice_chr(name, '/') < name.n || sv_slice_is(name, "..") ||
            target.n == 0 || target.p[0] != '/')
            continue;
        struct sv_container_mount m = {
            .volume = sv_arena_printf(arena(p), "%s/volumes/%.*s/_data", p->top, (int)name.n,
                                      name.p),
            .target = sv_path_join(arena(p), "/", sv_arena_copy(arena(p), target).p),
            .read_only = has(sv_json_entry(n, "options"), "ro"),
            .node = n};
        sv_vec_push(arena(p), &c->mounts, m);
    }
}

static void take_row(struct podman *p, struct sv_container *c, const struct sv_node *root)
{
    const struct sv_node *map;
    ports(p, c, sv_json_entry(root, "newPortMappings"));
    if (c->ports.n == 0)
        ports(p, c, sv_json_entry(root, "portMappings"));
    if ((map = sv_json_entry(root, "labels")) && map->kind == SV_NODE_MAP)
        sv_node_each(n, map)
        {
            sv_vec_push(arena(p), &c->labels,
                        (struct sv_container_var){
                            .name = n->name, .value = sv_json_string(n), .node = n});
        }
    if ((map = sv_json_entry(root, "newNetworks")) && map->kind == SV_NODE_MAP)
        sv_node_each(n, map)
        {
            sv_vec_push(arena(p), &c->networks, n->name);
        }
    struct sv_slice log = sv_json_string(sv_json_entry(root, "logPath"));
    struct sv_slice driver = sv_json_string(sv_json_entry(root, "logDriver"));
    if (log.n && log.p[0] == '/') {
        const char *path = sv_path_join(arena(p), "/", sv_arena_copy(arena(p), log).p);
        if (is_log(p, path))
            c->log_path = path;
    }
    if (driver.n)
        c->log_driver = sv_arena_copy(arena(p), driver).p;
}

/* ---- storage ---- */

static void container(struct podman *p, const char *dir, const char *list,
                      const struct sv_node *entry)
{
    struct sv_slice id = sv_json_string(sv_json_entry(entry, "id"));
    const struct sv_node *names = sv_json_entry(entry, "names");
    if (id.n == 0 || sv_slice_chr(id, '/') < id.n)
        return;
    const char *data = sv_arena_printf(arena(p), "%s/%.*s/userdata", dir, (int)id.n, id.p);
    const char *path = sv_path_join(arena(p), data, "config.json");
    const struct sv_node *metadata =
        parse_text(p, list, sv_json_string(sv_json_entry(entry, "metadata")));
    struct stat st;
    bool started = sv_fs_lstat(p->env->fs, path, &st) == 0;
    if (!started && !sv_json_entry(metadata, "image-name"))
        return; /* buildah's, which only builds in it */
    const struct sv_node *root = started ? parse(p, path) : NULL, *row = row_of(p, id, started);
    if (!started) { /* Podman writes config.json when it starts it; until then its row has all */
        root = sv_json_entry(row, "spec");
        path = p->db.path;
    }
    if (!root || root->kind != SV_NODE_MAP)
        return;
    struct sv_container *c = sv_new(arena(p), struct sv_container);
    *c = (struct sv_container){.kind = SV_CONTAINER_PODMAN, .config = path, .node = root};
    c->id = sv_arena_copy(arena(p), id).p;
    if (names && names->first && sv_json_string(names->first).n)
        c->own_name = sv_arena_copy(arena(p), sv_json_string(names->first)).p;
    c->name = c->own_name ? c->own_name : c->id;
    const char *log = sv_path_join(arena(p), data, "ctr.log");
    if (sv_fs_stat(p->env->fs, log, &st) == 0 && is_log(p, log))
        c->log_path = log;
    const struct sv_node *image = sv_json_entry(metadata, "image-name");
    if (sv_json_string(image).n)
        c->image = (struct sv_container_text){sv_json_string(image), image};
    take(p, c, root);
    if (!started)
        volumes(p, c, sv_json_entry(row, "namedVolumes"));
    if (row)
        take_row(p, c, row);
    sv_vec_push(arena(p), &p->out->list, c);
}

static void storage(struct podman *p, const char *top)
{
    static const char *const drivers[] = {"overlay", "vfs", "btrfs", "zfs"};
    p->top = NULL;
    p->told = false;
    for (size_t i = 0; i < sizeof drivers / sizeof *drivers; i++) {
        const char *dir = sv_arena_printf(arena(p), "%s/%s-containers", top, drivers[i]);
        const char *path = sv_path_join(arena(p), dir, "containers.json");
        const struct sv_node *list = parse(p, path);
        if (!list || list->kind != SV_NODE_LIST)
            continue;
        if (!p->top)
            sv_podman_db_read(p->env, p->sx, top, &p->steps, &p->db);
        p->top = top;
        sv_node_each(n, list)
        {
            if (p->out->list.n >= SV_MAX_CONTAINERS) {
                sv_diag_path(p->env->diags, SV_DIAG_ERROR, dir, "more than %d containers; the rest "
                             "is not looked at", SV_MAX_CONTAINERS);
                tell_unknown(p);
                return;
            }
            container(p, dir, path, n);
        }
    }
    tell_unknown(p);
}

/* What a Quadlet unit made. */
static void join_unit(struct sv_containers *all, struct sv_container *c)
{
    sv_vec_each(it, &all->list)
    {
        struct sv_container *u = *it;
        if (u->kind != SV_CONTAINER_QUADLET || u->twin || !u->own_name || !c->own_name ||
            strcmp(u->own_name, c->own_name) != 0)
            continue;
        c->name = u->name;
        c->twin = u;
        u->twin = c;
        return;
    }
}

static bool has_label(const struct sv_container *c, const char *name)
{
    sv_vec_each(l, &c->labels)
    {
        if (sv_slice_is(l->name, name))
            return true;
    }
    return false;
}

void sv_podman_find(const struct sv_model_env *env, struct sv_syntax *sx, struct sv_containers *io)
{
    struct podman p = {.env = env, .sx = sx, .out = io};
    size_t first = io->list.n;
    struct sv_slice name;
    storage(&p, "/var/lib/containers/storage");
    for (size_t i = 0; sv_identity_nth(env->ids, i, &name); i++) {
        const char *home = sv_identity_home(env->ids, env->arena, name);
        if (!home || home[0] != '/' || !home[1])
            continue;
        p.home = home;
        storage(&p, sv_path_join(env->arena, home, ".local/share/containers/storage"));
    }
    for (size_t i = first, n = io->list.n; i < n; i++) {
        if (has_label(io->list.v[i], "PODMAN_SYSTEMD_UNIT"))
            join_unit(io, io->list.v[i]);
        else
            sv_container_join_compose(env, sx, io->list.v[i], io);
    }
}
