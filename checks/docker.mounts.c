// SPDX-License-Identifier: Apache-2.0
// docker.socket-mounted, docker.host-path-mounted: what of the host a container is given.
#include "engine/check.h"

/* ---- sockets ---- */

static const char *const sockets[] = {"/var/run/docker.sock", "/run/docker.sock",
                                      "/run/containerd/containerd.sock",
                                      "/var/run/containerd/containerd.sock",
                                      "/run/podman/podman.sock", "/var/run/podman/podman.sock",
                                      "/var/run/crio/crio.sock", "/run/crio/crio.sock"};

/* The engine's socket that the mount hands in: itself, or in the folder. */
static const char *socket_in(const char *source)
{
    for (size_t i = 0; i < sizeof sockets / sizeof *sockets; i++)
        if (strcmp(source, sockets[i]) == 0 ||
            (strcmp(source, "/") != 0 && sv_path_below(sockets[i], source)))
            return sockets[i];
    return sv_slice_ends(sv_slice_of(source), "/docker.sock") ||
                   sv_slice_ends(sv_slice_of(source), "/podman.sock")
               ? source : NULL;
}

static void run_socket(struct sv_ctx *cx, const struct sv_subject *s)
{
    const struct sv_container *c = s->container;
    sv_vec_each(m, &c->mounts)
    {
        const char *socket = m->source ? socket_in(m->source) : NULL;
        if (!socket)
            continue;
        struct sv_finding *f = sv_report_at(
            cx, SV_HIGH, m->node, "%s is given %s: it can start a container that is root on the host%s",
            c->name, socket, m->read_only ? "; :ro does not change that" : "");
        f->key = sv_arena_printf(sv_ctx_arena(cx), "%s %s", c->name, socket);
        sv_finding_fix(cx, f, "Put a proxy between them that lets only the calls through that it needs "
                              "(GET /containers/json), or do without.");
    }
}

const struct sv_check sv_check_docker_socket_mounted = {
    SV_CHECK_HEADER,
    .id = "docker.socket-mounted",
    .title = "A container is given the engine's socket",
    .why = "Who can talk to the engine is root on the host, and reads the environment of every container with "
           "one call. Mounting it read-only only keeps the file from being replaced.",
    .fix = "A filtering proxy, or an agent outside of containers.",
    .bad = "volumes: [/var/run/docker.sock:/var/run/docker.sock:ro]",
    .good = "environment: {DOCKER_HOST: tcp://socket-proxy:2375}",
    .severity = SV_HIGH,
    .on = SV_ON_CONTAINER,
    .run = run_socket,
};

/* ---- folders ---- */

static const struct {
    const char *path;
    bool whole; /* only the folder itself; else what lies in it too */
    enum sv_severity writable, readable;
    const char *holds;
} places[] = {
    {"/", true, SV_HIGH, SV_HIGH, "the whole host"},
    {"/proc", true, SV_HIGH, SV_HIGH, "every process of the host, environments included"},
    {"/root", false, SV_HIGH, SV_MEDIUM, "root's home: keys, histories, tokens"},
    {"/etc/shadow", false, SV_HIGH, SV_HIGH, "the hashes of all passwords"},
    {"/etc/ssh", false, SV_HIGH, SV_HIGH, "the host's SSH keys"},
    {"/etc", true, SV_HIGH, SV_MEDIUM, "the host's configuration with its keys"},
    {"/var/lib/docker", true, SV_HIGH, SV_HIGH, "every container's files, settings and logs"},
    {"/var/lib/containers", true, SV_HIGH, SV_HIGH, "every container's files and settings"},
    {"/home", true, SV_HIGH, SV_MEDIUM, "every user's home: keys, histories, tokens"},
    {"/var/log", true, SV_MEDIUM, SV_LOW, "the host's logs"},
    {"/var", true, SV_HIGH, SV_MEDIUM, "logs, databases and containers of the host"},
    {"/run", true, SV_HIGH, SV_MEDIUM, "the host's sockets, the engine's among them"},
    {"/var/run", true, SV_HIGH, SV_MEDIUM, "the host's sockets, the engine's among them"},
    {"/boot", true, SV_HIGH, SV_LOW, "the host's kernel"},
    {"/usr", true, SV_HIGH, SV_INFO, "the host's programs"},
    {"/dev", true, SV_HIGH, SV_HIGH, "the host's disks and memory"},
};

/* "~/.ssh", "/home/alice/.aws": by the last parts of the path, whoever's home it is. */
static const char *credentials(const char *source)
{
    static const char *const names[] = {"/.ssh", "/.aws", "/.gnupg", "/.kube", "/.docker",
                                        "/.config/gcloud", "/.azure", "/.netrc", "/.git-credentials"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (sv_slice_ends(sv_slice_of(source), names[i]) &&
            (sv_path_below(source, "/home") || sv_path_below(source, "/root")))
            return "a user's credentials";
    return NULL;
}

/* Exporters are meant to read these, read-only; that is what they are for. */
static bool is_monitor(const struct sv_container *c)
{
    static const char *const images[] = {"node-exporter", "node_exporter", "cadvisor", "telegraf",
                                         "datadog/agent", "netdata", "promtail", "filebeat",
                                         "metricbeat", "fluent", "vector"};
    for (size_t i = 0; i < sizeof images / sizeof *images; i++)
        if (sv_slice_find(c->image.text, images[i]) < c->image.text.n)
            return true;
    return false;
}

static void run_path(struct sv_ctx *cx, const struct sv_subject *s)
{
    const struct sv_container *c = s->container;
    sv_vec_each(m, &c->mounts)
    {
        const char *holds = m->source ? credentials(m->source) : NULL;
        enum sv_severity sev = SV_MEDIUM;
        if (!m->source || (socket_in(m->source) && strcmp(m->source, "/run") != 0 &&
                           strcmp(m->source, "/var/run") != 0))
            continue;
        for (size_t i = 0; i < sizeof places / sizeof *places && !holds; i++) {
            bool hit = strcmp(m->source, places[i].path) == 0 ||
                       (!places[i].whole && sv_path_below(m->source, places[i].path));
            if (hit) {
                holds = places[i].holds;
                sev = m->read_only ? places[i].readable : places[i].writable;
            }
        }
        if (!holds)
            continue;
        if (m->read_only && is_monitor(c))
            sev = SV_LOW;
        struct sv_finding *f =
            sv_report_at(cx, sev, m->node, "%s %s %s of the host: %s", c->name,
                         m->read_only ? "reads" : "can change", m->source, holds);
        f->key = sv_arena_printf(sv_ctx_arena(cx), "%s %s", c->name, m->source);
        sv_finding_fix(cx, f, "Mount the one folder or file that it needs%s.",
                       m->read_only ? "" : ", with :ro if it only reads");
    }
}

const struct sv_check sv_check_docker_host_path_mounted = {
    SV_CHECK_HEADER,
    .id = "docker.host-path-mounted",
    .title = "A container is given a folder of the host that holds secrets",
    .why = "A hole in the container's program then reads, or changes, what lies there: /proc and / hand out every "
           "process and file, /etc and homes their keys.",
    .fix = "Mount single folders of data, read-only where reading is enough.",
    .bad = "volumes: [/:/host]",
    .good = "volumes: [./data:/data]",
    .severity = SV_HIGH,
    .on = SV_ON_CONTAINER,
    .run = run_path,
};
