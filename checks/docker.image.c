// SPDX-License-Identifier: Apache-2.0
// docker.secret-in-image-env, docker.secret-in-build-arg: secrets that builds write into images.
#include "engine/check.h"
#include "scan/build_context.h"
#include "secrets/command.h"
#include "secrets/value.h"

/* Lines of one Dockerfile that a finding speaks of. */
struct lines {
    SV_VEC(uint32_t) list;
};

static const char BUILD_FIX[] =
    "build: {secrets: [name]}, and in the Dockerfile\n"
    "RUN --mount=type=secret,id=name ... (the value is in /run/secrets/name meanwhile)\n"
    "Change the secret: every image that was built with it still holds it.";
static const char RUN_FIX[] =
    "Take it out and give it when the container starts: secrets: or env_file: with mode 0600.\n"
    "Change the secret: every image that was built with it still holds it.";

/* Who can read it there: the file's readers, and those who have the image. */
static struct sv_finding *report(struct sv_ctx *cx, const struct sv_node *at, enum sv_severity sev,
                                 struct sv_slice name, struct sv_slice value, const char *where,
                                 const char *key)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    struct sv_pos pos = sv_span_pos(sv_ctx_sources(cx), at->span);
    const char *path = sv_span_path(sv_ctx_sources(cx), at->span);
    const char *readers = sv_access_readers(sv_ctx_fs(cx), sv_ctx_ids(cx), a, path);
    if (sv_access_anyone(readers) && sev == SV_MEDIUM)
        sev = SV_HIGH;
    struct sv_finding *f = sv_report_at(cx, sev, at, "the secret %.*s stands in %s", (int)name.n,
                                        name.p, where);
    f->key = sv_arena_printf(a, "%s %.*s", key, (int)name.n, name.p);
    f->readers = readers;
    if (sev != SV_LOW) /* it is in the image */
        f->readers = sv_arena_printf(
            a, "%s; everyone who has the image: docker history, docker inspect", readers);
    sv_finding_secret(cx, f, "secret-assignment", value, pos.line, pos.column);
    return f;
}

/* A value of which a part is not known counts only where the rest says enough: a URL. */
static bool is_secret_value(const struct sv_image_value *v)
{
    return sv_setting_is_secret(v->name, v->value) &&
           (v->known || sv_slice_find(v->value, "://") < v->value.n);
}

static const char *stage_name(struct sv_ctx *cx, const struct sv_image_stage *st)
{
    return st->name.n ? sv_arena_printf(sv_ctx_arena(cx), "the stage %.*s", (int)st->name.n,
                                        st->name.p) : "an earlier stage";
}

/* "ENV of the image", "ENV of the stage build, which is not part of the image but of its cache". */
static const char *where(struct sv_ctx *cx, const struct sv_image_stage *st, const char *what)
{
    if (st->final)
        return sv_arena_printf(sv_ctx_arena(cx), "%s, and so in the image for everyone who has it", what);
    return sv_arena_printf(sv_ctx_arena(cx), "%s of %s: not in the image, but in its build cache and "
                           "in every copy of this file", what, stage_name(cx, st));
}

static enum sv_severity severity(const struct sv_image_stage *st)
{
    return st->final ? SV_MEDIUM : SV_LOW;
}

/* ---- docker.secret-in-build-arg ---- */

static void compose_args(struct sv_ctx *cx, const struct sv_container *c)
{
    sv_vec_each(v, &c->build_args)
    {
        if (!sv_setting_is_secret(v->name, v->value) || sv_slice_find(v->value, "${") < v->value.n)
            continue;
        struct sv_finding *f =
            report(cx, v->node, SV_MEDIUM, v->name, v->value,
                   "build.args, and stays in the image's history for everyone who has the image", c->name);
        sv_finding_fix(cx, f, "%s", BUILD_FIX);
    }
}

static void default_of(struct sv_ctx *cx, const struct sv_image_value *v,
                       const struct sv_image_stage *st)
{
    if (v->step->op != SV_DOCKER_ARG || !is_secret_value(v))
        return;
    struct sv_finding *f =
        report(cx, v->node, st ? severity(st) : SV_LOW, v->name, v->value,
               st ? where(cx, st, "the default of a build argument")
                  : "the default of a build argument, in every copy of this file", "ARG");
    sv_finding_fix(cx, f, "Leave the default out. %s", BUILD_FIX);
}

static void run_build_arg(struct sv_ctx *cx, const struct sv_subject *s)
{
    if (s->container) {
        compose_args(cx, s->container);
        return;
    }
    sv_vec_each(v, &s->context->image->global)
    {
        default_of(cx, v, NULL);
    }
    sv_vec_each(st, &s->context->image->stages)
    {
        sv_vec_each(v, &(*st)->values)
        {
            default_of(cx, v, *st);
        }
    }
}

const struct sv_check sv_check_docker_secret_in_build_arg = {
    SV_CHECK_HEADER,
    .id = "docker.secret-in-build-arg",
    .title = "A build argument holds a secret",
    .why = "docker history shows the arguments that an image was built with, defaults included.",
    .fix = "A build secret: RUN --mount=type=secret.",
    .bad = "build: {args: {NPM_TOKEN: ...}}",
    .good = "build: {secrets: [npm_token]}",
    .severity = SV_HIGH,
    .on = SV_ON_CONTAINER | SV_ON_IMAGE,
    .joins = true,
    .run = run_build_arg,
};

/* ---- docker.secret-in-image-env ---- */

/* The value's own place within the instruction, which may have many lines. */
static struct sv_node *place_of(struct sv_ctx *cx, const struct sv_node *step,
                                struct sv_slice value)
{
    struct sv_node *n = sv_new(sv_ctx_arena(cx), struct sv_node);
    struct sv_slice text = sv_span_text(sv_ctx_sources(cx), step->span);
    *n = (struct sv_node){.kind = SV_NODE_VALUE, .span = step->span};
    size_t at = sv_slice_find(text, sv_arena_copy(sv_ctx_arena(cx), value).p);
    if (at < text.n) {
        n->span.start = step->span.start + (uint32_t)at;
        n->span.end = n->span.start + (uint32_t)value.n;
    }
    n->head = n->span;
    return n;
}

/* "SECRET_KEY_BASE=only-for-the-build": words, set for one command that asks for anything. */
static bool is_stand_in(struct sv_slice name, struct sv_slice value)
{
    if (sv_slice_find(name, "SECRET_KEY") == name.n && sv_slice_find(name, "APP_KEY") == name.n)
        return false;
    for (size_t i = 0; i < value.n; i++)
        if (!(value.p[i] >= 'a' && value.p[i] <= 'z') && value.p[i] != '-' && value.p[i] != '_')
            return false;
    return true;
}

static void note(struct sv_ctx *cx, struct lines *lines, const struct sv_finding *f)
{
    sv_vec_push(sv_ctx_arena(cx), &lines->list, f->line);
}

static void command(struct sv_ctx *cx, const struct sv_image_stage *st,
                    const struct sv_docker_step *step, const struct sv_command_secrets *found,
                    struct lines *lines)
{
    const char *kind = step->op == SV_DOCKER_RUN ? "a RUN line" : "a command line";
    sv_vec_each(x, &found->list)
    {
        if (sv_name_is_about_secret(x->name) || is_stand_in(x->name, x->value))
            continue;
        struct sv_finding *f = report(cx, place_of(cx, step->node, x->value), severity(st), x->name,
                                      x->value, where(cx, st, kind), "RUN");
        sv_finding_fix(cx, f, "%s", step->op == SV_DOCKER_RUN ? BUILD_FIX : RUN_FIX);
        note(cx, lines, f);
    }
}

static void in_commands(struct sv_ctx *cx, const struct sv_image_stage *st,
                        const struct sv_docker_step *step, struct lines *lines)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    struct sv_command_secrets found = {0};
    struct sv_words words = {0};
    if (step->op != SV_DOCKER_RUN && step->op != SV_DOCKER_CMD &&
        step->op != SV_DOCKER_ENTRYPOINT && step->op != SV_DOCKER_HEALTHCHECK)
        return;
    sv_vec_each(w, &step->words)
    {
        sv_vec_push(a, &words.list, w->text);
    }
    if (step->json)
        sv_command_secrets(a, words.list.v, words.list.n, &found);
    else
        sv_command_line_secrets(a, step->rest, &found);
    sv_vec_each(h, &step->heredocs)
    {
        for (size_t at = 0; at < h->text.n;) {
            struct sv_slice rest = sv_slice_sub(h->text, at, h->text.n);
            struct sv_slice line = sv_slice_sub(rest, 0, sv_slice_chr(rest, '\n'));
            at += line.n + 1;
            if (!sv_slice_starts(sv_slice_trim(line), "#"))
                sv_command_line_secrets(a, line, &found);
        }
    }
    command(cx, st, step, &found, lines);
}

/* A finding at that line of the file says it already. */
static bool told(const struct lines *lines, uint32_t line)
{
    sv_vec_each(l, &lines->list)
    {
        if (*l == line)
            return true;
    }
    return false;
}

/* Tokens that no name and no option announces: "echo //registry/:_authToken=... > .npmrc". */
static void by_shape(struct sv_ctx *cx, const struct sv_context *c, const struct lines *lines,
                     const struct sv_image_stage *st, const struct sv_docker_step *step)
{
    struct sv_pos first = sv_span_pos(sv_ctx_sources(cx), step->node->span);
    struct sv_span end = step->node->span;
    end.start = end.end > end.start ? end.end - 1 : end.end;
    uint32_t last = sv_span_pos(sv_ctx_sources(cx), end).line;
    const struct sv_source *src = sv_source_get(sv_ctx_sources(cx), step->node->span.file);
    for (size_t i = 0; i < c->n_own; i++) {
        const struct sv_secret_place *p = &c->own[i];
        if (p->line < first.line || p->line > last || !src || strcmp(src->path, p->path) != 0 ||
            told(lines, p->line) ||
            sv_slice_starts(sv_source_line(sv_ctx_sources(cx), step->node->span.file, p->line), "#"))
            continue;
        struct sv_finding *f = sv_report_file(
            cx, severity(st) == SV_MEDIUM ? SV_HIGH : SV_LOW, p->path, p->line, "%s stands in %s",
            sv_secret_place_title(sv_ctx_arena(cx), p),
            where(cx, st, sv_arena_printf(sv_ctx_arena(cx), "a line of %.*s",
                                          (int)step->node->name.n, step->node->name.p)));
        sv_finding_secret_place(cx, f, p);
        sv_finding_fix(cx, f, "%s", BUILD_FIX);
    }
}

static void run_image_env(struct sv_ctx *cx, const struct sv_subject *s)
{
    struct lines lines = {0};
    sv_vec_each(it, &s->context->image->stages)
    {
        const struct sv_image_stage *st = *it;
        sv_vec_each(v, &st->values)
        {
            if (v->step->op == SV_DOCKER_ARG || !is_secret_value(v))
                continue;
            bool label = v->step->op == SV_DOCKER_LABEL;
            struct sv_finding *f = report(cx, v->node, severity(st), v->name, v->value,
                                          where(cx, st, label ? "LABEL" : "ENV"), "ENV");
            sv_finding_fix(cx, f, "%s", RUN_FIX);
            note(cx, &lines, f);
        }
        sv_vec_each(step, &st->steps)
        {
            in_commands(cx, st, *step, &lines);
        }
    }
    sv_vec_each(it, &s->context->image->stages)
    {
        sv_vec_each(step, &(*it)->steps)
        {
            if ((*step)->op != SV_DOCKER_COPY && (*step)->op != SV_DOCKER_ADD &&
                (*step)->op != SV_DOCKER_ARG)
                by_shape(cx, s->context, &lines, *it, *step);
        }
    }
}

const struct sv_check sv_check_docker_secret_in_image_env = {
    SV_CHECK_HEADER,
    .id = "docker.secret-in-image-env",
    .title = "A Dockerfile writes a secret into the image's settings or history",
    .why = "ENV and LABEL are part of the image, and RUN lines of its history: docker inspect and docker history "
           "show them to everyone who has the image, and deleting them in a later step changes nothing. "
           "The Dockerfile itself is in every repository that holds it.",
    .fix = "RUN --mount=type=secret while building; secrets: or env_file: when running.",
    .bad = "ENV OPENAI_API_KEY=sk-...",
    .good = "RUN --mount=type=secret,id=openai ./build   # and no ENV",
    .severity = SV_HIGH,
    .on = SV_ON_IMAGE,
    .joins = true,
    .run = run_image_env,
};
