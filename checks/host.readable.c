// SPDX-License-Identifier: Apache-2.0
// host.key-readable, host.credentials-file-readable: secrets on disk that others can read.
#include "base/limits.h"
#include "engine/check.h"
#include "engine/closing.h"
#include "scan/bundle.h"
#include "scan/public_env.h"

enum { MAX_SHOWN = 20 };

enum about { KEYS, CREDENTIALS };

static bool is_key(const struct sv_secret_place *p)
{
    static const char *const ids[] = {"pem-", "openssh-key", "pgp-key", "putty-key", "ssh2-",
                                      "pkcs12-", "java-keystore", "keepass-", "wireguard-private-key",
                                      "dnssec-private-key", "age-secret-key", "jwk-private-key",
                                      "minisign-key", "openvpn-static-key", "der-",
                                      "kerberos-keytab"};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        if (strncmp(p->rule->id, ids[i], strlen(ids[i])) == 0)
            return true;
    return false;
}

/* A check that knows what the file is for has spoken about this very secret. */
static bool told(struct sv_ctx *cx, const struct sv_secret_place *p)
{
    return sv_ctx_secret_reported(cx, p->path, p->line, p->id);
}

/* A file, and if it is a project's .env, its lines. */
struct about_file {
    const struct sv_file_secrets *secrets;
    enum about about;
    struct sv_env_lines lines;
};

/* A variable that a build gives to every browser, and only its name says that it is a secret. */
static bool is_published(const struct about_file *file, const struct sv_secret_place *p)
{
    if (!(p->rule->flags & (SV_RULE_GENERIC | SV_RULE_BROWSER)))
        return false;
    sv_vec_each(l, &file->lines.list)
    {
        if (l->line == p->line && sv_public_env_prefix(l->name))
            return true;
    }
    return false;
}

static bool counts(const struct about_file *file, const struct sv_secret_place *p)
{
    return !p->placeholder && !p->checksum_bad && !p->weak && !p->encrypted &&
           !(p->rule->flags & (SV_RULE_PUBLIC | SV_RULE_TEST_KEY)) &&
           !((p->rule->flags & SV_RULE_GENERIC) && sv_is_package_file(p->path)) &&
           is_key(p) == (file->about == KEYS) && !is_published(file, p);
}

static bool only_hashes(const struct about_file *file)
{
    const struct sv_file_secrets *all = file->secrets;
    for (size_t i = 0; i < all->n; i++)
        if (counts(file, &all->places[i]) && !sv_secret_place_is_hash(&all->places[i]))
            return false;
    return true;
}

/* Who answers requests, if nobody but root and a group with him in it may read the file, and it is
 * not his: a program of his own does not leak what it is configured with. */
static const char *web_reader(struct sv_ctx *cx, const char *path, const char *readers)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    const struct sv_machine machine = sv_ctx_machine(cx);
    uid_t reader = sv_path_below(path, "/etc") ? 0 : sv_closing_of(&machine, path).reader;
    sv_vec_each(w, &sv_ctx_host(cx)->web_users)
    {
        bool own = strcmp(readers, sv_arena_printf(a, "user %s", w->cred.user)) == 0;
        if (own || w->cred.uid == reader)
            continue;
        if (sv_access_check(sv_ctx_fs(cx), a, &w->cred, path, SV_RIGHT_READ).access ==
            SV_ACCESS_YES)
            return w->what;
    }
    return NULL;
}

/* Files that are about who may enter by a password are read by the worker, not by root. */
static bool is_password_file(const struct about_file *file)
{
    return file->about == CREDENTIALS && only_hashes(file);
}

static const char *closing(struct sv_ctx *cx, const char *path, bool anyone)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    const struct sv_machine machine = sv_ctx_machine(cx);
    if (!anyone) /* through its group, or because it is his own */
        return sv_arena_printf(a, "If no program of its group needs it:\nchmod g-rwx %s",
                               sv_shell_quote(a, path));
    return sv_closing_text(&machine, path);
}

static enum sv_severity severity_of(const struct sv_secret_place *first, bool password_file,
                                    bool anyone)
{
    if (password_file)
        return SV_LOW;
    return anyone && !(first->rule->flags & SV_RULE_BROWSER) ? SV_HIGH : SV_MEDIUM;
}

/* What a provider's key costs before what only a name tells, and that before a page's key. */
static int cost(const struct sv_secret_place *p)
{
    if (p->rule->flags & SV_RULE_BROWSER)
        return 0;
    return p->rule->flags & SV_RULE_GENERIC ? 1 : 2;
}

static void add_places(struct sv_ctx *cx, struct sv_finding *f, const struct about_file *which)
{
    const struct sv_file_secrets *file = which->secrets;
    for (size_t i = 0, shown = 0; i < file->n && shown < MAX_SHOWN; i++) {
        if (!counts(which, &file->places[i]) || told(cx, &file->places[i]))
            continue;
        sv_finding_secret_place(cx, f, &file->places[i]);
        shown++;
    }
}

static void judge(struct sv_ctx *cx, const struct about_file *which)
{
    const struct sv_file_secrets *file = which->secrets;
    enum about about = which->about;
    struct sv_arena *a = sv_ctx_arena(cx);
    const struct sv_secret_place *first = NULL;
    size_t n = 0;
    for (size_t i = 0; i < file->n; i++) {
        if (!counts(which, &file->places[i]) || told(cx, &file->places[i]))
            continue;
        if (!first || cost(&file->places[i]) > cost(first))
            first = &file->places[i];
        n++;
    }
    const char *readers = first ? sv_access_readers(sv_ctx_fs(cx), sv_ctx_ids(cx), a, file->path)
                                : "";
    bool anyone = sv_access_anyone(readers);
    const char *web = first && !anyone ? web_reader(cx, file->path, readers) : NULL;
    bool password_file = first && is_password_file(which);
    if (!first || (!anyone && (!web || password_file)) ||
        sv_ctx_file_reported(cx, "host.secret-in-shell-history", file->path))
        return;
    struct sv_finding *copy =
        sv_ctx_file_finding(cx, "host.backup-of-protected-file", file->path);
    if (copy) { /* it says whose copy that is, and what to do with it */
        add_places(cx, copy, which);
        return;
    }
    struct sv_finding *f = sv_report_file(
        cx, severity_of(first, password_file, anyone), file->path, first->line,
        "%s %s%s can be read by %s", sv_secret_place_title(a, first), first->redacted,
        n > 1 ? sv_arena_printf(a, " and %zu more", n - 1) : "",
        anyone ? "every local user" : web);
    f->column = first->column;
    f->key = file->path;
    f->readers = readers;
    add_places(cx, f, which);
    sv_finding_fix(cx, f, "%s%s", closing(cx, file->path, anyone),
                   about == KEYS ? "\nand a new key, if others may have looked"
                                 : sv_arena_printf(a, "\nChange the secret%s%s if others may have looked.",
                                                   first->rule->revoke ? " at " : "",
                                                   first->rule->revoke ? first->rule->revoke : ""));
}

static void run(struct sv_ctx *cx, const struct sv_file_secrets *file, enum about about)
{
    struct sv_arena own = {0}; /* values of secrets: wiped in the end */
    struct about_file which = {.secrets = file, .about = about};
    struct sv_slice text;
    if (strncmp(sv_path_base(file->path), ".env", 4) == 0 &&
        sv_fs_read(sv_ctx_fs(cx), &own, file->path, SV_MAX_PUBLIC_ENV, &text, NULL) == 0)
        sv_env_file_parse(&own, text, &which.lines);
    judge(cx, &which);
    sv_arena_wipe(&own);
}

/* Keys that are random bytes: their place alone says what they are. */
static const char *key_by_place(const char *path)
{
    static const struct {
        const char *place, *what; /* sv_glob_match() */
    } keys[] = {
        {"/etc/munge/munge.key", "the key of MUNGE: who has it is any user on all nodes of the cluster"},
        {"/etc/corosync/authkey", "the key of the cluster's nodes"},
        {"/etc/pacemaker/authkey", "the key of the cluster's nodes"},
        {"/etc/cryptsetup-keys.d/*", "the key of an encrypted disk"},
        {"/etc/luks-keys/*", "the key of an encrypted disk"},
        {"/etc/keys/*.luks", "the key of an encrypted disk"},
    };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (sv_glob_match(sv_slice_of(keys[i].place), sv_slice_of(path)))
            return keys[i].what;
    return NULL;
}

static void run_place(struct sv_ctx *cx, const struct sv_entry *e)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    const char *what = S_ISREG(e->st.st_mode) && e->st.st_size > 0 ? key_by_place(e->path) : NULL;
    const char *readers =
        what ? sv_access_readers(sv_ctx_fs(cx), sv_ctx_ids(cx), a, e->path) : "";
    if (!sv_access_anyone(readers))
        return;
    struct sv_finding *f =
        sv_report_file(cx, SV_HIGH, e->path, 0, "every local user can read %s", what);
    f->key = e->path;
    f->readers = readers;
    sv_finding_fix(cx, f, "%s\nand a new key, if others may have looked",
                   closing(cx, e->path, true));
}

static void run_keys(struct sv_ctx *cx, const struct sv_subject *s)
{
    if (s->kind == SV_ON_ENTRY)
        run_place(cx, s->entry);
    else
        run(cx, s->secrets, KEYS);
}

const struct sv_check sv_check_host_key_readable = {
    SV_CHECK_HEADER,
    .id = "host.key-readable",
    .title = "A private key is readable by others",
    .why = "Who has the key is the server, or the user, that it stands for. nginx, httpd and sshd read their "
           "keys as root before they give up their rights.",
    .fix = "chmod 0600, owned by root or by the one user who needs it; make a new key if others had it.",
    .bad = "-rw-r--r-- root root  /etc/ssl/private/shop.key",
    .good = "-rw------- root root  /etc/ssl/private/shop.key",
    .severity = SV_HIGH,
    .on = SV_ON_HOST_SECRETS | SV_ON_ENTRY,
    .joins = true,
    .run = run_keys,
};

static void run_credentials(struct sv_ctx *cx, const struct sv_subject *s)
{
    run(cx, s->secrets, CREDENTIALS);
}

const struct sv_check sv_check_host_credentials_file_readable = {
    SV_CHECK_HEADER,
    .id = "host.credentials-file-readable",
    .title = "A file with credentials is readable by others",
    .why = "Any local user, the web server's and every service's among them, then has the password or token.",
    .fix = "chmod 0600, or 0640 with a group that holds only the program that needs it.",
    .bad = "-rw-r--r-- root root  /etc/postfix/sasl_passwd",
    .good = "-rw------- root root  /etc/postfix/sasl_passwd",
    .severity = SV_HIGH,
    .on = SV_ON_HOST_SECRETS,
    .joins = true,
    .run = run_credentials,
};
