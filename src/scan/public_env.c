// SPDX-License-Identifier: Apache-2.0
// Reads .env files beside front ends and judges the variables that builds make public.
#include "scan/public_env.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>

#include "base/limits.h"
#include "secrets/bytes.h"
#include "secrets/value.h"
#include "syntax/unit.h"

static const char *const prefixes[] = {"NEXT_PUBLIC_", "NUXT_PUBLIC_", "EXPO_PUBLIC_", "REACT_APP_",
                                       "VUE_APP_",     "GATSBY_",      "PUBLIC_",      "VITE_"};

static bool holds(struct sv_slice s, const char *const *words)
{
    for (; *words; words++)
        for (size_t i = 0; i < s.n; i++)
            if (sv_slice_is_nocase(sv_slice_sub(s, i, i + strlen(*words)), *words))
                return true;
    return false;
}

/* Keys that a browser is meant to have: they name an account, or are limited to the site's name. */
static bool is_public_name(struct sv_slice name)
{
    static const char *const words[] = {"PUBLISHABLE",
                                        "PUBLIC",
                                        "ANON",
                                        "SITE_KEY",
                                        "SITEKEY",
                                        "CAPTCHA",
                                        "TURNSTILE",
                                        "FIREBASE",
                                        "MAPS",
                                        "MAPBOX",
                                        "MAPTILER",
                                        "SENTRY",
                                        "ALGOLIA_SEARCH",
                                        "SEARCH_KEY",
                                        "SEARCH_API_KEY",
                                        "SEARCH_ONLY",
                                        "POSTHOG",
                                        "SEGMENT",
                                        "MIXPANEL",
                                        "AMPLITUDE",
                                        "ANALYTICS",
                                        "GTM",
                                        "GA_",
                                        "MEASUREMENT",
                                        "CLIENT_ID",
                                        "CLIENT_TOKEN",
                                        "CLIENT_KEY",
                                        "CLIENT_SIDE",
                                        "APP_ID",
                                        "PROJECT_ID",
                                        "BUGSNAG",
                                        "ROLLBAR",
                                        "LOGROCKET",
                                        "HOTJAR",
                                        "TINYMCE",
                                        "LICENSE",
                                        "LICENCE",
                                        "PUSHER",
                                        "VAPID",
                                        "STORYBLOK",
                                        "CONTENTFUL",
                                        "VERIFICATION",
                                        "DATADOG",
                                        "NEW_RELIC",
                                        "NEWRELIC",
                                        "RUM_",
                                        "STATSIG",
                                        "LAUNCHDARKLY",
                                        "GIPHY",
                                        "CSRF",
                                        "BUILD",
                                        "COMMIT",
                                        "VERSION",
                                        "HASH",
                                        NULL};
    return holds(name, words);
}

static bool is_secret_name(struct sv_slice name)
{
    static const char *const words[] = {
        "SECRET",    "PASSWORD",      "PASSWD",      "PRIVATE_KEY", "SERVICE_ROLE",   "SERVICE_KEY",
        "ADMIN_KEY", "ADMIN_API_KEY", "ADMIN_TOKEN", "MASTER_KEY",  "ENCRYPTION_KEY", "SIGNING_KEY",
        NULL};
    return holds(name, words);
}

bool sv_is_browser_key(struct sv_slice text, size_t offset)
{
    enum { LONGEST = 64, BETWEEN = 8 };
    char name[2 * LONGEST];
    size_t end = offset < text.n ? offset : text.n, from, n = 0;
    while (end > 0 && offset - end < BETWEEN && strchr("\"'`\\ :=", text.p[end - 1]))
        end--;
    for (from = end; from > 0 && end - from < LONGEST; from--)
        if (!isalnum((unsigned char)text.p[from - 1]) && !strchr("_-.$", text.p[from - 1]))
            break;
    for (size_t i = from; i < end; i++) { /* "clientToken" is "client_Token" */
        if (i > from && isupper((unsigned char)text.p[i]) && islower((unsigned char)text.p[i - 1]))
            name[n++] = '_';
        name[n++] = text.p[i] == '-' ? '_' : text.p[i];
    }
    struct sv_slice s = {name, n};
    return is_public_name(s) && !is_secret_name(s);
}

static bool is_key_name(struct sv_slice name)
{
    static const char *const words[] = {"API_KEY",  "APIKEY",     "TOKEN",      "ACCESS_KEY",
                                        "AUTH_KEY", "CREDENTIAL", "API_SECRET", NULL};
    return holds(name, words);
}

/* Google's keys are meant for browsers where they draw maps or sign users in, and are paid for
 * where they ask a model. */
static bool is_model_name(struct sv_slice name)
{
    static const char *const words[] = {"GEMINI",   "GENAI", "GENERATIVE", "GOOGLE_AI", "AI_STUDIO",
                                        "AISTUDIO", "PALM",  "VERTEX",     NULL};
    return holds(name, words);
}

/* A JWT whose claims say that nobody in particular holds it, as Supabase's anonymous key. */
static bool is_anonymous_jwt(struct sv_slice v)
{
    unsigned char claims[1024];
    size_t dot = sv_slice_chr(v, '.');
    size_t n = sv_base64(sv_slice_sub(v, dot + 1, v.n), claims, sizeof claims, NULL);
    struct sv_slice role = sv_json_member((struct sv_slice){(const char *)claims, n}, "role");
    return sv_slice_is(role, "anon") || sv_slice_is(role, "\"anon\"");
}

/* Drawn by lot, or at least no word, path, address or switch. */
static bool looks_secret(struct sv_slice v, bool password)
{
    bool digit = false, letter = false;
    if (v.n < 8 || v.p[0] == '/' || v.p[0] == '.' || sv_slice_find(v, "://") < v.n ||
        sv_slice_chr(v, ' ') < v.n || sv_value_is_placeholder(v))
        return false;
    if (sv_looks_random(v))
        return true;
    for (size_t i = 0; i < v.n; i++) {
        digit |= v.p[i] >= '0' && v.p[i] <= '9';
        letter |= (v.p[i] | 0x20) >= 'a' && (v.p[i] | 0x20) <= 'z';
    }
    return password && digit && letter;
}

/* ---- one variable ---- */

/* What the rules say of the value under its name; the generic ones say no more than the name. */
static const struct sv_secret_rule *rule_of(struct sv_search *search, struct sv_arena *a,
                                            struct sv_slice name, struct sv_slice value,
                                            bool *ret_doubtful)
{
    struct sv_secret_hits hits = {0};
    const char *text =
        sv_arena_printf(a, "%.*s=\"%.*s\"\n", (int)name.n, name.p, (int)value.n, value.p);
    sv_search_text(search, a, sv_slice_of(text), &hits);
    sv_vec_each (h, &hits.list) {
        if ((h->rule->flags & SV_RULE_GENERIC) || h->value.n * 2 < value.n)
            continue;
        *ret_doubtful = h->placeholder || h->checksum_bad;
        return h->rule;
    }
    return NULL;
}

static bool by_rule(struct sv_public_var *v, struct sv_slice plain)
{
    unsigned flags = v->rule->flags;
    if (flags & SV_RULE_PUBLIC)
        return false;
    if (!v->rule->prefix && is_public_name(plain) && !is_secret_name(plain))
        return false; /* the rule, too, went by the name */
    if (strcmp(v->rule->id, "gcp-api-key") == 0 && !is_model_name(plain))
        return false;
    if (sv_slice_starts(v->value, "eyJ") && is_anonymous_jwt(v->value))
        return false;
    v->kind = flags & SV_RULE_TEST_KEY ? SV_ENV_TEST : SV_ENV_SECRET;
    return true;
}

static bool by_name(struct sv_public_var *v, struct sv_slice plain)
{
    static const char *const passwords[] = {"SECRET", "PASSW", NULL};
    if (is_public_name(plain))
        return false;
    v->kind = is_secret_name(plain) ? SV_ENV_SECRET : SV_ENV_NAMED;
    return (v->kind == SV_ENV_SECRET || is_key_name(plain)) &&
           looks_secret(v->value, holds(plain, passwords));
}

static bool judge(struct sv_search *search, struct sv_arena *a, struct sv_public_var *v)
{
    struct sv_slice name = sv_slice_of(v->name);
    struct sv_slice plain = sv_slice_sub(name, strlen(v->prefix), name.n);
    bool doubtful = false;
    v->rule = rule_of(search, a, name, v->value, &doubtful);
    if (doubtful)
        return false;
    return v->rule ? by_rule(v, plain) : by_name(v, plain);
}

/* "$OTHER" and "${OTHER}" stand for a variable of the same file, which need not be public. */
static struct sv_slice resolved(const struct sv_env_lines *lines, const struct sv_env_line *line)
{
    struct sv_slice v = line->value, name = v;
    if (v.n < 2 || v.p[0] != '$' || (line->raw.n && line->raw.p[0] == '\''))
        return v;
    name = v.p[1] == '{' && v.p[v.n - 1] == '}' ? sv_slice_sub(v, 2, v.n - 1)
                                                : sv_slice_sub(v, 1, v.n);
    sv_vec_each (l, &lines->list) {
        if (sv_slice_eq(l->name, name) && l != line)
            return l->value;
    }
    return v;
}

/* A comment behind a value without quotes is one to dotenv, if not to systemd. */
static struct sv_slice without_comment(const struct sv_env_line *line)
{
    struct sv_slice v = line->value;
    if (line->raw.n && strchr("\"'", line->raw.p[0]))
        return v;
    return sv_slice_trim(sv_slice_sub(v, 0, sv_slice_find(v, " #")));
}

const char *sv_public_env_prefix(struct sv_slice name)
{
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        if (sv_slice_starts(name, prefixes[i]))
            return prefixes[i];
    return NULL;
}

/* ---- files ---- */

static uint32_t column_of(struct sv_slice text, struct sv_slice raw)
{
    size_t at = raw.p >= text.p && raw.p <= text.p + text.n ? (size_t)(raw.p - text.p) : 0, n = 1;
    if (at < text.n && strchr("\"'", text.p[at]))
        n++;
    while (at > 0 && text.p[at - 1] != '\n') {
        at--;
        n++;
    }
    return (uint32_t)n;
}

static void read_text(struct sv_search *search, struct sv_arena *a, const char *path,
                      struct sv_slice text, struct sv_public_vars *ret)
{
    struct sv_env_lines lines = {0};
    const char *base = sv_path_base(path);
    bool development = strstr(base, ".dev") || strstr(base, ".test") || strstr(base, ".ci");
    sv_env_file_parse(a, text, &lines);
    sv_vec_each (l, &lines.list) {
        l->value = without_comment(l);
        if (sv_slice_starts(l->name, "export "))
            l->name = sv_slice_trim(sv_slice_sub(l->name, 7, l->name.n));
    }
    sv_vec_each (l, &lines.list) {
        const char *prefix = sv_public_env_prefix(l->name);
        struct sv_public_var v = {.path = path,
                                  .line = l->line,
                                  .prefix = prefix,
                                  .value = resolved(&lines, l),
                                  .development = development};
        if (!prefix || v.value.n < 8 || v.value.n > SV_SECRET_REACH ||
            ret->list.n >= SV_MAX_PUBLIC_VARS)
            continue;
        v.column = column_of(text, l->raw);
        v.name = sv_arena_copy(a, l->name).p;
        if (judge(search, a, &v))
            sv_vec_push(a, &ret->list, v);
    }
}

/* Of ".env", ".env.local", ".env.production": not the examples that belong into a repository. */
static bool is_env_file(const char *name)
{
    static const char *const words[] = {"example", "sample", "template", "dist", "default",
                                        "schema",  "vault",  "keys",     "~",    NULL};
    return strncmp(name, ".env", 4) == 0 && (name[4] == '\0' || name[4] == '.') &&
           !holds(sv_slice_of(name), words);
}

void sv_public_env_read(struct sv_fs *fs, struct sv_search *search, struct sv_arena *a,
                        const char *dir, struct sv_public_vars *ret)
{
    struct sv_dirents entries = {0};
    if (sv_fs_list(fs, a, dir, &entries) < 0)
        return;
    sv_vec_each (e, &entries.list) {
        struct sv_slice text;
        bool cut = false;
        if (e->type == DT_DIR || !is_env_file(e->name))
            continue;
        const char *path = sv_path_join(a, dir, e->name);
        int rc = sv_fs_read(fs, a, path, SV_MAX_PUBLIC_ENV, &text, &cut);
        if (rc == 0)
            read_text(search, a, path, text, ret);
        if (rc == 0 ? cut : rc != -ENOENT && rc != -EINVAL && rc != -ELOOP)
            sv_vec_push(a, &ret->unread, path);
    }
}

void sv_public_env_folders(struct sv_fs *fs, struct sv_arena *a, const char *dir,
                           struct sv_paths *ret)
{
    struct stat st;
    size_t near = 0;
    for (unsigned up = 0; up <= SV_MAX_PROJECT_DEPTH; up++) {
        sv_vec_push(a, &ret->list, dir);
        near = up < 2 ? ret->list.n : near;
        if (sv_fs_stat(fs, sv_path_join(a, dir, "package.json"), &st) == 0)
            return;
        dir = sv_path_dir(a, dir);
        if (strcmp(dir, "/") == 0)
            break;
    }
    ret->list.n = near; /* of no project: what lies beside the folder, no further */
}
