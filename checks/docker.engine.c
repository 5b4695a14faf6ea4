// SPDX-License-Identifier: Apache-2.0
// docker.daemon-tcp-without-tls, docker.daemon-proxy-credentials, docker.registry-auth-readable,
// docker.insecure-registry: what the engines themselves are told.
#include "engine/check.h"

static bool is_loopback(struct sv_slice host)
{
    return sv_slice_starts(host, "127.") || sv_slice_is_nocase(host, "localhost") ||
           sv_slice_is(host, "::1") || sv_slice_starts(host, "::1/") ||
           sv_slice_starts(host, "[::1]");
}

/* ---- sockets ---- */

/* "tcp://0.0.0.0:2375" to its host; false if it is no TCP address. dockerd without a host means
 * loopback, and "tcp://:2375" too (opts/hosts.go). */
static bool tcp_host(struct sv_slice address, struct sv_slice *ret)
{
    if (!sv_slice_starts(address, "tcp://"))
        return false;
    struct sv_slice rest = sv_slice_sub(address, 6, address.n);
    size_t end = rest.n && rest.p[0] == '[' ? sv_slice_chr(rest, ']') + 1 : sv_slice_chr(rest, ':');
    *ret = sv_slice_sub(rest, 0, end);
    if (ret->n == 0)
        *ret = SV_LIT("localhost");
    return true;
}

static void run_tcp(struct sv_ctx *cx, const struct sv_subject *s)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    sv_vec_each(h, &s->engine->hosts)
    {
        struct sv_slice host;
        const char *address = sv_arena_copy(a, h->address).p;
        if (h->verify || !tcp_host(h->address, &host))
            continue;
        bool local = is_loopback(host) && !h->context;
        if (h->context && is_loopback(host))
            continue; /* a tunnel, most likely */
        const char *message =
            h->context
                ? sv_arena_printf(a, "the context %s sends commands to the engine at %s without TLS: who "
                                  "reaches that port is root there", h->context, address)
            : local ? sv_arena_printf(a, "%s takes commands at %s without a password: every local user, and "
                                      "every program that can be made to ask a URL, is root",
                                      h->program, address)
                    : sv_arena_printf(a, "%s takes commands at %s from anyone%s: who reaches the port is "
                                      "root on this machine and reads every container's environment",
                                      h->program, address,
                                      h->tls ? ", for tls without tlsverify asks for no certificate" : "");
        enum sv_severity sev = h->context ? SV_HIGH : local ? SV_MEDIUM : SV_CRITICAL;
        struct sv_finding *f = sv_report_at(cx, sev, h->node, "%s", message);
        f->key = sv_arena_printf(a, "%s %s", h->program, address);
        if (h->context)
            sv_finding_fix(cx, f, "docker context update %s --docker host=ssh://USER@HOST",
                           sv_shell_quote(sv_ctx_arena(cx), h->context));
        else
            sv_finding_fix(cx, f, "Take the address out and use DOCKER_HOST=ssh://USER@HOST from elsewhere; or give "
                                  "certificates: \"tlsverify\": true with \"tlscacert\", \"tlscert\", \"tlskey\".");
    }
}

const struct sv_check sv_check_docker_daemon_tcp_without_tls = {
    SV_CHECK_HEADER,
    .id = "docker.daemon-tcp-without-tls",
    .title = "The container engine takes commands over TCP without client certificates",
    .why = "The engine's interface has no passwords. Whoever can open the port starts a container with / mounted and "
           "is root; scanners look for port 2375 all day. tls without tlsverify encrypts and lets everyone in.",
    .fix = "Use the socket and SSH, or tlsverify with a CA of your own.",
    .bad = "{\"hosts\": [\"tcp://0.0.0.0:2375\"]}",
    .good = "{\"hosts\": [\"tcp://0.0.0.0:2376\"], \"tlsverify\": true, \"tlscacert\": \"/etc/docker/ca.pem\"}",
    .severity = SV_CRITICAL,
    .on = SV_ON_ENGINE,
    .run = run_tcp,
};

/* ---- proxies ---- */

/* The password of "http://user:password@proxy:3128"; empty if there is none. */
static struct sv_slice password_of(struct sv_slice url)
{
    size_t from = sv_slice_find(url, "://");
    struct sv_slice rest = from < url.n ? sv_slice_sub(url, from + 3, url.n) : url;
    rest = sv_slice_sub(rest, 0, sv_slice_chr(rest, '/'));
    size_t at = rest.n;
    while (at > 0 && rest.p[at - 1] != '@')
        at--;
    if (at == 0)
        return (struct sv_slice){"", 0};
    rest = sv_slice_sub(rest, 0, at - 1);
    return sv_slice_sub(rest, sv_slice_chr(rest, ':') + 1, rest.n);
}

static bool is_placeholder(struct sv_slice s)
{
    return s.n == 0 || s.p[0] == '$' || s.p[0] == '<' || sv_slice_is_nocase(s, "password") ||
           sv_slice_is_nocase(s, "pass") || sv_slice_starts(s, "xxx") || sv_slice_starts(s, "***");
}

static void run_proxy(struct sv_ctx *cx, const struct sv_subject *s)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    sv_vec_each(p, &s->engine->proxies)
    {
        struct sv_slice password = password_of(p->value);
        const char *path = sv_span_path(sv_ctx_sources(cx), p->node->head);
        struct sv_pos pos = sv_span_pos(sv_ctx_sources(cx), p->node->head);
        if (is_placeholder(password))
            continue;
        const char *readers = p->shown ? "any local user"
                                       : sv_access_readers(sv_ctx_fs(cx), sv_ctx_ids(cx), a, path);
        bool open = p->shown || sv_access_anyone(readers);
        struct sv_finding *f =
            sv_report_at(cx, open ? SV_MEDIUM : SV_INFO, p->node,
                         "the proxy's password stands in %.*s; %s can read it there%s",
                         (int)p->name.n, p->name.p, readers,
                         p->shown ? ", whatever the file's mode: systemctl show" : "");
        f->key = sv_arena_printf(a, "%.*s", (int)p->name.n, p->name.p);
        f->readers = readers;
        sv_finding_secret(cx, f, "secret-assignment", password, pos.line, pos.column);
        if (p->shown)
            sv_finding_fix(cx, f, "Put HTTP_PROXY= and HTTPS_PROXY= into a file of mode 0600 that the unit names:\n"
                                  "EnvironmentFile=/etc/docker/proxy.env\nThen change the password.");
        else
            sv_finding_fix(cx, f, "chmod 0600 %s\nThen change the password.",
                           sv_shell_quote(a, path));
    }
}

const struct sv_check sv_check_docker_daemon_proxy_credentials = {
    SV_CHECK_HEADER,
    .id = "docker.daemon-proxy-credentials",
    .title = "A proxy's password stands in the configuration of a container engine",
    .why = "daemon.json is readable by everyone as packages make it, systemctl show tells every local user what "
           "Environment= says, and what ~/.docker/config.json names goes into every container's environment.",
    .fix = "A file of mode 0600 that EnvironmentFile= names, or a proxy that knows this machine by its address.",
    .bad = "Environment=HTTPS_PROXY=http://user:password@proxy.example.com:3128",
    .good = "EnvironmentFile=/etc/docker/proxy.env   # -rw------- root root",
    .severity = SV_MEDIUM,
    .on = SV_ON_ENGINE,
    .joins = true,
    .run = run_proxy,
};

/* ---- logins ---- */

static void run_auth(struct sv_ctx *cx, const struct sv_subject *s)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    sv_vec_each(auth, &s->engine->auths)
    {
        const char *path = sv_span_path(sv_ctx_sources(cx), auth->node->head);
        struct sv_pos pos = sv_span_pos(sv_ctx_sources(cx), auth->node->head);
        const char *readers = sv_access_readers(sv_ctx_fs(cx), sv_ctx_ids(cx), a, path);
        struct sv_finding *f = sv_ctx_file_finding(cx, "docker.registry-auth-readable", path);
        if (!sv_access_anyone(readers))
            continue;
        if (!f) {
            f = sv_report_file(cx, SV_HIGH, path, pos.line,
                               "the login to %.*s can be read by every local user",
                               (int)auth->name.n, auth->name.p);
            f->readers = readers;
            sv_finding_fix(cx, f, "chmod 0600 %s\nThen docker logout and log in anew with another token; a credential "
                                  "helper (credsStore) keeps it out of the file.",
                           sv_shell_quote(a, path));
        }
        sv_finding_secret(cx, f, "registry-login", auth->value, pos.line, pos.column);
    }
}

const struct sv_check sv_check_docker_registry_auth_readable = {
    SV_CHECK_HEADER,
    .id = "docker.registry-auth-readable",
    .title = "Logins to image registries are readable by others",
    .why = "auths holds user and password in base64, no more. Who has them reads private images, and often may push "
           "others in their place.",
    .fix = "chmod 0600, or a credential helper.",
    .bad = "-rw-r--r-- root root  /root/.docker/config.json",
    .good = "-rw------- root root  /root/.docker/config.json",
    .severity = SV_HIGH,
    .on = SV_ON_ENGINE,
    .joins = true,
    .run = run_auth,
};

/* ---- registries ---- */

static void run_registry(struct sv_ctx *cx, const struct sv_subject *s)
{
    sv_vec_each(r, &s->engine->insecure)
    {
        struct sv_slice host = r->value;
        if (host.n == 0)
            continue;
        host = sv_slice_sub(host, 0, host.p[0] == '[' ? sv_slice_chr(host, ']') + 1
                                                      : sv_slice_chr(host, ':'));
        if (is_loopback(host) || is_loopback(r->value))
            continue;
        struct sv_finding *f =
            sv_report_at(cx, SV_MEDIUM, r->node,
                         "images and logins of %.*s go over the network without a checked certificate: who is "
                         "on the way reads the login and puts in another image",
                         (int)r->value.n, r->value.p);
        f->key = sv_arena_printf(sv_ctx_arena(cx), "%.*s", (int)r->value.n, r->value.p);
        sv_finding_fix(cx, f, "Give the registry a certificate; one of your own CA goes to\n"
                              "/etc/docker/certs.d/%.*s/ca.crt (Podman: /etc/containers/certs.d).\n"
                              "Then take it out of the list.",
                       (int)r->value.n, r->value.p);
    }
}

const struct sv_check sv_check_docker_insecure_registry = {
    SV_CHECK_HEADER,
    .id = "docker.insecure-registry",
    .title = "An image registry is used without TLS, or with any certificate",
    .why = "Logins are sent in the clear, and what is pulled is run: whoever is on the way has both.",
    .fix = "A certificate for the registry; /etc/docker/certs.d for an own CA.",
    .bad = "{\"insecure-registries\": [\"registry.example.com:5000\"]}",
    .good = "{\"insecure-registries\": [\"127.0.0.0/8\"]}",
    .severity = SV_MEDIUM,
    .on = SV_ON_ENGINE,
    .run = run_registry,
};
