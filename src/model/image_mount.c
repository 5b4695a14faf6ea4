// SPDX-License-Identifier: Apache-2.0
// RUN --mount=type=bind: which of the mounted files the step's commands copy into the image.
#include "base/limits.h"
#include "model/image.h"

struct mount {
    const struct sv_docker_pair *flag;
    struct sv_slice from;
    const char *source, *target; /* absolute: in what is mounted, in the image */
};

struct lifting {
    struct sv_arena *a;
    struct sv_image_lifts *ret;
    const char *dir; /* that the commands work in; NULL: not known */
    SV_VEC(struct mount) mounts;
    SV_VEC(const char *) words; /* of one command; what a variable decides is "" */
};

/* False if that many bytes more are too many, which is told. */
static bool spend(struct lifting *l, size_t n)
{
    bool enough = n <= 2 * SV_MAX_PATH && l->ret->made + n <= SV_MAX_DOCKER_EXPANDED;
    l->ret->made += enough ? n : 0;
    l->ret->cut |= !enough;
    return enough;
}

/* Relative to a folder; NULL where that is not known, or no kernel would take the path. */
static const char *in(struct lifting *l, const char *dir, struct sv_slice path)
{
    if (path.n == 0 || (path.p[0] != '/' && !dir))
        return NULL;
    size_t n = path.n + (path.p[0] == '/' ? 0 : strlen(dir) + 1);
    if (n > SV_MAX_PATH) {
        l->ret->cut = true;
        return NULL;
    }
    return spend(l, n + path.n) ? sv_path_join(l->a, dir ? dir : "/", sv_arena_copy(l->a, path).p)
                                : NULL;
}

/* "type=bind,from=x,source=/a,target=/b"; without type= it is a bind. */
static void add_mount(struct lifting *l, const struct sv_docker_pair *flag)
{
    struct sv_slice rest = flag->value, source = SV_LIT("/"), target = {"", 0};
    struct mount m = {.flag = flag, .from = {"", 0}};
    while (rest.n) {
        struct sv_slice item = sv_slice_sub(rest, 0, sv_slice_chr(rest, ','));
        size_t eq = sv_slice_chr(item, '=');
        struct sv_slice name = sv_slice_sub(item, 0, eq);
        struct sv_slice value = sv_slice_sub(item, eq + 1, item.n);
        rest = sv_slice_sub(rest, item.n + 1, rest.n);
        if (sv_slice_is(name, "type") && !sv_slice_is(value, "bind"))
            return;
        if (sv_slice_is(name, "from"))
            m.from = value;
        else if (sv_slice_is(name, "source") || sv_slice_is(name, "src"))
            source = value;
        else if (sv_slice_is(name, "target") || sv_slice_is(name, "dst") ||
                 sv_slice_is(name, "destination"))
            target = value;
    }
    if (sv_slice_chr(source, '$') < source.n || sv_slice_chr(target, '$') < target.n)
        return;
    m.source = in(l, "/", source);
    m.target = in(l, l->dir, target);
    l->ret->cut |= l->mounts.n >= SV_MAX_IMAGE_LIFTS;
    if (m.source && m.target && l->mounts.n < SV_MAX_IMAGE_LIFTS)
        sv_vec_push(l->a, &l->mounts, m);
}

/* ---- the commands ---- */

static void lift(struct lifting *l, const char *path, const char *to, bool to_folder)
{
    l->ret->compared += l->mounts.n;
    sv_vec_each(m, &l->mounts)
    {
        bool below = sv_path_below(path, m->target);
        if (!below && !sv_path_below(m->target, path))
            continue;
        const char *rest = below && m->target[1] ? path + strlen(m->target) : below ? path : "";
        if (l->ret->list.n >= SV_MAX_IMAGE_LIFTS ||
            !spend(l, 2 * (strlen(m->source) + strlen(rest)))) {
            l->ret->cut = true;
            return;
        }
        struct sv_image_lift one = {m->flag, m->from, NULL, to, to_folder};
        one.path = sv_path_join(l->a, "/", sv_arena_printf(l->a, "%s/%s", m->source, rest));
        sv_vec_push(l->a, &l->ret->list, one);
    }
}

/* Options whose value is the next word. */
static bool takes_value(const char *option)
{
    static const char *const options[] = {"-m", "-o", "-g", "-S", "--mode", "--owner", "--group"};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (strcmp(option, options[i]) == 0)
            return true;
    return false;
}

/* cp, install, mv, rsync: sources and, unless -t gave it, the target last. */
static void copying(struct lifting *l)
{
    SV_VEC(const char *) paths = {0};
    const char *to = NULL;
    bool by_option = false;
    for (size_t i = 1; i < l->words.n; i++) {
        const char *w = l->words.v[i];
        if (strcmp(w, "-t") == 0 && i + 1 < l->words.n) {
            to = l->words.v[++i];
            by_option = true;
        } else if (takes_value(w)) {
            i++;
        } else if (w[0] != '-') {
            sv_vec_push(l->a, &paths, w);
        }
    }
    if (!by_option && paths.n)
        to = paths.v[--paths.n];
    size_t n = to ? strlen(to) : 0;
    bool folder = by_option || paths.n > 1 || (n && to[n - 1] == '/') || (n && to[n - 1] == '.');
    const char *target = n ? in(l, l->dir, sv_slice_of(to)) : NULL;
    sv_vec_each(p, &paths)
    {
        const char *path = in(l, l->dir, sv_slice_of(*p));
        if (path)
            lift(l, path, target, folder);
    }
}

/* cat a b > c */
static void joining(struct lifting *l)
{
    const char *to = NULL;
    size_t end = l->words.n;
    for (size_t i = 1; i < l->words.n && !to; i++)
        if (l->words.v[i][0] == '>') {
            const char *name = l->words.v[i] + strspn(l->words.v[i], ">");
            to = name[0] ? name : i + 1 < l->words.n ? l->words.v[i + 1] : NULL;
            end = i;
        }
    if (!to || strcmp(to, "/dev/null") == 0)
        return;
    const char *target = in(l, l->dir, sv_slice_of(to));
    for (size_t i = 1; i < end; i++) {
        const char *path = in(l, l->dir, sv_slice_of(l->words.v[i]));
        if (path)
            lift(l, path, target, false);
    }
}

static void command(struct lifting *l)
{
    static const char *const copies[] = {"cp", "install", "mv", "rsync"};
    static const char *const before[] = {"sudo", "then", "do", "else", "exec", "{", "!", "time"};
    while (l->words.n) { /* what stands in front of a program */
        bool skip = strchr(l->words.v[0], '=') != NULL;
        for (size_t i = 0; i < sizeof before / sizeof *before; i++)
            skip |= strcmp(l->words.v[0], before[i]) == 0;
        if (!skip)
            break;
        l->words.v++;
        l->words.n--;
    }
    if (l->words.n < 2)
        return;
    const char *program = sv_path_base(l->words.v[0]);
    if (strcmp(program, "cd") == 0)
        l->dir = in(l, l->dir, sv_slice_of(l->words.v[1]));
    else if (strcmp(program, "cat") == 0)
        joining(l);
    for (size_t i = 0; i < sizeof copies / sizeof *copies; i++)
        if (strcmp(program, copies[i]) == 0)
            copying(l);
}

/* One word without its quotes; *io_at behind it. "" if something in it only the shell knows. */
static const char *word(struct lifting *l, struct sv_slice s, size_t *io_at)
{
    size_t i = *io_at, n = 0;
    bool known = true;
    char quote = 0;
    SV_VEC(char) out = {0};
    for (; i < s.n && (quote || !strchr(" \t\n;&|()", s.p[i])); i++) {
        char c = s.p[i];
        if (quote ? c == quote : c == '\'' || c == '"') {
            quote = quote ? 0 : c;
            continue;
        }
        known &= quote == '\'' || (c != '$' && c != '`');
        if (c == '\\' && quote != '\'' && i + 1 < s.n)
            c = s.p[++i];
        n++;
        sv_vec_push(l->a, &out, c);
    }
    *io_at = i;
    sv_vec_push(l->a, &out, '\0');
    return known && strlen(out.v) == n ? out.v : "";
}

static void commands(struct lifting *l, struct sv_slice text)
{
    for (size_t i = 0; i < text.n;) {
        bool joined = text.p[i] == '\\' && i + 1 < text.n && text.p[i + 1] == '\n';
        if (joined || strchr(" \t", text.p[i])) {
            i += joined ? 2 : 1;
        } else if (strchr("\n;&|()", text.p[i])) {
            command(l);
            l->words = (typeof(l->words)){0};
            i++;
        } else {
            const char *w = word(l, text, &i);
            sv_vec_push(l->a, &l->words, w);
        }
    }
    command(l);
    l->words = (typeof(l->words)){0};
}

void sv_image_lifted(struct sv_arena *a, const struct sv_docker_step *run, const char *workdir,
                     struct sv_image_lifts *ret)
{
    struct lifting l = {.a = a, .ret = ret, .dir = workdir};
    sv_vec_each(f, &run->flags)
    {
        if (sv_slice_is(f->name, "mount"))
            add_mount(&l, f);
    }
    if (l.mounts.n == 0 || run->json)
        return;
    commands(&l, run->rest);
    sv_vec_each(h, &run->heredocs)
    {
        commands(&l, h->text);
    }
}
