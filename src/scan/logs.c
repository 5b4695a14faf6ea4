// SPDX-License-Identifier: Apache-2.0
// Which log files there are, which are searched, and which log each belongs to.
#include "scan/logs.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/map.h"

struct log_file {
    const char *path;
    uint32_t family; /* place in `families` */
    uint64_t cost;
    struct timespec changed;
};

struct gather {
    const struct sv_log_scan *in;
    struct sv_arena *a;
    struct sv_log_found *out;
    struct sv_map by_name, by_path; /* families and files, their place plus one */
    SV_VEC(struct sv_log_family *) families;
    SV_VEC(struct log_file) files;
    size_t glob_work; /* of all patterns */
};

/* ---- names ---- */

static const char *const packed[] = {".gz", ".xz", ".zst", ".bz2", ".lz4", ".Z"};

bool sv_log_is_packed(struct sv_slice name)
{
    for (size_t i = 0; i < sizeof packed / sizeof *packed; i++)
        if (sv_slice_ends(name, packed[i]))
            return true;
    return false;
}

static size_t digits_at(struct sv_slice s, size_t at)
{
    size_t n = 0;
    while (at + n < s.n && isdigit((unsigned char)s.p[at + n]))
        n++;
    return n;
}

/* The length of a date that begins here: 20260131 with hours or seconds, 2026-01-31. */
static size_t date_at(struct sv_slice s, size_t at)
{
    size_t n = digits_at(s, at);
    bool year = n >= 4 && (sv_slice_starts(sv_slice_sub(s, at, s.n), "19") ||
                           sv_slice_starts(sv_slice_sub(s, at, s.n), "20"));
    if (year && n >= 8 && n <= 14)
        return n;
    if (!year || n != 4 || at + 10 > s.n || !strchr("-._", s.p[at + 4]))
        return 0;
    bool whole = digits_at(s, at + 5) == 2 && s.p[at + 7] == s.p[at + 4] &&
                 digits_at(s, at + 8) == 2;
    return whole ? 10 : 0;
}

/* Cuts "[-._]DATE" out, wherever it stands. */
static struct sv_slice without_date(struct sv_arena *a, struct sv_slice name)
{
    for (size_t i = 0; i + 9 <= name.n; i++) {
        size_t n = strchr("-._", name.p[i]) && name.p[i] ? date_at(name, i + 1) : 0;
        if (n == 0 || (i + 1 + n < name.n && isalnum((unsigned char)name.p[i + 1 + n])))
            continue;
        return sv_slice_of(sv_arena_printf(a, "%.*s%.*s", (int)i, name.p,
                                           (int)(name.n - i - 1 - n), name.p + i + 1 + n));
    }
    return name;
}

const char *sv_log_family_name(struct sv_arena *a, const char *path)
{
    struct sv_slice name = sv_slice_of(sv_path_base(path));
    for (size_t i = 0; i < sizeof packed / sizeof *packed; i++)
        if (sv_slice_ends(name, packed[i]))
            name = sv_slice_sub(name, 0, name.n - strlen(packed[i]));
    struct sv_slice whole = name;
    name = without_date(a, name);
    size_t end = name.n;
    while (end && isdigit((unsigned char)name.p[end - 1]))
        end--;
    if (end > 1 && end < name.n && name.n - end <= 10 && name.p[end - 1] == '.')
        name = sv_slice_sub(name, 0, end - 1);
    if (sv_slice_ends(name, ".old"))
        name = sv_slice_sub(name, 0, name.n - 4);
    name = name.n ? name : whole;
    return sv_arena_printf(a, "%.*s%.*s", (int)(sv_path_base(path) - path), path, (int)name.n,
                           name.p);
}

/* ---- families ---- */

static uint32_t family_of(struct gather *g, const char *name)
{
    uint32_t *at = sv_map_at(g->a, &g->by_name, sv_slice_of(name));
    if (*at == 0) {
        struct sv_log_family *f = sv_new(g->a, struct sv_log_family);
        f->path = name;
        sv_vec_push(g->a, &g->families, f);
        *at = (uint32_t)g->families.n;
    }
    return *at - 1;
}

/* The folder's real place and the last name in it. */
static const char *real_place(struct gather *g, const char *path)
{
    const char *dir;
    if (sv_fs_realpath(g->in->fs, g->a, sv_path_dir(g->a, path), &dir) < 0)
        return path;
    return sv_path_join(g->a, dir, sv_path_base(path));
}

static bool enough(const struct gather *g)
{
    return g->files.n >= SV_MAX_LOG_FILES;
}

/* A regular file, once. */
static void add_file(struct gather *g, const char *path, uint32_t family)
{
    struct stat st;
    if (enough(g) || sv_fs_lstat(g->in->fs, path, &st) < 0 || !S_ISREG(st.st_mode))
        return;
    uint32_t *at = sv_map_at(g->a, &g->by_path, sv_slice_of(path));
    if (*at)
        return;
    uint64_t size = (uint64_t)st.st_size, disk = (uint64_t)st.st_blocks * 512;
    if (disk + SV_SECRET_CHUNK < size)
        size = disk; /* holes are not read */
    if (sv_log_is_packed(sv_slice_of(path)))
        size *= SV_LOG_PACKED;
    size = size > SV_MAX_SECRET_FILE ? SV_MAX_SECRET_FILE : size;
    sv_vec_push(g->a, &g->files,
                (struct log_file){path, family, size, st.st_mtim});
    *at = (uint32_t)g->files.n;
    g->families.v[family]->n_files++;
}

static void skip(struct gather *g, const char *path, const char *reason)
{
    sv_vec_push(g->a, &g->out->secrets.skipped, (struct sv_secret_skip){path, reason});
}

/* ---- what configurations name ---- */

/* Its rotated files lie beside it: each such folder is listed once. */
static void named_folder(struct gather *g, const char *dir)
{
    struct sv_dirents entries = {0};
    int rc = sv_fs_list(g->in->fs, g->a, dir, &entries);
    if (rc < 0 && !sv_fs_is_absent(rc))
        skip(g, dir, strerror(-rc));
    sv_vec_each(e, &entries.list)
    {
        const char *path = sv_path_join(g->a, dir, e->name), *real = path;
        const char *name = sv_log_family_name(g->a, path);
        uint32_t family = sv_map_find(&g->by_name, sv_slice_of(name));
        if (family == 0 && strcmp(name, path) != 0) /* "access.log.1" is named as it is */
            family = sv_map_find(&g->by_name, sv_slice_of(path));
        if (family == 0 || e->type == DT_DIR)
            continue;
        if (e->type == DT_LNK && sv_fs_realpath(g->in->fs, g->a, path, &real) < 0)
            continue;
        add_file(g, real, family - 1);
    }
}

static void named_pattern(struct gather *g, const struct sv_log *log)
{
    struct sv_arena scratch = {0}; /* what is looked through is far more than what is found */
    struct sv_paths found = {0};
    bool spent = g->glob_work > SV_MAX_GLOB_WORK;
    int rc = spent ? -E2BIG
                   : sv_fs_glob_within(g->in->fs, &scratch,
                                       sv_arena_printf(&scratch, "%s*", log->path), &g->glob_work,
                                       &found);
    if (rc == -E2BIG && !spent)
        skip(g, log->path, "the names of logs with a \"*\" lead through too many folders: the files of "
                           "this one and of those behind it are not searched");
    else if (rc < 0 && !spent)
        skip(g, log->path, strerror(-rc));
    sv_vec_each(p, &found.list)
    {
        const char *path = real_place(g, sv_arena_copy(g->a, sv_slice_of(*p)).p);
        uint32_t family = family_of(g, sv_log_family_name(g->a, path));
        if (!g->families.v[family]->log)
            g->families.v[family]->log = log;
        add_file(g, path, family);
    }
    sv_arena_clear(&scratch);
}

static void named(struct gather *g)
{
    struct sv_map dirs = {0};
    SV_VEC(const char *) list = {0};
    sv_vec_each(log, &g->in->named.list)
    {
        if (log->pattern)
            continue;
        const char *path = real_place(g, log->path);
        uint32_t family = family_of(g, path); /* which may move the list */
        struct sv_log_family *f = g->families.v[family];
        f->log = f->log ? f->log : log;
        const char *dir = sv_path_dir(g->a, path);
        if ((*sv_map_at(g->a, &dirs, sv_slice_of(dir)))++ == 0)
            sv_vec_push(g->a, &list, dir);
    }
    sv_vec_each(dir, &list)
    {
        sv_watch_at(g->in->watch, *dir);
        named_folder(g, *dir);
    }
    sv_vec_each(log, &g->in->named.list)
    {
        if (log->pattern)
            named_pattern(g, log);
    }
}

/* ---- what lies where logs lie ---- */

static void walk(struct gather *g, const char *dir, const char *infix, unsigned depth)
{
    struct sv_dirents entries = {0};
    int rc = sv_fs_list(g->in->fs, g->a, dir, &entries);
    sv_watch_at(g->in->watch, dir);
    if (rc < 0 && !sv_fs_is_absent(rc))
        skip(g, dir, strerror(-rc));
    sv_vec_each(e, &entries.list)
    {
        const char *path = sv_path_join(g->a, dir, e->name);
        if (e->type == DT_DIR && depth >= SV_MAX_LOG_DEPTH)
            skip(g, path, "nested too deeply");
        else if (e->type == DT_DIR)
            walk(g, path, infix, depth + 1);
        else if (e->type == DT_REG && (!infix || strstr(e->name, infix)))
            add_file(g, path, family_of(g, sv_log_family_name(g->a, path)));
    }
}

static void walk_top(struct gather *g, const char *dir, const char *infix)
{
    const char *real;
    if (sv_fs_realpath(g->in->fs, g->a, dir, &real) == 0)
        walk(g, real, infix, 0);
}

/* ---- the search ---- */

static int newest_first(const void *x, const void *y)
{
    const struct log_file *a = x, *b = y;
    if (a->changed.tv_sec != b->changed.tv_sec)
        return a->changed.tv_sec > b->changed.tv_sec ? -1 : 1;
    if (a->changed.tv_nsec != b->changed.tv_nsec)
        return a->changed.tv_nsec > b->changed.tv_nsec ? -1 : 1;
    return strcmp(a->path, b->path);
}

/* The paths that the budget allows. */
static const char **choose(struct gather *g, size_t *ret_n)
{
    uint64_t left = g->in->budget ? g->in->budget : SV_MAX_LOG_BYTES, out = 0;
    size_t n = 0, missed = 0;
    const char *first = NULL, **paths = sv_new_n(g->a, const char *, g->files.n + 1);
    if (g->files.n)
        qsort(g->files.v, g->files.n, sizeof *g->files.v, newest_first);
    sv_vec_each(f, &g->files)
    {
        *sv_map_at(g->a, &g->by_path, sv_slice_of(f->path)) = (uint32_t)(f - g->files.v) + 1;
        if (left == 0) {
            first = first ? first : f->path;
            missed++;
            out += f->cost;
            continue;
        }
        paths[n++] = f->path;
        left -= f->cost < left ? f->cost : left;
    }
    if (missed)
        skip(g, first, sv_arena_printf(g->a, "this and %zu older log files (%llu MiB) are not searched: the "
                                       "newest ones used up what is read of logs",
                                       missed - 1, (unsigned long long)(out >> 20)));
    *ret_n = n;
    return paths;
}

static int by_name(const void *x, const void *y)
{
    return strcmp((*(struct sv_log_family *const *)x)->path,
                  (*(struct sv_log_family *const *)y)->path);
}

static void group(struct gather *g)
{
    sv_vec_each(p, &g->out->secrets.list)
    {
        uint32_t at = sv_map_find(&g->by_path, sv_slice_of(p->path));
        if (at == 0)
            continue;
        struct sv_log_family *f = g->families.v[g->files.v[at - 1].family];
        if (f->places.n == 0)
            sv_vec_push(g->a, &g->out->list, f);
        sv_vec_push(g->a, &f->places, p);
    }
    if (g->out->list.n)
        qsort(g->out->list.v, g->out->list.n, sizeof *g->out->list.v, by_name);
}

static const char **find(struct gather *g, size_t *ret_n)
{
    named(g);
    if (g->in->whole_host) {
        walk_top(g, "/var/log", NULL);
        walk_top(g, "/var/lib/docker/containers", "-json.log");
        walk_top(g, "/var/lib/containers/storage/overlay-containers", "ctr.log");
    }
    if (enough(g))
        skip(g, "/var/log", "too many log files; the rest is not searched");
    return choose(g, ret_n);
}

void sv_log_files(const struct sv_log_scan *in, struct sv_arena *a, struct sv_paths *ret,
                  struct sv_secret_found *skips)
{
    struct sv_log_found found = {0};
    struct gather g = {.in = in, .a = a, .out = &found};
    size_t n;
    const char **paths = find(&g, &n);
    for (size_t i = 0; i < n; i++)
        sv_vec_push(a, &ret->list, paths[i]);
    sv_vec_each(s, &found.secrets.skipped)
    {
        sv_vec_push(a, &skips->skipped, *s);
    }
}

int sv_scan_logs(const struct sv_log_scan *in, struct sv_arena *a, struct sv_log_found *ret,
                 struct sv_err *err)
{
    struct gather g = {.in = in, .a = a, .out = ret};
    size_t n;
    const char **paths = find(&g, &n);
    if (n == 0)
        return 0;
    struct sv_secret_scan scan = {.searchers = in->searchers, .paths = paths, .n_paths = n,
                                  .watch = in->watch};
    int rc = sv_scan_secrets(&scan, a, &ret->secrets, err);
    if (rc == 0)
        group(&g);
    return rc;
}
