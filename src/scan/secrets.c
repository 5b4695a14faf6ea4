// SPDX-License-Identifier: Apache-2.0
// The threads that search folders, each of which is taken by one of them with its files.
#include "scan/secrets.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/limits.h"
#include "scan/folder_stack.h"
#include "scan/git_ids.h"
#include "scan/packaged.h"
#include "scan/secrets_file.h"
#include "secrets/redact.h"

/* One search, and the threads that take part in it. */
struct pool {
    const struct sv_secret_scan *in;
    pthread_mutex_t *memory; /* one thread at a time unpacks what needs much */
    const char *ahead; /* a folder that a thread of its own searches already; or NULL */
    struct sv_folder_stack stack;
};

struct thread {
    pthread_t id;
    bool started;
    struct pool *pool;
    struct sv_fs *fs; /* NULL: not used so far, and the searcher neither */
    struct sv_watch *watch; /* of the first thread alone */
    struct sv_searchers *helpers; /* the same: those that are to start, as soon as they may */
    struct sv_searcher searcher;
};

struct sv_searchers {
    struct sv_fs *fs; /* the first thread's, which is the caller's own */
    const char *root;
    unsigned jobs, n; /* threads at most */
    pthread_mutex_t memory;
    struct sv_secret_scan ahead_in;
    struct pool ahead; /* begun by sv_scan_ahead(), if its folder is not NULL */
    bool ahead_over;   /* under its lock: the thread that began it has ended */
    struct thread ahead_thread;
    struct thread list[SV_MAX_JOBS];
};

/* A search so large that threads are worth their start. */
enum { MANY_FILES = 1000, MANY_BYTES = 16 << 20 };

const char *sv_secret_place_title(struct sv_arena *a, const struct sv_secret_place *p)
{
    bool told = strstr(p->rule->title, "encrypted") != NULL;
    if (p->name && strcasecmp(p->name, p->rule->title) != 0)
        return p->name;
    return p->encrypted && !told ? sv_arena_printf(a, "%s, encrypted:", p->rule->title)
                                 : p->rule->title;
}

bool sv_secret_place_is_hash(const struct sv_secret_place *p)
{
    return p->rule->validator == SV_VALID_HASH && !strstr(p->path, "shadow");
}

enum sv_severity sv_secret_place_served(const struct sv_secret_place *p)
{
    if (p->rule->flags & SV_RULE_TEST_KEY)
        return SV_LOW;
    bool less = (p->rule->flags & SV_RULE_GENERIC) || sv_secret_place_is_hash(p) || p->encrypted;
    return less ? SV_HIGH : SV_CRITICAL;
}

/* ---- one folder ---- */

static void skip(struct thread *t, const char *path, const char *reason)
{
    struct sv_arena *a = &t->searcher.results;
    sv_vec_push(a, &t->searcher.found.skipped,
                (struct sv_secret_skip){sv_arena_strdup(a, path), reason});
}

static bool pseudo(const char *path)
{
    return sv_path_below(path, "/proc") || sv_path_below(path, "/sys") ||
           sv_path_below(path, "/dev");
}

static void entry(struct thread *t, int dir, const struct sv_folder *f, const struct sv_dirent *e,
                  const char *path)
{
    if (e->type == DT_REG)
        sv_search_entry(&t->searcher, dir, e->name, path, true);
    else if (e->type == DT_DIR && f->depth >= SV_MAX_WALK_DEPTH)
        skip(t, path, "nested too deeply");
    else if (e->type == DT_DIR && !pseudo(path) &&
             !(t->pool->ahead && strcmp(path, t->pool->ahead) == 0))
        sv_folders_push(&t->pool->stack, path, f->depth + 1, false);
}

static void folder(struct thread *t, const struct sv_folder *f)
{
    struct sv_arena a = {0};
    struct sv_dirents entries = {0};
    int rc = sv_fs_list(t->fs, &a, f->path, &entries);
    int dir = rc < 0 ? rc : sv_fs_open_dir(t->fs, f->path);
    if (dir < 0) {
        if (dir != -ENOENT)
            skip(t, f->path, strerror(-dir));
    } else {
        if (entries.truncated)
            skip(t, f->path, "too many entries in this folder");
        /* One path after the other in the same bytes: a folder may hold a million files. */
        size_t n = strcmp(f->path, "/") == 0 ? 0 : strlen(f->path);
        char *path = sv_arena_alloc(&a, n + NAME_MAX + 2);
        memcpy(path, f->path, n);
        path[n] = '/';
        sv_vec_each(e, &entries.list)
        {
            size_t length = strlen(e->name);
            if (length > NAME_MAX)
                continue; /* readdir() gives none */
            memcpy(path + n + 1, e->name, length + 1);
            entry(t, dir, f, e, path);
        }
        close(dir);
    }
    sv_arena_clear(&a);
}

static void single_file(struct thread *t, const char *path)
{
    struct sv_arena a = {0};
    int dir = sv_fs_open_dir(t->fs, sv_path_dir(&a, path));
    if (dir < 0) {
        skip(t, path, strerror(-dir));
    } else {
        sv_search_entry(&t->searcher, dir, sv_path_base(path), path, false);
        close(dir);
    }
    sv_arena_clear(&a);
}

/* ---- the threads ---- */

static void *work(void *arg);

static int make_ready(struct sv_searchers *all, struct thread *t, struct sv_err *err)
{
    if (t->fs)
        return 0;
    bool first = t == &all->list[0];
    struct sv_fs *fs = first ? all->fs : sv_fs_new(all->root, err);
    if (!fs)
        return -ENOENT;
    if (sv_searcher_open(&t->searcher) < 0) {
        sv_searcher_close(&t->searcher);
        if (!first)
            sv_fs_free(fs);
        return sv_err_set(err, ENOMEM, "cannot search for secrets: out of memory");
    }
    t->fs = fs;
    return 0;
}

static bool is_large(const struct sv_secret_found *found)
{
    return found->files >= MANY_FILES || found->bytes >= MANY_BYTES;
}

/* The one that went ahead counts as one of the threads that there may be at most. */
static bool ahead_works(struct sv_searchers *all)
{
    if (!all->ahead_thread.started)
        return false;
    pthread_mutex_lock(&all->ahead.stack.lock);
    bool works = !all->ahead_over;
    pthread_mutex_unlock(&all->ahead.stack.lock);
    return works;
}

/* All but the first one, which is at work; one that cannot be started is done without. False if
 * there is one that may start later. */
static bool start(struct sv_searchers *all, struct pool *pool)
{
    struct sv_err err;
    bool wait = ahead_works(all);
    for (unsigned i = 1; i + wait < all->n; i++) {
        struct thread *t = &all->list[i];
        if (t->pool)
            continue;
        t->pool = pool;
        t->started = make_ready(all, t, &err) == 0 && pthread_create(&t->id, NULL, work, t) == 0;
    }
    return !wait;
}

static void *work(void *arg)
{
    struct thread *t = arg;
    struct sv_folder *f;
    t->searcher.memory = t->pool->memory;
    t->searcher.credentials = t->pool->in->credentials;
    while ((f = sv_folders_pop(&t->pool->stack))) {
        sv_watch_at(t->watch, f->path);
        if (f->file)
            single_file(t, f->path);
        else
            folder(t, f);
        free(f);
        sv_folders_done(&t->pool->stack);
        if (t->helpers && (t->helpers->jobs || is_large(&t->searcher.found)) &&
            start(t->helpers, t->pool))
            t->helpers = NULL;
    }
    return NULL;
}

/* ---- where to begin ---- */

/* A folder, what is below it, and then its siblings: app, app/x, app.sql. */
static int by_folder(const void *x, const void *y)
{
    const char *a = *(const char *const *)x, *b = *(const char *const *)y;
    while (*a && *a == *b)
        a++, b++;
    if (*a && *b && (*a == '/' || *b == '/'))
        return *a == '/' ? -1 : 1;
    return (unsigned char)*a - (unsigned char)*b;
}

/* The folders and files that were asked for, links resolved, without those inside of another. */
static void begin(struct thread *t, const struct sv_secret_scan *in, struct sv_arena *a)
{
    SV_VEC(const char *) tops = {0};
    for (size_t i = 0; i < in->n_paths; i++) {
        const char *real;
        int rc = sv_fs_realpath(t->fs, a, in->paths[i], &real);
        if (rc == 0)
            sv_vec_push(a, &tops, real);
        else if (rc != -ENOENT)
            skip(t, in->paths[i], strerror(-rc));
    }
    if (tops.n)
        qsort(tops.v, tops.n, sizeof *tops.v, by_folder);
    const char *last = NULL;
    sv_vec_each(top, &tops)
    {
        struct stat st;
        if (last && sv_path_below(*top, last))
            continue;
        last = *top;
        bool file = sv_fs_stat(t->fs, *top, &st) == 0 && S_ISREG(st.st_mode);
        if (!t->pool->ahead || strcmp(*top, t->pool->ahead) != 0)
            sv_folders_push(&t->pool->stack, *top, 0, file);
    }
}

/* ---- the end ---- */

static int by_place(const void *x, const void *y)
{
    const struct sv_secret_place *a = x, *b = y;
    int order = strcmp(a->path, b->path);
    if (order == 0)
        order = strcmp(a->member ? a->member : "", b->member ? b->member : "");
    if (order)
        return order;
    return a->offset != b->offset ? (a->offset < b->offset ? -1 : 1)
                                  : strcmp(a->rule->id, b->rule->id);
}

static int by_path(const void *x, const void *y)
{
    return strcmp(((const struct sv_secret_skip *)x)->path,
                  ((const struct sv_secret_skip *)y)->path);
}

static int by_setid_path(const void *x, const void *y)
{
    return strcmp(((const struct sv_setid_file *)x)->path, ((const struct sv_setid_file *)y)->path);
}

static void merge(const struct sv_secret_found *from, struct sv_arena *a,
                  struct sv_secret_found *ret)
{
    const char *last = NULL, *kept = NULL, *last_member = NULL, *member = NULL;
    ret->files += from->files;
    ret->bytes += from->bytes;
    ret->irrelevant += from->irrelevant;
    sv_vec_each(p, &from->list)
    {
        if (p->path != last)
            kept = sv_arena_strdup(a, last = p->path);
        if (p->member && p->member != last_member)
            member = sv_arena_strdup(a, last_member = p->member);
        struct sv_secret_place copy = *p;
        copy.path = kept;
        copy.member = p->member ? member : NULL;
        copy.via = p->via ? sv_arena_strdup(a, p->via) : NULL;
        copy.redacted = sv_arena_strdup(a, p->redacted);
        copy.name = p->name ? sv_arena_strdup(a, p->name) : NULL;
        copy.id = sv_arena_strdup(a, p->id);
        sv_vec_push(a, &ret->list, copy);
    }
    sv_vec_each(f, &from->setid)
    {
        struct sv_setid_file copy = *f;
        copy.path = sv_arena_strdup(a, f->path);
        sv_vec_push(a, &ret->setid, copy);
    }
    sv_vec_each(s, &from->skipped)
    {
        sv_vec_push(a, &ret->skipped,
                    (struct sv_secret_skip){sv_arena_strdup(a, s->path),
                                            sv_arena_strdup(a, s->reason)});
    }
}

/* Names are shown: what the search knows as a secret anywhere is none. */
static void forget_names(struct sv_secret_found *found)
{
    struct sv_arena a = {0};
    struct sv_map ids = {0};
    sv_vec_each(p, &found->list)
    {
        *sv_map_at(&a, &ids, sv_slice_of(p->id)) = 1;
    }
    sv_vec_each(named, &found->list)
    {
        if (named->name &&
            sv_map_find(&ids, sv_slice_of(sv_secret_id(&a, sv_slice_of(named->name)))))
            named->name = NULL;
    }
    sv_arena_clear(&a);
}

static unsigned processors(unsigned wanted)
{
    long n = wanted ? (long)wanted : sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? 1 : n > SV_MAX_JOBS ? SV_MAX_JOBS : (unsigned)n;
}

struct sv_searchers *sv_searchers_new(struct sv_fs *fs, const char *root, unsigned jobs)
{
    struct sv_searchers *s = calloc(1, sizeof *s);
    if (!s)
        abort();
    s->fs = fs;
    s->root = root;
    s->jobs = jobs;
    s->n = processors(jobs);
    pthread_mutex_init(&s->memory, NULL);
    return s;
}

static void open_pool(struct pool *p, struct sv_searchers *all, const struct sv_secret_scan *in)
{
    *p = (struct pool){.in = in, .memory = &all->memory};
    sv_folders_open(&p->stack);
}

static void *work_ahead(void *arg)
{
    struct sv_searchers *all = arg;
    struct sv_err err;
    /* Without it what was put on the stack is left to the thread that goes on. */
    if (make_ready(all, &all->ahead_thread, &err) == 0)
        work(&all->ahead_thread);
    pthread_mutex_lock(&all->ahead.stack.lock);
    all->ahead_over = true;
    pthread_mutex_unlock(&all->ahead.stack.lock);
    return NULL;
}

void sv_scan_ahead(struct sv_searchers *all, const char *path)
{
    struct sv_arena a = {0};
    struct stat st;
    const char *real;
    struct thread *t = &all->ahead_thread;
    if (all->n > 1 && sv_fs_realpath(all->fs, &a, path, &real) == 0 &&
        sv_fs_stat(all->fs, real, &st) == 0 && S_ISDIR(st.st_mode)) {
        open_pool(&all->ahead, all, &all->ahead_in);
        t->pool = &all->ahead;
        sv_folders_push(&t->pool->stack, real, 0, false);
        all->ahead.ahead = strdup(real);
        if (!all->ahead.ahead)
            abort();
        t->started = pthread_create(&t->id, NULL, work_ahead, all) == 0;
    }
    sv_arena_clear(&a);
}

/* Waits for it, and takes what it found. */
static void join(struct thread *t, struct sv_arena *a, struct sv_secret_found *ret)
{
    if (t->started)
        pthread_join(t->id, NULL);
    if (t->fs) {
        merge(&t->searcher.found, a, ret);
        sv_searcher_reset(&t->searcher);
    }
    t->started = false;
    t->pool = NULL;
}

/* Of a search that nobody went on with, only the folder that is being searched is still done. */
static void end_ahead(struct sv_searchers *all)
{
    struct pool *p = &all->ahead;
    if (!p->ahead)
        return;
    sv_folders_stop(&p->stack);
    if (all->ahead_thread.started)
        pthread_join(all->ahead_thread.id, NULL);
    all->ahead_thread.started = false;
    sv_folders_close(&p->stack);
    free((char *)(uintptr_t)p->ahead);
    p->ahead = NULL;
}

static void close_thread(struct sv_searchers *all, struct thread *t)
{
    if (!t->fs)
        return;
    sv_searcher_close(&t->searcher);
    if (t->fs != all->fs)
        sv_fs_free(t->fs);
}

void sv_searchers_free(struct sv_searchers *s)
{
    if (!s)
        return;
    end_ahead(s);
    close_thread(s, &s->ahead_thread);
    for (unsigned i = 0; i < s->n; i++)
        close_thread(s, &s->list[i]);
    pthread_mutex_destroy(&s->memory);
    free(s);
}

int sv_scan_secrets(const struct sv_secret_scan *in, struct sv_arena *a,
                    struct sv_secret_found *ret, struct sv_err *err)
{
    struct sv_searchers *all = in->searchers;
    struct thread *first = &all->list[0];
    bool ahead = in->ahead && all->ahead.ahead;
    struct pool own, *pool = ahead ? &all->ahead : &own;
    assert(!in->ahead || !in->credentials);
    int rc = make_ready(all, first, err);
    if (rc < 0)
        return rc;
    if (!ahead)
        open_pool(&own, all, in);
    first->pool = pool;
    first->watch = in->watch;
    first->helpers = all;
    begin(first, in, a);
    if (all->jobs && start(all, pool))
        first->helpers = NULL;
    work(first);
    for (unsigned i = 0; i < all->n; i++)
        join(&all->list[i], a, ret);
    if (ahead) {
        join(&all->ahead_thread, a, ret);
        end_ahead(all);
    } else {
        sv_folders_close(&own.stack);
    }
    if (ret->list.n)
        qsort(ret->list.v, ret->list.n, sizeof *ret->list.v, by_place);
    forget_names(ret);
    sv_mark_packaged(first->fs, a, ret);
    sv_name_git_objects(first->fs, a, ret);
    if (ret->setid.n)
        qsort(ret->setid.v, ret->setid.n, sizeof *ret->setid.v, by_setid_path);
    if (ret->skipped.n)
        qsort(ret->skipped.v, ret->skipped.n, sizeof *ret->skipped.v, by_path);
    return 0;
}
