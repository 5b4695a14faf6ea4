// SPDX-License-Identifier: Apache-2.0
// Reads blocks of names, "{", settings and "}".
#include "model/logrotate.h"

#include <string.h>

static struct sv_slice next_word(struct sv_slice *rest)
{
    size_t from = 0, to;
    while (from < rest->n && strchr(" \t\"'", rest->p[from]) && rest->p[from])
        from++;
    for (to = from; to < rest->n && !(strchr(" \t\"'", rest->p[to]) && rest->p[to]); to++)
        ;
    struct sv_slice w = sv_slice_sub(*rest, from, to);
    *rest = sv_slice_sub(*rest, to, rest->n);
    return w;
}

/* 0 if it is none. */
static unsigned octal(struct sv_slice s)
{
    unsigned v = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '7')
            return 0;
        v = v * 8 + (unsigned)(s.p[i] - '0');
    }
    return s.n >= 3 && s.n <= 5 ? v : 0;
}

static bool begins_script(struct sv_slice word)
{
    static const char *const words[] = {"postrotate", "prerotate", "firstaction", "lastaction",
                                        "preremove"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (sv_slice_is(word, words[i]))
            return true;
    return false;
}

struct parser {
    struct sv_arena *a;
    struct sv_logrotate *out;
    struct sv_logrotate_block now;
    bool inside, script;
    unsigned dflt;
};

static void names(struct parser *p, struct sv_slice w, struct sv_slice rest, uint32_t line)
{
    for (; w.n; w = next_word(&rest)) {
        bool opens = w.p[w.n - 1] == '{';
        w.n -= opens;
        if (w.n && w.p[0] == '/')
            sv_vec_push(p->a, &p->now.patterns, w);
        if (opens) {
            p->inside = true;
            p->now.mode = p->dflt;
            p->now.line = line;
        }
    }
}

static void one_line(struct parser *p, struct sv_slice words, uint32_t line)
{
    struct sv_slice first = next_word(&words);
    if (p->script) {
        p->script = !sv_slice_is(first, "endscript");
    } else if (sv_slice_is(first, "}")) {
        sv_vec_push(p->a, &p->out->blocks, p->now);
        p->now = (struct sv_logrotate_block){0};
        p->inside = false;
    } else if (p->inside && begins_script(first)) {
        p->script = true;
    } else if (sv_slice_is(first, "create")) {
        unsigned mode = octal(next_word(&words));
        if (mode && p->inside) {
            p->now.mode = mode;
            p->now.line = line;
        } else if (mode) {
            p->dflt = mode;
        }
    } else if (!p->inside) {
        names(p, first, words, line);
    }
}

void sv_logrotate_parse(struct sv_arena *a, struct sv_slice text, struct sv_logrotate *ret)
{
    struct parser p = {.a = a, .out = ret};
    uint32_t number = 1;
    for (struct sv_slice rest = text; rest.n; number++) {
        struct sv_slice line = sv_slice_sub(rest, 0, sv_slice_chr(rest, '\n'));
        rest = sv_slice_sub(rest, line.n + 1, rest.n);
        line = sv_slice_trim(line);
        if (line.n && line.p[0] != '#')
            one_line(&p, line, number);
    }
}
