// SPDX-License-Identifier: Apache-2.0
// What a unit's settings mean: specifiers, identity, environment, commands.
#include <errno.h>

#include "base/buf.h"
#include "base/limits.h"
#include "model/unit.h"

/* ---- specifiers ---- */

/* "\x2d" is "-" and "-" is "/" (systemd.unit(5), STRING ESCAPING). */
static struct sv_slice unescape_name(struct sv_arena *a, struct sv_slice s)
{
    char *out = sv_arena_alloc(a, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        unsigned v = 0;
        bool hex = i + 3 < s.n && s.p[i] == '\\' && s.p[i + 1] == 'x';
        for (size_t k = 2; hex && k < 4; k++) {
            const char *digits = "0123456789abcdef", *d = strchr(digits, s.p[i + k] | 0x20);
            hex = d && *d;
            v = hex ? v * 16 + (unsigned)(d - digits) : v;
        }
        out[n++] = hex ? (char)v : s.p[i] == '-' ? '/' : s.p[i];
        i += hex ? 3 : 0;
    }
    return (struct sv_slice){out, n};
}

/* The parts of the unit's name. */
struct parts {
    struct sv_slice whole, bare, prefix, instance;
};

static struct parts parts_of(const struct sv_unit *u)
{
    struct sv_slice whole = sv_slice_of(u->name);
    const char *dot = strrchr(u->name, '.');
    struct sv_slice bare = sv_slice_sub(whole, 0, dot ? (size_t)(dot - u->name) : whole.n);
    size_t at = sv_slice_chr(bare, '@');
    return (struct parts){whole, bare, sv_slice_sub(bare, 0, at),
                          sv_slice_sub(bare, at + 1, bare.n)};
}

static struct sv_slice last_part(struct sv_slice prefix)
{
    size_t at = prefix.n;
    while (at > 0 && prefix.p[at - 1] != '-')
        at--;
    return sv_slice_sub(prefix, at, prefix.n);
}

/* Folders that differ between the managers: %C, %E, %L, %S, %t. */
static const char *folder(const struct sv_unit *u, char c)
{
    static const char *const of_system[] = {"/var/cache", "/etc", "/var/log", "/var/lib", "/run"};
    const char *hit = strchr("CELSt", c);
    if (c == 'T' || c == 'V')
        return c == 'T' ? "/tmp" : "/var/tmp";
    return hit && !u->user ? of_system[hit - "CELSt"] : NULL;
}

/* Puts one specifier's value; false where only a running system knows it. */
static bool put_specifier(const struct sv_unit *u, struct sv_arena *a, char c, struct sv_buf *out)
{
    struct parts p = parts_of(u);
    const char *dir = folder(u, c);
    if (strchr("iIjJf", c) && c != 'j' && c != 'J' && u->template)
        return false;
    switch (c) {
    case '%': sv_buf_addc(out, '%'); return true;
    case 'n': sv_buf_add(out, p.whole); return true;
    case 'N': sv_buf_add(out, p.bare); return true;
    case 'p': sv_buf_add(out, p.prefix); return true;
    case 'P': sv_buf_add(out, unescape_name(a, p.prefix)); return true;
    case 'i': sv_buf_add(out, p.instance); return true;
    case 'I': sv_buf_add(out, unescape_name(a, p.instance)); return true;
    case 'j': sv_buf_add(out, last_part(p.prefix)); return true;
    case 'J': sv_buf_add(out, unescape_name(a, last_part(p.prefix))); return true;
    case 'f':
        sv_buf_addc(out, '/');
        sv_buf_add(out, unescape_name(a, p.instance.n ? p.instance : p.prefix));
        return true;
    case 'y': sv_buf_adds(out, u->fragment); return true;
    case 'Y': sv_buf_adds(out, sv_path_dir(a, u->fragment)); return true;
    case 'd': sv_buf_printf(out, "/run/credentials/%s", u->name); return !u->user;
    case 'u': sv_buf_adds(out, "root"); return !u->user;
    case 'g': sv_buf_adds(out, "root"); return !u->user;
    case 'U': sv_buf_adds(out, "0"); return !u->user;
    case 'G': sv_buf_adds(out, "0"); return !u->user;
    case 'h': sv_buf_adds(out, "/root"); return !u->user;
    case 's': sv_buf_adds(out, "/bin/sh"); return !u->user;
    default: sv_buf_adds(out, dir ? dir : ""); return dir != NULL;
    }
}

bool sv_unit_expand(const struct sv_unit *u, struct sv_arena *a, struct sv_slice text,
                    struct sv_slice *ret)
{
    static const char known[] = "aAbBCdEfgGhHiIjJlLmMnNopPqrRsStTuUvVwWyY%";
    _cleanup_buf_ struct sv_buf out = {0};
    if (sv_slice_chr(text, '%') == text.n) {
        *ret = text;
        return true;
    }
    for (size_t i = 0; i < text.n; i++) {
        char c = i + 1 < text.n ? text.p[i + 1] : 0;
        if (text.p[i] != '%' || !c || !strchr(known, c)) {
            sv_buf_addc(&out, text.p[i]); /* an unknown one stays, as systemd has it */
            continue;
        }
        size_t before = out.n;
        i++;
        if (put_specifier(u, a, c, &out))
            continue;
        out.n = before;
        sv_buf_addc(&out, '%');
        sv_buf_addc(&out, c);
    }
    *ret = sv_arena_copy(a, sv_buf_slice(&out));
    return out.n < SV_MAX_PATH * 16;
}

static struct sv_slice expanded(const struct sv_unit *u, struct sv_arena *a, struct sv_slice text)
{
    struct sv_slice out = text;
    (void)sv_unit_expand(u, a, text, &out);
    return out;
}

/* ---- who runs it ---- */

const char *sv_unit_user(const struct sv_unit *u, struct sv_arena *a, bool *ret_dynamic)
{
    const struct sv_unit_setting *user = sv_unit_get(u, "Service", "User");
    bool dynamic = sv_unit_flag(u, "Service", "DynamicUser", false);
    if (ret_dynamic)
        *ret_dynamic = dynamic;
    if (user)
        return sv_arena_copy(a, expanded(u, a, user->value)).p;
    if (u->user)
        return u->owner ? u->owner : "the user";
    return dynamic ? sv_arena_copy(a, parts_of(u).prefix).p : "root";
}

bool sv_unit_cred(const struct sv_unit *u, struct sv_arena *a, struct sv_identity_db *ids,
                  struct sv_cred *ret)
{
    const struct sv_unit_setting *group = sv_unit_get(u, "Service", "Group");
    const char *name = group ? sv_arena_copy(a, expanded(u, a, group->value)).p : NULL;
    struct sv_unit_list more = {0};
    struct sv_cred cred;
    if (!sv_identity_cred(ids, a, sv_unit_user(u, a, NULL), name, &cred))
        return false;
    sv_unit_all(u, a, "Service", "SupplementaryGroups", &more);
    sv_vec_each(s, &more.list)
    {
        struct sv_slice rest = expanded(u, a, (*s)->value), word;
        while (sv_unit_word(a, &rest, &word) == 1) {
            struct sv_cred with;
            if (!sv_identity_cred(ids, a, cred.user, sv_arena_copy(a, word).p, &with))
                continue;
            gid_t *groups = sv_new_n(a, gid_t, cred.n_groups + 1);
            if (cred.n_groups)
                memcpy(groups, cred.groups, cred.n_groups * sizeof *groups);
            groups[cred.n_groups++] = with.gid;
            cred.groups = groups;
        }
    }
    *ret = cred;
    return true;
}

/* ---- environment ---- */

static void set_variable(struct sv_arena *a, struct sv_unit_environment *env,
                         struct sv_unit_variable v)
{
    uint32_t *at = sv_map_at(a, &env->by_name, v.name);
    if (*at) {
        env->list.v[*at - 1] = v;
    } else if (env->list.n < SV_MAX_ENV_LINES) {
        sv_vec_push(a, &env->list, v);
        *at = (uint32_t)env->list.n;
    } else {
        env->cut = env->cut ? env->cut : v.setting;
    }
}

static bool split_assignment(struct sv_slice word, struct sv_slice *name, struct sv_slice *value)
{
    size_t eq = sv_slice_chr(word, '=');
    *name = sv_slice_sub(word, 0, eq);
    *value = sv_slice_sub(word, eq + 1, word.n);
    return eq < word.n && sv_env_name_valid(*name);
}

static void take_environment(const struct sv_unit *u, struct sv_arena *a,
                             const struct sv_unit_setting *s, struct sv_unit_environment *env)
{
    struct sv_slice rest = s->value, word;
    while (sv_unit_word(a, &rest, &word) == 1) {
        struct sv_unit_variable v = {.setting = s};
        if (split_assignment(expanded(u, a, word), &v.name, &v.value))
            set_variable(a, env, v);
    }
}

/* What a file says: of the texts that were read before, or read and, within bounds, kept there. */
static struct sv_unit_text text_of(const struct sv_unit *u, struct sv_fs *fs, struct sv_arena *a,
                                   const char *path)
{
    struct sv_unit_texts *texts = u->kept ? u->kept->texts : NULL;
    uint32_t known = texts ? sv_map_find(&texts->by_path, sv_slice_of(path)) : 0;
    if (known)
        return texts->list.v[known - 1];
    struct sv_unit_text t = {0};
    struct sv_slice text = {"", 0};
    bool keep = texts && texts->bytes < SV_MAX_UNIT_TEXTS;
    struct sv_arena *in = keep ? u->kept->arena : a;
    t.error = -sv_fs_read(fs, in, path, SV_MAX_CONFIG_BYTES, &text, NULL);
    if (t.error == 0)
        sv_env_file_parse(in, text, &t.lines);
    if (keep) {
        texts->bytes += text.n;
        sv_vec_push(in, &texts->list, t);
        *sv_map_at(in, &texts->by_path, sv_slice_of(sv_arena_strdup(in, path))) =
            (uint32_t)texts->list.n;
    }
    return t;
}

static void read_file(const struct sv_unit *u, struct sv_fs *fs, struct sv_arena *a,
                      struct sv_unit_environment_file f, struct sv_unit_environment *ret)
{
    struct sv_unit_text text = text_of(u, fs, a, f.path);
    f.error = text.error;
    f.cut = text.lines.cut;
    sv_vec_push(a, &ret->files, f);
    sv_vec_each(l, &text.lines.list)
    {
        if (l->valid)
            set_variable(a, ret, (struct sv_unit_variable){l->name, l->value, f.setting, f.path,
                                                           l->line});
    }
}

static void take_files(const struct sv_unit *u, struct sv_fs *fs, struct sv_arena *a,
                       const struct sv_unit_setting *s, struct sv_unit_environment *ret)
{
    struct sv_slice value = expanded(u, a, s->value);
    struct sv_unit_environment_file f = {.setting = s};
    struct sv_paths paths = {0};
    if (value.n && value.p[0] == '-') {
        f.optional = true;
        value = sv_slice_sub(value, 1, value.n);
    }
    f.path = sv_arena_copy(a, value).p;
    if (value.n == 0 || value.p[0] != '/')
        return; /* systemd ignores it, with a warning */
    int rc = sv_fs_glob(fs, a, f.path, &paths);
    if (rc == 0 && paths.list.n) {
        sv_vec_each(p, &paths.list)
        {
            f.path = *p;
            read_file(u, fs, a, f, ret);
        }
        return;
    }
    f.error = rc == -E2BIG ? E2BIG : ENOENT;
    sv_vec_push(a, &ret->files, f);
}

static void unset(const struct sv_unit *u, struct sv_arena *a, const struct sv_unit_setting *s,
                  struct sv_unit_environment *env)
{
    struct sv_slice rest = s->value, word;
    size_t words = 0;
    while (sv_unit_word(a, &rest, &word) == 1) {
        if (words++ >= SV_MAX_UNSET_NAMES) {
            env->cut = env->cut ? env->cut : s;
            break;
        }
        struct sv_slice gone = expanded(u, a, word), name, value;
        bool exact = split_assignment(gone, &name, &value);
        size_t kept = 0;
        sv_vec_each(v, &env->list)
        {
            bool hit = exact ? sv_slice_eq(v->name, name) && sv_slice_eq(v->value, value)
                             : sv_slice_eq(v->name, gone);
            if (!hit)
                env->list.v[kept++] = *v;
        }
        env->list.n = kept;
    }
}

static void read_environment(const struct sv_unit *u, struct sv_fs *fs, struct sv_arena *a,
                             struct sv_unit_environment *ret)
{
    struct sv_unit_list list = {0};
    *ret = (struct sv_unit_environment){0};
    sv_unit_all(u, a, "Service", "Environment", &list);
    sv_vec_each(s, &list.list)
    {
        take_environment(u, a, *s, ret);
    }
    sv_unit_all(u, a, "Service", "EnvironmentFile", &list);
    sv_vec_each(s, &list.list)
    {
        take_files(u, fs, a, *s, ret);
    }
    sv_unit_all(u, a, "Service", "UnsetEnvironment", &list);
    sv_vec_each(s, &list.list)
    {
        unset(u, a, *s, ret);
    }
    if (list.list.n == 0)
        return;
    ret->by_name = (struct sv_map){0};
    for (size_t i = 0; i < ret->list.n; i++)
        *sv_map_at(a, &ret->by_name, ret->list.v[i].name) = (uint32_t)i + 1;
}

void sv_unit_environment(const struct sv_unit *u, struct sv_fs *fs, struct sv_arena *a,
                         struct sv_unit_environment *ret)
{
    struct sv_unit_kept *kept = u->kept;
    bool known = kept && kept->has_environment;
    bool keeps = kept && kept->texts && kept->texts->variables < SV_MAX_UNIT_VARIABLES;
    if (known)
        *ret = kept->environment;
    else
        read_environment(u, fs, keeps ? kept->arena : a, ret);
    if (keeps && !known) {
        kept->texts->variables += ret->list.n;
        kept->environment = *ret;
        kept->has_environment = true;
    }
    if (known || keeps) { /* what is pushed to a copy goes elsewhere */
        ret->list.cap = ret->list.n;
        ret->files.cap = ret->files.n;
    }
}

/* ---- commands ---- */

/* The word "\\;": a semicolon that ends no command. */
static bool take_semicolon(struct sv_slice *rest, struct sv_slice *ret_word)
{
    struct sv_slice s = sv_slice_trim(*rest);
    if (!sv_slice_starts(s, "\\;") || (s.n > 2 && !strchr(" \t\n\r", s.p[2])))
        return false;
    *rest = sv_slice_sub(s, 2, s.n);
    *ret_word = SV_LIT(";");
    return true;
}

/* One line of Exec*=, which may hold several commands with ";" between them. */
static void take_commands(const struct sv_unit *u, struct sv_arena *a, const char *key,
                          const struct sv_unit_setting *s, struct sv_unit_commands *ret)
{
    struct sv_slice rest = s->value, word;
    struct sv_unit_command c = {.key = key, .setting = s};
    bool named_apart = false; /* "@": the next word is argv[0] */
    for (int rc;;) {
        bool literal = take_semicolon(&rest, &word);
        rc = literal ? 1 : sv_unit_word(a, &rest, &word);
        if (rc < 0)
            return; /* systemd refuses the line */
        if (rc == 0)
            break;
        if (sv_slice_is(word, ";") && !literal && c.program.n) {
            sv_vec_push(a, &ret->list, c);
            c = (struct sv_unit_command){.key = key, .setting = s};
            continue;
        }
        if (c.program.n) {
            if (named_apart)
                named_apart = false;
            else
                sv_vec_push(a, &c.args, expanded(u, a, word));
            continue;
        }
        for (; word.n && strchr("@-:+!", word.p[0]); word = sv_slice_sub(word, 1, word.n)) {
            named_apart |= word.p[0] == '@';
            c.full |= word.p[0] == '+' || word.p[0] == '!';
        }
        c.program = expanded(u, a, word);
    }
    if (c.program.n)
        sv_vec_push(a, &ret->list, c);
}

static void read_commands(const struct sv_unit *u, struct sv_arena *a, struct sv_unit_commands *ret)
{
    static const char *const keys[] = {"ExecCondition", "ExecStartPre", "ExecStart",
                                       "ExecStartPost", "ExecReload", "ExecStop", "ExecStopPost"};
    const char *section = strrchr(u->name, '.');
    section = section && strcmp(section, ".socket") == 0 ? "Socket" : "Service";
    *ret = (struct sv_unit_commands){0};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        struct sv_unit_list list = {0};
        sv_unit_all(u, a, section, keys[i], &list);
        sv_vec_each(s, &list.list)
        {
            take_commands(u, a, keys[i], *s, ret);
        }
    }
}

void sv_unit_commands(const struct sv_unit *u, struct sv_arena *a, struct sv_unit_commands *ret)
{
    struct sv_unit_kept *kept = u->kept;
    if (!kept) {
        read_commands(u, a, ret);
        return;
    }
    if (!kept->has_commands)
        read_commands(u, kept->arena, &kept->commands);
    kept->has_commands = true;
    *ret = kept->commands;
    ret->list.cap = ret->list.n; /* what is pushed to a copy goes elsewhere */
}

static const struct sv_unit_variable *variable(const struct sv_unit_environment *env,
                                               struct sv_slice name)
{
    uint32_t i = sv_map_find(&env->by_name, name);
    return i ? &env->list.v[i - 1] : NULL;
}

static struct sv_slice argument(const struct sv_unit_environment *env, struct sv_arena *a,
                                struct sv_slice arg)
{
    _cleanup_buf_ struct sv_buf out = {0};
    const struct sv_unit_variable *v;
    if (sv_slice_chr(arg, '$') == arg.n)
        return arg;
    if (arg.p[0] == '$' && (v = variable(env, sv_slice_sub(arg, 1, arg.n))))
        return v->value;
    for (size_t i = 0; i < arg.n; i++) {
        struct sv_slice rest = sv_slice_sub(arg, i, arg.n);
        size_t close = sv_slice_chr(rest, '}');
        bool braces = sv_slice_starts(rest, "${") && close < rest.n;
        if (braces && (v = variable(env, sv_slice_sub(rest, 2, close)))) {
            sv_buf_add(&out, v->value);
            i += close;
        } else {
            sv_buf_addc(&out, arg.p[i]);
            i += sv_slice_starts(rest, "$$");
        }
    }
    return sv_arena_copy(a, sv_buf_slice(&out));
}

void sv_unit_words(const struct sv_unit_command *c, const struct sv_unit_environment *env,
                   struct sv_arena *a, struct sv_unit_arguments *ret)
{
    sv_vec_push(a, &ret->list, c->program);
    sv_vec_each(arg, &c->args)
    {
        sv_vec_push(a, &ret->list, argument(env, a, *arg));
    }
}

const char *sv_unit_log_path(const struct sv_unit *u, struct sv_arena *a, bool standard_error,
                             const struct sv_unit_setting **ret_setting)
{
    static const char *const kinds[] = {"file:", "append:", "truncate:"};
    const struct sv_unit_setting *s =
        sv_unit_get(u, "Service", standard_error ? "StandardError" : "StandardOutput");
    struct sv_slice path;
    *ret_setting = s;
    for (size_t i = 0; s && i < sizeof kinds / sizeof *kinds; i++)
        if (sv_slice_starts(s->value, kinds[i]) &&
            sv_unit_expand(u, a, sv_slice_sub(s->value, strlen(kinds[i]), s->value.n), &path))
            return sv_arena_copy(a, path).p;
    return NULL;
}
