// SPDX-License-Identifier: Apache-2.0
// The files of EnvironmentFile=: like a shell's assignments, but no shell (systemd.exec(5)).
#include "syntax/unit.h"

#include <ctype.h>

#include "base/limits.h"

enum state {
    BEFORE_NAME,
    NAME,
    BEFORE_VALUE,
    VALUE,
    VALUE_ESCAPE,
    SINGLE,
    DOUBLE,
    DOUBLE_ESCAPE,
    COMMENT,
    COMMENT_ESCAPE,
};

struct reader {
    struct sv_arena *a;
    struct sv_slice text;
    struct sv_env_lines *ret;
    char *value;
    size_t n;           /* bytes of the value */
    size_t kept;        /* so many of them are not blanks that end it */
    size_t name_at, name_n, value_at;
    uint32_t line, begun;
};

bool sv_env_name_valid(struct sv_slice name)
{
    if (name.n == 0 || isdigit((unsigned char)name.p[0]))
        return false;
    for (size_t i = 0; i < name.n; i++)
        if (!isalnum((unsigned char)name.p[i]) && name.p[i] != '_')
            return false;
    return true;
}

static void finish(struct reader *r, size_t end)
{
    struct sv_slice name = sv_slice_trim(sv_slice_sub(r->text, r->name_at, r->name_at + r->name_n));
    if (r->ret->list.n >= SV_MAX_ENV_LINES)
        r->ret->cut = r->ret->cut ? r->ret->cut : r->begun;
    else
        sv_vec_push(r->a, &r->ret->list,
                    (struct sv_env_line){
                        .name = name,
                        .value = sv_arena_copy(r->a, (struct sv_slice){r->value, r->kept}),
                        .raw = sv_slice_trim(sv_slice_sub(r->text, r->value_at, end)),
                        .line = r->begun,
                        .valid = sv_env_name_valid(name),
                    });
}

/* Blanks at the end of an unquoted value do not count; those in quotes do. */
static void put(struct reader *r, char c, bool firm)
{
    r->value[r->n++] = c;
    if (firm || (c != ' ' && c != '\t'))
        r->kept = r->n;
}

static bool ends_line(char c)
{
    return c == '\n' || c == '\r';
}

static enum state in_value(struct reader *r, size_t i, enum state st)
{
    char c = r->text.p[i];
    if (ends_line(c)) {
        finish(r, i);
        return BEFORE_NAME;
    }
    if (c == '\\') {
        r->kept = r->n; /* blanks before a joined line are not at the end */
        return VALUE_ESCAPE;
    }
    if (st == BEFORE_VALUE && (c == '\'' || c == '"'))
        return c == '"' ? DOUBLE : SINGLE;
    if (st == BEFORE_VALUE && (c == ' ' || c == '\t'))
        return BEFORE_VALUE;
    put(r, c, false);
    return VALUE;
}

static enum state before_name(struct reader *r, size_t i)
{
    char c = r->text.p[i];
    if (c == '#' || c == ';')
        return COMMENT;
    if (c == ' ' || c == '\t' || ends_line(c))
        return BEFORE_NAME;
    r->name_at = i;
    r->name_n = 1;
    r->begun = r->line;
    return NAME;
}

static enum state in_name(struct reader *r, size_t i)
{
    char c = r->text.p[i];
    if (ends_line(c))
        return BEFORE_NAME; /* no "=": ignored */
    if (c != '=') {
        r->name_n = i + 1 - r->name_at;
        return NAME;
    }
    r->n = r->kept = 0;
    r->value_at = i + 1;
    return BEFORE_VALUE;
}

static enum state in_double(struct reader *r, size_t i, enum state st)
{
    char c = r->text.p[i];
    if (st == DOUBLE_ESCAPE) {
        if (c == '\n')
            return DOUBLE;
        if (!c || !strchr("\"\\`$", c))
            put(r, '\\', true);
        put(r, c, true);
        return DOUBLE;
    }
    if (c == '"')
        return BEFORE_VALUE;
    if (c == '\\')
        return DOUBLE_ESCAPE;
    put(r, c, true);
    return DOUBLE;
}

static enum state step(struct reader *r, size_t i, enum state st)
{
    char c = r->text.p[i];
    switch (st) {
    case BEFORE_NAME:
        return before_name(r, i);
    case NAME:
        return in_name(r, i);
    case BEFORE_VALUE:
    case VALUE:
        return in_value(r, i, st);
    case VALUE_ESCAPE:
        if (!ends_line(c))
            put(r, c, true);
        return VALUE;
    case SINGLE:
        if (c == '\'')
            return BEFORE_VALUE;
        put(r, c, true);
        return SINGLE;
    case DOUBLE:
    case DOUBLE_ESCAPE:
        return in_double(r, i, st);
    case COMMENT:
        return c == '\\' ? COMMENT_ESCAPE : ends_line(c) ? BEFORE_NAME : COMMENT;
    case COMMENT_ESCAPE:
        return COMMENT;
    }
    return st;
}

void sv_env_file_parse(struct sv_arena *a, struct sv_slice text, struct sv_env_lines *ret)
{
    struct reader r = {.a = a, .text = text, .ret = ret, .line = 1};
    enum state st = BEFORE_NAME;
    r.value = sv_arena_alloc(a, 2 * text.n + 1); /* an escape may give its backslash back */
    for (size_t i = 0; i < text.n; i++) {
        st = step(&r, i, st);
        r.line += text.p[i] == '\n';
    }
    if (st != BEFORE_NAME && st != NAME && st != COMMENT && st != COMMENT_ESCAPE)
        finish(&r, text.n);
}
