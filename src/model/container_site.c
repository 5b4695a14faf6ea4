// SPDX-License-Identifier: Apache-2.0
// A web server in a container: what it sees of the host's files, and how its ports are reached.
#include "model/container.h"

static const char *source_of(const struct sv_container_mount *m)
{
    const char *s = m->source ? m->source : m->volume;
    return s && m->target && m->target[0] == '/' && m->target[1] ? s : NULL;
}

const struct sv_container_mount *sv_container_mount_of(const struct sv_container *c,
                                                       const char *path)
{
    const struct sv_container_mount *hit = NULL;
    size_t best = 0;
    sv_vec_each(m, &c->mounts)
    {
        if (source_of(m) && sv_path_below(path, m->target) && strlen(m->target) >= best) {
            hit = m;
            best = strlen(m->target);
        }
    }
    return hit;
}

struct sv_fs *sv_container_view(const struct sv_model_env *env, const struct sv_container *c)
{
    SV_VEC(struct sv_fs_mount) mounts = {0};
    sv_vec_each(m, &c->mounts)
    {
        const char *source = source_of(m);
        if (source)
            sv_vec_push(env->arena, &mounts,
                        (struct sv_fs_mount){sv_path_join(env->arena, "/", m->target), source});
    }
    return mounts.n ? sv_fs_view(env->fs, mounts.v, mounts.n) : NULL;
}

void sv_container_secret_mounts(const struct sv_model_env *env, struct sv_container *c)
{
    sv_vec_each(m, &c->mounts)
    {
        if (m->source && m->target &&
            (sv_path_below(m->target, "/run/secrets") ||
             sv_path_below(m->target, "/var/run/secrets")))
            sv_vec_push(env->arena, &c->secret_files,
                        (struct sv_container_file){.path = m->source, .node = m->node,
                                                   .secret = true});
    }
}

/* ---- ports ---- */

static bool is_local(struct sv_slice host)
{
    return sv_slice_starts(host, "127.") || sv_slice_is(host, "::1");
}

/* The way that most people have: an address of the network before one of this machine. */
static const struct sv_container_port *published(const struct sv_container *c, unsigned port)
{
    const struct sv_container_port *best = NULL;
    sv_vec_each(p, &c->ports)
    {
        if (p->port == port && !p->udp &&
            (!best || (is_local(best->host) && !is_local(p->host))))
            best = p;
    }
    return best;
}

/* ---- who reads ---- */

/* The ids that the images of nginx, httpd and the distributions give these names. */
static const struct {
    const char *name;
    unsigned id;
} users[] = {{"root", 0}, {"daemon", 1}, {"www-data", 33}, {"apache", 48}, {"nginx", 101},
             {"nobody", 65534}};

static bool known_id(struct sv_slice name, unsigned *ret)
{
    unsigned long long v;
    for (size_t i = 0; i < sizeof users / sizeof *users; i++)
        if (sv_slice_is(name, users[i].name)) {
            *ret = users[i].id;
            return true;
        }
    if (!sv_slice_u64(sv_slice_starts(name, "#") ? sv_slice_sub(name, 1, name.n) : name, &v) ||
        v > 0xfffffffeu)
        return false;
    *ret = (unsigned)v;
    return true;
}

static void take_worker(struct sv_site *site, const struct sv_container *c)
{
    const struct sv_node *n = sv_node_find_last(site->root, "user");
    struct sv_slice user = n ? sv_node_arg(n, 0) : SV_LIT("");
    struct sv_slice own = sv_slice_sub(c->user.text, 0, sv_slice_chr(c->user.text, ':'));
    unsigned id;
    if (own.n && !sv_slice_is(own, "root") && !sv_slice_is(own, "0"))
        user = own; /* started as this user, it cannot become another */
    else if (!n)
        user = site->kind == SV_SITE_NGINX ? SV_LIT("nginx") : SV_LIT("www-data");
    site->worker = (struct sv_cred){0};
    site->worker_known = known_id(user, &id);
    if (!site->worker_known)
        return;
    site->worker.uid = id;
    site->worker.gid = id;
    site->worker.user = sv_arena_printf(site->arena, "%.*s (id %u) of %s", (int)user.n, user.p, id,
                                        c->name);
}

void sv_site_take_container(struct sv_site *site, const struct sv_container *c, const char *config)
{
    bool host_network = sv_slice_is(c->network.text, "host");
    site->container = c;
    site->config = config;
    take_worker(site, c);
    sv_vec_each(v, &site->vhosts)
    {
        sv_vec_each(l, &(*v)->listens)
        {
            l->inside = !host_network && !l->is_unix;
            l->published = l->inside ? published(c, l->port) : NULL;
        }
    }
}
