// SPDX-License-Identifier: Apache-2.0
// What nginx's `set` gives the variables of a text.
#include "engine/set_values.h"

#include <ctype.h>

enum { VARIABLES = 16 }; /* of one text that are filled in */

static bool is_before(const struct sv_node *n, const struct sv_node *other)
{
    while (n && n != other)
        n = n->next;
    return n != NULL;
}

/* The last `set` of a variable in exactly this level, before what ends it: a return, or the `if`
 * that the line is in. */
static const struct sv_node *last_set(const struct sv_scope *at, const struct sv_scope *inner,
                                      struct sv_slice name)
{
    const struct sv_node *n = sv_scope_own(at, "set"), *end = sv_scope_own_last(at, "set");
    const struct sv_node *found = NULL, *ends = sv_scope_own(at, "return");
    if (n && ends && is_before(ends, n))
        return NULL;
    for (; n; n = n == end ? NULL : n->next) {
        struct sv_slice first = sv_node_arg(n, 0);
        if (n == ends || (inner && inner->kind == SV_SCOPE_IF && inner->node == n))
            break;
        if (sv_node_is(n, "set") && sv_slice_eq_nocase(sv_slice_sub(first, 1, first.n), name))
            found = n;
    }
    return found;
}

/* The literal that `set` gives a variable in this level or around it. */
static bool value_of(const struct sv_scope *at, struct sv_slice name, struct sv_slice *ret)
{
    const struct sv_scope *inner = NULL;
    for (; at; inner = at, at = at->parent) {
        const struct sv_node *n = last_set(at, inner, name);
        struct sv_slice value = n ? sv_node_arg(n, 1) : (struct sv_slice){0};
        if (n && sv_slice_chr(value, '$') < value.n)
            return false;
        if (n) {
            *ret = value;
            return true;
        }
    }
    return false;
}

/* The name of the variable at the dollar sign, $name or ${name}; *ret_end is behind it. */
static struct sv_slice variable_at(struct sv_slice text, size_t dollar, size_t *ret_end)
{
    bool braces = dollar + 1 < text.n && text.p[dollar + 1] == '{';
    size_t from = dollar + 1 + braces, end = from;
    while (end < text.n && (isalnum((unsigned char)text.p[end]) || text.p[end] == '_'))
        end++;
    *ret_end = end + (braces && end < text.n && text.p[end] == '}');
    return sv_slice_sub(text, from, end);
}

struct sv_slice sv_set_filled_in(struct sv_arena *a, const struct sv_scope *at,
                                 struct sv_slice text)
{
    for (size_t i = 0, from = 0; i < VARIABLES; i++) {
        size_t end;
        from += sv_slice_chr(sv_slice_sub(text, from, text.n), '$');
        if (from >= text.n)
            break;
        struct sv_slice value, name = variable_at(text, from, &end);
        if (!value_of(at, name, &value)) {
            from = end;
            continue;
        }
        text = sv_slice_of(sv_arena_printf(a, "%.*s%.*s%.*s", (int)from, text.p, (int)value.n,
                                           value.p, (int)(text.n - end), text.p + end));
        from += value.n;
    }
    return text;
}
