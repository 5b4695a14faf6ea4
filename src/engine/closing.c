// SPDX-License-Identifier: Apache-2.0
// The commands that leave a file with secrets to the program that it is for.
#include "engine/closing.h"

#include "base/shell.h"
#include "engine/check.h"

/* ---- files that have to stay open ---- */

/* Every shell and every session reads these, as its own user. */
static bool is_for_all(const char *path)
{
    static const char *const files[] = {"/etc/environment", "/etc/profile", "/etc/bash.bashrc",
                                        "/etc/bashrc", "/etc/csh.cshrc", "/etc/csh.login",
                                        "/etc/zshenv", "/etc/zshrc", "/etc/zprofile"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (strcmp(path, files[i]) == 0)
            return true;
    return sv_path_below(path, "/etc/profile.d") || sv_path_below(path, "/etc/zsh") ||
           sv_path_below(path, "/etc/environment.d");
}

static const char for_all[] =
    "Give it to the one service that needs it: a file of root's with mode 0600 and\n"
    "EnvironmentFile= in its unit. No mode helps here: every session reads the file.";
static const char in_fstab[] =
    "Put the user and the password into a file of root's with mode 0600, and in fstab, which all may\n"
    "read, write credentials=FILE in place of username= and password=.";

/* ---- files of one program ---- */

static bool in_group(const struct sv_cred *who, gid_t gid)
{
    bool in = who->gid == gid;
    for (size_t i = 0; i < who->n_groups; i++)
        in |= who->groups[i] == gid;
    return in;
}

/* The user's group, where neither owning the file nor its group lets that user in. */
static void let_in(const struct sv_machine *m, const struct sv_cred *who, const struct stat *st,
                   struct sv_closing *io)
{
    io->reader = who->uid;
    if (who->uid == st->st_uid || (in_group(who, st->st_gid) && (st->st_mode & S_IRGRP)))
        return;
    io->common = false;
    io->group = sv_identity_group(m->ids, m->arena, who->gid);
    io->mode = st->st_mode & 0111 ? "0750" : "0640";
}

static void of_ecosystem(const struct sv_machine *m, const char *path, const struct stat *st,
                         struct sv_closing *io)
{
    struct sv_cred who;
    io->common = false;
    io->mode = "0600";
    if (st->st_uid != 0)
        return;
    if (sv_ecosystem_user(m, path, &who))
        io->owner = who.user;
    else
        io->first = "First, if pm2 does not run as root: chown to the user who runs it.";
}

/* Neither somebody's own nor the system's: programs of several users may read there; but for what a
 * person's tools keep (.mcp.json, .git/config). */
static bool is_shared(const char *path)
{
    const char *base = sv_path_base(path);
    if ((base[0] == '.' && strncmp(base, ".env", 4) != 0) || strstr(path, "/.git/"))
        return false;
    return !sv_path_below(path, "/home") && !sv_path_below(path, "/root") &&
           !sv_path_below(path, "/var/log") && !sv_path_below(path, "/var/backups") &&
           !sv_path_below(path, "/usr");
}

/* php-fpm's, which it reads as root before it starts the pools. */
static bool is_of_php_fpm(const char *path)
{
    return strcmp(sv_path_base(path), "php-fpm.conf") == 0 || strstr(path, "/php-fpm.d/") ||
           (sv_path_below(path, "/etc/php") && strstr(path, "/fpm/"));
}

struct sv_machine sv_ctx_machine(struct sv_ctx *cx)
{
    return (struct sv_machine){.fs = sv_ctx_fs(cx),
                               .ids = sv_ctx_ids(cx),
                               .arena = sv_ctx_arena(cx),
                               .host = sv_ctx_host(cx)};
}

struct sv_closing sv_closing_of(const struct sv_machine *m, const char *path)
{
    struct sv_closing x = {.mode = "o-rwx", .common = true};
    struct stat st;
    struct sv_cred who;
    const char *base = sv_path_base(path);
    if (is_for_all(path))
        return (struct sv_closing){.note = for_all};
    if (strcmp(path, "/etc/fstab") == 0)
        return (struct sv_closing){.note = in_fstab};
    /* ssh and libpq refuse a file that its group may read: o-rwx would not do for them. */
    bool strict = strstr(path, "/.ssh/") || strcmp(base, ".pgpass") == 0;
    if (strict)
        x = (struct sv_closing){.mode = "0600"};
    if (sv_fs_stat(m->fs, path, &st) < 0 || !S_ISREG(st.st_mode))
        return x;
    if (strncmp(base, "ecosystem", 9) == 0 && strstr(base, ".config.")) {
        of_ecosystem(m, path, &st, &x);
        return x;
    }
    if (sv_path_below(path, "/etc") && is_of_php_fpm(path)) {
        x.common = false;
        x.mode = "0600";
        x.owner = st.st_uid == 0 && st.st_gid == 0 ? NULL : "root:root";
        return x;
    }
    if (strncmp(base, "ssh_host_", 9) == 0)
        return (struct sv_closing){.mode = "0600"}; /* sshd refuses it else */
    const char *transcripts = sv_transcript_folder(m->arena, path);
    if (transcripts) {
        x.note = sv_arena_printf(m->arena, "And so that those to come are closed:\nchmod go-rwx %s",
                                 sv_shell_quote(m->arena, transcripts));
        return x;
    }
    bool own = strict && !sv_path_below(path, "/etc");
    switch (own ? SV_FILE_USER_OWNER : sv_file_user(m, path, &st, &who)) {
    case SV_FILE_USER_KNOWN:
        let_in(m, &who, &st, &x);
        break;
    case SV_FILE_USER_UNKNOWN:
        if (sv_path_below(path, "/etc"))
            x.first = "First, if a program reads it as a user of its own: chgrp to that one's group.";
        else if (is_shared(path))
            x.first = "First, if a program such as a web server or PHP reads it: chgrp to that one's group.";
        break;
    case SV_FILE_USER_OWNER:
        break;
    }
    return x;
}

const char *sv_closing_commands(struct sv_arena *a, const char *path, const struct sv_closing *x)
{
    const char *quoted = sv_shell_quote(a, path);
    const char *first = "";
    if (x->owner)
        first = sv_arena_printf(a, "chown %s %s; ", sv_shell_quote(a, x->owner), quoted);
    else if (x->group)
        first = sv_arena_printf(a, "chgrp %s %s; ", sv_shell_quote(a, x->group), quoted);
    return x->mode ? sv_arena_printf(a, "%schmod %s %s", first, x->mode, quoted) : "";
}

const char *sv_closing_text(const struct sv_machine *m, const char *path)
{
    struct sv_closing x = sv_closing_of(m, path);
    const char *commands = sv_closing_commands(m->arena, path, &x);
    return sv_arena_printf(m->arena, "%s%s%s%s%s", x.first ? x.first : "", x.first ? "\n" : "",
                           commands, *commands && x.note ? "\n" : "", x.note ? x.note : "");
}
