// SPDX-License-Identifier: Apache-2.0
// Dockerfiles to images: scopes of ARG and ENV, what each COPY names, which stages are kept.
#include "model/image.h"

#include <ctype.h>

#include "base/limits.h"

enum { COST_OF_PATTERN = 16384 }; /* what ${x#pattern} may cost, in comparisons of names */

/* One Dockerfile while it is read. */
struct build {
    const struct sv_model_env *env;
    struct sv_image *image;
    struct sv_docker_vars global;
    struct sv_map names; /* of stages, in small letters: the last one's number + 1 */
    size_t expanded; /* bytes that variables made */
    size_t lookups;  /* variables that others were compared with */
    size_t compared; /* paths that stages keep */
    unsigned complaints;
    bool told;
};

/* What is in force in a stage, step by step. */
struct scope {
    struct sv_docker_vars vars;
    struct sv_map from_env; /* names that ENV set: ARG does not change them */
    bool inherits;          /* an image from elsewhere may have set more */
    const char *workdir;
};

static struct sv_arena *arena(const struct build *b)
{
    return b->env->arena;
}

static void complain(struct build *b, struct sv_span at, const char *text)
{
    if (b->complaints++ < SV_MAX_DIAGS_PER_FILE)
        sv_diag_at(b->env->diags, SV_DIAG_ERROR, at, "%s", text);
}

/* ---- variables ---- */

/* "$X" of a name that the image from elsewhere may set: its own ENV is not known here. */
static bool names_unset(struct sv_slice text, const struct sv_docker_vars *vars)
{
    for (size_t i = 0; i + 1 < text.n; i++) {
        size_t from = i + 1 + (text.p[i + 1] == '{'), to = from;
        if (text.p[i] == '\\') {
            i++;
            continue;
        }
        while (to < text.n && (isalnum((unsigned char)text.p[to]) || text.p[to] == '_'))
            to++;
        bool fallback = to < text.n && text.p[i + 1] == '{' && text.p[to] != '}';
        if (text.p[i] == '$' && to > from && !fallback &&
            !sv_docker_get(vars, sv_slice_sub(text, from, to)))
            return true;
    }
    return false;
}

/* What replacing the variables of a text may cost, in comparisons of names. */
static size_t lookups_of(struct sv_slice text, const struct sv_docker_vars *vars)
{
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        size_t to = i + 2;
        if (text.p[i] != '$')
            continue;
        n += 2 * (vars->list.n + 1);
        while (to < text.n && (isalnum((unsigned char)text.p[to]) || text.p[to] == '_'))
            to++;
        if (to < text.n && text.p[i + 1] == '{' && memchr("#%/", text.p[to], 3))
            n += COST_OF_PATTERN;
        i = to - 2; /* names are passed once */
    }
    return n;
}

static bool expand(struct build *b, const struct sv_docker_vars *vars, bool inherits,
                   struct sv_slice text, const struct sv_node *at, struct sv_slice *ret)
{
    b->lookups += lookups_of(text, vars);
    if (b->expanded > SV_MAX_DOCKER_EXPANDED || b->lookups > SV_MAX_DOCKER_LOOKUPS) {
        if (!b->told)
            complain(b, at->span,
                     "variables grow too large or too many; from here on they are not followed");
        b->told = true;
        *ret = (struct sv_slice){"", 0};
        return false;
    }
    enum sv_docker_expansion rc =
        sv_docker_expand(arena(b), text, b->image->file->escape, vars, ret);
    b->expanded += ret->n;
    if (rc == SV_DOCKER_LARGE)
        complain(b, at->span, "its value is too large to be followed");
    if (rc == SV_DOCKER_REFUSED)
        complain(b, at->span,
                 "a quote or a variable that is not closed, or that Docker does not know");
    return rc == SV_DOCKER_WHOLE && !(inherits && names_unset(text, vars));
}

static void set(struct build *b, struct sv_docker_vars *vars, struct sv_slice name,
                struct sv_slice value, bool known, const struct sv_node *at)
{
    b->lookups += vars->list.n + 1;
    if (vars->list.n < SV_MAX_ENV_LINES && b->lookups <= SV_MAX_DOCKER_LOOKUPS) {
        sv_docker_set(arena(b), vars, (struct sv_docker_var){name, value, known});
        return;
    }
    if (!b->told)
        complain(b, at->span, "too many variables; from here on they are not followed");
    b->told = true;
}

/* The value that the compose file gives to an ARG. */
static const struct sv_container_var *given(struct build *b, struct sv_slice name)
{
    const struct sv_container *c = b->image->container;
    b->lookups += c ? c->build_args.n : 0;
    for (size_t i = 0; c && i < c->build_args.n && b->lookups <= SV_MAX_DOCKER_LOOKUPS; i++)
        if (sv_slice_eq(c->build_args.v[i].name, name))
            return &c->build_args.v[i];
    return NULL;
}

/* ARG: the builder's value, else the default, else (in a stage) that of the same global ARG. */
static void argument(struct build *b, struct scope *s, const struct sv_docker_step *step,
                     const struct sv_docker_pair *p, void *values)
{
    SV_VEC(struct sv_image_value) *out = values;
    struct sv_docker_vars *vars = s ? &s->vars : &b->global;
    struct sv_slice name = p->name, value = {"", 0};
    bool known = p->set && expand(b, vars, s && s->inherits, p->value, p->node, &value);
    if (p->set) {
        struct sv_image_value v = {step, name, value, known, p->node};
        sv_vec_push(arena(b), out, v);
    }
    const struct sv_container_var *by_compose = given(b, name);
    const struct sv_docker_var *global = s && !p->set ? sv_docker_get(&b->global, name) : NULL;
    if (by_compose) {
        value = by_compose->value;
        known = sv_slice_chr(value, '$') == value.n && value.n;
    } else if (global) {
        value = global->value;
        known = global->known;
    }
    if (!s || !sv_map_find(&s->from_env, name))
        set(b, vars, name, value, known, p->node);
}

/* All pairs of one ENV or LABEL see the variables as they were before it. */
static void settings(struct build *b, struct sv_image_stage *st, struct scope *s,
                     const struct sv_docker_step *step)
{
    size_t first = st->values.n;
    sv_vec_each(p, &step->pairs)
    {
        struct sv_image_value v = {.step = step, .node = p->node};
        bool known = expand(b, &s->vars, s->inherits, p->name, p->node, &v.name);
        v.known = expand(b, &s->vars, s->inherits, p->value, p->node, &v.value) && known;
        sv_vec_push(arena(b), &st->values, v);
    }
    for (size_t i = first; i < st->values.n && step->op == SV_DOCKER_ENV && !step->onbuild; i++) {
        const struct sv_image_value *v = &st->values.v[i];
        set(b, &s->vars, v->name, v->value, v->known, v->node);
        *sv_map_at(arena(b), &s->from_env, v->name) = 1;
    }
}

/* ---- stages ---- */

/* A stage that is named before this one, by its name or number; SV_IMAGE_ELSEWHERE if none. */
static int stage_of(struct build *b, struct sv_slice name, bool numbers)
{
    unsigned long long n;
    size_t known = b->image->stages.n;
    uint32_t hit = sv_map_find(&b->names, sv_arena_mapped(arena(b), name, tolower));
    if (hit)
        return (int)hit - 1;
    if (numbers && sv_slice_u64(name, &n) && n < known)
        return (int)n;
    return SV_IMAGE_ELSEWHERE;
}

static struct sv_image_stage *from(struct build *b, const struct sv_docker_step *step,
                                   struct scope *scopes, struct scope *ret)
{
    struct sv_image_stage *st = sv_new(arena(b), struct sv_image_stage);
    struct sv_slice base = {"", 0};
    st->node = step->node;
    st->parent = SV_IMAGE_ELSEWHERE;
    if (step->words.n && expand(b, &b->global, false, step->words.v[0].text, step->node, &base))
        st->parent = stage_of(b, base, false);
    if (step->words.n == 3 && sv_slice_is_nocase(step->words.v[1].text, "AS"))
        st->name = step->words.v[2].text;
    else if (step->words.n != 1)
        complain(b, step->node->span, "expected FROM image [AS name]");
    *ret = (struct scope){.workdir = "/", .inherits = !sv_slice_is(base, "scratch")};
    if (sv_slice_starts(base, "golang"))
        ret->workdir = "/go";
    if (st->parent >= 0) { /* its ENV and WORKDIR, not its ARG */
        const struct scope *p = &scopes[st->parent];
        ret->workdir = p->workdir;
        ret->inherits = p->inherits;
        sv_vec_each(v, &p->vars.list)
        {
            if (b->lookups > SV_MAX_DOCKER_LOOKUPS)
                break;
            if (!sv_map_find(&p->from_env, v->name))
                continue;
            set(b, &ret->vars, v->name, v->value, v->known, step->node);
            *sv_map_at(arena(b), &ret->from_env, v->name) = 1;
        }
    }
    return st;
}

static bool is_remote(struct sv_slice s)
{
    return sv_slice_find(s, "://") < s.n || sv_slice_starts(s, "git@") ||
           sv_slice_starts(s, "<<");
}

/* "additional_contexts: {name: ./folder}" of the compose file: such a name wins over a stage's. */
static const struct sv_container_var *named_context(struct build *b, struct sv_slice name)
{
    const struct sv_container *c = b->image->container;
    b->lookups += c ? c->build_contexts.n : 0;
    for (size_t i = 0; c && i < c->build_contexts.n && b->lookups <= SV_MAX_DOCKER_LOOKUPS; i++)
        if (sv_slice_eq_nocase(c->build_contexts.v[i].name, name))
            return &c->build_contexts.v[i];
    return NULL;
}

/* Such a context's folder, one for all that take from it; NULL: it is none of this machine. */
static const struct sv_image_folder *folder_of(struct build *b, const struct sv_container_var *v,
                                               const struct sv_node *at)
{
    sv_vec_each(old, &b->image->named)
    {
        if (sv_slice_eq((*old)->name, v->name))
            return *old;
    }
    if (sv_slice_chr(v->value, '$') < v->value.n)
        complain(b, at->span, "which folder the compose file calls by this name under "
                 "additional_contexts only who builds knows");
    if (v->value.n == 0 || v->value.p[0] != '/')
        return NULL; /* an image, a repository, another service */
    struct sv_image_folder *folder = sv_new(arena(b), struct sv_image_folder);
    *folder = (struct sv_image_folder){.name = v->name,
                                       .path = sv_arena_copy(arena(b), v->value).p};
    sv_vec_push(arena(b), &b->image->named, folder);
    return folder;
}

/* Where from=name takes from. */
static int from_where(struct build *b, struct scope *s, struct sv_slice text,
                      const struct sv_node *at, const struct sv_image_folder **ret_folder)
{
    struct sv_slice name;
    *ret_folder = NULL;
    if (text.n == 0) {
        *ret_folder = &b->image->context;
        return SV_IMAGE_CONTEXT;
    }
    if (!expand(b, &s->vars, s->inherits, text, at, &name))
        return SV_IMAGE_ELSEWHERE;
    const struct sv_container_var *other = named_context(b, name);
    if (!other)
        return stage_of(b, name, true);
    *ret_folder = folder_of(b, other, at);
    return *ret_folder ? SV_IMAGE_FOLDER : SV_IMAGE_ELSEWHERE;
}

/* FROM the name of a folder: all of it is the stage's beginning. */
static void from_folder(struct build *b, struct sv_image_stage *st, struct scope *s,
                        const struct sv_docker_step *step)
{
    const struct sv_image_folder *folder;
    struct sv_slice base;
    if (!step->words.n || !expand(b, &b->global, false, step->words.v[0].text, step->node, &base))
        return;
    const struct sv_container_var *other = named_context(b, base);
    if (!other)
        return;
    st->parent = SV_IMAGE_ELSEWHERE;
    s->workdir = "/";
    folder = folder_of(b, other, step->node);
    if (!folder)
        return;
    struct sv_image_copy *c = sv_new(arena(b), struct sv_image_copy);
    *c = (struct sv_image_copy){.step = step, .from = SV_IMAGE_FOLDER, .folder = folder, .to = "/",
                                .to_folder = true};
    struct sv_image_source all = {SV_LIT("."), true, step->words.v[0].node};
    sv_vec_push(arena(b), &c->sources, all);
    sv_vec_push(arena(b), &st->copies, c);
}

static const char *join_known(struct build *b, const char *base, struct sv_slice path)
{
    return base ? sv_path_join(arena(b), base, sv_arena_copy(arena(b), path).p) : NULL;
}

/* "a/b" of "/a/b", "." of "/". */
static struct sv_slice below_top(const char *path)
{
    return path[1] ? sv_slice_of(path + 1) : SV_LIT(".");
}

/* RUN --mount=type=bind,from=x,target=/m cp /m/key /app: it is copied as COPY would do it. */
static void lift(struct build *b, struct sv_image_stage *st, struct scope *s,
                 const struct sv_docker_step *step)
{
    struct sv_image_lifts lifts = {.made = b->expanded};
    if (b->lookups > SV_MAX_DOCKER_LOOKUPS)
        return; /* which the next variable tells */
    sv_image_lifted(arena(b), step, s->workdir, &lifts);
    b->lookups += lifts.compared;
    b->expanded = lifts.made;
    if (lifts.cut)
        complain(b, step->node->head, "it copies more out of its mounts than is followed");
    sv_vec_each(l, &lifts.list)
    {
        struct sv_image_copy *c = sv_new(arena(b), struct sv_image_copy);
        struct sv_image_source src = {below_top(l->path), true, l->flag->node};
        c->step = step;
        c->from = from_where(b, s, l->from, l->flag->node, &c->folder);
        c->to = l->to;
        c->to_folder = l->to_folder;
        sv_vec_push(arena(b), &c->sources, src);
        sv_vec_push(arena(b), &st->copies, c);
    }
}

static void copy(struct build *b, struct sv_image_stage *st, struct scope *s,
                 const struct sv_docker_step *step)
{
    struct sv_image_copy *c = sv_new(arena(b), struct sv_image_copy);
    const struct sv_docker_pair *flag = sv_docker_flag(step, "from");
    struct sv_slice text;
    c->step = step;
    if (step->words.n < 2) {
        complain(b, step->node->head, "expected a source and a target");
        return;
    }
    c->from = from_where(b, s, flag ? flag->value : SV_LIT(""), flag ? flag->node : step->node,
                         &c->folder);
    sv_vec_each(f, &step->flags)
    {
        if (sv_slice_is(f->name, "exclude") &&
            expand(b, &s->vars, s->inherits, f->value, f->node, &text))
            sv_docker_ignore_add(arena(b), text, &c->exclude);
    }
    for (size_t i = 0; i + 1 < step->words.n; i++) {
        const struct sv_docker_word *w = &step->words.v[i];
        struct sv_image_source src = {.node = w->node};
        unsigned said = b->complaints;
        if (is_remote(w->text))
            continue;
        src.known = expand(b, &s->vars, s->inherits, w->text, w->node, &text);
        if (!src.known && c->folder && c->folder->path &&
            said == b->complaints && !b->told)
            complain(b, w->node->span,
                     "which files it takes only who builds knows: a variable in it has no value here");
        /* ".." stops at the top, as the builder has it. */
        src.path = below_top(join_known(b, "/", text));
        sv_vec_push(arena(b), &c->sources, src);
    }
    const struct sv_docker_word *last = &step->words.v[step->words.n - 1];
    bool known = expand(b, &s->vars, s->inherits, last->text, last->node, &text);
    c->to_folder = c->sources.n > 1 || !known || sv_slice_ends(text, "/") || sv_slice_is(text, ".") ||
                   sv_slice_ends(text, "/.");
    c->to = known && text.n && text.n < SV_MAX_PATH ? join_known(b, s->workdir, text) : NULL;
    sv_vec_push(arena(b), &st->copies, c);
}

static void in_stage(struct build *b, struct sv_image_stage *st, struct scope *s,
                     const struct sv_docker_step *step)
{
    struct sv_slice text;
    sv_vec_push(arena(b), &st->steps, step);
    switch (step->op) {
    case SV_DOCKER_ARG:
        sv_vec_each(p, &step->pairs)
        {
            argument(b, s, step, p, &st->values);
        }
        break;
    case SV_DOCKER_ENV:
    case SV_DOCKER_LABEL:
        settings(b, st, s, step);
        break;
    case SV_DOCKER_WORKDIR:
        s->workdir = expand(b, &s->vars, s->inherits, step->rest, step->node, &text)
                         ? join_known(b, s->workdir, text) : NULL;
        if (s->workdir && strlen(s->workdir) >= SV_MAX_PATH)
            s->workdir = NULL;
        break;
    case SV_DOCKER_ADD:
    case SV_DOCKER_COPY:
        if (!step->onbuild) /* else it takes from another build's context */
            copy(b, st, s, step);
        break;
    case SV_DOCKER_RUN:
        if (!step->onbuild)
            lift(b, st, s, step);
        break;
    default:
        break;
    }
}

static void read_steps(struct build *b)
{
    const struct sv_dockerfile *f = b->image->file;
    size_t n = 0;
    sv_vec_each(step, &f->steps)
    {
        n += step->op == SV_DOCKER_FROM;
    }
    struct scope *scopes = sv_new_n(arena(b), struct scope, n + 1);
    struct sv_image_stage *st = NULL;
    sv_vec_each(step, &f->steps)
    {
        if (step->op == SV_DOCKER_FROM && !step->onbuild) {
            st = from(b, step, scopes, &scopes[b->image->stages.n]);
            from_folder(b, st, &scopes[b->image->stages.n], step);
            sv_vec_push(arena(b), &b->image->stages, st);
            if (st->name.n)
                *sv_map_at(arena(b), &b->names, sv_arena_mapped(arena(b), st->name, tolower)) =
                    (uint32_t)b->image->stages.n;
        } else if (st) {
            in_stage(b, st, &scopes[b->image->stages.n - 1], step);
        } else if (step->op == SV_DOCKER_ARG) {
            sv_vec_each(p, &step->pairs)
            {
                argument(b, NULL, step, p, &b->image->global);
            }
        } else {
            complain(b, step->node->head, "only ARG may stand before the first FROM");
        }
    }
}

/* ---- what is kept ---- */

/* The folder around the first wildcard: "dist/ *.js" of another stage is kept as "/dist". */
static const char *kept_path(struct build *b, const struct sv_image_source *src)
{
    size_t cut = 0, n = src->path.n;
    if (!src->known || sv_slice_is(src->path, "."))
        return "/";
    for (size_t i = 0; i < n; i++) {
        if (strchr("*?[", src->path.p[i]) && src->path.p[i]) {
            n = cut;
            break;
        }
        if (src->path.p[i] == '/')
            cut = i;
    }
    return sv_arena_printf(arena(b), "/%.*s", (int)n, src->path.p);
}

static void keep(struct build *b, struct sv_image_stage *st, const char *path)
{
    b->compared += st->kept.n;
    if (b->compared > SV_MAX_STAGE_COMPARED) { /* one path, which all others are below */
        path = "/";
        st->kept.n = 0;
    }
    sv_vec_each(k, &st->kept)
    {
        if (sv_path_below(path, *k))
            return;
    }
    if (st->kept.n >= SV_MAX_STAGE_KEPT)
        path = "/";
    sv_vec_push(arena(b), &st->kept, path);
}

bool sv_image_keeps(const struct sv_image_stage *st, const char *path)
{
    if (st->final || (!path && st->kept.n))
        return true;
    for (size_t i = 0; path && i < st->kept.n; i++)
        if (sv_path_below(path, st->kept.v[i]))
            return true;
    return false;
}

/* A folder that is kept in part keeps what is copied into it. */
static bool keeps_some(const struct sv_image_stage *st, const char *to)
{
    if (sv_image_keeps(st, to))
        return true;
    sv_vec_each(k, &st->kept)
    {
        if (to && sv_path_below(*k, to))
            return true;
    }
    return false;
}

static size_t target_of(struct build *b)
{
    const struct sv_container *c = b->image->container;
    int named = c && c->build_target.n ? stage_of(b, c->build_target, true) : -1;
    return named >= 0 ? (size_t)named : b->image->stages.n - 1;
}

static void mark_kept(struct build *b)
{
    struct sv_image *im = b->image;
    if (im->stages.n == 0)
        return;
    for (int i = (int)target_of(b); i >= 0; i = im->stages.v[i]->parent)
        im->stages.v[i]->final = true;
    for (size_t i = im->stages.n; i > 0; i--) { /* a stage takes from those before it alone */
        const struct sv_image_stage *st = im->stages.v[i - 1];
        sv_vec_each(it, &st->copies)
        {
            const struct sv_image_copy *c = *it;
            for (size_t k = 0; c->from >= 0 && k < c->sources.n && keeps_some(st, c->to); k++)
                keep(b, im->stages.v[c->from], kept_path(b, &c->sources.v[k]));
        }
        for (size_t k = 0; st->parent >= 0 && k < st->kept.n; k++)
            keep(b, im->stages.v[st->parent], st->kept.v[k]);
    }
}

void sv_image_read(const struct sv_model_env *env, struct sv_image *io)
{
    struct build b = {.env = env, .image = io};
    read_steps(&b);
    mark_kept(&b);
}
