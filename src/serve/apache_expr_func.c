// SPDX-License-Identifier: Apache-2.0
// Functions and operators of httpd's expressions.
#include <ctype.h>

#include "base/net.h"
#include "serve/apache_expr.h"
#include "serve/client.h"
#include "serve/percent.h"

static struct sv_value unknown(struct ap_expr *e, struct sv_slice function)
{
    return (struct sv_value){
        .s = {"", 0},
        .why = sv_arena_printf(e->r->a, "%.*s() in an expression", (int)function.n, function.p)};
}

/* ---- functions ---- */

/* ap_unescape_url_keep2f(): a bad escape makes it empty, %2f stays. */
static struct sv_value unescape(struct ap_run *r, struct sv_slice s)
{
    char *p = sv_arena_alloc(r->a, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        p[n++] = s.p[i];
        if (s.p[i] != '%')
            continue;
        int c = sv_percent_byte(s, i);
        if (c <= 0)
            return SV_KNOWN(SV_LIT(""));
        if (c == '/')
            continue;
        p[n - 1] = (char)c;
        i += 2;
    }
    return SV_KNOWN((struct sv_slice){p, n});
}

static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static struct sv_value base64(struct ap_run *r, struct sv_slice s)
{
    char *p = sv_arena_alloc(r->a, (s.n + 2) / 3 * 4 + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i += 3) {
        unsigned v = 0;
        for (size_t k = 0; k < 3; k++)
            v = v << 8 | (i + k < s.n ? (unsigned char)s.p[i + k] : 0u);
        for (size_t k = 0; k < 4; k++)
            p[n++] = i + k > s.n ? '=' : base64_digits[v >> (18 - 6 * k) & 63];
    }
    return SV_KNOWN((struct sv_slice){p, n});
}

static struct sv_value unbase64(struct ap_run *r, struct sv_slice s)
{
    char *p = sv_arena_alloc(r->a, s.n + 1);
    size_t n = 0;
    unsigned v = 0, bits = 0;
    for (size_t i = 0; i < s.n; i++) {
        const char *d = s.p[i] ? strchr(base64_digits, s.p[i]) : NULL;
        if (!d)
            break;
        v = v << 6 | (unsigned)(d - base64_digits);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            p[n++] = (char)(v >> bits & 0xff);
        }
    }
    return SV_KNOWN((struct sv_slice){p, n});
}

static struct sv_value file(struct ap_expr *e, struct sv_slice path)
{
    struct sv_slice text;
    struct stat st;
    bool cut = false;
    if (ap_stat(e->r, path, &st) < 0 || S_ISDIR(st.st_mode)) {
        e->failed = true;
        return SV_KNOWN(SV_LIT(""));
    }
    const char *p = sv_arena_copy(e->r->a, path).p;
    if (sv_fs_read(e->r->site->fs, e->r->a, p, SV_MAX_SUBST_BYTES, &text, &cut) < 0 || cut)
        return unknown(e, SV_LIT("file"));
    return SV_KNOWN(text);
}

static struct sv_value filesize(struct ap_run *r, struct sv_slice path)
{
    struct stat st;
    long long size = 0;
    if (ap_stat(r, path, &st) == 0 && S_ISREG(st.st_mode))
        size = (long long)st.st_size;
    return SV_KNOWN(sv_slice_of(sv_arena_printf(r->a, "%lld", size)));
}

struct sv_value ap_expr_function(struct ap_expr *e, struct sv_slice name, struct sv_value arg)
{
    static const struct {
        const char *name;
        enum { REQ, ENV, REQENV, OSENV, EMPTY, LOWER, UPPER, ESCAPE, UNESCAPE, BASE64, UNBASE64,
               FILE_TEXT, FILE_SIZE, MD5, SHA1 } what;
    } table[] = {
        {"req", REQ},         {"http", REQ},         {"req_novary", REQ},  {"env", ENV},
        {"reqenv", REQENV},   {"osenv", OSENV},      {"note", EMPTY},      {"resp", EMPTY},
        {"tolower", LOWER},   {"toupper", UPPER},    {"escape", ESCAPE},   {"unescape", UNESCAPE},
        {"base64", BASE64},   {"unbase64", UNBASE64}, {"file", FILE_TEXT}, {"filesize", FILE_SIZE},
        {"md5", MD5},         {"sha1", SHA1},
    };
    struct sv_value v = SV_KNOWN(SV_LIT(""));
    if (e->dead || e->error || arg.why)
        return arg;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (!sv_slice_is_nocase(name, table[i].name))
            continue;
        switch (table[i].what) {
        case REQ: return ap_header(e->r, arg.s);
        case ENV: return ap_env_value(e->r, arg.s);
        case REQENV: (void)ap_env_get(e->r, arg.s, &v); return v;
        case OSENV: return ap_os_env(e->r, arg.s);
        case MD5: return SV_KNOWN(ap_md5(e->r->a, arg.s));
        case SHA1: return SV_KNOWN(ap_sha1(e->r->a, arg.s));
        case EMPTY: return v;
        case LOWER: return SV_KNOWN(sv_arena_mapped(e->r->a, arg.s, tolower));
        case UPPER: return SV_KNOWN(sv_arena_mapped(e->r->a, arg.s, toupper));
        case ESCAPE: return SV_KNOWN(ap_escape_path(e->r->a, arg.s));
        case UNESCAPE: return unescape(e->r, arg.s);
        case BASE64: return base64(e->r, arg.s);
        case UNBASE64: return unbase64(e->r, arg.s);
        case FILE_TEXT: return file(e, arg.s);
        case FILE_SIZE: return filesize(e->r, arg.s);
        }
    }
    return unknown(e, name);
}

/* ---- operators ---- */

/* Also apr_ipsubnet_create()'s older forms: 10.1 and 10.0.0.0/255.0.0.0. */
static struct sv_slice plain_network(struct ap_run *r, struct sv_slice net)
{
    size_t slash = sv_slice_chr(net, '/');
    struct sv_slice addr = sv_slice_sub(net, 0, slash), mask = sv_slice_sub(net, slash + 1, net.n);
    unsigned dots = 0, bits = 0;
    for (size_t i = 0; i < addr.n; i++)
        dots += addr.p[i] == '.' && i + 1 < addr.n;
    if (sv_slice_chr(addr, ':') < addr.n)
        return net;
    if (slash == net.n && dots < 3) {
        bool open = addr.n && addr.p[addr.n - 1] == '.';
        return sv_slice_of(sv_arena_printf(r->a, "%.*s%s/%u", (int)(addr.n - open), addr.p,
                                           dots == 0 ? ".0.0.0" : dots == 1 ? ".0.0" : ".0",
                                           8 * (dots + 1)));
    }
    if (sv_slice_chr(mask, '.') == mask.n)
        return net;
    while (mask.n) {
        unsigned long long part = 0;
        size_t dot = sv_slice_chr(mask, '.');
        (void)sv_slice_u64(sv_slice_sub(mask, 0, dot), &part);
        for (; part & 0x80; part = part << 1 & 0xff)
            bits++;
        mask = sv_slice_sub(mask, dot + 1, mask.n);
    }
    return sv_slice_of(sv_arena_printf(r->a, "%.*s/%u", (int)addr.n, addr.p, bits));
}

static enum sv_truth in_network(struct ap_run *r, struct sv_slice addr, struct sv_slice net)
{
    unsigned bits = 0;
    bool stranger = r->req->client.n == 0 && sv_slice_is(addr, SV_STRANGER);
    return sv_truth_of(sv_net_holds(plain_network(r, net), addr, &bits) && !(stranger && bits > 0));
}

/* -T: a word that means yes. */
static bool affirmative(struct sv_slice s)
{
    return s.n && !sv_slice_is(s, "0") && !sv_slice_is_nocase(s, "off") &&
           !sv_slice_is_nocase(s, "no") && !sv_slice_is_nocase(s, "false");
}

enum sv_truth ap_expr_unary(struct ap_expr *e, char op, struct sv_value arg, const char **ret_why)
{
    if (arg.why) {
        *ret_why = arg.why;
        return SV_MAYBE;
    }
    switch (op) {
    case 'n': return sv_truth_of(arg.s.n > 0);
    case 'z': return sv_truth_of(arg.s.n == 0);
    case 'T': return sv_truth_of(affirmative(arg.s));
    case 'R': return in_network(e->r, sv_client_addr(e->r->req), arg.s);
    case 'U':
    case 'A': return ap_uri_test(e->r, arg.s, ret_why);
    case 'F': return ap_file_test(e->r, arg.s, ret_why);
    case 'd': case 'e': case 'f': case 's': case 'L': case 'h': case 'x':
        return sv_truth_of(ap_path_test(e->r, op, arg.s));
    default: break;
    }
    ap_expr_fail(e, "an operator of an expression that is not known");
    *ret_why = e->error;
    return SV_MAYBE;
}

enum sv_truth ap_expr_binary(struct ap_expr *e, struct sv_slice op, struct sv_value a,
                             struct sv_value b, const char **ret_why)
{
    if (a.why || b.why) {
        *ret_why = a.why ? a.why : b.why;
        return SV_MAYBE;
    }
    if (sv_slice_is_nocase(op, "ipmatch"))
        return in_network(e->r, a.s, b.s);
    if (sv_slice_is_nocase(op, "strmatch"))
        return sv_truth_of(sv_glob_match(b.s, a.s));
    if (sv_slice_is_nocase(op, "strcmatch"))
        return sv_truth_of(sv_glob_match(sv_arena_mapped(e->r->a, b.s, tolower),
                                         sv_arena_mapped(e->r->a, a.s, tolower)));
    if (sv_slice_is_nocase(op, "fnmatch"))
        return sv_truth_of(sv_glob_match_path(b.s, a.s));
    ap_expr_fail(e, "an operator of an expression that is not known");
    *ret_why = e->error;
    return SV_MAYBE;
}
