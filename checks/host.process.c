// SPDX-License-Identifier: Apache-2.0
// Running processes: secrets in their environments and command lines, values of before a rotation,
// debuggers that listen.
#include "engine/check.h"
#include "model/debug_switch.h"
#include "secrets/command.h"
#include "secrets/value.h"
#include "syntax/ini.h"

/* The engine's name of a container of which the control group tells the id. */
static const char *container_name(struct sv_ctx *cx, const struct sv_process *p)
{
    const struct sv_containers *all = sv_ctx_host(cx)->containers;
    for (size_t i = 0; all && i < all->list.n; i++) {
        const struct sv_container *c = all->list.v[i];
        if (c->id && strncmp(c->id, p->container, strlen(p->container)) == 0)
            return c->own_name ? c->own_name : c->name;
    }
    return p->container;
}

/* "node (app.service, pid 812)", so that it is found again. */
static const char *name_of(struct sv_ctx *cx, const struct sv_process *p)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    if (p->container)
        return sv_arena_printf(a, "%s (container %s, pid %d)", p->name, container_name(cx, p),
                               p->pid);
    if (p->unit)
        return sv_arena_printf(a, "%s (%s, pid %d)", p->name, p->unit, p->pid);
    return sv_arena_printf(a, "%s (pid %d)", p->name, p->pid);
}

/* "#100000 (uid 0 inside)" of a container's process. */
static const char *user_of(struct sv_ctx *cx, const struct sv_process *p)
{
    const char *user = sv_identity_user(sv_ctx_ids(cx), sv_ctx_arena(cx), p->uid[1]);
    return p->foreign && p->inner_uid != (uid_t)-1
               ? sv_arena_printf(sv_ctx_arena(cx), "%s (uid %u inside)", user,
                                 (unsigned)p->inner_uid)
               : user;
}

/* What stays the same from one run to the next, unlike a pid. */
static const char *key_of(struct sv_arena *a, const struct sv_process *p, struct sv_slice what)
{
    return sv_arena_printf(a, "%s %s %u %.*s", p->unit ? p->unit : "", p->name, (unsigned)p->uid[1],
                           (int)what.n, what.p);
}

static const char *path_of(struct sv_arena *a, const struct sv_process *p, const char *file)
{
    return sv_arena_printf(a, "/proc/%d/%s", p->pid, file);
}

/* ---- environments ---- */

/* Who answers requests on this machine and may open this environ, or NULL. */
static const char *web_reader(struct sv_ctx *cx, const struct sv_process *p)
{
    sv_vec_each (w, &sv_ctx_host(cx)->web_users) {
        if (sv_process_readable_by(p, w->cred.uid, w->cred.gid))
            return w->what;
    }
    return NULL;
}

/* Another service's process of the same user, or a login of his: somebody it was not meant for. */
static const struct sv_process *neighbour(const struct sv_live *live, const struct sv_process *p)
{
    sv_vec_each (other, &live->list) {
        bool same = other->unit && p->unit ? strcmp(other->unit, p->unit) == 0 : !p->unit;
        bool container = (other->container != NULL) != (p->container != NULL);
        if (other->pid != p->pid && other->pid != p->parent && other->parent != p->pid && !same &&
            !container && other->uid[1] != 0 &&
            sv_process_readable_by(p, other->uid[1], other->gid[1]))
            return other;
    }
    return NULL;
}

static void run_environment(struct sv_ctx *cx, const struct sv_subject *s)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    const struct sv_process *p = s->process;
    const struct sv_live *live = sv_ctx_host(cx)->live;
    const char *web = web_reader(cx, p);
    const struct sv_process *other = web ? NULL : neighbour(live, p);
    struct sv_finding *f = NULL;
    size_t n = 0;
    sv_vec_each (v, &p->variables) {
        if (!sv_value_is_secret(v->name, v->value))
            continue;
        if (!f) {
            const char *user = user_of(cx, p);
            const char *who = web     ? web
                              : other ? sv_arena_printf(a, "other programs of %s, %s among them",
                                                        user, other->name)
                                      : "nobody but root and itself";
            f = sv_report_file(cx,
                               web     ? SV_MEDIUM
                               : other ? SV_LOW
                                       : SV_INFO,
                               path_of(a, p, "environ"), 0,
                               "%s has %.*s in its environment; it can be read by %s",
                               name_of(cx, p), (int)v->name.n, v->name.p, who);
            f->key = key_of(a, p, v->name);
            f->readers =
                sv_process_readable_by(p, p->uid[1], p->gid[1]) && p->uid[1]
                    ? sv_arena_printf(a, "root, and every process of user %s and group %s", user,
                                      sv_identity_group(sv_ctx_ids(cx), a, p->gid[1]))
                    : "root";
            sv_finding_fix(cx, f,
                           "A user of its own for this program. A program that has read its "
                           "secrets can shut the file with prctl(PR_SET_DUMPABLE, 0); taking the "
                           "variable out of its environment does not.");
        }
        if (n++ < 20)
            sv_finding_secret(cx, f, "secret-assignment", v->value, 0, 0);
    }
}

const struct sv_check sv_check_host_secret_in_process_environment = {
    SV_CHECK_HEADER,
    .id = "host.secret-in-process-environment",
    .title = "A process with a secret in its environment can be read by others",
    .why = "/proc/PID/environ shows what the process was started with to root and to every process "
           "with the "
           "same user and group ids; unsetenv does not change it.",
    .fix = "A user of its own for every program that holds secrets.",
    .bad = "www-data  nginx: worker\nwww-data  node pay.js      # with STRIPE_SECRET in its "
           "environment",
    .good = "www-data  nginx: worker\npay       node pay.js",
    .severity = SV_MEDIUM,
    .on = SV_ON_PROCESS,
    .joins = true,
    .run = run_environment,
};

/* ---- command lines ---- */

static void run_command(struct sv_ctx *cx, const struct sv_subject *s)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    const struct sv_process *p = s->process;
    bool hidden = sv_ctx_host(cx)->live->hidepid != SV_HIDEPID_OFF;
    struct sv_command_secrets secrets = {0};
    sv_command_secrets(a, p->words.v, p->words.n, &secrets);
    sv_vec_each (x, &secrets.list) {
        struct sv_finding *f = sv_report_file(
            cx, hidden ? SV_LOW : SV_HIGH, path_of(a, p, "cmdline"), 0,
            "%s has the secret behind %.*s in its command line%s", name_of(cx, p), (int)x->name.n,
            x->name.p, hidden ? "" : ", which every local user sees in ps");
        f->key = key_of(a, p, x->name);
        f->readers = hidden ? sv_arena_printf(a, "root and user %s (hidepid)",
                                              sv_identity_user(sv_ctx_ids(cx), a, p->uid[1]))
                            : "any local user: ps, /proc/PID/cmdline";
        sv_finding_secret(cx, f, "secret-assignment", x->value, 0, 0);
        sv_finding_fix(
            cx, f,
            "Let the program read it from a file of mode 0600 or from its environment, and "
            "change the secret.%s",
            hidden ? "" : "\nUntil then: mount -o remount,hidepid=invisible /proc");
    }
}

const struct sv_check sv_check_host_secret_in_command_line = {
    SV_CHECK_HEADER,
    .id = "host.secret-in-command-line",
    .title = "A running process has a secret in its command line",
    .why = "/proc/PID/cmdline is readable by every local user unless /proc is mounted with "
           "hidepid, and "
           "monitoring, process accounting and audit logs copy it.",
    .fix = "Give the program a file to read the secret from.",
    .bad = "app --db-password=...",
    .good = "app --db-password-file=/run/credentials/app.service/db",
    .severity = SV_HIGH,
    .on = SV_ON_PROCESS,
    .joins = true,
    .run = run_command,
};

/* hidepid alone is no finding: it matters where a command line holds a secret. */
static void run_visible(struct sv_ctx *cx, const struct sv_subject *s)
{
    const struct sv_live *live = sv_ctx_host(cx)->live;
    struct sv_command_secrets secrets = {0};
    if (live->hidepid != SV_HIDEPID_OFF || sv_ctx_file_reported(cx, "host.proc-visible", "/proc"))
        return;
    sv_command_secrets(sv_ctx_arena(cx), s->process->words.v, s->process->words.n, &secrets);
    if (secrets.list.n == 0)
        return;
    struct sv_finding *f =
        sv_report_file(cx, SV_INFO, "/proc", 0,
                       "every local user sees all command lines, and some of them hold secrets");
    sv_finding_fix(cx, f,
                   "In /etc/fstab: proc /proc proc defaults,hidepid=invisible 0 0\n"
                   "It keeps command lines from other users, not from D-Bus (systemctl show).");
}

const struct sv_check sv_check_host_proc_visible = {
    SV_CHECK_HEADER,
    .id = "host.proc-visible",
    .title = "Command lines with secrets are visible because /proc is mounted without hidepid",
    .why =
        "Without hidepid every user sees every process. That matters only where command lines hold "
        "secrets, which is then the thing to mend.",
    .fix = "Take the secrets out of the command lines; hidepid=invisible is a second wall.",
    .bad = "proc /proc proc rw,nosuid,nodev,noexec 0 0",
    .good = "proc /proc proc rw,nosuid,nodev,noexec,hidepid=invisible 0 0",
    .severity = SV_INFO,
    .on = SV_ON_PROCESS,
    .run = run_visible,
};

/* ---- before and after a rotation ---- */

/* A value that supervisord puts together is not compared. */
static bool is_plain(struct sv_slice value)
{
    return !memchr(value.p, '%', value.n);
}

/* The section of supervisord that this process was started from: supervisord tells it its own name
 * and its group's, and children that it has started itself have the same. NULL: none. */
static const struct sv_supervised *section_of(struct sv_ctx *cx, const struct sv_process *p)
{
    static const char *const kinds[] = {"program:", "fcgi-program:", "eventlistener:"};
    const struct sv_host *host = sv_ctx_host(cx);
    const struct sv_slice *names[] = {
        sv_process_variable(p, SV_LIT("SUPERVISOR_GROUP_NAME")),
        sv_process_variable(p, SV_LIT("SUPERVISOR_PROCESS_NAME"))};
    for (size_t i = 0; i < 2 && host->supervisor && !p->container; i++) {
        sv_vec_each (s, &host->supervisor->list) {
            for (size_t k = 0; names[i] && k < sizeof kinds / sizeof *kinds; k++) {
                size_t n = strlen(kinds[k]);
                struct sv_slice name = sv_slice_of(s->name);
                if (sv_slice_starts(name, kinds[k]) &&
                    sv_slice_eq(sv_slice_sub(name, n, name.n), *names[i]))
                    return s;
            }
        }
    }
    return NULL;
}

/* Its parent was not started from the same section: that is supervisord. */
static bool is_supervised_main(struct sv_ctx *cx, const struct sv_process *p,
                               const struct sv_supervised *section)
{
    sv_vec_each (other, &sv_ctx_host(cx)->live->list) {
        if (other->pid == p->parent)
            return section_of(cx, other) != section;
    }
    return true;
}

static void differs_from_section(struct sv_ctx *cx, const struct sv_process *p,
                                 const struct sv_supervised *section)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    const struct sv_node *n = sv_node_find_last(section->node, "environment");
    struct sv_slice rest = n ? sv_node_arg(n, 0) : SV_LIT(""), name, value;
    while (sv_ini_pair(&rest, &name, &value)) {
        const struct sv_slice *now = sv_process_variable(p, name);
        if (!now || sv_slice_eq(*now, value) || !sv_name_is_secret(name) || !is_plain(value))
            continue;
        struct sv_finding *f =
            sv_report_at(cx, SV_LOW, n, "%s still runs with another %.*s than [%s] gives now",
                         name_of(cx, p), (int)name.n, name.p, section->name);
        f->key = key_of(a, p, name);
        sv_finding_fix(cx, f,
                       "supervisorctl update\nuntil then the old value is in use: do not revoke "
                       "it before, and do after.");
    }
}

static void run_differs(struct sv_ctx *cx, const struct sv_subject *s)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    const struct sv_process *p = s->process;
    const struct sv_host *host = sv_ctx_host(cx);
    const struct sv_unit *u =
        p->unit && host->units && !p->container ? sv_units_find(host->units, p->unit) : NULL;
    struct sv_unit_environment env = {0};
    const struct sv_supervised *section = p->has_environment ? section_of(cx, p) : NULL;
    if (section && is_supervised_main(cx, p, section))
        differs_from_section(cx, p, section);
    if (section || !u || u->masked || !p->has_environment || !sv_process_is_main(host->live, p))
        return;
    sv_unit_environment(u, sv_ctx_fs(cx), a, &env);
    sv_vec_each (v, &env.list) {
        const struct sv_slice *now = sv_process_variable(p, v->name);
        if (!now || sv_slice_eq(*now, v->value) || !sv_name_is_secret(v->name) ||
            !is_plain(v->value))
            continue;
        struct sv_finding *f = sv_report_file(
            cx, SV_LOW,
            v->file ? v->file : sv_span_path(sv_ctx_sources(cx), v->setting->node->head),
            v->file ? v->line : sv_span_pos(sv_ctx_sources(cx), v->setting->node->head).line,
            "%s still runs with another %.*s than the unit gives now", name_of(cx, p),
            (int)v->name.n, v->name.p);
        f->key = key_of(a, p, v->name);
        sv_finding_fix(cx, f,
                       "systemctl restart %s\nuntil then the old value is in use: do not revoke it "
                       "before, and do after.",
                       p->unit);
    }
}

const struct sv_check sv_check_host_environment_differs_from_unit = {
    SV_CHECK_HEADER,
    .id = "host.environment-differs-from-unit",
    .title = "A service runs with another secret than its unit or supervisord gives",
    .why = "The key was changed and the process not restarted: it goes on with the old one, which "
           "one thinks is "
           "out of use, and fails when that is revoked.",
    .fix = "Restart the service after its environment was changed.",
    .bad = "sed -i s/old/new/ /etc/app.env",
    .good = "sed -i s/old/new/ /etc/app.env && systemctl restart app",
    .severity = SV_LOW,
    .on = SV_ON_PROCESS,
    .run = run_differs,
};

/* ---- debuggers ---- */

/* Ports that are opened without a switch (a signal, a setting): by the program that owns them. */
static const struct {
    const char *program;
    unsigned port;
    const char *what, *gives;
} known[] = {
    {"node", 9229, "the Node.js inspector", "runs any code as this program's user"},
    {"java", 5005, "the Java debugger (JDWP)", "runs any code as this program's user"},
    {"dlv", 2345, "the Go debugger (delve)", "runs any code as this program's user"},
    {"gdbserver", 0, "gdbserver", "runs any code as this program's user"},
    {"dockerd", 2375, "Docker's interface without TLS", "gives root on this machine"},
};

static const struct sv_process_port *port_of(const struct sv_process *p, unsigned port)
{
    const struct sv_process_port *hit = NULL;
    sv_vec_each (x, &p->ports) {
        if ((port == 0 || x->port == port) && (!hit || hit->loopback))
            hit = x;
    }
    return hit;
}

static void listening(struct sv_ctx *cx, const struct sv_process *p,
                      const struct sv_process_port *x, const char *what, const char *gives)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    /* In a network of its own only what shares that reaches the loopback address, and other
     * containers and this machine the rest; whether it is forwarded, published ports say. */
    enum sv_severity sev = p->own_network ? (x->loopback ? SV_LOW : SV_HIGH)
                           : x->loopback  ? SV_MEDIUM
                                          : SV_CRITICAL;
    const char *who = p->own_network ? (x->loopback ? "the programs of its container"
                                                    : "this machine and other containers")
                      : x->loopback  ? "every local user"
                                     : "everyone who reaches that port";
    struct sv_finding *f =
        sv_report_file(cx, sev, path_of(a, p, "cmdline"), 0,
                       "%s of %s listens at %s%s, for %s: it %s (%s)", what, name_of(cx, p),
                       x->address, p->own_network ? " of its own network" : "", who, gives,
                       user_of(cx, p));
    f->key = key_of(a, p, sv_slice_of(what));
    sv_finding_fix(cx, f, "Restart %s without the debugger%s.", p->unit ? p->unit : p->name,
                   x->loopback || p->own_network ? ""
                                                 : "; until then close the port in the firewall");
}

static void run_debug(struct sv_ctx *cx, const struct sv_subject *s)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    const struct sv_process *p = s->process;
    struct sv_debug_list list = {0};
    if (p->ports.n == 0)
        return;
    sv_debug_switches(a, &(struct sv_debug_input){.words = p->words.v, .n_words = p->words.n},
                      &list);
    sv_vec_each (d, &list.list) {
        const struct sv_process_port *x = d->port ? port_of(p, d->port) : NULL;
        if (x)
            listening(cx, p, x, d->what, d->gives);
    }
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        const struct sv_process_port *x =
            strcmp(p->name, known[i].program) == 0 ? port_of(p, known[i].port) : NULL;
        bool told = false;
        sv_vec_each (d, &list.list) {
            told |= strcmp(d->what, known[i].what) == 0;
        }
        if (x && !told)
            listening(cx, p, x, known[i].what, known[i].gives);
    }
}

const struct sv_check sv_check_host_debug_port_listening = {
    SV_CHECK_HEADER,
    .id = "host.debug-port-listening",
    .title = "A debugger listens",
    .why = "A debugger's port asks for no password and runs any code in the program: with its "
           "user's rights, and "
           "with the keys in its memory. On a loopback address every local user and every hole in "
           "a web "
           "application reaches it.",
    .fix = "Restart the program without its debugger.",
    .bad = "node --inspect=0.0.0.0:9229 app.js",
    .good = "node app.js",
    .severity = SV_CRITICAL,
    .on = SV_ON_PROCESS,
    .run = run_debug,
};
