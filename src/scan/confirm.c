// SPDX-License-Identifier: Apache-2.0
// Does the content agree with the name? First bytes, then structure, libmagic for archives only.
#include <ctype.h>
#include <magic.h>
#include <stdlib.h>

#include "base/late.h"
#include "scan/content.h"

#define LIBMAGIC_FUNCTIONS(F) F(magic_open) F(magic_load) F(magic_buffer) F(magic_close)
SV_LATE(libmagic, SV_LIBMAGIC, LIBMAGIC_FUNCTIONS)

/* ---- signatures ---- */

static enum sv_confirm env(struct sv_content *c)
{
    /* What stands before the first NUL byte is served as well as what is behind it. */
    c->text = sv_slice_sub(c->text, 0, sv_slice_chr(c->text, '\0'));
    if (sv_content_is_html(c->text))
        return SV_CONFIRM_NO;
    if (sv_content_assignments(c, "=") < 1)
        return SV_CONFIRM_NO;
    c->f->what = "environment file";
    return sv_content_by_secrets(c);
}

static enum sv_confirm secretval(struct sv_content *c)
{
    if (sv_content_is_html(c->text))
        return SV_CONFIRM_NO;
    sv_content_assignments(c, "=:");
    c->f->what = "configuration";
    return sv_content_by_secrets(c);
}

static enum sv_confirm git_head(struct sv_content *c)
{
    struct sv_slice t = sv_slice_trim(c->text);
    bool ref = sv_slice_starts(t, "ref: refs/");
    for (size_t i = 0; !ref && i < t.n; i++)
        if (!isxdigit((unsigned char)t.p[i]))
            return SV_CONFIRM_NO;
    c->f->what = "Git repository";
    return ref || t.n == 40 || t.n == 64 ? SV_CONFIRM_YES : SV_CONFIRM_NO;
}

static enum sv_confirm git_config(struct sv_content *c)
{
    if (!sv_content_has(c->text, "[core]") || (!sv_content_has(c->text, "repositoryformatversion") &&
                                              !sv_content_has(c->text, "[remote \"")))
        return SV_CONFIRM_NO;
    c->f->what = "Git repository";
    struct sv_slice rest = c->text;
    for (uint32_t line = 1; rest.n; line++) {
        struct sv_slice t = sv_slice_sub(rest, 0, sv_slice_chr(rest, '\n'));
        rest = sv_slice_sub(rest, t.n + 1, rest.n);
        (void)sv_content_url_password(c, t, line);
    }
    return SV_CONFIRM_YES;
}

/* A statement with rows of its own; "INSERT INTO new SELECT ... FROM old" only moves them. */
static bool inserts_rows(struct sv_slice text)
{
    size_t at;
    while ((at = sv_slice_find(text, "INSERT INTO")) < text.n) {
        text = sv_slice_sub(text, at, text.n);
        struct sv_slice statement = sv_slice_sub(text, 0, sv_slice_chr(text, ';'));
        size_t values = sv_slice_find(statement, "VALUES");
        if (values == statement.n)
            values = sv_slice_find(statement, "values");
        if (values < statement.n && sv_slice_find(statement, "SELECT") > values)
            return true;
        text = sv_slice_sub(text, statement.n, text.n);
    }
    return false;
}

static enum sv_confirm sql(struct sv_content *c)
{
    bool rows = inserts_rows(c->text) ||
                (sv_content_has(c->text, "COPY ") && sv_content_has(c->text, "FROM stdin"));
    if (!rows && !sv_content_has(c->text, "CREATE TABLE"))
        return SV_CONFIRM_NO;
    /* pg_dump writes all tables before all rows: what was not read may hold them. */
    c->f->what = rows           ? "database dump with rows"
                 : c->truncated ? "database dump"
                                : "database schema without rows";
    return rows || c->truncated ? SV_CONFIRM_YES : SV_CONFIRM_TEMPLATE;
}

static enum sv_confirm php(struct sv_content *c)
{
    struct sv_slice head = sv_slice_sub(c->text, 0, 8192);
    if (!sv_content_has(head, "<?php") && !sv_content_has(head, "<?="))
        return SV_CONFIRM_NO;
    c->f->what = "PHP source";
    sv_content_assignments(c, "=,");
    bool refers = c->f->secrets.n == 0 && sv_content_has(c->text, "getenv");
    if (refers && c->f->severity > SV_HIGH)
        c->f->severity = SV_HIGH; /* what makes the name critical is kept elsewhere */
    return SV_CONFIRM_YES;
}

static enum sv_confirm phpinfo(struct sv_content *c)
{
    c->f->what = "phpinfo() page";
    bool calls = sv_content_has(c->text, "phpinfo(") && sv_content_has(c->text, "<?");
    return calls ? SV_CONFIRM_YES : SV_CONFIRM_NO;
}

/* Lines that carry a clock time, as logs do and change logs do not. */
static enum sv_confirm log_lines(struct sv_content *c)
{
    unsigned hits = 0;
    for (size_t i = 0; i + 8 <= c->text.n && hits < 3; i++) {
        const char *p = c->text.p + i;
        if (p[2] == ':' && p[5] == ':' && isdigit((unsigned char)p[0]) &&
            isdigit((unsigned char)p[1]) && isdigit((unsigned char)p[3]) &&
            isdigit((unsigned char)p[4]) && isdigit((unsigned char)p[6])) {
            hits++;
            i += 8;
        }
    }
    c->f->what = "log";
    return hits ? SV_CONFIRM_YES : SV_CONFIRM_NO;
}

static bool starts_as_archive(struct sv_slice t)
{
    static const struct {
        const char *bytes;
        size_t n, at;
    } known[] = {
        {"PK\3\4", 4, 0},         {"PK\5\6", 4, 0},       {"\x1f\x8b\x08", 3, 0},
        {"\xfd" "7zXZ\0", 6, 0},  {"\x28\xb5\x2f\xfd", 4, 0}, {"7z\xbc\xaf\x27\x1c", 6, 0},
        {"Rar!\x1a\x07", 6, 0},   {"ustar", 5, 257},      {"BZh", 3, 0},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (t.n >= known[i].at + known[i].n &&
            memcmp(t.p + known[i].at, known[i].bytes, known[i].n) == 0)
            return true;
    return false;
}

/* Kinds that the first bytes alone do not tell: old tar, lzma, self-extracting files. */
static bool magic_says_archive(const struct sv_content *c)
{
    enum { FLAGS = MAGIC_MIME_TYPE | MAGIC_NO_CHECK_COMPRESS | MAGIC_NO_CHECK_ELF |
                   MAGIC_NO_CHECK_TEXT | MAGIC_NO_CHECK_TOKENS | MAGIC_NO_CHECK_ENCODING };
    struct libmagic lib;
    bool loaded = libmagic_load(&lib), yes = false;
    magic_t m = loaded ? lib.magic_open(FLAGS) : NULL;
    const char *type = NULL;
    if (m && lib.magic_load(m, NULL) == 0)
        type = lib.magic_buffer(m, c->text.p, c->text.n < 4096 ? c->text.n : 4096);
    else
        c->f->unread =
            loaded ? "libmagic has no table of kinds: whether it is an archive is not known"
                   : SV_LATE_REASON("libmagic", ": whether it is an archive is not known");
    static const char *const words[] = {"zip", "tar", "x-rar", "7z", "-xz", "zstd", "lzma",
                                        "java-archive"};
    for (size_t i = 0; type && i < sizeof words / sizeof *words; i++)
        yes |= sv_content_has(sv_slice_of(type), words[i]);
    if (m)
        lib.magic_close(m);
    return yes;
}

static enum sv_confirm archive(struct sv_content *c)
{
    c->f->what = "archive";
    return starts_as_archive(c->text) || magic_says_archive(c) ? SV_CONFIRM_YES
                                                                    : SV_CONFIRM_NO;
}

static enum sv_confirm history(struct sv_content *c)
{
    c->f->what = "command history";
    sv_content_assignments(c, "=");
    bool other = sv_content_is_html(c->text) || sv_content_has(c->text, "function(");
    return other ? SV_CONFIRM_NO : SV_CONFIRM_YES;
}

static enum sv_confirm any(struct sv_content *c)
{
    c->f->what = "left-over copy";
    sv_content_assignments(c, "=:,");
    return SV_CONFIRM_YES;
}

static enum sv_confirm git_log(struct sv_content *c)
{
    struct sv_slice line = sv_slice_sub(c->text, 0, sv_slice_chr(c->text, '\n'));
    c->f->what = "Git repository";
    for (size_t i = 0; i < 40; i++)
        if (i >= line.n || !isxdigit((unsigned char)line.p[i]))
            return SV_CONFIRM_NO;
    return sv_slice_chr(line, '\t') < line.n ? SV_CONFIRM_YES : SV_CONFIRM_NO;
}

static bool line_starts(struct sv_slice text, const char *word)
{
    for (size_t at = 0; at < text.n;) {
        struct sv_slice rest = sv_slice_sub(text, at, text.n);
        if (sv_slice_starts(rest, word))
            return true;
        at += sv_slice_chr(rest, '\n') + 1;
    }
    return false;
}

/* "secrets: [database]" names secrets and holds none. */
static void drop_lists(struct sv_content *c)
{
    size_t n = 0;
    for (size_t i = 0; i < c->f->secrets.n; i++) {
        struct sv_file_secret s = c->f->secrets.v[i];
        if (s.value.n == 0 || (s.value.p[0] != '[' && s.value.p[0] != '{'))
            c->f->secrets.v[n++] = s;
    }
    c->f->secrets.n = n;
}

static enum sv_confirm compose(struct sv_content *c)
{
    static const char *const parts[] = {"image:", "build:", "environment:", "env_file:", "volumes:",
                                        "ports:"}; /* an override file may have no image */
    bool any = false;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        any |= sv_content_has(c->text, parts[i]);
    if (!any || !line_starts(c->text, "services:"))
        return SV_CONFIRM_NO;
    sv_content_assignments(c, "=:");
    drop_lists(c);
    c->f->what = "Compose file";
    return SV_CONFIRM_YES;
}

static enum sv_confirm dockerfile(struct sv_content *c)
{
    if (!line_starts(c->text, "FROM ") && !line_starts(c->text, "from "))
        return SV_CONFIRM_NO;
    sv_content_assignments(c, "=");
    c->f->what = "Dockerfile";
    return SV_CONFIRM_YES;
}

static enum sv_confirm kubeconfig(struct sv_content *c)
{
    if (!sv_content_has(c->text, "kind: Config"))
        return SV_CONFIRM_NO;
    sv_content_assignments(c, ":");
    c->f->what = "Kubernetes client configuration";
    bool key = sv_content_has(c->text, "client-key-data:") || sv_content_has(c->text, "token:") ||
               sv_content_has(c->text, "password:");
    return key ? SV_CONFIRM_YES : SV_CONFIRM_TEMPLATE;
}

static enum sv_confirm aof(struct sv_content *c)
{
    size_t at = 1;
    c->f->what = "Redis append-only file";
    while (at < c->text.n && isdigit((unsigned char)c->text.p[at]))
        at++;
    struct sv_slice rest = sv_slice_sub(c->text, at, c->text.n);
    return c->text.p[0] == '*' && at > 1 && sv_slice_starts(rest, "\r\n$")
               ? SV_CONFIRM_YES
               : SV_CONFIRM_NO;
}

static uint32_t little_endian(const char *p)
{
    const unsigned char *b = (const unsigned char *)p;
    return b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

/* A document's length, and a zero byte where it ends (bsonspec.org). */
static enum sv_confirm bson(struct sv_content *c)
{
    uint32_t n = c->text.n > 8 ? little_endian(c->text.p) : 0;
    c->f->what = "MongoDB dump";
    if (n < 5 || n > 16u << 20)
        return SV_CONFIRM_NO;
    return n > c->text.n ? (c->truncated ? SV_CONFIRM_YES : SV_CONFIRM_NO)
           : c->text.p[n - 1] == 0 ? SV_CONFIRM_YES
                                   : SV_CONFIRM_NO;
}

/* A tablespace begins with page 0 of type FSP_HDR (8), whose LSN stands at 16 and type at 24. */
static enum sv_confirm innodb(struct sv_content *c)
{
    c->f->what = "InnoDB tablespace";
    return c->text.n >= 64 && memcmp(c->text.p + 4, "\0\0\0\0", 4) == 0 && c->text.p[24] == 0 &&
                   c->text.p[25] == 8
               ? SV_CONFIRM_YES
               : SV_CONFIRM_NO;
}

static enum sv_confirm svn_database(struct sv_content *c)
{
    c->f->what = "Subversion working copy";
    return sv_slice_starts(c->text, "SQLite format 3") && sv_content_has(c->text, "NODES")
               ? SV_CONFIRM_YES
               : SV_CONFIRM_NO;
}

/* A folder's first file stands for the folder. */
static enum sv_confirm in_folder(struct sv_content *c)
{
    c->f->what = "private folder";
    sv_content_assignments(c, "=:");
    return SV_CONFIRM_YES;
}

static enum sv_confirm xml_secrets(struct sv_content *c)
{
    return sv_content_xml(c, SV_LIT(""), true);
}

/* ---- has:, all:, begin:, hex:, xml: ---- */

static bool begins_with_hex(struct sv_slice text, struct sv_slice hex)
{
    for (size_t i = 0; i + 1 < hex.n; i += 2) {
        char pair[3] = {hex.p[i], hex.p[i + 1], '\0'};
        if (i / 2 >= text.n || (unsigned char)text.p[i / 2] != strtoul(pair, NULL, 16))
            return false;
    }
    return true;
}

static bool one_word(struct sv_content *c, struct sv_slice kind, struct sv_slice word)
{
    const char *text = sv_arena_copy(c->a, word).p;
    if (sv_slice_is(kind, "begin"))
        return sv_slice_starts(c->text, text);
    if (sv_slice_is(kind, "hex"))
        return begins_with_hex(c->text, word);
    return sv_content_has(c->text, text);
}

static enum sv_confirm by_words(struct sv_content *c, struct sv_slice kind, struct sv_slice words)
{
    bool every = sv_slice_is(kind, "all");
    size_t end = sv_slice_find(words, ";secret");
    bool secrets = end < words.n;
    words = sv_slice_sub(words, 0, end);
    if (sv_slice_is(kind, "xml"))
        return sv_content_xml(c, words, secrets);
    if (sv_content_is_html(c->text))
        return SV_CONFIRM_NO;
    bool hit = every;
    while (words.n) {
        struct sv_slice word = sv_slice_sub(words, 0, sv_slice_chr(words, '|'));
        words = sv_slice_sub(words, word.n + 1, words.n);
        if (one_word(c, kind, word) != every)
            hit = !every;
    }
    if (!hit)
        return SV_CONFIRM_NO;
    c->f->what = c->f->row->category == SV_CAT_DUMP      ? "data"
                 : c->f->row->category == SV_CAT_KEY     ? "credentials"
                 : c->f->row->category == SV_CAT_HISTORY ? "history"
                                                         : "configuration";
    struct sv_slice trimmed = sv_slice_trim(c->text);
    if (secrets && trimmed.n && trimmed.p[0] == '{')
        (void)sv_content_json(c);
    else if (secrets)
        sv_content_assignments(c, "=:");
    return SV_CONFIRM_YES;
}

/* ---- tables ---- */

static const struct {
    const char *signature;
    enum sv_confirm (*test)(struct sv_content *c);
} tests[] = {
    {"envkv", env}, {"secretval", secretval}, {"json", sv_content_json},
    {"javaprops", secretval}, {"yamlkv", secretval}, {"xmlroot", xml_secrets},
    {"compose", compose}, {"dockerfile", dockerfile}, {"kubeconfig", kubeconfig},
    {"npmrc", sv_content_npmrc}, {"netrc", sv_content_netrc}, {"awscred", secretval},
    {"gcpsa", sv_content_pem}, {"dockercfg", sv_content_json}, {"tfstate", sv_content_json},
    {"composerauth", sv_content_json}, {"wireguard", secretval}, {"nginxconf", secretval},
    {"pgpass", sv_content_pgpass}, {"urlcred", sv_content_urls}, {"hex32", sv_content_hex32},
    {"token", sv_content_token}, {"githead", git_head}, {"gitconfig", git_config},
    {"pemkey", sv_content_key}, {"derkey", sv_content_key}, {"sqltext", sql},
    {"phpsrc", php}, {"phpinfo", phpinfo}, {"htpasswd", sv_content_htpasswd},
    {"phpinfoalone", sv_content_phpinfo_alone},
    {"htdigest", sv_content_htdigest}, {"shadow", sv_content_shadow}, {"phplog", log_lines},
    {"laravellog", log_lines}, {"accesslog", log_lines}, {"nginxerr", log_lines},
    {"javalog", log_lines}, {"genlog", log_lines}, {"archive", archive}, {"zip", archive},
    {"gzip", archive}, {"bzip2", archive}, {"xz", archive}, {"zstd", archive}, {"7z", archive},
    {"rar", archive}, {"tar", archive}, {"history", history}, {"any", any},
    {"s3fs", sv_content_s3fs}, {"svnentries", sv_content_svn_entries},
    {"sess", sv_content_session}, {"gitlog", git_log}, {"redisaof", aof},
    {"pkcs12", sv_content_pkcs12}, {"jks", sv_content_java_store}, {"kdbx", sv_content_key},
    {"ppk", sv_content_pem}, {"pgpkey", sv_content_pgp}, {"bson", bson},
    {"innodb", innodb}, {"svnwc", svn_database}, {"dir", in_folder},
};

#define BYTES(s) s, sizeof(s) - 1
static const struct {
    const char *signature, *bytes;
    size_t n, at;
    const char *what;
} magics[] = {
    {"sqlite", BYTES("SQLite format 3\0"), 0, "SQLite database"},
    {"gitindex", BYTES("DIRC"), 0, "Git repository"},
    {"pgcustom", BYTES("PGDMP"), 0, "PostgreSQL dump"},
    {"mssqlbak", BYTES("TAPE"), 0, "SQL Server backup"},
    {"mssqlbak", BYTES("MSSQLBAK"), 0, "SQL Server backup"},
    {"rdb", BYTES("REDIS"), 0, "Redis dump"},
    {"mdb", BYTES("\0\1\0\0Standard "), 0, "Access database"},
    {"elfcore", BYTES("\x7f" "ELF"), 0, "core dump"},
    {"hprof", BYTES("JAVA PROFILE 1.0."), 0, "Java heap dump"},
    {"minidump", BYTES("MDMP"), 0, "memory dump"},
    {"vimswap", BYTES("b0VIM "), 0, "Vim swap file"},
    {"ansvault", BYTES("$ANSIBLE_VAULT;1."), 0, "encrypted vault"},
    {"wallet", BYTES("\x62\x31\x05\0"), 12, "wallet"},
    {"dsstore", BYTES("\0\0\0\1" "Bud1"), 0, ".DS_Store (names of files)"},
};

static bool magic_agrees(struct sv_slice t, size_t i)
{
    bool yes = t.n >= magics[i].at + magics[i].n &&
               memcmp(t.p + magics[i].at, magics[i].bytes, magics[i].n) == 0;
    if (strcmp(magics[i].signature, "elfcore") == 0) /* e_type ET_CORE (elf(5)) */
        return yes && t.n > 17 && t.p[16] == 4;
    return yes;
}

static enum sv_confirm test_content(struct sv_content *c)
{
    const char *signature = c->f->row->signature;
    for (size_t i = 0; i < sizeof magics / sizeof *magics; i++) {
        if (strcmp(magics[i].signature, signature) != 0 || !magic_agrees(c->text, i))
            continue;
        c->f->what = magics[i].what;
        return SV_CONFIRM_YES;
    }
    struct sv_slice words = sv_slice_of(signature);
    size_t colon = sv_slice_chr(words, ':');
    if (colon < words.n)
        return by_words(c, sv_slice_sub(words, 0, colon), sv_slice_sub(words, colon + 1, words.n));
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
        if (strcmp(tests[i].signature, signature) == 0)
            return tests[i].test(c);
    return SV_CONFIRM_NO;
}

void sv_confirm_content(struct sv_arena *a, struct sv_file *f, struct sv_slice head,
                        bool truncated)
{
    struct sv_content c = {.a = a, .f = f, .text = head, .truncated = truncated};
    f->what = "file";
    f->severity = f->row->severity;
    if (sv_slice_trim(head).n == 0 && !truncated) {
        f->confirm = SV_CONFIRM_EMPTY;
        return;
    }
    f->confirm = test_content(&c);
    bool agrees = f->confirm == SV_CONFIRM_YES || f->confirm == SV_CONFIRM_TEMPLATE;
    if (agrees && sv_content_documents(&c))
        f->confirm = SV_CONFIRM_YES;
}
