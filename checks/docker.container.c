// SPDX-License-Identifier: Apache-2.0
// docker.privileged, docker.host-namespace, docker.dangerous-capability, docker.confinement-off:
// walls between a container and its host that are taken down.
#include "engine/check.h"

static bool truth(struct sv_slice s)
{
    return sv_slice_is_nocase(s, "true") || sv_slice_is_nocase(s, "yes") || sv_slice_is(s, "1");
}

/* ---- privileged ---- */

static void run_privileged(struct sv_ctx *cx, const struct sv_subject *s)
{
    const struct sv_container *c = s->container;
    if (!c->privileged.node || !truth(c->privileged.text))
        return;
    struct sv_finding *f = sv_report_at(cx, SV_HIGH, c->privileged.node,
                                        "%s is root on the host: a privileged container can mount its "
                                        "disks and read every process's environment", c->name);
    f->key = sv_arena_printf(sv_ctx_arena(cx), "%s privileged", c->name);
    sv_finding_fix(cx, f, "Take privileged out; give the one device (devices:) or capability (cap_add:) that "
                          "it needs.");
}

const struct sv_check sv_check_docker_privileged = {
    SV_CHECK_HEADER,
    .id = "docker.privileged",
    .title = "A container runs privileged",
    .why = "privileged gives every capability and every device: whoever takes over the program has the host, "
           "with every key on it.",
    .fix = "Give single devices and capabilities instead.",
    .bad = "privileged: true",
    .good = "devices: [/dev/ttyUSB0]",
    .severity = SV_HIGH,
    .on = SV_ON_CONTAINER,
    .run = run_privileged,
};

/* ---- namespaces ---- */

static const char *capability(struct sv_slice s, const char *const *names)
{
    if (sv_slice_starts(s, "CAP_"))
        s = sv_slice_sub(s, 4, s.n);
    for (; *names; names++)
        if (sv_slice_is_nocase(s, *names))
            return *names;
    return NULL;
}

/* Reads other processes' environments together with the host's process ids. */
static const char *reads_environ(const struct sv_container *c)
{
    static const char *const names[] = {"SYS_PTRACE", "PERFMON", "SYS_ADMIN", "ALL", NULL};
    sv_vec_each(cap, &c->caps)
    {
        const char *hit = capability(cap->text, names);
        if (hit)
            return hit;
    }
    return NULL;
}

static void namespace(struct sv_ctx *cx, const struct sv_container *c, const char *kind,
                      const struct sv_container_text *value, enum sv_severity sev,
                      const char *means)
{
    if (!value->node || !sv_slice_is(value->text, "host"))
        return;
    struct sv_finding *f =
        sv_report_at(cx, sev, value->node, "%s shares the host's %s: %s", c->name, kind, means);
    f->key = sv_arena_printf(sv_ctx_arena(cx), "%s %s", c->name, kind);
    sv_finding_fix(cx, f, "Take the line out; publish the ports or mount the files that it needs.");
}

static void run_namespace(struct sv_ctx *cx, const struct sv_subject *s)
{
    const struct sv_container *c = s->container;
    const char *cap = reads_environ(c);
    const char *pid = "it sees every process of the host with its command line";
    if (cap)
        pid = sv_arena_printf(sv_ctx_arena(cx), "with %s it reads the environment of every process of "
                              "the host, keys included", cap);
    namespace(cx, c, "processes (pid: host)", &c->pid, cap ? SV_HIGH : SV_MEDIUM, pid);
    namespace(cx, c, "user ids (userns_mode: host)", &c->userns, SV_LOW,
              "root in it is root on the host, where the engine would have mapped it");
    namespace(cx, c, "IPC (ipc: host)", &c->ipc, SV_LOW,
              "it reads and writes the shared memory of the host's programs");
    namespace(cx, c, "network (network_mode: host)", &c->network, SV_LOW,
              "every port that it opens is one of the host, and it reaches what listens on loopback");
    namespace(cx, c, "host name (uts: host)", &c->uts, SV_INFO, "it can change the host's name");
}

const struct sv_check sv_check_docker_host_namespace = {
    SV_CHECK_HEADER,
    .id = "docker.host-namespace",
    .title = "A container shares a namespace of the host",
    .why = "pid: host shows it every command line, and with SYS_PTRACE, PERFMON or SYS_ADMIN every environment; "
           "the host's network reaches services that trust loopback.",
    .fix = "Leave the namespaces to the engine.",
    .bad = "pid: host",
    .good = "# no pid:, ipc:, userns_mode: line",
    .severity = SV_HIGH,
    .on = SV_ON_CONTAINER,
    .run = run_namespace,
};

/* ---- capabilities ---- */

static void run_capability(struct sv_ctx *cx, const struct sv_subject *s)
{
    static const char *const dangerous[] = {"ALL", "SYS_ADMIN", "SYS_PTRACE", "SYS_MODULE", "PERFMON",
                                            "DAC_READ_SEARCH", "SYS_RAWIO", "BPF", NULL};
    sv_vec_each(cap, &s->container->caps)
    {
        const char *name = capability(cap->text, dangerous);
        if (!name)
            continue;
        bool all = strcmp(name, "ALL") == 0 || strcmp(name, "SYS_MODULE") == 0 ||
                   strcmp(name, "SYS_ADMIN") == 0;
        struct sv_finding *f = sv_report_at(
            cx, all ? SV_HIGH : SV_MEDIUM, cap->node,
            "%s has the capability %s, with which it gets out of its container or reads what others hold",
            s->container->name, name);
        f->key = sv_arena_printf(sv_ctx_arena(cx), "%s %s", s->container->name, name);
        sv_finding_fix(cx, f, "Take %s out of cap_add.", name);
    }
}

const struct sv_check sv_check_docker_dangerous_capability = {
    SV_CHECK_HEADER,
    .id = "docker.dangerous-capability",
    .title = "A container has a capability that reaches the host",
    .why = "SYS_ADMIN mounts, SYS_MODULE loads code into the kernel, SYS_PTRACE and PERFMON read other "
           "processes, DAC_READ_SEARCH opens any file by its handle.",
    .fix = "Give the narrow capability that the program asks for, for example NET_BIND_SERVICE.",
    .bad = "cap_add: [SYS_ADMIN]",
    .good = "cap_add: [NET_BIND_SERVICE]",
    .severity = SV_HIGH,
    .on = SV_ON_CONTAINER,
    .run = run_capability,
};

/* ---- confinement ---- */

static void run_confinement(struct sv_ctx *cx, const struct sv_subject *s)
{
    static const char *const off[] = {"seccomp:unconfined", "seccomp=unconfined",
                                      "apparmor:unconfined", "apparmor=unconfined",
                                      "label:disable", "label=disable", "systempaths=unconfined"};
    sv_vec_each(opt, &s->container->security)
    {
        for (size_t i = 0; i < sizeof off / sizeof *off; i++) {
            if (!sv_slice_is(opt->text, off[i]))
                continue;
            struct sv_finding *f =
                sv_report_at(cx, SV_LOW, opt->node, "%s runs without %.*s: one wall less round it",
                             s->container->name, (int)strcspn(off[i], ":="), off[i]);
            f->key = sv_arena_printf(sv_ctx_arena(cx), "%s %s", s->container->name, off[i]);
            sv_finding_fix(cx, f, "Take the line out, or name a profile that allows the one call it needs.");
        }
    }
}

const struct sv_check sv_check_docker_confinement_off = {
    SV_CHECK_HEADER,
    .id = "docker.confinement-off",
    .title = "A container's seccomp, AppArmor or SELinux confinement is off",
    .why = "The default profiles keep a taken-over program from the calls that break out.",
    .fix = "Use the default profile, or one of your own.",
    .bad = "security_opt: [seccomp:unconfined]",
    .good = "security_opt: [no-new-privileges:true]",
    .severity = SV_LOW,
    .on = SV_ON_CONTAINER,
    .run = run_confinement,
};
