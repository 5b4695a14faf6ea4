// SPDX-License-Identifier: Apache-2.0
// What the kernel would allow a user: search on every parent, then mode or POSIX ACL (acl(5)).
#include <errno.h>
#include <stdint.h>

#include "base/identity.h"
#include "base/limits.h"

static bool in_group(const struct sv_cred *who, gid_t gid)
{
    if (who->gid == gid)
        return true;
    for (size_t i = 0; i < who->n_groups; i++)
        if (who->groups[i] == gid)
            return true;
    return false;
}

/* ---- POSIX ACLs: the xattr's layout is that of linux/posix_acl_xattr.h, little-endian ---- */

enum { ACL_VERSION = 2, ACL_HEADER = 4, ACL_ENTRY = 8 };
enum { TAG_USER_OBJ = 1, TAG_USER = 2, TAG_GROUP_OBJ = 4, TAG_GROUP = 8, TAG_MASK = 16,
       TAG_OTHER = 32 };

static uint32_t le(const unsigned char *p, unsigned n)
{
    uint32_t v = 0;
    while (n--)
        v = v << 8 | p[n];
    return v;
}

struct acl_scan {
    bool user_hit, group_hit, group_ok;
    unsigned user_perm, mask, other, owner;
};

static void acl_entry(struct acl_scan *s, const unsigned char *e, const struct sv_cred *who,
                      gid_t gid, unsigned right)
{
    unsigned perm = le(e + 2, 2);
    uint32_t id = le(e + 4, 4);
    bool group = false;
    switch (le(e, 2)) {
    case TAG_USER_OBJ:
        s->owner = perm;
        return;
    case TAG_USER:
        if (id == who->uid) {
            s->user_hit = true;
            s->user_perm = perm;
        }
        return;
    case TAG_MASK:
        s->mask = perm;
        return;
    case TAG_OTHER:
        s->other = perm;
        return;
    case TAG_GROUP_OBJ:
        group = in_group(who, gid);
        break;
    case TAG_GROUP:
        group = in_group(who, id);
        break;
    }
    s->group_hit |= group;
    s->group_ok |= group && (perm & right) == right;
}

static bool acl_allows(struct sv_slice acl, const struct stat *st, const struct sv_cred *who,
                       unsigned right)
{
    const unsigned char *p = (const unsigned char *)acl.p;
    struct acl_scan s = {.mask = 7};
    for (size_t i = ACL_HEADER; i + ACL_ENTRY <= acl.n; i += ACL_ENTRY)
        acl_entry(&s, p + i, who, st->st_gid, right);
    if (who->uid == st->st_uid)
        return (s.owner & right) == right;
    if (s.user_hit)
        return (s.user_perm & s.mask & right) == right;
    if (s.group_hit)
        return s.group_ok && (s.mask & right) == right;
    return (s.other & right) == right;
}

static bool mode_allows(const struct stat *st, const struct sv_cred *who, unsigned right)
{
    unsigned shift = who->uid == st->st_uid ? 6 : in_group(who, st->st_gid) ? 3 : 0;
    return (st->st_mode >> shift & right) == right;
}

/* The kernel asks the ACL only if the mode gives the group class, whose bits are the mask, anything
 * (acl_permission_check in fs/namei.c). */
static bool has_acl(struct sv_fs *fs, struct sv_arena *a, const char *path, const struct stat *st,
                    struct sv_slice *ret_acl)
{
    return (st->st_mode & 0070) && sv_fs_acl(fs, a, path, ret_acl) > 0 &&
           ret_acl->n >= ACL_HEADER && le((const unsigned char *)ret_acl->p, 4) == ACL_VERSION;
}

static bool allowed(struct sv_fs *fs, struct sv_arena *a, const char *path, const struct stat *st,
                    const struct sv_cred *who, unsigned right, const char **ret_why)
{
    struct sv_slice acl;
    if (right == 0 || who->uid == 0)
        return true;
    if (has_acl(fs, a, path, st, &acl)) {
        *ret_why = "POSIX ACL";
        return acl_allows(acl, st, who, right);
    }
    if (mode_allows(st, who, right))
        return true;
    *ret_why = sv_arena_printf(a, "mode %04o, owner %u:%u", (unsigned)st->st_mode & 07777,
                               (unsigned)st->st_uid, (unsigned)st->st_gid);
    return false;
}

static struct sv_access_answer no(const char *blocker, const char *why, int error)
{
    return (struct sv_access_answer){SV_ACCESS_NO, blocker, why, error, NULL};
}

/* Walks like the kernel: each folder that is passed needs search, also those behind links. */
static struct sv_access_answer walk(struct sv_fs *fs, struct sv_arena *a,
                                    const struct sv_cred *who, const char *path, unsigned right,
                                    unsigned links)
{
    const char *why = NULL;
    size_t n = strlen(path);
    if (n >= SV_MAX_PATH)
        return no(path, "path too long", ENAMETOOLONG);
    for (size_t i = 0; i <= n; i++) {
        if (path[i] != '/' && path[i] != '\0')
            continue;
        struct stat st;
        const char *part = i ? sv_arena_copy(a, (struct sv_slice){path, i}).p : "/";
        bool last = path[i + strspn(path + i, "/")] == '\0';
        int rc = sv_fs_lstat(fs, part, &st);
        if (rc < 0)
            return no(part, strerror(-rc), -rc);
        if (S_ISLNK(st.st_mode)) {
            const char *target;
            if (links >= SV_MAX_SYMLINKS)
                return no(part, "too many links", ELOOP);
            rc = sv_fs_readlink(fs, a, part, &target);
            if (rc < 0)
                return no(part, strerror(-rc), -rc);
            const char *base = sv_path_dir(a, part);
            const char *full =
                target[0] == '/' ? target : sv_arena_printf(a, "%s/%s", base, target);
            return walk(fs, a, who, sv_arena_printf(a, "%s%s", full, path + i), right, links + 1);
        }
        if (!last && !S_ISDIR(st.st_mode))
            return no(part, "not a folder", ENOTDIR);
        if (!allowed(fs, a, part, &st, who, last ? right : SV_RIGHT_SEARCH, &why))
            return no(part, why, EACCES);
        if (last)
            break;
    }
    return (struct sv_access_answer){.access = SV_ACCESS_YES};
}

/* The deepest of the mounts around the path decides, as systemd orders them. */
static const struct sv_hidden *hidden_from(struct sv_fs *fs, struct sv_arena *a,
                                           const struct sv_cred *who, const char *path,
                                           enum sv_right right)
{
    const struct sv_hidden *hit = NULL;
    const char *real;
    if (!who->view || who->view->hidden.n == 0)
        return NULL;
    if (sv_fs_realpath(fs, a, path, &real) < 0)
        real = path;
    sv_vec_each(h, &who->view->hidden)
    {
        if (sv_path_below(real, h->path) && (!hit || strlen(h->path) > strlen(hit->path)))
            hit = h;
    }
    sv_vec_each(b, &who->view->bound)
    {
        if (hit && sv_path_below(real, *b) && strlen(*b) >= strlen(hit->path))
            hit = NULL;
    }
    /* The place itself can be seen: an empty folder. */
    return hit && right == 0 && strcmp(real, hit->path) == 0 ? NULL : hit;
}

struct sv_access_answer sv_access_check(struct sv_fs *fs, struct sv_arena *a,
                                        const struct sv_cred *who, const char *path,
                                        enum sv_right right)
{
    const struct sv_hidden *h = hidden_from(fs, a, who, path, right);
    if (h)
        return (struct sv_access_answer){SV_ACCESS_NO, h->path, h->setting,
                                         who->uid == 0 ? ENOENT : h->error, h};
    return walk(fs, a, who, path, right, 0);
}

static const char any_user[] = "any local user";

bool sv_access_anyone(const char *who)
{
    return who && strcmp(who, any_user) == 0;
}

static const char network[] = "anyone on the network; on this machine ";

const char *sv_access_network(struct sv_arena *a, const char *readers)
{
    return sv_arena_printf(a, "%s%s", network, readers);
}

bool sv_access_everyone(const char *who)
{
    size_t n = sizeof network - 1;
    return who && strncmp(who, network, n) == 0 && sv_access_anyone(who + n);
}

const char *sv_access_readers(struct sv_fs *fs, struct sv_identity_db *db, struct sv_arena *a,
                              const char *path)
{
    /* A user id that nobody has stands for "any local user". */
    struct sv_cred anyone = {.user = "anyone", .uid = 0xfffffff0u, .gid = 0xfffffff0u};
    struct stat st;
    struct sv_slice acl;
    if (sv_access_check(fs, a, &anyone, path, SV_RIGHT_READ).access == SV_ACCESS_YES)
        return any_user;
    if (sv_fs_stat(fs, path, &st) < 0)
        return "unknown";
    const char *owner = sv_identity_user(db, a, st.st_uid);
    if (has_acl(fs, a, path, &st, &acl)) /* the mode's group bits are the mask then */
        return sv_arena_printf(a, "user %s and whom its POSIX ACL names", owner);
    const char *group = sv_identity_group(db, a, st.st_gid);
    const char *members = sv_identity_members(db, a, st.st_gid);
    bool group_reads = (st.st_mode & 0040) != 0 && st.st_gid != 0 && members[0];
    if (st.st_uid == 0 && !group_reads)
        return "only root";
    if (!group_reads)
        return sv_arena_printf(a, "user %s", owner);
    return sv_arena_printf(a, "user %s and group %s (%s)", owner, group, members);
}

/* Those whom the mode lets write this one file or folder. */
static const char *own_writers(struct sv_fs *fs, struct sv_identity_db *db, struct sv_arena *a,
                               const char *path, const struct stat *st)
{
    struct sv_cred anyone = {.user = "anyone", .uid = 0xfffffff0u, .gid = 0xfffffff0u};
    struct sv_slice acl;
    if (S_ISDIR(st->st_mode) && (st->st_mode & S_ISVTX))
        return NULL; /* what is not one's own stays there */
    /* The group's bits are the mask of an ACL: without them it gives nobody anything. */
    if (!(st->st_mode & 0222) || (st->st_uid == 0 && !(st->st_mode & 0022)))
        return NULL;
    if ((st->st_mode & 0022) &&
        sv_access_check(fs, a, &anyone, path, SV_RIGHT_WRITE).access == SV_ACCESS_YES)
        return any_user;
    if (st->st_uid != 0 && (st->st_mode & 0200))
        return sv_arena_printf(a, "user %s", sv_identity_user(db, a, st->st_uid));
    if ((st->st_mode & 0020) && has_acl(fs, a, path, st, &acl))
        return "whom its POSIX ACL names";
    bool group = (st->st_mode & 0020) && st->st_gid != 0;
    const char *members = group ? sv_identity_members(db, a, st->st_gid) : "";
    if (members[0])
        return sv_arena_printf(a, "group %s (%s)", sv_identity_group(db, a, st->st_gid), members);
    return NULL;
}

const char *sv_access_writers(struct sv_fs *fs, struct sv_identity_db *db, struct sv_arena *a,
                              const char *path)
{
    struct stat st;
    const char *real;
    if (sv_fs_realpath(fs, a, path, &real) < 0 || sv_fs_stat(fs, real, &st) < 0)
        return NULL;
    const char *who = own_writers(fs, db, a, real, &st);
    const char *dir = sv_path_dir(a, real);
    if (!who && sv_fs_stat(fs, dir, &st) == 0)
        who = own_writers(fs, db, a, dir, &st);
    return who;
}
