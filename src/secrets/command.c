// SPDX-License-Identifier: Apache-2.0
// Judges the words of a command line.
#include "secrets/command.h"

#include <ctype.h>

#include "base/limits.h"
#include "secrets/value.h"

enum { MIN_PASSWORD = 6, MAX_NESTED = 2 };

/* How a program takes its password. */
enum form {
    NEXT,      /* the next word */
    ATTACHED,  /* the rest of this word: mysql -pX */
    USER_PASS, /* the next word, behind its colon: curl -u user:X */
    PREFIXED,  /* the next word, behind "pass:": openssl -passin pass:X */
};

static const struct {
    const char *programs; /* between blanks */
    const char *option;
    enum form form;
} options[] = {
    {" mysql mysqldump mysqladmin mysqlimport mysqlcheck mariadb mariadb-dump mariadb-admin 7z 7za rar ",
     "-p", ATTACHED},
    {" sshpass mongo mongosh mongodump mongorestore mongoexport docker-login ", "-p", NEXT},
    {" redis-cli valkey-cli keydb-cli ", "-a", NEXT},
    {" redis-server redis-sentinel valkey-server keydb-server ", "--masterauth", NEXT},
    {" ldapsearch ldapadd ldapmodify ldapdelete ldappasswd ldapwhoami ", "-w", NEXT},
    {" zip unzip ipmitool mosquitto_pub mosquitto_sub ", "-P", NEXT},
    {" curl ", "-u", USER_PASS},
    {" curl ", "--user", USER_PASS},
    {" curl ", "-U", USER_PASS},
    {" curl ", "--proxy-user", USER_PASS},
    {" openssl ", "-passin", PREFIXED},
    {" openssl ", "-passout", PREFIXED},
    {" openssl ", "-pass", PREFIXED},
    {" openssl ", "-k", NEXT},
};

static bool lists(const char *programs, struct sv_slice name)
{
    /* With a NUL in it a name would end there for strncmp(). */
    const char *at = name.n && !memchr(name.p, 0, name.n) ? programs : NULL;
    for (; at && *at; at++)
        if (*at == ' ' && at[1] == name.p[0] &&
            strncmp(at + 1, name.p, name.n) == 0 && at[1 + name.n] == ' ')
            return true;
    return false;
}

/* A value that is meant: long enough, no reference, no placeholder, no name of a file. */
static bool is_meant(struct sv_slice v, size_t least)
{
    return v.n >= least && !sv_value_is_placeholder(v) && v.p[0] != '@' &&
           !memchr(v.p, '$', v.n) && !(v.p[0] == '/' && memchr(v.p + 1, '/', v.n - 1));
}

/* The same of the word behind an option, which may be the next option. */
static bool is_meant_next(struct sv_slice v, size_t least)
{
    return v.n && v.p[0] != '-' && is_meant(v, least);
}

static void add(struct sv_arena *a, struct sv_command_secrets *ret, struct sv_slice name,
                struct sv_slice value)
{
    sv_vec_each(s, &ret->list)
    {
        if (s->value.p == value.p)
            return; /* by another rule */
    }
    sv_vec_push(a, &ret->list, (struct sv_command_secret){name, value});
}

/* "--secret-name", "--token-ttl": about a secret, not the secret. */
static bool is_about(struct sv_slice name)
{
    static const char *const ends[] = {"_NAME", "_ID", "_URL", "_URI", "_TYPE", "_LENGTH", "_TTL",
                                       "_FD", "_PROMPT", "_POLICY", "_LIFETIME", "_TIMEOUT",
                                       "_COMMAND", "_PROGRAM", "_METHOD", "_HASH", "_MODE", "_ENV",
                                       "_STDIN", "_USER", "_HEADER", "_FIELD", "_NAMESPACE"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (sv_slice_ends(name, ends[i]))
            return true;
    return false;
}

/* "--api-key" as the name of a variable, so that one list of names judges both. */
static bool is_secret_name(struct sv_arena *a, struct sv_slice option)
{
    char *name = sv_arena_alloc(a, option.n + 1);
    while (option.n && option.p[0] == '-')
        option = sv_slice_sub(option, 1, option.n);
    for (size_t i = 0; i < option.n; i++)
        name[i] = option.p[i] == '-' ? '_' : (char)toupper((unsigned char)option.p[i]);
    struct sv_slice s = {name, option.n};
    return s.n > 1 && sv_name_is_secret(s) && !is_about(s);
}

/* scheme://user:PASSWORD@host, anywhere in a word. */
static void in_url(struct sv_arena *a, struct sv_slice word, struct sv_command_secrets *ret)
{
    size_t scheme = sv_slice_find(word, "://");
    struct sv_slice rest = sv_slice_sub(word, scheme + 3, word.n);
    struct sv_slice authority = sv_slice_sub(rest, 0, sv_slice_chr(rest, '/'));
    size_t at = authority.n;
    while (at > 0 && authority.p[at - 1] != '@')
        at--;
    size_t colon = sv_slice_chr(authority, ':');
    if (scheme == word.n || at == 0 || colon + 1 >= at)
        return;
    struct sv_slice value = sv_slice_sub(authority, colon + 1, at - 1);
    if (is_meant(value, MIN_PASSWORD - 2))
        add(a, ret, SV_LIT("password of the URL"), value);
}

/* Addresses that are secrets: who has one can post, or is the bot. The rules of chat.yaml know them
 * by the forms that their services give out; what a command calls is an address whatever its form,
 * and is found here without compiled patterns. */
static void in_address(struct sv_arena *a, struct sv_slice word, struct sv_command_secrets *ret)
{
    static const struct {
        const char *mark, *name;
        bool with_mark; /* it is part of the value */
        bool skips;     /* a number stands before the value */
        char end;
    } rows[] = {
        {"api.telegram.org/bot", "token of the Telegram bot", false, false, '/'},
        {"hooks.slack.com/services/", "URL of the Slack webhook", true, false, '?'},
        {"hooks.slack.com/workflows/", "URL of the Slack webhook", true, false, '?'},
        {"hooks.slack.com/triggers/", "URL of the Slack webhook", true, false, '?'},
        {"discord.com/api/webhooks/", "token of the Discord webhook", false, true, '?'},
        {"discordapp.com/api/webhooks/", "token of the Discord webhook", false, true, '?'},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t mark = strlen(rows[i].mark), at = sv_slice_find(word, rows[i].mark);
        if (at == word.n)
            continue;
        struct sv_slice value = sv_slice_sub(word, at + mark, word.n);
        if (rows[i].skips)
            value = sv_slice_sub(value, sv_slice_chr(value, '/') + 1, value.n);
        value = sv_slice_sub(value, 0, sv_slice_chr(value, rows[i].end));
        if (!is_meant(value, 20))
            continue;
        if (rows[i].with_mark)
            value = (struct sv_slice){value.p - mark, value.n + mark};
        add(a, ret, sv_slice_of(rows[i].name), value);
    }
}

/* "Authorization: Bearer X", "X-Api-Key: X". */
static void in_header(struct sv_arena *a, struct sv_slice word, struct sv_command_secrets *ret)
{
    size_t colon = sv_slice_find(word, ": ");
    struct sv_slice name = sv_slice_sub(word, 0, colon);
    struct sv_slice value = sv_slice_trim(sv_slice_sub(word, colon + 1, word.n));
    if (colon == word.n || memchr(name.p, ' ', name.n) || value.n == 0)
        return;
    struct sv_slice cred = sv_value_credentials(value);
    if (cred.n && is_meant(cred, 8))
        add(a, ret, name, cred);
    else if (is_secret_name(a, name) && !memchr(value.p, ' ', value.n) && is_meant(value, 8))
        add(a, ret, name, value);
}

/* "https://host/path?a=b&token=X". */
static void in_query(struct sv_arena *a, struct sv_slice word, struct sv_command_secrets *ret)
{
    struct sv_slice rest = sv_slice_sub(word, sv_slice_chr(word, '?') + 1, word.n);
    while (rest.n) {
        struct sv_slice pair = sv_slice_sub(rest, 0, sv_slice_chr(rest, '&'));
        size_t eq = sv_slice_chr(pair, '=');
        struct sv_slice value = sv_slice_sub(pair, eq + 1, pair.n);
        if (eq < pair.n && is_secret_name(a, sv_slice_sub(pair, 0, eq)) && is_meant(value, 8))
            add(a, ret, sv_slice_sub(pair, 0, eq), value);
        rest = sv_slice_sub(rest, pair.n + 1, rest.n);
    }
}

static void in_assignment(struct sv_arena *a, struct sv_slice word, struct sv_command_secrets *ret)
{
    size_t eq = sv_slice_chr(word, '=');
    struct sv_slice name = sv_slice_sub(word, 0, eq), value = sv_slice_sub(word, eq + 1, word.n);
    if (eq == 0 || eq == word.n || !is_secret_name(a, name) ||
        sv_slice_find(value, "://") < value.n)
        return;
    bool option = word.p[0] == '-';
    if (is_meant(value, option ? MIN_PASSWORD : 8))
        add(a, ret, name, value);
}

static void by_program(struct sv_arena *a, struct sv_slice program, struct sv_slice word,
                       struct sv_slice next, struct sv_command_secrets *ret)
{
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        struct sv_slice option = sv_slice_of(options[i].option), value = next;
        if (options[i].form == ATTACHED ? !sv_slice_starts(word, options[i].option)
                                        : !sv_slice_eq(word, option))
            continue;
        if (!lists(options[i].programs, program))
            continue;
        if (options[i].form == ATTACHED)
            value = sv_slice_sub(word, option.n, word.n);
        if (options[i].form == USER_PASS)
            value = sv_slice_sub(value, sv_slice_chr(value, ':') + 1, value.n);
        if (options[i].form == PREFIXED)
            value = sv_slice_starts(value, "pass:") ? sv_slice_sub(value, 5, value.n)
                                                    : (struct sv_slice){"", 0};
        if (options[i].form == NEXT ? is_meant_next(value, MIN_PASSWORD - 2)
                                    : is_meant(value, MIN_PASSWORD - 2))
            add(a, ret, option, value);
    }
}

static bool is_shell(struct sv_slice program)
{
    return lists(" sh bash dash zsh ksh ash ", program);
}

/* Programs that run the command behind their own options. */
static bool is_wrapper(struct sv_slice program)
{
    return lists(" env sudo doas nice ionice nohup timeout chroot setpriv runuser su flock chronic "
                 "systemd-run exec time ", program);
}

static bool separates(struct sv_slice word)
{
    return word.n == 1 && strchr(";|&", word.p[0]);
}

/* Which program the words are for, as far as they were read. */
struct speaker {
    struct sv_slice program;
    bool wrapped;  /* sudo, env ...: the command comes behind its options */
    bool doubtful; /* it may be the value of such an option: sudo -u bob sh */
};

/* True if the word names the program. */
static bool names_program(struct speaker *s, const struct sv_slice *words, size_t i)
{
    struct sv_slice name = sv_slice_base(words[i]);
    if (words[i].n == 0 || words[i].p[0] == '-' || memchr(words[i].p, '=', words[i].n))
        return false;
    if (s->program.n && !s->doubtful) {
        if (lists(" docker podman ", s->program) && sv_slice_is(words[i], "login"))
            s->program = SV_LIT("docker-login");
        return false;
    }
    if (is_wrapper(name)) {
        *s = (struct speaker){.wrapped = true};
        return true;
    }
    s->program = name;
    s->doubtful = s->wrapped && i && words[i - 1].n && words[i - 1].p[0] == '-';
    return true;
}

/* A word that stands for itself, whatever program gets it. */
static void by_itself(struct sv_arena *a, struct sv_slice word, struct sv_slice next,
                      struct sv_command_secrets *ret)
{
    const struct sv_secret_rule *rule = word.n < 20 ? NULL : sv_value_rule(word);
    in_url(a, word, ret);
    in_address(a, word, ret);
    in_header(a, word, ret);
    if (sv_slice_find(word, "://") < sv_slice_chr(word, '?'))
        in_query(a, word, ret);
    else
        in_assignment(a, word, ret);
    if (rule && !(rule->flags & SV_RULE_PUBLIC) && is_meant(word, 20))
        add(a, ret, sv_slice_of(rule->title), word);
    /* openssl says where its password comes from: by_program() knows that. */
    bool source = sv_slice_starts(next, "pass:") || sv_slice_starts(next, "file:") ||
                  sv_slice_starts(next, "env:");
    if (word.n > 2 && word.p[0] == '-' && !memchr(word.p, '=', word.n) && !source &&
        is_secret_name(a, word) && is_meant_next(next, MIN_PASSWORD))
        add(a, ret, word, next);
}

static void judge(struct sv_arena *a, const struct sv_slice *words, size_t n, unsigned depth,
                  struct sv_command_secrets *ret)
{
    struct speaker speaker = {0};
    for (size_t i = 0; i < n; i++) {
        struct sv_slice next = i + 1 < n ? words[i + 1] : (struct sv_slice){"", 0};
        if (separates(words[i])) {
            speaker = (struct speaker){0};
            continue;
        }
        by_itself(a, words[i], next, ret);
        if (names_program(&speaker, words, i))
            continue;
        by_program(a, speaker.program, words[i], next, ret);
        if (is_shell(speaker.program) && depth < MAX_NESTED && sv_slice_is(words[i], "-c")) {
            struct sv_words inner = {0};
            sv_shell_words(a, next, &inner);
            ret->cut |= inner.cut;
            judge(a, inner.list.v, inner.list.n, depth + 1, ret);
        }
    }
}

void sv_command_secrets(struct sv_arena *a, const struct sv_slice *words, size_t n,
                        struct sv_command_secrets *ret)
{
    judge(a, words, n, 0, ret);
}

static bool plain_end(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == ';' || c == '|' || c == '&';
}

/* One word from *at on; a slice of the line where nothing in it is quoted. */
static struct sv_slice shell_word(struct sv_arena *a, struct sv_slice line, size_t *at)
{
    size_t from = *at, n = 0, i = from;
    bool quoted = false;
    for (; i < line.n && !plain_end(line.p[i]) && !quoted; i++)
        quoted = line.p[i] == '"' || line.p[i] == '\'' || line.p[i] == '\\';
    if (!quoted) {
        *at = i;
        return sv_slice_sub(line, from, i);
    }
    char *out = sv_arena_alloc(a, line.n - from + 1), quote = 0;
    for (i = from; i < line.n && (quote || !plain_end(line.p[i])); i++) {
        char c = line.p[i];
        if (c == '\\' && quote != '\'' && i + 1 < line.n)
            out[n++] = line.p[++i];
        else if (quote ? c == quote : c == '"' || c == '\'')
            quote = quote ? 0 : c;
        else
            out[n++] = c;
    }
    *at = i;
    sv_arena_shrink(a, out, line.n - from + 1, n + 1);
    return (struct sv_slice){out, n};
}

void sv_shell_words(struct sv_arena *a, struct sv_slice line, struct sv_words *ret)
{
    for (size_t i = 0; i < line.n;) {
        ret->cut |= ret->list.n >= SV_MAX_COMMAND_WORDS;
        if (ret->cut)
            return;
        if (strchr(";|&", line.p[i]) && line.p[i])
            sv_vec_push(a, &ret->list, sv_slice_sub(line, i, i + 1));
        if (plain_end(line.p[i])) {
            i++;
            continue;
        }
        sv_vec_push(a, &ret->list, shell_word(a, line, &i));
    }
}

void sv_command_line_secrets(struct sv_arena *a, struct sv_slice line,
                             struct sv_command_secrets *ret)
{
    struct sv_words words = {0};
    sv_shell_words(a, line, &words);
    ret->cut |= words.cut;
    judge(a, words.list.v, words.list.n, 0, ret);
}
