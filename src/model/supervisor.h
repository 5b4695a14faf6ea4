// SPDX-License-Identifier: Apache-2.0
// supervisord's configuration: programs that it keeps running, and its own interfaces.
#ifndef SV_MODEL_SUPERVISOR_H
#define SV_MODEL_SUPERVISOR_H

#include "model/unit.h"

/* [program:x], [eventlistener:x], [fcgi-program:x], [supervisord], [unix_http_server] ... */
struct sv_supervised {
    const struct sv_node *node; /* the section; its file by the span */
    const char *name;           /* "program:x" */
    const char *here;           /* "%(here)s": the main file's folder */
    const char *user;           /* as whom it runs; of the interfaces: supervisord's own */
    bool program;
};

struct sv_supervisor {
    SV_VEC(struct sv_supervised) list; /* each section as it stands, by file */
    SV_VEC(const char *) files;        /* that were read */
};

/* Reads supervisord.conf where distributions keep it and where units say, with the files of its
 * [include]; those of included files count for nothing, as supervisord has it. */
void sv_supervisor_load(const struct sv_model_env *env, struct sv_syntax *sx,
                        const struct sv_units *units, struct sv_supervisor *ret);
/* The value in force of a key of this section; empty if it is not set. */
struct sv_slice sv_supervised_get(const struct sv_supervised *s, const char *key);
/* "%(here)s/log" to a path; other expansions stay. */
const char *sv_supervised_path(const struct sv_supervised *s, struct sv_arena *a,
                               struct sv_slice text);

#endif
