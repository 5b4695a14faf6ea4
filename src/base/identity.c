// SPDX-License-Identifier: Apache-2.0
// /etc/passwd and /etc/group of the audited root, read as data (passwd(5), group(5)).
#include "base/identity.h"

#include <errno.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/map.h"

struct user {
    struct sv_slice name, home;
    uid_t uid;
    gid_t gid;
};

struct group {
    struct sv_slice name, members;
    gid_t gid;
};

struct sv_identity_db {
    SV_VEC(struct user) users;
    struct sv_map by_name; /* index in users plus one; of several the first */
    SV_VEC(struct group) groups;
};

enum { MAX_FIELDS = 7 };

static unsigned split(struct sv_slice line, struct sv_slice field[MAX_FIELDS])
{
    unsigned n = 0;
    while (n < MAX_FIELDS) {
        size_t end = sv_slice_chr(line, ':');
        field[n++] = sv_slice_sub(line, 0, end);
        if (end == line.n)
            break;
        line = sv_slice_sub(line, end + 1, line.n);
    }
    return n;
}

static bool id_of(struct sv_slice s, unsigned *ret)
{
    unsigned long long v;
    if (!sv_slice_u64(s, &v) || v > 0xffffffffu)
        return false;
    *ret = (unsigned)v;
    return true;
}

static void add_line(struct sv_identity_db *db, struct sv_arena *a, struct sv_slice line, bool user)
{
    struct sv_slice f[MAX_FIELDS];
    unsigned n = split(line, f), uid, gid;
    if (user && n >= 4 && id_of(f[2], &uid) && id_of(f[3], &gid)) {
        sv_vec_push(a, &db->users,
                    (struct user){f[0], n > 5 ? f[5] : (struct sv_slice){"", 0}, uid, gid});
        uint32_t *at = sv_map_at(a, &db->by_name, f[0]);
        *at = *at ? *at : (uint32_t)db->users.n;
    }
    if (!user && n >= 4 && id_of(f[2], &gid))
        sv_vec_push(a, &db->groups, (struct group){f[0], f[3], gid});
}

static void load_file(struct sv_identity_db *db, struct sv_fs *fs, struct sv_arena *a,
                      struct sv_diags *diags, const char *path, bool user)
{
    struct sv_slice text;
    bool cut = false;
    int rc = sv_fs_read(fs, a, path, SV_MAX_CONFIG_BYTES, &text, &cut);
    if (rc < 0 || cut) {
        if (rc != -ENOENT)
            sv_diag_path(diags, SV_DIAG_WARNING, path, "%s",
                         cut ? "longer than the limit, read in part" : strerror(-rc));
        if (rc < 0)
            return;
    }
    while (text.n) {
        size_t end = sv_slice_chr(text, '\n');
        add_line(db, a, sv_slice_sub(text, 0, end), user);
        text = sv_slice_sub(text, end + 1, text.n);
    }
}

struct sv_identity_db *sv_identity_load(struct sv_fs *fs, struct sv_arena *a,
                                        struct sv_diags *diags)
{
    struct sv_identity_db *db = sv_new(a, struct sv_identity_db);
    load_file(db, fs, a, diags, "/etc/passwd", true);
    load_file(db, fs, a, diags, "/etc/group", false);
    return db;
}

static const struct user *find_user(const struct sv_identity_db *db, struct sv_slice name)
{
    uint32_t i = sv_map_find(&db->by_name, name);
    return i ? &db->users.v[i - 1] : NULL;
}

static bool is_member(struct sv_slice members, struct sv_slice name)
{
    while (members.n) {
        size_t end = sv_slice_chr(members, ',');
        if (sv_slice_eq(sv_slice_trim(sv_slice_sub(members, 0, end)), name))
            return true;
        members = sv_slice_sub(members, end + 1, members.n);
    }
    return false;
}

bool sv_identity_cred(struct sv_identity_db *db, struct sv_arena *a, const char *user,
                      const char *group, struct sv_cred *ret)
{
    const struct user *u = find_user(db, sv_slice_of(user));
    if (!u)
        return false;
    struct sv_cred c = {.user = sv_arena_strdup(a, user), .uid = u->uid, .gid = u->gid};
    if (group) {
        bool found = false;
        sv_vec_each(g, &db->groups)
        {
            if (!found && sv_slice_is(g->name, group)) {
                c.gid = g->gid;
                found = true;
            }
        }
        if (!found)
            return false;
    }
    c.groups = sv_new_n(a, gid_t, db->groups.n);
    sv_vec_each(g, &db->groups)
    {
        if (is_member(g->members, u->name))
            c.groups[c.n_groups++] = g->gid;
    }
    *ret = c;
    return true;
}

const char *sv_identity_user(struct sv_identity_db *db, struct sv_arena *a, uid_t uid)
{
    sv_vec_each(u, &db->users)
    {
        if (u->uid == uid)
            return sv_arena_copy(a, u->name).p;
    }
    return sv_arena_printf(a, "#%u", (unsigned)uid);
}

const char *sv_identity_group(struct sv_identity_db *db, struct sv_arena *a, gid_t gid)
{
    sv_vec_each(g, &db->groups)
    {
        if (g->gid == gid)
            return sv_arena_copy(a, g->name).p;
    }
    return sv_arena_printf(a, "#%u", (unsigned)gid);
}

const char *sv_identity_members(struct sv_identity_db *db, struct sv_arena *a, gid_t gid)
{
    _cleanup_buf_ struct sv_buf out = {0};
    size_t n = 0;
    sv_vec_each(u, &db->users)
    {
        bool in = u->gid == gid;
        sv_vec_each(g, &db->groups)
        {
            in |= g->gid == gid && is_member(g->members, u->name);
        }
        if (!in || ++n > SV_MAX_MEMBERS_SHOWN)
            continue;
        if (out.n)
            sv_buf_adds(&out, ", ");
        sv_buf_add(&out, u->name);
    }
    if (n > SV_MAX_MEMBERS_SHOWN)
        sv_buf_printf(&out, " and %zu more", n - SV_MAX_MEMBERS_SHOWN);
    return sv_arena_copy(a, sv_buf_slice(&out)).p;
}

const char *sv_identity_home(struct sv_identity_db *db, struct sv_arena *a, struct sv_slice name)
{
    const struct user *u = find_user(db, name);
    return u && u->home.n ? sv_arena_copy(a, u->home).p : NULL;
}

bool sv_identity_nth(const struct sv_identity_db *db, size_t i, struct sv_slice *ret_name)
{
    if (i >= db->users.n)
        return false;
    *ret_name = db->users.v[i].name;
    return true;
}
