// SPDX-License-Identifier: Apache-2.0
// What the file calls a value that only a name makes a secret: the key or variable before it. What
// stands there may be a secret itself, and names are shown: when in doubt there is none.
#include <ctype.h>

#include "scan/context.h"
#include "secrets/value.h"

enum { LOOK_BACK = 160, MAX_NAME = 48, MAX_DIGITS = 2, MAX_WORD = 14, MAX_NO_VOWEL = 4,
       MAX_HUMPS = 4 };

static bool is_name_byte(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '.';
}

static bool is_quote(char c)
{
    return c == '"' || c == '\'' || c == '`';
}

/* One of the bytes; 0 is what the beginning of the text gives. */
static bool one_of(char c, const char *bytes)
{
    return c && strchr(bytes, c);
}

/* The byte before an offset; 0: none that is looked at. */
static char before(struct sv_slice text, size_t at)
{
    return at ? text.p[at - 1] : 0;
}

static size_t skip_back(struct sv_slice text, size_t at, const char *bytes)
{
    while (one_of(before(text, at), bytes))
        at--;
    return at;
}

/* Written as programs write names: words of letters that can be said or are short, in one of
 * snake_case, CONSTANT_CASE, kebab-case, dotted.names, camelCase; hardly a digit. PascalCase is
 * how people write passwords, too. */
static bool looks_like_name(struct sv_slice s)
{
    size_t digits = 0, letters = 0, humps = 0, upper = 0, lower = 0;
    bool vowel = false;
    if (s.n == 0 || s.n > MAX_NAME || !isalpha((unsigned char)s.p[0]))
        return false;
    for (size_t i = 0; i <= s.n; i++) {
        unsigned char c = i < s.n ? (unsigned char)s.p[i] : '_';
        bool hump = isupper(c) && i && islower((unsigned char)s.p[i - 1]);
        if (hump || !isalpha(c)) {
            if (letters > MAX_WORD || (letters > MAX_NO_VOWEL && !vowel) || (hump && letters < 2))
                return false;
            letters = 0;
            vowel = false;
        }
        digits += isdigit(c) != 0;
        /* Digits end a word. */
        if (i && isdigit((unsigned char)s.p[i - 1]) && isalpha(c))
            return false;
        if (i && i < s.n && !isalnum(c) && !isalnum((unsigned char)s.p[i - 1]))
            return false;
        letters += isalpha(c) != 0;
        vowel |= one_of((char)c, "aeiouyAEIOUY");
        humps += hump;
        upper += isupper(c) != 0;
        lower += islower(c) != 0;
    }
    bool cases = !upper || !lower || (humps == upper && islower((unsigned char)s.p[0]));
    return cases && humps <= MAX_HUMPS && digits <= MAX_DIGITS;
}

static bool is_constant(struct sv_slice s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!isupper((unsigned char)s.p[i]) && !isdigit((unsigned char)s.p[i]) && s.p[i] != '_')
            return false;
    return sv_slice_chr(s, '_') < s.n;
}

/* What may stand between a line's beginning and the name that it defines. */
static bool is_lead(struct sv_slice s)
{
    static const char *const words[] = {"export", "set", "setenv", "declare", "-x", "local", "env",
                                        "readonly", "ENV", "ARG", "var", "let", "const", "final",
                                        "private", "static", "public", "protected", "String",
                                        "string", "-", "#", "//", "*", "-e", "--env"};
    for (;;) {
        s = sv_slice_trim(s);
        if (s.n == 0)
            return true;
        size_t i, n = 0;
        while (n < s.n && s.p[n] != ' ' && s.p[n] != '\t')
            n++;
        for (i = 0; i < sizeof words / sizeof *words; i++)
            if (sv_slice_is(sv_slice_sub(s, 0, n), words[i]))
                break;
        if (i == sizeof words / sizeof *words)
            return false;
        s = sv_slice_sub(s, n, s.n);
    }
}

/* The offset is inside of a tag of XML, outside of its attributes' values. */
static bool in_tag(struct sv_slice line, size_t at)
{
    size_t quotes = 0;
    for (size_t i = at; i-- > 0 && line.p[i] != '>';) {
        quotes += line.p[i] == '"';
        if (line.p[i] == '<')
            return quotes % 2 == 0 && i + 1 < at && isalpha((unsigned char)line.p[i + 1]);
    }
    return false;
}

/* The name at [from, to) has no quotes of its own. `quoted`: its value has. `spaced`: a blank or a
 * quote stands between colon and value, as in YAML; "bob:x" is a user and a password. */
static bool stands_free(struct sv_slice line, bool whole, size_t from, struct sv_slice name,
                        bool quoted, bool colon, bool spaced)
{
    size_t gap = skip_back(line, from, " \t");
    if (colon && !spaced)
        return false;
    if (whole && is_lead(sv_slice_sub(line, 0, from - (before(line, from) == '$'))))
        return true;
    /* "DB_PASSWORD=x", whole in its quotes: a list of variables. */
    if (!colon && !quoted && gap == from && is_quote(before(line, from)) && is_constant(name)) {
        size_t outer = skip_back(line, from - 1, " \t");
        return !one_of(before(line, from - 1), "\\") && outer < from &&
               (one_of(before(line, outer), "[,-=") || outer == 0);
    }
    if (!quoted)
        return false;
    if (one_of(before(line, gap), "{("))
        return true;
    if (before(line, gap) == ',')
        return one_of(before(line, skip_back(line, gap - 1, " \t")), "\"'])}");
    return !colon && gap < from && in_tag(line, gap);
}

/* Where the name ends and whether what stands between it and the value is an assignment: an
 * operator between quotes and blanks. */
struct between {
    size_t end;
    char op;             /* '=', ':', '>' of XML; 0: nothing that assigns */
    char name_quote;     /* that closes the name; 0: none */
    bool value_quoted, spaced, bracket;
};

static struct between look_between(struct sv_slice line)
{
    struct between b = {.end = line.n};
    if (is_quote(before(line, b.end))) {
        b.value_quoted = true;
        b.end = skip_back(line, b.end - 1, "\\");
    }
    size_t op = skip_back(line, b.end, " \t");
    b.spaced = op < b.end || b.value_quoted;
    b.op = before(line, op);
    if (op && b.op == '>' && before(line, op - 1) == '=') {
        b.op = '=';
        op--;
    } else if (op && b.op == '=' && before(line, op - 1) == ':') {
        op--;
    }
    if (!one_of(b.op, "=:>") || (b.op == '>' && (b.value_quoted || b.spaced))) {
        b.op = 0;
        return b;
    }
    b.end = b.op == '>' ? op - 1 : skip_back(line, op - 1, " \t");
    b.bracket = before(line, b.end) == ']';
    b.end -= b.bracket;
    if (is_quote(before(line, b.end))) {
        b.name_quote = line.p[b.end - 1];
        b.end = skip_back(line, b.end - 1, "\\");
    }
    return b;
}

struct sv_slice sv_place_name(struct sv_slice text, size_t at)
{
    const struct sv_slice none = {"", 0};
    size_t start = at > LOOK_BACK ? at - LOOK_BACK : 0, least = start;
    for (size_t i = at; i > least && start == least; i--)
        if (one_of(text.p[i - 1], "\n\r"))
            start = i;
    struct sv_slice line = sv_slice_sub(text, start, at);
    bool whole = start > least || start == 0;
    struct between b = look_between(line);
    size_t from = b.end;
    while (b.op && is_name_byte(before(line, from)))
        from--;
    struct sv_slice name = sv_slice_sub(line, from, b.end);
    while (name.n && one_of(name.p[0], "-."))
        name = sv_slice_sub(name, 1, name.n);
    if (!b.op || name.n != b.end - from || !looks_like_name(name) || !sv_name_is_secret(name))
        return none;
    if (b.op == '>')
        return before(line, from) == '<' ? name : none;
    if (!b.name_quote)
        return !b.bracket && stands_free(line, whole, from, name, b.value_quoted, b.op == ':',
                                         b.spaced) ? name : none;
    /* "name": and ['name'] = */
    if (before(line, from) != b.name_quote)
        return none;
    from = skip_back(line, from - 1, "\\");
    from = skip_back(line, from, " \t");
    if (b.bracket)
        return before(line, from) == '[' && b.op == '=' ? name : none;
    bool first = whole && from == 0;
    return first || one_of(before(line, from), "{,[(") ? name : none;
}
