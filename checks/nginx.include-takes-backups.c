// SPDX-License-Identifier: Apache-2.0
// nginx.include-takes-backups: a glob takes left-over copies of configuration files in.
#include <ctype.h>

#include "engine/check.h"

static bool is_backup(struct sv_slice name)
{
    static const char *const ends[] = {"~",         ".bak",       ".old",      ".orig",
                                       ".save",     ".backup",    ".copy",     ".swp",
                                       ".rej",      ".dpkg-old",  ".dpkg-dist", ".dpkg-new",
                                       ".dpkg-tmp", ".ucf-old",   ".ucf-dist", ".rpmsave",
                                       ".rpmnew",   ".rpmorig",   ".disabled", ".disable",
                                       ".off",      ".tmp"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (sv_slice_ends(name, ends[i]))
            return true;
    /* site.conf.2024-01-31, site.bak3 */
    while (name.n && (isdigit((unsigned char)name.p[name.n - 1]) || name.p[name.n - 1] == '-'))
        name.n--;
    return sv_slice_ends(name, ".conf.") || sv_slice_ends(name, ".bak");
}

static void run(struct sv_ctx *cx, const struct sv_subject *s)
{
    struct sv_sources *src = sv_ctx_sources(cx);
    struct sv_slice pattern = sv_node_arg(s->node, 0);
    uint32_t last = 0;
    if (sv_slice_chr(pattern, '*') == pattern.n)
        return; /* who names the file wants it */
    for (const struct sv_node *n = s->node->next; n && n->included_by == s->node; n = n->next) {
        if (n->head.file == last)
            continue;
        last = n->head.file;
        const char *path = sv_span_path(src, n->head);
        if (!is_backup(sv_slice_of(sv_path_base(path))))
            continue;
        struct sv_finding *f = sv_report_at(
            cx, SV_MEDIUM, s->node, "%s looks like a left-over copy, but this include makes it part of "
            "the configuration", path);
        sv_finding_evidence(cx, f, n);
        sv_finding_fix(cx, f, "Move %s out of the folder, or include only *.conf.", path);
    }
}

static const char *const directives[] = {"include", NULL};
static const char *const refs[] = {"https://nginx.org/en/docs/ngx_core_module.html#include", NULL};

const struct sv_check sv_check_nginx_include_takes_backups = {
    SV_CHECK_HEADER,
    .id = "nginx.include-takes-backups", .servers = SV_SITE_NGINX,
    .title = "A left-over copy of a configuration file is in force",
    .why = "include dir/* takes every name that does not begin with a dot: an old copy keeps old hosts, "
           "roots and open locations alive, and may come first.",
    .fix = "Keep copies elsewhere; include *.conf.",
    .bad = "include /etc/nginx/sites-enabled/*;   # holds shop and shop.bak",
    .good = "include /etc/nginx/sites-enabled/*.conf;",
    .refs = refs,
    .severity = SV_MEDIUM,
    .on = SV_ON_DIRECTIVE | SV_ON_MAIN,
    .directives = directives,
    .run = run,
};
