// SPDX-License-Identifier: Apache-2.0
// The walk over a front end's files, each searched for the values of its .env files.
#include "scan/bundle.h"

#include <dirent.h>
#include <errno.h>

#include "base/limits.h"

static bool ends_in(struct sv_slice path, const char *const *ends)
{
    if (sv_slice_ends(path, ".gz"))
        path.n -= 3;
    for (; *ends; ends++)
        if (sv_slice_ends(path, *ends))
            return true;
    return false;
}

bool sv_is_source_map(const char *path)
{
    static const char *const ends[] = {".map", NULL};
    return ends_in(sv_slice_of(path), ends);
}

bool sv_is_packed_copy(struct sv_fs *fs, const char *path)
{
    struct sv_arena own = {0};
    struct sv_slice s = sv_slice_of(path);
    struct stat st;
    bool copy = sv_slice_ends(s, ".gz") &&
                sv_fs_stat(fs, sv_arena_copy(&own, sv_slice_sub(s, 0, s.n - 3)).p, &st) == 0;
    sv_arena_clear(&own);
    return copy;
}

/* Node's own: CommonJS modules, configurations of tools (ecosystem.config.js), and what lies in
 * the folders where programs keep them. Nobody sends those to browsers. */
static bool is_of_node(const char *path)
{
    static const char *const ends[] = {".cjs", ".config.js", ".config.mjs", "/knexfile.js",
                                       "/gulpfile.js", "/Gruntfile.js", NULL};
    static const char *const scripts[] = {".js", ".mjs", NULL};
    static const char *const folders[] = {"/config/", "/server/", "/routes/", "/controllers/",
                                          "/middleware/"};
    bool node = ends_in(sv_slice_of(path), ends);
    if (!node && !ends_in(sv_slice_of(path), scripts))
        return false;
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        node |= strstr(path, folders[i]) != NULL;
    return node && !strstr(path, "/public/") && !strstr(path, "/static/") &&
           !strstr(path, "/assets/") && !strstr(path, "/dist/");
}

bool sv_is_front_end(const char *path)
{
    static const char *const ends[] = {".js",  ".mjs", ".html",        ".htm", ".css",
                                       ".svg", ".xhtml", ".webmanifest", NULL};
    return ends_in(sv_slice_of(path), ends) && !is_of_node(path);
}

/* What else a build writes: data of pages, and their sources. */
static bool is_built(const char *path)
{
    static const char *const ends[] = {".js", ".mjs", ".cjs", ".json", ".map", ".txt", ".rsc",
                                       ".xml", NULL};
    return sv_is_front_end(path) || ends_in(sv_slice_of(path), ends);
}

static bool is_known(const struct sv_bundle_search *b, size_t needle, const char *path)
{
    size_t files = 0;
    sv_vec_each (h, &b->hits) {
        if (h->needle != needle)
            continue;
        if (strcmp(h->path, path) == 0)
            return true; /* one folder lies in another */
        files++;
    }
    return files >= SV_MAX_BUNDLE_HITS;
}

static void note(struct sv_bundle_search *b, size_t needle, const char *path, struct sv_slice text,
                 size_t at)
{
    struct sv_bundle_hit hit = {.needle = needle, .line = 1};
    size_t line_at = 0;
    if (is_known(b, needle, path))
        return;
    for (size_t i = 0; i < at; i++) {
        if (text.p[i] != '\n')
            continue;
        hit.line++;
        line_at = i + 1;
    }
    hit.path = sv_arena_strdup(b->a, path);
    hit.column = (uint32_t)(at - line_at) + 1;
    sv_vec_push(b->a, &b->hits, hit);
}

static void search_file(struct sv_bundle_search *b, const char *path)
{
    struct sv_arena own = {0}; /* the text holds the secret: it is wiped at once */
    struct sv_slice text;
    bool cut = false;
    int rc = sv_fs_read(b->fs, &own, path, SV_MAX_BUNDLE_BYTES, &text, &cut);
    if (rc == 0) {
        b->bytes += text.n;
        for (size_t i = 0; i < b->n; i++) {
            const char *at = memmem(text.p, text.n, b->needles[i].p, b->needles[i].n);
            if (at)
                note(b, i, path, text, (size_t)(at - text.p));
        }
    }
    if ((rc < 0 && rc != -ENOENT && rc != -EINVAL && rc != -ELOOP) || cut)
        b->stopped = sv_arena_strdup(b->a, path);
    sv_arena_wipe(&own);
}

bool sv_is_browser_rule(const char *id)
{
    static const char *const ids[] = {"segment-write-key", "bugsnag-api-key", "rollbar-token"};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        if (strcmp(id, ids[i]) == 0)
            return true;
    return false;
}

bool sv_is_package_file(const char *path)
{
    static const char *const folders[] = {"node_modules/", "bower_components/", "/vendor/",
                                          "/vendors/",     "webpack/bootstrap", NULL};
    for (size_t i = 0; folders[i]; i++)
        if (strstr(path, folders[i]))
            return true;
    return false;
}

static bool mentions(struct sv_slice text, const char *const *words)
{
    for (; *words; words++)
        if (sv_slice_find(text, *words) < text.n)
            return true;
    return false;
}

bool sv_text_asks_google_models(struct sv_slice text)
{
    static const char *const words[] = {"generativelanguage", "GoogleGenerativeAI", "GEMINI_API",
                                        "geminiApiKey", NULL};
    return mentions(text, words);
}

bool sv_text_is_browser_config(struct sv_slice text)
{
    static const char *const words[] = {"firebase", "messagingSenderId", "authDomain",
                                        "maps.google", NULL};
    return mentions(text, words) && !sv_text_asks_google_models(text);
}

static bool is_of_the_build(const char *name)
{
    return strcmp(name, "node_modules") == 0 || strcmp(name, ".git") == 0;
}

struct folder {
    const char *path;
    unsigned depth;
};

void sv_bundle_find(struct sv_bundle_search *b, const char *dir)
{
    struct sv_arena own = {0};
    SV_VEC(struct folder) folders = {0};
    sv_vec_push(&own, &folders, ((struct folder){dir, 0}));
    while (folders.n) {
        struct folder f = folders.v[--folders.n];
        struct sv_dirents entries = {0};
        if (sv_fs_list(b->fs, &own, f.path, &entries) < 0)
            continue;
        sv_vec_each (e, &entries.list) {
            const char *path = sv_path_join(&own, f.path, e->name);
            if (e->type == DT_DIR && f.depth < SV_MAX_WALK_DEPTH && !is_of_the_build(e->name))
                sv_vec_push(&own, &folders, ((struct folder){path, f.depth + 1}));
            if (e->type == DT_DIR || e->type == DT_LNK || !is_built(e->name))
                continue;
            if (++b->files > SV_MAX_BUNDLE_FILES || b->bytes > SV_MAX_BUNDLE_TOTAL) {
                b->stopped = sv_arena_strdup(b->a, path);
                sv_arena_clear(&own);
                return;
            }
            search_file(b, path);
        }
    }
    sv_arena_clear(&own);
}
