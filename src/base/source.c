// SPDX-License-Identifier: Apache-2.0
// Source texts; line tables are made when a line is first asked for.
#include "base/source.h"

uint32_t sv_source_add(struct sv_sources *s, const char *path, struct sv_slice text)
{
    struct sv_source *src = sv_new(s->arena, struct sv_source);
    src->path = path;
    src->text = text;
    sv_vec_push(s->arena, &s->list, src);
    return (uint32_t)s->list.n;
}

static struct sv_source *get(const struct sv_sources *s, uint32_t file)
{
    return file && file <= s->list.n ? s->list.v[file - 1] : NULL;
}

const struct sv_source *sv_source_get(const struct sv_sources *s, uint32_t file)
{
    return get(s, file);
}

const char *sv_span_path(const struct sv_sources *s, struct sv_span span)
{
    const struct sv_source *src = get(s, span.file);
    return src ? src->path : "";
}

static void index_lines(struct sv_sources *s, struct sv_source *src)
{
    if (src->line_starts)
        return;
    uint32_t n = 1;
    for (size_t i = 0; i < src->text.n; i++)
        n += src->text.p[i] == '\n';
    src->line_starts = sv_new_n(s->arena, uint32_t, n);
    src->n_lines = n;
    uint32_t line = 1;
    for (size_t i = 0; i < src->text.n; i++)
        if (src->text.p[i] == '\n')
            src->line_starts[line++] = (uint32_t)i + 1;
}

struct sv_pos sv_span_pos(struct sv_sources *s, struct sv_span span)
{
    struct sv_source *src = get(s, span.file);
    if (!src)
        return (struct sv_pos){0, 0};
    index_lines(s, src);
    uint32_t lo = 0, hi = src->n_lines;
    while (hi - lo > 1) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (src->line_starts[mid] <= span.start)
            lo = mid;
        else
            hi = mid;
    }
    return (struct sv_pos){lo + 1, span.start - src->line_starts[lo] + 1};
}

struct sv_slice sv_span_text(const struct sv_sources *s, struct sv_span span)
{
    const struct sv_source *src = get(s, span.file);
    return src ? sv_slice_sub(src->text, span.start, span.end) : (struct sv_slice){"", 0};
}

struct sv_slice sv_source_line(struct sv_sources *s, uint32_t file, uint32_t line)
{
    struct sv_source *src = get(s, file);
    if (!src || line == 0)
        return (struct sv_slice){"", 0};
    index_lines(s, src);
    if (line > src->n_lines)
        return (struct sv_slice){"", 0};
    struct sv_slice rest = sv_slice_sub(src->text, src->line_starts[line - 1], src->text.n);
    return sv_slice_trim(sv_slice_sub(rest, 0, sv_slice_chr(rest, '\n')));
}
