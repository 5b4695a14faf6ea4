// SPDX-License-Identifier: Apache-2.0
// The threads that search folders: a stack of folders, each taken by one thread with its files.
#include "scan/secrets.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/limits.h"
#include "scan/packaged.h"
#include "scan/secrets_file.h"
#include "secrets/redact.h"

struct folder {
    struct folder *next;
    unsigned depth;
    bool file; /* a file that was asked for by name */
    char path[];
};

struct pool {
    const struct sv_secret_scan *in;
    pthread_mutex_t lock;
    pthread_mutex_t *memory; /* one thread at a time unpacks what needs much */
    pthread_cond_t wake;
    const char *ahead; /* a folder that a thread of its own searches already; or NULL */
    struct folder *stack;
    unsigned busy;       /* threads with a folder, which may bring more */
    uint64_t folders;
};

struct thread {
    pthread_t id;
    bool started;
    struct pool *pool;
    struct sv_fs *fs; /* NULL: not used so far, and the searcher neither */
    struct sv_watch *watch; /* of the first thread alone */
    struct sv_searchers *helpers; /* the same: those to start once there is enough to do */
    struct sv_searcher searcher;
};

struct sv_searchers {
    struct sv_fs *fs; /* the first thread's, which is the caller's own */
    const char *root;
    unsigned jobs, n; /* threads at most */
    pthread_mutex_t memory;
    struct sv_secret_scan ahead_in;
    struct pool ahead; /* begun by sv_scan_ahead(), if its folder is not NULL */
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

/* ---- the stack ---- */

static void push(struct pool *p, const char *path, unsigned depth, bool file)
{
    size_t n = strlen(path) + 1;
    struct folder *f = malloc(sizeof *f + n);
    if (!f)
        abort(); /* as an arena does: an audit that skips a part in silence would be worse */
    f->depth = depth;
    f->file = file;
    memcpy(f->path, path, n);
    pthread_mutex_lock(&p->lock);
    f->next = p->stack;
    p->stack = f;
    p->folders++;
    pthread_cond_signal(&p->wake);
    pthread_mutex_unlock(&p->lock);
}

/* The next folder; NULL when none is left and nobody can bring one. */
static struct folder *pop(struct pool *p)
{
    pthread_mutex_lock(&p->lock);
    while (!p->stack && p->busy)
        pthread_cond_wait(&p->wake, &p->lock);
    struct folder *f = p->stack;
    if (f) {
        p->stack = f->next;
        p->busy++;
    } else {
        pthread_cond_broadcast(&p->wake);
    }
    pthread_mutex_unlock(&p->lock);
    return f;
}

static void done(struct pool *p)
{
    pthread_mutex_lock(&p->lock);
    if (--p->busy == 0 && !p->stack)
        pthread_cond_broadcast(&p->wake);
    pthread_mutex_unlock(&p->lock);
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

static void entry(struct thread *t, int dir, const struct folder *f, const struct sv_dirent *e,
                  const char *path)
{
    if (e->type == DT_REG)
        sv_search_entry(&t->searcher, dir, e->name, path, true);
    else if (e->type == DT_DIR && f->depth >= SV_MAX_WALK_DEPTH)
        skip(t, path, "nested too deeply");
    else if (e->type == DT_DIR && !pseudo(path) &&
             !(t->pool->ahead && strcmp(path, t->pool->ahead) == 0))
        push(t->pool, path, f->depth + 1, false);
}

static void folder(struct thread *t, const struct folder *f)
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

/* All but the first one, which is at work; one that cannot be started is done without. */
static void start(struct sv_searchers *all, struct pool *pool)
{
    struct sv_err err;
    for (unsigned i = 1; i < all->n; i++) {
        struct thread *t = &all->list[i];
        if (t->started)
            continue;
        t->pool = pool;
        t->started = make_ready(all, t, &err) == 0 && pthread_create(&t->id, NULL, work, t) == 0;
    }
}

static void *work(void *arg)
{
    struct thread *t = arg;
    struct folder *f;
    t->searcher.memory = t->pool->memory;
    t->searcher.credentials = t->pool->in->credentials;
    while ((f = pop(t->pool))) {
        sv_watch_at(t->watch, f->path);
        if (f->file)
            single_file(t, f->path);
        else
            folder(t, f);
        free(f);
        done(t->pool);
        if (t->helpers && is_large(&t->searcher.found)) {
            start(t->helpers, t->pool);
            t->helpers = NULL;
        }
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
            push(t->pool, *top, 0, file);
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
    s->memory = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
    return s;
}

static struct pool new_pool(struct sv_searchers *all, const struct sv_secret_scan *in)
{
    return (struct pool){.in = in, .lock = PTHREAD_MUTEX_INITIALIZER, .memory = &all->memory,
                         .wake = PTHREAD_COND_INITIALIZER};
}

static struct folder *take(struct pool *p)
{
    pthread_mutex_lock(&p->lock);
    struct folder *f = p->stack;
    if (f)
        p->stack = f->next;
    pthread_mutex_unlock(&p->lock);
    return f;
}

static void *work_ahead(void *arg)
{
    struct sv_searchers *all = arg;
    struct sv_err err;
    /* Without it what was put on the stack is left to the thread that goes on. */
    return make_ready(all, &all->list[1], &err) == 0 ? work(&all->list[1]) : NULL;
}

void sv_scan_ahead(struct sv_searchers *all, const char *path)
{
    struct sv_arena a = {0};
    struct stat st;
    const char *real;
    struct thread *t = &all->list[1];
    if (all->n > 1 && sv_fs_realpath(all->fs, &a, path, &real) == 0 &&
        sv_fs_stat(all->fs, real, &st) == 0 && S_ISDIR(st.st_mode)) {
        all->ahead = new_pool(all, &all->ahead_in);
        t->pool = &all->ahead;
        push(t->pool, real, 0, false);
        all->ahead.ahead = strdup(real);
        if (!all->ahead.ahead)
            abort();
        t->started = pthread_create(&t->id, NULL, work_ahead, all) == 0;
    }
    sv_arena_clear(&a);
}

/* Of a search that nobody went on with: what is left of it is not done. */
static void end_ahead(struct sv_searchers *all)
{
    struct folder *f;
    while (all->ahead.ahead && (f = take(&all->ahead)))
        free(f);
    if (all->ahead.ahead && all->list[1].started)
        pthread_join(all->list[1].id, NULL);
    free((char *)(uintptr_t)all->ahead.ahead);
    all->ahead.ahead = NULL;
    all->list[1].started = false;
}

void sv_searchers_free(struct sv_searchers *s)
{
    if (s)
        end_ahead(s);
    for (unsigned i = 0; s && i < s->n; i++) {
        if (!s->list[i].fs)
            continue;
        sv_searcher_close(&s->list[i].searcher);
        if (i > 0)
            sv_fs_free(s->list[i].fs);
    }
    free(s);
}

int sv_scan_secrets(const struct sv_secret_scan *in, struct sv_arena *a,
                    struct sv_secret_found *ret, struct sv_err *err)
{
    struct sv_searchers *all = in->searchers;
    struct thread *first = &all->list[0];
    struct pool own = new_pool(all, in), *pool = in->ahead && all->ahead.ahead ? &all->ahead : &own;
    int rc = make_ready(all, first, err);
    if (rc < 0)
        return rc;
    first->pool = pool;
    first->watch = in->watch;
    first->helpers = all->jobs ? NULL : all;
    begin(first, in, a);
    if (all->jobs)
        start(all, pool);
    work(first);
    for (unsigned i = 0; i < all->n; i++) {
        struct thread *t = &all->list[i];
        if (t->pool != pool)
            continue;
        if (t->started)
            pthread_join(t->id, NULL);
        if (t->started || t == first) {
            merge(&t->searcher.found, a, ret);
            sv_searcher_reset(&t->searcher);
        }
        t->started = false;
    }
    if (pool == &all->ahead)
        end_ahead(all);
    if (ret->list.n)
        qsort(ret->list.v, ret->list.n, sizeof *ret->list.v, by_place);
    forget_names(ret);
    sv_mark_packaged(first->fs, a, ret);
    if (ret->setid.n)
        qsort(ret->setid.v, ret->setid.n, sizeof *ret->setid.v, by_setid_path);
    if (ret->skipped.n)
        qsort(ret->skipped.v, ret->skipped.n, sizeof *ret->skipped.v, by_path);
    return 0;
}
