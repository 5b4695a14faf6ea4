// SPDX-License-Identifier: Apache-2.0
// Does the content agree with the name? First bytes, then structure, libmagic for archives only.
#include <ctype.h>
#include <magic.h>

#include "base/limits.h"
#include "scan/rows.h"
#include "secrets/value.h"

enum { MAX_SECRETS = 200 };

struct subject {
    struct sv_arena *a;
    struct sv_file *f;
    struct sv_slice text;
};

static bool has(struct sv_slice text, const char *needle)
{
    return sv_slice_find(text, needle) < text.n;
}

static bool is_html(struct sv_slice text)
{
    struct sv_slice t = sv_slice_trim(text);
    return t.n && t.p[0] == '<' && (sv_slice_is_nocase(sv_slice_sub(t, 0, 5), "<html") ||
                                    sv_slice_is_nocase(sv_slice_sub(t, 0, 9), "<!doctype") ||
                                    sv_slice_is_nocase(sv_slice_sub(t, 0, 7), "<script"));
}

/* ---- assignments ---- */

static struct sv_slice unquote(struct sv_slice v)
{
    v = sv_slice_trim(v);
    if (v.n >= 2 && (v.p[0] == '"' || v.p[0] == '\'')) {
        size_t end = sv_slice_chr(sv_slice_sub(v, 1, v.n), v.p[0]);
        if (end < v.n - 1)
            return sv_slice_sub(v, 1, 1 + end);
    }
    size_t comment = sv_slice_find(v, " #");
    v = sv_slice_trim(sv_slice_sub(v, 0, comment));
    while (v.n && (v.p[v.n - 1] == ',' || v.p[v.n - 1] == ';'))
        v.n--;
    return v;
}

/* The key: letters, digits and a few signs, quotes and "export" dropped. */
static struct sv_slice key_of(struct sv_slice k)
{
    k = sv_slice_trim(k);
    if (sv_slice_starts(k, "export "))
        k = sv_slice_trim(sv_slice_sub(k, 7, k.n));
    size_t from = k.n;
    while (from > 0 && (isalnum((unsigned char)k.p[from - 1]) || strchr("_-.", k.p[from - 1])))
        from--;
    if (from == k.n && from > 0 && (k.p[from - 1] == '"' || k.p[from - 1] == '\'' ||
                                    k.p[from - 1] == ']')) {
        size_t end = from - 1 - (k.p[from - 1] == ']' && from > 1);
        for (from = end; from > 0 && (isalnum((unsigned char)k.p[from - 1]) ||
                                      strchr("_-.", k.p[from - 1]));)
            from--;
        return sv_slice_sub(k, from, end);
    }
    return sv_slice_sub(k, from, k.n);
}

static void add_secret(struct subject *s, const char *rule, struct sv_slice name,
                       struct sv_slice value, uint32_t line, uint32_t column)
{
    if (s->f->secrets.n < MAX_SECRETS)
        sv_vec_push(s->a, &s->f->secrets,
                    (struct sv_file_secret){rule, value, name, line, column});
}

/* Lines of the form key=value or key: value; returns how many, notes the secrets. */
static unsigned assignments(struct subject *s, const char *separators)
{
    struct sv_slice rest = s->text;
    unsigned count = 0;
    for (uint32_t line = 1; rest.n; line++) {
        struct sv_slice text = sv_slice_sub(rest, 0, sv_slice_chr(rest, '\n'));
        rest = sv_slice_sub(rest, text.n + 1, rest.n);
        struct sv_slice t = sv_slice_trim(text);
        if (t.n == 0 || t.p[0] == '#' || t.p[0] == ';')
            continue;
        size_t eq = 0;
        while (eq < text.n && !strchr(separators, text.p[eq]))
            eq++;
        if (eq == text.n)
            continue;
        struct sv_slice name = key_of(sv_slice_sub(text, 0, eq));
        size_t from = eq + 1;
        while (from < text.n && strchr("=>: \t", text.p[from]))
            from++;
        struct sv_slice value = unquote(sv_slice_sub(text, from, text.n));
        if (name.n == 0)
            continue;
        count++;
        if (sv_value_is_secret(name, value))
            add_secret(s, "secret-assignment", name, value, line,
                       (uint32_t)(value.p - text.p) + 1);
    }
    return count;
}

static enum sv_confirm by_secrets(const struct subject *s)
{
    return s->f->secrets.n ? SV_CONFIRM_YES : SV_CONFIRM_TEMPLATE;
}

/* ---- signatures ---- */

static enum sv_confirm env(struct subject *s)
{
    if (is_html(s->text) || sv_slice_chr(s->text, '\0') < s->text.n)
        return SV_CONFIRM_NO;
    if (assignments(s, "=") < 1)
        return SV_CONFIRM_NO;
    s->f->what = "environment file";
    return by_secrets(s);
}

static enum sv_confirm secretval(struct subject *s)
{
    if (is_html(s->text))
        return SV_CONFIRM_NO;
    assignments(s, "=:");
    s->f->what = "configuration";
    return by_secrets(s);
}

static enum sv_confirm git_head(struct subject *s)
{
    struct sv_slice t = sv_slice_trim(s->text);
    bool ref = sv_slice_starts(t, "ref: refs/");
    for (size_t i = 0; !ref && i < t.n; i++)
        if (!isxdigit((unsigned char)t.p[i]))
            return SV_CONFIRM_NO;
    s->f->what = "Git repository";
    return ref || t.n == 40 || t.n == 64 ? SV_CONFIRM_YES : SV_CONFIRM_NO;
}

static enum sv_confirm git_config(struct subject *s)
{
    if (!has(s->text, "[core]") || !has(s->text, "repositoryformatversion"))
        return SV_CONFIRM_NO;
    s->f->what = "Git repository";
    struct sv_slice rest = s->text;
    for (uint32_t line = 1; rest.n; line++) {
        struct sv_slice t = sv_slice_sub(rest, 0, sv_slice_chr(rest, '\n'));
        rest = sv_slice_sub(rest, t.n + 1, rest.n);
        size_t at = sv_slice_find(t, "://");
        struct sv_slice auth = sv_slice_sub(t, at + 3, t.n);
        size_t end = sv_slice_chr(auth, '@'), colon = sv_slice_chr(auth, ':');
        if (at < t.n && end < auth.n && colon < end && end - colon > 1)
            add_secret(s, "url-password", SV_LIT("url"), sv_slice_sub(auth, colon + 1, end), line,
                       (uint32_t)(at + 4 + colon + 1));
    }
    return SV_CONFIRM_YES;
}

static enum sv_confirm pem(struct subject *s)
{
    size_t at = sv_slice_find(s->text, "-----BEGIN ");
    size_t key = sv_slice_find(s->text, "PRIVATE KEY");
    if (at == s->text.n || key == s->text.n || key < at)
        return SV_CONFIRM_NO;
    struct sv_slice body = sv_slice_sub(s->text, key + 11, s->text.n);
    if (sv_slice_find(body, "-----END") < 64)
        return SV_CONFIRM_TEMPLATE;
    s->f->what = has(s->text, "ENCRYPTED") ? "encrypted private key" : "private key";
    uint32_t line = 1;
    for (size_t i = 0; i < at; i++)
        line += s->text.p[i] == '\n';
    add_secret(s, "private-key", SV_LIT(""), sv_slice_trim(sv_slice_sub(s->text, at, s->text.n)),
               line, 1);
    return SV_CONFIRM_YES;
}

static enum sv_confirm sql(struct subject *s)
{
    bool rows = has(s->text, "INSERT INTO") || (has(s->text, "COPY ") && has(s->text, "FROM stdin"));
    if (!rows && !has(s->text, "CREATE TABLE"))
        return SV_CONFIRM_NO;
    s->f->what = rows ? "database dump with rows" : "database schema without rows";
    return rows ? SV_CONFIRM_YES : SV_CONFIRM_TEMPLATE;
}

static enum sv_confirm php(struct subject *s)
{
    struct sv_slice head = sv_slice_sub(s->text, 0, 8192);
    if (!has(head, "<?php") && !has(head, "<?="))
        return SV_CONFIRM_NO;
    s->f->what = "PHP source";
    assignments(s, "=,");
    return SV_CONFIRM_YES;
}

static enum sv_confirm phpinfo(struct subject *s)
{
    s->f->what = "phpinfo() page";
    return has(s->text, "phpinfo(") && has(s->text, "<?") ? SV_CONFIRM_YES : SV_CONFIRM_NO;
}

static enum sv_confirm password_file(struct subject *s)
{
    static const char *const marks[] = {":$apr1$", ":$2a$", ":$2b$", ":$2y$", ":$5$", ":$6$",
                                        ":{SHA}", ":{SSHA}", ":$y$", ":$1$"};
    s->f->what = "password hashes";
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (has(s->text, marks[i]))
            return SV_CONFIRM_YES;
    return SV_CONFIRM_NO;
}

/* Lines that carry a clock time, as logs do and change logs do not. */
static enum sv_confirm log_lines(struct subject *s)
{
    unsigned hits = 0;
    for (size_t i = 0; i + 8 <= s->text.n && hits < 3; i++) {
        const char *p = s->text.p + i;
        if (p[2] == ':' && p[5] == ':' && isdigit((unsigned char)p[0]) &&
            isdigit((unsigned char)p[1]) && isdigit((unsigned char)p[3]) &&
            isdigit((unsigned char)p[4]) && isdigit((unsigned char)p[6])) {
            hits++;
            i += 8;
        }
    }
    s->f->what = "log";
    return hits ? SV_CONFIRM_YES : SV_CONFIRM_NO;
}

static enum sv_confirm archive(struct subject *s)
{
    magic_t m = magic_open(MAGIC_MIME_TYPE | MAGIC_NO_CHECK_COMPRESS | MAGIC_NO_CHECK_ELF |
                           MAGIC_NO_CHECK_TEXT | MAGIC_NO_CHECK_TOKENS | MAGIC_NO_CHECK_ENCODING);
    const char *type = NULL;
    bool yes = false;
    if (m && magic_load(m, NULL) == 0)
        type = magic_buffer(m, s->text.p, s->text.n < 4096 ? s->text.n : 4096);
    if (type) {
        struct sv_slice t = sv_slice_of(type);
        yes = has(t, "zip") || has(t, "tar") || has(t, "x-rar") || has(t, "7z") || has(t, "-xz") ||
              has(t, "zstd") || has(t, "java-archive");
    }
    if (m)
        magic_close(m);
    s->f->what = "archive";
    return yes ? SV_CONFIRM_YES : SV_CONFIRM_NO;
}

static enum sv_confirm history(struct subject *s)
{
    s->f->what = "command history";
    assignments(s, "=");
    return is_html(s->text) || has(s->text, "function(") ? SV_CONFIRM_NO : SV_CONFIRM_YES;
}

static enum sv_confirm any(struct subject *s)
{
    s->f->what = "left-over copy";
    assignments(s, "=:,");
    return SV_CONFIRM_YES;
}

/* ---- tables ---- */

static const struct {
    const char *signature;
    enum sv_confirm (*test)(struct subject *s);
} tests[] = {
    {"envkv", env},          {"secretval", secretval}, {"json", secretval},
    {"javaprops", secretval}, {"yamlkv", secretval},   {"xmlroot", secretval},
    {"compose", secretval},  {"dockerfile", secretval}, {"kubeconfig", secretval},
    {"npmrc", secretval},    {"netrc", secretval},     {"awscred", secretval},
    {"gcpsa", pem},          {"dockercfg", secretval}, {"tfstate", secretval},
    {"composerauth", secretval}, {"wireguard", secretval}, {"nginxconf", secretval},
    {"pgpass", any},         {"urlcred", any},         {"hex32", any},
    {"token", any},          {"githead", git_head},    {"gitconfig", git_config},
    {"pemkey", pem},         {"derkey", pem},          {"sqltext", sql},
    {"phpsrc", php},         {"phpinfo", phpinfo},     {"htpasswd", password_file},
    {"htdigest", any},       {"shadow", password_file}, {"phplog", log_lines},
    {"laravellog", log_lines}, {"accesslog", log_lines}, {"nginxerr", log_lines},
    {"javalog", log_lines},  {"genlog", log_lines},    {"archive", archive},
    {"zip", archive},        {"gzip", archive},        {"bzip2", archive},
    {"xz", archive},         {"zstd", archive},        {"7z", archive},
    {"rar", archive},        {"tar", archive},         {"history", history},
    {"any", any},            {"hg", any},              {"svnentries", any},
    {"sess", any},
};

#define BYTES(s) s, sizeof(s) - 1
static const struct {
    const char *signature, *bytes;
    size_t n, at;
    const char *what;
} magics[] = {
    {"sqlite", BYTES("SQLite format 3\0"), 0, "SQLite database"},
    {"svnwc", BYTES("SQLite format 3\0"), 0, "Subversion working copy"},
    {"gitindex", BYTES("DIRC"), 0, "Git repository"},
    {"pgcustom", BYTES("PGDMP"), 0, "PostgreSQL dump"},
    {"mssqlbak", BYTES("TAPE"), 0, "SQL Server backup"},
    {"rdb", BYTES("REDIS"), 0, "Redis dump"},
    {"redisaof", BYTES("*"), 0, "Redis append-only file"},
    {"mdb", BYTES("\0\1\0\0Standard "), 0, "Access database"},
    {"ppk", BYTES("PuTTY-User-Key-File-"), 0, "PuTTY private key"},
    {"jks", BYTES("\xfe\xed\xfe\xed"), 0, "Java key store"},
    {"pkcs12", BYTES("\x30\x82"), 0, "PKCS#12 key store"},
    {"elfcore", BYTES("\x7f" "ELF"), 0, "core dump"},
    {"hprof", BYTES("JAVA PROFILE 1.0."), 0, "Java heap dump"},
    {"minidump", BYTES("MDMP"), 0, "memory dump"},
    {"vimswap", BYTES("b0VIM "), 0, "Vim swap file"},
    {"ansvault", BYTES("$ANSIBLE_VAULT;1."), 0, "encrypted vault"},
    {"kdbx", BYTES("\x03\xd9\xa2\x9a"), 0, "KeePass database"},
    {"wallet", BYTES("\x62\x31\x05\0"), 12, "wallet"},
    {"dsstore", BYTES("\0\0\0\1" "Bud1"), 0, ".DS_Store (names of files)"},
};

static enum sv_confirm test_content(struct subject *s)
{
    const char *signature = s->f->row->signature;
    for (size_t i = 0; i < sizeof magics / sizeof *magics; i++) {
        if (strcmp(magics[i].signature, signature) != 0)
            continue;
        s->f->what = magics[i].what;
        bool yes = s->text.n >= magics[i].at + magics[i].n &&
                   memcmp(s->text.p + magics[i].at, magics[i].bytes, magics[i].n) == 0;
        if (yes && strcmp(signature, "elfcore") == 0) /* e_type ET_CORE (elf(5)) */
            yes = s->text.n > 17 && s->text.p[16] == 4;
        return yes ? SV_CONFIRM_YES : SV_CONFIRM_NO;
    }
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
        if (strcmp(tests[i].signature, signature) == 0)
            return tests[i].test(s);
    return SV_CONFIRM_NO;
}

void sv_confirm_content(struct sv_arena *a, struct sv_file *f, struct sv_slice head)
{
    struct subject s = {.a = a, .f = f, .text = head};
    f->what = "file";
    f->severity = f->row->severity;
    if (sv_slice_trim(head).n == 0) {
        f->confirm = SV_CONFIRM_EMPTY;
        return;
    }
    f->confirm = test_content(&s);
}
