// SPDX-License-Identifier: Apache-2.0
// The conditions that httpd decides while it reads a file: IfModule, IfDefine and their like.
// on.
#include "base/limits.h"
#include "base/regex.h"
#include "syntax/apache_directive.h"
#include "syntax/apache_internal.h"

/* The version that is taken for granted; a host does not say in its configuration which it runs. */
static const unsigned version[3] = {2, 4, 71};

typedef bool test_fn(struct ap_parser *p, struct sv_node *n, struct sv_slice arg);

static bool test_module(struct ap_parser *p, struct sv_node *n, struct sv_slice arg)
{
    (void)n;
    return sv_apache_has_module(p->load->tree, arg);
}

static bool test_define(struct ap_parser *p, struct sv_node *n, struct sv_slice arg)
{
    (void)n;
    return ap_defined(p->load, arg);
}

static bool test_file(struct ap_parser *p, struct sv_node *n, struct sv_slice arg)
{
    struct stat st;
    if (p->load->file_tests++ == SV_MAX_CONFIG_FILES)
        ap_complain(p, SV_DIAG_ERROR, n->head, "more than %d <IfFile>; the rest is taken for false",
                    SV_MAX_CONFIG_FILES);
    if (p->load->file_tests > SV_MAX_CONFIG_FILES || !p->sx->fs || arg.n >= SV_MAX_PATH)
        return false;
    const char *path =
        sv_path_join(p->sx->arena, p->load->tree->server_root, sv_arena_copy(p->sx->arena, arg).p);
    return sv_fs_stat(p->sx->fs, path, &st) == 0;
}

/* ---- IfVersion ---- */

static bool read_version(struct sv_slice s, unsigned ret[3])
{
    for (unsigned i = 0; i < 3; i++) {
        size_t n = sv_slice_chr(s, '.');
        unsigned long long v;
        if (!sv_slice_u64(sv_slice_sub(s, 0, n), &v) || v > 100000)
            return false;
        ret[i] = (unsigned)v;
        if (n == s.n)
            return true;
        s = sv_slice_sub(s, n + 1, s.n);
    }
    return false;
}

static int compare_version(const unsigned wanted[3])
{
    for (unsigned i = 0; i < 3; i++)
        if (version[i] != wanted[i])
            return version[i] < wanted[i] ? -1 : 1;
    return 0;
}

static bool match_version(struct ap_parser *p, struct sv_node *n, struct sv_slice pattern)
{
    struct sv_regex_pool *pool = sv_regex_pool_new();
    struct sv_err err;
    struct sv_regex *re = sv_regex_get(pool, pattern, 0, &err);
    const char *text =
        sv_arena_printf(p->sx->arena, "%u.%u.%u", version[0], version[1], version[2]);
    if (!re)
        ap_complain(p, SV_DIAG_ERROR, n->head, "this expression is not valid: %s", err.text);
    bool hit = re && sv_regex_match(re, sv_slice_of(text), 0, NULL) == SV_MATCH_YES;
    sv_regex_pool_free(pool);
    return hit;
}

static bool holds_version(struct ap_parser *p, struct sv_node *n, struct sv_slice op,
                          struct sv_slice arg)
{
    unsigned wanted[3] = {0};
    bool slashes = arg.n > 1 && arg.p[0] == '/' && arg.p[arg.n - 1] == '/';
    if (sv_slice_is(op, "~"))
        return match_version(p, n, arg);
    if (slashes && (sv_slice_is(op, "=") || sv_slice_is(op, "==")))
        return match_version(p, n, sv_slice_sub(arg, 1, arg.n - 1));
    if (!read_version(arg, wanted)) {
        ap_complain(p, SV_DIAG_ERROR, n->head, "a version such as 2.4.10 was expected, not \"%s\"",
                    ap_shown(p, arg));
        return false;
    }
    int c = compare_version(wanted);
    if (sv_slice_is(op, "=") || sv_slice_is(op, "=="))
        return c == 0;
    if (sv_slice_is(op, ">"))
        return c > 0;
    if (sv_slice_is(op, ">="))
        return c >= 0;
    if (sv_slice_is(op, "<"))
        return c < 0;
    if (sv_slice_is(op, "<="))
        return c <= 0;
    ap_complain(p, SV_DIAG_ERROR, n->head,
                "one of = == > >= < <= ~ was expected, perhaps behind \"!\", not \"%s\"",
                ap_shown(p, op));
    return false;
}

static bool if_version(struct ap_parser *p, struct sv_node *n)
{
    struct sv_slice op = sv_node_arg(n, 0), arg = sv_node_arg(n, 1);
    if (n->n_args == 1) {
        arg = op;
        op = SV_LIT("=");
    }
    bool negated = op.n > 1 && op.p[0] == '!';
    op = sv_slice_sub(op, negated, op.n);
    if (n->n_args == 0 || n->n_args > 2) {
        ap_complain(p, SV_DIAG_ERROR, n->head,
                    "an operator and a version were expected after \"<IfVersion\"");
        return false;
    }
    return holds_version(p, n, op, arg) != negated;
}

/* ---- all of them ---- */

/* What a module brings that does not come with httpd is not known; httpd would know it. */
static bool knows(struct ap_parser *p, struct sv_slice name, bool section)
{
    const struct sv_apache_tree *t = p->load->tree;
    return sv_apache_directive_in(t, name, section) ||
           (!sv_apache_directive(name, section) &&
            (!t->modules_known || sv_apache_has_foreign_module(p->sx->arena, t)));
}

static bool test_directive(struct ap_parser *p, struct sv_node *n, struct sv_slice arg)
{
    (void)n;
    bool section = arg.p[0] == '<';
    return knows(p, sv_slice_sub(arg, section, arg.n), section);
}

static bool test_section(struct ap_parser *p, struct sv_node *n, struct sv_slice arg)
{
    (void)n;
    return knows(p, arg, true);
}

static const struct {
    const char *name;
    test_fn *test;
} conditions[] = {{"ifmodule", test_module},   {"ifdefine", test_define},
                  {"iffile", test_file},       {"ifdirective", test_directive},
                  {"ifsection", test_section}, {"ifversion", NULL}};

bool ap_is_condition(struct sv_slice name)
{
    for (size_t i = 0; i < sizeof conditions / sizeof *conditions; i++)
        if (sv_slice_is(name, conditions[i].name))
            return true;
    return false;
}

bool ap_condition(struct ap_parser *p, struct sv_node *n)
{
    struct sv_slice body = n->body;
    if (sv_node_is(n, "ifversion"))
        return if_version(p, n);
    bool negated = body.n && body.p[0] == '!';
    struct sv_slice rest = sv_slice_sub(body, negated, body.n);
    struct sv_slice arg = sv_apache_word(p->sx->arena, &rest);
    if (arg.n == 0) {
        ap_complain(p, SV_DIAG_ERROR, n->head, "<%s> needs an argument", ap_shown(p, n->name));
        return false;
    }
    for (size_t i = 0; i < sizeof conditions / sizeof *conditions; i++)
        if (sv_node_is(n, conditions[i].name))
            return conditions[i].test(p, n, arg) != negated;
    return true;
}
