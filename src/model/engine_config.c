// SPDX-License-Identifier: Apache-2.0
// daemon.json, dockerd's flags, contexts, registries.conf, containers.conf and logins.
#include "model/engine_config.h"

#include "base/limits.h"
#include "model/config_file.h"
#include "model/container.h"
#include "syntax/json.h"
#include "syntax/toml.h"

struct reader {
    const struct sv_model_env *env;
    struct sv_syntax *sx;
    struct sv_engine_config *out;
};

static struct sv_arena *arena(const struct reader *r)
{
    return r->env->arena;
}

/* 0: not there, or not readable (diagnosed). */
static uint32_t read_file(struct reader *r, const char *path)
{
    uint32_t file = sv_container_read(r->env, r->sx, path);
    if (file)
        sv_vec_push(arena(r), &r->out->files, path);
    return file;
}

static const struct sv_node *json(struct reader *r, const char *path)
{
    uint32_t file = read_file(r, path);
    const struct sv_node *root = file ? sv_json_parse(r->sx, file) : NULL;
    return root ? root->first : NULL;
}

static void add_proxy(struct reader *r, struct sv_slice name, struct sv_slice value,
                      const struct sv_node *node, bool shown)
{
    if (value.n)
        sv_vec_push(arena(r), &r->out->proxies,
                    (struct sv_engine_value){name, value, node, shown});
}

/* ---- daemon.json ---- */

void sv_engine_config_daemon(const struct sv_model_env *env, struct sv_syntax *sx,
                             const char *path, struct sv_engine_config *ret)
{
    struct reader r = {env, sx, ret};
    const struct sv_node *root = json(&r, path), *list, *map;
    bool verify = sv_json_true(sv_json_entry(root, "tlsverify"));
    bool tls = verify || sv_json_true(sv_json_entry(root, "tls"));
    if ((list = sv_json_entry(root, "hosts")) && list->kind == SV_NODE_LIST)
        sv_node_each(n, list)
        {
            sv_vec_push(env->arena, &ret->hosts,
                        (struct sv_engine_host){.address = sv_json_string(n), .tls = tls,
                                                .verify = verify, .program = "dockerd", .node = n});
        }
    if ((list = sv_json_entry(root, "insecure-registries")) && list->kind == SV_NODE_LIST)
        sv_node_each(n, list)
        {
            sv_vec_push(env->arena, &ret->insecure,
                        (struct sv_engine_value){n->name, sv_json_string(n), n, false});
        }
    if ((map = sv_json_entry(root, "proxies")) && map->kind == SV_NODE_MAP)
        sv_node_each(n, map)
        {
            if (!sv_slice_is(n->name, "no-proxy"))
                add_proxy(&r, n->name, sv_json_string(n), n, false);
        }
}

/* ---- flags ---- */

/* "--host=X" and "--host X" alike; false if the word is not this flag. */
static bool flag_value(const struct sv_slice *words, size_t n, size_t i, const char *flag,
                       struct sv_slice *ret)
{
    size_t len = strlen(flag);
    if (!sv_slice_starts(words[i], flag))
        return false;
    if (words[i].n == len) {
        *ret = i + 1 < n ? words[i + 1] : (struct sv_slice){"", 0};
        return true;
    }
    if (words[i].p[len] == '=') {
        *ret = sv_slice_sub(words[i], len + 1, words[i].n);
        return true;
    }
    if (flag[1] == '-')
        return false;
    *ret = sv_slice_sub(words[i], len, words[i].n); /* -Htcp://... */
    return true;
}

static bool is_switch(struct sv_slice word, const char *flag)
{
    size_t n = strlen(flag);
    return sv_slice_is(word, flag) ||
           (sv_slice_starts(word, flag) && sv_slice_is(sv_slice_sub(word, n, word.n), "=true"));
}

static void flags(struct reader *r, const struct sv_slice *words, size_t n,
                  const struct sv_node *node)
{
    bool verify = false, tls = false;
    for (size_t i = 0; i < n; i++) {
        verify |= is_switch(words[i], "--tlsverify");
        tls |= verify || is_switch(words[i], "--tls");
    }
    for (size_t i = 0; i < n; i++) {
        struct sv_slice v;
        if (flag_value(words, n, i, "-H", &v) || flag_value(words, n, i, "--host", &v))
            sv_vec_push(arena(r), &r->out->hosts,
                        (struct sv_engine_host){.address = v, .tls = tls, .verify = verify,
                                                .program = "dockerd", .node = node});
        if (flag_value(words, n, i, "--insecure-registry", &v))
            sv_vec_push(arena(r), &r->out->insecure, (struct sv_engine_value){v, v, node, false});
        if (flag_value(words, n, i, "--http-proxy", &v) ||
            flag_value(words, n, i, "--https-proxy", &v))
            add_proxy(r, sv_slice_sub(words[i], 2, sv_slice_chr(words[i], '=')), v, node, true);
    }
}

/* podman system service [--time 0] tcp://0.0.0.0:8888 */
static void podman_service(struct reader *r, const struct sv_slice *words, size_t n,
                           const struct sv_node *node)
{
    bool service = false;
    for (size_t i = 0; i < n; i++) {
        service |= sv_slice_is(words[i], "service");
        if (service && sv_slice_starts(words[i], "tcp://"))
            sv_vec_push(arena(r), &r->out->hosts,
                        (struct sv_engine_host){.address = words[i], .program = "podman",
                                                .node = node});
    }
}

static bool is_proxy_name(struct sv_slice name)
{
    return sv_slice_is_nocase(name, "http_proxy") || sv_slice_is_nocase(name, "https_proxy") ||
           sv_slice_is_nocase(name, "all_proxy");
}

static void unit(struct reader *r, const struct sv_unit *u)
{
    struct sv_unit_environment vars = {0};
    struct sv_unit_commands commands = {0};
    sv_unit_environment(u, r->env->fs, arena(r), &vars);
    sv_unit_commands(u, arena(r), &commands);
    sv_vec_each(c, &commands.list)
    {
        struct sv_unit_arguments words = {0};
        if (strcmp(c->key, "ExecStart") != 0)
            continue;
        sv_unit_words(c, &vars, arena(r), &words);
        const char *program = sv_path_base(sv_arena_copy(arena(r), c->program).p);
        if (strcmp(program, "dockerd") == 0 || strcmp(program, "docker") == 0)
            flags(r, words.list.v, words.list.n, c->setting->node);
        else if (strcmp(program, "podman") == 0)
            podman_service(r, words.list.v, words.list.n, c->setting->node);
        else
            continue;
        sv_vec_each(v, &vars.list)
        {
            if (is_proxy_name(v->name) && v->setting && !v->file)
                add_proxy(r, v->name, v->value, v->setting->node, true);
        }
    }
}

/* docker.socket, or one like it: the port is dockerd's, whatever its flags. */
static void socket_unit(struct reader *r, const struct sv_unit *u)
{
    struct sv_unit_list all = {0};
    bool podman = strcmp(u->name, "podman.socket") == 0;
    if (!podman && strcmp(u->name, "docker.socket") != 0)
        return;
    sv_unit_all(u, arena(r), "Socket", "ListenStream", &all);
    sv_vec_each(s, &all.list)
    {
        struct sv_slice v = (*s)->value;
        if (v.n == 0 || v.p[0] == '/' || v.p[0] == '%' || v.p[0] == '@')
            continue;
        const char *any = sv_slice_chr(v, ':') == v.n ? "0.0.0.0:" : "";
        sv_vec_push(arena(r), &r->out->hosts,
                    (struct sv_engine_host){
                        .address = sv_slice_of(sv_arena_printf(arena(r), "tcp://%s%.*s", any,
                                                               (int)v.n, v.p)),
                        .program = podman ? "podman" : "dockerd", .node = (*s)->node});
    }
}

/* DOCKER_OPTS of sysvinit's script; a unit that names the file has read it already. */
static void default_file(struct reader *r, const char *path)
{
    uint32_t file = read_file(r, path);
    struct sv_env_lines lines = {0};
    if (!file)
        return;
    const struct sv_source *src = sv_source_get(r->env->sources, file);
    sv_env_file_parse(arena(r), src->text, &lines);
    sv_vec_each(l, &lines.list)
    {
        SV_VEC(struct sv_slice) words = {0};
        struct sv_slice rest = l->value, word;
        struct sv_node *node = sv_new(r->sx->arena, struct sv_node);
        size_t from = 0;
        for (uint32_t i = 1; i < l->line; i++)
            from += sv_slice_chr(sv_slice_sub(src->text, from, src->text.n), '\n') + 1;
        node->kind = SV_NODE_DIRECTIVE;
        node->name = l->name;
        node->head = node->span = (struct sv_span){
            file, (uint32_t)from,
            (uint32_t)(from + sv_slice_chr(sv_slice_sub(src->text, from, src->text.n), '\n'))};
        if (is_proxy_name(l->name))
            add_proxy(r, l->name, l->value, node, false);
        if (!sv_slice_is(l->name, "DOCKER_OPTS"))
            continue;
        while (sv_unit_word(arena(r), &rest, &word) == 1)
            sv_vec_push(arena(r), &words, word);
        flags(r, words.v, words.n, node);
    }
}

/* ---- homes ---- */

/* A context of a TCP engine has its certificates in a folder of the same name below tls. */
static void contexts(struct reader *r, const char *home)
{
    const char *base = sv_path_join(arena(r), home, ".docker/contexts");
    const char *meta = sv_path_join(arena(r), base, "meta");
    struct sv_dirents entries = {0};
    if (sv_fs_list(r->env->fs, arena(r), meta, &entries) < 0)
        return;
    for (size_t i = 0; i < entries.list.n && i < SV_MAX_CONTAINERS; i++) {
        const char *id = entries.list.v[i].name;
        const struct sv_node *root = json(
            r, sv_path_join(arena(r), sv_path_join(arena(r), meta, id), "meta.json"));
        const struct sv_node *docker =
            sv_json_entry(sv_json_entry(root, "Endpoints"), "docker");
        const struct sv_node *host = sv_json_entry(docker, "Host");
        struct stat st;
        const char *key = sv_arena_printf(arena(r), "%s/tls/%s/docker/key.pem", base, id);
        bool has_key = sv_fs_stat(r->env->fs, key, &st) == 0;
        if (host)
            sv_vec_push(arena(r), &r->out->hosts,
                        (struct sv_engine_host){
                            .address = sv_json_string(host), .tls = has_key,
                            .verify = has_key,
                            .context = sv_arena_copy(
                                arena(r), sv_json_string(sv_json_entry(root, "Name"))).p,
                            .program = "docker", .node = host});
    }
}

/* {"auths": {"registry": {"auth": "..."}}, "proxies": {"default": {"httpProxy": "..."}}} */
static void logins(struct reader *r, const char *path)
{
    static const char *const secrets[] = {"auth", "password", "identitytoken", "registrytoken"};
    const struct sv_node *root = json(r, path);
    const struct sv_node *auths = sv_json_entry(root, "auths");
    const struct sv_node *proxies = sv_json_entry(root, "proxies");
    if (auths && auths->kind == SV_NODE_MAP)
        sv_node_each(registry, auths)
        {
            for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++) {
                const struct sv_node *n = sv_json_entry(registry, secrets[i]);
                if (sv_json_string(n).n)
                    sv_vec_push(arena(r), &r->out->auths,
                                (struct sv_engine_value){registry->name, sv_json_string(n), n,
                                                         false});
            }
        }
    if (proxies && proxies->kind == SV_NODE_MAP)
        sv_node_each(which, proxies)
        {
            if (which->kind != SV_NODE_MAP)
                continue;
            sv_node_each(n, which)
            {
                if (sv_slice_ends(n->name, "Proxy") && !sv_slice_is(n->name, "noProxy"))
                    add_proxy(r, n->name, sv_json_string(n), n, false);
            }
        }
}

static void home(struct reader *r, const char *dir)
{
    contexts(r, dir);
    logins(r, sv_path_join(arena(r), dir, ".docker/config.json"));
    logins(r, sv_path_join(arena(r), dir, ".config/containers/auth.json"));
    sv_engine_config_daemon(r->env, r->sx,
                            sv_path_join(arena(r), dir, ".config/docker/daemon.json"), r->out);
}

/* ---- Podman ---- */

static bool is_registry_table(struct sv_slice name)
{
    return sv_slice_is(name, "registry") || sv_slice_is(name, "registry.mirror");
}

/* [[registry]] location, prefix, insecure; version 1: [registries.insecure] registries = []. */
static void registries(struct reader *r, const char *path)
{
    uint32_t file = read_file(r, path);
    if (!file)
        return;
    const struct sv_node *root = sv_toml_parse(r->sx, file), *n;
    sv_node_each(table, root)
    {
        const struct sv_node *flag = sv_node_find_last(table, "insecure");
        const struct sv_node *where = sv_node_find_last(table, "location");
        where = where ? where : sv_node_find_last(table, "prefix");
        if (is_registry_table(table->name) && flag && where &&
            sv_slice_is(sv_node_arg(flag, 0), "true"))
            sv_vec_push(arena(r), &r->out->insecure,
                        (struct sv_engine_value){sv_node_arg(where, 0), sv_node_arg(where, 0), flag,
                                                 false});
        if (sv_slice_is(table->name, "registries.insecure") &&
            (n = sv_node_find_last(table, "registries")) && n->kind == SV_NODE_LIST)
            sv_node_each(item, n)
            {
                sv_vec_push(arena(r), &r->out->insecure,
                            (struct sv_engine_value){sv_node_arg(item, 0), sv_node_arg(item, 0),
                                                     item, false});
            }
    }
}

/* [containers] env = ["HTTPS_PROXY=..."], [engine] env the same. */
static void containers_conf(struct reader *r, const char *path)
{
    uint32_t file = read_file(r, path);
    if (!file)
        return;
    const struct sv_node *root = sv_toml_parse(r->sx, file);
    sv_node_each(table, root)
    {
        const struct sv_node *list = sv_node_find_last(table, "env");
        if (!list || list->kind != SV_NODE_LIST)
            continue;
        sv_node_each(n, list)
        {
            struct sv_slice s = sv_node_arg(n, 0);
            size_t eq = sv_slice_chr(s, '=');
            if (is_proxy_name(sv_slice_sub(s, 0, eq)))
                add_proxy(r, sv_slice_sub(s, 0, eq), sv_slice_sub(s, eq + 1, s.n), n, false);
        }
    }
}

/* The file and the *.conf of the folder beside it. */
static void with_dropins(struct reader *r, const char *path, void (*take)(struct reader *,
                                                                         const char *))
{
    struct sv_paths more = {0};
    take(r, path);
    sv_config_glob(r->env, sv_arena_printf(arena(r), "%s.d/*.conf", path), &more);
    sv_vec_each(p, &more.list)
    {
        take(r, *p);
    }
}

void sv_engine_config_find(const struct sv_model_env *env, struct sv_syntax *sx,
                           const struct sv_units *units, struct sv_engine_config *ret)
{
    struct reader r = {env, sx, ret};
    struct sv_slice name;
    bool has_unit = false;
    sv_engine_config_daemon(env, sx, "/etc/docker/daemon.json", ret);
    for (size_t i = 0; units && i < units->list.n; i++) {
        const struct sv_unit *u = units->list.v[i];
        if (u->masked)
            continue;
        has_unit |= strcmp(u->name, "docker.service") == 0;
        if (sv_slice_ends(sv_slice_of(u->name), ".service"))
            unit(&r, u);
        else
            socket_unit(&r, u);
    }
    if (!has_unit)
        default_file(&r, "/etc/default/docker");
    with_dropins(&r, "/etc/containers/registries.conf", registries);
    with_dropins(&r, "/etc/containers/containers.conf", containers_conf);
    logins(&r, "/run/containers/0/auth.json");
    logins(&r, "/etc/containers/auth.json");
    for (size_t i = 0; sv_identity_nth(env->ids, i, &name); i++) {
        const char *dir = sv_identity_home(env->ids, env->arena, name);
        if (dir && dir[0] == '/' && dir[1])
            home(&r, dir);
    }
}
