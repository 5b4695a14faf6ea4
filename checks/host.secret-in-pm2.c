// SPDX-License-Identifier: Apache-2.0
// host.secret-in-pm2: environments that pm2 wrote down, and those that its ecosystem files give.
#include <ctype.h>

#include "engine/check.h"
#include "engine/closing.h"
#include "secrets/command.h"
#include "secrets/doc.h"
#include "secrets/value.h"

enum { MAX_SHOWN = 20 };

struct held {
    struct sv_slice name, value;
    size_t offset;
};
struct held_list {
    SV_VEC(struct held) list;
};

static void add(struct sv_arena *a, struct sv_slice name, struct sv_slice value, size_t offset,
                struct held_list *ret)
{
    sv_vec_each(h, &ret->list)
    {
        if (sv_slice_eq(h->name, name) && sv_slice_eq(h->value, value))
            return; /* pm2 writes an environment twice, and once for each of its workers */
    }
    sv_vec_push(a, &ret->list, (struct held){name, value, offset});
}

/* ---- JSON: the dump, and ecosystem.json ---- */

static void of_json(struct sv_arena *a, struct sv_slice text, struct held_list *ret)
{
    struct sv_doc *top = sv_doc_json(a, text);
    for (struct sv_doc *n = top; n; n = sv_doc_after(top, n)) {
        if (n->kind != SV_DOC_TEXT)
            continue;
        struct sv_command_secrets found = {0};
        bool args = sv_slice_is(n->name, "args") ||
                    (n->parent && sv_slice_is(n->parent->name, "args"));
        if (sv_value_is_secret(n->name, n->text))
            add(a, n->name, n->text, n->offset, ret);
        else if (args)
            sv_command_line_secrets(a, n->text, &found);
        sv_vec_each(x, &found.list)
        {
            add(a, x->name, x->value, n->offset, ret);
        }
    }
}

/* ---- JavaScript: NAME: 'value', "NAME": "value" ---- */

static bool word_byte(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '$';
}

/* The name that stands before `colon`; empty if there is none. */
static struct sv_slice name_before(struct sv_slice text, size_t colon)
{
    size_t end = colon, from;
    while (end && (text.p[end - 1] == ' ' || text.p[end - 1] == '\t'))
        end--;
    bool quoted = end && (text.p[end - 1] == '"' || text.p[end - 1] == '\'');
    end -= quoted;
    for (from = end; from && word_byte(text.p[from - 1]); from--)
        ;
    return sv_slice_sub(text, from, end);
}

static void of_script(struct sv_arena *a, struct sv_slice text, struct held_list *ret)
{
    for (size_t i = 0; i < text.n; i++) {
        bool comment = text.p[i] == '/' && i + 1 < text.n && text.p[i + 1] == '/' &&
                       (i == 0 || text.p[i - 1] != ':');
        if (comment)
            i += sv_slice_chr(sv_slice_sub(text, i, text.n), '\n');
        if (i >= text.n || text.p[i] != ':')
            continue;
        size_t at = i + 1;
        while (at < text.n && (text.p[at] == ' ' || text.p[at] == '\t'))
            at++;
        char quote = at < text.n ? text.p[at] : 0;
        if (quote != '"' && quote != '\'' && quote != '`')
            continue;
        struct sv_slice rest = sv_slice_sub(text, at + 1, text.n);
        struct sv_slice value = sv_slice_sub(rest, 0, sv_slice_chr(rest, quote));
        struct sv_slice name = name_before(text, i);
        if (value.n < rest.n && name.n && sv_value_is_secret(name, value) &&
            sv_slice_find(value, "${") == value.n && !memchr(value.p, '\n', value.n))
            add(a, name, value, at + 1, ret);
        i = at + (value.n < rest.n ? value.n + 1 : 0);
    }
}

/* ---- the finding ---- */

static uint32_t line_at(struct sv_slice text, size_t offset)
{
    uint32_t line = 1;
    for (size_t i = 0; i < offset && i < text.n; i++)
        line += text.p[i] == '\n';
    return line;
}

/* pm2 itself makes the folder of its dump for its user; an ecosystem file lies in a project. */
static const char *closing(struct sv_ctx *cx, const char *path, bool dump)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    const struct sv_machine machine = sv_ctx_machine(cx);
    if (!dump)
        return sv_closing_text(&machine, path);
    return sv_arena_printf(a, "chmod 0600 %s; chmod 0700 %s", sv_shell_quote(a, path),
                           sv_shell_quote(a, sv_path_dir(a, path)));
}

static void run(struct sv_ctx *cx, const struct sv_subject *s)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    const struct sv_host_file *file = s->host_file;
    struct sv_slice base = sv_slice_of(sv_path_base(file->path));
    struct held_list held = {0};
    struct sv_arena scratch = {0};
    if (file->kind != SV_HOST_PM2)
        return;
    if (sv_slice_ends(base, "js"))
        of_script(&scratch, s->text, &held);
    else
        of_json(&scratch, s->text, &held);
    if (held.list.n) {
        const char *readers = sv_access_readers(sv_ctx_fs(cx), sv_ctx_ids(cx), a, file->path);
        const char *web = NULL;
        bool anyone = sv_access_anyone(readers), dump = sv_slice_starts(base, "dump.pm2");
        sv_vec_each(w, &sv_ctx_host(cx)->web_users)
        {
            bool own = strcmp(readers, sv_arena_printf(a, "user %s", w->cred.user)) == 0;
            bool reads = !web && !own &&
                         sv_access_check(sv_ctx_fs(cx), a, &w->cred, file->path, SV_RIGHT_READ)
                                 .access == SV_ACCESS_YES;
            web = reads ? w->what : web;
        }
        const struct held *h = &held.list.v[0];
        struct sv_finding *f = sv_report_file(
            cx, anyone ? SV_HIGH : web ? SV_MEDIUM : SV_INFO, file->path,
            line_at(s->text, h->offset), "%s holds %.*s%s; %s can read it",
            dump ? "what pm2 save wrote down" : "this ecosystem file of pm2", (int)h->name.n,
            h->name.p,
            held.list.n > 1 ? sv_arena_printf(a, " and %zu more secrets", held.list.n - 1) : "",
            anyone ? "every local user" : web ? web : readers);
        f->key = file->path;
        f->readers = readers;
        for (size_t i = 0; i < held.list.n && i < MAX_SHOWN; i++)
            sv_finding_secret(cx, f, "secret-assignment", held.list.v[i].value,
                              line_at(s->text, held.list.v[i].offset), 1);
        if (anyone || web)
            sv_finding_fix(cx, f, "%s\nChange the secrets if others may have looked.",
                           closing(cx, file->path, dump));
    }
    sv_arena_wipe(&scratch);
}

static const char *const refs[] = {"https://pm2.keymetrics.io/docs/usage/startup/", NULL};

const struct sv_check sv_check_host_secret_in_pm2 = {
    SV_CHECK_HEADER,
    .id = "host.secret-in-pm2",
    .title = "A file of pm2 holds secrets",
    .why = "pm2 save writes the whole environment of every program to ~/.pm2/dump.pm2, that of the shell it was "
           "started from included, with the mode that the umask leaves. Ecosystem files lie in the project, often "
           "in its repository too.",
    .fix = "chmod 0600 the dump, 0700 its folder; secrets in a .env file that is not in the repository.",
    .bad = "-rw-r--r-- deploy deploy  /home/deploy/.pm2/dump.pm2",
    .good = "-rw------- deploy deploy  /home/deploy/.pm2/dump.pm2",
    .refs = refs,
    .severity = SV_HIGH,
    .on = SV_ON_HOST_FILE,
    .joins = true,
    .run = run,
};
