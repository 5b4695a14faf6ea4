// SPDX-License-Identifier: Apache-2.0
// Passwords that browsers and password managers exported: a table with a head line.
#include "secrets/readers.h"

enum { COLUMNS = 64 };

/* The field that begins at *at, without its quotes, and *at behind its comma; *ret_last: it ends
 * its line. A quoted one may hold commas, line ends and doubled quotes (RFC 4180). */
static struct sv_slice field(struct sv_slice t, size_t *at, bool *ret_last)
{
    size_t from = *at, end;
    if (from < t.n && t.p[from] == '"') {
        for (end = ++from; end < t.n && (t.p[end] != '"' || (end + 1 < t.n && t.p[end + 1] == '"'));)
            end += t.p[end] == '"' ? 2 : 1;
        end = end < t.n ? end : t.n;
        *at = end + 1;
    } else {
        for (end = from; end < t.n && t.p[end] != ',' && t.p[end] != '\n' && t.p[end] != '\r';)
            end++;
        *at = end;
    }
    while (*at < t.n && t.p[*at] == '\r')
        ++*at;
    *ret_last = *at >= t.n || t.p[*at] != ',';
    ++*at;
    return sv_slice_sub(t, from, end);
}

static bool is_one_of(struct sv_slice name, const char *a, const char *b, const char *c)
{
    return sv_slice_is_nocase(name, a) || sv_slice_is_nocase(name, b) ||
           sv_slice_is_nocase(name, c);
}

void sv_read_csv(struct sv_reading *r, const struct sv_line_grammar *g)
{
    struct sv_slice t = r->text;
    bool user = false, place = false, last = false;
    size_t at = sv_slice_starts(t, "\xef\xbb\xbf") ? 3 : 0, password = COLUMNS;
    for (size_t i = 0; i < COLUMNS && at < t.n && !last; i++) {
        struct sv_slice name = field(t, &at, &last);
        user |= is_one_of(name, "username", "login_username", "user name");
        place |= is_one_of(name, "url", "login_uri", "origin");
        if (is_one_of(name, "password", "login_password", "passwd"))
            password = i;
    }
    if (!user || !place || password == COLUMNS)
        return;
    for (size_t i = 0; at < t.n; i = last ? 0 : i + 1) {
        struct sv_slice v = field(t, &at, &last);
        if (i == password)
            sv_reading_note(r, g->rule, v, (size_t)(v.p - t.p));
    }
}
