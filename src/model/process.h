// SPDX-License-Identifier: Apache-2.0
// The processes of the running machine: identity, command line, environment, open ports.
#ifndef SV_MODEL_PROCESS_H
#define SV_MODEL_PROCESS_H

#include "base/identity.h"

struct sv_process_var {
    struct sv_slice name, value;
};
struct sv_process_port {
    const char *address; /* "0.0.0.0:9229" */
    unsigned port;
    bool loopback;
};

struct sv_process {
    int pid, parent;
    uid_t uid[3]; /* real, effective, saved */
    gid_t gid[3];
    const char *name;              /* the program's, as the kernel has it: at most 15 bytes */
    const char *unit;              /* "app.service", from its control group; NULL: none */
    const char *container;         /* 12 hexadecimal digits of its id, or its name; NULL: none */
    bool dumpable;                 /* prctl(2): else only root opens its environ */
    bool capable;                  /* it has capabilities that a plain user's process lacks */
    bool foreign;                  /* it is of another user namespace than ours */
    uid_t ns_owner;                /* ... which this user made, or the one around it */
    uid_t environ_owner;           /* whom the kernel gives its environ, of mode 0400 */
    uid_t inner_uid;               /* foreign: its effective uid as seen inside; -1: none */
    bool own_network;              /* it is of another network namespace than ours */
    bool has_environment;          /* it could be read and was not wiped by the program */
    SV_VEC(struct sv_slice) words; /* the command line; empty for kernel threads */
    SV_VEC(struct sv_process_var) variables; /* as given at its start */
    SV_VEC(struct sv_process_port) ports;    /* TCP sockets that it listens on */
};

enum sv_hidepid {
    SV_HIDEPID_OFF,   /* every user sees every command line */
    SV_HIDEPID_FILES, /* 1, noaccess: processes are seen, what is in them is not */
    SV_HIDEPID_ON,    /* 2, 4, invisible, ptraceable */
};

struct sv_live {
    SV_VEC(struct sv_process) list; /* by pid */
    enum sv_hidepid hidepid;
    unsigned unreadable; /* their environment was refused: the right is missing */
    const char *unreadable_names; /* "sleep (pid 7), ..." of the first of them; NULL: none */
    bool cut;            /* there were more, or larger ones, than the limits allow; of these: */
    unsigned cut_short;  /* ... have more variables, words or open files than are looked at */
};

/* proc(5), ptrace(2): /proc/PID/environ needs PTRACE_MODE_READ_FSCREDS: all of the target's real,
 * effective and saved uid and gid are the reader's, it is dumpable, and it has no capabilities
 * that the reader lacks. In another user namespace only who made that, or the outermost one around
 * it that ours holds, has the capability for it (user_namespaces(7)), whatever the ids; the file's
 * owner, which is that namespace's root if the target is not dumpable, must be the reader as well.
 * Root (with CAP_SYS_PTRACE, CAP_PERFMON or CAP_SYS_ADMIN) reads all. */
bool sv_process_readable_by(const struct sv_process *p, uid_t uid, gid_t gid);
/* The value of a variable, or NULL. */
const struct sv_slice *sv_process_variable(const struct sv_process *p, struct sv_slice name);
/* The process that started this service: its parent is not of the same unit. */
bool sv_process_is_main(const struct sv_live *live, const struct sv_process *p);

#endif
