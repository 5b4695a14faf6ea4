// SPDX-License-Identifier: Apache-2.0
// docker.container-log-readable: what programs in containers print, for everyone on the host.
#include "engine/check.h"

/* Examples are no secrets. */
static size_t secrets_in(const struct sv_log_family *log)
{
    size_t n = 0;
    sv_vec_each(p, &log->places)
    {
        n += !(*p)->placeholder && !(*p)->checksum_bad && !(*p)->weak;
    }
    return n;
}

/* Where the engine put it; the folders of another path are not the engine's to close. */
static bool is_engines(struct sv_ctx *cx, const struct sv_container *c)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    const char *dir = sv_path_dir(a, c->config), *log, *folder, *above;
    return sv_fs_realpath(sv_ctx_fs(cx), a, c->log_path, &log) == 0 &&
           sv_fs_realpath(sv_ctx_fs(cx), a, dir, &folder) == 0 &&
           sv_fs_realpath(sv_ctx_fs(cx), a, sv_path_dir(a, dir), &above) == 0 &&
           strcmp(sv_path_dir(a, folder), above) == 0 && sv_path_below(log, folder);
}

static void run(struct sv_ctx *cx, const struct sv_subject *s)
{
    const struct sv_container *c = s->container;
    struct sv_arena *a = sv_ctx_arena(cx);
    const char *readers = NULL;
    struct stat st;
    if (c->log_path)
        readers = sv_access_readers(sv_ctx_fs(cx), sv_ctx_ids(cx), a, c->log_path);
    if (!sv_access_anyone(readers) || sv_fs_stat(sv_ctx_fs(cx), c->log_path, &st) < 0 ||
        !S_ISREG(st.st_mode))
        return;
    const struct sv_log_family *found = sv_ctx_log(cx, c->log_path);
    size_t n = found ? secrets_in(found) : 0;
    struct sv_finding *f =
        n ? sv_report_file(cx, SV_HIGH, c->log_path, 0,
                           "the log of %s can be read by every local user, and %zu secret%s stand%s in it", c->name,
                           n, n == 1 ? "" : "s", n == 1 ? "s" : "")
          : sv_report_file(cx, SV_LOW, c->log_path, 0, "the log of %s can be read by every local user", c->name);
    f->readers = readers;
    sv_finding_evidence_file(cx, f, c->config, 1, sv_arena_printf(a, "container %s", c->name));
    const char *folder = sv_path_dir(a, sv_path_dir(a, c->config));
    const char *quoted = sv_shell_quote(a, c->log_path);
    if (is_engines(cx, c))
        sv_finding_fix(cx, f, "chmod 0640 %s\nchmod 0710 %s\nThat is how the engine makes them; give who collects logs "
                              "the group, or another log driver (journald).",
                       quoted, sv_shell_quote(a, folder));
    else
        sv_finding_fix(cx, f, "chmod 0640 %s\nGive who collects logs the group, or another log driver (journald).",
                       quoted);
}

const struct sv_check sv_check_docker_container_log_readable = {
    SV_CHECK_HEADER,
    .id = "docker.container-log-readable",
    .title = "A container's log is readable by every local user",
    .why = "The json-file driver keeps all that a program prints: requests, tracebacks with their variables, keys. "
           "The engine lets only root read it, until somebody opens the folder for a log shipper.",
    .fix = "chmod 0640 the log, and 0710 the engine's folder of the containers.",
    .bad = "-rw-r--r-- root root  /var/lib/docker/containers/ID/ID-json.log   # below folders of 0755",
    .good = "-rw-r----- root root  /var/lib/docker/containers/ID/ID-json.log   # below a folder of 0710",
    .severity = SV_HIGH,
    .on = SV_ON_CONTAINER,
    .yields = true,
    .run = run,
};
