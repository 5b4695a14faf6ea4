// SPDX-License-Identifier: Apache-2.0
// docker.secret-copied-into-image, docker.context-takes-secrets: what COPY and ADD put into images.
#include <stdlib.h>

#include "base/limits.h"
#include "engine/check.h"
#include "scan/build_context.h"
#include "secrets/value.h"

enum { MAX_NAMED = 4 };

static enum sv_severity worst_of(const struct sv_taken *f)
{
    enum sv_severity sev = SV_MEDIUM; /* only a name speaks for it */
    if (!f->kept)
        return SV_LOW;
    for (size_t i = 0; i < f->n; i++)
        if (!(f->places[i].rule->flags & SV_RULE_GENERIC) && !f->places[i].encrypted)
            sev = SV_HIGH;
    return f->named || sv_slice_starts(sv_slice_of(sv_path_base(f->path)), ".env") ? SV_HIGH : sev;
}

/* The secret that its value tells before those that a name does. */
static const struct sv_secret_place *worst_place(const struct sv_taken *f)
{
    for (size_t i = 0; i < f->n; i++)
        if (!(f->places[i].rule->flags & SV_RULE_GENERIC) && !f->places[i].encrypted)
            return &f->places[i];
    return &f->places[0];
}

static const char *content(const struct sv_taken *f)
{
    if (f->repository)
        return "the repository's whole history";
    const struct sv_secret_place *p = worst_place(f);
    return !(p->rule->flags & SV_RULE_GENERIC) ? p->rule->title : p->name ? p->name : "a secret";
}

static void add_secrets(struct sv_ctx *cx, struct sv_finding *f, const struct sv_taken *file)
{
    for (size_t i = 0; i < file->n && i < SV_MAX_CONTEXT_SHOWN; i++)
        sv_finding_secret_place(cx, f, &file->places[i]);
}

static const char *fate(struct sv_ctx *cx, const struct sv_context_take *t, bool kept)
{
    struct sv_slice name = t->stage->name;
    if (kept && t->stage->final)
        return "everyone who has the image has it, also if a later step deletes it";
    if (kept)
        return sv_arena_printf(sv_ctx_arena(cx), "by the stage %.*s it is copied on into the image",
                               (int)name.n, name.p);
    return sv_arena_printf(sv_ctx_arena(cx), "it stays in the stage %.*s, that is in the build cache and "
                           "where that is pushed to", (int)name.n, name.p);
}

/* ".env": as .dockerignore wants it, from the top of the folder. */
static const char *below_context(const struct sv_context_take *t, const char *path)
{
    const char *folder = t->copy->folder->path;
    size_t n = strlen(folder);
    return strncmp(path, folder, n) == 0 && path[n] == '/' ? path + n + 1 : sv_path_base(path);
}

static const char *ignore_file(struct sv_ctx *cx, const struct sv_context_take *t)
{
    const struct sv_image_folder *from = t->copy->folder;
    return sv_shell_quote(sv_ctx_arena(cx),
                          from->ignore_file ? from->ignore_file
                                            : sv_path_join(sv_ctx_arena(cx), from->path, ".dockerignore"));
}

/* What is behind the file's name: another folder than the one that is built in. */
static const char *of_folder(struct sv_ctx *cx, const struct sv_context_take *t)
{
    const struct sv_image_folder *from = t->copy->folder;
    return from->name.n ? sv_arena_printf(sv_ctx_arena(cx), " of %s", from->path) : "";
}

/* ---- docker.secret-copied-into-image ---- */

static void copied(struct sv_ctx *cx, const struct sv_context_take *t,
                   const struct sv_taken *file)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    bool kept = file->kept;
    const char *rel = below_context(t, file->path);
    struct sv_finding *f =
        sv_report_at(cx, worst_of(file), t->source->node, "%.*s puts %s%s with %s into the image: %s",
                     (int)t->copy->step->node->name.n, t->copy->step->node->name.p, rel,
                     of_folder(cx, t), content(file), fate(cx, t, kept));
    f->key = sv_arena_printf(a, "COPY %s", rel);
    add_secrets(cx, f, file);
    sv_finding_evidence_file(cx, f, file->path, worst_place(file)->line, content(file));
    sv_finding_fix(cx, f, "Take the line out, and keep the file out of every build:\n"
                   "printf '%%s\\n' %s >> %s\n"
                   "Give it where it is needed: RUN --mount=type=secret,id=name in the build, "
                   "secrets: when the container runs.%s",
                   sv_shell_quote(a, rel), ignore_file(cx, t),
                   kept ? "\nChange the secret: images that were built hold it." : "");
}

/* COPY <<EOF /app/.env: the lines stand in the Dockerfile. */
static void written(struct sv_ctx *cx, const struct sv_image_stage *st,
                    const struct sv_image_copy *copy, const struct sv_docker_heredoc *h)
{
    for (size_t at = 0; at < h->text.n;) {
        struct sv_slice rest = sv_slice_sub(h->text, at, h->text.n);
        struct sv_slice line = sv_slice_sub(rest, 0, sv_slice_chr(rest, '\n'));
        struct sv_slice text = sv_slice_trim(line);
        if (sv_slice_starts(text, "export "))
            text = sv_slice_trim(sv_slice_sub(text, 7, text.n));
        size_t eq = sv_slice_chr(text, '=');
        struct sv_slice name = sv_slice_trim(sv_slice_sub(text, 0, eq));
        struct sv_slice value = sv_slice_trim(sv_slice_sub(text, eq + 1, text.n));
        if (value.n > 1 && (value.p[0] == '"' || value.p[0] == '\'') &&
            value.p[value.n - 1] == value.p[0])
            value = sv_slice_sub(value, 1, value.n - 1);
        uint32_t start = h->node->span.start + (uint32_t)at;
        at += line.n + 1;
        if (sv_slice_starts(text, "#") || sv_name_is_about_secret(name) ||
            !sv_value_is_secret(name, value) || sv_slice_chr(value, '$') < value.n)
            continue;
        struct sv_node *n = sv_new(sv_ctx_arena(cx), struct sv_node);
        *n = (struct sv_node){.kind = SV_NODE_VALUE,
                              .span = {h->node->span.file, start, start + (uint32_t)line.n}};
        n->head = n->span;
        struct sv_pos pos = sv_span_pos(sv_ctx_sources(cx), n->span);
        struct sv_finding *f =
            sv_report_at(cx, sv_image_keeps(st, copy->to) ? SV_HIGH : SV_LOW, n,
                         "the secret %.*s is written into a file of the image from the Dockerfile",
                         (int)name.n, name.p);
        f->key = sv_arena_printf(sv_ctx_arena(cx), "COPY <<%.*s", (int)name.n, name.p);
        sv_finding_secret(cx, f, "secret-assignment", value, pos.line, pos.column);
    }
}

static void run_copied(struct sv_ctx *cx, const struct sv_subject *s)
{
    sv_vec_each(it, &s->context->takes)
    {
        const struct sv_context_take *t = *it;
        sv_vec_each(f, &t->files)
        {
            if (f->n && !t->whole)
                copied(cx, t, f);
        }
    }
    sv_vec_each(st, &s->context->image->stages)
    {
        sv_vec_each(c, &(*st)->copies)
        {
            sv_vec_each(h, &(*c)->step->heredocs)
            {
                written(cx, *st, *c, h);
            }
        }
    }
}

const struct sv_check sv_check_docker_secret_copied_into_image = {
    SV_CHECK_HEADER,
    .id = "docker.secret-copied-into-image",
    .title = "A Dockerfile copies a file with secrets into the image",
    .why = "A layer keeps what was copied into it: RUN rm in a later step hides the file and leaves it in the "
           "image. Where the stage is not the last one, it stays in the build cache.",
    .fix = "RUN --mount=type=secret while building, secrets: when running.",
    .bad = "COPY .env /app/.env",
    .good = "RUN --mount=type=secret,id=env,target=/app/.env ./build",
    .severity = SV_HIGH,
    .on = SV_ON_IMAGE,
    .joins = true,
    .run = run_copied,
};

/* ---- docker.context-takes-secrets ---- */

/* What tells of itself by its value first, the repository last. */
static unsigned weight(const struct sv_taken *f)
{
    if (f->repository)
        return 0;
    return 1 + 2 * (unsigned)worst_of(f) + !(worst_place(f)->rule->flags & SV_RULE_GENERIC);
}

static int worst_first(const void *x, const void *y)
{
    const struct sv_taken *a = *(const struct sv_taken *const *)x;
    const struct sv_taken *b = *(const struct sv_taken *const *)y;
    if (weight(a) != weight(b))
        return weight(a) > weight(b) ? -1 : 1;
    return strcmp(a->path, b->path);
}

/* The files with secrets, and the repository where it is kept: the worst ones first. */
struct sorted {
    const struct sv_taken **v;
    size_t n;
};

static struct sorted sort(struct sv_arena *a, const struct sv_context_take *t)
{
    struct sorted s = {sv_new_n(a, const struct sv_taken *, t->files.n + 1), 0};
    sv_vec_each(f, &t->files)
    {
        if (f->repository ? f->kept : f->n > 0)
            s.v[s.n++] = f;
    }
    qsort(s.v, s.n, sizeof *s.v, worst_first);
    return s;
}

/* ", .mcp.json, id_rsa and 3 more": behind the first one. */
static const char *others(struct sv_ctx *cx, const struct sv_context_take *t,
                          const struct sorted *s)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    const char *out = "";
    size_t i = 1;
    for (; i < s->n && i < MAX_NAMED; i++)
        out = sv_arena_printf(a, "%s, %s", out,
                              s->v[i]->repository ? ".git" : below_context(t, s->v[i]->path));
    return i < s->n ? sv_arena_printf(a, "%s and %zu more", out, s->n - i) : out;
}

/* The lines to add to .dockerignore: each once, and a file's name at any depth. */
static const char *lines(struct sv_ctx *cx, const struct sv_context_take *t)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    const char *out = "";
    size_t n = 0;
    sv_vec_each(f, &t->files)
    {
        if (n++ < SV_MAX_CONTEXT_SHOWN)
            out = sv_arena_printf(a, "%s %s", out, sv_shell_quote(a, below_context(t, f->path)));
    }
    return out;
}

static void taken(struct sv_ctx *cx, const struct sv_context_take *t)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    const struct sorted files = sort(a, t);
    const struct sv_taken *first = files.n ? files.v[0] : NULL;
    if (!first)
        return;
    struct sv_finding *f = sv_report_at(
        cx, first->repository ? SV_MEDIUM : worst_of(first), t->source->node,
        "%.*s of the whole %s takes %s%s with %s%s: %s", (int)t->copy->step->node->name.n,
        t->copy->step->node->name.p, t->copy->folder->name.n ? "folder" : "context",
        below_context(t, first->path), of_folder(cx, t), content(first), others(cx, t, &files),
        fate(cx, t, first->kept));
    f->key = sv_arena_printf(a, "context %.*s", (int)t->stage->name.n, t->stage->name.p);
    for (size_t i = 0; i < files.n && i < SV_MAX_CONTEXT_SHOWN; i++) {
        const struct sv_taken *x = files.v[i];
        add_secrets(cx, f, x);
        sv_finding_evidence_file(cx, f, x->path, x->repository ? 0 : worst_place(x)->line,
                                 content(x));
    }
    sv_finding_fix(cx, f, "printf '%%s\\n'%s >> %s\nBuild it anew.%s", lines(cx, t),
                   ignore_file(cx, t), first->kept && !first->repository
                   ? "\nChange the secrets: images that were built hold them." : "");
}

static void run_context(struct sv_ctx *cx, const struct sv_subject *s)
{
    sv_vec_each(t, &s->context->takes)
    {
        if ((*t)->whole)
            taken(cx, *t);
    }
}

const struct sv_check sv_check_docker_context_takes_secrets = {
    SV_CHECK_HEADER,
    .id = "docker.context-takes-secrets",
    .title = "COPY of the whole build context takes secrets along",
    .why = "COPY . takes every file that lies there and that .dockerignore does not keep out: .env, keys, and .git "
           "with all that was ever committed. The image hands them to everyone who has it.",
    .fix = "Keep them out by .dockerignore, or copy the folders that are needed.",
    .bad = "COPY . /app        # .env and .git lie beside the Dockerfile",
    .good = "COPY . /app        # with .env and .git in .dockerignore",
    .severity = SV_HIGH,
    .on = SV_ON_IMAGE,
    .joins = true,
    .run = run_context,
};
