// SPDX-License-Identifier: Apache-2.0
// Tells values from code, prose and documentation by what stands around them.
#include "scan/context.h"

#include <ctype.h>

#include "base/limits.h"
#include "secrets/bytes.h"
#include "secrets/readers.h"

enum { LOOK_BACK = 4096 };

/* ---- comments ---- */

/* Where the last `mark` before `at` begins, 0 if there is none near. */
static size_t last_before(struct sv_slice piece, size_t at, const char *mark)
{
    size_t from = at > LOOK_BACK ? at - LOOK_BACK : 0, found = 0;
    for (struct sv_slice rest = sv_slice_sub(piece, from, at); rest.n;) {
        size_t next = sv_slice_find(rest, mark);
        if (next == rest.n)
            break;
        found = (size_t)(rest.p - piece.p) + next + 1;
        rest = sv_slice_sub(rest, next + 1, rest.n);
    }
    return found;
}

/* The line up to the place, without its indentation. */
static struct sv_slice line_before(struct sv_slice piece, size_t at)
{
    size_t from = at;
    while (from > 0 && at - from < LOOK_BACK && piece.p[from - 1] != '\n')
        from--;
    return sv_slice_trim(sv_slice_sub(piece, from, at));
}

/* "#0 /srv/app/db.php(7): connect(": PHP numbers the calls of a stack trace so. */
static bool is_trace(struct sv_slice line)
{
    size_t i = 1;
    while (i < line.n && line.p[0] == '#' && isdigit((unsigned char)line.p[i]))
        i++;
    return i > 1 && i < line.n && line.p[i] == ' ' && sv_slice_find(line, "): ") < line.n;
}

bool sv_in_comment(struct sv_slice piece, size_t at, bool html)
{
    static const char *const marks[] = {"#", ";", "//", "*", "<!--", "--"};
    struct sv_slice line = line_before(piece, at);
    if (sv_slice_starts(line, "//") && sv_slice_find(line, "/:_") < line.n)
        return false; /* "//registry.npmjs.org/:_authToken=" is how .npmrc names a registry */
    if (is_trace(line))
        return false;
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (sv_slice_starts(line, marks[i]))
            return !html || !sv_slice_starts(line, "<!--");
    return !html && last_before(piece, at, "<!--") > last_before(piece, at, "-->");
}

/* ---- documentation ---- */

/* Behind the string that begins at `i`, which ends with its line unless its quote stands thrice. */
static size_t string_end(struct sv_slice s, size_t i, bool *ret_triple)
{
    char q = s.p[i];
    *ret_triple = i + 2 < s.n && s.p[i + 1] == q && s.p[i + 2] == q;
    for (i += *ret_triple ? 3 : 1; i < s.n; i++) {
        if (s.p[i] == '\\')
            i++;
        else if (!*ret_triple && (s.p[i] == q || s.p[i] == '\n'))
            return i + 1;
        else if (*ret_triple && s.p[i] == q && i + 2 < s.n && s.p[i + 1] == q && s.p[i + 2] == q)
            return i + 3;
    }
    return s.n;
}

static bool ends_word(struct sv_slice s, const char *word)
{
    size_t n = strlen(word);
    return sv_slice_ends(s, word) && (s.n == n || isspace((unsigned char)s.p[s.n - n - 1]));
}

/* A string that is a statement of its own, or one of those that document a module of Ansible. */
static bool documents(struct sv_slice before)
{
    static const char *const names[] = {"DOCUMENTATION", "EXAMPLES", "RETURN", "__doc__"};
    size_t n = before.n;
    while (n > 0 && strchr("rRuUbBfF", before.p[n - 1]) && n + 2 > before.n)
        n--;
    size_t line = n;
    while (line > 0 && strchr(" \t", before.p[line - 1]))
        line--;
    bool first = line == 0 || before.p[line - 1] == '\n';
    size_t from = n > LOOK_BACK ? n - LOOK_BACK : 0;
    struct sv_slice code = sv_slice_trim(sv_slice_sub(before, from, n));
    if (first)
        return code.n == 0 || !strchr("([{,=+\\%", code.p[code.n - 1]);
    if (code.n == 0 || code.p[code.n - 1] != '=')
        return false;
    code = sv_slice_trim(sv_slice_sub(code, 0, code.n - 1));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (ends_word(code, names[i]))
            return true;
    return false;
}

static void add_range(struct sv_docs *d, struct sv_arena *a, size_t from, size_t to)
{
    sv_vec_push(a, &d->list, (struct sv_range){from, to});
}

static void python(struct sv_docs *d, struct sv_arena *a, struct sv_slice s, bool packaged)
{
    for (size_t i = 0; i < s.n;) {
        bool triple = false;
        if (s.p[i] == '#') {
            i += sv_slice_chr(sv_slice_sub(s, i, s.n), '\n');
        } else if (s.p[i] == '"' || s.p[i] == '\'') {
            size_t end = string_end(s, i, &triple);
            if (triple && (packaged || documents(sv_slice_sub(s, 0, i))))
                add_range(d, a, i, end);
            i = end;
        } else {
            i++;
        }
    }
}

/* From a line that begins with `open` and a letter to the next that begins with `close`. */
static void blocks(struct sv_docs *d, struct sv_arena *a, struct sv_slice s, const char *open,
                   const char *close)
{
    size_t from = s.n;
    for (size_t i = 0, next; i < s.n; i = next) {
        next = i + sv_slice_chr(sv_slice_sub(s, i, s.n), '\n') + 1;
        struct sv_slice line = sv_slice_sub(s, i, next < s.n ? next : s.n);
        bool begins = sv_slice_starts(line, open) && line.n > strlen(open) &&
                      isalpha((unsigned char)line.p[strlen(open)]);
        if (from < s.n && sv_slice_starts(line, close)) {
            add_range(d, a, from, next);
            from = s.n;
        } else if (from == s.n && begins) {
            from = i;
        }
    }
    if (from < s.n)
        add_range(d, a, from, s.n);
}

/* Comments of many lines: a line begins with their mark. */
static void c_comments(struct sv_docs *d, struct sv_arena *a, struct sv_slice s)
{
    for (size_t i = 0, next; i < s.n; i = next) {
        next = i + sv_slice_chr(sv_slice_sub(s, i, s.n), '\n') + 1;
        struct sv_slice line = sv_slice_trim(sv_slice_sub(s, i, next < s.n ? next : s.n));
        if (!sv_slice_starts(line, "/*"))
            continue;
        size_t from = (size_t)(line.p - s.p), n = sv_slice_find(sv_slice_sub(s, from, s.n), "*/");
        if (from + n >= s.n)
            return; /* nothing closes it: no comment */
        add_range(d, a, from, from + n);
        next = next > from + n ? next : from + n;
    }
}

/* What a program prints to show how something is written: <<EXAMPLE, <<"EoEXAMPLE", <<~USAGE. */
static bool shows(struct sv_slice tag)
{
    static const char *const words[] = {"EXAMPLE", "SAMPLE", "USAGE", "HELP", "MANUAL"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (sv_slice_find(tag, words[i]) < tag.n)
            return true;
    return false;
}

/* The next "<<" from `i` on, or s.n. */
static size_t next_here(struct sv_slice s, size_t i)
{
    while ((i += sv_slice_chr(sv_slice_sub(s, i, s.n), '<')) + 1 < s.n && s.p[i + 1] != '<')
        i++;
    return i + 1 < s.n ? i : s.n;
}

/* Here-documents of shells, Perl, Ruby and PHP, from one's first line to the one with its tag. */
static void here_documents(struct sv_docs *d, struct sv_arena *a, struct sv_slice s)
{
    for (size_t i = 0, at; (at = next_here(s, i)) < s.n;) {
        i = at + sv_slice_chr(sv_slice_sub(s, at, s.n), '\n') + 1;
        struct sv_slice tag = sv_slice_sub(s, at + 2, i);
        while (tag.n && strchr("<~-\"' ", tag.p[0]))
            tag = sv_slice_sub(tag, 1, tag.n);
        size_t n = 0;
        while (n < tag.n && (isalnum((unsigned char)tag.p[n]) || tag.p[n] == '_'))
            n++;
        tag = sv_slice_sub(tag, 0, n);
        for (size_t from = i; shows(tag) && i < s.n;) {
            size_t next = i + sv_slice_chr(sv_slice_sub(s, i, s.n), '\n') + 1;
            struct sv_slice end = sv_slice_trim(sv_slice_sub(s, i, next));
            i = next;
            if (sv_slice_eq(end, tag) || (end.n == tag.n + 1 && end.p[tag.n] == ';' &&
                                          sv_slice_eq(sv_slice_sub(end, 0, tag.n), tag))) {
                add_range(d, a, from, next);
                break;
            }
        }
    }
}

static bool is_like_c(struct sv_slice name)
{
    static const char *const ends[] = {".c", ".h", ".cc", ".cpp", ".java", ".js", ".ts", ".mjs",
                                       ".go", ".php", ".rs", ".cs", ".scala", ".kt", ".swift"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (sv_slice_ends(name, ends[i]))
            return true;
    return false;
}

bool sv_in_docs(struct sv_docs *d, struct sv_arena *a, struct sv_slice piece, size_t at,
                struct sv_slice name, bool packaged)
{
    if (!d->known && (sv_slice_ends(name, ".py") || sv_slice_ends(name, ".pyi")))
        python(d, a, piece, packaged);
    else if (!d->known && (sv_slice_ends(name, ".pm") || sv_slice_ends(name, ".pl")))
        blocks(d, a, piece, "=", "=cut");
    else if (!d->known && sv_slice_ends(name, ".rb"))
        blocks(d, a, piece, "=", "=end");
    else if (!d->known && is_like_c(name))
        c_comments(d, a, piece);
    else if (!d->known)
        here_documents(d, a, piece);
    d->known = true;
    size_t low = 0, high = d->list.n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (d->list.v[middle].to <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return low < d->list.n && d->list.v[low].from <= at;
}

bool sv_in_help_topic(struct sv_slice text, size_t at, struct sv_slice name)
{
    static const char *const begins[] = {"insert into help_topic ", "update help_topic "};
    size_t from = at > SV_SECRET_OVERLAP ? at - SV_SECRET_OVERLAP : 0; /* topics are long */
    const char *last = at > from ? memrchr(text.p + from, '\n', at - from) : NULL;
    struct sv_slice line = sv_slice_sub(text, last ? (size_t)(last + 1 - text.p) : from, at);
    for (size_t i = 0; i < sizeof begins / sizeof *begins; i++)
        if (sv_slice_is_nocase(sv_slice_sub(line, 0, strlen(begins[i])), begins[i]))
            return true;
    return sv_slice_starts(sv_slice_base(name), "help_topic.") &&
           sv_slice_find(name, "/mysql/") < name.n;
}

/* The token itself, behind blanks; *at moves behind it. */
static bool takes(struct sv_slice s, size_t *at, const char *token)
{
    while (*at < s.n && isspace((unsigned char)s.p[*at]))
        (*at)++;
    bool is = sv_slice_starts(sv_slice_sub(s, *at, s.n), token);
    *at += is ? strlen(token) : 0;
    return is;
}

bool sv_is_messages(struct sv_slice head)
{
    static const char *const begin[] = {"{", "\"@metadata\"", ":", "{", "\"authors\"", ":", "["};
    size_t at = 0;
    for (size_t i = 0; i < sizeof begin / sizeof *begin; i++)
        if (!takes(head, &at, begin[i]))
            return false;
    return true;
}

bool sv_is_named_example(struct sv_slice text, size_t at)
{
    struct sv_slice line = line_before(text, at);
    while (line.n && strchr("\"'-: \t", line.p[0]))
        line = sv_slice_sub(line, 1, line.n);
    while (line.n && strchr("\"'=: \t", line.p[line.n - 1]))
        line.n--;
    return sv_slice_is_nocase(line, "example") || sv_slice_is_nocase(line, "x-example");
}

/* ---- code and prose ---- */

/* The value with its neighbours. */
struct place {
    struct sv_slice v;
    char before, after, next; /* 0 at the text's ends; `next` follows `after` */
    bool quoted;
};

static struct place place_of(struct sv_slice text, const struct sv_secret_hit *hit)
{
    size_t end = hit->offset + hit->value.n;
    struct place p = {.v = hit->value,
                      .before = hit->offset ? text.p[hit->offset - 1] : 0,
                      .after = end < text.n ? text.p[end] : 0,
                      .next = end + 1 < text.n ? text.p[end + 1] : 0};
    p.quoted = p.before && strchr("\"'`", p.before);
    return p;
}

/* A name of a program's own: letters alone, or words that name a secret rather than being one. */
static bool is_identifier(struct sv_slice v)
{
    static const char *const words[] = {"passw", "pwd", "token", "secret", "key"};
    bool digits = false;
    for (size_t i = 0; i < v.n; i++) {
        unsigned char c = (unsigned char)v.p[i];
        digits |= isdigit(c) != 0;
        if (!isalnum(c) && !strchr("_.:>-[]()^", c))
            return false;
        for (size_t k = 0; k < sizeof words / sizeof *words; k++)
            if (sv_slice_is_nocase(sv_slice_sub(v, i, i + strlen(words[k])), words[k]))
                return true;
    }
    return !digits && !sv_looks_random(v);
}

/* "environ.get(", "fields.Str(required=True)", "login(user,": a name, and arguments in brackets. */
static bool is_call(const struct place *p)
{
    size_t i = p->v.n && p->v.p[0] == '='; /* of Pascal's ":=" */
    while (i < p->v.n && (isalpha((unsigned char)p->v.p[i]) || strchr("_.:>-", p->v.p[i])))
        i++;
    if (p->quoted || i < 3 || i == p->v.n || p->v.p[i] != '(')
        return false;
    char last = p->v.p[p->v.n - 1];
    return last == '(' || last == ',' || last == ')' || (p->after && strchr(",);", p->after));
}

static bool ends_in_secret_word(struct sv_slice v)
{
    static const char *const words[] = {"password", "passwd", "passphrase", "pwd", "pass",
                                        "secret",   "token",  "bindpw",     "key"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t n = strlen(words[i]);
        if (v.n >= n && sv_slice_is_nocase(sv_slice_sub(v, v.n - n, v.n), words[i]))
            return true;
    }
    return false;
}

/* "self.bind_password", "bindPw", "'KerberosPassword'": two words or more, the last says secret. */
static bool is_name_of_secret(const struct place *p)
{
    struct sv_slice v = p->v;
    while (v.n && strchr(",;)}]", v.p[v.n - 1]))
        v.n--;
    bool joined = p->quoted ? v.n < p->v.n : false;
    for (size_t i = 0; i < v.n; i++) {
        unsigned char c = (unsigned char)v.p[i];
        if (!isalpha(c) && !strchr("_.>-", c))
            return false;
        joined |= strchr("_.>", c) || (i && isupper(c) && islower((unsigned char)v.p[i - 1]));
    }
    return v.n && (joined || (v.n < p->v.n && !p->quoted)) && ends_in_secret_word(v);
}

/* Letters of some language, in one case or with a capital in front; marks between and behind. */
static bool is_spelled(struct sv_slice v)
{
    for (size_t i = 0; i < v.n; i++) {
        unsigned char c = (unsigned char)v.p[i];
        bool letter = islower(c) || c >= 0x80 || (i == 0 && isupper(c));
        if (!letter && !strchr("'_^", c) && (i + 1 < v.n || !strchr(":.,!?", c)))
            return false;
    }
    return true;
}

/* "DataBoxHeavy", "PhpMyAdmin": words of two letters and more, each with a capital. */
static bool is_camel(struct sv_slice v)
{
    size_t words = 0;
    for (size_t i = 0, to; i < v.n; i = to) {
        if (!isupper((unsigned char)v.p[i]))
            return false;
        for (to = i + 1; to < v.n && islower((unsigned char)v.p[to]);)
            to++;
        if (to - i < 2)
            return false;
        words++;
    }
    return words > 1 && v.n >= words * 3;
}

/* Words that only chance makes look drawn. Longer ones may be what a provider draws of letters. */
static bool is_word(struct sv_slice v)
{
    enum { LONGEST_WORD = 14 };
    return (v.n <= LONGEST_WORD && is_spelled(v)) || is_camel(v);
}

/* The first word of more: the quotation goes on behind a blank, or words without a digit do. */
static bool is_prose(const struct place *p)
{
    if (p->after != ' ' || !(isalpha((unsigned char)p->next) || p->next & 0x80))
        return false;
    return p->quoted || (p->before == ' ' && is_spelled(p->v));
}

/* "TGFzdCBMb2dpbjo=" is "Last Login:" and no secret either. */
static bool is_packed_prose(struct sv_slice v)
{
    unsigned char text[128];
    size_t used = 0, letters = 0, blanks = 0, digits = 0;
    if (v.n < 8 || v.n > 160)
        return false;
    size_t n = sv_base64(v, text, sizeof text, &used);
    for (size_t i = 0; i < n; i++) {
        letters += isalpha(text[i]) != 0;
        blanks += text[i] == ' ';
        digits += isdigit(text[i]) != 0;
        if (!isalnum(text[i]) && !strchr(" .,:;!?'-", text[i]))
            return false;
    }
    return n > 4 && used + 2 >= v.n && letters > n / 2 &&
           (blanks > digits || is_spelled((struct sv_slice){(char *)text, n}));
}

/* "aGpwb3R0ZXI=" under a line that ends in "pwd=": the end of base64 is no assignment. */
static bool is_line_of_block(struct sv_slice text, size_t at)
{
    if (at == 0 || text.p[at - 1] != '\n')
        return false;
    size_t i = at - 1, n = 0;
    i -= i && text.p[i - 1] == '\r';
    bool padded = i && text.p[i - 1] == '=';
    for (; i > 0 && n < LOOK_BACK && text.p[i - 1] != '\n'; i--, n++) {
        unsigned char c = (unsigned char)text.p[i - 1];
        if (!isalnum(c) && c != '+' && c != '/' && (c != '=' || n > 2))
            return false;
    }
    return n && padded;
}

/* "PBEWithSHA1AndRC2_40": nothing but words with a capital, abbreviations and numbers. */
static bool is_composed(struct sv_slice v)
{
    for (size_t i = 0, to; i < v.n; i = to) {
        to = i;
        while (to < v.n && isupper((unsigned char)v.p[to]))
            to++;
        size_t capitals = to - i;
        while (to < v.n && islower((unsigned char)v.p[to]))
            to++;
        size_t small = to - i - capitals;
        if (small ? small < 2 || capitals == 0 || capitals == 2 : capitals == 1)
            return false;
        while (to < v.n && !isalpha((unsigned char)v.p[to]))
            to++;
    }
    return true;
}

/* What a comma stands in front of: code, unless it is quoted; then the next item of a list, if it
 * is composed of words or is as long as the item before it,
 * as the lines of a table are. */
static bool is_listed(struct sv_slice text, const struct place *p, size_t at)
{
    size_t i = at - p->quoted, n = 0;
    while (i > 0 && isspace((unsigned char)text.p[i - 1]))
        i--;
    if (i == 0 || text.p[i - 1] != ',')
        return false;
    i--;
    if (i == 0 || !strchr("\"'`", text.p[i - 1]))
        return false; /* "user,password" */
    if (!p->quoted || is_composed(p->v))
        return true;
    for (i--; i > 0 && n <= p->v.n && text.p[i - 1] != p->before; i--)
        n++;
    return n == p->v.n && n >= 24;
}

/* The token of a badge's picture lets people see it, in every README. */
static bool is_badge(struct sv_slice text, size_t at)
{
    size_t from = at;
    while (from > 0 && at - from < SV_SECRET_NEAR && !isspace((unsigned char)text.p[from - 1]) &&
           !strchr("(\"'<>", text.p[from - 1]))
        from--;
    struct sv_slice url = sv_slice_sub(text, from, at);
    return sv_slice_find(url, ".svg?") < url.n;
}

bool sv_is_no_value(struct sv_slice text, const struct sv_secret_hit *hit)
{
    struct place p = place_of(text, hit);
    if (hit->rule->validator == SV_VALID_HASH || hit->rule->validator == SV_VALID_KEY)
        return false;
    if (sv_slice_ends(p.v, "...") || is_call(&p) || is_name_of_secret(&p))
        return true;
    if (p.v.n > 2 && p.v.p[0] == '@' && p.v.p[p.v.n - 1] == '@')
        return true; /* filled in when it is installed */
    struct sv_slice line = sv_slice_sub(text, hit->offset, hit->offset + SV_SECRET_NEAR);
    line = sv_slice_sub(line, 0, sv_slice_chr(line, '\n'));
    if (is_badge(text, hit->offset) || sv_reading_is_option_type(line))
        return true;
    if (!(hit->rule->flags & SV_RULE_GENERIC))
        return false;
    return is_identifier(p.v) || !sv_looks_random(p.v) || is_prose(&p) || is_word(p.v) ||
           is_packed_prose(p.v) || is_line_of_block(text, hit->offset) ||
           is_listed(text, &p, hit->offset);
}
