// SPDX-License-Identifier: Apache-2.0
// RewriteMap: text files and the built-in functions; what a program decides stays unknown.
#include <ctype.h>

#include "base/buf.h"
#include "serve/apache_rewrite.h"
#include "serve/percent.h"

static const struct sv_node *find_map(struct ap_rewriter *w, struct sv_slice name)
{
    const struct sv_node *found = NULL;
    sv_vec_each(it, &w->conf.maps)
        if (sv_slice_eq(sv_node_arg(*it, 0), name))
            found = *it;
    return found;
}

/* ap_unescape_url(): a bad %XX or an encoded slash leaves the text half done; not known then. */
static struct sv_value unescape(struct ap_run *r, struct sv_slice s)
{
    char *p = sv_arena_alloc(r->a, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == '%') {
            int byte = sv_percent_byte(s, i);
            if (byte <= 0 || byte == '/')
                return (struct sv_value){.s = {"", 0}, .why = "an unescape map of a bad escape"};
            c = (char)byte;
            i += 2;
        }
        p[n++] = c;
    }
    return SV_KNOWN((struct sv_slice){p, n});
}

static struct sv_value built_in(struct ap_run *r, struct sv_slice name, struct sv_slice key)
{
    if (sv_slice_is(name, "tolower"))
        return SV_KNOWN(sv_arena_mapped(r->a, key, tolower));
    if (sv_slice_is(name, "toupper"))
        return SV_KNOWN(sv_arena_mapped(r->a, key, toupper));
    if (sv_slice_is(name, "escape"))
        return SV_KNOWN(ap_escape_path(r->a, key));
    if (sv_slice_is(name, "unescape"))
        return unescape(r, key);
    return (struct sv_value){.s = {"", 0}, .why = "a RewriteMap of an unknown function"};
}

static struct sv_slice blank_word(struct sv_slice line, size_t *i)
{
    size_t from = *i;
    while (*i < line.n && !isspace((unsigned char)line.p[*i]))
        ++*i;
    struct sv_slice word = sv_slice_sub(line, from, *i);
    while (*i < line.n && isspace((unsigned char)line.p[*i]))
        ++*i;
    return word;
}

/* The value of the first line with that key; lines that begin with '#' or a blank have none. */
static struct sv_value text_map(struct ap_run *r, struct sv_slice file, struct sv_slice key)
{
    struct sv_slice text, none = {NULL, 0};
    bool cut = false;
    const char *base = r->site->apache->tree.server_root;
    const char *path = sv_path_join(r->a, base ? base : "/", sv_arena_copy(r->a, file).p);
    if (sv_fs_read(r->site->fs, r->a, path, SV_MAX_REWRITE_MAP, &text, &cut) < 0 || cut)
        return (struct sv_value){
            .s = {"", 0}, .why = sv_arena_printf(r->a, "the RewriteMap file %s", path)};
    while (text.n) {
        size_t end = sv_slice_chr(text, '\n'), i = 0;
        struct sv_slice line = sv_slice_sub(text, 0, end);
        text = sv_slice_sub(text, end + 1, text.n);
        if (line.n == 0 || line.p[0] == '#' || isspace((unsigned char)line.p[0]))
            continue;
        if (!sv_slice_eq(blank_word(line, &i), key) || i == line.n)
            continue;
        return SV_KNOWN(blank_word(line, &i));
    }
    return SV_KNOWN(none);
}

struct sv_value ap_rewrite_map(struct ap_rewriter *w, struct sv_slice map, struct sv_slice key)
{
    const struct sv_node *n = find_map(w, map);
    if (!n)
        return (struct sv_value){0};
    struct sv_slice what = sv_node_arg(n, 1);
    size_t colon = sv_slice_chr(what, ':');
    struct sv_slice kind = sv_slice_sub(what, 0, colon);
    ap_why(w->r, n);
    if (sv_slice_is_nocase(kind, "int"))
        return built_in(w->r, sv_slice_sub(what, colon + 1, what.n), key);
    if (sv_slice_is_nocase(kind, "txt"))
        return text_map(w->r, sv_slice_sub(what, colon + 1, what.n), key);
    if (colon == what.n)
        return text_map(w->r, what, key);
    return (struct sv_value){.s = {"", 0}, .why = sv_arena_printf(w->r->a, "the RewriteMap %.*s",
                                                                 (int)map.n, map.p)};
}
