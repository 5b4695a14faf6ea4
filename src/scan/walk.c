// SPDX-License-Identifier: Apache-2.0
// The walk below the served folders.
#include "scan/walk.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>

#include "base/buf.h"
#include "base/limits.h"
#include "scan/host_walk.h"
#include "scan/rows.h"
#include "serve/memo.h"

enum { SEEN_SLOTS = 1 << 14 };

struct seen {
    struct seen *next;
    dev_t dev;
    ino_t ino;
};

struct walker {
    const struct sv_site *site;
    struct sv_arena *a;
    struct sv_files *ret;
    struct sv_host_names hosts; /* of the virtual hosts: shop.example.com.tar.gz */
    struct seen *seen[SEEN_SLOTS];
    size_t links;        /* to files */
    struct sv_map glued; /* aliases whose siblings were looked at */
    const char *beside;  /* the folder of the last of them, and what is in it */
    struct sv_dirents beside_entries;
    struct sv_arena beside_arena;
};

static void skip(struct walker *w, const char *path, const char *reason)
{
    sv_vec_push(w->a, &w->ret->skipped,
                (struct sv_walk_skip){sv_fs_outside(w->site->fs, w->a, path), reason});
}

/* True the first time. */
static bool enter(struct walker *w, const struct stat *st)
{
    size_t h = (size_t)(st->st_ino ^ st->st_dev) % SEEN_SLOTS;
    for (const struct seen *s = w->seen[h]; s; s = s->next)
        if (s->dev == st->st_dev && s->ino == st->st_ino)
            return false;
    struct seen *s = sv_new(w->a, struct seen);
    *s = (struct seen){w->seen[h], st->st_dev, st->st_ino};
    w->seen[h] = s;
    return true;
}

static void look(struct walker *w, const char *path, const char *sub, const struct stat *st,
                 const struct sv_file_row *row)
{
    struct sv_file *f = sv_new(w->a, struct sv_file);
    struct sv_slice head;
    f->path = sv_fs_outside(w->site->fs, w->a, path);
    f->st = *st;
    f->row = row;
    bool truncated = false;
    int rc = sv_fs_read(w->site->fs, w->a, path, SV_MAX_CONTENT_HEAD, &head, &truncated);
    if (rc < 0) {
        if (rc != -ENOENT)
            skip(w, path, strerror(-rc));
        return;
    }
    w->ret->bytes += head.n;
    sv_confirm_content(w->a, f, head, truncated);
    while (f->confirm == SV_CONFIRM_NO && (row = sv_row_after(row, sv_slice_of(sub), &w->hosts))) {
        f->row = row;
        sv_confirm_content(w->a, f, head, truncated);
    }
    if (f->unread)
        skip(w, path, f->unread);
    if (f->confirm != SV_CONFIRM_NO)
        sv_vec_push(w->a, &w->ret->list, f);
}

/* Third-party trees whose insides are noise: their sensitive entry points are named in the rows. */
static bool no_descent(const char *name, const char *parent)
{
    return strcmp(name, "node_modules") == 0 || strcmp(name, ".venv") == 0 ||
           strcmp(name, "venv") == 0 || strcmp(name, "__pycache__") == 0 ||
           (strcmp(name, "objects") == 0 && strcmp(parent, ".git") == 0);
}

static bool too_broad(const char *dir)
{
    static const char *const system[] = {"/",    "/etc",  "/usr",  "/proc", "/sys", "/dev",
                                         "/var", "/home", "/root", "/boot", "/run", "/lib"};
    for (size_t i = 0; i < sizeof system / sizeof *system; i++)
        if (strcmp(dir, system[i]) == 0)
            return true;
    return sv_path_below(dir, "/proc") || sv_path_below(dir, "/sys") || sv_path_below(dir, "/dev");
}

/* A link to / or /etc is not walked either; whether it is served is for a check to say. */
static bool leads_to_system(struct walker *w, const char *path)
{
    const char *real;
    return sv_fs_realpath(w->site->fs, w->a, path, &real) == 0 && too_broad(real);
}

/* A link to a file: what it leads to is searched as the served files are, and has its URLs. */
static void linked_file(struct walker *w, const char *path)
{
    const char *real;
    if (w->links++ == SV_MAX_WALK_LINKS)
        skip(w, path, "too many links to files: what the others lead to is not searched");
    if (w->links > SV_MAX_WALK_LINKS || sv_fs_realpath(w->site->fs, w->a, path, &real) < 0)
        return;
    const char *outside = sv_fs_outside(w->site->fs, w->a, real);
    if (too_broad(real) || too_broad(outside))
        return; /* of the kernel */
    sv_site_add_file_link(w->site, path, real);
    sv_vec_push(w->a, &w->ret->folders, outside);
}

/* A folder on the walk, and which of its files may stand for others. */
struct place {
    const char *dir, *rel; /* path; the same below the served folder, "" at its top */
    unsigned depth;
    bool shallow;                  /* its folders are not entered */
    bool script;                   /* a script that stands for all was seen */
    const struct sv_file_row *row; /* of the folder itself, until its first file took it */
};

static void folder(struct walker *w, struct place *p);

/* What this name is: a row of its own, the folder's, or that of scripts. */
static const struct sv_file_row *row_of(struct walker *w, struct place *p, const char *name,
                                        const char *sub)
{
    const struct sv_file_row *row = sv_row_for(sv_slice_of(sub), &w->hosts);
    if (row)
        return row;
    if (p->row) {
        row = p->row;
        p->row = NULL;
        return row;
    }
    if (!p->script)
        row = sv_row_for_script(sv_slice_of(name));
    p->script |= row != NULL;
    return row;
}

static void inner_folder(struct walker *w, struct place *p, const char *name, const char *path,
                         const char *sub)
{
    struct place inner = {.dir = path, .rel = sub, .depth = p->depth + 1,
                          .shallow = no_descent(name, sv_path_base(p->dir)),
                          .row = sv_row_for_folder(sv_slice_of(sub))};
    bool lent = !inner.row && p->row; /* .ssh/keys/a: the first file of any level stands for .ssh */
    if (lent)
        inner.row = p->row;
    folder(w, &inner);
    if (lent)
        p->row = inner.row;
}

/* In a container, what its mounts bring into the folder lies elsewhere. */
static void add_folder(struct walker *w, const char *dir)
{
    struct sv_paths more = {0};
    if (!sv_fs_is_view(w->site->fs) || sv_fs_mount_of(w->site->fs, dir) >= 0)
        sv_vec_push(w->a, &w->ret->folders, sv_fs_outside(w->site->fs, w->a, dir));
    sv_fs_mounted_below(w->site->fs, w->a, dir, &more);
    sv_vec_each(path, &more.list)
    {
        sv_vec_push(w->a, &w->ret->folders, *path);
    }
}

static void entry(struct walker *w, struct place *p, const struct sv_dirent *e)
{
    struct stat st;
    bool link = e->type == DT_LNK;
    const char *sub = sv_arena_printf(w->a, "%s%s%s", p->rel, *p->rel ? "/" : "", e->name);
    const struct sv_file_row *row = e->type == DT_DIR ? NULL : row_of(w, p, e->name, sub);
    bool script = e->type != DT_DIR && (!row || row->category == SV_CAT_SCRIPT) &&
                  sv_row_for_script(sv_slice_of(e->name));
    w->ret->seen++;
    if (!row && !script && (e->type == DT_DIR ? p->shallow : !link))
        return;
    const char *path =
        sv_arena_printf(w->a, "%s/%s", strcmp(p->dir, "/") == 0 ? "" : p->dir, e->name);
    int rc = sv_fs_stat(w->site->fs, path, &st);
    if (rc < 0) {
        if (rc != -ENOENT && rc != -ELOOP)
            skip(w, path, strerror(-rc));
        return;
    }
    if (S_ISREG(st.st_mode) && row)
        look(w, path, sub, &st, row);
    if (script && sv_row_for_small_script(&st))
        look(w, path, sub, &st, sv_row_for_small_script(&st));
    if (S_ISREG(st.st_mode) && link)
        linked_file(w, path);
    if (!S_ISDIR(st.st_mode) || p->shallow)
        return;
    if (link && leads_to_system(w, path))
        skip(w, path, "a link to a system folder; what lies behind it is not searched");
    else if (enter(w, &st)) {
        if (link)
            add_folder(w, path);
        inner_folder(w, p, e->name, path, sub);
    }
}

static void folder(struct walker *w, struct place *p)
{
    struct sv_dirents entries = {0};
    if (p->depth > SV_MAX_WALK_DEPTH || strlen(p->dir) > SV_MAX_PATH - 300) {
        skip(w, p->dir, "nested too deeply");
        return;
    }
    if (w->ret->seen > SV_MAX_WALK_FILES) {
        skip(w, p->dir, "too many files");
        return;
    }
    sv_watch_at(w->ret->watch, p->dir);
    int rc = sv_fs_list(w->site->fs, w->a, p->dir, &entries);
    if (rc < 0 && !sv_fs_is_absent(rc))
        skip(w, p->dir, strerror(-rc));
    sv_vec_each(e, &entries.list)
    {
        entry(w, p, e);
    }
}

/* Bytes of the path up to and with "/.git/", 0 if it is in no repository. */
static size_t repository(const struct sv_file *f)
{
    const char *git = strstr(f->path, "/.git/");
    return git ? (size_t)(git - f->path) + 6 : 0;
}

/* The walk lists the files of a folder one after the other. */
static void join_repositories(struct walker *w)
{
    struct sv_repository *last = NULL;
    sv_vec_each(f, &w->ret->list)
    {
        size_t n = repository(*f);
        if (n == 0)
            continue;
        if (!last || strncmp(last->files.v[0]->path, (*f)->path, n) != 0)
            last = sv_new(w->a, struct sv_repository);
        sv_vec_push(w->a, &last->files, *f);
        (*f)->repository = last;
    }
}

/* A folder that is served as it is. */
static void served_folder(struct walker *w, const char *dir)
{
    struct stat st;
    const char *real;
    int rc = sv_fs_realpath(w->site->fs, w->a, dir, &real);
    if (rc == 0)
        rc = sv_fs_stat(w->site->fs, dir, &st);
    if (rc == -ENOENT)
        return; /* nothing is there, so nothing is served */
    if (rc < 0)
        skip(w, dir, strerror(-rc));
    else if (too_broad(real) || too_broad(sv_fs_outside(w->site->fs, w->a, real)))
        skip(w, dir, "a system folder that is served as a whole is not searched file by file");
    else if (S_ISDIR(st.st_mode) && enter(w, &st)) {
        add_folder(w, dir);
        folder(w, &(struct place){.dir = dir, .rel = ""});
    }
}

/* One folder may hold the folders of thousands of aliases. */
static const struct sv_dirents *entries_beside(struct walker *w, const char *dir)
{
    if (w->beside && strcmp(w->beside, dir) == 0)
        return &w->beside_entries;
    sv_arena_clear(&w->beside_arena);
    w->beside = dir;
    w->beside_entries = (struct sv_dirents){0};
    (void)sv_fs_list(w->site->fs, &w->beside_arena, dir, &w->beside_entries);
    return &w->beside_entries;
}

/* The names that begin as the alias's folder does: once, however many locations have that alias. */
static void siblings(struct walker *w, const struct sv_alias_gap *gap)
{
    struct place above = {.dir = gap->above, .rel = ""};
    const char *key = sv_path_join(w->a, gap->above, gap->begins);
    size_t n = strlen(gap->begins), from = 0, to;
    if ((*sv_map_at(w->a, &w->glued, sv_slice_of(key)))++)
        return;
    const struct sv_dirents *entries = entries_beside(w, gap->above);
    for (to = entries->list.n; from < to;) {
        size_t mid = from + (to - from) / 2;
        if (strcmp(entries->list.v[mid].name, gap->begins) <= 0)
            from = mid + 1;
        else
            to = mid;
    }
    for (; from < entries->list.n; from++) {
        const struct sv_dirent *e = &entries->list.v[from];
        struct stat st;
        if (strncmp(e->name, gap->begins, n) != 0)
            break;
        const char *path = sv_path_join(w->a, gap->above, e->name);
        bool file = sv_fs_stat(w->site->fs, path, &st) == 0 && S_ISREG(st.st_mode);
        if (file && e->type == DT_REG)
            sv_vec_push(w->a, &w->ret->folders, sv_fs_outside(w->site->fs, w->a, path));
        if (file)
            entry(w, &above, e);
        else
            served_folder(w, path);
    }
}

/* What lies beside an alias's folder and has URLs all the same. */
static void beside_alias(struct walker *w, const struct sv_mapping *m)
{
    const struct sv_alias_gap *gap = sv_alias_gap(w->site, m);
    if (!gap || (w->site->worker_known &&
                 sv_access_check(w->site->fs, w->a, &w->site->worker, gap->above,
                                 SV_RIGHT_SEARCH).access == SV_ACCESS_NO))
        return;
    const char *outside = sv_fs_outside(w->site->fs, w->a, gap->above);
    if (!gap->begins[0] && sv_is_system_path(outside) && !sv_path_below(outside, "/etc"))
        skip(w, gap->above, "the folder of a package's, which an alias opens, is not searched file by file");
    else if (!gap->begins[0])
        served_folder(w, gap->above);
    if (gap->begins[0])
        siblings(w, gap);
}

/* /home/$1/public_html$2: of a system folder, only what the rest of the path lets through. */
static void folders_of_variable(struct walker *w, const struct sv_mapping *m)
{
    struct sv_slice value = m->value;
    const char *text = sv_site_path(w->site, w->a, value);
    struct sv_paths found = {0};
    _cleanup_buf_ struct sv_buf pattern = {0};
    for (size_t i = 0; text[i];) {
        sv_buf_addc(&pattern, text[i] == '$' ? '*' : text[i]);
        if (text[i++] == '$') {
            bool braces = text[i] == '{';
            i += braces;
            while (isalnum((unsigned char)text[i]) || text[i] == '_')
                i++;
            i += braces && text[i] == '}';
        }
    }
    if (sv_fs_glob(w->site->fs, w->a, pattern.p, &found) < 0)
        skip(w, sv_arena_copy(w->a, sv_buf_slice(&pattern)).p,
             "which folders a variable in a root or alias leads to is not known: too many");
    sv_vec_each(path, &found.list)
    {
        served_folder(w, *path);
    }
}

void sv_scan_served(const struct sv_site *site, struct sv_arena *a, struct sv_files *ret)
{
    struct walker *w = sv_new(a, struct walker);
    *w = (struct walker){.site = site, .a = a, .ret = ret};
    sv_vec_each(v, &site->vhosts)
    {
        sv_vec_each(n, &(*v)->names)
        {
            if (!n->regex && n->text.n)
                sv_vec_push(a, &w->hosts.list, n->text);
        }
    }
    const char *last = NULL;
    sv_vec_each(m, &sv_site_mappings(site)->list)
    {
        if (!m->exact && too_broad(m->dir) && strcmp(m->dir, "/") != 0) {
            folders_of_variable(w, m);
            continue;
        }
        if (last && strcmp(last, m->dir) == 0)
            continue; /* many locations repeat their server's root */
        last = m->dir;
        served_folder(w, m->dir);
    }
    sv_vec_each(m, &sv_site_mappings(site)->list)
    {
        beside_alias(w, m);
    }
    sv_arena_clear(&w->beside_arena);
    join_repositories(w);
}
