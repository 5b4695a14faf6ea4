// SPDX-License-Identifier: Apache-2.0
// Finds an offset of a source map in its sourcesContent, and the name in its sources.
#include "scan/sourcemap.h"

#include <ctype.h>

enum { MAX_NEST = 32, MAX_NAME = 300 };

/* Behind the string that begins at `at`, which is its first quote. */
static size_t string_end(struct sv_slice t, size_t at)
{
    for (at++; at < t.n && t.p[at] != '"'; at++)
        at += t.p[at] == '\\';
    return at < t.n ? at + 1 : t.n;
}

static size_t skip_blank(struct sv_slice t, size_t at)
{
    while (at < t.n && isspace((unsigned char)t.p[at]))
        at++;
    return at;
}

/* Where the value begins if the string [at, end) is the key `name`, else 0. */
static size_t value_of(struct sv_slice t, size_t at, size_t end, const char *name)
{
    if (!sv_slice_is(sv_slice_sub(t, at + 1, end - 1), name))
        return 0;
    end = skip_blank(t, end);
    return end < t.n && t.p[end] == ':' ? skip_blank(t, end + 1) : 0;
}

struct element { /* of a list of strings and nulls */
    size_t number, at, end;
};

/* The element that holds `offset`, or the one of that number; ret->end is the list's end if there
 * is none. */
static bool find_element(struct sv_slice t, size_t list, size_t offset, size_t number,
                         struct element *ret)
{
    size_t at = list + 1;
    *ret = (struct element){.end = list};
    if (list >= t.n || t.p[list] != '[')
        return false;
    while (at < t.n && t.p[at] != ']') {
        size_t end = t.p[at] == '"' ? string_end(t, at) : at + 1;
        bool string = t.p[at] == '"';
        if (string && ((offset > at && offset < end) || ret->number == number)) {
            ret->at = at + 1;
            ret->end = end - 1;
            return true;
        }
        ret->number += t.p[at] == ',';
        at = end;
    }
    ret->end = at;
    return false;
}

/* ---- the object that holds the place ---- */

struct found {
    size_t object; /* where the map begins: the whole, or one of a section */
    struct element content;
};

static bool find_content(struct sv_slice t, size_t offset, struct found *ret)
{
    size_t open[MAX_NEST] = {0}, depth = 0;
    for (size_t at = 0; at < t.n && at <= offset; at++) {
        char c = t.p[at];
        if (c == '{' || c == '[') {
            if (depth < MAX_NEST)
                open[depth] = at;
            depth++;
        } else if (c == '}' || c == ']') {
            depth -= depth > 0;
        } else if (c == '"') {
            size_t end = string_end(t, at), list = value_of(t, at, end, "sourcesContent");
            at = end - 1;
            if (!list || depth == 0 || depth > MAX_NEST)
                continue;
            if (find_element(t, list, offset, SIZE_MAX, &ret->content)) {
                ret->object = open[depth - 1];
                return true;
            }
            at = ret->content.end; /* no byte is looked at twice */
        }
    }
    return false;
}

/* The value of a member of the object that begins at `object`, 0 if there is none. */
static size_t member(struct sv_slice t, size_t object, const char *name)
{
    size_t depth = 0;
    for (size_t at = object; at < t.n; at++) {
        char c = t.p[at];
        depth += c == '{' || c == '[';
        if ((c == '}' || c == ']') && --depth == 0)
            return 0;
        if (c != '"')
            continue;
        size_t end = string_end(t, at), value = value_of(t, at, end, name);
        if (depth == 1 && value)
            return value;
        at = end - 1;
    }
    return 0;
}

static const char *name_of(struct sv_arena *a, struct sv_slice t, const struct found *f)
{
    static const char nameless[] = "a source without a name";
    struct element e;
    size_t root = member(t, f->object, "sourceRoot");
    struct sv_slice prefix = {"", 0};
    if (!find_element(t, member(t, f->object, "sources"), 0, f->content.number, &e))
        return nameless;
    if (root && root < t.n && t.p[root] == '"')
        prefix = sv_slice_sub(t, root + 1, string_end(t, root) - 1);
    struct sv_slice name = sv_slice_sub(t, e.at, e.end);
    prefix.n = prefix.n > MAX_NAME ? MAX_NAME : prefix.n;
    name.n = name.n > MAX_NAME ? MAX_NAME : name.n;
    const char *between = prefix.n && prefix.p[prefix.n - 1] != '/' ? "/" : "";
    const char *all =
        sv_arena_printf(a, "%.*s%s%.*s", (int)prefix.n, prefix.p, between, (int)name.n, name.p);
    return *all ? all : nameless;
}

bool sv_sourcemap_locate(struct sv_arena *a, struct sv_slice text, size_t offset,
                         struct sv_source_place *ret)
{
    struct found f = {0};
    if (offset >= text.n || !find_content(text, offset, &f))
        return false;
    *ret = (struct sv_source_place){.source = name_of(a, text, &f), .line = 1, .column = 1};
    for (size_t i = f.content.at; i < offset; i++) {
        bool escape = text.p[i] == '\\';
        i += escape;
        ret->column++;
        if (!escape || i >= text.n || text.p[i] != 'n')
            continue;
        ret->line++;
        ret->column = 1;
    }
    return true;
}
