// SPDX-License-Identifier: Apache-2.0
// What AI agents keep of their sessions in homes: all that was said, each command with its output,
// each file that was read, and copies of files before they were changed.
#include <stdlib.h>

#include "base/limits.h"
#include "scan/host_walk.h"

/* Below a home; all that lies in them counts. */
static const char *const folders[] = {
    ".claude/projects", ".claude/file-history", ".claude/backups", ".claude/debug",
    ".claude/paste-cache", ".claude/shell-snapshots", ".codex/sessions", ".codex/archived_sessions",
    ".codex/shell_snapshots", ".gemini/tmp", ".qwen/tmp", ".qwen/projects",
    ".copilot/session-state", ".copilot/history-session-state", ".factory/sessions",
    ".cursor/chats", ".cursor/projects", ".continue/sessions", ".openclaw/agents",
    ".local/share/opencode/storage", ".local/share/opencode/log", ".local/share/goose/sessions",
    ".local/share/amp/threads",
    ".vscode-server/data/User/globalStorage/saoudrizwan.claude-dev/tasks",
    ".vscode-server/data/User/globalStorage/rooveterinaryinc.roo-cline/tasks",
};
enum { FOLDERS = sizeof folders / sizeof *folders };

const char *sv_transcript_folder(struct sv_arena *a, const char *path)
{
    for (size_t i = 0; i < FOLDERS; i++) {
        const char *at = strstr(path, folders[i]);
        size_t n = strlen(folders[i]);
        if (at && at > path && at[-1] == '/' && at[n] == '/')
            return sv_arena_copy(a, (struct sv_slice){path, (size_t)(at - path) + n}).p;
    }
    return NULL;
}

/* Nobody but their owner may enter one of the folders from `path` up to the home: an access list's
 * mask stands in the bits of the group. */
static bool is_closed(const struct sv_model_env *env, const char *home, const char *path)
{
    struct stat st;
    for (;; path = sv_path_dir(env->arena, path)) {
        if (sv_fs_stat(env->fs, path, &st) < 0 || !S_ISDIR(st.st_mode) || !(st.st_mode & 077))
            return true;
        if (!sv_path_below(path, home) || strcmp(path, home) == 0)
            return false;
    }
}

static int newest_first(const void *x, const void *y)
{
    const struct sv_entry *a = x, *b = y;
    if (a->st.st_mtime != b->st.st_mtime)
        return a->st.st_mtime < b->st.st_mtime ? 1 : -1;
    return strcmp(a->path, b->path);
}

struct room {
    uint64_t entries, bytes; /* that all homes may still take */
    bool full;               /* no more files are taken, which was told */
};

/* Of one home those that others can read. */
static void add_home(const struct sv_model_env *env, const char *home, bool all, struct room *room,
                     struct sv_paths *ret)
{
    struct sv_entries entries = {0};
    uint64_t share = SV_MAX_BACKUP_BYTES / SV_CONTEXT_SHARE;
    uint64_t mine = room->bytes < share ? room->bytes : share, left = mine;
    for (size_t i = 0; i < FOLDERS; i++) {
        const char *path = sv_path_join(env->arena, home, folders[i]), *real;
        struct stat st;
        if (!sv_fs_may_have(env->fs, home, folders[i]) ||
            sv_fs_realpath(env->fs, env->arena, path, &real) < 0 || sv_is_system_path(real))
            continue; /* a link may lead to /proc */
        if (all && sv_fs_stat(env->fs, path, &st) == 0 && S_ISDIR(st.st_mode))
            sv_vec_push(env->arena, &ret->list, path);
        else if (!all && !is_closed(env, home, path) && room->entries)
            sv_entries_walk(env, path, &entries);
        else if (!all && !is_closed(env, home, path))
            sv_diag_path(env->diags, SV_DIAG_ERROR, path,
                         "too many files of AI agents in other homes: these were not looked at");
    }
    if (entries.list.n)
        qsort(entries.list.v, entries.list.n, sizeof *entries.list.v, newest_first);
    room->full = !sv_entries_take(env, home, &entries, false, &left, ret);
    room->bytes -= mine - left;
    room->entries -= entries.list.n < room->entries ? entries.list.n : room->entries;
}

void sv_transcript_files(const struct sv_model_env *env, bool all, struct sv_paths *ret)
{
    struct room room = {.entries = SV_MAX_PROJECT_ENTRIES, .bytes = SV_MAX_BACKUP_BYTES};
    struct sv_arena *a = env->arena;
    struct sv_map seen = {0};
    struct sv_slice user;
    for (size_t i = 0; !room.full && sv_identity_nth(env->ids, i, &user); i++) {
        const char *home = sv_identity_home(env->ids, a, user);
        if (!home || home[0] != '/')
            continue;
        home = sv_path_join(a, "/", home);
        if (!(*sv_map_at(a, &seen, sv_slice_of(home)))++ && sv_fs_enter(env->fs, home) == 0)
            add_home(env, home, all, &room, ret);
    }
}
