// SPDX-License-Identifier: Apache-2.0
// JSON and XML, read with their grammars: names and values, and the secrets among them.
#include <libxml/parser.h>
#include <libxml/tree.h>

#include "base/late.h"
#include "scan/content.h"
#include "secrets/structures.h"
#include "secrets/value.h"
#include "syntax/json.h"

/* ---- JSON ---- */

/* ~/.docker/config.json: base64 of user:password, or a token. */
static bool is_docker_login(const struct sv_content *c, struct sv_slice name,
                            struct sv_slice value)
{
    return strcmp(c->f->row->signature, "dockercfg") == 0 &&
           (sv_slice_is(name, "auth") || sv_slice_is(name, "identitytoken")) &&
           !sv_value_is_placeholder(value);
}

/* What a browser needs to sign in with Firebase or to draw a map, and whoever asks may have. */
static bool is_browser_key(const struct sv_content *c, struct sv_slice value)
{
    return sv_slice_starts(value, "AIza") && (sv_content_has(c->text, "authDomain") ||
                                              sv_content_has(c->text, "messagingSenderId"));
}

static void json_secrets(struct sv_content *c, struct sv_sources *sources,
                         const struct sv_node *root)
{
    /* The tree in document order, without recursion. */
    for (const struct sv_node *n = root; n;) {
        if (n->kind == SV_NODE_VALUE && n->args[0].quote) {
            struct sv_pos pos = sv_span_pos(sources, n->args[0].span);
            bool secret = sv_value_is_secret(n->name, n->args[0].value) &&
                          !is_browser_key(c, n->args[0].value);
            if (secret || is_docker_login(c, n->name, n->args[0].value))
                sv_content_secret(c, "secret-assignment", n->name, n->args[0].value, pos.line,
                                  pos.column);
        }
        const struct sv_node *next = n->first;
        while (!next && n && n != root) {
            next = n->next;
            n = next ? n : n->parent;
        }
        n = next;
    }
}

enum sv_confirm sv_content_json(struct sv_content *c)
{
    struct sv_sources sources = {.arena = c->a};
    struct sv_syntax sx = {.arena = c->a, .sources = &sources};
    c->f->what = "configuration";
    struct sv_node *root = sv_json_parse(&sx, sv_source_add(&sources, "", c->text));
    if (root)
        json_secrets(c, &sources, root);
    else if (c->truncated || sv_content_has(c->text, "//"))
        sv_content_assignments(c, ":"); /* cut off, or with the comments that editors allow */
    else
        return SV_CONFIRM_NO;
    return sv_content_by_secrets(c);
}

static bool noted(const struct sv_content *c, struct sv_slice value)
{
    sv_vec_each(s, &c->f->secrets)
    {
        if (sv_slice_eq(s->value, value))
            return true;
    }
    return false;
}

bool sv_content_documents(struct sv_content *c)
{
    struct sv_secret_hits hits = {0};
    bool any = false;
    sv_documents_find(&(struct sv_structure){.a = c->a, .name = sv_slice_of(c->f->path),
                                             .text = c->text, .truncated = c->truncated,
                                             .out = &hits});
    sv_vec_each(h, &hits.list)
    {
        uint32_t line = 1, column = 1;
        if (h->placeholder || noted(c, h->value))
            continue;
        for (size_t i = 0; i < h->offset && i < c->text.n; i++) {
            column = c->text.p[i] == '\n' ? 1 : column + 1;
            line += c->text.p[i] == '\n';
        }
        sv_content_secret(c, h->rule->id, SV_LIT(""), h->value, line, column);
        any = true;
    }
    return any;
}

/* ---- XML ---- */

#define LIBXML2_FUNCTIONS(F) \
    F(xmlReadMemory) F(xmlDocGetRootElement) F(xmlGetLineNo) F(xmlFreeDoc)
SV_LATE(libxml2, SV_LIBXML2, LIBXML2_FUNCTIONS)

struct xml {
    struct sv_content *c;
    struct libxml2 lib;
    xmlDoc *doc;
};

static void xml_free(struct xml *x)
{
    if (x->doc)
        x->lib.xmlFreeDoc(x->doc);
}

static struct sv_slice slice(const xmlChar *s)
{
    return sv_slice_of((const char *)s);
}

/* Text of an attribute or element that holds nothing but text; empty otherwise. */
static struct sv_slice only_text(const xmlNode *first)
{
    return first && !first->next &&
                   (first->type == XML_TEXT_NODE || first->type == XML_CDATA_SECTION_NODE)
               ? slice(first->content)
               : (struct sv_slice){"", 0};
}

static bool one_of(struct sv_slice names, struct sv_slice text)
{
    while (names.n) {
        struct sv_slice name = sv_slice_sub(names, 0, sv_slice_chr(names, '|'));
        if (sv_slice_eq(name, text))
            return true;
        names = sv_slice_sub(names, name.n + 1, names.n);
    }
    return false;
}

static void xml_secret(const struct xml *x, const xmlNode *at, struct sv_slice name,
                       struct sv_slice value)
{
    struct sv_content *c = x->c;
    long line = x->lib.xmlGetLineNo(at);
    if (value.n && sv_value_is_secret(name, value))
        sv_content_secret(c, "secret-assignment", sv_arena_copy(c->a, name),
                          sv_arena_copy(c->a, value), line > 0 ? (uint32_t)line : 0, 1);
}

/* True if the element has one of the names, or an attribute with such a value. */
static bool element(const struct xml *x, const xmlNode *n, struct sv_slice names, bool secrets)
{
    bool hit = one_of(names, slice(n->name));
    struct sv_slice label = {"", 0};
    for (const xmlAttr *attr = n->properties; attr; attr = attr->next) {
        struct sv_slice value = only_text(attr->children);
        hit |= one_of(names, value);
        if (sv_slice_is_nocase(slice(attr->name), "name") || sv_slice_is_nocase(slice(attr->name), "key"))
            label = value;
    }
    for (const xmlAttr *attr = n->properties; secrets && attr; attr = attr->next) {
        bool of_label = label.n && sv_slice_is_nocase(slice(attr->name), "value");
        xml_secret(x, n, of_label ? label : slice(attr->name), only_text(attr->children));
    }
    if (secrets)
        xml_secret(x, n, label.n ? label : slice(n->name), only_text(n->children));
    return hit;
}

enum sv_confirm sv_content_xml(struct sv_content *c, struct sv_slice names, bool secrets)
{
    /* No network, no DTD, entities stay references: nothing is fetched and nothing multiplies. The
     * encoding is ours, so that no converter is loaded for one that the file names. */
    int flags = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_COMPACT;
    if (c->truncated)
        flags |= XML_PARSE_RECOVER;
    __attribute__((cleanup(xml_free))) struct xml x = {.c = c};
    if (!libxml2_load(&x.lib)) {
        c->f->unread = SV_LATE_REASON("libxml2", ": the file is not read as XML");
        return SV_CONFIRM_NO;
    }
    x.doc = x.lib.xmlReadMemory(c->text.p, (int)c->text.n, NULL, "UTF-8", flags);
    const xmlNode *root = x.doc ? x.lib.xmlDocGetRootElement(x.doc) : NULL;
    bool hit = names.n == 0;
    if (!root || sv_slice_is_nocase(slice(root->name), "html"))
        return SV_CONFIRM_NO;
    for (const xmlNode *n = root; n;) {
        if (n->type == XML_ELEMENT_NODE)
            hit |= element(&x, n, names, secrets);
        const xmlNode *next = n->type == XML_ELEMENT_NODE ? n->children : NULL;
        while (!next && n && n != root) {
            next = n->next;
            n = next ? n : n->parent;
        }
        n = next;
    }
    c->f->what = "configuration";
    if (!hit)
        return SV_CONFIRM_NO;
    return secrets && names.n == 0 ? sv_content_by_secrets(c) : SV_CONFIRM_YES;
}
