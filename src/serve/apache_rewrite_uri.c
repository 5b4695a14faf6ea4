// SPDX-License-Identifier: Apache-2.0
// URIs and paths as mod_rewrite cuts and tests them.
#include <errno.h>

#include "serve/apache_names.h"
#include "serve/apache_rewrite.h"

size_t ap_uri_scheme(struct sv_slice uri, bool *ret_query)
{
    static const struct {
        const char *text;
        bool query;
    } schemes[] = {
        {"ajp://", true},  {"balancer://", true}, {"fcgi://", true},  {"ftp://", false},
        {"gopher://", false}, {"h2://", true},    {"h2c://", true},   {"http://", true},
        {"https://", true}, {"ldap://", false},   {"mailto:", true},  {"news:", false},
        {"nntp://", false}, {"scgi://", true},    {"uwsgi://", true}, {"ws://", true},
        {"wss://", true},
    };
    for (size_t i = 0; uri.n > 5 && i < sizeof schemes / sizeof *schemes; i++) {
        size_t n = strlen(schemes[i].text);
        if (sv_slice_is_nocase(sv_slice_sub(uri, 0, n), schemes[i].text)) {
            *ret_query = schemes[i].query;
            return n;
        }
    }
    *ret_query = false;
    return 0;
}

struct sv_slice ap_concat(struct sv_arena *a, struct sv_slice x, struct sv_slice y)
{
    char *p = sv_arena_alloc(a, x.n + y.n + 1);
    if (x.n)
        memcpy(p, x.p, x.n);
    if (y.n)
        memcpy(p + x.n, y.p, y.n);
    return (struct sv_slice){p, x.n + y.n};
}

struct sv_slice ap_escape_full_uri(struct sv_arena *a, struct sv_slice uri)
{
    bool query;
    size_t at = ap_uri_scheme(uri, &query);
    if (at && uri.p[at - 1] == '/') {
        at += sv_slice_chr(sv_slice_sub(uri, at, uri.n), '/');
        at = at < uri.n ? at + 1 : at;
    }
    struct sv_slice rest = sv_slice_sub(uri, at, uri.n);
    return rest.n ? ap_concat(a, sv_slice_sub(uri, 0, at), ap_escape_path(a, rest)) : uri;
}

struct sv_slice ap_replace_prefix(struct sv_arena *a, struct sv_slice text, struct sv_slice dir,
                                  struct sv_slice subst)
{
    size_t n = dir.n && dir.p[dir.n - 1] == '/' ? dir.n - 1 : dir.n;
    if (text.n <= n || text.p[n] != '/' || !sv_slice_eq(sv_slice_sub(text, 0, n),
                                                        sv_slice_sub(dir, 0, n)))
        return text;
    if (subst.n && subst.p[subst.n - 1] != '/')
        subst = ap_concat(a, subst, SV_LIT("/"));
    return ap_concat(a, subst, sv_slice_sub(text, n + 1, text.n));
}

bool ap_printable(struct sv_slice s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] <= ' ' || s.p[i] == 0x7f)
            return false;
    return true;
}

int ap_stat(struct ap_run *r, struct sv_slice path, struct stat *ret)
{
    /* A relative name would be looked up in the folder that the server was started in. */
    if (path.n == 0 || path.p[0] != '/' || path.n >= SV_MAX_PATH)
        return -ENOENT;
    const char *p = sv_arena_copy(r->a, path).p;
    int rc = sv_fs_stat(r->site->fs, p, ret);
    if (rc == 0 && r->site->worker_known) {
        struct sv_access_answer acc = sv_access_check(r->site->fs, r->a, &r->site->worker, p, 0);
        if (acc.access == SV_ACCESS_NO && acc.error)
            return -acc.error;
    }
    if (rc == 0 && !S_ISDIR(ret->st_mode) && path.n > 1 && path.p[path.n - 1] == '/')
        return -ENOTDIR;
    return rc;
}

bool ap_path_test(struct ap_run *r, char test, struct sv_slice path)
{
    struct stat st;
    if (test == 'h' || test == 'l' || test == 'L') {
        bool plain = path.n && path.p[0] == '/' && path.n < SV_MAX_PATH;
        return plain && sv_fs_lstat(r->site->fs, sv_arena_copy(r->a, path).p, &st) == 0 &&
               S_ISLNK(st.st_mode);
    }
    if (ap_stat(r, path, &st) < 0)
        return false;
    switch (test) {
    case 'd': return S_ISDIR(st.st_mode);
    case 'f': return S_ISREG(st.st_mode);
    case 's': return S_ISREG(st.st_mode) && st.st_size > 0;
    case 'x': return st.st_mode & 0111;
    default: return true; /* -e */
    }
}

/* httpd keeps a sub-request for the very URI of its parent from asking again. */
static bool may_ask(struct ap_run *r, struct sv_slice what, enum sv_truth *ret_answer,
                    const char **ret_why)
{
    *ret_answer = SV_FALSE;
    if (what.n == 0 || (r->parent && sv_slice_eq(r->parent->uri, r->uri)))
        return false;
    if (r->expr_depth < SV_MAX_LOOKUPS)
        return true;
    *ret_why = "look-ups that ask for look-ups";
    *ret_answer = SV_MAYBE;
    return false;
}

static enum sv_truth asked(const struct ap_run *sub, int status, int below, const char **ret_why)
{
    if (status >= 0)
        return sv_truth_of(status < below);
    *ret_why = sub->ans.unknown ? sub->ans.unknown : "the outcome of a look-ahead request";
    return SV_MAYBE;
}

enum sv_truth ap_uri_test(struct ap_run *r, struct sv_slice uri, const char **ret_why)
{
    enum sv_truth answer;
    struct ap_run sub = {0};
    if (!may_ask(r, uri, &answer, ret_why))
        return answer;
    r->expr_depth++;
    int status = ap_lookup(r, uri, &sub);
    r->expr_depth--;
    return asked(&sub, status, 400, ret_why);
}

enum sv_truth ap_file_test(struct ap_run *r, struct sv_slice path, const char **ret_why)
{
    enum sv_truth answer;
    struct ap_run sub = {0};
    struct stat st;
    if (!may_ask(r, path, &answer, ret_why))
        return answer;
    r->expr_depth++;
    int status = ap_lookup_file(r, path, &sub);
    r->expr_depth--;
    return ap_stat(r, sub.filename, &st) < 0 ? SV_FALSE : asked(&sub, status, 300, ret_why);
}
