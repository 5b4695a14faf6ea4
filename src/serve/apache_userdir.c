// SPDX-License-Identifier: Apache-2.0
// UserDir, VirtualDocumentRoot, and modules from outside httpd's tree that claim URLs.
#include <ctype.h>

#include "serve/apache_names.h"

const char *ap_document_root(const struct ap_run *r)
{
    if (r->virtual_root)
        return r->virtual_root;
    const struct sv_node *n = r->server->document_root;
    struct sv_slice v = n ? sv_node_arg(n, 0) : SV_LIT("/usr/local/apache2/htdocs");
    const char *dir = ap_path_merge(r->a, r->site->apache->tree.server_root, v);
    size_t len = strlen(dir);
    return len > 1 && dir[len - 1] == '/' ? sv_arena_copy(r->a, (struct sv_slice){dir, len - 1}).p
                                          : dir;
}

/* ---- mod_userdir ---- */

/* UserDir as one server sets it. */
struct userdir {
    const struct sv_node *folders; /* the last line that names folders */
    int global;                    /* "disabled" alone: 1, "enabled" alone: 2, else 0 */
    bool disabled, enabled;        /* this user by name */
};

static void read_userdir(const struct sv_scope *s, struct sv_slice user, struct userdir *u)
{
    for (const struct sv_node *n = NULL; (n = ap_own_next(s, "userdir", n));) {
        bool off = sv_slice_is_nocase(sv_node_arg(n, 0), "disable") ||
                   sv_slice_is_nocase(sv_node_arg(n, 0), "disabled");
        bool on = sv_slice_is_nocase(sv_node_arg(n, 0), "enable") ||
                  sv_slice_is_nocase(sv_node_arg(n, 0), "enabled");
        if (!off && !on) {
            u->folders = n;
            continue;
        }
        if (n->n_args == 1)
            u->global = off ? 1 : 2;
        for (uint32_t i = 1; i < n->n_args; i++)
            if (sv_slice_eq(sv_node_arg(n, i), user))
                *(off ? &u->disabled : &u->enabled) = true;
    }
}

/* One folder of the list: a path, a redirect, or neither (an unknown user). */
static const char *user_folder(const struct ap_run *r, struct sv_slice dir, struct sv_slice user,
                               bool *ret_url)
{
    size_t star = sv_slice_chr(dir, '*');
    struct sv_slice prefix = sv_slice_sub(dir, 0, star);
    bool absolute = dir.n && dir.p[0] == '/', starred = star < dir.n;
    struct sv_slice rest = starred ? sv_slice_sub(dir, star + 1, dir.n) : dir;
    /* Only with a star it can be a URL, and what follows the star is lost then. */
    *ret_url = !absolute && starred && sv_slice_chr(prefix, ':') < prefix.n;
    if (*ret_url)
        rest.n = 0;
    if (absolute || *ret_url || rest.n == 0)
        return starred ? sv_arena_printf(r->a, "%.*s%.*s%.*s", (int)prefix.n, prefix.p,
                                         (int)user.n, user.p, (int)rest.n, rest.p)
                       : sv_arena_printf(r->a, "%.*s/%.*s", (int)dir.n, dir.p, (int)user.n, user.p);
    const char *home = sv_identity_home(r->site->ids, r->a, user);
    return home ? sv_arena_printf(r->a, "%s/%.*s", home, (int)rest.n, rest.p) : NULL;
}

enum ap_step ap_userdir(struct ap_run *r)
{
    const struct sv_scope *own = r->vhost->scope, *top = r->server->main_scope;
    struct userdir u = {0}, base = {0};
    if (r->uri.n < 2 || r->uri.p[0] != '/' || r->uri.p[1] != '~')
        return AP_DECLINED;
    struct sv_slice rest = sv_slice_sub(r->uri, 2, r->uri.n);
    struct sv_slice user = sv_slice_sub(rest, 0, sv_slice_chr(rest, '/'));
    rest = sv_slice_sub(rest, user.n, rest.n);
    /* A server with a UserDir of its own does not inherit the lists of names; the folders and the
     * plain switch it does. */
    read_userdir(sv_scope_own(own, "userdir") ? own : top, user, &u);
    read_userdir(top, user, &base);
    if (!u.folders)
        u.folders = base.folders;
    if (!u.global)
        u.global = base.global;
    bool dots = sv_slice_is(user, ".") || sv_slice_is(user, "..");
    if (!u.folders || user.n == 0 || dots || u.disabled || (u.global == 1 && !u.enabled))
        return AP_DECLINED;
    for (uint32_t i = 0; i < u.folders->n_args; i++) {
        struct stat st;
        bool url, last = i + 1 == u.folders->n_args;
        const char *dir = user_folder(r, sv_node_arg(u.folders, i), user, &url);
        if (!dir)
            continue;
        const char *full = sv_arena_printf(r->a, "%s%.*s", dir, (int)rest.n, rest.p);
        if (url) {
            ap_why(r, u.folders);
            return ap_redirect_to(r, 302, sv_slice_of(full));
        }
        if (!last && sv_fs_stat(r->site->fs, dir, &st) < 0)
            continue;
        r->filename = sv_slice_of(full);
        r->context_prefix = sv_slice_sub(r->uri, 0, r->uri.n - rest.n);
        r->context_root = sv_slice_of(dir);
        r->mapped_by = u.folders;
        return AP_OK;
    }
    return AP_DECLINED;
}

/* ---- mod_vhost_alias ---- */

/* Part n of the dotted name: from the end if negative, with all beyond it if `plus`. */
static struct sv_slice name_part(struct sv_slice name, int n, bool negative, bool plus)
{
    size_t start = 0, end = name.n;
    if (n == 0)
        return name;
    for (int i = n; i > 0 && !negative; i--) {
        size_t dot = start;
        while (dot < name.n && name.p[dot] != '.')
            dot++;
        if (i == 1) {
            end = plus ? name.n : dot;
        } else if (dot == name.n) {
            return (struct sv_slice){"", 0};
        } else {
            start = dot + 1;
        }
    }
    for (int i = n; i > 0 && negative; i--) {
        size_t dot = end;
        while (dot > 0 && name.p[dot - 1] != '.')
            dot--;
        if (i == 1)
            start = plus ? 0 : dot;
        else if (dot == 0)
            return (struct sv_slice){"", 0};
        else
            end = dot - 1;
    }
    return sv_slice_sub(name, start, end);
}

static struct sv_slice letters(struct sv_slice part, int m, bool negative, bool plus)
{
    size_t k = (size_t)m;
    if (m == 0)
        return part;
    if (k > part.n)
        return (struct sv_slice){"", 0};
    if (negative)
        return sv_slice_sub(part, plus ? 0 : part.n - k, part.n - k + 1);
    return sv_slice_sub(part, k - 1, plus ? part.n : k);
}

static int number(struct sv_slice f, size_t *io, bool *ret_negative, bool *ret_plus)
{
    size_t i = *io;
    *ret_negative = i < f.n && f.p[i] == '-';
    i += *ret_negative;
    int n = i < f.n && isdigit((unsigned char)f.p[i]) ? f.p[i++] - '0' : 0;
    *ret_plus = i < f.n && f.p[i] == '+';
    i += *ret_plus;
    *io = i;
    return n;
}

/* vhost_alias_interpolate() */
static struct sv_slice interpolate(struct ap_run *r, struct sv_slice f, struct sv_slice name)
{
    const char *out = "";
    for (size_t i = 0; i < f.n;) {
        size_t to = i + sv_slice_chr(sv_slice_sub(f, i, f.n), '%');
        out = sv_arena_printf(r->a, "%s%.*s", out, (int)(to - i), f.p + i);
        i = to + 1;
        if (to >= f.n)
            break;
        if (i < f.n && (f.p[i] == '%' || f.p[i] == 'p')) {
            out = f.p[i] == '%' ? sv_arena_printf(r->a, "%s%%", out)
                                : sv_arena_printf(r->a, "%s%u", out, r->req->port);
            i++;
            continue;
        }
        bool neg, plus, neg2 = false, plus2 = false;
        int n = number(f, &i, &neg, &plus), m = 0;
        if (i < f.n && f.p[i] == '.') {
            i++;
            m = number(f, &i, &neg2, &plus2);
        }
        struct sv_slice part = letters(name_part(name, n, neg, plus), m, neg2, plus2);
        out = part.n ? sv_arena_printf(r->a, "%s%.*s", out, (int)part.n, part.p)
                     : sv_arena_printf(r->a, "%s_", out);
        if (strlen(out) > SV_MAX_PATH)
            break;
    }
    size_t len = strlen(out);
    return (struct sv_slice){out, len && out[len - 1] == '/' ? len - 1 : len};
}

/* The last of the two spellings of one setting: by name, or by address. */
static const struct sv_node *virtual_root(const struct ap_run *r, const char *by_name,
                                          const char *by_ip)
{
    const struct sv_node *a = ap_server_get(r, by_name), *b = ap_server_get(r, by_ip);
    const struct sv_node *n = a && b ? (a->span.start > b->span.start ? a : b) : a ? a : b;
    return n && !sv_slice_is_nocase(sv_node_arg(n, 0), "none") ? n : NULL;
}

/* The only address that the connection can have come to, or empty. */
static struct sv_slice only_address(const struct ap_run *r)
{
    struct sv_slice found = r->local;
    if (found.n)
        return found;
    if (!r->group->wildcard)
        return r->group->addr;
    sv_vec_each(l, &r->site->vhosts.v[0]->listens)
    {
        if (l->port != r->req->port)
            continue;
        if (l->wildcard || (found.n && !sv_slice_eq(found, l->addr)))
            return (struct sv_slice){"", 0};
        found = l->addr;
    }
    return found;
}

enum ap_step ap_vhost_alias(struct ap_run *r)
{
    const struct sv_node *cgi = virtual_root(r, "virtualscriptalias", "virtualscriptaliasip");
    const struct sv_node *n = virtual_root(r, "virtualdocumentroot", "virtualdocumentrootip");
    struct sv_slice uri = r->uri;
    bool script = cgi && sv_slice_starts(uri, "/cgi-bin/");
    if (script) {
        n = cgi;
        uri = sv_slice_sub(uri, 8, uri.n);
    }
    if (!n)
        return AP_DECLINED;
    struct sv_slice name = r->host.n ? r->host : ap_server_hostname(r);
    const struct sv_node *canonical = ap_get(r, "usecanonicalname", NULL);
    if (sv_slice_ends(n->name, "ip")) {
        name = only_address(r);
        if (name.n == 0) {
            ap_why(r, n);
            return ap_unknown(r, "the address that the connection came to");
        }
    } else if (canonical && sv_slice_is_nocase(sv_node_arg(canonical, 0), "on")) {
        name = ap_server_hostname(r);
    }
    struct sv_slice dir = interpolate(r, sv_node_arg(n, 0), name);
    r->filename = sv_slice_of(
        sv_arena_printf(r->a, "%.*s%.*s", (int)dir.n, dir.p, (int)uri.n, uri.p));
    r->mapped_by = n;
    r->virtual_root = sv_arena_copy(r->a, dir).p;
    if (script) {
        r->handler = SV_LIT("cgi-script");
        r->handler_node = n;
        r->scripted = true;
    }
    return AP_OK;
}

/* ---- modules from elsewhere ---- */

enum ap_step ap_foreign_translate(struct ap_run *r)
{
    static const struct {
        const char *name;
        enum sv_outcome outcome;
    } table[] = {{"wsgiscriptalias", SV_OUT_HANDLER}, {"jkmount", SV_OUT_PROXIED}};
    const struct sv_scope *scopes[] = {r->vhost->scope, r->server->main_scope};
    for (size_t t = 0; t < sizeof table / sizeof *table; t++) {
        for (size_t k = 0; k < 2 && (k == 0 || scopes[0] != scopes[1]); k++) {
            for (const struct sv_node *n = NULL; (n = ap_own_next(scopes[k], table[t].name, n));) {
                struct sv_slice fake = sv_node_arg(n, 0);
                bool jk = table[t].outcome == SV_OUT_PROXIED;
                size_t l = jk ? sv_glob_match(fake, r->uri) : ap_alias_match(r->uri, fake);
                if (l == 0)
                    continue;
                ap_why(r, n);
                if (jk)
                    return ap_send(r, SV_OUT_PROXIED, 0);
                struct sv_slice real = sv_node_arg(n, 1);
                r->filename = sv_slice_of(sv_arena_printf(r->a, "%.*s%.*s", (int)real.n, real.p,
                                                          (int)(r->uri.n - l), r->uri.p + l));
                r->handler = SV_LIT("wsgi-script");
                r->handler_node = r->mapped_by = n;
                r->scripted = true;
                return AP_OK;
            }
        }
    }
    return AP_DECLINED;
}
