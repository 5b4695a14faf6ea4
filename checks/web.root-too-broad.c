// SPDX-License-Identifier: Apache-2.0
// web.root-too-broad and web.served-proc: a root or alias that hands out the system itself.
#include "engine/check.h"

enum { MAX_ASSETS = 100 };

static const char *const refs[] = {"https://nginx.org/en/docs/http/ngx_http_core_module.html#root",
                                   NULL};

static bool reaches_proc(struct sv_ctx *cx, const struct sv_mapping *m, const char **ret_real)
{
    if (sv_fs_realpath(sv_ctx_fs(cx), sv_ctx_arena(cx), m->dir, ret_real) < 0)
        *ret_real = m->dir;
    *ret_real = sv_fs_outside(sv_ctx_fs(cx), sv_ctx_arena(cx), *ret_real); /* a container's mount */
    return strcmp(*ret_real, "/") == 0 || sv_path_below(*ret_real, "/proc");
}

static void run_proc(struct sv_ctx *cx, const struct sv_subject *s)
{
    const struct sv_mapping *m = s->mapping;
    const char *real;
    if (!m->node || !m->exact || !reaches_proc(cx, m, &real))
        return;
    const char *dir = sv_arena_copy(sv_ctx_arena(cx), m->node->name).p;
    struct sv_finding *f = sv_report_at(
        cx, SV_CRITICAL, m->node,
        "%s %s serves %s: /proc/self/environ and, through /proc/self/root, every file the worker "
        "may read", dir, m->dir, real);
    sv_finding_fix(cx, f, "Point %s at the folder with the public files.", dir);
}

const struct sv_check sv_check_web_served_proc = {
    SV_CHECK_HEADER,
    .id = "web.served-proc",
    .title = "A mapping reaches / or /proc",
    .why = "/proc holds the environment of processes, and /proc/self/root is the whole file system.",
    .fix = "Point root and alias at a folder that holds only public files.",
    .bad = "location / { root /; }",
    .good = "location / { root /srv/app/public; }",
    .refs = refs,
    .severity = SV_CRITICAL,
    .on = SV_ON_MAPPING,
    .run = run_proc,
};

/* System folders, and homes: what lies in them was never meant for the network. */
static bool too_broad(const char *dir)
{
    static const char *const system[] = {"/etc", "/home", "/root", "/var", "/usr", "/opt", "/srv",
                                         "/var/log", "/tmp", "/boot", "/run", "/var/lib"};
    for (size_t i = 0; i < sizeof system / sizeof *system; i++)
        if (strcmp(dir, system[i]) == 0)
            return true;
    if (sv_path_below(dir, "/etc") || sv_path_below(dir, "/root"))
        return true;
    return sv_path_below(dir, "/home") && strchr(dir + 6, '/') == NULL;
}

/* Packages keep style sheets, and scripts that the server runs, below /etc, so that administrators
 * may change them. */
static bool only_assets(struct sv_ctx *cx, const struct sv_site *site, const char *dir)
{
    static const char *const ends[] = {".css", ".js", ".png", ".gif", ".jpg", ".svg", ".ico",
                                       ".html", ".woff", ".woff2", ".ttf", ".txt"};
    struct sv_paths files = {0};
    sv_ctx_sample(cx, dir, MAX_ASSETS, &files);
    sv_vec_each(path, &files.list)
    {
        bool asset = false;
        for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
            asset |= sv_slice_ends(sv_slice_of(*path), ends[i]);
        if (!asset && sv_ctx_routes(cx, site, *path)->list.n)
            return false;
    }
    return files.list.n > 0;
}

static void run_broad(struct sv_ctx *cx, const struct sv_subject *s)
{
    const struct sv_mapping *m = s->mapping;
    if (!m->node || !m->exact || !too_broad(m->dir))
        return;
    if (sv_node_is(m->node, "userdir"))
        return; /* the finding of apache.userdir */
    if (sv_path_below(m->dir, "/etc") && strcmp(m->dir, "/etc") != 0 &&
        only_assets(cx, s->site, m->dir))
        return;
    struct sv_finding *f = sv_report_at(cx, SV_HIGH, m->node,
                                        "%s is served as a whole; it holds more than public files",
                                        m->dir);
    sv_finding_fix(cx, f, "Make a folder for the public files and serve that one.");
}

const struct sv_check sv_check_web_root_too_broad = {
    SV_CHECK_HEADER,
    .id = "web.root-too-broad",
    .title = "A system or home folder is served",
    .why = "Configuration, homes and state lie beside the public files, and every one has a URL.",
    .fix = "Serve a folder that holds only public files.",
    .bad = "root /home/alice;",
    .good = "root /home/alice/public_html;",
    .refs = refs,
    .severity = SV_HIGH,
    .on = SV_ON_MAPPING,
    .run = run_broad,
};
