// SPDX-License-Identifier: Apache-2.0
// mod_mime: what the extensions of a file name say about its type, handler, language and encoding.
#include <ctype.h>

#include "serve/apache_names.h"

/* ---- TypesConfig ---- */

struct mime_type {
    struct sv_slice ext, type;
};

/* Read once for a site, by the first request that needs it. */
struct sv_mime_types {
    SV_VEC(struct mime_type) list; /* as in the file: the last line wins */
};

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

static struct sv_slice word(struct sv_slice *rest)
{
    size_t i = 0, end;
    while (i < rest->n && blank(rest->p[i]))
        i++;
    for (end = i; end < rest->n && !blank(rest->p[end]);)
        end++;
    struct sv_slice w = sv_slice_sub(*rest, i, end);
    *rest = sv_slice_sub(*rest, end, rest->n);
    return w;
}

static void read_types(const struct sv_site *site, const char *path, struct sv_mime_types *t)
{
    struct sv_slice text;
    bool seen = sv_fs_is_view(site->fs) && !sv_fs_unseen(site->fs);
    if (sv_fs_read(site->fs, site->arena, path, SV_MAX_RULES_BYTES, &text, NULL) < 0) {
        /* That of an image: a type alone makes no difference to who gets which file. */
        if (seen)
            sv_fs_unseen_forget(site->fs);
        return;
    }
    while (text.n) {
        size_t end = sv_slice_chr(text, '\n');
        struct sv_slice line = sv_slice_sub(text, 0, end), type = word(&line), ext;
        text = sv_slice_sub(text, end + 1, text.n);
        if (type.n == 0 || type.p[0] == '#')
            continue;
        while ((ext = word(&line)).n)
            sv_vec_push(site->arena, &t->list,
                        (struct mime_type){sv_arena_mapped(site->arena, ext, tolower), type});
    }
}

static struct sv_slice type_of(const struct ap_run *r, struct sv_slice ext)
{
    struct sv_apache *ap = r->site->apache;
    if (!ap->types) {
        struct sv_mime_types *t = sv_new(r->site->arena, struct sv_mime_types);
        const struct sv_node *n = sv_scope_get(ap->main->vhost->scope, "typesconfig", NULL);
        struct sv_slice v = n ? sv_node_arg(n, 0) : SV_LIT("conf/mime.types");
        read_types(r->site, sv_path_join(r->site->arena, ap->tree.server_root,
                                         sv_arena_copy(r->site->arena, v).p), t);
        ap->types = t;
    }
    const struct sv_mime_types *t = ap->types;
    for (size_t i = t->list.n; i-- > 0;)
        if (sv_slice_eq(t->list.v[i].ext, ext))
            return t->list.v[i].type;
    return (struct sv_slice){"", 0};
}

/* ---- extensions ---- */

enum what { TYPE, HANDLER, ENCODING, LANGUAGE, CHARSET, OUTPUT_FILTER, INPUT_FILTER, N_WHAT };

static const struct {
    const char *add, *remove;
} directives[N_WHAT] = {
    [TYPE] = {"addtype", "removetype"},
    [HANDLER] = {"addhandler", "removehandler"},
    [ENCODING] = {"addencoding", "removeencoding"},
    [LANGUAGE] = {"addlanguage", "removelanguage"},
    [CHARSET] = {"addcharset", "removecharset"},
    [OUTPUT_FILTER] = {"addoutputfilter", "removeoutputfilter"},
    [INPUT_FILTER] = {"addinputfilter", "removeinputfilter"},
};

static bool names_ext(const struct sv_node *n, uint32_t from, struct sv_slice ext)
{
    for (uint32_t i = from; i < n->n_args; i++) {
        struct sv_slice w = n->args[i].value;
        if (w.n && w.p[0] == '.')
            w = sv_slice_sub(w, 1, w.n);
        if (sv_slice_eq_nocase(w, ext))
            return true;
    }
    return false;
}

/* What is in force for one extension; a level's Remove lines come after its Add lines. */
static const struct sv_node *mapping(const struct ap_run *r, enum what w, struct sv_slice ext,
                                     bool *ret_removed)
{
    const struct sv_node *found = NULL;
    *ret_removed = false;
    sv_vec_each(l, &r->levels)
    {
        for (const struct sv_node *n = NULL; (n = ap_own_next(l->scope, directives[w].add, n));)
            if (names_ext(n, 1, ext)) {
                found = n;
                *ret_removed = false;
            }
        for (const struct sv_node *n = NULL; (n = ap_own_next(l->scope, directives[w].remove, n));)
            if (names_ext(n, 0, ext)) {
                found = NULL;
                *ret_removed = true;
            }
    }
    return found;
}

void ap_add_filters(struct ap_run *r, struct sv_slice list)
{
    while (list.n) {
        size_t end = sv_slice_chr(list, ';');
        struct sv_slice name = sv_slice_sub(list, 0, end);
        list = sv_slice_sub(list, end + 1, list.n);
        if (sv_slice_is_nocase(name, "INCLUDES"))
            r->ssi = true;
        const struct sv_node *def = ap_server_get(r, "extfilterdefine");
        if (def && sv_slice_eq_nocase(sv_node_arg(def, 0), name))
            r->filter = sv_arena_printf(r->a, "what the program of ExtFilterDefine %.*s makes",
                                        (int)name.n, name.p);
    }
}

/* True if the extension says anything that negotiation could use. */
static bool apply(struct ap_run *r, struct sv_slice ext)
{
    const struct sv_node *n;
    bool removed, found = false;
    bool multi_handlers = false, multi_filters = false;
    const struct sv_node *match = ap_get(r, "multiviewsmatch", NULL);
    for (uint32_t i = 0; match && i < match->n_args; i++) {
        struct sv_slice w = sv_node_arg(match, i);
        multi_handlers |= sv_slice_is_nocase(w, "handlers") || sv_slice_is_nocase(w, "any");
        multi_filters |= sv_slice_is_nocase(w, "filters") || sv_slice_is_nocase(w, "any");
    }
    n = mapping(r, TYPE, ext, &removed);
    struct sv_slice type = n         ? sv_arena_mapped(r->a, sv_node_arg(n, 0), tolower)
                           : removed ? (struct sv_slice){"", 0}
                                     : type_of(r, ext);
    if (type.n) {
        r->content_type = type;
        r->type_node = n;
        found = true;
    }
    if ((n = mapping(r, CHARSET, ext, &removed))) {
        r->meta.charset = sv_arena_mapped(r->a, sv_node_arg(n, 0), tolower);
        found = true;
    }
    if ((n = mapping(r, LANGUAGE, ext, &removed))) {
        r->meta.languages = sv_arena_mapped(r->a, sv_node_arg(n, 0), tolower);
        found = true;
    }
    if ((n = mapping(r, ENCODING, ext, &removed))) {
        r->meta.encoding = sv_arena_mapped(r->a, sv_node_arg(n, 0), tolower);
        found = true;
    }
    if (!r->proxied && (n = mapping(r, HANDLER, ext, &removed))) {
        r->handler = sv_arena_mapped(r->a, sv_node_arg(n, 0), tolower);
        r->handler_node = n;
        found |= multi_handlers;
    }
    if ((n = mapping(r, OUTPUT_FILTER, ext, &removed))) {
        ap_add_filters(r, sv_node_arg(n, 0));
        found |= multi_filters;
    }
    return found;
}

enum ap_step ap_mime(struct ap_run *r)
{
    if (r->has_file && S_ISDIR(r->st.st_mode)) {
        r->content_type = SV_LIT("httpd/unix-directory");
        return AP_OK;
    }
    if (r->filename.n == 0)
        return AP_DECLINED;
    struct sv_slice name = r->filename;
    if (ap_flag(r, "modmimeusepathinfo", false))
        name = sv_slice_of(sv_arena_printf(r->a, "%.*s%.*s", (int)name.n, name.p,
                                           (int)r->path_info.n, r->path_info.p));
    for (size_t i = name.n; i-- > 0;)
        if (name.p[i] == '/') {
            name = sv_slice_sub(name, i + 1, name.n);
            break;
        }
    size_t dots = 0;
    while (dots < name.n && name.p[dots] == '.')
        dots++;
    size_t base = dots + sv_slice_chr(sv_slice_sub(name, dots, name.n), '.');
    sv_vec_push(r->a, &r->meta.strange, sv_slice_sub(name, 0, base));
    struct sv_slice rest = sv_slice_sub(name, base + 1, name.n);
    while (rest.n) {
        size_t end = sv_slice_chr(rest, '.');
        struct sv_slice ext = sv_slice_sub(rest, 0, end);
        rest = sv_slice_sub(rest, end + 1, rest.n);
        if (ext.n == 0)
            continue;
        if (apply(r, sv_arena_mapped(r->a, ext, tolower)))
            r->meta.found = true;
        else
            sv_vec_push(r->a, &r->meta.strange, ext);
    }
    return r->content_type.n ? AP_OK : AP_DECLINED;
}
