// SPDX-License-Identifier: Apache-2.0
// Passwords in the command lines of units, and the files that LoadCredential= hands over.
#include "secrets/readers.h"

#include <ctype.h>

#include "base/limits.h"
#include "secrets/command.h"
#include "secrets/value.h"
#include "syntax/unit.h"

/* One setting: its lines joined by blanks, so that every byte keeps its place. */
struct setting {
    struct sv_slice text;
    size_t from; /* its place in the file */
};

static bool goes_on(struct sv_slice line)
{
    return line.n && line.p[line.n - 1] == '\\';
}

static bool is_comment(struct sv_slice line)
{
    struct sv_slice t = sv_slice_trim(line);
    return t.n && (t.p[0] == '#' || t.p[0] == ';');
}

/* The value that begins at `from`, in a line that ends at *at, which moves behind the last one. */
static struct setting join(const struct sv_reading *r, size_t from, struct sv_slice line,
                           size_t *at)
{
    size_t first = *at;
    bool more = goes_on(line);
    while (more && *at < r->text.n) {
        line = sv_reading_line(r, at);
        more = goes_on(line) || is_comment(line);
    }
    char *out = sv_arena_alloc(r->a, *at - from + 1);
    memcpy(out, r->text.p + from, *at - from);
    for (size_t i = 0, n = *at - from; i < n; i++)
        if (out[i] == '\n' || out[i] == '\r' ||
            (out[i] == '\\' && (i + 1 == n || out[i + 1] == '\n' || out[i + 1] == '\r')))
            out[i] = ' ';
    for (size_t next = first; next < *at;) {
        size_t begin = next;
        line = sv_reading_line(r, &next);
        if (is_comment(line))
            memset(out + (begin - from), ' ', line.n);
    }
    return (struct setting){{out, *at - from}, from};
}

struct word {
    struct sv_slice text;
    size_t from; /* its place in the setting */
};

static bool names_password(struct sv_slice name)
{
    static const char *const parts[] = {"pass", "pwd", "auth"};
    bool short_option = name.n == 2 && name.p[0] == '-';
    for (size_t i = 0; i < name.n; i++)
        for (size_t k = 0; k < sizeof parts / sizeof *parts; k++)
            if (sv_slice_is_nocase(sv_slice_sub(name, i, i + strlen(parts[k])), parts[k]))
                return true;
    return short_option;
}

/* Where the value stands: behind the beginning of its word, else of the setting. */
static void note(struct sv_reading *r, const struct setting *s, const struct word *words, size_t n,
                 const struct sv_command_secret *found)
{
    const struct sv_secret_rule *rule = sv_value_rule(found->value);
    struct sv_slice value = found->value;
    size_t from = 0;
    for (size_t i = 0; i < n; i++)
        if (value.p >= words[i].text.p && value.p <= words[i].text.p + words[i].text.n)
            from = words[i].from;
    struct sv_slice rest = sv_slice_sub(s->text, from, s->text.n);
    const char *hit = memmem(rest.p, rest.n, value.p, value.n);
    size_t at = hit ? (size_t)(hit - s->text.p) : from;
    if (hit) /* else it is written with quotes or escapes inside */
        value = sv_slice_sub(r->text, s->from + at, s->from + at + value.n);
    sv_reading_note(r, rule ? rule->id : names_password(found->name) ? "generic-password"
                                                                      : "generic-secret",
                    value, s->from + at);
}

/* "@-:+!" before the program say how it is started. */
static struct sv_slice without_prefix(struct sv_slice program)
{
    size_t n = 0;
    while (n < program.n && program.p[n] && strchr("@-:+!|", program.p[n]))
        n++;
    return sv_slice_sub(program, n, program.n);
}

static void search_command(struct sv_reading *r, const struct setting *s)
{
    struct sv_command_secrets found = {0};
    SV_VEC(struct sv_slice) texts = {0};
    SV_VEC(struct word) words = {0};
    struct sv_slice rest = s->text, text;
    for (;;) {
        size_t from = s->text.n - rest.n;
        if (words.n == SV_MAX_UNIT_WORDS) {
            r->out->limits++;
            break;
        }
        if (sv_unit_word(r->a, &rest, &text) <= 0)
            break;
        text = words.n == 0 ? without_prefix(text) : text;
        sv_vec_push(r->a, &texts, text);
        sv_vec_push(r->a, &words, (struct word){text, from});
    }
    sv_command_secrets(r->a, texts.v, texts.n, &found);
    sv_vec_each(secret, &found.list)
    {
        note(r, s, words.v, words.n, secret);
    }
}

/* ExecStart=, ExecStartPre= and their kin; Exec= of a Quadlet unit. */
static bool is_command(struct sv_slice key)
{
    return sv_slice_starts(key, "Exec") && !sv_slice_is(key, "ExecSearchPath") &&
           !sv_slice_is(key, "ExecPaths");
}

void sv_read_commands(struct sv_reading *r, const struct sv_line_grammar *g)
{
    (void)g;
    for (size_t at = 0; at < r->text.n;) {
        size_t begin = at;
        struct sv_slice line = sv_reading_line(r, &at);
        size_t eq = sv_slice_chr(line, '=');
        bool command = !is_comment(line) && eq < line.n &&
                       is_command(sv_slice_trim(sv_slice_sub(line, 0, eq)));
        if (command) {
            struct setting s = join(r, begin + eq + 1, line, &at);
            search_command(r, &s);
        } else {
            for (bool more = goes_on(line) && !is_comment(line); more && at < r->text.n;) {
                line = sv_reading_line(r, &at);
                more = goes_on(line) || is_comment(line);
            }
        }
    }
}

/* systemd-creds writes base64, in lines. */
static bool is_base64(struct sv_slice text)
{
    for (size_t i = 0; i < text.n; i++)
        if (!isalnum((unsigned char)text.p[i]) && !strchr("+/=\n", text.p[i]))
            return false;
    return true;
}

void sv_read_credential(struct sv_reading *r, bool encrypted)
{
    enum { LEAST_ENCRYPTED = 64, MOST = 4096 };
    struct sv_slice text = sv_slice_trim(r->text);
    bool packed = encrypted && text.n >= LEAST_ENCRYPTED && is_base64(text);
    /* What has lines is read as what it is: an environment, a key, a certificate. */
    if (text.n > MOST || packed || memchr(text.p, '\n', text.n) || sv_slice_starts(text, "ssh-"))
        return;
    sv_reading_note(r, "generic-password", text, (size_t)(text.p - r->text.p));
}
