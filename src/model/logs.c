// SPDX-License-Identifier: Apache-2.0
// Follows a configuration to the log files that it names.
#include "model/logs.h"

#include "base/limits.h"
#include "syntax/apache.h"

struct reader {
    const struct sv_site *site;
    struct sv_arena *a;
    struct sv_logs *out;
    struct sv_map seen;
    SV_VEC(const struct sv_node *) formats; /* log_format, LogFormat */
};

/* ---- paths ---- */

static bool to_elsewhere(struct sv_slice path)
{
    static const char *const words[] = {"off",    "stderr",   "syslog", "journald",
                                        "systemd", "/dev/null", "/dev/stdout", "/dev/stderr"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (sv_slice_is(path, words[i]))
            return true;
    return path.n == 0 || sv_slice_starts(path, "syslog:") || sv_slice_starts(path, "memory:") ||
           sv_slice_starts(path, "/proc/");
}

static bool word_byte(char c)
{
    return c == '_' || (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

/* "*" for each $name and ${name} (nginx), for each % item (rotatelogs). */
static struct sv_slice as_pattern(struct sv_arena *a, struct sv_slice path, char mark)
{
    char *out = sv_new_n(a, char, path.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < path.n; i++) {
        if (path.p[i] != mark || i + 1 == path.n) {
            out[n++] = path.p[i];
            continue;
        }
        if (n == 0 || out[n - 1] != '*')
            out[n++] = '*';
        if (mark == '%')
            i++;
        else if (path.p[i + 1] == '{')
            i += sv_slice_chr(sv_slice_sub(path, i, path.n), '}');
        else
            while (i + 1 < path.n && word_byte(path.p[i + 1]))
                i++;
    }
    return (struct sv_slice){out, n};
}

/* The file that a piped program writes; empty for one that is not known. Options with a value of
 * their own are those of rotatelogs(8) and cronolog(1). */
static struct sv_slice piped(struct sv_arena *a, struct sv_slice line)
{
    struct sv_slice word = {"", 0};
    while (line.n && (line.p[0] == '|' || line.p[0] == '$'))
        line = sv_slice_sub(line, 1, line.n);
    const char *program = sv_path_base(sv_arena_copy(a, sv_apache_word(a, &line)).p);
    if (!sv_slice_starts(sv_slice_of(program), "rotatelogs") && strcmp(program, "cronolog") != 0)
        return word;
    while ((word = sv_apache_word(a, &line)).n && word.p[0] == '-')
        if (word.n == 2 && strchr("LpnSlH", word.p[1]) &&
            !(word.p[1] == 'l' && sv_slice_starts(sv_slice_of(program), "rotatelogs")))
            (void)sv_apache_word(a, &line);
    if (word.n == 0)
        return word;
    /* Without an item of the date, rotatelogs puts the time behind the name. */
    return sv_slice_chr(word, '%') < word.n
               ? as_pattern(a, word, '%')
               : sv_slice_of(sv_arena_printf(a, "%.*s*", (int)word.n, word.p));
}

/* ---- formats ---- */

/* Of the same http or stream block for nginx, of the same name for httpd; the nearest counts. */
static const struct sv_node *format_named(const struct reader *r, const struct sv_node *at,
                                          struct sv_slice name)
{
    bool nginx = r->site->kind == SV_SITE_NGINX;
    const struct sv_node *best = NULL;
    sv_vec_each(f, &r->formats)
    {
        const struct sv_node *level = at->parent;
        if (!sv_slice_eq(sv_node_arg(*f, nginx ? 0 : 1), name))
            continue;
        while (level && level != (*f)->parent)
            level = level->parent;
        if (level || !best)
            best = *f;
    }
    return best;
}

static const struct sv_node *format_of(const struct reader *r, const struct sv_node *n)
{
    if (sv_node_is(n, "access_log")) {
        struct sv_slice name = sv_node_arg(n, 1);
        return name.n ? format_named(r, n, name) : NULL;
    }
    if (sv_node_is(n, "transferlog")) /* the last LogFormat without a name */
        return format_named(r, n, (struct sv_slice){"", 0});
    struct sv_slice name = sv_node_arg(n, 1);
    return sv_slice_chr(name, '%') < name.n ? n : format_named(r, n, name);
}

/* ---- directives ---- */

static const struct {
    const char *name;
    int servers;
    enum sv_log_kind kind;
} directives[] = {
    {"access_log", SV_SITE_NGINX, SV_LOG_ACCESS},
    {"error_log", SV_SITE_NGINX, SV_LOG_ERROR},
    {"customlog", SV_SITE_APACHE, SV_LOG_ACCESS},
    {"globallog", SV_SITE_APACHE, SV_LOG_ACCESS},
    {"transferlog", SV_SITE_APACHE, SV_LOG_ACCESS},
    {"errorlog", SV_SITE_APACHE, SV_LOG_ERROR},
    {"forensiclog", SV_SITE_APACHE, SV_LOG_FORENSIC},
    {"secauditlog", SV_SITE_APACHE, SV_LOG_OTHER},
    {"secdebuglog", SV_SITE_APACHE, SV_LOG_OTHER},
    {"scriptlog", SV_SITE_APACHE, SV_LOG_OTHER},
};

/* Whether what is fixed of a pattern keeps other files out: a part of the last name, or a folder
 * that is called after logs. */
static bool names_logs(struct sv_slice pattern)
{
    struct sv_slice last = sv_slice_base(pattern);
    for (size_t i = 0; i < last.n; i++)
        if (word_byte(last.p[i]))
            return true;
    return sv_slice_find(pattern, "log") < pattern.n;
}

static void add(struct reader *r, const struct sv_node *n, enum sv_log_kind kind)
{
    struct sv_slice path = sv_node_arg(n, 0);
    bool pipe = path.n && path.p[0] == '|', variables;
    if (pipe && r->site->kind == SV_SITE_APACHE)
        path = piped(r->a, path);
    if (to_elsewhere(path) || path.n >= SV_MAX_PATH || memchr(path.p, '\0', path.n))
        return;
    variables = r->site->kind == SV_SITE_NGINX && sv_slice_chr(path, '$') < path.n;
    if (variables)
        path = as_pattern(r->a, path, '$');
    if (variables && !names_logs(path)) {
        sv_diag_at(r->site->diags, SV_DIAG_ERROR, n->head,
                   "the variables of this path stand for names of any files: which ones are logs "
                   "is not known, and they were not searched");
        return;
    }
    const char *full = sv_path_join(r->a, "/", sv_site_path(r->site, r->a, path));
    uint32_t *at = sv_map_at(r->a, &r->seen, sv_slice_of(full));
    if ((*at)++)
        return;
    sv_vec_push(r->a, &r->out->list,
                (struct sv_log){.path = full, .pattern = pipe || variables, .kind = kind,
                                .site = r->site, .node = n,
                                .format = kind == SV_LOG_ACCESS ? format_of(r, n) : NULL});
}

/* Depth is bounded by the parser's limit on open blocks. */
static void each_node(struct reader *r, const struct sv_node *block, bool formats)
{
    sv_node_each(n, block)
    {
        if (n->kind == SV_NODE_INACTIVE)
            continue;
        if (formats && (sv_node_is(n, "log_format") || sv_node_is(n, "logformat")))
            sv_vec_push(r->a, &r->formats, n);
        for (size_t i = 0; !formats && i < sizeof directives / sizeof *directives; i++)
            if ((directives[i].servers & (int)r->site->kind) && sv_node_is(n, directives[i].name))
                add(r, n, directives[i].kind);
        each_node(r, n, formats);
    }
}

void sv_site_logs(const struct sv_site *site, struct sv_arena *a, struct sv_logs *ret)
{
    struct reader r = {.site = site, .a = a, .out = ret};
    each_node(&r, site->root, true);
    each_node(&r, site->root, false);
}
