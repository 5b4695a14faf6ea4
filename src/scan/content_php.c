// SPDX-License-Identifier: Apache-2.0
// Does a small script do nothing that keeps a stranger from the phpinfo() in it?
#include <ctype.h>

#include "scan/content.h"

/* Behind blanks and comments. */
static size_t code_from(struct sv_slice t, size_t at)
{
    for (;;) {
        struct sv_slice rest = sv_slice_sub(t, at, t.n);
        if (rest.n && isspace((unsigned char)rest.p[0]))
            at++;
        else if (sv_slice_starts(rest, "//") || sv_slice_starts(rest, "#"))
            at += sv_slice_chr(rest, '\n');
        else if (sv_slice_starts(rest, "/*"))
            at += sv_slice_find(rest, "*/") + 2 < rest.n ? sv_slice_find(rest, "*/") + 2 : rest.n;
        else
            return at;
    }
}

/* The statement that begins at `at`, up to its semicolon or the end of the code. */
static struct sv_slice statement(struct sv_slice t, size_t at)
{
    struct sv_slice rest = sv_slice_sub(t, at, t.n);
    size_t n = sv_slice_chr(rest, ';'), close = sv_slice_find(rest, "?>");
    return sv_slice_sub(rest, 0, n < close ? n : close);
}

/* What comes behind it may never run: conditions, blocks, ends, and files that may hold them. */
static bool may_stop(struct sv_slice s)
{
    static const char *const words[] = {"{", "if", "exit", "die", "return", "require", "include",
                                        "?", "&&", "||", " or ", "throw", "goto", "__halt"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (sv_content_has(s, words[i]))
            return true;
    return false;
}

static bool calls_it(struct sv_slice s)
{
    static const char *const before[] = {"@", "echo ", "print "};
    for (size_t i = 0; i < sizeof before / sizeof *before; i++)
        if (sv_slice_starts(s, before[i]))
            s = sv_slice_trim(sv_slice_sub(s, strlen(before[i]), s.n));
    return sv_slice_is_nocase(sv_slice_sub(s, 0, 8), "phpinfo(");
}

/* In HTML, where code begins; t.n: nowhere. */
static size_t next_code(struct sv_slice t, size_t at)
{
    at += sv_slice_find(sv_slice_sub(t, at, t.n), "<?");
    struct sv_slice rest = sv_slice_sub(t, at, t.n);
    return at + (sv_slice_starts(rest, "<?php") ? 5 : sv_slice_starts(rest, "<?=") ? 3 : 2);
}

enum sv_confirm sv_content_phpinfo_alone(struct sv_content *c)
{
    struct sv_slice t = c->text;
    c->f->what = "phpinfo() page";
    if (!sv_content_has(t, "phpinfo("))
        return SV_CONFIRM_NO;
    for (size_t at = next_code(t, 0); (at = code_from(t, at)) < t.n;) {
        struct sv_slice s = statement(t, at);
        if (calls_it(s))
            return SV_CONFIRM_YES;
        if (may_stop(s))
            return SV_CONFIRM_NO;
        at += s.n;
        at = at < t.n && t.p[at] == '?' ? next_code(t, at) : at + 1;
    }
    return SV_CONFIRM_NO;
}
