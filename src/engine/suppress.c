// SPDX-License-Identifier: Apache-2.0
// Inline suppressions: `# srvaudit: ignore ID (reason)` on the line or the line above, or on those
// of the block it stands in.
#include "engine/context.h"

static const char MARK[] = "srvaudit: ignore ";

/* The reason in parentheses if the line suppresses the check; *ret_bare: named without reason. */
static struct sv_slice reason_in(struct sv_slice line, const char *id, bool *ret_bare)
{
    struct sv_slice none = {"", 0};
    /* ";" is a comment where nothing stands before it: units, php-fpm, supervisord. */
    size_t hash = line.n && line.p[0] == ';' ? 0 : sv_slice_chr(line, '#');
    struct sv_slice comment = sv_slice_sub(line, hash, line.n);
    size_t at = sv_slice_find(comment, MARK);
    if (at == comment.n)
        return none;
    comment = sv_slice_trim(sv_slice_sub(comment, at + sizeof MARK - 1, comment.n));
    size_t n = strlen(id);
    if (!sv_slice_starts(comment, id) || (comment.n > n && comment.p[n] != ' '))
        return none;
    comment = sv_slice_trim(sv_slice_sub(comment, n, comment.n));
    if (comment.n < 3 || comment.p[0] != '(' || comment.p[comment.n - 1] != ')') {
        *ret_bare = true;
        return none;
    }
    return sv_slice_trim(sv_slice_sub(comment, 1, comment.n - 1));
}

void sv_suppress(struct sv_ctx *cx, struct sv_finding *f, struct sv_span span)
{
    struct sv_sources *s = cx->d->sources;
    uint32_t at = sv_span_pos(s, span).line;
    bool bare = false;
    for (uint32_t back = 0; back < 2 && back < at; back++) {
        struct sv_slice line = sv_source_line(s, span.file, at - back);
        /* The line above counts only if it is a comment of its own. */
        if (back && (line.n == 0 || (line.p[0] != '#' && line.p[0] != ';')))
            return;
        struct sv_slice reason = reason_in(line, f->check->id, &bare);
        if (reason.n) {
            f->state = SV_STATE_SUPPRESSED;
            f->reason = sv_arena_copy(cx->d->result->arena, reason).p;
            return;
        }
        if (bare) {
            sv_diag_at(cx->d->diags, SV_DIAG_ERROR, span,
                       "the comment that ignores %s needs a reason in parentheses", f->check->id);
            return;
        }
    }
}
