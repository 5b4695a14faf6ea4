// SPDX-License-Identifier: Apache-2.0
// php-fpm's pools: secrets that they hand to every script, and who may hand them requests.
#include "engine/check.h"
#include "secrets/command.h"
#include "secrets/value.h"

/* ---- secrets in the pool's file ---- */

/* The secret in "tcp://cache:6379?auth=X" or "redis://:X@cache"; else the value itself. */
static struct sv_slice secret_in(struct sv_arena *a, const struct sv_php_entry *e)
{
    static const char *const keys[] = {"auth=", "password=", "passwd="};
    struct sv_command_secrets found = {0};
    if (sv_value_is_secret(e->name, e->value))
        return e->value;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        size_t at = sv_slice_find(e->value, keys[i]);
        bool begins = at && at < e->value.n && strchr("?&", e->value.p[at - 1]);
        struct sv_slice v = sv_slice_sub(e->value, at + strlen(keys[i]), e->value.n);
        v = sv_slice_sub(v, 0, sv_slice_chr(v, '&'));
        if (begins && v.n >= 6 && !sv_value_is_placeholder(v))
            return v;
    }
    sv_command_secrets(a, &e->value, 1, &found);
    return found.list.n ? found.list.v[0].value : (struct sv_slice){"", 0};
}

static void tell(struct sv_ctx *cx, const struct sv_php_pool *p, const struct sv_php_entry *e,
                 const char *list, const char *function)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    struct sv_sources *src = sv_ctx_sources(cx);
    struct sv_slice value = secret_in(a, e);
    const char *path = sv_span_path(src, e->node->head);
    if (value.n == 0)
        return;
    const char *readers = sv_access_readers(sv_ctx_fs(cx), sv_ctx_ids(cx), a, path);
    bool anyone = sv_access_anyone(readers);
    struct sv_pos pos = sv_span_pos(src, e->node->head);
    struct sv_finding *f = sv_report_at(
        cx, anyone ? SV_HIGH : SV_INFO, e->node,
        "%s[%.*s] of pool %s holds a secret; %s can read the file, and every script of the pool "
        "and phpinfo() have it", list, (int)e->name.n, e->name.p, p->name, readers);
    f->key = sv_arena_printf(a, "%s[%.*s]", p->name, (int)e->name.n, e->name.p);
    f->readers = sv_arena_printf(a, "%s; every script of pool %s: %s", readers, p->name, function);
    sv_finding_secret(cx, f, "secret-assignment", value, pos.line, pos.column);
    const char *quoted = sv_shell_quote(a, path);
    if (anyone)
        sv_finding_fix(cx, f, "chown root:root %s; chmod 0600 %s\n"
                              "php-fpm reads it as root. Change the secret if others may have "
                              "looked.", quoted, quoted);
    else
        sv_finding_fix(cx, f, "Let the application read it from a file of its own, outside of "
                              "every served folder; phpinfo() then does not show it.");
}

static void run_secret(struct sv_ctx *cx, const struct sv_subject *s)
{
    sv_vec_each(e, &s->pool->env)
    {
        tell(cx, s->pool, e, "env", "getenv()");
    }
    sv_vec_each(e, &s->pool->values)
    {
        tell(cx, s->pool, e, "php_value", "ini_get()");
    }
}

static const char *const refs[] = {
    "https://www.php.net/manual/en/install.fpm.configuration.php", NULL};

const struct sv_check sv_check_php_secret_in_pool = {
    SV_CHECK_HEADER,
    .id = "php.secret-in-pool",
    .title = "A pool of php-fpm holds a secret",
    .why = "Files of pools have mode 0644 when packages install them: every local user reads env[] and "
           "php_value[] there. Each script of the pool has them as well, and phpinfo() prints them.",
    .fix = "chmod 0600: php-fpm reads its files as root before it starts the pools.",
    .bad = "; -rw-r--r-- root root  /etc/php/8.2/fpm/pool.d/shop.conf\nenv[DB_PASSWORD] = ...",
    .good = "; -rw------- root root  /etc/php/8.2/fpm/pool.d/shop.conf\nenv[DB_PASSWORD] = ...",
    .refs = refs,
    .severity = SV_HIGH,
    .on = SV_ON_POOL,
    .joins = true,
    .run = run_secret,
};

/* ---- the environment of php-fpm itself ---- */

static void run_environment(struct sv_ctx *cx, const struct sv_subject *s)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    const struct sv_php_pool *p = s->pool;
    struct sv_unit_environment env = {0};
    const struct sv_unit_variable *first = NULL;
    size_t n = 0;
    if (p->clear_env || !p->clear || !p->unit)
        return;
    sv_unit_environment(p->unit, sv_ctx_fs(cx), a, &env);
    sv_vec_each(v, &env.list)
    {
        if (!sv_value_is_secret(v->name, v->value))
            continue;
        first = first ? first : v;
        n++;
    }
    if (!first)
        return;
    struct sv_finding *f = sv_report_at(
        cx, SV_LOW, p->clear,
        "pool %s gets all of the environment of %s: %.*s%s stand in phpinfo() and before every "
        "script", p->name, p->unit->name, (int)first->name.n, first->name.p,
        n > 1 ? sv_arena_printf(a, " and %zu more secrets", n - 1) : "");
    f->key = p->name;
    f->readers = sv_arena_printf(a, "every script of pool %s: getenv(), phpinfo()", p->name);
    sv_finding_evidence(cx, f, first->setting->node);
    sv_vec_each(v, &env.list)
    {
        if (sv_value_is_secret(v->name, v->value) && f->secrets.n < 20)
            sv_finding_secret(cx, f, "secret-assignment", v->value, 0, 0);
    }
    sv_finding_fix(cx, f, "clear_env = yes\nand in this pool env[%.*s] = $%.*s if its scripts need "
                          "it.", (int)first->name.n, first->name.p, (int)first->name.n,
                   first->name.p);
}

const struct sv_check sv_check_php_environment_not_cleared = {
    SV_CHECK_HEADER,
    .id = "php.environment-not-cleared",
    .title = "clear_env = no hands the secrets of php-fpm's service to every script",
    .why = "By default a pool's scripts start with an empty environment. With clear_env = no they get what "
           "systemd gave to php-fpm: the keys of one application are in the phpinfo() of all of them.",
    .fix = "clear_env = yes, and env[NAME] = $NAME in the one pool that needs the variable.",
    .bad = "clear_env = no",
    .good = "clear_env = yes\nenv[DB_PASSWORD] = $DB_PASSWORD",
    .refs = refs,
    .severity = SV_LOW,
    .on = SV_ON_POOL,
    .joins = true,
    .run = run_environment,
};

/* ---- who may hand it requests ---- */

enum reach { NOBODY, LOCAL, NETWORK };

/* "9000" and "[::]:9000" are every address, "/run/php.sock" is one file. */
static enum reach reach_of(const struct sv_php_pool *p, struct sv_slice listen)
{
    static const char *const loopback[] = {"127.", "localhost:", "[::1]:", "::1:"};
    unsigned mode = 0;
    struct sv_slice digits = p->listen_mode ? sv_node_arg(p->listen_mode, 0) : SV_LIT("");
    if (listen.n == 0)
        return NOBODY;
    for (size_t i = 0; i < digits.n && digits.p[i] >= '0' && digits.p[i] <= '7' && i < 5; i++)
        mode = mode * 8 + (unsigned)(digits.p[i] - '0');
    if (listen.p[0] == '/')
        return (mode & 0002) ? LOCAL : NOBODY;
    if (p->listen_clients)
        return NOBODY; /* it asks for the address, also of local users */
    for (size_t i = 0; i < sizeof loopback / sizeof *loopback; i++)
        if (sv_slice_starts(listen, loopback[i]))
            return LOCAL;
    return NETWORK;
}

/* The word names the socket, not one whose name it begins or ends: ":9000" stands in "127.0.0.1:9000"
 * and "fcgi://[::1]:9000/srv", "/run/php.sock" in "unix:/run/php.sock|fcgi://x". */
static bool names_socket(struct sv_slice word, const char *socket)
{
    size_t n = strlen(socket);
    for (size_t at; (at = sv_slice_find(word, socket)) < word.n;
         word = sv_slice_sub(word, at + 1, word.n)) {
        bool begins = socket[0] == ':' || at == 0 || strchr(":=\"'", word.p[at - 1]);
        if (begins && (at + n == word.n || strchr("/|:;\"' ", word.p[at + n])))
            return true;
    }
    return false;
}

/* A line of the site hands requests to this socket: "unix:/run/php.sock", "127.0.0.1:9000". */
static bool passes_to(const struct sv_site *site, const char *socket)
{
    static const char *const names[] = {"fastcgi_pass", "proxypass", "proxypassmatch",
                                        "sethandler"};
    sv_vec_each(scope, &site->scopes)
    {
        for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
            const struct sv_node *n = sv_scope_own(*scope, names[i]);
            for (size_t k = 0; n && k < n->n_args; k++)
                if (names_socket(sv_node_arg(n, k), socket))
                    return true;
        }
    }
    return false;
}

/* "/run/php.sock", or ":9000" of "9000" and "0.0.0.0:9000". */
static const char *socket_of(struct sv_arena *a, struct sv_slice listen)
{
    size_t port = listen.n;
    if (listen.p[0] == '/')
        return sv_arena_copy(a, listen).p;
    while (port && listen.p[port - 1] != ':')
        port--;
    return sv_arena_printf(a, ":%.*s", (int)(listen.n - port), listen.p + port);
}

/* Who connects: the worker of the server that hands it requests, else of the first one that is
 * known; NULL: none is. */
static const struct sv_cred *client_of(struct sv_ctx *cx, struct sv_slice listen)
{
    const struct sv_cred *first = NULL;
    const char *socket = socket_of(sv_ctx_arena(cx), listen);
    sv_vec_each(site, &sv_ctx_host(cx)->sites)
    {
        if (!(*site)->worker_known || (*site)->container)
            continue;
        if (passes_to(*site, socket))
            return &(*site)->worker;
        first = first ? first : &(*site)->worker;
    }
    return first;
}

/* "listen.owner = nginx" and the group: as the pool has them, else those of who connects. */
static const char *socket_lines(struct sv_ctx *cx, const struct sv_php_pool *p,
                                struct sv_slice listen)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    const struct sv_cred *client = client_of(cx, listen);
    struct sv_slice owner = client ? sv_slice_of(client->user) : SV_LIT("the web server's user");
    struct sv_slice group = SV_LIT("its group");
    if (client)
        group = sv_slice_of(sv_identity_group(sv_ctx_ids(cx), a, client->gid));
    if (p->listen_owner)
        owner = sv_node_arg(p->listen_owner, 0);
    if (p->listen_group)
        group = sv_node_arg(p->listen_group, 0);
    return sv_arena_printf(a, "listen.owner = %.*s\nlisten.group = %.*s\nlisten.mode = 0660",
                           (int)owner.n, owner.p, (int)group.n, group.p);
}

static void run_listen(struct sv_ctx *cx, const struct sv_subject *s)
{
    const struct sv_php_pool *p = s->pool;
    struct sv_slice listen = p->listen ? sv_node_arg(p->listen, 0) : SV_LIT("");
    enum reach reach = reach_of(p, listen);
    bool file = listen.n && listen.p[0] == '/';
    if (reach == NOBODY || (reach == LOCAL && !file))
        return; /* a port of the loopback address is how many are set up, and asks for a user */
    const char *who = reach == NETWORK ? "everyone who reaches that port" : "every local user";
    const char *user = p->cred_known ? p->cred.user : "its user";
    struct sv_finding *f =
        sv_report_at(cx, reach == NETWORK ? SV_HIGH : SV_MEDIUM,
                     file ? p->listen_mode : p->listen,
                     "%s can have pool %s run any PHP code as %s: who speaks FastCGI to it sets "
                     "auto_prepend_file and allow_url_include himself", who, p->name, user);
    f->key = p->name;
    if (file)
        sv_finding_evidence(cx, f, p->listen);
    const char *lines = socket_lines(cx, p, listen);
    if (file)
        sv_finding_fix(cx, f, "%s", lines);
    else
        sv_finding_fix(cx, f, "listen = /run/php/%s.sock\n%s\nor, where the web server is another machine: "
                              "listen.allowed_clients = its address",
                       p->name, lines);
}

const struct sv_check sv_check_php_fpm_open = {
    SV_CHECK_HEADER,
    .id = "php.fpm-open",
    .title = "Others than the web server can hand requests to php-fpm",
    .why = "FastCGI knows no password: a request names the script and may change PHP's settings, so that it runs "
           "code of its own, with the pool's user and secrets.",
    .fix = "Listen on a socket that only the web server's user may open.",
    .bad = "listen = 9000",
    .good = "listen = /run/php/shop.sock\nlisten.owner = www-data\nlisten.mode = 0660",
    .refs = refs,
    .severity = SV_HIGH,
    .on = SV_ON_POOL,
    .run = run_listen,
};

/* ---- the status page ---- */

static void run_status(struct sv_ctx *cx, const struct sv_subject *s)
{
    const struct sv_php_pool *p = s->pool;
    const struct sv_node *n = sv_node_find_last(p->node, "pm.status_path");
    struct sv_slice path = n ? sv_node_arg(n, 0) : SV_LIT("");
    struct sv_slice listen = p->listen ? sv_node_arg(p->listen, 0) : SV_LIT("");
    if (path.n < 2 || path.p[0] != '/' || listen.n == 0 ||
        sv_node_find_last(p->node, "pm.status_listen"))
        return;
    const char *target = sv_arena_copy(sv_ctx_arena(cx), path).p;
    const char *socket = socket_of(sv_ctx_arena(cx), listen);
    sv_vec_each(site, &sv_ctx_host(cx)->sites)
    {
        for (size_t i = 0; (*site)->kind == SV_SITE_NGINX && i < (*site)->vhosts.n; i++) {
            const struct sv_vhost *v = (*site)->vhosts.v[i];
            struct sv_answer ans = sv_ctx_ask(cx, v, target);
            const struct sv_node *pass = ans.outcome == SV_OUT_HANDLER && ans.scope
                                             ? sv_scope_own(ans.scope, "fastcgi_pass")
                                             : NULL;
            if (!pass || !names_socket(sv_node_arg(pass, 0), socket) || !sv_vhost_on_network(v))
                continue;
            struct sv_finding *f = sv_report_at(
                cx, SV_MEDIUM, ans.scope->node,
                "%s%s shows everyone the status of pool %s: with ?full the URL of every request, its query "
                "with it, as it runs", sv_ctx_origin(cx, v), target, p->name);
            f->key = p->name;
            sv_finding_evidence(cx, f, n);
            sv_finding_fix(cx, f, "In %s:\nallow 127.0.0.1;\ndeny all;",
                           sv_scope_text(sv_ctx_arena(cx), ans.scope));
            return;
        }
    }
}

const struct sv_check sv_check_php_status_open = {
    SV_CHECK_HEADER,
    .id = "php.status-open",
    .title = "The status page of php-fpm answers everyone",
    .why = "pm.status_path gives a page with the pool's counters and, asked with ?full, the script, the URL and "
           "the query of each request that is running: tokens in URLs among them.",
    .fix = "allow and deny in its location, or pm.status_listen on an address of this machine.",
    .bad = "pm.status_path = /fpm-status\n# nginx: location = /fpm-status { fastcgi_pass unix:/run/php.sock; }",
    .good = "pm.status_path = /fpm-status\n# nginx: location = /fpm-status { allow 127.0.0.1; deny all; ... }",
    .refs = refs,
    .severity = SV_MEDIUM,
    .on = SV_ON_POOL,
    .run = run_status,
};
