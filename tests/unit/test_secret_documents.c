// SPDX-License-Identifier: Apache-2.0
// Unit tests of the forgiving readers of JSON and YAML: a document to "path=text" lines.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka wants the four above first.
#include <cmocka.h>

#include "base/buf.h"
#include "base/limits.h"
#include "secrets/doc.h"
#include "secrets/structures.h"

/* "/a/b=x /a/0=y": names, and the numbers of a list's items; documents are counted too. */
static void path_of(struct sv_buf *out, const struct sv_doc *root, const struct sv_doc *n)
{
    const struct sv_doc *chain[80];
    size_t depth = 0;
    for (; n != root && depth < 80; n = n->parent)
        chain[depth++] = n;
    while (depth--) {
        n = chain[depth];
        size_t index = 0;
        for (const struct sv_doc *d = n->parent->first; d != n; d = d->next)
            index++;
        if (n->parent->kind == SV_DOC_MAP)
            sv_buf_printf(out, "/%.*s", (int)n->name.n, n->name.p);
        else
            sv_buf_printf(out, "/%zu", index);
    }
}

static void gives(struct sv_doc *(*read)(struct sv_arena *, struct sv_slice), const char *text,
                  const char *wanted)
{
    struct sv_arena a = {0};
    _cleanup_buf_ struct sv_buf out = {0};
    const struct sv_doc *root = read(&a, sv_slice_of(text));
    for (struct sv_doc *n = root->first; n; n = sv_doc_after(root, n)) {
        if (n->kind != SV_DOC_TEXT)
            continue;
        sv_buf_printf(&out, "%s", sv_buf_slice(&out).n ? " " : "");
        path_of(&out, root, n);
        sv_buf_printf(&out, "=%.*s", (int)n->text.n, n->text.p);
        if (n->text.n && text[n->offset] != '\\')
            assert_int_equal(text[n->offset], n->text.p[0]);
    }
    assert_string_equal(sv_arena_copy(&a, sv_buf_slice(&out)).p, wanted);
    sv_arena_clear(&a);
}

static void test_json(void **state)
{
    (void)state;
    gives(sv_doc_json, "{\"a\": {\"b\": \"x\", \"c\": [1, true, {\"d\": null}]}}",
          "/0/a/b=x /0/a/c/0=1 /0/a/c/1=true /0/a/c/2/d=null");
    gives(sv_doc_json, "// c\n{ /* d */ \"a\": \"x\", // \"b\": \"y\"\n \"e\": \"z\",\n}",
          "/0/a=x /0/e=z");
    gives(sv_doc_json, "{\"a\":\"1\"}\n{\"a\":\"2\"}\n", "/0/a=1 /1/a=2"); /* JSON lines */
    gives(sv_doc_json, "{\"a\": \"x\\\"y\\u0041\\u00e9\\/\"}", "/0/a=x\"yA?/");
    gives(sv_doc_json, "{\"a\": \"\\u-041\\u0\"}", "/0/a=??");
    gives(sv_doc_json, "{\"a\": \"x\", \"b\": {\"c\": \"y", "/0/a=x /0/b/c=y"); /* cut off */
    gives(sv_doc_json, "{\"a\": \"b\n\"c\": \"d\"}", "/0/a=b /0/c=d"); /* an open quote ends */
    gives(sv_doc_json, "]}{\"a\":}", "");
    gives(sv_doc_json, "{a: 1, 'b': 2}", "/0/a=1 /0/'b'=2");
    gives(sv_doc_json, "\\", "/0=\\");
    gives(sv_doc_json, "", "");
}

static void test_yaml(void **state)
{
    (void)state;
    gives(sv_doc_yaml, "a: x\nb:\n  c: 'y' # z\n  d: \"w\"\ne: v\n", "/0/a=x /0/b/c=y /0/b/d=w /0/e=v");
    gives(sv_doc_yaml, "a:\n- x\n- y\nb: z\n", "/0/a/0=x /0/a/1=y /0/b=z");
    gives(sv_doc_yaml, "a:\n  - k: x\n    l: y\n  - k: z\n", "/0/a/0/k=x /0/a/0/l=y /0/a/1/k=z");
    gives(sv_doc_yaml, "- a: 1\n  b:\n    c: 2\n- a: 3\n", "/0/0/a=1 /0/0/b/c=2 /0/1/a=3");
    gives(sv_doc_yaml, "- - x\n  - y\n- z\n", "/0/0/0=x /0/0/1=y /0/1=z");
    gives(sv_doc_yaml, "a: 1\n---\na: 2\n", "/0/a=1 /1/a=2");
    gives(sv_doc_yaml, "a: |\n  x\n  y\nb: z\n", "/0/a=x\n  y /0/b=z");
    gives(sv_doc_yaml, "a: >-\n  x\n", "/0/a=x");
    gives(sv_doc_yaml, "\"a b\": x\r\n'c': y#z\r\n# d: w\r\n", "/0/a b=x /0/c=y#z");
    gives(sv_doc_yaml, "a:\n  - --key\n  - -x\n", "/0/a/0=--key /0/a/1=-x");
    gives(sv_doc_yaml, "{{- if .X }}\na: x\n{{ end }}\nb: {{ .Y }}\n", "/0/a=x /0/b={{ .Y }}");
    gives(sv_doc_yaml, "a: http://h:1/x\nb:c\n", "/0/a=http://h:1/x");
    gives(sv_doc_yaml, "", "");
}

static void test_toml(void **state)
{
    (void)state;
    gives(sv_doc_toml, "a = \"x\" # c\n[b]\nc = 'y'\n[b.\"d.e\"]\nf = 1 # g\n[b]\nh = 2\n",
          "/0/a=x /0/b/c=y /0/b/\"d/e\"/f=1 /0/b/h=2");
    gives(sv_doc_toml, "a = [\"x\", \"y\"]\nb = { c = \"z\", \"d\" = [1] }\ne = 3\n",
          "/0/a/0=x /0/a/1=y /0/b/c=z /0/b/d/0=1 /0/e=3");
    gives(sv_doc_toml, "[[a]]\nb = 1\n= 2\nc\nd =\n[\n", "/0/a/b=1 /0/a/=2 /0/a/d=");
    gives(sv_doc_toml, "", "");
}

/* Neither depth nor number of nodes is unlimited. */
static void test_limits(void **state)
{
    (void)state;
    struct sv_arena a = {0};
    enum { MANY = 3 * SV_MAX_DOC_NODES };
    char *text = sv_arena_alloc(&a, MANY + 1);
    static const char *const pieces[] = {"[", "1,", "{\"a\":", "- ", "a:\n", "a=[1]\n", "[a."};
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        size_t n = strlen(pieces[i]);
        for (size_t k = 0; k < MANY; k++)
            text[k] = pieces[i][k % n];
        struct sv_doc *roots[] = {sv_doc_json(&a, (struct sv_slice){text, MANY}),
                                  sv_doc_yaml(&a, (struct sv_slice){text, MANY}),
                                  sv_doc_toml(&a, (struct sv_slice){text, MANY})};
        for (size_t k = 0; k < 3; k++) {
            size_t nodes = 0;
            for (struct sv_doc *d = roots[k]->first; d; d = sv_doc_after(roots[k], d))
                nodes++;
            assert_true(nodes <= 2 * SV_MAX_DOC_NODES);
        }
    }
    sv_arena_clear(&a);
}

/* The word that tells a document's kind is seen wherever it stands among others. */
static void test_words(void **state)
{
    static const char *const words[] = {"mcpServers", "servers", "mcp_servers", "mcp",
                                        "context_servers"};
    struct sv_arena a = {0};
    (void)state;
    for (size_t w = 0; w < sizeof words / sizeof *words; w++) {
        for (int pad = 0; pad < 70; pad++) {
            char value[41];
            for (size_t i = 0; i < sizeof value - 1; i++)
                value[i] = "kR7pX2mQ9vL4tZ8wB3nH6"[(i * 13 + (size_t)pad) % 21];
            value[sizeof value - 1] = '\0';
            for (int known = 0; known < 2; known++) {
                struct sv_secret_hits hits = {0};
                struct sv_structure s = {
                    .a = &a,
                    .name = SV_LIT("x.json"),
                    .out = &hits,
                    .text = sv_slice_of(sv_arena_printf(
                        &a,
                        "{\"a\":\"\",\"pad\":\"%*s\",\"%s%s\":{\"x\":{\"command\":\"run\","
                        "\"env\":{\"CRM_KEY\":\"%s\"}}}}",
                        pad, "", words[w], known ? "" : "s", value))};
                sv_documents_find(&s);
                assert_int_equal(hits.list.n, known);
            }
        }
    }
    sv_arena_clear(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_yaml),
        cmocka_unit_test(test_toml),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_words),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
