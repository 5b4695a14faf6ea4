// SPDX-License-Identifier: Apache-2.0
// Searches one stream of bytes, piece by piece, and notes the secrets with their lines.
#include "scan/secrets_stream.h"

#include <errno.h>
#include <stdlib.h>

#include "base/lanes.h"
#include "base/limits.h"
#include "scan/media.h"
#include "scan/program.h"
#include "scan/samples.h"
#include "scan/secrets_again.h"
#include "scan/secrets_seen.h"
#include "scan/secrets_unpack.h"
#include "scan/sqlite_carve.h"
#include "secrets/keys.h"
#include "secrets/readers.h"
#include "secrets/redact.h"
#include "secrets/structures.h"

enum {
    CONTEXT = SV_SEARCHER_CONTEXT,
    NOTED_BACK = 64, /* places looked through for the same secret */
};
_Static_assert(SV_SEARCHER_BUFFER > 2 * SV_SECRET_OVERLAP + CONTEXT, "a piece is mostly new");

/* `all`: the head is the whole stream. A program is searched where its constants are; a member has
 * no such places. */
static bool is_irrelevant(const struct sv_stream *f, struct sv_slice head, bool all)
{
    if (f->program)
        return !f->member || sv_is_packaged_program(f->member) || sv_is_packaged_program(f->path);
    if (sv_is_media(head))
        return !f->appended && !(all && !sv_media_is_whole(head, head, head.n));
    /* A library of object files; a Debian package begins in the same way. */
    return sv_slice_starts(head, "!<arch>\n") && !sv_slice_starts(head, "!<arch>\ndebian-binary");
}

/* ---- what is kept ---- */

static const char *kept_path(struct sv_stream *f)
{
    if (!f->path_kept)
        f->path = sv_arena_strdup(&f->s->results, f->path);
    f->path_kept = true;
    return f->path;
}

static const char *kept_member(struct sv_stream *f)
{
    if (f->member && !f->member_kept)
        f->member = sv_arena_strdup(&f->s->results, f->member);
    f->member_kept = true;
    return f->member;
}

void sv_stream_skip(struct sv_stream *f, const char *reason)
{
    struct sv_arena *a = &f->s->results;
    const char *text =
        f->member ? sv_arena_printf(a, "in %s: %s", f->member, reason) : sv_arena_strdup(a, reason);
    sv_vec_push(a, &f->s->found.skipped, (struct sv_secret_skip){kept_path(f), text});
}

/* A call of memchr a line would cost more than the search: sixteen bytes at a time, in lanes that
 * are emptied before they can overflow. */
static size_t newlines(const char *p, size_t n, char mark)
{
    size_t count = 0, i = 0;
    while (n - i >= sizeof(sv_lanes)) {
        sv_lanes sum = {0};
        for (unsigned round = 0; round < UINT8_MAX && n - i >= sizeof sum; round++) {
            sum -= (sv_lanes)(sv_lanes_load(p + i) == (unsigned char)mark);
            i += sizeof sum;
        }
        for (size_t k = 0; k < sizeof sum; k++)
            count += sum[k];
    }
    for (; i < n; i++)
        count += p[i] == mark;
    return count;
}

/* Moves the line count on to an offset of the piece. */
static void count_lines(struct sv_stream *f, struct sv_slice piece, uint64_t to)
{
    const char mark = f->rows ? '\x1e' : '\n';
    struct sv_slice part = sv_slice_sub(piece, f->counted - f->base, to - f->base);
    size_t n = newlines(part.p, part.n, mark);
    const char *last = n ? memrchr(part.p, mark, part.n) : NULL;
    if (last) {
        f->line += (uint32_t)n;
        f->line_at = f->base + (uint64_t)(last + 1 - piece.p);
    }
    f->counted = to;
}

/* A token with a prefix of its own is one wherever it stands; what a name or a setting makes one
 * must look the part. */
static bool is_weak(struct sv_stream *f, struct sv_slice piece, const struct sv_view *view,
                    const struct sv_secret_hit *hit)
{
    struct sv_slice text = view ? view->text : piece;
    size_t at = view ? sv_view_origin(view, hit->offset) : hit->offset;
    bool packaged = sv_is_packaged(f->path);
    struct sv_slice name = sv_slice_of(f->member ? f->member : f->path);
    if (sv_is_named_example(text, hit->offset))
        return true;
    if (hit->rule->prefix && !packaged)
        return false;
    if (!hit->rule->prefix && (sv_is_no_value(text, hit) || sv_in_help_topic(piece, at, name) ||
                               (f->messages && (hit->rule->flags & SV_RULE_GENERIC))))
        return true;
    return sv_in_comment(text, hit->offset, f->html) ||
           (view && sv_in_comment(piece, at, f->html)) ||
           sv_in_docs(&f->docs, &f->s->scratch, piece, at, name, packaged);
}

/* The same secret in the same line, as it stands and in other words, is one place. */
static bool noted(const struct sv_stream *f, const char *id, uint32_t line)
{
    size_t n = f->s->found.list.n, back = f->hits < NOTED_BACK ? f->hits : NOTED_BACK;
    for (size_t i = n - back; i < n; i++)
        if (f->s->found.list.v[i].line == line && strcmp(f->s->found.list.v[i].id, id) == 0)
            return true;
    return false;
}

/* What a database's value holds goes on in another page: the end is not its end. */
static bool cut_by_page(const struct sv_again *again, struct sv_slice piece, size_t end)
{
    return again->glued && end < piece.n && piece.p[end] == SV_CARVE_CUT;
}

/* What the place is called, in words that no other secret before it has. "Redis password" says
 * what it is; "Password" does not. */
static const char *name_of(const struct sv_stream *f, struct sv_slice piece,
                           const struct sv_seen *seen)
{
    if (!(seen->hit.rule->flags & SV_RULE_GENERIC) || seen->view)
        return NULL;
    struct sv_slice name = sv_place_name(piece, seen->hit.offset);
    bool free = name.n && f->base + (uint64_t)(name.p - piece.p) >= f->covered;
    return free ? sv_arena_copy(&f->s->results, name).p : NULL;
}

static void note(struct sv_stream *f, struct sv_slice piece, const struct sv_seen *seen)
{
    struct sv_arena *a = &f->s->results;
    const struct sv_secret_hit *hit = &seen->hit;
    uint64_t at = f->base + hit->offset;
    if (at > f->counted)
        count_lines(f, piece, at);
    bool key = hit->rule->validator == SV_VALID_KEY ||
               sv_slice_starts(hit->value, "LS0tLS1CRUdJTi"); /* PEM in base64 */
    struct sv_slice value = key ? sv_key_body(&f->s->scratch, hit->value) : hit->value;
    const char *id = sv_secret_id(a, value);
    if (f->again && (cut_by_page(f->again, piece, seen->end) ||
                     sv_again_known(f->again, &f->s->scratch, value)))
        return;
    if (noted(f, id, f->line) || ++f->hits + f->earlier > SV_MAX_SECRET_HITS)
        return;
    sv_vec_push(a, &f->s->found.list,
                (struct sv_secret_place){
                    .path = kept_path(f),
                    .member = kept_member(f),
                    .via = seen->view ? sv_view_via(a, seen->view) : NULL,
                    .rule = hit->rule,
                    .redacted = sv_redact(a, hit->rule->id, hit->value),
                    .name = name_of(f, piece, seen),
                    .id = id,
                    .offset = at,
                    .line = f->line,
                    .column = (uint32_t)(at - f->line_at) + 1,
                    .checksum_bad = hit->checksum_bad,
                    .encrypted = hit->encrypted,
                    .placeholder = hit->placeholder,
                    .weak = seen->weak || f->sample || sv_is_package_sample(f->path) ||
                            (f->archive && sv_unpack_is_sample(f->archive, f->member)),
                });
}

/* ---- piece by piece ---- */

static void search_text(struct sv_stream *f, struct sv_slice piece, const struct sv_view *view,
                        sv_seen_vec *ret)
{
    struct sv_arena *a = &f->s->scratch;
    struct sv_secret_hits hits = {0};
    struct sv_slice text = view ? view->text : piece;
    sv_search_text(f->s->search, a, text, &hits);
    f->limits += hits.limits;
    sv_vec_each(h, &hits.list)
    {
        size_t end = h->offset + h->value.n;
        struct sv_seen seen = {.hit = *h, .view = view, .weak = is_weak(f, piece, view, h)};
        if (view && view->open && end == text.n)
            continue;
        if (view)
            seen.hit.offset = sv_view_origin(view, h->offset);
        seen.end = view ? sv_view_origin(view, end - 1) + 1 : end;
        sv_vec_push(a, ret, seen);
    }
}

/* What a reader found; a value that it decoded stands in base64. */
static struct sv_seen read_hit(struct sv_slice piece, const struct sv_secret_hit *hit)
{
    uintptr_t p = (uintptr_t)hit->value.p, from = (uintptr_t)piece.p;
    bool stands = p >= from && p < from + piece.n;
    size_t n = stands ? hit->value.n : (hit->value.n + 2) / 3 * 4;
    return (struct sv_seen){.hit = *hit, .end = hit->offset + n};
}

/* The beginning of the stream, read by its structure; its last bytes may be cut off. */
static void read_structure(struct sv_stream *f, struct sv_slice piece, bool truncated,
                           sv_seen_vec *ret)
{
    struct sv_arena *a = &f->s->scratch;
    struct sv_secret_hits hits = {0};
    sv_structures_find(&(struct sv_structure){
        .a = a, .name = sv_slice_of(f->member ? f->member : f->path), .text = piece,
        .truncated = truncated, .out = &hits});
    sv_vec_each(h, &hits.list)
    {
        sv_vec_push(a, ret, read_hit(piece, h));
    }
}

/* A file's own grammar knows where a value ends; a token with a beginning of its own, or a rule
 * that says more of the same value, knows better what it is. */
static bool rule_wins(const struct sv_secret_hit *rule, const struct sv_secret_hit *read)
{
    if (rule->rule->flags & SV_RULE_GENERIC)
        return false;
    return rule->rule->prefix ||
           ((read->rule->flags & SV_RULE_GENERIC) && rule->value.n == read->value.n);
}

static bool overlap(const struct sv_secret_hit *a, const struct sv_secret_hit *b)
{
    return a->offset < b->offset + b->value.n && b->offset < a->offset + a->value.n;
}

static int by_offset(const void *x, const void *y)
{
    const struct sv_secret_hit *a = x, *b = y;
    return (a->offset > b->offset) - (a->offset < b->offset);
}

static int by_place(const void *x, const void *y)
{
    const struct sv_seen *a = x, *b = y;
    return by_offset(&a->hit, &b->hit);
}

/* A whole file whose name says how it is read. */
static void read_grammar(struct sv_stream *f, struct sv_slice piece, sv_seen_vec *ret)
{
    struct sv_arena *a = &f->s->scratch;
    struct sv_secret_hits hits = {0};
    sv_readers_run(a, &f->s->readers, sv_slice_of(f->member ? f->member : f->path), piece, &hits);
    uint32_t credential = f->s->credentials && !f->member
                              ? sv_map_find(f->s->credentials, sv_slice_of(f->path)) : 0;
    if (credential)
        sv_read_credential(&(struct sv_reading){.a = a, .text = piece, .out = &hits},
                           credential == SV_CREDENTIAL_ENCRYPTED);
    f->limits += hits.limits;
    if (hits.list.n == 0)
        return;
    if (ret->n > 1)
        qsort(ret->v, ret->n, sizeof *ret->v, by_place);
    if (hits.list.n > 1)
        qsort(hits.list.v, hits.list.n, sizeof *hits.list.v, by_offset);
    size_t n = ret->n, first = 0, kept = 0;
    bool *beaten = sv_arena_alloc(a, n + 1);
    memset(beaten, 0, n + 1);
    sv_vec_each(read, &hits.list)
    {
        size_t end = read->offset + read->value.n, k;
        bool wins = true;
        while (first < n && ret->v[first].hit.offset + SV_SECRET_OVERLAP < read->offset)
            first++;
        for (k = first; k < n && ret->v[k].hit.offset < end && wins; k++)
            wins = !overlap(&ret->v[k].hit, read) || !rule_wins(&ret->v[k].hit, read);
        for (k = first; wins && k < n && ret->v[k].hit.offset < end; k++)
            beaten[k] |= overlap(&ret->v[k].hit, read);
        if (wins)
            sv_vec_push(a, ret, read_hit(piece, read));
    }
    for (size_t k = 0; k < ret->n; k++)
        if (k >= n || !beaten[k])
            ret->v[kept++] = ret->v[k];
    ret->n = kept;
}

/* What the text says in other words, and what those say in others again. */
static void search_views(struct sv_stream *f, struct sv_slice piece, const struct sv_view *of,
                         unsigned depth, struct sv_views *views, sv_seen_vec *ret)
{
    size_t first = views->list.n, last;
    if (depth == SV_SECRET_VIEW_DEPTH)
        return;
    sv_views_find(&f->s->scratch, of ? of->text : piece, of, sv_search_marks(f->s->search), views);
    last = views->list.n;
    for (size_t i = first; i < last; i++) {
        const struct sv_view *v = views->list.v[i];
        search_text(f, piece, v, ret);
        search_views(f, piece, v, depth + 1, views, ret);
    }
}

/* Hits that begin in [from, to): what begins later is found again in the next piece, whole. */
static void search_piece(struct sv_stream *f, struct sv_slice piece, size_t from, size_t to,
                         bool last)
{
    sv_seen_vec seen = {0};
    struct sv_views views = {0};
    f->docs = (struct sv_docs){0};
    search_text(f, piece, NULL, &seen);
    search_views(f, piece, NULL, 0, &views, &seen);
    f->undecoded |= views.incomplete;
    if (f->base == 0 && from == 0)
        read_structure(f, piece, to < piece.n, &seen);
    if (f->base == 0 && from == 0 && to == piece.n)
        read_grammar(f, piece, &seen);
    sv_seen_reduce(&seen);
    sv_vec_each(s, &seen)
    {
        if (s->hit.offset < from || s->hit.offset >= to)
            continue;
        note(f, piece, s);
        f->covered = f->base + s->end > f->covered ? f->base + s->end : f->covered;
    }
    if (!last && f->base + to > f->counted) /* nobody asks for the line of the stream's end */
        count_lines(f, piece, f->base + to);
    sv_arena_wipe(&f->s->scratch);
}

/* Up to n bytes. `size` of the source are known to be there: a read that has brought them and falls
 * short met the end, which need not be asked for. 0: nothing is known. */
static ssize_t fill(struct sv_bytes_from from, uint64_t size, char *p, size_t n)
{
    size_t got = 0;
    while (got < n) {
        if (size && got >= size)
            break;
        ssize_t r = from.read(from.ctx, p + got, n - got);
        if (r < 0)
            return r;
        if (r == 0)
            break;
        got += (size_t)r;
    }
    return (ssize_t)got;
}

ssize_t sv_bytes_fill(struct sv_bytes_from from, char *p, size_t n)
{
    size_t got = 0;
    ssize_t r = 1;
    while (got < n && (r = from.read(from.ctx, p + got, n - got)) > 0)
        got += (size_t)r;
    return got || r > 0 ? (ssize_t)got : r;
}

static bool is_html(const struct sv_stream *f, struct sv_slice head)
{
    struct sv_slice name = sv_slice_of(f->member ? f->member : f->path);
    struct sv_slice t = sv_slice_trim(sv_slice_sub(head, 0, 256));
    return sv_slice_ends(name, ".html") || sv_slice_ends(name, ".htm") ||
           sv_slice_is_nocase(sv_slice_sub(t, 0, 14), "<!doctype html") ||
           sv_slice_is_nocase(sv_slice_sub(t, 0, 5), "<html");
}

/* `all`: the head is the whole stream. What ends like a zip is one, whatever stands before it. */
static bool passed_over(struct sv_stream *f, struct sv_slice head, bool all)
{
    f->kind = f->whole ? sv_kind_of(head) : SV_KIND_PLAIN;
    if (f->whole && !f->kind && (f->zip_end || (all && sv_kind_ends_zip(head))))
        f->kind = SV_KIND_ZIP;
    f->html = is_html(f, head);
    f->messages = sv_is_messages(head);
    if (f->kind || (f->again && !f->member))
        return f->kind;
    f->program = sv_is_program(head);
    return is_irrelevant(f, head, all);
}

/* The buffer holds [context | what the last piece left | new bytes]. */
enum sv_stream_end sv_stream_search(struct sv_stream *f, struct sv_bytes_from source,
                                    uint64_t end_at)
{
    char *buffer = f->s->buffer;
    size_t have = 0, from = 0;
    f->counted = f->base;
    for (bool end = false; !end;) {
        uint64_t left = end_at - f->base - have;
        size_t want = SV_SEARCHER_BUFFER - have;
        ssize_t got = fill(source, f->read ? 0 : f->size, buffer + have,
                           left < want ? (size_t)left : want);
        size_t filled = have + (got < 0 ? want : (size_t)got);
        f->s->used = filled > f->s->used ? filled : f->s->used;
        if (got < 0) {
            sv_stream_skip(f, strerror((int)-got));
            return SV_STREAM_STOPPED;
        }
        if (f->base == 0 && have == 0 && !f->program &&
            passed_over(f, (struct sv_slice){buffer, (size_t)got}, (size_t)got < want))
            return f->kind ? SV_STREAM_PACKED : SV_STREAM_IRRELEVANT;
        have += (size_t)got;
        f->read += (uint64_t)got;
        f->s->found.bytes += (uint64_t)got;
        bool enough = f->read >= SV_MAX_SECRET_FILE;
        end = have < SV_SEARCHER_BUFFER || enough || f->base + have == end_at;
        size_t to = end ? have : have - SV_SECRET_OVERLAP;
        search_piece(f, (struct sv_slice){buffer, have}, from, to, end && end_at == UINT64_MAX);
        if (enough) {
            sv_stream_skip(f, "more than 1 GiB; the rest is not searched");
            return SV_STREAM_STOPPED;
        }
        memmove(buffer, buffer + to - CONTEXT, end ? 0 : have - to + CONTEXT);
        f->base += end ? have : to - CONTEXT;
        have = have - to + CONTEXT;
        from = CONTEXT;
    }
    return SV_STREAM_DONE;
}

void sv_stream_finish(struct sv_stream *f)
{
    if (f->limits)
        sv_stream_skip(f, "a pattern gave up at its work limit; a secret may be missed");
    if (f->undecoded)
        sv_stream_skip(f, "more encoded text than is decoded; a secret in it may be missed");
    if (f->hits + f->earlier > SV_MAX_SECRET_HITS)
        sv_stream_skip(f, "more secrets than are listed");
}
