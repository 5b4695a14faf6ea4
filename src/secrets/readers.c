// SPDX-License-Identifier: Apache-2.0
// Chooses the grammars of a file by its name, and notes what they find.
#include "secrets/readers.h"

#include "base/limits.h"
#include "secrets/value.h"

/* ".env", ".env.production", "app.env": not what shows how one is written. */
static bool is_dotenv(struct sv_slice base)
{
    static const char *const samples[] = {".example", ".sample", ".dist", ".template", ".tpl"};
    if (base.n < 4 || (base.p[0] != '.' && base.p[base.n - 1] != 'v'))
        return false;
    if (!sv_slice_is(base, ".env") && !sv_slice_starts(base, ".env.") &&
        !(base.n > 4 && sv_slice_ends(base, ".env")))
        return false;
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++)
        if (sv_slice_ends(base, samples[i]))
            return false;
    return true;
}

/* One '*' of the pattern stands for anything; "*word*" stands anywhere. */
static bool is_name(struct sv_slice name, const char *pattern)
{
    size_t n = 0;
    for (; pattern[n] && pattern[n] != '*'; n++)
        if (n >= name.n || name.p[n] != pattern[n])
            return false;
    if (!pattern[n])
        return n == name.n;
    const char *star = pattern + n;
    size_t word = strlen(star + 1);
    if (n == 0 && word > 1 && star[word] == '*') {
        for (size_t i = 0; i + word - 1 <= name.n; i++)
            if (name.p[i] == star[1] && memcmp(name.p + i, star + 1, word - 1) == 0)
                return true;
        return false;
    }
    return name.n >= n + word && sv_slice_ends(name, star + 1);
}

static size_t hash(char a, char b)
{
    return ((unsigned char)a * 31u + (unsigned char)b) % SV_READER_ENDS;
}

static size_t chain_of(const char *pattern)
{
    size_t n = strlen(pattern);
    if (n >= 2 && pattern[0] != '*' && pattern[1] != '*')
        return hash(pattern[0], pattern[1]);
    if (n >= 3 && pattern[0] == '*' && pattern[n - 2] != '*' && pattern[n - 1] != '*')
        return SV_READER_ENDS + hash(pattern[n - 2], pattern[n - 1]);
    return SV_READER_OPEN;
}

void sv_readers_index(struct sv_reader_index *ret)
{
    *ret = (struct sv_reader_index){0};
    for (size_t i = sv_n_readers; i > 0; i--) {
        uint8_t *first = &ret->first[chain_of(sv_readers[i - 1].name)];
        ret->next[i] = *first;
        *first = (uint8_t)i;
    }
}

/* "/config": the folder's name, also the first of a path without a '/' before it; "/config/":
 * somewhere on the way. */
static bool in_folder(struct sv_slice path, struct sv_slice folder, const char *end)
{
    if (end && end[strlen(end) - 1] == '/')
        return sv_slice_find(path, end) < path.n || sv_slice_starts(path, end + 1);
    return !end || sv_slice_ends(folder, end) || sv_slice_is(folder, end + 1);
}

static void run(struct sv_reading *r, const struct sv_reader *k, struct sv_slice path, size_t from)
{
    struct sv_slice folder = sv_slice_sub(path, 0, from - (from > 0));
    if (is_name(sv_slice_sub(path, from, path.n), k->name) && in_folder(path, folder, k->folder) &&
        (!k->holds || sv_slice_find(r->text, k->holds) < r->text.n))
        k->read(r, &k->g);
}

void sv_readers_run(struct sv_arena *a, const struct sv_reader_index *index, struct sv_slice path,
                    struct sv_slice text, struct sv_secret_hits *out)
{
    struct sv_reading r = {.a = a, .text = text, .out = out};
    struct sv_slice base = sv_slice_base(path);
    size_t from = path.n - base.n;
    if (is_dotenv(base))
        sv_read_dotenv(&r, &(struct sv_line_grammar){.rule = "generic-secret"});
    bool two = base.n >= 2;
    size_t by_begin = two ? index->first[hash(base.p[0], base.p[1])] : 0;
    size_t by_end =
        two ? index->first[SV_READER_ENDS + hash(base.p[base.n - 2], base.p[base.n - 1])] : 0;
    size_t open = index->first[SV_READER_OPEN];
    while (by_begin || by_end || open) {
        size_t *least = &open;
        if (by_begin && (!*least || by_begin < *least))
            least = &by_begin;
        if (by_end && (!*least || by_end < *least))
            least = &by_end;
        run(&r, &sv_readers[*least - 1], path, from);
        *least = index->next[*least];
    }
}

/* "{PLAIN}word" is the word; "${NAME:word}" is what holds where no NAME is set. */
static void strip_wrapping(struct sv_slice *v, size_t *offset)
{
    static const char *const schemes[] = {"{PLAIN}", "{CLEARTEXT}"};
    size_t n = 0, end = v->n;
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
        if (sv_slice_is_nocase(sv_slice_sub(*v, 0, strlen(schemes[i])), schemes[i]))
            n = strlen(schemes[i]);
    size_t colon = sv_slice_chr(*v, ':');
    if (sv_slice_starts(*v, "${") && sv_slice_chr(*v, '}') == v->n - 1 && colon < v->n) {
        n = colon + 1;
        n += n < v->n && (v->p[n] == '-' || v->p[n] == '=');
        end = v->n - 1;
    }
    *v = sv_slice_sub(*v, n, end);
    *offset += n;
}

void sv_reading_note(struct sv_reading *r, const char *rule, struct sv_slice value, size_t offset)
{
    enum { LEAST = 3, MOST = 4096 };
    if (r->out->list.n > SV_MAX_SECRET_HITS)
        return; /* one more than is listed: coverage says that there are more */
    strip_wrapping(&value, &offset);
    if (value.n < LEAST || value.n > MOST || memchr(value.p, 0, value.n) ||
        sv_reading_is_filler(value))
        return;
    struct sv_secret_hit hit = {
        .rule = sv_secret_rule_of(rule), .value = value, .offset = offset + r->base,
        .placeholder = sv_value_is_example(value)};
    for (const char *const *p = hit.rule->placeholders; p && *p; p++)
        hit.placeholder |= sv_slice_is(value, *p);
    sv_vec_push(r->a, &r->out->list, hit);
}

struct sv_slice sv_reading_line(const struct sv_reading *r, size_t *at)
{
    struct sv_slice rest = sv_slice_sub(r->text, *at, r->text.n);
    size_t n = sv_slice_chr(rest, '\n');
    *at += n < rest.n ? n + 1 : n;
    if (n > 0 && rest.p[n - 1] == '\r')
        n--;
    return sv_slice_sub(rest, 0, n);
}
