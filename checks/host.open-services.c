// SPDX-License-Identifier: Apache-2.0
// Services that hand out what they have without a password: Redis, rsync, NFS, MySQL.
#include "base/limits.h"
#include "engine/check.h"

/* One file of /etc, line by line; its text may hold passwords and is wiped. */
struct lines {
    struct sv_arena own;
    struct sv_slice rest, text; /* text: the line, trimmed; comments are skipped */
    uint32_t number;
};

static void lines_close(struct lines *l)
{
    sv_arena_wipe(&l->own);
}

static bool lines_open(struct lines *l, struct sv_ctx *cx, const struct sv_entry *e)
{
    return S_ISREG(e->st.st_mode) &&
           sv_fs_read(sv_ctx_fs(cx), &l->own, e->path, SV_MAX_HOST_FILE_BYTES, &l->rest, NULL) == 0;
}

static bool lines_next(struct lines *l)
{
    while (l->rest.n) {
        size_t n = sv_slice_chr(l->rest, '\n');
        l->text = sv_slice_trim(sv_slice_sub(l->rest, 0, n));
        l->rest = sv_slice_sub(l->rest, n + 1, l->rest.n);
        l->number++;
        if (l->text.n && l->text.p[0] != '#' && l->text.p[0] != ';')
            return true;
    }
    return false;
}

/* "name = value" or "name value", as the file's grammar has it. */
static struct sv_slice name_of(struct sv_slice line, const char *ends)
{
    size_t n = 0;
    while (n < line.n && !strchr(ends, line.p[n]))
        n++;
    return sv_slice_trim(sv_slice_sub(line, 0, n));
}

static struct sv_slice value_of(struct sv_slice line, struct sv_slice name)
{
    struct sv_slice v = sv_slice_trim(sv_slice_sub(line, name.n, line.n));
    if (v.n && v.p[0] == '=')
        v = sv_slice_trim(sv_slice_sub(v, 1, v.n));
    return v;
}

static bool is_loopback(struct sv_slice address)
{
    if (address.n && address.p[0] == '-')
        address = sv_slice_sub(address, 1, address.n);
    return sv_slice_starts(address, "127.") || sv_slice_is(address, "::1") ||
           sv_slice_is(address, "localhost");
}

static bool all_loopback(struct sv_slice words)
{
    while (words.n) {
        struct sv_slice word = name_of(words, " \t,");
        words = sv_slice_trim(sv_slice_sub(words, word.n + 1, words.n));
        if (word.n && !is_loopback(word))
            return false;
    }
    return true;
}

/* ---- Redis ---- */

static bool is_redis(const char *path)
{
    struct sv_slice s = sv_slice_of(path);
    return (sv_path_below(path, "/etc/redis") || sv_path_below(path, "/etc/valkey") ||
            sv_slice_starts(sv_slice_of(sv_path_base(path)), "redis") ||
            sv_slice_starts(sv_slice_of(sv_path_base(path)), "valkey")) &&
           sv_slice_ends(s, ".conf");
}

static void run_redis(struct sv_ctx *cx, const struct sv_subject *s)
{
    __attribute__((cleanup(lines_close))) struct lines l = {0};
    bool unprotected = false, local = false, asks = false, closed = false;
    uint32_t at = 0;
    if (!is_redis(s->entry->path) || !lines_open(&l, cx, s->entry))
        return;
    while (lines_next(&l)) {
        struct sv_slice name = name_of(l.text, " \t"), value = value_of(l.text, name);
        if (sv_slice_is_nocase(name, "protected-mode")) {
            unprotected = sv_slice_is_nocase(value, "no");
            at = l.number;
        } else if (sv_slice_is_nocase(name, "bind")) {
            local = all_loopback(value);
        } else if (sv_slice_is_nocase(name, "port")) {
            closed = sv_slice_is(value, "0");
        } else if (sv_slice_is_nocase(name, "requirepass")) {
            asks = value.n && !sv_slice_is(value, "\"\"");
        } else if (sv_slice_is_nocase(name, "user") || sv_slice_is_nocase(name, "aclfile") ||
                   sv_slice_is_nocase(name, "include")) {
            asks = true; /* who may do what may be said there */
        }
    }
    if (!unprotected || local || asks || closed)
        return;
    sv_report_file(cx, SV_CRITICAL, s->entry->path, at,
                   "this Redis takes commands from every address without a password: whoever reaches its port "
                   "reads and writes all of it, and files as its user");
}

const struct sv_check sv_check_host_redis_open = {
    SV_CHECK_HEADER,
    .id = "host.redis-open",
    .title = "Redis takes commands from the network without a password",
    .why = "protected-mode no switches off what keeps a Redis without a password to this machine. CONFIG SET "
           "dir and dbfilename then write a file of the client's anywhere that its user may.",
    .fix = "bind 127.0.0.1 -::1\nprotected-mode yes\nand requirepass, where others have to reach it.",
    .bad = "bind 0.0.0.0\nprotected-mode no",
    .good = "bind 127.0.0.1 -::1\nprotected-mode yes",
    .severity = SV_CRITICAL,
    .on = SV_ON_ENTRY,
    .run = run_redis,
};

/* ---- rsync ---- */

struct module {
    const char *name, *path;
    uint32_t line;
    bool asks, limited, writable, root;
};

/* What nobody means to hand to everyone: system folders and homes, and what a web server's root
 * lies in, with the settings beside it. */
static const char *holds(struct sv_ctx *cx, const struct module *m)
{
    const char *path = m->path;
    static const char *const tops[] = {"/", "/etc", "/home", "/root", "/var", "/opt", "/srv",
                                       "/var/www", "/var/backups", "/var/lib", "/var/log"};
    static const char *const settings[] = {".env", ".git/config", "wp-config.php"};
    struct sv_arena *a = sv_ctx_arena(cx);
    struct stat st;
    for (size_t i = 0; i < sizeof tops / sizeof *tops; i++)
        if (strcmp(path, tops[i]) == 0)
            return "a folder of the system's";
    if (sv_path_below(path, "/etc") || sv_path_below(path, "/root") || sv_path_below(path, "/home"))
        return "a folder of the system's";
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        if (sv_fs_stat(sv_ctx_fs(cx), sv_path_join(a, path, settings[i]), &st) == 0 &&
            (m->root || (st.st_mode & S_IROTH))) /* the daemon reads as nobody, unless told */
            return sv_arena_printf(a, "which holds %s", settings[i]);
    return NULL;
}

static void judge_module(struct sv_ctx *cx, const struct sv_entry *e, const struct module *m)
{
    const char *what = m->path ? holds(cx, m) : NULL;
    if (!m->path || m->asks || m->limited || (!what && !m->writable))
        return;
    struct sv_finding *f = sv_report_file(
        cx, SV_HIGH, e->path, m->line, "rsync hands %s%s%s%s to everyone, as the module %s%s",
        m->path, what ? ", " : "", what ? what : "", what ? "," : "", m->name,
        m->writable ? ", and takes files from everyone" : "");
    f->key = m->name;
    sv_finding_fix(cx, f, "In [%s]:\nauth users = NAME\nsecrets file = /etc/rsyncd.secrets\n"
                          "hosts allow = ADDRESS%s", m->name,
                   m->writable ? "\nread only = yes" : "");
}

static bool says_yes(struct sv_slice v)
{
    return sv_slice_is_nocase(v, "yes") || sv_slice_is_nocase(v, "true") || sv_slice_is(v, "1");
}

/* What stands before the first module is for all of them. */
static void run_rsync(struct sv_ctx *cx, const struct sv_subject *s)
{
    __attribute__((cleanup(lines_close))) struct lines l = {0};
    struct sv_arena *a = sv_ctx_arena(cx);
    struct module global = {0}, m = {0};
    struct sv_slice path = sv_slice_of(s->entry->path);
    if (!sv_slice_is(path, "/etc/rsyncd.conf") &&
        !(sv_path_below(s->entry->path, "/etc/rsyncd.d") && sv_slice_ends(path, ".conf")))
        return;
    if (!lines_open(&l, cx, s->entry))
        return;
    while (lines_next(&l)) {
        struct module *to = m.name ? &m : &global;
        struct sv_slice name = name_of(l.text, "="), value = value_of(l.text, name);
        if (l.text.p[0] == '[') {
            if (m.name)
                judge_module(cx, s->entry, &m);
            struct sv_slice word = sv_slice_sub(l.text, 1, sv_slice_chr(l.text, ']'));
            m = global;
            m.name = sv_slice_is_nocase(word, "global") ? NULL : sv_arena_copy(a, word).p;
            m.line = l.number;
        } else if (sv_slice_is_nocase(name, "path")) {
            to->path = sv_path_join(a, "/", sv_arena_copy(a, value).p);
        } else if (sv_slice_is_nocase(name, "uid")) {
            to->root = sv_slice_is(value, "root") || sv_slice_is(value, "0");
        } else if (sv_slice_is_nocase(name, "auth users")) {
            to->asks = value.n > 0;
        } else if (sv_slice_is_nocase(name, "hosts allow")) {
            to->limited = value.n > 0 && !sv_slice_is(value, "*");
        } else if (sv_slice_is_nocase(name, "read only")) {
            to->writable = !says_yes(value);
        } else if (sv_slice_is_nocase(name, "address")) {
            to->limited |= is_loopback(value);
        }
    }
    if (m.name)
        judge_module(cx, s->entry, &m);
}

const struct sv_check sv_check_host_rsync_module_open = {
    SV_CHECK_HEADER,
    .id = "host.rsync-module-open",
    .title = "rsync hands out a folder with settings, or takes files, without a password",
    .why = "A module of the rsync daemon without auth users and hosts allow is open to whoever reaches port "
           "873, and lists itself.",
    .fix = "auth users and secrets file, hosts allow, read only; and a path that holds only what is meant.",
    .bad = "[web]\npath = /var/www",
    .good = "[web]\npath = /var/www\nauth users = backup\nsecrets file = /etc/rsyncd.secrets\n"
            "hosts allow = 192.0.2.7",
    .severity = SV_HIGH,
    .on = SV_ON_ENTRY,
    .run = run_rsync,
};

/* ---- NFS ---- */

/* "*", "*(rw)", "(rw)" and "0.0.0.0/0(rw)" are everyone, unless Kerberos says who it is. */
static bool is_everyone(struct sv_slice client)
{
    size_t open = sv_slice_chr(client, '(');
    struct sv_slice who = sv_slice_sub(client, 0, open);
    bool all = who.n == 0 || sv_slice_is(who, "*") || sv_slice_is(who, "0.0.0.0/0") ||
               sv_slice_is(who, "::/0");
    return all && sv_slice_find(client, "sec=krb5") == client.n;
}

static void run_nfs(struct sv_ctx *cx, const struct sv_subject *s)
{
    __attribute__((cleanup(lines_close))) struct lines l = {0};
    struct sv_slice file = sv_slice_of(s->entry->path);
    if (!sv_slice_is(file, "/etc/exports") &&
        !(sv_path_below(s->entry->path, "/etc/exports.d") && sv_slice_ends(file, ".exports")))
        return;
    if (!lines_open(&l, cx, s->entry))
        return;
    while (lines_next(&l)) {
        struct sv_slice path = name_of(l.text, " \t"), rest = value_of(l.text, path);
        while (rest.n && path.n && path.p[0] == '/') {
            struct sv_slice client = name_of(rest, " \t");
            rest = sv_slice_trim(sv_slice_sub(rest, client.n, rest.n));
            if (client.p[0] == '#' || client.p[0] == '\\')
                break;
            if (client.p[0] == '-' || !is_everyone(client))
                continue;
            bool root = sv_slice_find(client, "no_root_squash") < client.n;
            bool rw = sv_slice_find(client, "(rw") < client.n ||
                      sv_slice_find(client, ",rw") < client.n;
            struct sv_finding *f = sv_report_file(
                cx, root || rw ? SV_HIGH : SV_MEDIUM, s->entry->path, l.number,
                "NFS hands %.*s to every machine that reaches this one%s%s", (int)path.n, path.p,
                rw ? ", to write as well" : "", root ? ", as root" : "");
            f->key = sv_arena_copy(sv_ctx_arena(cx), path).p;
            sv_finding_fix(cx, f, "%.*s 192.0.2.0/24(%s,root_squash)\nwith the addresses of the machines that "
                                  "need it; then exportfs -ra", (int)path.n, path.p, rw ? "rw" : "ro");
            break;
        }
    }
}

const struct sv_check sv_check_host_nfs_export_open = {
    SV_CHECK_HEADER,
    .id = "host.nfs-export-open",
    .title = "NFS exports a folder to everyone",
    .why = "NFS believes the user numbers that a client names: who may mount a folder reads the files of any "
           "user in it, and with no_root_squash those of root. A blank before the bracket makes a line of "
           "one machine one of everyone.",
    .fix = "Name the machines or the network, keep root_squash, or use sec=krb5p.",
    .bad = "/srv *(rw,no_root_squash)",
    .good = "/srv 192.0.2.0/24(rw,root_squash)",
    .severity = SV_HIGH,
    .on = SV_ON_ENTRY,
    .run = run_nfs,
};

/* ---- MySQL, MariaDB ---- */

static bool is_server_section(struct sv_slice head)
{
    struct sv_slice name = sv_slice_sub(head, 1, sv_slice_chr(head, ']'));
    return sv_slice_starts(name, "mysqld") || sv_slice_starts(name, "mariadbd") ||
           sv_slice_starts(name, "mariadb") || sv_slice_is(name, "server");
}

static bool is_option(struct sv_slice name, const char *dashes, const char *underscores)
{
    return sv_slice_is_nocase(name, dashes) || sv_slice_is_nocase(name, underscores);
}

static void run_mysql(struct sv_ctx *cx, const struct sv_subject *s)
{
    __attribute__((cleanup(lines_close))) struct lines l = {0};
    const char *path = s->entry->path;
    bool server = false;
    if (!sv_slice_ends(sv_slice_of(path), ".cnf") || !lines_open(&l, cx, s->entry))
        return;
    while (lines_next(&l)) {
        struct sv_slice name = name_of(l.text, "= \t"), value = value_of(l.text, name);
        bool off = sv_slice_is(value, "0") || sv_slice_is_nocase(value, "off") ||
                   sv_slice_is_nocase(value, "false");
        if (l.text.p[0] == '[')
            server = is_server_section(l.text);
        else if (server && is_option(name, "skip-grant-tables", "skip_grant_tables") && !off)
            sv_report_file(cx, SV_HIGH, path, l.number,
                           "the database server asks nobody for a password: whoever reaches its socket or port is "
                           "its root");
    }
}

const struct sv_check sv_check_host_mysql_without_grants = {
    SV_CHECK_HEADER,
    .id = "host.mysql-without-grants",
    .title = "The database server runs with skip-grant-tables",
    .why = "skip-grant-tables is for resetting a forgotten password. While it stands every local user is the "
           "root of the database, and with MariaDB everyone who reaches its port.",
    .fix = "Take the line out and restart the server.",
    .bad = "[mysqld]\nskip-grant-tables",
    .good = "[mysqld]\nbind-address = 127.0.0.1",
    .severity = SV_HIGH,
    .on = SV_ON_ENTRY,
    .run = run_mysql,
};
