// SPDX-License-Identifier: Apache-2.0
// Which modules are in: those built in, and LoadModule.
#include "base/limits.h"
#include "syntax/apache_directive.h"
#include "syntax/apache_internal.h"

static bool has(const struct sv_apache_tree *t, struct sv_slice name)
{
    sv_vec_each (m, &t->modules) {
        if (sv_slice_eq(m->name, name) || sv_slice_eq(m->file, name))
            return true;
    }
    return false;
}

bool sv_apache_has_module(const struct sv_apache_tree *t, struct sv_slice name)
{
    return !t->modules_known || has(t, name);
}

/* A module knows itself by the name of its source file, which mostly follows from its symbol. */
static struct sv_slice file_of(struct sv_arena *a, struct sv_slice name)
{
    static const char *const odd[][2] = {
        {"core_module", "core.c"},           {"http_module", "http_core.c"},
        {"mpm_event_module", "event.c"},     {"mpm_worker_module", "worker.c"},
        {"mpm_prefork_module", "prefork.c"}, {"mpm_itk_module", "itk.c"},
        {"ldap_module", "util_ldap.c"}};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
        if (sv_slice_is(name, odd[i][0]))
            return sv_slice_of(odd[i][1]);
    size_t n = sv_slice_ends(name, "_module") ? name.n - strlen("_module") : name.n;
    return sv_slice_of(sv_arena_printf(a, "mod_%.*s.c", (int)n, name.p));
}

static void add(struct ap_load *load, struct sv_slice name, struct sv_node *node)
{
    struct sv_apache_module m = {name, file_of(load->sx->arena, name), node};
    sv_vec_push(load->sx->arena, &load->tree->modules, m);
}

void ap_modules_built_in(struct ap_load *load)
{
    static const char *const everywhere[] = {"core_module", "so_module", "http_module"};
    static const char *const debian[] = {"watchdog_module", "log_config_module", "logio_module",
                                         "version_module", "unixd_module"};
    for (size_t i = 0; i < sizeof everywhere / sizeof *everywhere; i++)
        add(load, sv_slice_of(everywhere[i]), NULL);
    for (size_t i = 0; load->debian && i < sizeof debian / sizeof *debian; i++)
        add(load, sv_slice_of(debian[i]), NULL);
}

void ap_load_module(struct ap_parser *p, struct sv_node *n)
{
    struct ap_load *load = p->load;
    struct sv_slice name = sv_node_arg(n, 0);
    if (n->n_args != 2) {
        ap_complain(p, SV_DIAG_ERROR, n->head,
                    "a module's name and its file were expected after \"LoadModule\"");
        return;
    }
    load->saw_module = true;
    if (has(load->tree, name))
        return; /* httpd: "is already loaded, skipping" */
    if (load->tree->modules.n >= SV_APACHE_MODULES) {
        ap_complain(p, SV_DIAG_ERROR, n->head, "more than %d modules; this one is not known",
                    SV_APACHE_MODULES);
        return;
    }
    add(load, name, n);
    load->changes++;
}

/* The modules of httpd's own sources, without "_module", each between blanks. */
static const char own_modules[] =
    " access_compat actions alias allowmethods asis auth_basic auth_digest auth_form"
    " authn_anon authn_core authn_dbd authn_dbm authn_file authn_socache authnz_fcgi"
    " authnz_ldap authz_core authz_dbd authz_dbm authz_groupfile authz_host authz_owner"
    " authz_user autoindex brotli buffer cache cache_disk cache_socache cern_meta cgi cgid"
    " charset_lite core data dav_fs dav_lock dbd deflate dialup dir dumpio echo env"
    " example_hooks expires ext_filter file_cache filter headers heartbeat heartmonitor http"
    " http2 ident imagemap include info isapi lbmethod_bybusyness lbmethod_byrequests"
    " lbmethod_bytraffic lbmethod_heartbeat ldap log_config log_debug log_forensic logio lua"
    " macro md mime mime_magic mpm_event mpm_itk mpm_prefork mpm_worker negotiation"
    " optional_fn_export optional_fn_import optional_hook_export optional_hook_import policy"
    " privileges proxy proxy_ajp proxy_balancer proxy_connect proxy_express proxy_fcgi"
    " proxy_fdpass proxy_ftp proxy_hcheck proxy_html proxy_http proxy_http2 proxy_scgi"
    " proxy_uwsgi proxy_wstunnel ratelimit reflector remoteip reqtimeout request rewrite sed"
    " session session_cookie session_crypto session_dbd setenvif slotmem_plain slotmem_shm so"
    " socache_dbm socache_dc socache_memcache socache_redis socache_shmcb speling ssl status"
    " substitute suexec systemd tls unique_id unixd userdir usertrack version vhost_alias"
    " watchdog xml2enc"
    " ";

static bool is_own(struct sv_arena *a, struct sv_slice name)
{
    if (!sv_slice_ends(name, "_module") || sv_slice_chr(name, ' ') < name.n)
        return false;
    const char *word = sv_arena_printf(a, " %.*s ", (int)(name.n - strlen("_module")), name.p);
    return strstr(own_modules, word) != NULL;
}

bool sv_apache_has_foreign_module(struct sv_arena *a, const struct sv_apache_tree *t)
{
    sv_vec_each (m, &t->modules) {
        if (!is_own(a, m->name))
            return true;
    }
    return false;
}
