// SPDX-License-Identifier: Apache-2.0
// Compares files that hold secrets with the sums that dpkg keeps of what packages ship.
#include "scan/packaged.h"

#include <errno.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/map.h"
#include "base/md5.h"

#define DPKG "/var/lib/dpkg"

/* A file with secrets: its places are next to each other in the list. */
struct candidate {
    struct sv_secret_place *places;
    size_t n;
    char md5[SV_MD5_HEX]; /* empty: not read so far */
};

struct reading {
    struct sv_fs *fs;
    struct sv_arena *a;
    struct candidate *candidates; /* the map's value k is candidates[k - 1] */
    struct sv_map paths;
    bool lengths[SV_MAX_PATH]; /* of the paths: most that packages ship are of another */
    struct stat top; /* of "/" */
    off_t read;      /* bytes of lists */
};

static bool read_sum(struct sv_fs *fs, const char *path, char ret_hex[SV_MD5_HEX])
{
    char buffer[16 << 10];
    struct stat st;
    struct sv_md5 sum;
    ssize_t n;
    int fd = sv_fs_open(fs, path, &st);
    if (fd < 0)
        return false;
    sv_md5_start(&sum);
    bool small = st.st_size <= SV_MAX_PACKAGED_FILE;
    do {
        n = small ? read(fd, buffer, sizeof buffer) : 0;
        if (n > 0)
            sv_md5_add(&sum, (struct sv_slice){buffer, (size_t)n});
    } while (n > 0 && sum.n <= SV_MAX_PACKAGED_FILE);
    close(fd);
    sv_md5_hex(&sum, ret_hex);
    return small && n == 0;
}

/* A package says that the file at `path` has this sum. */
static void compare(struct reading *r, struct sv_slice path, struct sv_slice sum,
                    struct sv_slice package)
{
    uint32_t k = path.n < SV_MAX_PATH && r->lengths[path.n] ? sv_map_find(&r->paths, path) : 0;
    struct candidate *c = k ? &r->candidates[k - 1] : NULL;
    if (!c || c->places->package)
        return;
    if (!c->md5[0] && !read_sum(r->fs, c->places->path, c->md5))
        memcpy(c->md5, "-", 2); /* no sum */
    if (!sv_slice_is(sum, c->md5))
        return;
    const char *name = sv_arena_copy(r->a, package).p;
    for (size_t i = 0; i < c->n; i++) {
        c->places[i].package = name;
        c->places[i].weak = true;
    }
}

/* "lib/x" of a package lies in /usr/lib/x where /lib is a link. */
static void compare_both(struct reading *r, struct sv_slice path, struct sv_slice sum,
                         struct sv_slice package)
{
    char usr[SV_MAX_PATH];
    compare(r, path, sum, package);
    if (!sv_slice_starts(path, "/lib") && !sv_slice_starts(path, "/bin/") &&
        !sv_slice_starts(path, "/sbin/"))
        return;
    int n = snprintf(usr, sizeof usr, "/usr%.*s", (int)path.n, path.p);
    if (n > 0 && (size_t)n < sizeof usr)
        compare(r, sv_slice_of(usr), sum, package);
}

static struct sv_slice next_line(struct sv_slice *rest)
{
    size_t end = sv_slice_chr(*rest, '\n');
    struct sv_slice line = sv_slice_sub(*rest, 0, end);
    *rest = sv_slice_sub(*rest, end + 1, rest->n);
    return line;
}

/* info/PACKAGE.md5sums: "SUM  usr/share/x", without a slash in front. */
static void read_md5sums(struct reading *r, struct sv_slice text, struct sv_slice package)
{
    char path[SV_MAX_PATH];
    while (text.n) {
        struct sv_slice line = next_line(&text);
        if (line.n < SV_MD5_HEX + 2 || line.n - SV_MD5_HEX >= sizeof path)
            continue;
        struct sv_slice name = sv_slice_sub(line, SV_MD5_HEX, line.n);
        memcpy(path, name.p, name.n);
        path[0] = '/'; /* over the second blank */
        compare_both(r, (struct sv_slice){path, name.n}, sv_slice_sub(line, 0, SV_MD5_HEX - 1),
                     package);
    }
}

/* The paragraphs of `status`: below "Conffiles:" a line each, " /etc/x SUM". */
static void read_status(struct reading *r, struct sv_slice text)
{
    struct sv_slice package = SV_LIT("");
    bool conffiles = false;
    while (text.n) {
        struct sv_slice line = next_line(&text);
        if (sv_slice_starts(line, " /") && conffiles) {
            struct sv_slice path = sv_slice_sub(line, 1, line.n);
            struct sv_slice rest = path;
            path.n = sv_slice_chr(path, ' ');
            rest = sv_slice_sub(rest, path.n + 1, rest.n);
            compare_both(r, path, sv_slice_sub(rest, 0, sv_slice_chr(rest, ' ')), package);
            continue;
        }
        conffiles = sv_slice_is(line, "Conffiles:");
        if (sv_slice_starts(line, "Package: "))
            package = sv_slice_trim(sv_slice_sub(line, 9, line.n));
    }
}

/* What dpkg keeps belongs to whom the system belongs to, and others do not write it. */
static bool read_list(struct reading *r, struct sv_arena *a, const char *path,
                      struct sv_slice *ret)
{
    struct stat st;
    if (sv_fs_stat(r->fs, path, &st) < 0 || !S_ISREG(st.st_mode) || (st.st_mode & S_IWOTH) ||
        st.st_uid != r->top.st_uid || st.st_size > SV_MAX_DPKG_TOTAL - r->read)
        return false;
    r->read += st.st_size;
    return sv_fs_read(r->fs, a, path, SV_MAX_DPKG_FILE, ret, NULL) == 0;
}

static void read_info(struct reading *r)
{
    static const char end[] = ".md5sums";
    struct sv_arena entries = {0}, one = {0};
    struct sv_dirents dir = {0};
    struct sv_slice text;
    if (sv_fs_stat(r->fs, "/", &r->top) < 0)
        return;
    if (sv_fs_list(r->fs, &entries, DPKG "/info", &dir) == 0)
        sv_vec_each(e, &dir.list)
        {
            struct sv_slice name = sv_slice_of(e->name);
            if (!sv_slice_ends(name, end))
                continue;
            name = sv_slice_sub(name, 0, name.n - (sizeof end - 1));
            const char *path = sv_arena_printf(&one, DPKG "/info/%s", e->name);
            if (read_list(r, &one, path, &text))
                read_md5sums(r, text, sv_slice_sub(name, 0, sv_slice_chr(name, ':')));
            sv_arena_clear(&one);
        }
    if (read_list(r, &one, DPKG "/status", &text))
        read_status(r, text);
    sv_arena_clear(&one);
    sv_arena_clear(&entries);
}

void sv_mark_packaged(struct sv_fs *fs, struct sv_arena *a, struct sv_secret_found *found)
{
    struct sv_arena own = {0};
    struct reading r = {.fs = fs, .a = a};
    size_t n = found->list.n, k = 0, to;
    bool any = false;
    r.candidates = sv_new_n(&own, struct candidate, n + 1);
    for (size_t from = 0; from < n; from = to) {
        struct sv_secret_place *first = &found->list.v[from];
        bool open = false; /* a place that nothing else calls an example */
        for (to = from; to < n && strcmp(found->list.v[to].path, first->path) == 0; to++)
            open |= !found->list.v[to].weak && !found->list.v[to].placeholder;
        if (!open)
            continue;
        any = true;
        r.candidates[k] = (struct candidate){.places = first, .n = to - from};
        struct sv_slice path = sv_slice_of(first->path);
        *sv_map_at(&own, &r.paths, path) = (uint32_t)++k;
        if (path.n < SV_MAX_PATH)
            r.lengths[path.n] = true;
    }
    if (any)
        read_info(&r);
    sv_arena_clear(&own);
}
