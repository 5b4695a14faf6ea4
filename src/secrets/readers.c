// SPDX-License-Identifier: Apache-2.0
// Which file is read by which grammar: one line each.
#include "secrets/readers.h"

#include "secrets/value.h"

struct reader {
    const char *end; /* of the path; a '/' at its start stands for the path's start too */
    void (*read)(struct sv_reading *r, const struct sv_line_grammar *g);
    struct sv_line_grammar g;
};

enum { RAW = SV_READ_RAW, NOCASE = SV_READ_NOCASE };

static const struct reader readers[] = {
    {"/.netrc", sv_read_netrc, {.rule = "netrc-password"}},
    {"/_netrc", sv_read_netrc, {.rule = "netrc-password"}},
    {"/apt/auth.conf", sv_read_netrc, {.rule = "apt-auth-password"}},
    {"/.pgpass", sv_read_fields, {.rule = "pgpass-line", .colons = 4}},
    {"/pgpass.conf", sv_read_fields, {.rule = "pgpass-line", .colons = 4}},
    {"/passwd.client", sv_read_fields, {.rule = "exim-client-password", .colons = 2, .flags = RAW}},
    {"/sasl_passwd", sv_read_fields,
     {.rule = "sasl-password", .words = 1, .colons = 1, .flags = RAW}},
    {"/pam_radius_auth.conf", sv_read_fields, {.rule = "radius-secret", .words = 1}},
    {"/.my.cnf", sv_read_assignments, {" password pass ", "mycnf-password", 0, 0, 0}},
    {"/mysql/debian.cnf", sv_read_assignments, {" password ", "mycnf-password", 0, 0, 0}},
    {"/.smbcredentials", sv_read_assignments, {" password ", "cifs-credentials", RAW, 0, 0}},
    {"/cifs-credentials", sv_read_assignments, {" password ", "cifs-credentials", RAW, 0, 0}},
    {"/supervisord.conf", sv_read_assignments, {" password ", "supervisord-password", 0, 0, 0}},
    {"/sssd.conf", sv_read_assignments,
     {" ldap_default_authtok ", "ldap-bind-password", RAW, 0, 0}},
    {"/dovecot-ldap.conf.ext", sv_read_assignments, {" dnpass ", "ldap-bind-password", 0, 0, 0}},
    {"/clients.conf", sv_read_assignments, {" secret ", "radius-secret", 0, 0, 0}},
    {"/redis.conf", sv_read_directives,
     {" requirepass masterauth ", "redis-requirepass", NOCASE, 0, 0}},
    {"/sentinel.conf", sv_read_directives,
     {" requirepass masterauth ", "redis-requirepass", NOCASE, 0, 0}},
    {"/keepalived.conf", sv_read_directives, {" auth_pass ", "vrrp-auth-pass", 0, 0, 0}},
    {"/nslcd.conf", sv_read_directives,
     {" bindpw rootpwmodpw ", "ldap-bind-password", RAW | NOCASE, 0, 0}},
    {"/pam_ldap.conf", sv_read_directives, {" bindpw ", "ldap-bind-password", RAW | NOCASE, 0, 0}},
    {"/slapd.conf", sv_read_directives, {" rootpw ", "ldap-bind-password", NOCASE, 0, 0}},
};

/* ".env", ".env.production", "app.env": not what shows how one is written. */
static bool is_dotenv(struct sv_slice base)
{
    static const char *const samples[] = {".example", ".sample", ".dist", ".template", ".tpl"};
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++)
        if (sv_slice_ends(base, samples[i]))
            return false;
    return sv_slice_is(base, ".env") || sv_slice_starts(base, ".env.") ||
           (base.n > 4 && sv_slice_ends(base, ".env"));
}

static bool ends(struct sv_slice path, const char *end)
{
    return sv_slice_ends(path, end) || (end[0] == '/' && sv_slice_is(path, end + 1));
}

void sv_readers_run(struct sv_arena *a, struct sv_slice path, struct sv_slice text,
                    struct sv_secret_hits *out)
{
    struct sv_reading r = {a, text, out};
    size_t from = path.n;
    while (from > 0 && path.p[from - 1] != '/')
        from--;
    if (is_dotenv(sv_slice_sub(path, from, path.n)))
        sv_read_dotenv(&r, &(struct sv_line_grammar){.rule = "generic-secret"});
    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++) {
        if (ends(path, readers[i].end)) {
            readers[i].read(&r, &readers[i].g);
            break;
        }
    }
}

void sv_reading_note(struct sv_reading *r, const char *rule, struct sv_slice value, size_t offset)
{
    enum { LEAST = 3, MOST = 4096 };
    if (value.n < LEAST || value.n > MOST || memchr(value.p, 0, value.n))
        return;
    if (value.p[0] == '{' || sv_slice_starts(value, "!vault") || sv_slice_starts(value, "file:") ||
        sv_value_is_placeholder(value)) /* a hash with its scheme, a template, a reference */
        return;
    struct sv_secret_hit hit = {.rule = sv_secret_rule_of(rule), .value = value, .offset = offset};
    for (const char *const *p = hit.rule->placeholders; p && *p; p++)
        hit.placeholder |= sv_slice_is(value, *p);
    sv_vec_push(r->a, &r->out->list, hit);
}

struct sv_slice sv_reading_line(const struct sv_reading *r, size_t *at)
{
    struct sv_slice rest = sv_slice_sub(r->text, *at, r->text.n);
    size_t n = sv_slice_chr(rest, '\n');
    *at += n < rest.n ? n + 1 : n;
    if (n > 0 && rest.p[n - 1] == '\r')
        n--;
    return sv_slice_sub(rest, 0, n);
}
