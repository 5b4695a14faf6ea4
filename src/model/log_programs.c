// SPDX-License-Identifier: Apache-2.0
// Reads the settings of the programs in log_programs_table.c, and whatever else names a log.
#include "model/log_programs.h"

#include <errno.h>

#include "base/limits.h"
#include "base/regex.h"
#include "model/config_file.h"
#include "model/logrotate.h"

struct reader {
    const struct sv_model_env *env;
    struct sv_log_settings *out;
    struct sv_logs *names;
    const struct sv_log_program *program;
    const char *project; /* of a framework */
    struct sv_arena text; /* of the configurations, which hold secrets: wiped */
    size_t n_found;       /* names that all configurations hold */
};

/* Matches of one pattern in one text, from its beginning on. */
struct search {
    size_t at;
    size_t seen;     /* up to here comments and lines were looked at */
    bool comment;    /* of XML; open there */
    uint32_t line;   /* there */
};

enum { FLAGS = SV_REGEX_NOCASE | SV_REGEX_MULTILINE };

/* ---- names ---- */

/* What a program puts in at run time, "$pool" and "%Y", is "*". */
static const char *as_pattern(struct sv_arena *a, struct sv_slice path)
{
    char *out = sv_new_n(a, char, path.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < path.n; i++) {
        bool mark = path.p[i] == '$' || path.p[i] == '%';
        if (mark)
            while (i + 1 < path.n && path.p[i + 1] != '/' && path.p[i + 1] != '.' &&
                   path.p[i + 1] != '-')
                i++;
        if (!mark || n == 0 || out[n - 1] != '*')
            out[n++] = mark ? '*' : path.p[i];
    }
    out[n] = 0;
    return out;
}

static bool has_magic(const char *path)
{
    return path[strcspn(path, "*?[")] != 0;
}

static void add_name(struct reader *r, struct sv_slice path, const struct sv_node *node,
                     const char *config, uint32_t line)
{
    struct sv_arena *a = r->env->arena;
    if (path.n < 2 || path.n >= SV_MAX_PATH || (path.p[0] != '/' && !r->project) ||
        memchr(path.p, '\0', path.n) || sv_slice_starts(path, "/dev/") ||
        sv_slice_starts(path, "/proc/"))
        return;
    if (config && r->n_found++ >= SV_MAX_PROGRAM_LOGS) {
        if (r->n_found == SV_MAX_PROGRAM_LOGS + 1)
            sv_diag_path(r->env->diags, SV_DIAG_ERROR, config,
                         "too many names of logs: this and what follows is not looked at");
        return;
    }
    const char *full = sv_path_join(a, r->project ? r->project : "/", as_pattern(a, path));
    sv_vec_push(a, &r->names->list,
                (struct sv_log){.path = full, .pattern = has_magic(full), .kind = SV_LOG_PROGRAM,
                                .program = r->program, .node = node, .config = config,
                                .line = line, .project = r->project});
}

static uint32_t line_at(struct sv_slice text, size_t offset)
{
    uint32_t line = 1;
    for (size_t i = 0; i < offset; i++)
        line += text.p[i] == '\n';
    return line;
}

/* ---- one text ---- */

static struct sv_regex *pattern(struct reader *r, const char *text)
{
    struct sv_err err;
    return sv_regex_get(r->env->regexes, sv_slice_of(text), FLAGS, &err);
}

/* Follows lines and XML comments up to `to`. */
static void look_on(struct search *s, struct sv_slice text, size_t to)
{
    for (; s->seen < to; s->seen++) {
        struct sv_slice rest = sv_slice_sub(text, s->seen, to);
        s->line += rest.p[0] == '\n';
        if (sv_slice_starts(rest, "<!--"))
            s->comment = true;
        else if (sv_slice_starts(rest, "-->"))
            s->comment = false;
    }
}

/* The next match that no XML comment holds. */
static bool next_match(struct reader *r, struct sv_regex *re, struct sv_slice text,
                       struct search *s, const char *config, struct sv_match *ret)
{
    while (re && s->at <= text.n) {
        enum sv_match_result rc = sv_regex_match(re, text, s->at, ret);
        if (rc == SV_MATCH_LIMIT)
            sv_diag_path(r->env->diags, SV_DIAG_ERROR, config, "a line takes too long to match");
        if (rc != SV_MATCH_YES)
            return false;
        s->at = ret->end > s->at ? ret->end : s->at + 1;
        look_on(s, text, ret->start);
        if (!s->comment)
            return true;
    }
    return false;
}

/* Texts that several units share are read for each of them. */
static bool is_known(const struct reader *r, const struct sv_log_habit *h, const char *config,
                     uint32_t line)
{
    for (size_t i = r->out->list.n; i > 0; i--) {
        const struct sv_log_setting *s = &r->out->list.v[i - 1];
        if (s->habit == h && s->line == line && strcmp(s->path, config) == 0)
            return true;
    }
    return false;
}

/* `first` is the number of the text's first line. */
static void habits(struct reader *r, struct sv_slice text, const char *config, uint32_t first)
{
    for (const struct sv_log_habit *h = r->program->habits; h && h->set; h++) {
        struct sv_match m;
        struct search s = {.line = 1};
        bool set = false;
        size_t found = 0;
        while (next_match(r, pattern(r, h->set), text, &s, config, &m)) {
            struct sv_slice value = m.n > 1 && m.group[1].p ? m.group[1] : (struct sv_slice){"", 0};
            set = !h->bad || sv_regex_match(pattern(r, h->bad), value, 0, NULL) == SV_MATCH_YES;
            found = value.n ? (size_t)(value.p - text.p) : m.end;
            if (set && !h->bad)
                break;
        }
        uint32_t line = first + line_at(text, found) - 1;
        if (set && !is_known(r, h, config, line))
            sv_vec_push(r->env->arena, &r->out->list,
                        (struct sv_log_setting){r->program, h, config, line, r->project});
    }
}

static void names_in(struct reader *r, struct sv_slice text, const char *config)
{
    struct sv_match m;
    struct search s = {.line = 1};
    while (r->program->names && r->n_found <= SV_MAX_PROGRAM_LOGS &&
           next_match(r, pattern(r, r->program->names), text, &s, config, &m))
        if (m.n > 1 && m.group[1].p)
            add_name(r, m.group[1], NULL, config, s.line);
}

/* ---- the files of a program ---- */

struct piece {
    const char *path;
    size_t start, lines; /* in the joined text, and of the texts before */
};

static struct sv_slice read_config(struct reader *r, const char *path)
{
    struct sv_slice text;
    bool read = sv_config_there(r->env, path, NULL) &&
                sv_config_read(r->env, &r->text, path, &text);
    return read ? text : (struct sv_slice){"", 0};
}

/* A setting found in the joined text belongs to the file that it stands in. */
static void place(struct sv_log_setting *s, const struct piece *pieces, size_t n)
{
    size_t i = n;
    while (i > 1 && pieces[i - 1].lines >= s->line)
        i--;
    s->path = pieces[i - 1].path;
    s->line -= (uint32_t)pieces[i - 1].lines;
}

static void joined(struct reader *r, const struct sv_paths *files)
{
    SV_VEC(struct piece) pieces = {0};
    SV_VEC(struct sv_slice) texts = {0};
    size_t total = 0, lines = 0, first = r->out->list.n;
    sv_vec_each(path, &files->list)
    {
        struct sv_slice text = read_config(r, *path);
        sv_vec_push(&r->text, &pieces, (struct piece){*path, total, lines});
        sv_vec_push(&r->text, &texts, text);
        total += text.n + 1;
        lines += line_at(text, text.n);
        names_in(r, text, *path);
    }
    if (pieces.n == 0)
        return;
    char *all = sv_new_n(&r->text, char, total + 1);
    for (size_t i = 0; i < pieces.n; i++) {
        memcpy(all + pieces.v[i].start, texts.v[i].p, texts.v[i].n);
        all[pieces.v[i].start + texts.v[i].n] = '\n';
    }
    habits(r, (struct sv_slice){all, total}, pieces.v[0].path, 1);
    for (size_t i = first; i < r->out->list.n; i++)
        place(&r->out->list.v[i], pieces.v, pieces.n);
}

static void configs_of(struct reader *r)
{
    struct sv_arena *a = r->env->arena;
    struct sv_paths files = {0};
    for (const char *const *glob = r->program->configs; *glob; glob++) {
        struct sv_paths found = {0};
        sv_config_glob(r->env, r->project ? sv_path_join(a, r->project, *glob) : *glob, &found);
        for (size_t i = 0; i < found.list.n; i++) {
            if (files.list.n == SV_MAX_PROGRAM_CONFIGS) {
                sv_diag_path(r->env->diags, SV_DIAG_ERROR, found.list.v[i],
                             "this and what follows is not looked at: too many files of %s",
                             r->program->name);
                break;
            }
            sv_vec_push(a, &files.list, found.list.v[i]);
        }
    }
    if (r->program->joined)
        joined(r, &files);
    for (size_t i = 0; !r->program->joined && i < files.list.n; i++) {
        struct sv_slice text = read_config(r, files.list.v[i]);
        habits(r, text, files.list.v[i], 1);
        names_in(r, text, files.list.v[i]);
    }
    sv_arena_wipe(&r->text);
}

/* ---- units ---- */

static void of_variables(struct reader *r, const struct sv_unit *u)
{
    struct sv_unit_environment env = {0};
    sv_unit_environment(u, r->env->fs, r->env->arena, &env);
    sv_vec_each(v, &env.list)
    {
        const struct sv_node *n = v->setting->node;
        const char *text = sv_arena_printf(&r->text, "%.*s=%.*s", (int)v->name.n, v->name.p,
                                           (int)v->value.n, v->value.p);
        habits(r, sv_slice_of(text), v->file ? v->file : sv_span_path(r->env->sources, n->head),
               v->file ? v->line : sv_span_pos(r->env->sources, n->head).line);
    }
}

static void of_commands(struct reader *r, const struct sv_unit *u)
{
    struct sv_unit_list starts = {0};
    sv_unit_all(u, r->env->arena, "Service", "ExecStart", &starts);
    sv_vec_each(s, &starts.list)
    {
        const struct sv_node *n = (*s)->node;
        habits(r, (*s)->value, sv_span_path(r->env->sources, n->head),
               sv_span_pos(r->env->sources, n->head).line);
    }
}

static void in_units(struct reader *r, const struct sv_units *units)
{
    for (size_t i = 0; units && i < units->list.n; i++) {
        const struct sv_unit *u = units->list.v[i];
        if (!u->masked && !u->user && r->program->of_units == SV_LOG_VARIABLES)
            of_variables(r, u);
        else if (!u->masked && !u->user)
            of_commands(r, u);
    }
    sv_arena_wipe(&r->text);
}

static void one_program(struct reader *r, const struct sv_units *units)
{
    configs_of(r);
    if (r->program->of_units)
        in_units(r, units);
    for (const char *const *log = r->program->logs; *log; log++)
        if (strncmp(*log, "/var/log/", 9) != 0) /* the rest is searched as it is */
            add_name(r, sv_slice_of(*log), NULL, NULL, 0);
}

/* ---- logrotate and units ---- */

static void rotated(struct reader *r)
{
    static const char *const globs[] = {"/etc/logrotate.conf", "/etc/logrotate.d/*"};
    for (size_t i = 0; i < sizeof globs / sizeof *globs; i++) {
        struct sv_paths files = {0};
        sv_config_glob(r->env, globs[i], &files);
        sv_vec_each(path, &files.list)
        {
            struct sv_logrotate found = {0};
            sv_logrotate_parse(&r->text, read_config(r, *path), &found);
            sv_vec_each(block, &found.blocks)
            {
                sv_vec_each(p, &block->patterns)
                {
                    add_name(r, *p, NULL, *path, block->line);
                }
            }
        }
    }
    sv_arena_wipe(&r->text);
}

static void of_units(struct reader *r, const struct sv_units *units)
{
    for (size_t i = 0; units && i < units->list.n; i++) {
        const struct sv_unit *u = units->list.v[i];
        for (size_t k = 0; k < 2 && !u->masked; k++) {
            const struct sv_unit_setting *set;
            const char *path = sv_unit_log_path(u, r->env->arena, k == 1, &set);
            if (path)
                add_name(r, sv_slice_of(path), set->node, NULL, 0);
        }
    }
}

void sv_log_programs_read(const struct sv_model_env *env, const struct sv_units *units,
                          struct sv_log_settings *ret, struct sv_logs *names)
{
    struct reader r = {.env = env, .out = ret, .names = names};
    for (r.program = sv_log_programs; r.program->name; r.program++)
        one_program(&r, units);
    r.program = NULL;
    of_units(&r, units);
    rotated(&r);
}

/* ---- frameworks ---- */

static bool is_there(const struct sv_model_env *env, const char *project, const char *name)
{
    struct stat st;
    return sv_fs_may_have(env->fs, project, name) &&
           sv_fs_stat(env->fs, sv_path_join(env->arena, project, name), &st) == 0;
}

static bool is_framework(const struct sv_model_env *env, const char *project,
                         const struct sv_log_program *p)
{
    for (const char *const *mark = p->marks; *mark; mark++)
        if (is_there(env, project, *mark))
            return true;
    return !p->marks[0];
}

/* A pattern in a folder that is not there would be looked for all the same. */
static void usual_logs(struct reader *r)
{
    for (const char *const *log = r->program->logs; *log; log++) {
        size_t folder = strcspn(*log, "/");
        if (!(*log)[folder] || sv_fs_may_have(r->env->fs, r->project, *log))
            add_name(r, sv_slice_of(*log), NULL, NULL, 0);
    }
}

void sv_log_frameworks_read(const struct sv_model_env *env, const struct sv_paths *projects,
                            struct sv_log_settings *ret, struct sv_logs *names)
{
    struct reader r = {.env = env, .out = ret, .names = names};
    struct sv_map seen = {0};
    for (size_t i = 0; i < projects->list.n; i++) {
        const char *real;
        if (sv_fs_realpath(env->fs, env->arena, projects->list.v[i], &real) < 0 ||
            sv_fs_enter(env->fs, real) < 0)
            continue;
        r.project = real;
        bool again = (*sv_map_at(env->arena, &seen, sv_slice_of(real)))++;
        for (r.program = sv_log_frameworks; !again && r.program->name; r.program++)
            if (is_framework(env, real, r.program)) {
                usual_logs(&r);
                configs_of(&r);
            }
    }
}

/* ---- from a log to a setting ---- */

static bool writes(const struct sv_log_program *p, const char *path)
{
    for (const char *const *log = p->logs; *log; log++)
        if (sv_glob_match(sv_slice_of(*log), sv_slice_of(path)))
            return true;
    return false;
}

const struct sv_log_setting *sv_log_setting_of(const struct sv_log_settings *settings,
                                               const struct sv_log *log, const char *path)
{
    for (size_t i = 0; settings && i < settings->list.n; i++) {
        const struct sv_log_setting *s = &settings->list.v[i];
        bool named = log && s->program == log->program &&
                     (!s->project || (log->project && strcmp(s->project, log->project) == 0));
        if (named || (!s->project && writes(s->program, path)))
            return s;
    }
    return NULL;
}

const struct sv_log_program *sv_log_program_at(const char *path)
{
    for (const struct sv_log_program *p = sv_log_programs; p->name; p++)
        if (writes(p, path))
            return p;
    return NULL;
}
