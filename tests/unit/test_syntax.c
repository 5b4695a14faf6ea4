// SPDX-License-Identifier: Apache-2.0
// Syntax goldens: tests/syntax/SERVER/NAME.conf gives the tree and the diagnostics of NAME.golden.
// UPDATE_GOLDENS=1 in the environment writes the goldens anew; read what changed before it is kept.
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buf.h"
#include "report/escape.h"
#include "syntax/apache.h"
#include "syntax/nginx.h"

static void dump_text(struct sv_buf *out, struct sv_slice s)
{
    enum { SHOWN = 60 };
    sv_escape_text(out, sv_slice_sub(s, 0, SHOWN));
    if (s.n > SHOWN)
        sv_buf_printf(out, "... (%zu bytes)", s.n);
}

static void dump(struct sv_buf *out, struct sv_sources *sources, const struct sv_node *n, int depth)
{
    static const char *const kinds[] = {"root",     "directive", "block", "opaque",
                                        "inactive", "map",       "list",  "value"};
    if (depth > 12) {
        sv_buf_printf(out, "%*s...\n", 2 * depth, "");
        return;
    }
    struct sv_pos pos = sv_span_pos(sources, n->head);
    sv_buf_printf(out, "%*s%s", 2 * depth, "", kinds[n->kind]);
    if (n->kind != SV_NODE_ROOT) {
        sv_buf_printf(out, " %s:%u:%u ", sv_path_base(sv_span_path(sources, n->head)), pos.line,
                      pos.column);
        dump_text(out, n->name);
    }
    for (uint32_t i = 0; i < n->n_args; i++) {
        char quote = n->args[i].quote;
        sv_buf_adds(out, quote ? (quote == '"' ? " \"" : " '") : " <");
        dump_text(out, n->args[i].value);
        sv_buf_adds(out, quote ? (quote == '"' ? "\"" : "'") : ">");
    }
    if (n->kind == SV_NODE_OPAQUE) {
        sv_buf_adds(out, " {");
        dump_text(out, sv_slice_trim(n->body));
        sv_buf_adds(out, "}");
    }
    sv_buf_addc(out, '\n');
    sv_node_each (c, n) {
        dump(out, sources, c, depth + 1);
    }
}

static void dump_vars(struct sv_buf *out, const char *what, const struct sv_apache_var *v, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        sv_buf_printf(out, "%s ", what);
        dump_text(out, v[i].name);
        if (v[i].value.p) {
            sv_buf_adds(out, " = ");
            dump_text(out, v[i].value);
        }
        sv_buf_addc(out, '\n');
    }
}

typedef struct sv_node *load_fn(struct sv_syntax *sx, const char *path, struct sv_buf *facts);

static struct sv_node *load_nginx(struct sv_syntax *sx, const char *path, struct sv_buf *facts)
{
    int error = 0;
    (void)facts;
    return sv_nginx_load(sx, path, NULL, &error);
}

/* A name that ends in "htaccess.conf" is a .htaccess file of a server without anything special. */
static struct sv_node *load_apache(struct sv_syntax *sx, const char *path, struct sv_buf *facts)
{
    struct sv_apache_tree tree = {0};
    if (sv_slice_ends(sv_slice_of(path), "htaccess.conf")) {
        const struct sv_node *broken = NULL;
        struct sv_slice text;
        tree.server_root = "/";
        assert_int_equal(sv_fs_read(sx->fs, sx->arena, path, 1 << 20, &text, NULL), 0);
        struct sv_node *root =
            sv_apache_parse_htaccess(sx, &tree, sv_source_add(sx->sources, path, text), &broken);
        if (broken)
            sv_buf_printf(facts, "broken at line %u\n",
                          sv_span_pos(sx->sources, broken->head).line);
        return root;
    }
    assert_int_equal(sv_apache_load(sx, path, "/parts/envvars", NULL, &tree), 0);
    sv_buf_printf(facts, "root %s, modules %s\n", tree.server_root,
                  tree.modules_known ? "known" : "not known");
    sv_vec_each (m, &tree.modules) {
        if (m->node)
            sv_buf_printf(facts, "module %.*s %.*s\n", (int)m->name.n, m->name.p, (int)m->file.n,
                          m->file.p);
    }
    dump_vars(facts, "define", tree.defines.v, tree.defines.n);
    return tree.root;
}

static void parse(load_fn *load, const char *dir, const char *name, struct sv_buf *out)
{
    static const char *const levels[] = {"note", "warning", "error"};
    struct sv_arena a = {0};
    struct sv_sources sources = {.arena = &a};
    struct sv_diags diags = {.arena = &a};
    struct sv_buf facts = {0};
    struct sv_fs *fs = sv_fs_new(dir, NULL);
    struct sv_syntax sx = {.arena = &a, .sources = &sources, .diags = &diags, .fs = fs};
    struct sv_node *root = load(&sx, sv_path_join(&a, "/", name), &facts);
    assert_non_null(root);
    dump(out, &sources, root, 0);
    sv_buf_add(out, sv_buf_slice(&facts));
    sv_vec_each (d, &diags.list) {
        struct sv_pos pos = sv_span_pos(&sources, d->span);
        const char *file = d->path ? d->path : sv_span_path(&sources, d->span);
        sv_buf_printf(out, "%s %s:%u:%u: ", load == load_nginx ? "diagnostic" : levels[d->level],
                      sv_path_base(file), pos.line, pos.column);
        sv_escape_text(out, sv_slice_of(d->text));
        sv_buf_addc(out, '\n');
    }
    sv_fs_free(fs);
    sv_buf_clear(&facts);
    sv_arena_clear(&a);
}

static void read_all(const char *path, struct sv_buf *out)
{
    char block[4096];
    size_t n;
    FILE *f = fopen(path, "r");
    while (f && (n = fread(block, 1, sizeof block, f)) > 0)
        sv_buf_add(out, (struct sv_slice){block, n});
    if (f)
        fclose(f);
}

static void goldens(load_fn *load, const char *server, int least)
{
    const char *top = getenv("top_srcdir");
    struct dirent **names;
    struct sv_arena a = {0};
    const char *dir = sv_arena_printf(&a, "%s/tests/syntax/%s", top ? top : ".", server);
    int n = scandir(dir, &names, NULL, alphasort), cases = 0, wrong = 0;
    assert_true(n > 0);
    for (int i = 0; i < n; i++) {
        struct sv_slice name = sv_slice_of(names[i]->d_name);
        if (sv_slice_ends(name, ".conf")) {
            const char *golden =
                sv_arena_printf(&a, "%s/%.*s.golden", dir, (int)name.n - 5, name.p);
            struct sv_buf got = {0}, want = {0};
            parse(load, dir, name.p, &got);
            if (getenv("UPDATE_GOLDENS")) {
                FILE *f = fopen(golden, "w");
                assert_non_null(f);
                fwrite(got.p, 1, got.n, f);
                fclose(f);
            }
            read_all(golden, &want);
            if (!sv_slice_eq(sv_buf_slice(&got), sv_buf_slice(&want))) {
                print_message("%s differs:\n%s", name.p, got.p);
                wrong++;
            }
            cases++;
            sv_buf_clear(&got);
            sv_buf_clear(&want);
        }
        free(names[i]);
    }
    free(names);
    sv_arena_clear(&a);
    assert_true(cases >= least);
    assert_int_equal(wrong, 0);
}

static void test_nginx(void **state)
{
    (void)state;
    goldens(load_nginx, "nginx", 20);
}

static void test_apache(void **state)
{
    (void)state;
    goldens(load_apache, "apache", 5);
}

/* One line a directive, for the comparison with the server's own dump (test_apache_dump.py). */
static void print_node(struct sv_sources *sources, const struct sv_node *n, int depth)
{
    struct sv_buf out = {0};
    struct sv_span last = n->head;
    last.start = last.end > last.start ? last.end - 1 : last.end;
    bool macro = n->included_by && sv_node_is(n->included_by, "use");
    sv_buf_printf(&out, "%s\t%d\t%s\t%s%u\t",
                  n->kind == SV_NODE_DIRECTIVE  ? "directive"
                  : n->kind == SV_NODE_INACTIVE ? "inactive"
                                                : "section",
                  depth, sv_span_path(sources, n->head), macro ? "+" : "",
                  sv_span_pos(sources, last).line);
    sv_escape_text(&out, n->name);
    sv_buf_addc(&out, '\t');
    if (n->kind != SV_NODE_OPAQUE)
        sv_buf_add(&out, n->body);
    puts(out.p);
    sv_buf_clear(&out);
    sv_node_each(c, n)
    {
        print_node(sources, c, depth + 1);
    }
}

static int print_apache(const char *path)
{
    static const char *const levels[] = {"note", "warning", "error"};
    struct sv_arena a = {0};
    struct sv_sources sources = {.arena = &a};
    struct sv_diags diags = {.arena = &a};
    struct sv_apache_tree tree;
    struct sv_fs *fs = sv_fs_new("/", NULL);
    struct sv_syntax sx = {.arena = &a, .sources = &sources, .diags = &diags, .fs = fs};
    int rc = sv_apache_load(&sx, path, "/nowhere/envvars", NULL, &tree);
    sv_node_each(n, tree.root)
    {
        print_node(&sources, n, 0);
    }
    sv_vec_each(d, &diags.list)
    {
        const char *file = d->path ? d->path : sv_span_path(&sources, d->span);
        printf("%s\t%s\t%u\t%s\n", levels[d->level], file, sv_span_pos(&sources, d->span).line,
               d->text);
    }
    sv_fs_free(fs);
    sv_arena_clear(&a);
    return rc < 0;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--print-apache") == 0)
        return print_apache(argv[2]);
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_nginx), cmocka_unit_test(test_apache)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
