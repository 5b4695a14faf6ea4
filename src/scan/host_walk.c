// SPDX-License-Identifier: Apache-2.0
// Lists entries below a folder, and the credential files of homes.
#include "scan/host_walk.h"

#include <dirent.h>
#include <unistd.h>

#include "base/limits.h"
#include "scan/logs.h"

struct folder {
    const char *path;
    unsigned depth;
};

typedef SV_VEC(struct folder) folder_vec;

/* False: the limit is reached. */
static bool list_folder(const struct sv_model_env *env, struct folder f, folder_vec *open,
                        struct sv_entries *ret)
{
    struct sv_arena *a = env->arena;
    struct sv_dirents entries = {0};
    int rc = sv_fs_list(env->fs, a, f.path, &entries);
    int dir = rc < 0 ? rc : sv_fs_open_dir(env->fs, f.path);
    bool room = true;
    if (dir < 0) {
        if (!sv_fs_is_absent(dir))
            sv_diag_path(env->diags, SV_DIAG_ERROR, f.path, "%s", strerror(-dir));
        return true;
    }
    sv_vec_each(e, &entries.list)
    {
        struct sv_entry x = {.path = NULL};
        if ((e->type != DT_REG && e->type != DT_DIR) || sv_fs_lstat_in(dir, e->name, &x.st) < 0)
            continue; /* no file, no folder; or gone meanwhile */
        room = ret->list.n < SV_MAX_ETC_ENTRIES && f.depth < SV_MAX_WALK_DEPTH;
        if (!room)
            break;
        x.path = sv_path_join(a, f.path, e->name);
        sv_vec_push(a, &ret->list, x);
        if (S_ISDIR(x.st.st_mode))
            sv_vec_push(a, open, (struct folder){x.path, f.depth + 1});
    }
    close(dir);
    return room;
}

void sv_entries_walk(const struct sv_model_env *env, const char *dir, struct sv_entries *ret)
{
    folder_vec open = {0};
    sv_vec_push(env->arena, &open, (struct folder){dir, 0});
    while (open.n)
        if (!list_folder(env, open.v[--open.n], &open, ret)) {
            sv_diag_path(env->diags, SV_DIAG_ERROR, dir,
                         "too many files, or nested too deeply: not all were looked at");
            return;
        }
}

/* Below a home; a name that ends in "/" stands for the regular files of that folder. */
static const char *const names[] = {
    ".netrc", ".pgpass", ".my.cnf", ".mylogin.cnf", ".aws/credentials", ".aws/config",
    ".docker/config.json", ".npmrc", ".yarnrc", ".yarnrc.yml", ".git-credentials",
    ".config/git/credentials", ".kube/config", ".pypirc", ".config/pip/pip.conf",
    ".config/gh/hosts.yml", ".config/hub", ".config/gcloud/application_default_credentials.json",
    ".config/gcloud/credentials.db", ".azure/msal_token_cache.json", ".azure/accessTokens.json",
    ".vault-token", ".terraform.d/credentials.tfrc.json", ".terraformrc", ".s3cfg", ".boto",
    ".config/rclone/rclone.conf", ".config/openai/auth.json", ".codex/auth.json",
    ".claude/.credentials.json", ".claude.json", ".cursor/mcp.json", ".gemini/oauth_creds.json",
    ".mcp.json", ".vscode/mcp.json", ".config/Code/User/mcp.json", ".codex/config.toml",
    ".claude/settings.json", ".config/Claude/claude_desktop_config.json", ".gemini/settings.json",
    ".codeium/windsurf/mcp_config.json", ".windsurf/mcp_config.json",
    ".vscode-server/data/User/mcp.json", ".vscode-server/data/Machine/settings.json",
    ".vscode-server/data/User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json",
    ".vscode-server/data/User/globalStorage/rooveterinaryinc.roo-cline/settings/mcp_settings.json",
    ".vscode-server-insiders/data/User/mcp.json", ".vscode-server-oss/data/User/mcp.json",
    ".cursor-server/data/User/mcp.json", ".windsurf-server/data/User/mcp.json",
    ".local/share/code-server/User/mcp.json", ".local/share/code-server/User/settings.json",
    ".config/code-server/config.yaml", ".config/Code/User/settings.json",
    ".config/Code - Insiders/User/mcp.json", ".config/VSCodium/User/mcp.json",
    ".config/Cursor/User/settings.json", ".config/zed/settings.json", ".config/mcp/mcp.json",
    ".config/opencode/opencode.json", ".config/opencode/opencode.jsonc", ".config/opencode/config.json",
    ".local/share/opencode/auth.json", "opencode.json", ".config/crush/crush.json",
    ".config/goose/config.yaml", ".config/goose/secrets.yaml", ".config/amp/settings.json",
    ".copilot/mcp-config.json", ".qwen/settings.json", ".qwen/oauth_creds.json",
    ".kiro/settings/mcp.json", ".junie/mcp/mcp.json", ".factory/mcp.json", ".lmstudio/mcp.json",
    ".aws/amazonq/mcp.json", ".openclaw/openclaw.json", ".openclaw/.env", ".gemini/.env",
    ".config/io.datasette.llm/keys.json", ".claude/history.jsonl", ".codex/history.jsonl",
    ".aider.input.history", ".ipython/profile_default/history.sqlite",
    ".cache/huggingface/token", ".huggingface/token", ".config/github-copilot/hosts.json",
    ".config/github-copilot/apps.json", ".aider.conf.yml", ".continue/config.json",
    ".continue/config.yaml", ".msmtprc", ".config/msmtp/config", ".muttrc", ".mbsyncrc",
    ".fetchmailrc", ".esmtprc", ".smbcredentials", ".wgetrc", ".curlrc", ".gem/credentials",
    ".m2/settings.xml", ".gradle/gradle.properties", ".cargo/credentials", ".cargo/credentials.toml",
    ".composer/auth.json", ".config/composer/auth.json", ".bundle/config", ".pm2/dump.pm2",
    ".config/sops/age/keys.txt", ".config/doctl/config.yaml", ".config/flyctl/config.yml", ".env",
    ".ssh/", ".gnupg/private-keys-v1.d/",
};

bool sv_credential_file(const struct sv_model_env *env, const char *path, bool all,
                        struct sv_paths *ret)
{
    struct stat st;
    if (sv_fs_stat(env->fs, path, &st) < 0 || !S_ISREG(st.st_mode))
        return true;
    const char *readers = sv_access_readers(env->fs, env->ids, env->arena, path);
    bool others = all || sv_access_anyone(readers) || strstr(readers, " and ");
    if (others && ret->list.n >= SV_MAX_HOST_FILES) {
        sv_diag_path(env->diags, SV_DIAG_ERROR, path,
                     "more than %d files of credentials; this one and the rest were not read",
                     SV_MAX_HOST_FILES);
        return false;
    }
    if (others)
        sv_vec_push(env->arena, &ret->list, path);
    return true;
}

static bool add_folder(const struct sv_model_env *env, const char *dir, bool all,
                       struct sv_paths *ret)
{
    struct sv_dirents entries = {0};
    (void)sv_fs_list(env->fs, env->arena, dir, &entries);
    sv_vec_each(e, &entries.list)
    {
        if (e->type != DT_DIR && !sv_slice_ends(sv_slice_of(e->name), ".pub") &&
            !sv_credential_file(env, sv_path_join(env->arena, dir, e->name), all, ret))
            return false;
    }
    return true;
}

/* What lies in one home; one that cannot be opened was told by sv_host_files_find(). */
static bool add_home(const struct sv_model_env *env, const char *home, bool all,
                     struct sv_paths *ret)
{
    bool room = true, open = sv_fs_enter(env->fs, home) == 0;
    for (size_t k = 0; open && room && k < sizeof names / sizeof *names; k++) {
        if (!sv_fs_may_have(env->fs, home, names[k]))
            continue;
        const char *path = sv_path_join(env->arena, home, names[k]);
        room = sv_slice_ends(sv_slice_of(names[k]), "/") ? add_folder(env, path, all, ret)
                                                         : sv_credential_file(env, path, all, ret);
    }
    return room;
}

void sv_credential_files(const struct sv_model_env *env, bool all, struct sv_paths *ret)
{
    struct sv_arena *a = env->arena;
    struct sv_slice user;
    struct sv_map seen = {0};
    for (size_t i = 0; sv_identity_nth(env->ids, i, &user); i++) {
        const char *home = sv_identity_home(env->ids, a, user);
        if (home && home[0] == '/' && !(*sv_map_at(a, &seen, sv_slice_of(home)))++ &&
            !add_home(env, home, all, ret))
            return;
    }
}

/* ---- backups ---- */

/* What Debian keeps there each day: names and versions of packages. */
static bool is_package_state(const char *name)
{
    static const char *const begins[] = {"dpkg.", "apt.extended_states", "alternatives.tar"};
    for (size_t i = 0; i < sizeof begins / sizeof *begins; i++)
        if (strncmp(name, begins[i], strlen(begins[i])) == 0)
            return true;
    return false;
}

bool sv_entries_take(const struct sv_model_env *env, const char *dir,
                     const struct sv_entries *entries, bool all, uint64_t *io_room,
                     struct sv_paths *ret)
{
    const uint64_t max = *io_room;
    size_t left = 0;
    bool full = false;
    for (size_t i = 0; i < entries->list.n && !full; i++) {
        const struct sv_entry *e = &entries->list.v[i];
        size_t n = ret->list.n;
        if (!S_ISREG(e->st.st_mode) || (!all && !(e->st.st_mode & 077)))
            continue;
        full = !sv_credential_file(env, e->path, all, ret);
        uint64_t size = ret->list.n > n ? (uint64_t)e->st.st_size : 0;
        if (sv_log_is_packed(sv_slice_of(e->path)))
            size *= SV_LOG_PACKED;
        if (!all && size > *io_room) {
            ret->list.n = n;
            left++;
        } else if (!all) {
            *io_room -= size;
        }
    }
    if (left)
        sv_diag_path(env->diags, SV_DIAG_ERROR, dir,
                     "%zu file%s that others can read %s beyond the first %u MiB and not searched: "
                     "srvaudit secrets %s does it", left, left == 1 ? "" : "s",
                     left == 1 ? "is" : "are", (unsigned)(max >> 20), dir);
    return !full;
}

void sv_backup_files(const struct sv_model_env *env, bool all, struct sv_paths *ret)
{
    static const char dir[] = "/var/backups";
    struct sv_entries entries = {0};
    struct stat st;
    uint64_t room = SV_MAX_BACKUP_BYTES;
    size_t n = 0;
    if (sv_fs_stat(env->fs, dir, &st) < 0 || !S_ISDIR(st.st_mode))
        return;
    sv_entries_walk(env, dir, &entries);
    for (size_t i = 0; i < entries.list.n; i++)
        if (!is_package_state(sv_path_base(entries.list.v[i].path)))
            entries.list.v[n++] = entries.list.v[i];
    entries.list.n = n;
    (void)sv_entries_take(env, dir, &entries, all, &room, ret);
}
