// SPDX-License-Identifier: Apache-2.0
// The Kubernetes file of a .kube unit: pods as `podman kube play` runs them.
#include "base/limits.h"
#include "base/map.h"
#include "model/container.h"
#include "syntax/yaml.h"

struct kube {
    const struct sv_model_env *env;
    struct sv_containers *out;
    const char *path;
    const struct sv_node *pod; /* its spec */
    const char *name;
    struct sv_map volumes; /* hostPaths of the pod by their names: the place in `paths` plus one */
    SV_VEC(const char *) paths;
    bool full;
};

static const struct sv_node *member(const struct sv_node *map, const char *name)
{
    return map && map->kind == SV_NODE_MAP ? sv_node_find_last(map, name) : NULL;
}

static bool is_true(const struct sv_node *n)
{
    return n && sv_slice_is_nocase(sv_node_arg(n, 0), "true");
}

static void host_flag(const struct kube *k, const char *key, struct sv_container_text *ret)
{
    const struct sv_node *n = member(k->pod, key);
    if (is_true(n))
        *ret = (struct sv_container_text){SV_LIT("host"), n};
}

static struct sv_slice text(const struct sv_node *n)
{
    return n ? sv_node_arg(n, 0) : (struct sv_slice){"", 0};
}

/* The first volume of a name counts. */
static void find_volumes(struct kube *k)
{
    struct sv_arena *a = k->env->arena;
    const struct sv_node *all = member(k->pod, "volumes");
    k->volumes = (struct sv_map){0};
    k->paths.n = 0;
    if (!all)
        return;
    sv_node_each(v, all)
    {
        struct sv_slice path = text(member(member(v, "hostPath"), "path"));
        if (!member(v, "name") || path.n == 0 || path.p[0] != '/')
            continue;
        sv_vec_push(a, &k->paths, sv_path_join(a, "/", sv_arena_copy(a, path).p));
        uint32_t *at = sv_map_at(a, &k->volumes, text(member(v, "name")));
        *at = *at ? *at : (uint32_t)k->paths.n;
    }
}

static const char *host_path(const struct kube *k, struct sv_slice name)
{
    uint32_t at = sv_map_find(&k->volumes, name);
    return at ? k->paths.v[at - 1] : NULL;
}

static void words(const struct kube *k, const struct sv_node *list, sv_container_texts *ret)
{
    if (!list)
        return;
    sv_node_each(n, list)
    {
        sv_vec_push(k->env->arena, ret, (struct sv_container_text){text(n), n});
    }
}

static void container(const struct kube *k, const struct sv_node *n)
{
    struct sv_arena *a = k->env->arena;
    struct sv_container *c = sv_new(a, struct sv_container);
    const struct sv_node *security = member(n, "securityContext"), *list;
    *c = (struct sv_container){.kind = SV_CONTAINER_QUADLET, .config = k->path, .node = n};
    struct sv_slice name = text(member(n, "name"));
    c->name = sv_arena_printf(a, "%s-%.*s", k->name, (int)name.n, name.p);
    c->own_name = c->name;
    c->image = (struct sv_container_text){text(member(n, "image")), member(n, "image")};
    c->user = (struct sv_container_text){text(member(security, "runAsUser")),
                                         member(security, "runAsUser")};
    if (is_true(member(security, "privileged")))
        c->privileged = (struct sv_container_text){SV_LIT("true"), member(security, "privileged")};
    words(k, member(member(security, "capabilities"), "add"), &c->caps);
    words(k, member(n, "command"), &c->entrypoint);
    words(k, member(n, "args"), &c->command);
    host_flag(k, "hostPID", &c->pid);
    host_flag(k, "hostIPC", &c->ipc);
    host_flag(k, "hostNetwork", &c->network);
    if ((list = member(n, "env")))
        sv_node_each(v, list)
        {
            if (member(v, "value"))
                sv_vec_push(a, &c->env,
                            (struct sv_container_var){.name = text(member(v, "name")),
                                                      .value = text(member(v, "value")),
                                                      .node = member(v, "value")});
        }
    if ((list = member(n, "volumeMounts")))
        sv_node_each(m, list)
        {
            sv_vec_push(a, &c->mounts,
                        (struct sv_container_mount){
                            .source = host_path(k, text(member(m, "name"))),
                            .target = sv_arena_copy(a, text(member(m, "mountPath"))).p,
                            .read_only = is_true(member(m, "readOnly")), .node = m});
        }
    if ((list = member(n, "ports")))
        sv_node_each(p, list)
        {
            struct sv_container_port port = {
                .host = text(member(p, "hostIP")),
                .host_port = sv_container_port_number(text(member(p, "hostPort"))),
                .port = sv_container_port_number(text(member(p, "containerPort"))),
                .udp = sv_slice_is_nocase(text(member(p, "protocol")), "UDP"), .node = p};
            if (port.port && port.host_port)
                sv_vec_push(a, &c->ports, port);
        }
    sv_vec_push(a, &k->out->list, c);
}

static void containers(struct kube *k, const struct sv_node *list)
{
    if (!list || list->kind != SV_NODE_LIST)
        return;
    sv_node_each(n, list)
    {
        if (k->full)
            return;
        k->full = k->out->list.n >= SV_MAX_CONTAINERS;
        if (k->full)
            sv_diag_at(k->env->diags, SV_DIAG_ERROR, n->span, "more than %d containers; the rest is "
                       "not looked at", SV_MAX_CONTAINERS);
        else
            container(k, n);
    }
}

/* A pod, or what makes pods of a template (Deployment, DaemonSet, Job). */
static void document(struct kube *k, const struct sv_node *root)
{
    const struct sv_node *spec = member(root, "spec");
    k->pod = member(member(spec, "template"), "spec");
    k->pod = k->pod ? k->pod : spec;
    k->name = sv_arena_copy(k->env->arena, text(member(member(root, "metadata"), "name"))).p;
    find_volumes(k);
    containers(k, member(k->pod, "initContainers"));
    containers(k, member(k->pod, "containers"));
}

void sv_kube_load(const struct sv_model_env *env, struct sv_syntax *sx, const char *path,
                  struct sv_containers *io)
{
    struct kube k = {.env = env, .out = io, .path = path};
    uint32_t file = sv_container_read(env, sx, path);
    if (!file)
        return;
    const struct sv_node *all = sv_yaml_parse_documents(sx, file);
    sv_vec_push(env->arena, &io->files, path);
    if (all)
        sv_node_each(root, all)
        {
            document(&k, root);
        }
}
