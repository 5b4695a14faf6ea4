// SPDX-License-Identifier: Apache-2.0
// Walks build contexts, tells which COPY takes which file, and searches those for secrets.
#include "scan/build_context.h"

#include <dirent.h>
#include <errno.h>

#include "base/limits.h"
#include "scan/rows.h"

enum { MAX_SOFT = 12 };

struct folder {
    const char *path, *rel;
    unsigned depth;
};

struct walk {
    const struct sv_model_env *env;
    struct sv_contexts *all;
    struct sv_context *cx;
    const struct sv_image_folder *from; /* that is walked */
    const struct sv_docker_ignore *ignore;
    struct sv_image_project *share;
    uint64_t work; /* of its patterns */
    uint64_t entries;
    uint64_t compared, taken, ignored; /* of all contexts: sources, files, work of patterns */
    struct sv_map wanted; /* files to search */
    struct sv_paths paths;
    SV_VEC(struct folder) open;
};

/* The places of a file that count, kept once for all that take it. */
struct counted {
    const struct sv_secret_place *v;
    size_t n;
};
struct sieve {
    struct sv_arena *arena;
    struct sv_arena scratch;
    const struct sv_secret_found *found;
    struct sv_map firsts;      /* paths: where their places begin, + 1 */
    struct sv_map sifted[2];   /* paths, named or not: number + 1 of the list */
    SV_VEC(struct counted) lists;
};

/* ---- which COPY takes it ---- */

static bool has_magic(struct sv_slice s)
{
    return sv_slice_chr(s, '*') < s.n || sv_slice_chr(s, '?') < s.n || sv_slice_chr(s, '[') < s.n;
}

/* The first parts of a path, as many as the pattern has; empty if it has fewer. */
static struct sv_slice head_of(struct sv_slice rel, struct sv_slice pattern)
{
    size_t slashes = 0, i = 0;
    for (size_t k = 0; k < pattern.n; k++)
        slashes += pattern.p[k] == '/';
    for (; i < rel.n; i++)
        if (rel.p[i] == '/' && slashes-- == 0)
            return sv_slice_sub(rel, 0, i);
    return slashes == 0 ? rel : (struct sv_slice){"", 0};
}

static bool is_whole(const struct sv_image_source *s)
{
    return sv_slice_is(s->path, ".") || sv_slice_is(s->path, "*");
}

/* True if the source takes the path; *ret_rest is what of it counts from the source's folder, all
 * of it empty for the very file. */
static bool takes(const struct sv_image_source *s, struct sv_slice rel, struct sv_slice *ret_rest)
{
    struct sv_slice head = rel;
    *ret_rest = rel;
    if (!s->known)
        return false;
    if (sv_slice_is(s->path, "."))
        return true;
    if (has_magic(s->path)) {
        head = head_of(rel, s->path);
        if (head.n == 0 || !sv_glob_match_path(s->path, head))
            return false;
    } else {
        head = sv_slice_sub(rel, 0, s->path.n);
        if (!sv_slice_eq(head, s->path) || (rel.n > head.n && rel.p[head.n] != '/'))
            return false;
    }
    *ret_rest = sv_slice_sub(rel, head.n + 1, rel.n);
    return true;
}

static const char *place_in_image(struct sv_arena *a, const struct sv_image_copy *c,
                                  struct sv_slice rel, struct sv_slice rest)
{
    if (!c->to)
        return NULL;
    if (rest.n == 0 && !c->to_folder)
        return c->to;
    struct sv_slice name = rest.n ? rest : sv_slice_base(rel);
    return sv_path_join(a, c->to, sv_arena_copy(a, name).p);
}

/* Folders of tests and examples hold keys that are made for them. */
static bool is_for_tests(struct sv_slice rel)
{
    static const char *const names[] = {"test", "tests", "testdata", "__tests__", "spec", "specs",
                                        "fixtures", "__fixtures__", "mocks", "__mocks__", "example",
                                        "examples", "docs", "doc", "samples"};
    while (rel.n) {
        size_t slash = sv_slice_chr(rel, '/');
        for (size_t i = 0; slash < rel.n && i < sizeof names / sizeof *names; i++)
            if (sv_slice_is_nocase(sv_slice_sub(rel, 0, slash), names[i]))
                return true;
        rel = sv_slice_sub(rel, slash + 1, rel.n);
    }
    return false;
}

static void want(struct walk *w, const char *path)
{
    uint32_t *at = sv_map_at(w->env->arena, &w->wanted, sv_slice_of(path));
    if ((*at)++ == 0)
        sv_vec_push(w->env->arena, &w->paths.list, path);
}

static bool is_over(const struct walk *w)
{
    return w->compared > SV_MAX_CONTEXT_COMPARED || w->taken >= SV_MAX_CONTEXT_TAKEN ||
           w->share->compared > SV_MAX_CONTEXT_COMPARED / SV_CONTEXT_SHARE ||
           w->share->taken >= SV_MAX_CONTEXT_TAKEN / SV_CONTEXT_SHARE;
}

/* An entry that the .dockerignore leaves in: a file, or the .git folder of a repository. */
static void offer(struct walk *w, const char *path, struct sv_slice rel, bool repository)
{
    sv_vec_each(it, &w->cx->takes)
    {
        struct sv_context_take *t = *it;
        const struct sv_docker_ignore *out = &t->copy->exclude;
        struct sv_slice rest;
        if (t->copy->folder != w->from)
            continue;
        size_t cost = 1 + (has_magic(t->source->path) ? t->source->path.n : 0);
        w->compared += cost;
        w->share->compared += cost;
        if (is_over(w))
            return;
        if (!takes(t->source, rel, &rest) || sv_docker_ignored(out, rel, &w->work) ||
            (rest.n && sv_docker_ignored(out, rest, &w->work)))
            continue;
        bool named = rest.n == 0 && !is_whole(t->source);
        if (!named && is_for_tests(rel))
            continue;
        w->taken++;
        w->share->taken++;
        sv_vec_push(w->env->arena, &t->files,
                    (struct sv_taken){.path = path, .named = named, .repository = repository});
        if (!repository)
            want(w, path);
    }
}

/* ---- the walk ---- */

/* Other people's packages: thousands of files with the keys of their tests. */
static bool is_foreign(const char *name)
{
    static const char *const names[] = {"node_modules", "bower_components", "site-packages", ".venv",
                                        "venv", "__pycache__", ".tox", "vendor", ".terraform"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

static const char *below(struct sv_arena *a, const char *rel, const char *name)
{
    return rel[0] ? sv_arena_printf(a, "%s/%s", rel, name) : name;
}

static void git_folder(struct walk *w, struct folder f)
{
    struct stat st;
    const char *config = sv_path_join(w->env->arena, f.path, "config");
    if (sv_fs_stat(w->env->fs, sv_path_join(w->env->arena, f.path, "HEAD"), &st) < 0 ||
        sv_docker_ignored(w->ignore, sv_slice_of(f.rel), &w->work))
        return;
    offer(w, f.path, sv_slice_of(f.rel), true);
    struct sv_slice rel = sv_slice_of(below(w->env->arena, f.rel, "config"));
    if (sv_fs_stat(w->env->fs, config, &st) == 0 && !sv_docker_ignored(w->ignore, rel, &w->work))
        offer(w, config, rel, false);
}

static bool list(struct walk *w, struct folder f)
{
    struct sv_arena *a = w->env->arena;
    struct sv_dirents entries = {0};
    int rc = sv_fs_list(w->env->fs, a, f.path, &entries);
    if (rc < 0)
        sv_diag_path(w->env->diags, SV_DIAG_ERROR, f.path, "%s", strerror(-rc));
    sv_vec_each(e, &entries.list)
    {
        const char *path = sv_path_join(a, f.path, e->name), *rel = below(a, f.rel, e->name);
        w->all->entries++;
        w->share->entries++;
        if (is_over(w) || ++w->entries > SV_MAX_CONTEXT_ENTRIES ||
            w->all->entries > SV_MAX_CONTEXTS_ENTRIES ||
            w->share->entries > SV_MAX_CONTEXTS_ENTRIES / SV_CONTEXT_SHARE ||
            (e->type == DT_DIR && f.depth >= SV_MAX_WALK_DEPTH))
            return false;
        struct folder sub = {path, rel, f.depth + 1};
        bool out = sv_docker_ignored(w->ignore, sv_slice_of(rel), &w->work);
        if (e->type == DT_DIR && strcmp(e->name, ".git") == 0)
            git_folder(w, sub);
        else if (e->type == DT_DIR && !is_foreign(e->name) && (!out || w->ignore->exceptions))
            sv_vec_push(a, &w->open, sub);
        else if (e->type == DT_REG && !out)
            offer(w, path, sv_slice_of(rel), false);
    }
    return !is_over(w);
}

static void walk_context(struct walk *w, const struct sv_image *im,
                         const struct sv_image_folder *from)
{
    const char *real;
    struct stat st;
    bool wanted = false;
    sv_vec_each(t, &w->cx->takes)
    {
        wanted |= (*t)->copy->folder == from;
    }
    if (!wanted || !from->path)
        return;
    if (sv_fs_realpath(w->env->fs, w->env->arena, from->path, &real) < 0 ||
        sv_fs_stat(w->env->fs, real, &st) < 0 || !S_ISDIR(st.st_mode)) {
        if (from->name.n)
            sv_diag_path(w->env->diags, SV_DIAG_ERROR, im->dockerfile,
                         "the folder %s of additional_contexts is not there or cannot be read",
                         from->path);
        return;
    }
    if (strcmp(real, "/") == 0) {
        sv_diag_path(w->env->diags, SV_DIAG_ERROR, im->dockerfile,
                     "its build context is the whole system, which is not searched");
        return;
    }
    if (w->ignored > SV_MAX_IGNORE_TOTAL ||
        w->share->ignored > SV_MAX_IGNORE_TOTAL / SV_CONTEXT_SHARE) {
        sv_diag_path(w->env->diags, SV_DIAG_ERROR, im->dockerfile,
                     "its build context was not searched: the patterns of others took too long");
        return;
    }
    sv_vec_each(t, &w->cx->takes)
    {
        if ((*t)->copy->folder == from)
            (*t)->top = real;
    }
    w->from = from;
    w->ignore = &from->ignore;
    w->entries = w->work = 0;
    sv_vec_push(w->env->arena, &w->open, (struct folder){real, "", 0});
    while (w->open.n)
        if (!list(w, w->open.v[--w->open.n])) {
            sv_diag_path(w->env->diags, SV_DIAG_ERROR, from->path,
                         "too many files or COPY instructions, or nested too deeply: not all that "
                         "a COPY takes was looked at");
            w->open.n = 0;
        }
    w->ignored += w->work;
    w->share->ignored += w->work;
    if (w->work > SV_MAX_IGNORE_WORK)
        sv_diag_path(w->env->diags, SV_DIAG_ERROR,
                     from->ignore_file ? from->ignore_file : im->dockerfile,
                     "its patterns take too long: not all of them were followed");
}

/* What all stages take from a folder of the host, source by source. */
static void sources(struct walk *w, const struct sv_image *im)
{
    sv_vec_each(st, &im->stages)
    {
        sv_vec_each(c, &(*st)->copies)
        {
            sv_vec_each(s, &(*c)->sources)
            {
                struct sv_context_take *t = sv_new(w->env->arena, struct sv_context_take);
                *t = (struct sv_context_take){.stage = *st, .copy = *c, .source = s,
                                              .whole = is_whole(s)};
                if ((*c)->folder)
                    sv_vec_push(w->env->arena, &w->cx->takes, t);
            }
        }
    }
}

/* ---- secrets ---- */

static bool is_soft(const struct sv_secret_place *p)
{
    return (p->rule->flags & SV_RULE_GENERIC) || p->rule->validator == SV_VALID_HASH;
}

/* By its name a file that holds credentials: there a name and a value are enough. */
static bool is_sensitive_name(const char *path)
{
    struct sv_slice name = sv_slice_base(sv_slice_of(path));
    const struct sv_file_row *row = sv_row_for(name, NULL);
    if (sv_slice_ends(name, ".env"))
        return true;
    return row && (row->category == SV_CAT_ENV || row->category == SV_CAT_KEY ||
                   row->category == SV_CAT_CONFIG);
}

/* `trusted`: who wrote the Dockerfile names the file. */
static bool counts(const struct sv_secret_place *p, bool trusted)
{
    return !p->placeholder && !p->checksum_bad && !p->weak &&
           !(p->rule->flags & (SV_RULE_PUBLIC | SV_RULE_TEST_KEY)) &&
           !(is_soft(p) && !trusted);
}

static struct counted places_of(struct sieve *s, const char *path, bool trusted)
{
    SV_VEC(struct sv_secret_place) out = {0};
    size_t first = sv_map_find(&s->firsts, sv_slice_of(path)), soft = 0;
    uint32_t *known = sv_map_at(s->arena, &s->sifted[trusted], sv_slice_of(path));
    if (*known)
        return s->lists.v[*known - 1];
    for (size_t i = first; i > 0 && i <= s->found->list.n; i++) {
        const struct sv_secret_place *p = &s->found->list.v[i - 1];
        if (strcmp(p->path, path) != 0)
            break;
        if (counts(p, trusted)) {
            sv_vec_push(s->arena, &out, *p);
            soft += is_soft(p);
        }
    }
    if (soft == out.n && soft > MAX_SOFT && !is_sensitive_name(path))
        out.n = 0; /* a list of words */
    struct counted list = {out.v, out.n};
    sv_vec_push(s->arena, &s->lists, list);
    *known = (uint32_t)s->lists.n;
    return list;
}

static bool is_kept(struct sieve *s, const struct sv_context_take *t, const char *path)
{
    struct sv_slice rel = sv_slice_of(path + strlen(t->top) + 1), rest;
    bool kept = takes(t->source, rel, &rest) &&
                sv_image_keeps(t->stage, place_in_image(&s->scratch, t->copy, rel, rest));
    sv_arena_clear(&s->scratch);
    return kept;
}

/* Keeps of each take what matters. */
static void sift(struct sieve *s, struct sv_context *cx)
{
    sv_vec_each(it, &cx->takes)
    {
        struct sv_context_take *t = *it;
        size_t n = 0;
        for (size_t i = 0; i < t->files.n; i++) {
            struct sv_taken f = t->files.v[i];
            struct counted c = places_of(s, f.path, f.named || is_sensitive_name(f.path));
            f.places = c.v;
            f.n = c.n;
            if (!f.n && !f.repository)
                continue;
            f.kept = is_kept(s, t, f.path);
            t->files.v[n++] = f;
        }
        t->files.n = n;
    }
    struct counted own = places_of(s, cx->image->dockerfile, false);
    cx->own = own.v;
    cx->n_own = own.n;
}

int sv_scan_contexts(const struct sv_model_env *env, const struct sv_images *images,
                     const struct sv_secret_scan *how, struct sv_contexts *ret, struct sv_err *err)
{
    struct walk w = {.env = env, .all = ret};
    struct sieve sieve = {.arena = env->arena, .found = &ret->secrets};
    sv_vec_each(im, &images->list)
    {
        sv_vec_push(env->arena, &ret->list, (struct sv_context){.image = *im});
    }
    sv_vec_each(cx, &ret->list)
    {
        w.cx = cx;
        w.share = cx->image->project;
        sources(&w, cx->image);
        want(&w, cx->image->dockerfile);
        walk_context(&w, cx->image, &cx->image->context);
        sv_vec_each(folder, &cx->image->named)
        {
            walk_context(&w, cx->image, *folder);
        }
    }
    struct sv_secret_scan in = *how;
    in.paths = w.paths.list.v;
    in.n_paths = w.paths.list.n;
    int rc = in.n_paths ? sv_scan_secrets(&in, env->arena, &ret->secrets, err) : 0;
    for (size_t i = ret->secrets.list.n; i > 0; i--)
        *sv_map_at(env->arena, &sieve.firsts, sv_slice_of(ret->secrets.list.v[i - 1].path)) =
            (uint32_t)i;
    sv_vec_each(cx, &ret->list)
    {
        sift(&sieve, cx);
    }
    return rc;
}
