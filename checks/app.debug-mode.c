// SPDX-License-Identifier: Apache-2.0
// app.debug-mode: a served application shows strangers its errors with all that is in them.
#include "base/limits.h"
#include "engine/check.h"

/* A framework, told by a file of its own, and what of its environment switches debugging on. */
struct framework {
    const char *name, *mark; /* mark: below the project's folder */
    const char *variable, *on[4];
    const char *cached; /* made of the settings for production, and read in their place */
    const char *shows, *fix;
};

static const struct framework frameworks[] = {
    {"Laravel", "artisan", "APP_DEBUG", {"true", "(true)", "1", NULL}, "bootstrap/cache/config.php",
     "an error shows the environment, queries and source, and Ignition's routes answer",
     "APP_ENV=production\nAPP_DEBUG=false\nthen php artisan config:cache"},
    {"Symfony", "bin/console", "APP_ENV", {"dev", "test", NULL}, ".env.local.php",
     "/_profiler keeps every request with its parameters, and phpinfo() has a URL",
     "APP_ENV=prod\nin .env.local, then composer dump-env prod"},
};

/* The variable's value in the project's files, the later one wins; *ret_file and *ret_line say
 * where. Empty: it is not set. */
static struct sv_slice value_in(struct sv_ctx *cx, struct sv_arena *own, const char *project,
                                const char *variable, const char **ret_file, uint32_t *ret_line)
{
    static const char *const files[] = {".env", ".env.local"};
    struct sv_slice found = {"", 0};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct sv_dotenv vars = {0};
        struct sv_slice text;
        const char *path = sv_path_join(sv_ctx_arena(cx), project, files[i]);
        if (sv_fs_read(sv_ctx_fs(cx), own, path, SV_MAX_CONTENT_HEAD, &text, NULL) < 0)
            continue;
        sv_dotenv_parse(own, text, &vars);
        sv_vec_each(v, &vars.list)
        {
            if (!sv_slice_is(v->name, variable))
                continue;
            found = v->value;
            *ret_file = path;
            *ret_line = v->line;
        }
    }
    return found;
}

/* The server or a pool gives the variable to the application, and that wins over its files. */
static bool is_given(struct sv_ctx *cx, const struct sv_site *site, const char *variable)
{
    static const char *const names[] = {"fastcgi_param", "setenv"};
    const struct sv_host *host = sv_ctx_host(cx);
    sv_vec_each(scope, &site->scopes)
    {
        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
            for (const struct sv_node *n = sv_scope_own(*scope, names[i]); n; n = n->next)
                if (sv_node_is(n, names[i]) && sv_slice_is(sv_node_arg(n, 0), variable))
                    return true;
    }
    for (size_t i = 0; host->php && i < host->php->pools.n; i++) {
        sv_vec_each(e, &host->php->pools.v[i]->env)
        {
            if (sv_slice_is(e->name, variable))
                return true;
        }
    }
    return false;
}

static bool exists(struct sv_ctx *cx, const char *project, const char *name)
{
    struct stat st;
    return sv_fs_stat(sv_ctx_fs(cx), sv_path_join(sv_ctx_arena(cx), project, name), &st) == 0;
}

static void judge(struct sv_ctx *cx, const struct sv_subject *s, const struct sv_vhost *vhost,
                  const char *project, const struct framework *w)
{
    struct sv_arena own = {0}; /* other values of the file are secrets: wiped */
    const char *file = NULL;
    uint32_t line = 0;
    bool on = false;
    struct sv_slice value = value_in(cx, &own, project, w->variable, &file, &line);
    for (size_t i = 0; w->on[i]; i++)
        on |= sv_slice_is_nocase(value, w->on[i]);
    sv_arena_wipe(&own);
    if (!on || exists(cx, project, w->cached) || is_given(cx, s->site, w->variable) ||
        sv_ctx_file_reported(cx, "app.debug-mode", file))
        return;
    struct sv_finding *f = sv_report_file(cx, SV_HIGH, file, line,
                                          "the %s application at %s runs in debug mode: %s",
                                          w->name, sv_ctx_origin(cx, vhost), w->shows);
    f->key = file;
    sv_finding_evidence(cx, f, s->node);
    sv_finding_fix(cx, f, "%s", w->fix);
}

static void run(struct sv_ctx *cx, const struct sv_subject *s)
{
    const struct sv_mapping *m = s->mapping;
    const struct sv_vhost *vhost = s->vhost ? s->vhost : m->vhosts.n ? m->vhosts.v[0] : NULL;
    if (!vhost || !m->exact || m->is_alias || m->repeats || s->site->container ||
        !sv_vhost_on_network(vhost))
        return;
    const char *projects[] = {m->dir, sv_path_dir(sv_ctx_arena(cx), m->dir)};
    for (size_t i = 0; i < 2; i++)
        for (size_t k = 0; k < sizeof frameworks / sizeof *frameworks; k++)
            if (exists(cx, projects[i], frameworks[k].mark))
                judge(cx, s, vhost, projects[i], &frameworks[k]);
}

static const char *const refs[] = {"https://laravel.com/docs/errors#configuration",
                                   "https://symfony.com/doc/current/configuration.html", NULL};

const struct sv_check sv_check_app_debug_mode = {
    SV_CHECK_HEADER,
    .id = "app.debug-mode",
    .title = "A served application runs in debug mode",
    .why = "In debug mode every error page shows what was in memory: the environment with its keys, queries, "
           "source. Any URL that makes an error is enough, and tools look for it all day.",
    .fix = "Switch it off where strangers can ask.",
    .bad = "APP_ENV=local\nAPP_DEBUG=true          # .env beside the served public/",
    .good = "APP_ENV=production\nAPP_DEBUG=false",
    .refs = refs,
    .severity = SV_HIGH,
    .on = SV_ON_MAPPING,
    .run = run,
};
