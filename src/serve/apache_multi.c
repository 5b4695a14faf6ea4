// SPDX-License-Identifier: Apache-2.0
// mod_negotiation for a request without Accept headers: MultiViews and type maps.
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "serve/apache_names.h"

struct variant {
    struct sv_slice file; /* name in the folder */
    struct ap_run *sub;   /* of MultiViews; NULL for a type map */
    struct sv_slice language, encoding, charset;
    double quality;
    off_t length;
};

typedef SV_VEC(struct variant) variant_vec;

/* The place of a language in LanguagePriority, SIZE_MAX if it has none. */
static size_t language_rank(const struct ap_run *r, struct sv_slice languages)
{
    const struct sv_node *n = ap_get(r, "languagepriority", NULL);
    const struct sv_node *force = ap_get(r, "forcelanguagepriority", NULL);
    bool prefer = !force;
    for (uint32_t i = 0; force && i < force->n_args; i++)
        prefer |= sv_slice_is_nocase(sv_node_arg(force, i), "prefer");
    for (uint32_t i = 0; n && prefer && languages.n && i < n->n_args; i++)
        if (sv_slice_eq_nocase(sv_node_arg(n, i), languages))
            return i;
    return SIZE_MAX;
}

static bool plain_encoding(struct sv_slice e)
{
    return e.n == 0 || sv_slice_is(e, "7bit") || sv_slice_is(e, "8bit") || sv_slice_is(e, "binary");
}

/* is_variant_better() where everything is acceptable. */
static bool better(const struct ap_run *r, const struct variant *v, const struct variant *best)
{
    if (v->quality != best->quality)
        return v->quality > best->quality;
    /* Without Accept-Language a variant in some language goes before one in none. */
    if ((v->language.n > 0) != (best->language.n > 0))
        return v->language.n > 0;
    size_t a = language_rank(r, v->language), b = language_rank(r, best->language);
    if (a != b)
        return a < b;
    bool other = v->charset.n && !sv_slice_is(v->charset, "iso-8859-1");
    bool latin = best->charset.n == 0 || sv_slice_is(best->charset, "iso-8859-1");
    if (other && latin)
        return true;
    if (plain_encoding(v->encoding) != plain_encoding(best->encoding))
        return plain_encoding(v->encoding);
    return v->length < best->length;
}

static const struct variant *choose(const struct ap_run *r, const variant_vec *list)
{
    const struct variant *best = NULL;
    sv_vec_each(v, list)
    {
        if (v->quality > 0 && (!best || better(r, v, best)))
            best = v;
    }
    return best;
}

/* ---- type maps ---- */

static bool header(struct sv_slice line, const char *name, struct sv_slice *ret)
{
    size_t n = strlen(name);
    if (line.n <= n || line.p[n] != ':' || !sv_slice_is_nocase(sv_slice_sub(line, 0, n), name))
        return false;
    *ret = sv_slice_trim(sv_slice_sub(line, n + 1, line.n));
    return true;
}

/* "text/html; level=2; qs=0.8" */
static double source_quality(struct sv_slice type)
{
    size_t at = sv_slice_find(type, "qs=");
    if (at == type.n)
        return 1;
    char text[16] = "";
    struct sv_slice q = sv_slice_sub(type, at + 3, at + 3 + sizeof text - 1);
    memcpy(text, q.p, q.n);
    return strtod(text, NULL);
}

/* False: a line without a colon or without a value, which httpd answers with 500. */
static bool read_map(struct ap_run *r, struct sv_slice text, variant_vec *ret)
{
    struct variant v = {.quality = 1};
    bool body = false;
    while (text.n) {
        size_t end = sv_slice_chr(text, '\n');
        struct sv_slice line = sv_slice_trim(sv_slice_sub(text, 0, end)), value;
        text = sv_slice_sub(text, end + 1, text.n);
        if (line.n && line.p[0] == '#')
            continue;
        size_t colon = sv_slice_chr(line, ':');
        if (line.n && !body && colon + 1 >= line.n)
            return false;
        if (header(line, "URI", &value))
            v.file = value;
        else if (header(line, "Content-Type", &value))
            v.quality = source_quality(value);
        else if (header(line, "Content-Language", &value))
            v.language = value;
        else if (header(line, "Content-Encoding", &value))
            v.encoding = value;
        else if (header(line, "Body", &value))
            body = true;
        if (line.n && text.n)
            continue;
        if (v.file.n && !body)
            sv_vec_push(r->a, ret, v);
        v = (struct variant){.quality = 1};
    }
    return true;
}

enum ap_step ap_type_map(struct ap_run *r)
{
    struct sv_slice text;
    variant_vec list = {0};
    const char *path = sv_arena_copy(r->a, r->filename).p;
    int error = ap_open_error(r, path);
    if (error)
        return ap_refused(r, path, error == ENOENT ? EACCES : error);
    if (sv_fs_read(r->site->fs, r->a, path, SV_MAX_CONTENT_HEAD, &text, NULL) < 0)
        return ap_status(r, 403);
    if (!read_map(r, text, &list))
        return ap_status(r, 500);
    const struct variant *best = choose(r, &list);
    if (!best)
        return ap_status(r, 406);
    /* A variant's URI is relative to the map, even with a slash in front. */
    struct sv_slice dir = r->uri, more = r->path_info;
    if (more.n && more.n < dir.n)
        dir.n -= more.n;
    while (dir.n && dir.p[dir.n - 1] != '/')
        dir.n--;
    dir = ap_escape_path(r->a, dir);
    const char *sep = ap_query_mark(r);
    return ap_redirect_internally(
        r, sv_slice_of(sv_arena_printf(r->a, "%.*s%.*s%.*s%s%.*s", (int)dir.n, dir.p,
                                       (int)best->file.n, best->file.p, (int)more.n, more.p, sep,
                                       (int)r->args.n, r->args.p)));
}

/* ---- MultiViews ---- */

/* Every part that no directive knows must stand in the request, in order. */
static bool all_named(const struct ap_run *sub, struct sv_slice wanted)
{
    size_t k = 0;
    while (k < sub->meta.strange.n) {
        size_t end = sv_slice_chr(wanted, '.');
        if (sv_slice_eq(sv_slice_sub(wanted, 0, end), sub->meta.strange.v[k]))
            k++;
        if (end == wanted.n)
            break;
        wanted = sv_slice_sub(wanted, end + 1, wanted.n);
        if (wanted.n == 0)
            break;
    }
    return k == sub->meta.strange.n;
}

static bool is_type_map(const struct ap_run *sub)
{
    return sv_slice_is(sub->handler, "type-map") ||
           sv_slice_is(sub->content_type, "application/x-type-map");
}

enum ap_step ap_multiviews(struct ap_run *r)
{
    if (r->has_file || r->file_error != ENOENT || r->proxied || !(ap_options(r) & AP_OPT_MULTI) ||
        r->filename.n == 0 || r->filename.p[0] != '/')
        return AP_DECLINED;
    size_t cut = r->filename.n;
    while (r->filename.p[cut - 1] != '/')
        cut--;
    struct sv_slice wanted = sv_slice_sub(r->filename, cut, r->filename.n);
    const char *dir = sv_arena_copy(r->a, sv_slice_sub(r->filename, 0, cut)).p;
    struct sv_dirents entries = {0};
    variant_vec list = {0};
    bool any = false;
    int error = ap_open_error(r, dir);
    if (error || sv_fs_list(r->site->fs, r->a, dir, &entries) < 0)
        return ap_status(r, 403);
    sv_vec_each(e, &entries.list)
    {
        if (strncmp(e->name, wanted.p, wanted.n) != 0 || e->name[wanted.n] != '.' ||
            e->type == DT_DIR)
            continue;
        any = true;
        struct ap_run *sub = sv_new(r->a, struct ap_run);
        int status = ap_lookup_name(r, sv_slice_of(e->name), sub);
        if (status < 0)
            return ap_unknown(r, sub->ans.unknown);
        if (!sub->has_file || !S_ISREG(sub->st.st_mode) || !sub->meta.found ||
            !all_named(sub, wanted) || status != 200)
            continue;
        if (is_type_map(sub)) {
            ap_become(r, sub);
            return AP_OK;
        }
        sv_vec_push(r->a, &list,
                    (struct variant){.file = sv_slice_of(e->name), .sub = sub, .quality = 1,
                                     .language = sub->meta.languages,
                                     .encoding = sub->meta.encoding,
                                     .charset = sub->meta.charset, .length = sub->st.st_size});
    }
    if (!any)
        return AP_DECLINED;
    const struct variant *best = choose(r, &list);
    if (!best)
        return ap_status(r, 404);
    ap_why(r, ap_get(r, "options", NULL));
    struct sv_slice path_info = r->path_info;
    ap_become(r, best->sub);
    r->path_info = path_info;
    return AP_OK;
}
